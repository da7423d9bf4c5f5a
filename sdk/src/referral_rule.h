/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_REFERRAL_RULE_H
#define SDK_REFERRAL_RULE_H

/**
 * @file
 * What the library refuses by itself, as the node would.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/referral_act.h>

/** What an act is about, its blanks filled from what its caller has seen. */
struct referral_target {
    const char *referral_id;
    /** Empty for a step of the referral itself. */
    const char *assignment_id;
    int32_t expected_version;
};

/** Whether steps of that kind are of the referral itself, not of an attempt. */
bool cpts_referral__is_of_whole(enum cpts_referral_event event);

/** Fills the blanks of @p target from @p seen (NULL: they stay) and judges.
 * @return as cpts_referral_may(). */
CPTS_MUST_CHECK cpts_status cpts_referral__aim(const struct cpts_referral *seen,
                                               enum cpts_referral_event event,
                                               struct referral_target *target,
                                               struct cpts_error *err);

/** Checks that a step that needs a coded reason or a note has it.
 * @return CPTS_OK · INVALID_ARGUMENT / REFUSAL_REASON_REQUIRED, FIELD_REQUIRED. */
CPTS_MUST_CHECK cpts_status cpts_referral__check_needs(const struct cpts_referral *seen,
                                                       enum cpts_referral_event event,
                                                       bool has_reason, bool has_note,
                                                       struct cpts_error *err);

/** Checks a header that is to be submitted: vital urgency, legal basis, consent.
 * @return CPTS_OK · FAILED_PRECONDITION / VITAL_URGENCY, LEGAL_BASIS_REQUIRED,
 *         CONSENT_REQUIRED. */
CPTS_MUST_CHECK cpts_status cpts_referral__check_header(const struct cpts_referral_header *header,
                                                        struct cpts_error *err);

#endif
