/* SPDX-License-Identifier: Apache-2.0 */
/* cpts move; node enroll, key, list, suspend, resume and epoch. */
#include <cpts/enrolment.h>
#include <cpts/federation_node.h>
#include <cpts/lead_region.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "enroll_key.h"
#include "failure.h"
#include "grid.h"
#include "input.h"

#define COLUMN_COUNT ((int)(sizeof(COLUMNS) / sizeof((COLUMNS)[0])))
#define JSON_INDENT 2
#define HOURS_MAX 720
#define TEXT_BYTES 80

static int print_token(const struct session *session, const char *node,
                       const struct cpts_enrolment_created *created)
{
    char until[CPTS_INSTANT_TEXT_BYTES];
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_enrolment_created_json(created, JSON_INDENT));
    if (created->replayed)
        fprintf(stderr,
                "It was made already, and its token was told then. If that answer was "
                "lost:\n  cptsctl enrolment revoke %s --reason 'token lost'\n",
                created->id);
    if (session->is_quiet) {
        printf("%s\n", created->token);
        return EXIT_CODE_OK;
    }
    cpts_instant_format(created->expires_at_us, until);
    printf("Enrolment %s of %s, until %s\n", created->id, node, until);
    if (!created->replayed)
        printf("Token, shown this once; the machine of the region runs\n"
               "  cptsctl node join --address HOST:PORT --token %s\n",
               created->token);
    return EXIT_CODE_OK;
}

static int read_creation(const struct arguments *arguments,
                         struct cpts_enrolment_creation *creation, char identity[TEXT_BYTES],
                         char scope[TEXT_BYTES])
{
    static const char REGION[] = "region/";
    const char *node = arguments->operands[0];
    if (strncmp(node, REGION, sizeof REGION - 1) != 0)
        return usage_error(arguments->command, "%s: region/ and an INSEE code", node);
    snprintf(identity, TEXT_BYTES, "node/%s", node);
    snprintf(scope, TEXT_BYTES, "region:%s", node + sizeof REGION - 1);
    creation->identity = identity;
    creation->scope = scope;
    creation->note = arguments_value(arguments, "note");
    creation->replaces = arguments_has(arguments, "replaces");
    creation->node_address = arguments_value(arguments, "address");
    if (creation->node_address == NULL)
        return deed_missing(arguments, "address");
    return input_number(arguments, "hours", 1, HOURS_MAX, &creation->lifetime_hours);
}

int verb_node_enroll(struct session *session, const struct arguments *arguments)
{
    static const char *const ROLES[] = {"REGION_NODE"};
    char identity[TEXT_BYTES], scope[TEXT_BYTES];
    struct cpts_enrolment_creation creation = {
        .size = sizeof creation, .roles = ROLES, .role_count = 1};
    struct cpts_enrolment_created *created = NULL;
    struct cpts_error err;
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    int code = read_creation(arguments, &creation, identity, scope);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_enrolment_create(session->client, &creation, command_id, 0, &created, &err) != CPTS_OK)
        return failure_print_command(&err, command_id, 0);
    code = print_token(session, arguments->operands[0], created);
    cpts_enrolment_created_free(created);
    return code;
}

int verb_node_key(struct session *session, const struct arguments *arguments)
{
    uint8_t key[ENROLL_CHECKPOINT_KEY_BYTES];
    char text[2 * ENROLL_CHECKPOINT_KEY_BYTES + 1];
    struct cpts_error err;
    if (enroll_checkpoint_key(arguments->operands[0], key, &err) != CPTS_OK)
        return failure_print(&err);
    for (size_t i = 0; i < sizeof key; i++)
        snprintf(text + 2 * i, 3, "%02x", key[i]);
    printf(session->form == FORM_IS_JSON ? "{\"key\":\"%s\"}\n" : "%s\n", text);
    return EXIT_CODE_OK;
}

static const struct grid_column COLUMNS[] = {
    {.name = "name", .heading = "NODE"},
    {.name = "state", .heading = "STATE"},
    {.name = "address", .heading = "ADDRESS"},
    {.name = "epoch", .heading = "EPOCH", .is_number = true},
    {.name = "ownership_epoch", .heading = NULL, .is_number = true},
    {.name = "cpts_count", .heading = "CPTS", .is_number = true},
    {.name = "open_referral_count", .heading = "OPEN REFERRALS", .is_number = true},
    {.name = "pending_count", .heading = "ON ITS WAY", .is_number = true},
    {.name = "enrolled_at", .heading = "ENROLLED"},
    {.name = "suspended_at", .heading = NULL},
    {.name = "suspended_reason", .heading = NULL},
    {.name = "checkpoint_key_id", .heading = NULL},
};

static void format_instant(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (instant_us != 0)
        cpts_instant_format(instant_us, ret_text);
}

static void add_row(const struct session *session, struct grid *grid,
                    const struct cpts_federation_node *node)
{
    char epoch[FIGURE_BYTES], ownership[FIGURE_BYTES], cpts[FIGURE_BYTES], open[FIGURE_BYTES],
        pending[FIGURE_BYTES], enrolled[CPTS_INSTANT_TEXT_BYTES],
        suspended[CPTS_INSTANT_TEXT_BYTES];
    grid_figure(session, node->epoch, epoch);
    grid_figure(session, node->ownership_epoch, ownership);
    grid_figure(session, node->cpts_count, cpts);
    grid_figure(session, node->open_referral_count, open);
    grid_figure(session, node->pending_count, pending);
    format_instant(node->enrolled_at_us, enrolled);
    format_instant(node->suspended_at_us, suspended);
    grid_row(grid, (const char *[]){node->name, cpts_node_state_name(node->state), node->address,
                                    epoch, ownership, cpts, open, pending, enrolled, suspended,
                                    node->suspended_reason, node->checkpoint_key_id});
}

int verb_node_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_federation_nodes *nodes = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_federation_node_list(session->client, 0, &nodes, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON) {
        code = print_json(cpts_federation_nodes_json(nodes, JSON_INDENT));
    } else {
        struct grid *grid = grid_new(session, COLUMNS, COLUMN_COUNT, stdout);
        for (size_t i = 0; grid != NULL && i < nodes->node_count; i++)
            add_row(session, grid, &nodes->nodes[i]);
        code = grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    }
    cpts_federation_nodes_free(nodes);
    return code;
}

/* What the decisions about a node begin with. */
static int begin(struct session *session, const struct arguments *arguments, struct deed *deed)
{
    deed->id = arguments->operands[0];
    int code = input_uuid(arguments, "command-id", deed->command_id);
    return code == EXIT_CODE_OK ? session_connect(session, arguments, 0) : code;
}

int verb_node_suspend(struct session *session, const struct arguments *arguments)
{
    struct deed deed = {.what = "Suspended"};
    struct cpts_error err;
    const struct cpts_node_suspension suspension = {.size = sizeof suspension,
                                                    .node = arguments->operands[0],
                                                    .reason = arguments_value(arguments, "reason")};
    if (suspension.reason == NULL)
        return deed_missing(arguments, "reason");
    int code = begin(session, arguments, &deed);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_node_suspend(session->client, &suspension, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_node_resume(struct session *session, const struct arguments *arguments)
{
    struct deed deed = {.what = "Let in again"};
    struct cpts_error err;
    const struct cpts_node_resumption resumption = {.size = sizeof resumption,
                                                    .node = arguments->operands[0]};
    int code = begin(session, arguments, &deed);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_node_resume(session->client, &resumption, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

/* The epoch that the node has now, or 0 when there is no such node. */
static cpts_status find_epoch(struct session *session, const char *name, int32_t *ret_epoch,
                              struct cpts_error *err)
{
    struct cpts_federation_nodes *nodes = NULL;
    cpts_status status = cpts_federation_node_list(session->client, 0, &nodes, err);
    *ret_epoch = 0;
    for (size_t i = 0; status == CPTS_OK && i < nodes->node_count; i++) {
        if (strcmp(nodes->nodes[i].name, name) == 0)
            *ret_epoch = nodes->nodes[i].epoch;
    }
    cpts_federation_nodes_free(nodes);
    return status != CPTS_OK || *ret_epoch != 0
               ? status
               : failure_set(err, CPTS_NOT_FOUND, "NODE_NOT_FOUND", "no node has this name");
}

static int settle_epoch(struct session *session, const struct arguments *arguments,
                        int32_t *ret_epoch)
{
    struct cpts_error err;
    if (arguments_has(arguments, "epoch"))
        return input_number(arguments, "epoch", 1, INT32_MAX, ret_epoch);
    if (find_epoch(session, arguments->operands[0], ret_epoch, &err) != CPTS_OK)
        return failure_print(&err);
    return EXIT_CODE_OK;
}

int verb_node_epoch(struct session *session, const struct arguments *arguments)
{
    struct deed deed = {.what = "Raised the epoch of"};
    struct cpts_error err;
    bool raises = arguments_has(arguments, "raise");
    struct cpts_node_epoch_raise raise = {.size = sizeof raise,
                                          .node = arguments->operands[0],
                                          .reason = arguments_value(arguments, "reason")};
    if (raises && raise.reason == NULL)
        return deed_missing(arguments, "reason");
    int code = begin(session, arguments, &deed);
    if (code == EXIT_CODE_OK)
        code = settle_epoch(session, arguments, &raise.expected_epoch);
    if (code != EXIT_CODE_OK)
        return code;
    if (!raises) {
        printf(session->form == FORM_IS_JSON ? "{\"epoch\":%d}\n" : "%d\n", raise.expected_epoch);
        return EXIT_CODE_OK;
    }
    cpts_status status =
        cpts_node_raise_epoch(session->client, &raise, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_cpts_move(struct session *session, const struct arguments *arguments)
{
    struct deed deed = {.what = "Moved"};
    struct cpts_error err;
    struct cpts_lead_region_change change = {.size = sizeof change,
                                             .new_region = arguments_value(arguments, "region"),
                                             .reason = arguments_value(arguments, "reason")};
    if (change.new_region == NULL)
        return deed_missing(arguments, "region");
    if (change.reason == NULL)
        return deed_missing(arguments, "reason");
    int code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_lead_region_set(session->client, &change, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}
