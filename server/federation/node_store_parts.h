/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_NODE_STORE_PARTS_H
#define FEDERATION_NODE_STORE_PARTS_H

/**
 * @file
 * What the files of a node's store share (private to node_store.c, node_resume.c,
 * node_source.c and node_sink.c).
 *
 * Threads: one thread at a time.
 */

#include "federation/node_store.h"
#include "store/dialogue.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"

/** One batch with all that is made to send or store it. */
#define NODE_STORE_ARENA_BYTES ((size_t)512 * 1024 * 1024)
/** Bytes of one batch that is read: entries and, roughly, images. */
#define NODE_STORE_BATCH_BYTES (16 * 1024 * 1024)
#define NODE_STORE_SCHEMA_VERSION 1

struct node_store {
    struct node_store_options options;
    struct dialogue *dialogue;
    /** Emptied at the beginning of each function of the table. */
    struct arena *arena;
    /** The node above has another chain of this node than the one here: until that is
     * healed, this node says that it has none, so that it is fenced. */
    bool is_fork;
};

/** Begins a function: an empty arena, and a statement whose first parameter is this
 * node; the second one @p peer, unless it is NULL. */
struct query *node_query(struct node_store *store, enum statement_id statement, const char *peer);

/** Asks by itself. */
CPTS_MUST_CHECK cpts_status node_ask(struct node_store *store, const struct query *query,
                                     const struct rows **ret_rows, struct cpts_error *err);
/** Asks behind the log's lock. */
CPTS_MUST_CHECK cpts_status node_ask_logged(struct node_store *store, const struct query *query,
                                            const struct rows **ret_rows, struct cpts_error *err);

/** 32 bytes of a cell; left as they are when it has none. */
void node_read_hash(const struct rows *rows, int row, int column,
                    uint8_t ret_hash[CPTS_SYNC_HASH_BYTES]);

/** Whether this node lost some of its own log, as far as a peer shows. */
enum loss {
    LOSS_NONE,
    /** It shows what this node signed, or is the node above, which is believed. */
    LOSS_SHOWN,
    /** It says so and shows nothing. */
    LOSS_CLAIMED
};

/** What this node knows of a peer (sql/query/federation_peer.sql). */
struct known_peer {
    char status[16];
    int32_t epoch;
    bool has_key;
    uint8_t key[SIGNATURE_KEY_BYTES];
    int64_t origin_position;
    uint8_t origin_hash[CPTS_SYNC_HASH_BYTES];
    uint8_t scope_hash[CPTS_SYNC_HASH_BYTES];
    /** Of its chain where it says that it ends, of ours where it says that it is. */
    bool has_hash_at_head;
    uint8_t hash_at_head[CPTS_SYNC_HASH_BYTES];
    bool has_own_hash;
    uint8_t own_hash[CPTS_SYNC_HASH_BYTES];
    /** Of ours at the signed point that it shows. */
    bool has_signed_hash;
    uint8_t signed_hash[CPTS_SYNC_HASH_BYTES];
    /** Where that entry of ours, or the last one before it, is in this node's log; 0 = there
     * is none. */
    int64_t own_local_position;
    enum loss loss;
};

/** @p scope may be NULL, the positions 0. */
CPTS_MUST_CHECK cpts_status node_read_peer(struct node_store *store, const char *node,
                                           const struct cpts_sync_peer *peer,
                                           struct known_peer *ret_known, struct cpts_error *err);

/** Who this node is, and where it stands. */
struct own_state {
    int32_t epoch;
    int32_t reference_version;
    int64_t head_position;
    uint8_t head_hash[CPTS_SYNC_HASH_BYTES];
    int64_t log_head;
    /** After which position of its chain it lost what it had written; INT64_MAX = never. */
    int64_t lost_after;
    char read_only[32];
};
CPTS_MUST_CHECK cpts_status node_read_self(struct node_store *store, struct own_state *ret_state,
                                           struct cpts_error *err);

/** The word of an alarm, "" for none. */
const char *node_alarm_word(enum cpts_sync_alarm alarm);

/** Raises one: the function of the table. */
CPTS_MUST_CHECK cpts_status node_raise_alarm(void *data, const struct cpts_sync_peer *peer,
                                             enum cpts_sync_alarm alarm, const char *aggregate_id,
                                             const char *detail, struct cpts_error *err);

bool node_is_same_hash(const uint8_t one[CPTS_SYNC_HASH_BYTES],
                       const uint8_t other[CPTS_SYNC_HASH_BYTES]);
/** The peer is a node below: its status counts, and its chain may be old. */
bool node_is_region(const struct cpts_sync_peer *peer);
/** Whether a region may have a session at all; CPTS_OK of everybody else. */
CPTS_MUST_CHECK cpts_status node_check_region(const struct cpts_sync_peer *peer,
                                              const struct known_peer *known,
                                              struct cpts_error *err);

/** Functions of the table: what comes next for a peer, and what it has stored. */
CPTS_MUST_CHECK cpts_status node_resume(void *data, const struct cpts_sync_peer *peer,
                                        struct cpts_sync_resume *ret_resume,
                                        struct cpts_error *err);
CPTS_MUST_CHECK cpts_status node_acknowledged(void *data, const struct cpts_sync_peer *peer,
                                              int64_t position, struct cpts_error *err);

/** Sets the functions of a source, of a sink. */
void node_source_fill(struct cpts_sync_store *table);
void node_sink_fill(struct cpts_sync_store *table);

#endif
