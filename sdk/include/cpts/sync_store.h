/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_STORE_H
#define CPTS_SYNC_STORE_H

/**
 * @file
 * The table of functions over the caller's own database that cpts/sync.h drives.
 *
 * What it promises of the store's functions: they are called by one thread, one at a
 * time, never under a lock of the engine, never from inside a `take`, and may block.
 * What it asks of them: apply() stores a batch and its cursor in one transaction, or
 * nothing; what it has stored when it returns CPTS_OK outlives a loss of power; a
 * repetition changes nothing.
 *
 * Threads: a store is called by one thread at a time.
 */

#include <cpts/sync_value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Takes a batch: structures and texts live during the call. */
typedef cpts_status cpts_sync_take(const struct cpts_sync_batch *batch, void *data,
                                   struct cpts_error *err);
/** Takes one chunk of a snapshot. @return any failure ends the reading. */
typedef cpts_status cpts_sync_take_chunk(const struct cpts_sync_chunk *chunk, void *data,
                                         struct cpts_error *err);
/** What digests are asked for. */
struct cpts_sync_digest_query {
    /** What the peer should have of the store, else what the store has of the peer. */
    bool as_source;
    /** NULL: all buckets, into ret_digests; else the aggregates of these, to `take`. */
    const int32_t *buckets;
    size_t bucket_count;
    /** CPTS_SYNC_BUCKETS of them; 32 zero bytes for an empty bucket. */
    uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES];
};
/** Takes one aggregate, in order of kind and id. */
typedef cpts_status cpts_sync_take_aggregate(const struct cpts_sync_aggregate *aggregate,
                                             void *data, struct cpts_error *err);

/** A batch that apply() has taken. */
struct cpts_sync_applied {
    /** Images passed over because they were stored already. */
    int32_t absorbed_count;
    /** Aggregates that it parked now, and that are parked of this peer in all. */
    int32_t newly_parked_count;
    int32_t parked_count;
};

/**
 * A store: functions over the caller's database. `store` is the first argument of all.
 * A pure sink (is_replica) has those up to checkpoint_key() alone; the rest is NULL.
 * Each returns CPTS_OK, or another status that is also in err->status, with a reason and
 * a sentence; @p err is never NULL. apply(), stage() and read() are tried again after
 * UNAVAILABLE and RESOURCE_EXHAUSTED, a few times within two seconds; every other failure
 * ends the session, and the next one begins where cursor() says. What they are given is
 * the engine's, and lasts until they return; what they give through a `ret_` pointer is
 * copied at once.
 */
struct cpts_sync_store {
    size_t size;
    void *store;

    /** Who it is. Asked at the beginning of each session. */
    cpts_status (*self)(void *store, struct cpts_sync_self *ret_self, struct cpts_error *err);
    /** Its place in the peer's stream, and what of it is signed; all zero before the first
     * one. */
    cpts_status (*cursor)(void *store, const char *node, struct cpts_sync_cursor *ret_cursor,
                          struct cpts_error *err);
    /** Stores a batch and its cursor in one transaction. What cannot be stored of an
     * aggregate parks that aggregate, with an alarm, and the rest is stored.
     *
     * The cursor then is: peer->epoch, batch->upto, scope_hash as it was, schema_version 1,
     * batch->origin_position and origin_hash, no snapshot. With `urgent` or `repair` it
     * stays as it was.
     * An image is stored when its epoch is greater than what is here, or its version is
     * (one with `repair`: always); since_version beyond the version here parks it. Its rows
     * (cpts/sync_record.h) take the place of those of the same kind and keys; with
     * since_version 0 all others go, else those of kinds that come whole. */
    cpts_status (*apply)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err);
    /** Stages a chunk durably; with the last one puts all staged data in place of what
     * it has of this peer, and the cursor, in one transaction. Chunk 0 takes away what was
     * staged before. Until the last one the cursor stays but for snapshot_id and
     * snapshot_chunk_count (chunk->chunk + 1); then it is: the chunk's epoch, position,
     * scope_hash, origin_position and origin_hash, schema_version 1, no snapshot. A last
     * one before which any is not staged, as when it was activated already: GAP, and
     * nothing changes. */
    cpts_status (*stage)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err);
    /** Keeps a signed point; it was verified. cursor() tells of it from now on. */
    cpts_status (*keep_checkpoint)(void *store, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err);
    /** Digests of what the peer should have of it (as_source; a pure sink is not asked), or
     * of what it has of the peer: one a bucket, or the aggregates of some. In one consistent
     * read; @p ret_position is the end of its log, or its cursor's position, in that read.
     * cpts/sync_digest.h makes them of rows: of the kinds that count in digests, of
     * aggregates that have any of those. */
    cpts_status (*digest)(void *store, const struct cpts_sync_peer *peer,
                          const struct cpts_sync_digest_query *query, int64_t *ret_position,
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
     * a batch with upto = after.
     * `bytes` of an entry are a cpts.v1.Change as its origin packed it; `prev_hash` is the
     * hash of that origin's entry before it, zeros for the first; `hash` is
     * sha256(prev_hash, origin_position as eight big-endian bytes, bytes). */
    cpts_status (*read)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                        int32_t changes_max, cpts_sync_take *take, void *data,
                        struct cpts_error *err);
    /** Images of urgent referrals beyond @p after, ahead of their turn; `head` says up to
     * where it looked. None is fine. NULL = has no such thing. */
    cpts_status (*read_urgent)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                               cpts_sync_take *take, void *data, struct cpts_error *err);
    /** Reads a snapshot of what the peer may see, from chunk @p first on, until there is
     * no more, or until @p take ends the reading with ABORTED / SYNC_ENOUGH: it is then
     * called again from the next chunk on. The same chunk of the same snapshot holds the
     * same aggregates; they may be newer than its position. */
    cpts_status (*snapshot)(void *store, const struct cpts_sync_peer *peer, const char *snapshot_id,
                            int32_t first, cpts_sync_take_chunk *take, void *data,
                            struct cpts_error *err);
    /** Whole images of these aggregates, as far as the peer may see them; @p take may be
     * called several times. What it leaves out the peer is to forget. */
    cpts_status (*fetch)(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_aggregate *aggregates, size_t aggregate_count,
                         cpts_sync_take *take, void *data, struct cpts_error *err);
    /** What the peer itself wrote, after this position of the peer's own chain, and newer
     * images of what it owns: to give back to a peer that was restored. One batch, whose
     * positions are those of that chain; called again until upto = head. */
    cpts_status (*give_back)(void *store, const struct cpts_sync_peer *peer, int64_t after,
                             cpts_sync_take *take, void *data, struct cpts_error *err);
    /** A peer has stored everything up to here. */
    cpts_status (*acknowledged)(void *store, const struct cpts_sync_peer *peer, int64_t position,
                                struct cpts_error *err);
    /** Signs this point of its own chain, which the peer has, or was sent just now: Ed25519
     * over `cpts-checkpoint-1`, a zero byte, the node, a zero byte, position and signed_at_us
     * as eight big-endian bytes each, and the hash; key_id is the first 8 bytes of SHA-256 of
     * the public key.
     * @return FAILED_PRECONDITION when it has no key: then nothing is signed. */
    cpts_status (*sign)(void *store, int64_t position, const uint8_t hash[CPTS_SYNC_HASH_BYTES],
                        struct cpts_sync_checkpoint *ret_checkpoint, struct cpts_error *err);
    /** The store was found to be an old one (FENCED): from now on it takes no commands
     * of its own; what the peer has of it comes through apply() with `repair`.
     * @p epoch is the new one once that is done, 0 when it begins. NULL = cannot be:
     * then the session ends and a person decides. */
    cpts_status (*restore)(void *store, const struct cpts_sync_peer *peer, int32_t epoch,
                           struct cpts_error *err);
};

#ifdef __cplusplus
}
#endif

#endif
