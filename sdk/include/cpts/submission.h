/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SUBMISSION_H
#define CPTS_SUBMISSION_H

/**
 * @file
 * Submitting a referral: the recipients' keys are found and checked, the parts
 * sealed and signed, the sealed bytes kept by the caller, and only then sent. The
 * same for what is sealed afterwards (cpts_referral_redirect(), _reassign(), _rewrap()).
 *
 * A submission is nothing secret. Its bytes have its command_id, its ids and the
 * actor: sent again, after a lost answer or a restart, they are the same command.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/referral_act.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A referral to be sealed and submitted. */
struct cpts_referral_draft {
    size_t size;
    const struct cpts_actor *actor;
    const struct cpts_referral_header *header;
    /** NULL = minted. To be minted before when attachments are sealed for it. */
    const char *referral_id;
    /** What a destination needs to decide; names nobody. */
    struct cpts_bytes offer;
    /** Identity and clinical content. */
    struct cpts_bytes content;
    /** CPTS asked at once; none: unroutable, counted at its commune. Together with
     * the candidates at most CPTS_RECIPIENTS_MAX. */
    const char *const *destination_ids;
    size_t destination_count;
    /** CPTS to be asked later, in this order; sealed for now. */
    const char *const *candidate_ids;
    size_t candidate_count;
    /** For cpts_referral_submit(). */
    cpts_submission_keeper *keep;
    void *keep_data;
};

/** A sealed referral, or another sealed command about one, ready to be sent. */
struct cpts_submission {
    char referral_id[CPTS_UUID_TEXT_BYTES];
    char command_id[CPTS_UUID_TEXT_BYTES];
    /** To be kept: the path of the RPC, a line feed, its packed request. */
    struct cpts_bytes bytes;
    /** SUBMIT, REDIRECT, REASSIGN, REWRAP or WIDEN. */
    enum cpts_referral_event event;
};

/* clang-format off */

/**
 * Seals a draft without any node.
 *
 * @param store  The origin's. @param keys  Of the destinations, then of the
 *               candidates, as cpts_keys_get() gave them for the serial 0.
 * @param ret_submission  Release it with cpts_submission_free().
 * @return CPTS_OK · FAILED_PRECONDITION / VITAL_URGENCY (15 or 112),
 *         LEGAL_BASIS_REQUIRED, CONSENT_REQUIRED · INVALID_ARGUMENT /
 *         CONTENT_TOO_LARGE, ARGUMENT_INVALID · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_submission_seal(
    const cpts_keystore *store, const struct cpts_referral_draft *draft,
    const struct cpts_key *keys, struct cpts_submission **ret_submission, struct cpts_error *err);

/** Reads the bytes of a submission that was kept.
 * @return CPTS_OK · INVALID_ARGUMENT / MALFORMED_MESSAGE · OUT_OF_MEMORY. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_submission_read(
    struct cpts_bytes bytes, struct cpts_submission **ret_submission, struct cpts_error *err);

/** Sends a submission, the first time or again.
 * @return as the commands of cpts/referral_act.h, and FAILED_PRECONDITION /
 *         RECIPIENT_NOT_ELIGIBLE · NOT_FOUND / RECIPIENT_UNKNOWN · INVALID_ARGUMENT
 *         / UNKNOWN_UNIT, UNKNOWN_PROFESSION. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_submission_send(
    cpts_client *client, const struct cpts_submission *submission, int32_t timeout_ms,
    struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_submission_send_start(
    cpts_client *client, const struct cpts_submission *submission,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** All of it: the keys, the seal, `keep`, the sending. Without waiting:
 * cpts_keys_get_start(), cpts_submission_seal(), cpts_submission_send_start().
 * @return as these, as cpts_keys_get(), and what `keep` returned. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_submit(
    cpts_client *client, const cpts_keystore *store, const struct cpts_referral_draft *draft,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

/* clang-format on */

/** NULL is fine. */
CPTS_API void cpts_submission_free(struct cpts_submission *submission);

#ifdef __cplusplus
}
#endif
#endif
