/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_H
#define CPTS_SYNC_H

/**
 * @file
 * The federation's engine: keeps a store and a node up to date with one another,
 * both ways, and goes on by itself after whatever was cut. The same engine drives
 * a regional node and an ARS's own information system; the caller gives a table of
 * functions over its own database (cpts/sync_store.h), the engine does sessions,
 * resume, snapshots, ordering, credit, digests, verification and metrics.
 *
 * Facts come as images of aggregates: rows of named kinds, each a JSON object in its
 * owner's spelling. An image with a version that is stored already is passed over.
 *
 * Threads: a store belongs to the engine from open to close; all else as stated.
 */

#include <cpts/client.h>
#include <cpts/sync_store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Figures of one direction. */
struct cpts_sync_direction {
    /** Last position of the source's log, and that the sink has acknowledged. */
    int64_t head_position;
    int64_t acknowledged_position;
    int64_t change_count;
    int64_t byte_count;
    /** Age of the oldest change that is not acknowledged, microseconds; 0 = none. */
    int64_t oldest_age_us;
    int32_t parked_count;
    int64_t absorbed_count;
    int32_t digest_mismatch_count;
    int32_t snapshot_chunk_count;
    int64_t last_success_us;
    /** When digests were compared last, microseconds since 1970; 0 = not known. */
    int64_t verified_us;
};

/** How a synchronisation fares. */
struct cpts_sync_status {
    /** sizeof(struct cpts_sync_status), set by who asks. */
    size_t size;
    char peer[CPTS_SYNC_NODE_BYTES];
    bool is_connected;
    struct cpts_sync_direction sent;
    struct cpts_sync_direction received;
    int64_t session_count;
    int64_t last_failure_us;
    char last_reason[48];
    int64_t clock_skew_us;
    /** Wishes to catch up that were fulfilled in this session. */
    int64_t caught_up_count;
};

/** How to synchronise. Zero everywhere but in `size` = the defaults. */
struct cpts_sync_options {
    size_t size;
    /** Changes in one batch, 1..CPTS_SYNC_BATCH_CHANGES_MAX; 0 = 16,384. */
    int32_t batch_changes;
    /** Credit that is given: changes (1..65,536) and bytes (4..64 MiB); 0 = 65,536 and
     * 16 MiB. */
    int32_t credit_changes;
    int64_t credit_bytes;
    /** How often the store's log is looked at when nobody calls wake(), milliseconds;
     * 0 = 1,000. */
    int32_t poll_ms;
    /** A bookmark after so long without a change, milliseconds; 0 = 5,000. */
    int32_t bookmark_ms;
    /** Longest and shortest delay before dialling again, milliseconds, jittered;
     * 0 = 200 and 30,000. */
    int32_t redial_min_ms;
    int32_t redial_max_ms;
    /** Ends a session in which nothing came for so long; 0 = 30,000. */
    int32_t silence_max_ms;
    /** Only receives: the store's functions of a source are not called. */
    bool is_replica;
    /** Compares digests each time so long has passed, over all sessions, seconds;
     * 0 = 86,400. */
    int32_t digest_every_s;
    /** Whom it dials (`node` of cpts_node_status() tells), for example `region/11` for a
     * replica of a CPTS: anybody else ends the session, NODE_UNKNOWN. NULL = `national`.
     * Copied. */
    const char *peer_node;
};

/** Carries frames between two sides. */
struct cpts_sync_link {
    void *link;
    /** Sends one packed cpts.v1.SyncFrame; copies it. May block while the other side
     * takes nothing, not for ever: it fails then. Meanwhile the link goes on taking in
     * what comes, of which there is never more than the credit given and some small
     * frames. */
    cpts_status (*send)(void *link, const uint8_t *bytes, size_t byte_count,
                        struct cpts_error *err);
    /** Waits at most @p timeout_ms for a frame. @p ret_bytes is from malloc, NULL when
     * none came in time.
     * @return CPTS_OK, or how the link ended. */
    cpts_status (*receive)(void *link, int32_t timeout_ms, uint8_t **ret_bytes,
                           size_t *ret_byte_count, struct cpts_error *err);
    /** The session is over on this side: nothing is sent or received any more. */
    void (*close)(void *link, const struct cpts_error *why);
    /** Makes receive() return soon; any thread. */
    void (*wake)(void *link);
};

typedef struct cpts_sync cpts_sync;

/**
 * Begins to keep @p store up to date with the node of @p client, on a thread of its own.
 *
 * @param client  Lasts until cpts_sync_close(); it may serve other calls meanwhile.
 * @param store  Copied; what it points to lasts until cpts_sync_close(). Its functions are
 *        called on that thread.
 * @param options  NULL = the defaults.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_sync_open(cpts_client *client,
                                                    const struct cpts_sync_store *store,
                                                    const struct cpts_sync_options *options,
                                                    cpts_sync **ret_sync, struct cpts_error *err);
/** Ends the session and its thread; waits for a function of the store that runs, and two
 * seconds at most for the other side to hear of it. Not from a function of the store. NULL
 * is fine. */
CPTS_API void cpts_sync_close(cpts_sync *sync);
/** How it fares; any thread. */
CPTS_API void cpts_sync_read_status(cpts_sync *sync, struct cpts_sync_status *ret_status);
/** The store's log may have grown: tells the engine before it looks by itself; any
 * thread, at any rate. */
CPTS_API void cpts_sync_wake(cpts_sync *sync);
/** Compares digests at the next occasion, and repairs when @p repair; any thread. */
CPTS_API void cpts_sync_verify(cpts_sync *sync, bool repair);
/** Waits until everything that the store had when this was called is acknowledged, and
 * what the peer had, as far as it had told where its log ends, is stored. Any thread, several at
 * once.
 * @param timeout_ms  From 0 on.
 * @return CPTS_OK · DEADLINE_EXCEEDED / SYNC_NOT_CAUGHT_UP. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_sync_wait(cpts_sync *sync, int32_t timeout_ms,
                                                    struct cpts_error *err);

/** What whoever leads a session wants of it: bits. */
enum cpts_sync_wish {
    CPTS_SYNC_GO_ON = 0,
    CPTS_SYNC_STOP = 1,
    /** Compare digests now; and repair what differs. */
    CPTS_SYNC_VERIFY = 2,
    CPTS_SYNC_REPAIR = 4,
    /** Look at the log, ask the peer for all that it has now: caught_up_count tells
     * when all that is acknowledged and stored. */
    CPTS_SYNC_CATCH_UP = 8
};

/** Between whom a session is, and who leads it. */
struct cpts_sync_side {
    size_t size;
    /** This side dialled. Only the other one may call it FENCED. */
    bool is_dialler;
    /** Whom it must be; NULL = peer_node of the options. */
    const char *peer_node;
    /** What the peer may see of this store: `region:<INSEE>`, `cpts:<uuid>`, or `*` for
     * the node above. NULL = `*`. */
    const char *peer_scope;
    /** Asked between frames, and each second when there are none; never before the
     * session has begun. @p status is that of now. NULL = goes on.
     * @return bits of enum cpts_sync_wish. */
    unsigned (*attend)(void *data, const struct cpts_sync_status *status);
    void *data;
    /** When digests were compared with this peer last, microseconds since 1970, from
     * `received.verified_us` of the session before: digest_every_s counts from there.
     * 0 = not known: they are compared in the first minutes, or the hour, of this one. */
    int64_t verified_us;
};

/**
 * One session over a link, on the caller's thread, until it ends: what a node serves
 * those who dial it with. Closes the link.
 *
 * @return CPTS_OK: it was to stop · FAILED_PRECONDITION, PERMISSION_DENIED and others
 *         with the reason of either side (in `reason`, as cpts.v1.SyncEnd) · UNAVAILABLE:
 *         the link ended.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_sync_session(const struct cpts_sync_store *store,
                                                       const struct cpts_sync_link *link,
                                                       const struct cpts_sync_options *options,
                                                       const struct cpts_sync_side *side,
                                                       struct cpts_error *err);

#ifdef __cplusplus
}
#endif

#endif
