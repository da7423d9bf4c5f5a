/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REPLICA_H
#define CPTS_REPLICA_H

/**
 * @file
 * What a CPTS, or an ARS's own information system, may see of a node, in a SQLite file:
 * to be read while the node is away. A ready-made store for cpts/sync.h, which only
 * receives; and an example for stores over another database.
 *
 * A replica is never written by hand. What cannot be stored of an aggregate parks that
 * aggregate, and the others go on; its next whole image ends that.
 *
 * Threads: any thread; reading while an engine has the store is fine.
 */

#include <cpts/sync_store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cpts_replica cpts_replica;

/** Where it is, and whose. */
struct cpts_replica_options {
    size_t size;
    /** File; made with mode 0600 when it is not there. */
    const char *path;
    /** Whose replica it is, `cpts/<uuid>` or `region/<INSEE>`: needed when the file is
     * made, and to be the same afterwards; NULL = as it was. */
    const char *node;
    /** Public key that the node signs its checkpoints with, 32 bytes (an enrolment tells it:
     * `above_key` of cpts_certificate); NULL = as it was. Without one the chain is checked
     * and signatures are not. Another key than before: what was verified with that one no
     * longer counts, and is verified again. */
    const uint8_t *checkpoint_key;
    /** Whose key it is, `national` or `region/<INSEE>`: it is used for no other node's
     * checkpoints, which are then not verified. NULL = of whichever node is followed. */
    const char *checkpoint_node;
};

/** An aggregate that it has. */
struct cpts_replica_aggregate {
    char aggregate_kind[32];
    char aggregate_id[CPTS_UUID_TEXT_BYTES];
    int32_t version;
    char owner_node[CPTS_SYNC_NODE_BYTES];
    char lead_region[8];
    /** Only what everybody may see of it. */
    bool public_only;
    /** Why it is behind, for example `NOT_APPLIED`; empty = it is not. */
    char parked[32];
};

/** How it fares. */
struct cpts_replica_status {
    /** sizeof(struct cpts_replica_status), set by who asks. */
    size_t size;
    char node[CPTS_SYNC_NODE_BYTES];
    /** The node that it follows, and how far; 0 = nothing yet. */
    char peer[CPTS_SYNC_NODE_BYTES];
    int64_t position;
    /** Last position of the node's log, as it was told. */
    int64_t head;
    /** When it last stored something; 0 = never. */
    int64_t stored_at_us;
    int64_t aggregate_count;
    int64_t parked_count;
    int64_t alarm_count;
    /** Last position of the node's own chain that it has, and up to where of it the node's
     * signature was verified; 0 = nothing yet. */
    int64_t origin_position;
    int64_t signed_position;
    /** The key of that node is known; else its signatures are not verified. */
    bool has_checkpoint_key;
};

/** Takes one row; texts live during the call. The replica waits meanwhile, and is not to be
 * used from it. @return false ends the reading. */
typedef bool cpts_replica_take_row(const struct cpts_sync_row *row, void *data);
/** Takes one aggregate, as a row: keep its id, and read it afterwards. @return false ends
 * the reading. */
typedef bool cpts_replica_take_aggregate(const struct cpts_replica_aggregate *aggregate,
                                         void *data);

/* clang-format off */

/**
 * Opens a replica, or makes it.
 *
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · FAILED_PRECONDITION /
 *         LOCAL_FILE_INVALID: none, a newer one, damaged, another's, readable by others
 *         (`detail`: the path) · UNAVAILABLE / LOCAL_FILE_BUSY · RESOURCE_EXHAUSTED /
 *         LOCAL_FILE_FULL, OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_replica_open(
    const struct cpts_replica_options *options, cpts_replica **ret_replica,
    struct cpts_error *err);

/** After the engine that has its store. NULL is fine. */
CPTS_API void cpts_replica_close(cpts_replica *replica);

/** Its table of functions for cpts_sync_open(), with `is_replica`. */
CPTS_API void cpts_replica_store(cpts_replica *replica, struct cpts_sync_store *ret_store);

/** How it fares. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_replica_read_status(
    cpts_replica *replica, struct cpts_replica_status *ret_status, struct cpts_error *err);

/** Tells of the aggregates of one kind (NULL = all), by kind and id. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_replica_list(
    cpts_replica *replica, const char *aggregate_kind, cpts_replica_take_aggregate *take,
    void *data, struct cpts_error *err);

/** Tells of the rows of one aggregate, by kind and key. None: it does not have it. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_replica_read(
    cpts_replica *replica, const char *aggregate_id, cpts_replica_take_row *take, void *data,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif

#endif
