/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REFERRAL_SEAL_H
#define HANDLER_REFERRAL_SEAL_H

/**
 * @file
 * What the server checks of sealed parts: who signed, with which published key,
 * and for whom the keys are wrapped. Opening them is not possible to it.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>

#include "cpts/v1/referral.pb-c.h"
#include "wire/envelope.h"

struct call;

/** Checks the sealed parts of a new referral: sizes, the origin's signature with
 * a key that holds. @param ret_attempt Its hashes and the referral's id; the
 * attempt's id is not set.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, CONTENT_TOO_LARGE · NOT_FOUND /
 *         KEY_NOT_PUBLISHED · FAILED_PRECONDITION / KEY_NOT_VOUCHED, CONTENT_INVALID,
 *         SIGNATURE_INVALID. */
CPTS_MUST_CHECK cpts_status parts_check(const struct call *call, const uint8_t referral_id[16],
                                        const Cpts__V1__ReferralHeader *header,
                                        const Cpts__V1__SealedParts *parts,
                                        struct envelope_attempt *ret_attempt,
                                        struct cpts_error *err);

/** Checks a recipient's wrap: made and signed by @p wrapper for the recipient's
 * last key, over the hashes of @p attempt, whose assignment_id is set here: zeros
 * when the recipient has none, the origin itself.
 * @return as parts_check(), and FAILED_PRECONDITION / NOT_SEALED_FOR_RECIPIENT ·
 *         PERMISSION_DENIED / WRAP_NOT_YOURS: another one made it. */
CPTS_MUST_CHECK cpts_status wrap_check(const struct call *call,
                                       const Cpts__V1__Recipient *recipient,
                                       const uint8_t wrapper[16], struct envelope_attempt *attempt,
                                       struct cpts_error *err);

/** Checks a note: its id, sizes, keys for last keys only, and the signature of
 * @p author. @param assignment_id The attempt it is about.
 * @return as wrap_check(), and PERMISSION_DENIED / WRONG_PARTY: signed by another
 *         CPTS than the caller's. */
CPTS_MUST_CHECK cpts_status note_check(const struct call *call,
                                       const struct envelope_note_place *place,
                                       const Cpts__V1__SealedNote *note, const uint8_t author[16],
                                       struct cpts_error *err);

#endif
