/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/identity_lane.h"

#include <cpts/identity.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "federation/node_store_parts.h"
#include "federation/upstream.h"
#include "store/query_array.h"
#include "wire/error.h"

#define ROUND_S 2
#define CALL_TIMEOUT_MS 3000

/* Columns of identities_known.sql. */
enum known_column { KNOWN_HASH, KNOWN_SERIAL, KNOWN_PRINCIPAL, KNOWN_REASON };

struct identity_lane {
    struct identity_lane_options options;
    struct node_store *store;
    pthread_mutex_t mutex;
    pthread_cond_t stop_asked;
    bool is_stopping;
    bool is_failing; /* the thread's own: said once */
    pthread_t thread;
    /* What is told, copied from the rows. */
    struct arena *arena;
    struct cpts_revocation *revoked;
    size_t revoked_count;
    uint8_t hash[CPTS_IDENTITIES_HASH_BYTES];
    bool has_hash;
};

static const char *copy(struct identity_lane *lane, const char *text)
{
    const char *made = arena_printf(lane->arena, "%s", text);
    return made == NULL ? "" : made;
}

static cpts_status read_known(struct identity_lane *lane, struct cpts_error *err)
{
    const struct rows *rows = NULL;
    size_t hash_bytes = 0;
    cpts_status status = node_ask(
        lane->store, node_query(lane->store, STATEMENT_IDENTITIES_KNOWN, NULL), &rows, err);
    if (status != CPTS_OK)
        return status;
    arena_reset(lane->arena);
    lane->revoked_count = 0;
    (void)rows_bytes(rows, 0, KNOWN_HASH, &hash_bytes);
    lane->has_hash = hash_bytes == sizeof lane->hash;
    node_read_hash(rows, 0, KNOWN_HASH, lane->hash);
    lane->revoked = arena_alloc(lane->arena, (size_t)rows_count(rows) * sizeof *lane->revoked);
    if (lane->revoked == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for revocations");
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, KNOWN_SERIAL); row++)
        lane->revoked[lane->revoked_count++] =
            (struct cpts_revocation){.serial = copy(lane, rows_text(rows, row, KNOWN_SERIAL)),
                                     .principal = copy(lane, rows_text(rows, row, KNOWN_PRINCIPAL)),
                                     .reason = copy(lane, rows_text(rows, row, KNOWN_REASON))};
    return CPTS_OK;
}

static cpts_status note_reported(struct identity_lane *lane, struct cpts_error *err)
{
    if (lane->revoked_count == 0)
        return CPTS_OK;
    struct query *query = node_query(lane->store, STATEMENT_REVOCATIONS_REPORTED, NULL);
    if (query != NULL)
        query_members(query, MEMBER_TEXT, &lane->revoked->serial, sizeof *lane->revoked,
                      lane->revoked_count);
    return node_ask(lane->store, query, NULL, err);
}

static void bind_roles(struct query *query, const struct cpts_identities *told)
{
    static const struct cpts_identity_role NONE;
    const struct cpts_identity_role *roles = told->role_count == 0 ? &NONE : told->roles;
    size_t size = sizeof *roles, count = told->role_count;
    query_members(query, MEMBER_TEXT, &roles->principal, size, count);
    query_members(query, MEMBER_TEXT, &roles->role, size, count);
    query_members(query, MEMBER_TEXT, &roles->scope, size, count);
    query_members(query, MEMBER_TEXT, &roles->valid_from, size, count);
    query_members(query, MEMBER_TEXT, &roles->valid_to, size, count);
}

static cpts_status store(struct identity_lane *lane, const struct cpts_identities *told,
                         struct cpts_error *err)
{
    static const struct cpts_revocation NONE;
    const struct cpts_revocation *revoked = told->revoked_count == 0 ? &NONE : told->revoked;
    if (told->is_unchanged)
        return CPTS_OK;
    struct query *query = node_query(lane->store, STATEMENT_IDENTITIES_STORE, NULL);
    if (query != NULL) {
        query_bytes(query, told->hash, CPTS_IDENTITIES_HASH_BYTES);
        bind_roles(query, told);
        query_members(query, MEMBER_TEXT, &revoked->serial, sizeof *revoked, told->revoked_count);
        query_members(query, MEMBER_TEXT, &revoked->principal, sizeof *revoked,
                      told->revoked_count);
        query_members(query, MEMBER_TEXT, &revoked->reason, sizeof *revoked, told->revoked_count);
    }
    cpts_status status = node_ask(lane->store, query, NULL, err);
    if (status == CPTS_OK)
        log_write(LOG_NOTICE, "federation", "%zu roles of the region and %zu revocations were told",
                  told->role_count, told->revoked_count);
    return status;
}

static cpts_status exchange(struct identity_lane *lane, struct upstream *upstream,
                            struct cpts_error *err)
{
    struct cpts_identities *told = NULL;
    cpts_status status = read_known(lane, err);
    if (status != CPTS_OK)
        return status;
    const struct cpts_identities_question question = {.size = sizeof question,
                                                      .known_hash =
                                                          lane->has_hash ? lane->hash : NULL,
                                                      .revoked = lane->revoked,
                                                      .revoked_count = lane->revoked_count};
    status =
        cpts_identities_exchange(upstream_client(upstream), &question, CALL_TIMEOUT_MS, &told, err);
    if (status == CPTS_OK)
        status = note_reported(lane, err);
    if (status == CPTS_OK)
        status = store(lane, told, err);
    cpts_identities_free(told);
    return status;
}

/* One that fails as the one before says so once: the session says it, too. */
static void go_round(struct identity_lane *lane)
{
    struct cpts_error error = {0};
    struct upstream *upstream = lane->options.take(lane->options.federation);
    if (upstream == NULL)
        return;
    bool failed = exchange(lane, upstream, &error) != CPTS_OK;
    upstream_unref(upstream);
    if (failed && !lane->is_failing)
        log_write(LOG_NOTICE, "federation", "who may call here is as it was told before: %s: %s",
                  error.reason, error.message);
    lane->is_failing = failed;
}

static bool wait_for_turn(struct identity_lane *lane)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ROUND_S;
    pthread_mutex_lock(&lane->mutex);
    int waited = 0;
    while (!lane->is_stopping && waited == 0)
        waited = pthread_cond_timedwait(&lane->stop_asked, &lane->mutex, &until);
    bool goes_on = !lane->is_stopping;
    pthread_mutex_unlock(&lane->mutex);
    return goes_on;
}

static void *run(void *data)
{
    struct identity_lane *lane = data;
    do
        go_round(lane);
    while (wait_for_turn(lane));
    return NULL;
}

/* With every signal blocked. */
static bool start(struct identity_lane *lane)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&lane->thread, NULL, run, lane) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_started)
        pthread_setname_np(lane->thread, "cpts-identity");
    return is_started;
}

static void release(struct identity_lane *lane)
{
    pthread_cond_destroy(&lane->stop_asked);
    pthread_mutex_destroy(&lane->mutex);
    node_store_close(lane->store);
    arena_free(lane->arena);
    free(lane);
}

cpts_status identity_lane_open(const struct identity_lane_options *options,
                               struct identity_lane **ret_lane, struct cpts_error *err)
{
    pthread_condattr_t attributes;
    struct identity_lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for identities");
    lane->options = *options;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lane->stop_asked, &attributes);
    pthread_condattr_destroy(&attributes);
    lane->arena = arena_new(NODE_STORE_ARENA_BYTES);
    cpts_status status = lane->arena == NULL
                             ? error_set(err, REASON_OUT_OF_MEMORY, "no memory for identities")
                             : node_store_open(&options->store, &lane->store, err);
    if (status == CPTS_OK && !start(lane))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no thread for identities");
    if (status == CPTS_OK)
        *ret_lane = lane;
    else
        release(lane);
    return status;
}

void identity_lane_close(struct identity_lane *lane)
{
    if (lane == NULL)
        return;
    pthread_mutex_lock(&lane->mutex);
    lane->is_stopping = true;
    pthread_cond_signal(&lane->stop_asked);
    pthread_mutex_unlock(&lane->mutex);
    node_store_stop(lane->store);
    pthread_join(lane->thread, NULL);
    release(lane);
}
