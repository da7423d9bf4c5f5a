/* SPDX-License-Identifier: Apache-2.0 */
/* replica sync, status, list and show. */
#include <cpts/node.h>
#include <cpts/replica.h>
#include <cpts/sync.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "grid.h"
#include "key_digits.h"
#include "session.h"

#define COLUMN_COUNT ((int)(sizeof COLUMNS / sizeof COLUMNS[0]))
#define JSON_SPACES 2
#define SYNC_TIMEOUT_MS 60000
#define REPORT_SECONDS 5
/* How long the signature of what was told last may take, and how often to look. */
#define SIGNED_TRIES 40
#define SIGNED_PAUSE_NS 50000000L

static void print_status_json(const struct cpts_replica_status *status, const char *stored)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:b}", "node", status->node, "peer",
        status->peer, "position", (json_int_t)status->position, "head", (json_int_t)status->head,
        "storedAt", stored, "aggregateCount", (json_int_t)status->aggregate_count, "parkedCount",
        (json_int_t)status->parked_count, "alarmCount", (json_int_t)status->alarm_count,
        "originPosition", (json_int_t)status->origin_position, "signedPosition",
        (json_int_t)status->signed_position, "hasCheckpointKey", (int)status->has_checkpoint_key);
    json_dumpf(json, stdout, JSON_INDENT(JSON_SPACES));
    json_decref(json);
    putchar('\n');
}

static void print_status_text(const struct cpts_replica_status *status, const char *stored)
{
    if (status->stored_at_us == 0) {
        printf("Replica of %s: nothing yet\n", status->node);
        return;
    }
    printf("Replica of %s: %lld aggregates of %s up to %lld, stored %s\n", status->node,
           (long long)status->aggregate_count, status->peer, (long long)status->position, stored);
    if (status->has_checkpoint_key)
        printf("The chain of %s: %lld long, signed up to %lld\n", status->peer,
               (long long)status->origin_position, (long long)status->signed_position);
    else
        printf("The chain of %s: its checkpoints are not verified\n", status->peer);
    if (status->parked_count > 0 || status->alarm_count > 0)
        printf("%lld parked, %lld alarms\n", (long long)status->parked_count,
               (long long)status->alarm_count);
}

static int print_status(const struct session *session, cpts_replica *replica)
{
    struct cpts_error err;
    struct cpts_replica_status status = {.size = sizeof status};
    char stored[CPTS_INSTANT_TEXT_BYTES] = "";
    if (cpts_replica_read_status(replica, &status, &err) != CPTS_OK)
        return failure_print(&err);
    if (status.stored_at_us != 0)
        cpts_instant_format(status.stored_at_us, stored);
    if (session->form == FORM_IS_JSON)
        print_status_json(&status, stored);
    else
        print_status_text(&status, stored);
    return EXIT_CODE_OK;
}

/* Opens the file of the first operand as it was. */
static int open_file(const struct arguments *arguments, cpts_replica **ret_replica)
{
    struct cpts_error err;
    struct cpts_replica_options options = {.size = sizeof options, .path = arguments->operands[0]};
    return cpts_replica_open(&options, ret_replica, &err) == CPTS_OK ? EXIT_CODE_OK
                                                                     : failure_print(&err);
}

/* Whose replica follows whom, and the keys: of the profile, and that the node told. */
struct following {
    char node[CPTS_SYNC_NODE_BYTES];
    char peer[CPTS_SYNC_NODE_BYTES];
    bool has_key;
    uint8_t key[PROFILE_CHECKPOINT_KEY_BYTES];
    bool has_told_key;
    uint8_t told_key[PROFILE_CHECKPOINT_KEY_BYTES];
};

/* `cpts/<uuid>` of the scope that the node gives this certificate, and which node that is. */
static int find_node(struct session *session, struct following *following)
{
    struct cpts_error err;
    struct cpts_node_status *status = NULL;
    if (cpts_node_status(session->client, 0, &status, &err) != CPTS_OK)
        return failure_print(&err);
    bool is_cpts = strncmp(status->scope, "cpts:", 5) == 0;
    if (is_cpts)
        snprintf(following->node, sizeof following->node, "cpts/%s", status->scope + 5);
    else
        fprintf(stderr, "cptsctl: this certificate is not of a CPTS; its scope is %s\n",
                status->scope);
    snprintf(following->peer, sizeof following->peer, "%s", status->node);
    following->has_told_key = status->checkpoint_key != NULL;
    if (following->has_told_key)
        memcpy(following->told_key, status->checkpoint_key, sizeof following->told_key);
    cpts_node_status_free(status);
    return is_cpts ? EXIT_CODE_OK : EXIT_CODE_DENIED;
}

static int read_key(const struct session *session, struct following *following)
{
    struct cpts_error err;
    cpts_status status =
        profile_checkpoint_key(&session->profile, &following->has_key, following->key, &err);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

/* @param key  NULL = as it was. */
static cpts_status open_with(const struct arguments *arguments, const struct following *following,
                             const uint8_t *key, cpts_replica **ret_replica, struct cpts_error *err)
{
    struct cpts_replica_options options = {.size = sizeof options,
                                           .path = arguments->operands[0],
                                           .node = following->node,
                                           .checkpoint_key = key,
                                           .checkpoint_node = following->peer};
    return cpts_replica_open(&options, ret_replica, err);
}

/* Whether the file has a key of whom it follows. */
static bool can_verify(cpts_replica *replica, const struct following *following)
{
    uint8_t key[PROFILE_CHECKPOINT_KEY_BYTES];
    struct cpts_error err;
    struct cpts_sync_store store;
    cpts_replica_store(replica, &store);
    return store.checkpoint_key(store.store, following->peer, key, &err) == CPTS_OK;
}

static void remark(const struct session *session, const struct following *following)
{
    char digits[KEY_DIGITS_BYTES];
    if (session->is_quiet)
        return;
    if (!following->has_told_key) {
        fprintf(stderr, "cptsctl: %s signs no checkpoints: none are verified\n", following->peer);
        return;
    }
    key_digits_write(following->told_key, digits);
    fprintf(stderr,
            "cptsctl: the profile has no checkpoint_key of %s: its checkpoints are verified "
            "with the key that it told, kept from now on: %s\n",
            following->peer, digits);
}

/* The key of the profile is good for the node that it names, and for no other. Without one
 * the first that the node tells is kept: another one later is an alarm. */
static int open_followed(const struct session *session, const struct arguments *arguments,
                         const struct following *following, cpts_replica **ret_replica)
{
    struct cpts_error err;
    bool is_its_key = following->has_key && strcmp(session->profile.node, following->peer) == 0;
    cpts_status status =
        open_with(arguments, following, is_its_key ? following->key : NULL, ret_replica, &err);
    bool is_verified = status != CPTS_OK || can_verify(*ret_replica, following);
    if (!is_verified)
        remark(session, following);
    if (!is_verified && following->has_told_key) {
        cpts_replica_close(*ret_replica);
        *ret_replica = NULL;
        status = open_with(arguments, following, following->told_key, ret_replica, &err);
    }
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

static void report(const struct session *session, cpts_sync *sync)
{
    struct cpts_sync_status status = {.size = sizeof status};
    if (session->is_quiet)
        return;
    cpts_sync_read_status(sync, &status);
    fprintf(stderr, "%s: %lld of %lld%s%s\n", status.is_connected ? "connected" : "away",
            (long long)status.received.acknowledged_position,
            (long long)status.received.head_position, status.last_reason[0] == '\0' ? "" : ", ",
            status.is_connected ? "" : status.last_reason);
}

/* Until Ctrl-C; these signals are blocked since before the library had threads. */
static void follow(const struct session *session, cpts_sync *sync, const sigset_t *signals)
{
    const struct timespec patience = {.tv_sec = REPORT_SECONDS};
    while (sigtimedwait(signals, NULL, &patience) < 0)
        report(session, sync);
}

/* A node signs what it has told a moment later: waits for that, so that the next status does
 * not say that the last changes are unsigned. Without it the next run verifies them. */
static void wait_signed(cpts_replica *replica)
{
    const struct timespec pause = {.tv_nsec = SIGNED_PAUSE_NS};
    struct cpts_replica_status status = {.size = sizeof status};
    struct cpts_error err;
    if (cpts_replica_read_status(replica, &status, &err) != CPTS_OK || !status.has_checkpoint_key)
        return;
    int64_t wanted = status.origin_position;
    for (int i = 0; i < SIGNED_TRIES && status.signed_position < wanted; i++) {
        nanosleep(&pause, NULL);
        if (cpts_replica_read_status(replica, &status, &err) != CPTS_OK)
            return;
    }
}

/* @param signals  NULL = until everything is there. */
static int sync_file(struct session *session, cpts_replica *replica, const char *peer,
                     const sigset_t *signals)
{
    struct cpts_error err;
    struct cpts_sync_store store;
    cpts_sync *sync = NULL;
    struct cpts_sync_options options = {
        .size = sizeof options, .is_replica = true, .peer_node = peer};
    cpts_replica_store(replica, &store);
    if (cpts_sync_open(session->client, &store, &options, &sync, &err) != CPTS_OK)
        return failure_print(&err);
    int32_t timeout_ms = session->timeout_ms == 0 ? SYNC_TIMEOUT_MS : session->timeout_ms;
    cpts_status status = CPTS_OK;
    if (signals != NULL)
        follow(session, sync, signals);
    else
        status = cpts_sync_wait(sync, timeout_ms, &err);
    if (signals == NULL && status == CPTS_OK)
        wait_signed(replica);
    cpts_sync_close(sync);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

static int follow_node(struct session *session, const struct arguments *arguments,
                       const struct following *following, const sigset_t *signals)
{
    cpts_replica *replica = NULL;
    int code = open_followed(session, arguments, following, &replica);
    if (code == EXIT_CODE_OK)
        code = sync_file(session, replica, following->peer, signals);
    if (code == EXIT_CODE_OK)
        code = print_status(session, replica);
    cpts_replica_close(replica);
    return code;
}

int verb_replica_sync(struct session *session, const struct arguments *arguments)
{
    sigset_t signals;
    struct following following = {.has_key = false};
    bool follows = arguments_has(arguments, "follow");
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (follows)
        sigprocmask(SIG_BLOCK, &signals, NULL);
    int code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = read_key(session, &following);
    if (code == EXIT_CODE_OK)
        code = find_node(session, &following);
    return code == EXIT_CODE_OK
               ? follow_node(session, arguments, &following, follows ? &signals : NULL)
               : code;
}

int verb_replica_status(struct session *session, const struct arguments *arguments)
{
    cpts_replica *replica = NULL;
    int code = open_file(arguments, &replica);
    if (code == EXIT_CODE_OK)
        code = print_status(session, replica);
    cpts_replica_close(replica);
    return code;
}

static const struct grid_column COLUMNS[] = {
    {.name = "kind", .heading = "KIND"},
    {.name = "id", .heading = "ID"},
    {.name = "version", .heading = "VERSION", .is_number = true},
    {.name = "owner_node", .heading = "OWNER"},
    {.name = "lead_region", .heading = "REGION"},
    {.name = "public_only", .heading = "PUBLIC ONLY"},
    {.name = "parked", .heading = "PARKED"},
};

/* Where the aggregates go: a grid, or a list of JSON. */
struct listing {
    const struct session *session;
    struct grid *grid;
    json_t *list;
};

static bool add_aggregate(const struct cpts_replica_aggregate *one, void *data)
{
    struct listing *listing = data;
    char version[FIGURE_BYTES];
    if (listing->list != NULL)
        return json_array_append_new(
                   listing->list,
                   json_pack("{s:s, s:s, s:i, s:s, s:s, s:b, s:s}", "kind", one->aggregate_kind,
                             "id", one->aggregate_id, "version", (int)one->version, "ownerNode",
                             one->owner_node, "leadRegion", one->lead_region, "publicOnly",
                             (int)one->public_only, "parked", one->parked)) == 0;
    grid_figure(listing->session, one->version, version);
    grid_row(listing->grid,
             (const char *[]){one->aggregate_kind, one->aggregate_id, version, one->owner_node,
                              one->lead_region, one->public_only ? "yes" : "", one->parked});
    return true;
}

static int print_list(const struct session *session, cpts_replica *replica, const char *kind)
{
    struct cpts_error err;
    struct listing listing = {.session = session};
    if (session->form == FORM_IS_JSON)
        listing.list = json_array();
    else
        listing.grid = grid_new(session, COLUMNS, COLUMN_COUNT, stdout);
    if (listing.list == NULL && listing.grid == NULL)
        return EXIT_CODE_ERROR;
    cpts_status status = cpts_replica_list(replica, kind, add_aggregate, &listing, &err);
    bool is_printed = listing.grid == NULL || grid_end(listing.grid, 0);
    if (status == CPTS_OK && listing.list != NULL) {
        json_dumpf(listing.list, stdout, JSON_INDENT(JSON_SPACES));
        putchar('\n');
    }
    json_decref(listing.list);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_printed ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_replica_list(struct session *session, const struct arguments *arguments)
{
    cpts_replica *replica = NULL;
    int code = open_file(arguments, &replica);
    if (code == EXIT_CODE_OK)
        code = print_list(session, replica, arguments_value(arguments, "kind"));
    cpts_replica_close(replica);
    return code;
}

/* One object: kind → list of rows. */
static bool add_row(const struct cpts_sync_row *row, void *data)
{
    json_t *kinds = data;
    json_t *body =
        json_loadb((const char *)row->body.bytes, row->body.byte_count, JSON_DECODE_ANY, NULL);
    json_t *rows = json_object_get(kinds, row->kind);
    if (rows == NULL) {
        rows = json_array();
        json_object_set_new(kinds, row->kind, rows);
    }
    return body != NULL && json_array_append_new(rows, body) == 0;
}

static int print_rows(cpts_replica *replica, const char *id)
{
    struct cpts_error err;
    json_t *kinds = json_object();
    cpts_status status = cpts_replica_read(replica, id, add_row, kinds, &err);
    bool is_there = json_object_size(kinds) > 0;
    if (status == CPTS_OK && is_there) {
        json_dumpf(kinds, stdout, JSON_INDENT(JSON_SPACES));
        putchar('\n');
    }
    json_decref(kinds);
    if (status != CPTS_OK)
        return failure_print(&err);
    if (!is_there)
        fprintf(stderr, "cptsctl: the replica has nothing of %s\n", id);
    return is_there ? EXIT_CODE_OK : EXIT_CODE_NOT_FOUND;
}

int verb_replica_show(struct session *session, const struct arguments *arguments)
{
    (void)session;
    cpts_replica *replica = NULL;
    int code = open_file(arguments, &replica);
    if (code == EXIT_CODE_OK)
        code = print_rows(replica, arguments->operands[1]);
    cpts_replica_close(replica);
    return code;
}
