/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_SESSION_H
#define SDK_SYNC_SESSION_H

/**
 * @file
 * One session: what its files share. sync_session.c leads it; sync_greeting.c begins it;
 * sync_source.c, sync_signing.c, sync_snapshot.c, sync_answer.c are the half that tells,
 * sync_sink.c, sync_staging.c, sync_restoring.c, sync_inspection.c the half that takes.
 *
 * Threads: one session, one thread.
 */

#include <cpts/sync.h>
#include <cpts/v1/federation.pb-c.h>

#include "sync_assembly.h"
#include "sync_chain.h"
#include "sync_sender.h"

/** Version of the protocol, and of the records' schema. */
#define SYNC_PROTOCOL 1
#define SYNC_SCHEMA 1
/** A checkpoint covers at most so many changes, and so much time. */
#define SYNC_CHECKPOINT_CHANGES 4096
#define SYNC_CHECKPOINT_MS 1000
/** When nothing follows for so long it is signed at once: what is not is not taken back. */
#define SYNC_CHECKPOINT_QUIET_MS 100
/** Changes without a valid one for longer than this are an alarm. */
#define SYNC_CHECKPOINT_LATE_MS 5000
/** However late they are when a session begins, this is how long its peer has to sign. */
#define SYNC_CHECKPOINT_GRACE_MS 3000
/** Clocks that differ by more are an alarm. */
#define SYNC_CLOCK_SKEW_MAX_US (INT64_C(5) * 1000 * 1000)
/** Data that may wait for credit before more is read. */
#define SYNC_QUEUE_BYTES ((size_t)4 * 1024 * 1024)
/** Aggregates in one request for images. */
#define SYNC_REQUEST_AGGREGATES_MAX 256
#define SYNC_MARKS 16

struct arena;

/** A batch that was sent and is not acknowledged. */
struct sync_mark {
    int64_t position;
    int64_t recorded_at_us;
};

/** Buckets of digests that are compared together. */
struct sync_slice {
    int32_t first;
    int32_t count;
};

/** The half that tells. */
struct sync_source {
    struct cpts_sync_resume resume;
    /** The stream goes on: it was resumed, or the snapshot was taken. */
    bool is_streaming;
    /** A snapshot is being read and sent; then it waits until it was taken. */
    bool in_snapshot;
    bool awaits_activation;
    /** The peer first gives back what this side lost. */
    bool awaits_own;
    /** Nothing more to read for now; look again at next_read_ms. */
    bool is_at_head;
    int64_t next_read_ms;
    int64_t next_bookmark_ms;
    /** Read up to here; the peer was told up to there, which is less while nothing is
     * its business; told ahead of its turn. */
    int64_t position;
    int64_t told_position;
    int64_t urgent_position;
    char snapshot_id[CPTS_UUID_TEXT_BYTES];
    int32_t next_chunk;
    /** Greatest position that a chunk of it was told to be of. */
    int64_t snapshot_position;
    /** The store's own chain as far as it was sent, and signed. */
    int64_t own_position;
    uint8_t own_hash[CPTS_SYNC_HASH_BYTES];
    int64_t signed_position;
    int32_t unsigned_count;
    int64_t unsigned_since_ms;
    int64_t unsigned_last_ms;
    /** What the peer asked for. */
    bool owes_bookmark;
    bool owes_digests;
    struct sync_slice slice;
    bool owes_own;
    int64_t own_after;
    struct sync_list buckets;
    struct sync_list aggregates;
    int32_t digest_tries;
    struct sync_mark marks[SYNC_MARKS];
    int32_t mark_count;
};

enum sync_sink_state {
    /** No resume has come. */
    SYNC_SINK_WAITS = 0,
    SYNC_SINK_STREAMS = 1,
    SYNC_SINK_STAGES = 2,
    /** Was fenced: takes its own back and nothing else. */
    SYNC_SINK_RESTORES = 3
};

/** Comparison of digests, as far as it got. */
enum sync_inspection_phase {
    SYNC_INSPECTION_IDLE = 0,
    SYNC_INSPECTION_BUCKETS = 1,
    SYNC_INSPECTION_AGGREGATES = 2,
    SYNC_INSPECTION_IMAGES = 3
};

struct sync_inspection {
    enum sync_inspection_phase phase;
    bool is_wanted;
    bool repairs;
    /** What is compared now. */
    struct sync_slice slice;
    int32_t rounds;
    /** Answers in a row that could not be compared. */
    int32_t late_count;
    /** Of the slices before. */
    size_t mismatch_count;
    /** What was found to differ in this comparison, each time that it was. */
    size_t noted_count;
    int64_t due_ms;
    /** int32_t each. */
    struct sync_list buckets;
    /** struct cpts_sync_aggregate each: the peer's, and what differs. */
    struct sync_list theirs;
    struct sync_list ours;
    struct sync_list differing;
    /** Of `differing`, asked for. */
    size_t asked_count;
};

/** The half that takes. */
struct sync_sink {
    enum sync_sink_state state;
    struct cpts_sync_cursor cursor;
    struct sync_chain chain;
    struct sync_assembly stream;
    /** What comes ahead of its turn, also between two parts of what was asked for. */
    struct sync_assembly urgent;
    /** What was asked for. */
    struct sync_assembly aside;
    struct sync_assembly chunk;
    /** What the peer may still send, and what is to be given back to it. */
    int64_t credit_changes;
    int64_t credit_bytes;
    int64_t return_changes;
    int64_t return_bytes;
    bool owes_ack;
    /** Chunks of this session's snapshot that are staged, or were with the last one. */
    int32_t staged_count;
    /** Checkpoints: the last valid one, since when changes wait for the next; and, when
     * they do from before this session, since when by the clock on the wall (0 = they do
     * not), and how long the chain was then. */
    int64_t checkpoint_position;
    int64_t unsigned_since_ms;
    int64_t unsigned_since_us;
    int64_t begun_position;
    bool is_late_told;
    /** What the peer gives back, and its chain. */
    bool awaits_own;
    bool own_is_whole;
    struct sync_chain own_chain;
    int32_t restored_epoch;
    struct sync_inspection inspection;
};

struct sync_session {
    struct cpts_sync_store store;
    const struct cpts_sync_link *link;
    struct cpts_sync_options options;
    struct cpts_sync_side side;
    const char *peer_node;
    const char *peer_scope;
    /** The peer is a copy for the people of a CPTS: it takes, and has nothing to tell. */
    bool peer_only_takes;
    struct cpts_sync_status status;
    struct cpts_sync_self self;
    struct cpts_sync_peer peer;
    bool has_hello;
    bool has_resume;
    bool is_over;
    bool was_ended_by_peer;
    /** A wish to catch up: the log was looked at, the peer has told its end. */
    bool catches_up;
    bool has_looked;
    bool has_bookmark;
    uint64_t features;
    int64_t heard_ms;
    /** For frames that are packed. */
    struct arena *scratch;
    struct sync_sender sender;
    struct sync_source source;
    struct sync_sink sink;
};

/** A frame that came, and its arena: a handler that keeps it sets it to NULL. */
struct sync_arrival {
    struct arena *arena;
    size_t byte_count;
};

/* sync_session.c */

/** Packs a frame without data for a lane; empties the scratch arena. */
CPTS_MUST_CHECK cpts_status cpts_sync_session__push(struct sync_session *session,
                                                    enum sync_lane lane,
                                                    const Cpts__V1__SyncFrame *frame,
                                                    struct cpts_error *err);
/** Packs one with data. */
CPTS_MUST_CHECK cpts_status cpts_sync_session__push_data(struct sync_session *session,
                                                         enum sync_lane lane,
                                                         const Cpts__V1__SyncFrame *frame,
                                                         int32_t change_count,
                                                         struct cpts_error *err);
/** Raises an alarm of the store. @p detail may be NULL. */
CPTS_MUST_CHECK cpts_status cpts_sync_session__alarm(struct sync_session *session,
                                                     enum cpts_sync_alarm alarm,
                                                     const char *aggregate_id, const char *detail,
                                                     struct cpts_error *err);
/** Whether @p status is one to try the store again after, a while later, and waits for
 * that; false when it was tried often enough. */
bool cpts_sync_session__waits(struct sync_session *session, cpts_status status, int32_t *tries);

/** Fills in defaults and checks what a caller gave.
 * @return INVALID_ARGUMENT / ARGUMENT_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_sync_session__check(const struct cpts_sync_store *store,
                                                     struct cpts_sync_options *options,
                                                     struct cpts_error *err);

/* sync_greeting.c */

CPTS_MUST_CHECK cpts_status cpts_sync_greeting__hello(struct sync_session *session,
                                                      struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_greeting__take_hello(struct sync_session *session,
                                                           const Cpts__V1__SyncHello *hello,
                                                           struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_greeting__take_resume(struct sync_session *session,
                                                            const Cpts__V1__SyncResume *resume,
                                                            struct cpts_error *err);

/* sync_source.c */

/** Reads, packs, signs: one step of what there is to do. */
CPTS_MUST_CHECK cpts_status cpts_sync_source__step(struct sync_session *session,
                                                   struct cpts_error *err);
/** When the next step has something to do, by cpts_ticks__ms(). */
int64_t cpts_sync_source__due_ms(const struct sync_session *session);
CPTS_MUST_CHECK cpts_status cpts_sync_source__take_ack(struct sync_session *session,
                                                       const Cpts__V1__SyncAck *ack,
                                                       struct cpts_error *err);
/** Looks at the log at the next step. */
void cpts_sync_source__wake(struct sync_session *session);
/** Packs a batch for a lane. */
CPTS_MUST_CHECK cpts_status cpts_sync_source__push_batch(struct sync_session *session,
                                                         enum sync_lane lane,
                                                         const struct cpts_sync_batch *batch,
                                                         struct cpts_error *err);
/** Tells the peer of what was read and is not its business, so that both are at the
 * same position. */
CPTS_MUST_CHECK cpts_status cpts_sync_source__catch_up(struct sync_session *session,
                                                       struct cpts_error *err);
void cpts_sync_source__done(struct sync_source *source);

/* sync_signing.c */

/** The peer has the store's own chain up to here, and a signed point of it there: what is
 * between is signed at the next step. 0 = what the peer has is not known. */
void cpts_sync_signing__begin(struct sync_session *session, int64_t position,
                              const uint8_t hash[CPTS_SYNC_HASH_BYTES], int64_t signed_position);
/** Goes along the store's own chain in a batch that is sent. */
void cpts_sync_signing__follow(struct sync_session *session, const struct cpts_sync_batch *batch);
/** When to sign, by cpts_ticks__ms(); INT64_MAX = there is nothing to. */
int64_t cpts_sync_signing__due_ms(const struct sync_session *session);
/** Signs as far as was sent. */
CPTS_MUST_CHECK cpts_status cpts_sync_signing__sign(struct sync_session *session,
                                                    struct cpts_error *err);

/* sync_snapshot.c */

CPTS_MUST_CHECK cpts_status cpts_sync_snapshot__begin(struct sync_session *session,
                                                      struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_snapshot__step(struct sync_session *session,
                                                     struct cpts_error *err);

/* sync_answer.c */

CPTS_MUST_CHECK cpts_status cpts_sync_answer__take_request(struct sync_session *session,
                                                           const Cpts__V1__SyncRequest *request,
                                                           struct cpts_error *err);
/** Whether a request waits for an answer that can be given now. */
bool cpts_sync_answer__is_due(const struct sync_session *session);
CPTS_MUST_CHECK cpts_status cpts_sync_answer__step(struct sync_session *session,
                                                   struct cpts_error *err);

/* sync_sink.c */

CPTS_MUST_CHECK cpts_status cpts_sync_sink__begin(struct sync_session *session,
                                                  const struct cpts_sync_resume *resume,
                                                  struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_sink__take_batch(struct sync_session *session,
                                                       const Cpts__V1__SyncBatch *message,
                                                       struct sync_arrival *arrival,
                                                       struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_sink__take_bookmark(struct sync_session *session,
                                                          const Cpts__V1__SyncBookmark *bookmark,
                                                          struct cpts_error *err);
/** Acknowledges, looks at the time, begins to compare digests. */
CPTS_MUST_CHECK cpts_status cpts_sync_sink__step(struct sync_session *session,
                                                 struct cpts_error *err);
int64_t cpts_sync_sink__due_ms(const struct sync_session *session);
/** Charges what came against the credit given.
 * @return INVALID_ARGUMENT / CREDIT_EXCEEDED. */
CPTS_MUST_CHECK cpts_status cpts_sync_sink__charge(struct sync_session *session, int64_t changes,
                                                   size_t byte_count, struct cpts_error *err);
/** Reads the store's cursor again, and begins the chain there. */
CPTS_MUST_CHECK cpts_status cpts_sync_sink__read_cursor(struct sync_session *session,
                                                        struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_sink__apply(struct sync_session *session,
                                                  const struct cpts_sync_batch *batch,
                                                  struct cpts_error *err);
void cpts_sync_sink__done(struct sync_sink *sink);

/* sync_evidence.c */

/** Takes a signed point of the peer's chain. */
CPTS_MUST_CHECK cpts_status cpts_sync_evidence__take(struct sync_session *session,
                                                     const Cpts__V1__SyncCheckpoint *message,
                                                     struct cpts_error *err);
/** What is signed of the chain that the store's cursor is of. */
void cpts_sync_evidence__begin(struct sync_session *session);
/** Tells once when changes have waited for one for too long, those of earlier sessions as
 * well: the peer has some time to sign, then it is late. */
CPTS_MUST_CHECK cpts_status cpts_sync_evidence__step(struct sync_session *session,
                                                     struct cpts_error *err);
/** When the next step may have something to tell; INT64_MAX = not before something comes. */
int64_t cpts_sync_evidence__due_ms(const struct sync_session *session);
/** The session is over: tells of a peer that sent on what it had not signed in an earlier
 * one, and left before it was late in this one. */
void cpts_sync_evidence__end(struct sync_session *session);
/** Walks along the chain of a batch that is to be applied, marks what is refused and
 * tells of it. @return ABORTED / GAP. */
CPTS_MUST_CHECK cpts_status cpts_sync_evidence__check(struct sync_session *session,
                                                      struct sync_assembly *assembly,
                                                      struct cpts_error *err);
/** The part of it that is about images: whose they are. Of a batch or a chunk. */
CPTS_MUST_CHECK cpts_status cpts_sync_evidence__check_images(struct sync_session *session,
                                                             struct sync_assembly *assembly,
                                                             struct cpts_error *err);

/* sync_staging.c */

CPTS_MUST_CHECK cpts_status cpts_sync_staging__take(struct sync_session *session,
                                                    const Cpts__V1__SyncSnapshot *message,
                                                    struct sync_arrival *arrival,
                                                    struct cpts_error *err);

/* sync_restoring.c */

/** The peer says that this side's chain is whole, and this side was restoring it when it
 * ended last: what is left is its new epoch. */
CPTS_MUST_CHECK cpts_status cpts_sync_restoring__complete(struct sync_session *session,
                                                          const struct cpts_sync_resume *resume,
                                                          struct cpts_error *err);
/** This side's chain is not the one that the peer knows. */
CPTS_MUST_CHECK cpts_status cpts_sync_restoring__begin(struct sync_session *session,
                                                       const struct cpts_sync_resume *resume,
                                                       struct cpts_error *err);
/** Asks for what the peer has of this side's own chain after a position, where its hash is
 * @p hash (32 bytes; not read at 0). */
CPTS_MUST_CHECK cpts_status cpts_sync_restoring__ask(struct sync_session *session, int64_t after,
                                                     const uint8_t *hash, struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_restoring__take(struct sync_session *session,
                                                      struct sync_assembly *assembly,
                                                      struct cpts_error *err);

/* sync_slice.c */

/** Adds an aggregate to the struct sync_list @p data. */
CPTS_MUST_CHECK cpts_status cpts_sync_slice__collect(const struct cpts_sync_aggregate *aggregate,
                                                     void *data, struct cpts_error *err);
/** Digests of the buckets of a slice, in CPTS_SYNC_BUCKETS places. */
CPTS_MUST_CHECK cpts_status cpts_sync_slice__read(struct sync_session *session,
                                                  const struct sync_slice *slice, bool as_source,
                                                  int64_t *ret_position,
                                                  uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES],
                                                  struct cpts_error *err);

/* sync_inspection.c */

/** Settles when digests are to be compared in this session. */
void cpts_sync_inspection__begin(struct sync_session *session);
void cpts_sync_inspection__want(struct sync_session *session, bool repairs);
CPTS_MUST_CHECK cpts_status cpts_sync_inspection__step(struct sync_session *session,
                                                       struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_inspection__take_digest(struct sync_session *session,
                                                              const Cpts__V1__SyncDigest *digest,
                                                              struct cpts_error *err);
/** A repair that was asked for has been applied. */
CPTS_MUST_CHECK cpts_status cpts_sync_inspection__repaired(struct sync_session *session,
                                                           struct cpts_error *err);
/** Whether all these were asked for last. */
bool cpts_sync_inspection__has_asked(const struct sync_session *session,
                                     const struct cpts_sync_image *images, size_t image_count);
void cpts_sync_inspection__done(struct sync_inspection *inspection);

#endif
