/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SYNC_PAIR_H
#define TESTS_UNIT_SYNC_PAIR_H

/**
 * @file
 * A region that dials and the national node that listens, both in memory, each on a
 * thread of its own, until both have everything, or one of them ends.
 */

#include <cpts/sync.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sync_session.h"
#include "testing_link.h"
#include "testing_store.h"
#include "ticks.h"

#define PAIR_DEADLINE_MS 20000

struct pair;

struct pair_side {
    struct pair *pair;
    struct testing_store *store;
    struct cpts_sync_options options;
    struct cpts_sync_store table;
    struct cpts_sync_link link;
    struct cpts_sync_side side;
    struct cpts_sync_status status;
    struct cpts_error err;
    cpts_status end;
    atomic_bool is_done;
    /** Wishes, once. */
    unsigned wish;
    /** Called on the session's thread before it asks what is wanted. */
    void (*meddle)(struct pair_side *side);
    int meddle_count;
    /** When this side has enough; NULL = everything is acknowledged. */
    bool (*enough)(const struct pair_side *side);
};

struct pair {
    struct testing_store region;
    struct testing_store national;
    struct pair_side sides[2];
    testing_filter *filter;
    void *filter_data;
    int64_t until_ms;
    atomic_bool is_stopped;
};

static bool pair_is_caught_up(const struct pair_side *side)
{
    return side->status.is_connected &&
           side->status.sent.acknowledged_position >= (int64_t)side->store->entries.count;
}

static unsigned pair_attend(void *data, const struct cpts_sync_status *status)
{
    struct pair_side *side = data;
    struct pair *pair = side->pair;
    side->status = *status;
    if (side->meddle != NULL)
        side->meddle(side);
    atomic_store(&side->is_done,
                 side->enough != NULL ? side->enough(side) : pair_is_caught_up(side));
    bool is_done = atomic_load(&pair->sides[0].is_done) && atomic_load(&pair->sides[1].is_done);
    if (is_done || cpts_ticks__ms() > pair->until_ms)
        atomic_store(&pair->is_stopped, true);
    unsigned wish = atomic_load(&pair->is_stopped) ? CPTS_SYNC_STOP : side->wish;
    if (status->is_connected)
        side->wish = 0;
    return wish;
}

static void *pair_run_side(void *data)
{
    struct pair_side *side = data;
    side->end =
        cpts_sync_session(&side->table, &side->link, &side->options, &side->side, &side->err);
    return NULL;
}

static void pair_init_side(struct pair *pair, int number)
{
    struct pair_side *side = &pair->sides[number];
    side->pair = pair;
    side->store = number == 0 ? &pair->region : &pair->national;
    side->options = (struct cpts_sync_options){.size = sizeof side->options, .poll_ms = 20};
    side->side = (struct cpts_sync_side){.size = sizeof side->side,
                                         .is_dialler = number == 0,
                                         .peer_node = number == 0 ? "national" : "region/11",
                                         .peer_scope = number == 0 ? "*" : "region:11",
                                         .attend = pair_attend,
                                         .data = side};
    side->table = cpts_testing_store__table(side->store);
}

static inline void pair_init(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    cpts_testing_store__init(&pair->region, "region/11");
    cpts_testing_store__init(&pair->national, "national");
    pair->national.fences = true;
    (void)cpts_testing_store__trust(&pair->region, &pair->national);
    (void)cpts_testing_store__trust(&pair->national, &pair->region);
    pair_init_side(pair, 0);
    pair_init_side(pair, 1);
}

static inline void pair_done(struct pair *pair)
{
    cpts_testing_store__done(&pair->region);
    cpts_testing_store__done(&pair->national);
}

/* One session; afterwards each side's `end`, `err` and `status` tell how it went. */
static inline void pair_run(struct pair *pair)
{
    pthread_t threads[2];
    struct testing_wire *wire = cpts_testing_wire__new(pair->filter, pair->filter_data);
    atomic_store(&pair->is_stopped, false);
    pair->until_ms = cpts_ticks__ms() + PAIR_DEADLINE_MS;
    for (int i = 0; i < 2; i++) {
        struct pair_side *side = &pair->sides[i];
        atomic_store(&side->is_done, false);
        side->link = cpts_testing_wire__end(wire, i);
        side->err = (struct cpts_error){0};
        pthread_create(&threads[i], NULL, pair_run_side, side);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    cpts_testing_wire__free(wire);
}

/* Whether the session ended because it was to. */
static inline bool pair_ended_well(const struct pair *pair)
{
    bool is_well = true;
    for (int i = 0; i < 2; i++)
        is_well = is_well && (pair->sides[i].end == CPTS_OK ||
                              strcmp(pair->sides[i].err.reason, "SHUTTING_DOWN") == 0 ||
                              strcmp(pair->sides[i].err.reason, "CONNECTION_FAILED") == 0);
    return is_well && cpts_ticks__ms() <= pair->until_ms;
}

/* The id of a test's aggregate. */
static inline const char *pair_id(int number, char ret_id[CPTS_UUID_TEXT_BYTES])
{
    snprintf(ret_id, CPTS_UUID_TEXT_BYTES, "00000000-0000-7000-8000-%012d", number);
    return ret_id;
}

static inline void pair_record(struct testing_store *store, int number, const char *body)
{
    char id[CPTS_UUID_TEXT_BYTES];
    struct testing_change change = {
        .kind = "CPTS", .id = pair_id(number, id), .region = "11", .body = body};
    (void)cpts_testing_store__record(store, &change);
}

/* Of national's own, for everybody or for another region only. */
static inline void pair_record_national(struct pair *pair, int number, const char *region)
{
    char id[CPTS_UUID_TEXT_BYTES];
    struct testing_change change = {.kind = region == NULL ? "REFERENCE" : "CPTS",
                                    .id = pair_id(number, id),
                                    .region = region == NULL ? "" : region,
                                    .body = "{\"of\": \"national\"}"};
    (void)cpts_testing_store__record(&pair->national, &change);
}

/* Whether both have the same of what the region (or national) tells. */
static inline bool pair_is_equal(struct pair *pair, bool of_region)
{
    uint8_t told[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{0}};
    uint8_t taken[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{1}};
    struct pair_side *source = &pair->sides[of_region ? 0 : 1];
    struct pair_side *sink = &pair->sides[of_region ? 1 : 0];
    struct cpts_sync_peer to = {.node = source->side.peer_node, .scope = source->side.peer_scope};
    struct cpts_sync_peer from = {.node = sink->side.peer_node, .scope = sink->side.peer_scope};
    struct cpts_sync_digest_query as_source = {.as_source = true, .ret_digests = told};
    struct cpts_sync_digest_query as_sink = {.ret_digests = taken};
    int64_t position = 0;
    bool is_read =
        source->table.digest(source->store, &to, &as_source, &position, NULL, NULL, NULL) ==
            CPTS_OK &&
        sink->table.digest(sink->store, &from, &as_sink, &position, NULL, NULL, NULL) == CPTS_OK;
    return is_read && memcmp(told, taken, sizeof told) == 0;
}

#endif
