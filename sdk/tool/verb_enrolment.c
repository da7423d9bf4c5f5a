/* SPDX-License-Identifier: Apache-2.0 */
/* enrolment create, list and revoke. */
#include <cpts/enrolment.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "page_join.h"

#define COLUMN_COUNT ((int)(sizeof(COLUMNS) / sizeof((COLUMNS)[0])))
#define JSON_INDENT 2
#define ROLES_MAX 4
#define HOURS_MAX 720
#define PAGE_SIZE 500
#define ROLES_TEXT_BYTES 160

static int read_creation(const struct arguments *arguments,
                         struct cpts_enrolment_creation *creation, const char **ret_roles)
{
    creation->identity = arguments->operands[0];
    creation->scope = arguments_value(arguments, "scope");
    creation->note = arguments_value(arguments, "note");
    creation->replaces = arguments_has(arguments, "replaces");
    creation->role_count = arguments_count(arguments, "role");
    if (creation->scope == NULL)
        return deed_missing(arguments, "scope");
    if (creation->role_count == 0)
        return deed_missing(arguments, "role");
    if (creation->role_count > ROLES_MAX)
        return usage_error(arguments->command, "more than %d times --role", ROLES_MAX);
    for (size_t i = 0; i < creation->role_count; i++)
        ret_roles[i] = arguments_nth(arguments, "role", i);
    creation->roles = ret_roles;
    return input_number(arguments, "hours", 1, HOURS_MAX, &creation->lifetime_hours);
}

static int print_created(const struct session *session,
                         const struct cpts_enrolment_created *created)
{
    char until[CPTS_INSTANT_TEXT_BYTES];
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_enrolment_created_json(created, JSON_INDENT));
    if (created->replayed)
        fprintf(stderr,
                "It was made already, and its token was told then. If that answer was "
                "lost:\n  cptsctl enrolment revoke %s --reason 'token lost'\n"
                "and make another.\n",
                created->id);
    if (session->is_quiet) {
        printf("%s\n", created->token);
        return EXIT_CODE_OK;
    }
    cpts_instant_format(created->expires_at_us, until);
    printf("Enrolment %s, until %s\n", created->id, until);
    if (!created->replayed)
        printf("Token, shown this once; the newcomer runs\n"
               "  cptsctl enroll --address HOST:PORT --token %s\n",
               created->token);
    return EXIT_CODE_OK;
}

int verb_enrolment_create(struct session *session, const struct arguments *arguments)
{
    struct cpts_enrolment_creation creation = {.size = sizeof creation};
    struct cpts_enrolment_created *created = NULL;
    struct cpts_error err;
    const char *roles[ROLES_MAX];
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    int code = read_creation(arguments, &creation, roles);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_enrolment_create(session->client, &creation, command_id, 0, &created, &err) != CPTS_OK)
        return failure_print_command(&err, command_id, 0);
    code = print_created(session, created);
    cpts_enrolment_created_free(created);
    return code;
}

static const struct grid_column COLUMNS[] = {
    {.name = "id", .heading = "ID"},
    {.name = "state", .heading = "STATE"},
    {.name = "identity", .heading = "WHO"},
    {.name = "roles", .heading = "ROLES"},
    {.name = "scope", .heading = "SCOPE"},
    {.name = "expires_at", .heading = "UNTIL"},
    {.name = "note", .heading = "NOTE"},
    {.name = "created_by", .heading = NULL},
    {.name = "created_at", .heading = NULL},
    {.name = "used_at", .heading = NULL},
    {.name = "certificate_serial", .heading = NULL},
    {.name = "revoked_reason", .heading = NULL},
};

static void format_instant(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (instant_us != 0)
        cpts_instant_format(instant_us, ret_text);
}

static void add_row(struct grid *grid, const struct cpts_enrolment *one)
{
    char roles[ROLES_TEXT_BYTES] = "", created[CPTS_INSTANT_TEXT_BYTES],
         expires[CPTS_INSTANT_TEXT_BYTES], used[CPTS_INSTANT_TEXT_BYTES];
    const char *path = strstr(one->identity, "://");
    path = path == NULL ? NULL : strchr(path + 3, '/');
    for (size_t i = 0; i < one->role_count; i++) {
        size_t length = strlen(roles);
        snprintf(roles + length, sizeof roles - length, "%s%s", i == 0 ? "" : " ", one->roles[i]);
    }
    format_instant(one->created_at_us, created);
    format_instant(one->expires_at_us, expires);
    format_instant(one->used_at_us, used);
    grid_row(grid, (const char *[]){one->id, cpts_enrolment_state_name(one->state),
                                    path == NULL ? one->identity : path + 1, roles, one->scope,
                                    expires, one->note, one->created_by, created, used,
                                    one->certificate_serial, one->revoked_reason});
}

static int read_state(const struct arguments *arguments, enum cpts_enrolment_state *ret_state)
{
    const char *text = arguments_value(arguments, "state");
    for (int i = CPTS_ENROLMENT_OPEN; text != NULL && i <= CPTS_ENROLMENT_REVOKED; i++) {
        if (strcmp(cpts_enrolment_state_name((enum cpts_enrolment_state)i), text) == 0)
            *ret_state = (enum cpts_enrolment_state)i;
    }
    if (text == NULL || *ret_state != CPTS_ENROLMENT_STATE_UNSPECIFIED)
        return EXIT_CODE_OK;
    return usage_error(arguments->command, "--state %s: OPEN, USED, EXPIRED or REVOKED", text);
}

/* Every page, to the grid or as JSON. */
static cpts_status fetch_all(struct session *session, struct cpts_enrolments_query *query,
                             struct grid *grid, struct page_join *join, struct cpts_error *err)
{
    struct cpts_enrolments *page = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_enrolments *before = page;
        page = NULL;
        status = cpts_enrolment_list(session->client, query, 0, &page, err);
        cpts_enrolments_free(before);
        for (size_t i = 0; status == CPTS_OK && grid != NULL && i < page->enrolment_count; i++)
            add_row(grid, &page->enrolments[i]);
        if (status == CPTS_OK && grid == NULL &&
            !page_join_add(join, cpts_enrolments_json(page, 0)))
            status = failure_no_memory(err, "the enrolments");
        query->page_token = status == CPTS_OK ? page->next_page_token : "";
    } while (status == CPTS_OK && query->page_token[0] != '\0');
    cpts_enrolments_free(page);
    return status;
}

int verb_enrolment_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_enrolments_query query = {.size = sizeof query, .page_size = PAGE_SIZE};
    struct page_join join = {.stream = stdout};
    struct cpts_error err;
    int code = read_state(arguments, &query.state);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    struct grid *grid =
        session->form == FORM_IS_JSON ? NULL : grid_new(session, COLUMNS, COLUMN_COUNT, stdout);
    cpts_status status = fetch_all(session, &query, grid, &join, &err);
    bool is_fine = grid == NULL ? page_join_end(&join) : grid_end(grid, 0);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_enrolment_revoke(struct session *session, const struct arguments *arguments)
{
    struct deed deed = {.what = "Revoked the enrolment"};
    struct cpts_error err;
    struct cpts_enrolment_revocation revocation = {.size = sizeof revocation,
                                                   .reason = arguments_value(arguments, "reason")};
    int code = input_id(arguments, 0, &deed.id);
    if (code == EXIT_CODE_OK && revocation.reason == NULL)
        code = deed_missing(arguments, "reason");
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    revocation.id = deed.id;
    cpts_status status = cpts_enrolment_revoke(session->client, &revocation, deed.command_id, 0,
                                               &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}
