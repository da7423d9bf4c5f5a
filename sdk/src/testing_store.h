/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TESTING_STORE_H
#define SDK_TESTING_STORE_H

/**
 * @file
 * A store in memory that keeps every rule of cpts/sync_store.h: what the hub of
 * cpts/testing.h is made of, and the other side of the engine's own tests.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync_store.h>

#include "sync_list.h"

struct testing_row {
    char *kind;
    char *body;
};

struct testing_aggregate {
    char kind[32];
    char id[CPTS_UUID_TEXT_BYTES];
    int32_t version;
    int32_t epoch;
    char owner[CPTS_SYNC_NODE_BYTES];
    char region[CPTS_UUID_TEXT_BYTES];
    /** The node it came from. */
    char source[CPTS_SYNC_NODE_BYTES];
    bool is_urgent;
    struct testing_row row;
};

/** An entry of the log; its position is its place in it. */
struct testing_entry {
    struct cpts_sync_entry entry;
    char origin[CPTS_SYNC_NODE_BYTES];
    char kind[32];
    char id[CPTS_UUID_TEXT_BYTES];
    char region[CPTS_UUID_TEXT_BYTES];
    char text[64];
    /** By the clock on the wall. */
    int64_t stored_us;
};

struct testing_cursor {
    char node[CPTS_SYNC_NODE_BYTES];
    struct cpts_sync_cursor cursor;
    int64_t acknowledged;
};

struct testing_alarm {
    enum cpts_sync_alarm alarm;
    char aggregate_id[CPTS_UUID_TEXT_BYTES];
};

struct testing_key {
    char node[CPTS_SYNC_NODE_BYTES];
    uint8_t key[32];
};

struct testing_store {
    struct cpts_sync_self self;
    uint8_t key[32];
    uint8_t secret[64];
    bool is_read_only;
    /** Says that every cursor is unknown. */
    bool forgets;
    /** Says FENCED to those whose chain is another: the node above. */
    bool fences;
    /** Its log grows while it makes digests of more buckets than so many; 0 = never. */
    size_t quiet_buckets;
    /** Aggregates in a chunk of a snapshot; 0 = 2. */
    int32_t chunk_aggregates;
    /** struct testing_aggregate, in order of kind and id; testing_entry; ... */
    struct sync_list aggregates;
    struct sync_list entries;
    struct sync_list forked;
    struct sync_list cursors;
    struct sync_list staged;
    struct cpts_sync_chunk staged_first;
    struct sync_list alarms;
    struct sync_list parked;
    struct sync_list keys;
    struct sync_list checkpoints;
    /** The snapshot that is being read. */
    struct cpts_sync_chunk snapshot;
    /** What to fail with: the status, and how often. */
    cpts_status fault;
    int32_t fault_count;
    int32_t apply_count;
};

/** Begins an empty store with a key of its own. */
void cpts_testing_store__init(struct testing_store *store, const char *node);
void cpts_testing_store__done(struct testing_store *store);
/** Its table of functions. */
struct cpts_sync_store cpts_testing_store__table(struct testing_store *store);

/** What a test changes in it: a new version of an aggregate, and its entry. */
struct testing_change {
    const char *kind;
    const char *id;
    const char *region;
    /** NULL = `fact`. */
    const char *row_kind;
    const char *body;
    bool is_urgent;
};
/** false when memory is out. */
bool cpts_testing_store__record(struct testing_store *store, const struct testing_change *change);

/** NULL: there is none. */
struct testing_aggregate *cpts_testing_store__find(const struct testing_store *store,
                                                   const char *kind, const char *id);
size_t cpts_testing_store__count_alarms(const struct testing_store *store,
                                        enum cpts_sync_alarm alarm);
/** Makes it believe a key. */
bool cpts_testing_store__trust(struct testing_store *store, const struct testing_store *other);
/** A copy with all that is in it; false when memory is out. */
bool cpts_testing_store__copy(struct testing_store *to, const struct testing_store *from);

/* Shared by testing_store*.c. */

struct testing_cursor *cpts_testing_store__cursor(struct testing_store *store, const char *node);
/** Puts an image in place of what is there; false when memory is out. */
bool cpts_testing_store__put(struct testing_store *store, const struct cpts_sync_image *image,
                             const char *source);
void cpts_testing_store__remove(struct testing_store *store, size_t index);
bool cpts_testing_store__append(struct testing_store *store, const struct cpts_sync_entry *entry);
/** What the peer may see of it. */
bool cpts_testing_store__is_visible(const struct testing_store *store,
                                    const struct cpts_sync_peer *peer,
                                    const struct testing_aggregate *aggregate);
struct cpts_sync_image cpts_testing_store__image(const struct testing_aggregate *aggregate,
                                                 struct cpts_sync_row *row);
bool cpts_testing_store__fails(struct testing_store *store);
void cpts_testing_store__free_aggregate(struct testing_aggregate *aggregate);
cpts_status cpts_testing_store__no_memory(struct cpts_error *err);
void cpts_testing_store__add_sink(struct cpts_sync_store *table);
void cpts_testing_store__add_source(struct cpts_sync_store *table);

#endif
