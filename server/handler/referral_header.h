/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REFERRAL_HEADER_H
#define HANDLER_REFERRAL_HEADER_H

/**
 * @file
 * The order of a referral, before anything of it is stored.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>
#include <stdbool.h>

#include "cpts/v1/referral.pb-c.h"

struct call;

/** Checks the order of a new referral; a vital urgency is refused with the notice
 * to call 15 or 112.
 * @return CPTS_OK · FAILED_PRECONDITION / VITAL_URGENCY, LEGAL_BASIS_REQUIRED,
 *         CONSENT_REQUIRED · PERMISSION_DENIED / WRONG_PARTY: the caller acts for
 *         another CPTS · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         UNKNOWN_UNIT, FINESS_INVALID, DATE_IN_FUTURE. */
CPTS_MUST_CHECK cpts_status referral_header_check(const struct call *call,
                                                  const Cpts__V1__ReferralHeader *header,
                                                  struct cpts_error *err);

/** SHA-256 of a consent, packed, for the log: in the call's arena, empty without one.
 * @return false when the arena is full. */
bool consent_hash(struct call *call, const Cpts__V1__Consent *consent,
                  ProtobufCBinaryData *ret_hash);

/** Checks a consent. INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID, DATE_IN_FUTURE. */
CPTS_MUST_CHECK cpts_status consent_check(const Cpts__V1__Consent *consent, struct cpts_error *err);

#endif
