/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_H
#define CPTS_SYNC_H

/**
 * @file
 * The federation's engine: keeps a store and a node up to date with one another,
 * both ways, and goes on by itself after whatever was cut. The same engine drives
 * a regional node and an ARS's own information system; the caller gives a table of
 * functions over its own database, the engine does sessions, resume, snapshots,
 * ordering, parking, digests and metrics.
 *
 * What it promises of the store's functions: they are called by one thread, one at a
 * time, never under a lock of the engine, and may block. What it asks of them: apply()
 * stores a batch and its cursor in one transaction, or nothing; what it has stored when
 * it returns CPTS_OK outlives a loss of power; a repetition changes nothing.
 *
 * Facts come as images of aggregates: rows of named kinds, each a JSON object in its
 * owner's spelling. An image with a version that is stored already is passed over.
 *
 * Threads: a store belongs to the engine from open to close; all else as stated.
 */

#include <cpts/client.h>
#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPTS_SYNC_HASH_BYTES 32
#define CPTS_SYNC_SIGNATURE_BYTES 64
/** Longest name of a node with its end, for example `region/11`. */
#define CPTS_SYNC_NODE_BYTES 64
/** Most bytes of one frame, of one batch with all its parts, most changes in it. */
#define CPTS_SYNC_FRAME_BYTES_MAX (4 * 1024 * 1024)
#define CPTS_SYNC_BATCH_BYTES_MAX (64 * 1024 * 1024)
#define CPTS_SYNC_BATCH_CHANGES_MAX 65536
#define CPTS_SYNC_BUCKETS 256

/** One entry of a log, in its original bytes (cpts.v1.SyncEntry). */
struct cpts_sync_entry {
    int64_t position;
    const char *origin_node;
    int64_t origin_position;
    int32_t epoch;
    const char *aggregate_kind;
    const char *aggregate_id;
    int32_t version;
    const char *kind;
    int64_t recorded_at_us;
    const char *actor;
    const char *command_id;
    /** 32 bytes or none. */
    struct cpts_bytes content_hash;
    int32_t schema_version;
    const char *lead_region;
    struct cpts_bytes bytes;
    uint8_t prev_hash[CPTS_SYNC_HASH_BYTES];
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
};

/** Entries of the source's own chain that the sink may not see. */
struct cpts_sync_withheld {
    int64_t first;
    int64_t last;
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
};

/** One row of an aggregate. */
struct cpts_sync_row {
    /** For example `cpts_stage`. */
    const char *kind;
    /** A JSON object in its owner's spelling. */
    struct cpts_bytes body;
    /** Since and until when the owner believed it, microseconds since 1970 UTC
     * (INT64_MAX: it does); both 0 for kinds without belief. */
    int64_t recorded_from_us;
    int64_t recorded_to_us;
};

/** An aggregate, row by row (cpts.v1.SyncImage, all its parts together). */
struct cpts_sync_image {
    const char *aggregate_kind;
    const char *aggregate_id;
    int32_t version;
    int32_t epoch;
    const char *owner_node;
    const char *lead_region;
    /** 0 = the whole: rows that it has not are not there. */
    int32_t since_version;
    /** Only what everybody may see. */
    bool public_only;
    /** Rows of one kind stand together. */
    const struct cpts_sync_row *rows;
    size_t row_count;
};

/** What happened in (after, upto] of the source's log. */
struct cpts_sync_batch {
    int64_t after;
    int64_t upto;
    int64_t head;
    const struct cpts_sync_entry *entries;
    size_t entry_count;
    const struct cpts_sync_withheld *withheld;
    size_t withheld_count;
    const struct cpts_sync_image *images;
    size_t image_count;
    /** Ahead of its turn: images only, the cursor stays. */
    bool urgent;
    /** A repair asked for by the engine: images replace what is there, whatever its
     * version; the cursor stays. */
    bool repair;
};

/** Place of a sink in the stream of a source (cpts.v1.SyncCursor). */
struct cpts_sync_cursor {
    int32_t epoch;
    int64_t position;
    uint8_t scope_hash[CPTS_SYNC_HASH_BYTES];
    int32_t schema_version;
    int64_t origin_position;
    uint8_t origin_hash[CPTS_SYNC_HASH_BYTES];
    /** A snapshot that broke off, or empty. */
    char snapshot_id[CPTS_UUID_TEXT_BYTES];
    int32_t snapshot_chunk_count;
};

/** Who the store is, and where its own chain stands. */
struct cpts_sync_self {
    char node[CPTS_SYNC_NODE_BYTES];
    /** Epoch of the node, from 1. */
    int32_t epoch;
    int32_t reference_version;
    int64_t head_position;
    uint8_t head_hash[CPTS_SYNC_HASH_BYTES];
};

/** A signed point of a chain (cpts.v1.SyncCheckpoint). */
struct cpts_sync_checkpoint {
    char node[CPTS_SYNC_NODE_BYTES];
    int64_t position;
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
    int64_t signed_at_us;
    uint8_t signature[CPTS_SYNC_SIGNATURE_BYTES];
    uint8_t key_id[8];
};

/** The other side, as the session knows it. Borrowed for the call. */
struct cpts_sync_peer {
    const char *node;
    int32_t epoch;
    /** What it may see: `region:<INSEE>` or `cpts:<uuid>`; `*` of the node above. */
    const char *scope;
    struct cpts_sync_cursor cursor;
    int64_t head_position;
    uint8_t head_hash[CPTS_SYNC_HASH_BYTES];
};

/** What a source makes of a sink's cursor (cpts.v1.SyncResume). */
enum cpts_sync_resume_kind {
    CPTS_SYNC_RESUMED = 1,
    CPTS_SYNC_MUST_SNAPSHOT = 2,
    CPTS_SYNC_EPOCH_CHANGED = 3,
    CPTS_SYNC_SCOPE_CHANGED = 4,
    CPTS_SYNC_FENCED = 5
};

struct cpts_sync_resume {
    enum cpts_sync_resume_kind kind;
    int64_t position;
    int32_t epoch;
    uint8_t scope_hash[CPTS_SYNC_HASH_BYTES];
    int64_t known_position;
    uint8_t known_hash[CPTS_SYNC_HASH_BYTES];
};

/** A chunk of a snapshot (cpts.v1.SyncSnapshot). */
struct cpts_sync_chunk {
    char snapshot_id[CPTS_UUID_TEXT_BYTES];
    int32_t chunk;
    int64_t position;
    int32_t epoch;
    uint8_t scope_hash[CPTS_SYNC_HASH_BYTES];
    int64_t origin_position;
    uint8_t origin_hash[CPTS_SYNC_HASH_BYTES];
    const struct cpts_sync_image *images;
    size_t image_count;
    bool last;
    int32_t chunk_count;
};

/** An aggregate and its digest. */
struct cpts_sync_aggregate {
    char aggregate_kind[32];
    char aggregate_id[CPTS_UUID_TEXT_BYTES];
    int32_t version;
    uint8_t sha256[CPTS_SYNC_HASH_BYTES];
};

/** What somebody should look at. */
enum cpts_sync_alarm {
    CPTS_SYNC_ALARM_NONE = 0,
    CPTS_SYNC_ALARM_CHAIN_BROKEN = 1,
    CPTS_SYNC_ALARM_CHECKPOINT_BAD = 2,
    CPTS_SYNC_ALARM_CHECKPOINT_LATE = 3,
    CPTS_SYNC_ALARM_ORIGIN_FORGED = 4,
    CPTS_SYNC_ALARM_OUT_OF_SCOPE = 5,
    CPTS_SYNC_ALARM_EPOCH_STALE = 6,
    CPTS_SYNC_ALARM_KIND_UNKNOWN = 7,
    CPTS_SYNC_ALARM_NOT_APPLIED = 8,
    CPTS_SYNC_ALARM_DIGEST_MISMATCH = 9,
    CPTS_SYNC_ALARM_TABLES_DIFFER = 10,
    CPTS_SYNC_ALARM_REFERENCE_BEHIND = 11,
    CPTS_SYNC_ALARM_FENCED = 12,
    CPTS_SYNC_ALARM_RESTORED = 13,
    CPTS_SYNC_ALARM_CLOCK_SKEW = 14,
    CPTS_SYNC_ALARM_GAP = 15
};

/** A batch that apply() has taken. */
struct cpts_sync_applied {
    /** Images passed over because they were stored already. */
    int32_t absorbed_count;
    /** Aggregates that it parked now, and that are parked of this peer in all. */
    int32_t newly_parked_count;
    int32_t parked_count;
};

/** Takes one part of a batch: structures and texts live during the call. */
typedef cpts_status cpts_sync_take(const struct cpts_sync_batch *batch, void *data,
                                   struct cpts_error *err);
/** Takes one chunk of a snapshot. @return any failure ends the reading. */
typedef cpts_status cpts_sync_take_chunk(const struct cpts_sync_chunk *chunk, void *data,
                                         struct cpts_error *err);
/** Takes one aggregate. */
typedef cpts_status cpts_sync_take_aggregate(const struct cpts_sync_aggregate *aggregate,
                                             void *data, struct cpts_error *err);

/**
 * A store: functions over the caller's database. `store` is the first argument of all.
 * Functions of a pure sink that are of a source only (read and after) are NULL.
 * Each returns CPTS_OK or fills @p err; UNAVAILABLE and RESOURCE_EXHAUSTED are tried
 * again after a delay, every other failure ends the session.
 */
struct cpts_sync_store {
    size_t size;
    void *store;

    /** Who it is. Asked at the beginning of each session. */
    cpts_status (*self)(void *store, struct cpts_sync_self *ret_self, struct cpts_error *err);
    /** Its place in the peer's stream; all zero before the first one. */
    cpts_status (*cursor)(void *store, const char *node, struct cpts_sync_cursor *ret_cursor,
                          struct cpts_error *err);
    /** Stores a batch and its cursor in one transaction. What cannot be stored of an
     * aggregate parks that aggregate, with an alarm, and the rest is stored. */
    cpts_status (*apply)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err);
    /** Stages a chunk durably; with the last one puts all staged data in place of what
     * it has of this peer, and the cursor, in one transaction. */
    cpts_status (*stage)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err);
    /** Keeps a signed point; it was verified. */
    cpts_status (*keep_checkpoint)(void *store, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err);
    /** Digests of what it has of the peer: one a bucket when @p buckets is NULL, else
     * the aggregates of these, through @p take. */
    cpts_status (*digest)(void *store, const struct cpts_sync_peer *peer, bool as_source,
                          const int32_t *buckets, size_t bucket_count,
                          uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES],
                          cpts_sync_take_aggregate *take, void *data, struct cpts_error *err);
    /** Raises or counts an alarm. @p aggregate_id and @p detail may be empty. */
    cpts_status (*alarm)(void *store, const struct cpts_sync_peer *peer, enum cpts_sync_alarm alarm,
                         const char *aggregate_id, const char *detail, struct cpts_error *err);
    /** The public key that @p node signs its checkpoints with, 32 bytes.
     * @return NOT_FOUND / KEY_NOT_PUBLISHED when it has none. */
    cpts_status (*checkpoint_key)(void *store, const char *node, uint8_t ret_key[32],
                                  struct cpts_error *err);

    /* of a source */

    /** What to make of the peer's cursor. */
    cpts_status (*resume)(void *store, const struct cpts_sync_peer *peer,
                          struct cpts_sync_resume *ret_resume, struct cpts_error *err);
    /** Reads the next batch of what the peer may see, in one consistent read: at most
     * @p changes_max changes after @p after; gives it in one piece. Nothing there:
     * a batch with upto = after. */
    cpts_status (*read)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                        int32_t changes_max, cpts_sync_take *take, void *data,
                        struct cpts_error *err);
    /** Images of urgent referrals beyond @p after, ahead of their turn; none is fine. */
    cpts_status (*read_urgent)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                               cpts_sync_take *take, void *data, struct cpts_error *err);
    /** Reads a snapshot of what the peer may see, from chunk @p first on. */
    cpts_status (*snapshot)(void *store, const struct cpts_sync_peer *peer, const char *snapshot_id,
                            int32_t first, cpts_sync_take_chunk *take, void *data,
                            struct cpts_error *err);
    /** Whole images of these aggregates, as far as the peer may see them. */
    cpts_status (*fetch)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_aggregate *aggregates, size_t aggregate_count,
                         cpts_sync_take *take, void *data, struct cpts_error *err);
    /** What the peer itself wrote, after this origin position: to give back to a peer
     * that was restored. */
    cpts_status (*give_back)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                             cpts_sync_take *take, void *data, struct cpts_error *err);
    /** A peer has stored everything up to here. */
    cpts_status (*acknowledged)(void *store, const struct cpts_sync_peer *peer, int64_t position,
                                struct cpts_error *err);
    /** Signs a point of its own chain that is not signed yet; position 0 = none. */
    cpts_status (*sign)(void *store, struct cpts_sync_checkpoint *ret_checkpoint,
                        struct cpts_error *err);
    /** Waits until the log may have grown beyond @p position, or for @p timeout_ms, or
     * until stop_waiting(). */
    cpts_status (*wait)(void *store, int64_t position, int32_t timeout_ms, struct cpts_error *err);
    /** Makes wait() return soon; any thread. */
    void (*stop_waiting)(void *store);
    /** The store was found to be an old one (FENCED): from now on it takes no commands
     * of its own; what the peer has of it comes through apply() with `repair`.
     * @p epoch is the new one once that is done, 0 when it begins. */
    cpts_status (*restore)(void *store, const struct cpts_sync_peer *peer, int32_t epoch,
                           struct cpts_error *err);
};

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
};

/** How a synchronisation fares. */
struct cpts_sync_status {
    size_t size;
    char peer[CPTS_SYNC_NODE_BYTES];
    bool is_connected;
    struct cpts_sync_direction sent;
    struct cpts_sync_direction received;
    int64_t session_count;
    int64_t last_failure_us;
    char last_reason[48];
    int64_t clock_skew_us;
};

/** How to synchronise. Zero everywhere but in `size` = the defaults. */
struct cpts_sync_options {
    size_t size;
    /** Changes in one batch, 1..CPTS_SYNC_BATCH_CHANGES_MAX; 0 = 4,096. */
    int32_t batch_changes;
    /** Credit that is given: changes and bytes; 0 = 65,536 and 64 MiB. */
    int32_t credit_changes;
    int64_t credit_bytes;
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
    /** Compares digests each time so long has passed, seconds; 0 = 86,400. */
    int32_t digest_every_s;
};

/** Carries frames between two sides. */
struct cpts_sync_link {
    void *link;
    /** Sends one packed cpts.v1.SyncFrame; copies it. May block while the other side
     * takes nothing. */
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
 * @param store  Copied; what it points to lasts until cpts_sync_close().
 * @param options  NULL = the defaults.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status cpts_sync_open(cpts_client *client, const struct cpts_sync_store *store,
                                           const struct cpts_sync_options *options,
                                           cpts_sync **ret_sync, struct cpts_error *err);
/** Ends the session and its thread. NULL is fine. */
void cpts_sync_close(cpts_sync *sync);
/** How it fares; any thread. */
void cpts_sync_read_status(cpts_sync *sync, struct cpts_sync_status *ret_status);
/** Compares digests at the next occasion, and repairs when @p repair; any thread. */
void cpts_sync_verify(cpts_sync *sync, bool repair);
/** Waits until everything that the store had when this was called is acknowledged, and
 * what the peer had then is stored.
 * @return CPTS_OK · DEADLINE_EXCEEDED / SYNC_NOT_CAUGHT_UP. */
CPTS_MUST_CHECK cpts_status cpts_sync_wait(cpts_sync *sync, int32_t timeout_ms,
                                           struct cpts_error *err);

/** One session over a link, on the caller's thread, until it ends. What a node serves
 * those who dial it with.
 * @param is_dialler  The side that dialled.
 * @param peer_node  Whom it must be; @p peer_scope what it may see.
 * @param is_stopping  Asked between frames; true ends the session. NULL = never. */
CPTS_MUST_CHECK cpts_status
cpts_sync_session(const struct cpts_sync_store *store, const struct cpts_sync_link *link,
                  const struct cpts_sync_options *options, bool is_dialler, const char *peer_node,
                  const char *peer_scope, bool (*is_stopping)(void *data), void *data,
                  struct cpts_sync_status *status, struct cpts_error *err);

#ifdef __cplusplus
}
#endif

#endif
