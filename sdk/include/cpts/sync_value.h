/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_VALUE_H
#define CPTS_SYNC_VALUE_H

/**
 * @file
 * What stores and the engine of cpts/sync.h tell one another.
 *
 * Threads: plain values, any thread.
 */

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
    /** Why it is to be kept apart from the chain, set by the engine: ORIGIN_FORGED, CHAIN_BROKEN,
     * of which the alarm is raised already; GAP = it stands before the end of the chain, so it
     * is a repetition, or of no chain; CPTS_SYNC_ALARM_NONE = it is the next one. */
    enum cpts_sync_alarm refused;
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
    /** Told again, without a change: it replaces what the sink has of the same version. */
    bool again;
    /** Why it is to be parked and not stored, set by the engine: ORIGIN_FORGED,
     * OUT_OF_SCOPE; CPTS_SYNC_ALARM_NONE = store it. The alarm is raised already. */
    enum cpts_sync_alarm refused;
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
    /** Where the source's own chain is after it, for the cursor; set by the sink's engine. */
    int64_t origin_position;
    uint8_t origin_hash[CPTS_SYNC_HASH_BYTES];
    /** Ahead of its turn: images only, the cursor stays. */
    bool urgent;
    /** A repair asked for by the engine: images replace what is there, whatever its version;
     * one of version 0 without rows: its owner has no such aggregate. The cursor stays. */
    bool repair;
    /** After a restore: what the peer has of the store's own (then `repair` is true as
     * well). Entries are of its own origin, positions those of its own chain; newer
     * images and entries that it has not are stored, the rest is passed over. */
    bool given_back;
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

/** Place of a sink in the stream of a source; apply() and stage() say what goes into it. */
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
    /** The last point of the source's own chain, up to origin_position and of its hashes,
     * whose signature was kept (keep_checkpoint); 0 = none. */
    int64_t signed_position;
    /** That point as the source signed it; position 0 = not kept. A node above that lost
     * some of its chain takes it back only from a store that shows this. */
    struct cpts_sync_checkpoint signed_point;
    /** When the oldest change after it was stored, microseconds since 1970 by the sink's
     * clock; 0 = there is none, or it is not known. Stays with the sink. */
    int64_t unsigned_since_us;
};

/** Who the store is, and where its own chain stands. */
struct cpts_sync_self {
    char node[CPTS_SYNC_NODE_BYTES];
    /** Epoch of the node, from 1. */
    int32_t epoch;
    int32_t reference_version;
    int64_t head_position;
    uint8_t head_hash[CPTS_SYNC_HASH_BYTES];
    /** Was told to restore (epoch 0) and has no new epoch yet. */
    bool is_restoring;
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
    /** Of the source; with FENCED the one that the peer takes when it is restored. */
    int32_t epoch;
    uint8_t scope_hash[CPTS_SYNC_HASH_BYTES];
    int64_t known_position;
    uint8_t known_hash[CPTS_SYNC_HASH_BYTES];
    /** With EPOCH_CHANGED, untold: up to where both have the same of this side's chain. */
    int64_t own_after;
    uint8_t own_hash[CPTS_SYNC_HASH_BYTES];
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

#ifdef __cplusplus
}
#endif

#endif
