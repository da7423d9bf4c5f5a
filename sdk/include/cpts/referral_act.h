/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_ACT_H
#define CPTS_REFERRAL_ACT_H

/**
 * @file
 * What is done to referrals: the steps of the table, another destination, consent,
 * what waited too long in an outbox.
 *
 * The library has the same table as the node. An act on a referral that the caller
 * holds (`seen`) is judged here first, also without a connection: what the table
 * forbids is refused without a call, with the acts that are allowed.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/referral.h>
#include <cpts/seal.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A destination. */
struct cpts_sealed_recipient {
    const char *cpts_id;
    /** Id of the attempt and the packed keys for it (cpts_referral_wrap()); NULL and
     * none for a proposal that the origin has yet to seal for. */
    const char *assignment_id;
    struct cpts_bytes wrap;
};

/** A step of the table. */
struct cpts_referral_act {
    size_t size;
    const struct cpts_actor *actor;
    /** As read before, to be judged here first; NULL = the node judges. */
    const struct cpts_referral *seen;
    /** NULL or empty = that of `seen`. */
    const char *referral_id;
    /** NULL or empty = the one attempt of `seen` that is active; none for a step of
     * the referral itself. */
    const char *assignment_id;
    /** Of the assignment, of the referral for its own steps; 0 = as in `seen`. */
    int32_t expected_version;
    enum cpts_referral_event event;
    /** Code (cpts_referral_reasons()), where the step has one. */
    const char *reason;
    /** A cpts.v1.SealedNote (cpts_note_seal()), the same bytes with each repetition;
     * none where the step has none. */
    struct cpts_bytes note;
    /** With SCHEDULE. */
    int64_t scheduled_for_us;
    /** It waited in an outbox: refused because the state moved on, it is kept by the
     * node for somebody to decide. */
    bool queued;
};

struct cpts_submission;

/** Keeps a sealed command (cpts/submission.h) where it outlives this process, before
 * it is sent first.
 * @return CPTS_OK, or any other status with @p err filled: it is not sent. */
typedef cpts_status cpts_submission_keeper(const struct cpts_submission *submission, void *data,
                                           struct cpts_error *err);

/** Another destination: by REDIRECT from an attempt, by REASSIGN or WIDEN of the
 * referral. Or the same one, sealed for again: by REWRAP. */
struct cpts_referral_turn {
    size_t size;
    const struct cpts_actor *actor;
    const struct cpts_referral *seen;
    /** These three as in struct cpts_referral_act. */
    const char *referral_id;
    const char *assignment_id;
    int32_t expected_version;
    /** REDIRECT: exactly one; REASSIGN: 1..10, asked at once; WIDEN: none; REWRAP:
     * exactly one, with the id of the attempt that it is the destination of, or with
     * an empty one: the origin. */
    const struct cpts_sealed_recipient *recipients;
    size_t recipient_count;
    /** REASSIGN: to be asked later. */
    const struct cpts_sealed_recipient *candidates;
    size_t candidate_count;
    /** With wraps: hashes of both ciphertexts, which they are signed over
     * (cpts_letter_wrap()). */
    const uint8_t *offer_sha256;
    const uint8_t *content_sha256;
    /** REDIRECT. */
    const char *reason;
    struct cpts_bytes note;
    bool queued;
    /** Called with what is about to be sent, NULL = nobody: sealing again gives other
     * bytes, so that only what was kept repeats the command after a lost answer. */
    cpts_submission_keeper *keep;
    void *keep_data;
};

/** What an act did. */
struct cpts_referral_outcome {
    const char *id;
    /** Of the assignment where it was about one, else of the referral. */
    int32_t version;
    int64_t log_position;
    /** The outcome of an earlier, equal command was given again. */
    bool replayed;
    enum cpts_referral_status status;
    /** UNSPECIFIED when it was about none. */
    enum cpts_assignment_state state;
    /** What the caller may do next. */
    const enum cpts_referral_event *allowed;
    size_t allowed_count;
    const void *message;
};

typedef void cpts_referral_outcome_callback(cpts_status status,
                                            struct cpts_referral_outcome *outcome,
                                            const struct cpts_error *err, void *data);

/**
 * Whether the table lets the caller of @p seen take that step now; asks nobody.
 *
 * @param assignment_id  NULL = as in struct cpts_referral_act.
 * @return CPTS_OK: the node may still say no, to what only it knows ·
 *         FAILED_PRECONDITION / ILLEGAL_REFERRAL_ACT (`detail`: state, version and
 *         the acts allowed, `DELIVERED 4 ACCEPT,DECLINE`) · PERMISSION_DENIED /
 *         WRONG_PARTY: another party's step · NOT_FOUND / REFERRAL_NOT_FOUND: no
 *         such attempt in it · INVALID_ARGUMENT / ARGUMENT_INVALID: no such step.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_may(const struct cpts_referral *seen,
                                                       const char *assignment_id,
                                                       enum cpts_referral_event event,
                                                       struct cpts_error *err);

/*
 * The commands; command_id as in cpts/command.h. They return what
 * cpts_referral_may() says of `seen`, CPTS_OK, UNKNOWN / OUTCOME_UNKNOWN, and of
 * the node: NOT_FOUND / REFERRAL_NOT_FOUND · ABORTED / STALE_VERSION and
 * FAILED_PRECONDITION / ILLEGAL_REFERRAL_ACT (`detail` as above) · PERMISSION_DENIED
 * / WRONG_PARTY · INVALID_ARGUMENT / ACTOR_INVALID, REFUSAL_REASON_REQUIRED,
 * UNKNOWN_REFUSAL_REASON · FAILED_PRECONDITION / NOT_SEALED_FOR_RECIPIENT,
 * SIGNATURE_INVALID, KEY_NOT_VOUCHED, KEY_NOT_PUBLISHED, RECIPIENT_NOT_ELIGIBLE,
 * REDIRECT_CYCLE, REDIRECT_LIMIT, CONSENT_WITHDRAWN, NOT_OWNER · ALREADY_EXISTS /
 * COMMAND_ID_REUSED · what any call may end with (cpts/client.h).
 */
/* clang-format off */

/** Takes a step, other than the next four. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_do(
    cpts_client *client, const struct cpts_referral_act *act, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/** Sends an attempt on to another CPTS. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_redirect(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/** Chooses again after the last attempt ended without success. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_reassign(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/** Seals the keys again, after a merge or for a side that lost its own: the origin for
 * the destination of an attempt, the custodian for the origin, either for itself with
 * the keys of the CPTS that merged into it. The wrap is that of cpts_letter_wrap(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_rewrap(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/** Asks the next candidate as well. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_widen(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/** The same without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_do_start(
    cpts_client *client, const struct cpts_referral_act *act, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_redirect_start(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_reassign_start(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_rewrap_start(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_widen_start(
    cpts_client *client, const struct cpts_referral_turn *turn, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** The response as proto3 JSON; NULL when memory is out. Free with cpts_string_free(). */
CPTS_API char *cpts_referral_outcome_json(const struct cpts_referral_outcome *outcome,
                                          int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_referral_outcome_free(struct cpts_referral_outcome *outcome);

#ifdef __cplusplus
}
#endif
#endif
