/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REFERRAL_MESSAGE_H
#define HANDLER_REFERRAL_MESSAGE_H

/**
 * @file
 * A referral from rows: what reads of one and worklists share.
 *
 * Threads: the lane's thread.
 */

#include <cpts/status.h>

#include "cpts/v1/referral.pb-c.h"
#include "wire/referral_step.h"

struct call;
struct principal;
struct rows;

/** Columns of a referral in every statement that gives some; 0 is the statement's own. */
enum referral_column {
    REFERRAL_COLUMN_ID = 1,
    REFERRAL_COLUMN_VERSION,
    REFERRAL_COLUMN_STATUS,
    REFERRAL_COLUMN_USE_CASE,
    REFERRAL_COLUMN_URGENCY,
    REFERRAL_COLUMN_PROFESSION,
    REFERRAL_COLUMN_SPECIALITY,
    REFERRAL_COLUMN_UNIT_CODE,
    REFERRAL_COLUMN_ORIGIN_ID,
    REFERRAL_COLUMN_ORIGIN_NAME,
    REFERRAL_COLUMN_ORIGIN_REGION,
    REFERRAL_COLUMN_CUSTODIAN_ID,
    REFERRAL_COLUMN_UNROUTABLE,
    REFERRAL_COLUMN_IN_ERROR,
    REFERRAL_COLUMN_CONSENT_WITHDRAWN,
    REFERRAL_COLUMN_ERASED,
    REFERRAL_COLUMN_SYNTHETIC,
    REFERRAL_COLUMN_CREATED,
    REFERRAL_COLUMN_UPDATED,
    REFERRAL_COLUMN_REASON,
    REFERRAL_COLUMN_PROPOSED_ID,
    REFERRAL_COLUMN_FINESS,
    REFERRAL_COLUMN_LEGAL_BASIS,
    REFERRAL_COLUMN_CONSENT,
    REFERRAL_COLUMN_PATHWAY_ID,
    REFERRAL_COLUMN_PATHWAY_STEP,
    REFERRAL_COLUMN_OVERDUE,
    REFERRAL_COLUMN_TO_REWRAP,
};

/** Columns of an attempt, behind those. */
enum attempt_column {
    ATTEMPT_COLUMN_ID = REFERRAL_COLUMN_TO_REWRAP + 1,
    ATTEMPT_COLUMN_DESTINATION_ID,
    ATTEMPT_COLUMN_DESTINATION_NAME,
    ATTEMPT_COLUMN_VERSION,
    ATTEMPT_COLUMN_STATE,
    ATTEMPT_COLUMN_OVERDUE,
    ATTEMPT_COLUMN_NO_SHOWS,
    ATTEMPT_COLUMN_HOP,
    ATTEMPT_COLUMN_REASON,
    ATTEMPT_COLUMN_SCHEDULED,
    ATTEMPT_COLUMN_SUBMITTED,
    ATTEMPT_COLUMN_STATE_AT,
    ATTEMPT_COLUMN_IN_ERROR,
    ATTEMPT_COLUMN_DISPUTES,
    ATTEMPT_COLUMN_TO_REWRAP,
    ATTEMPT_COLUMN_END,
};

/** What the caller is in a referral of that origin, which row-level security shows it. */
enum party referral_party_of(const struct principal *principal, const char *origin_id);

/** The referral of @p row with the attempts of the @p row_count rows from there on; a row
 * without an attempt has none. In the call's arena, texts borrowed from the rows.
 * @return CPTS_OK · INTERNAL / INTERNAL_ERROR · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status referral_read(struct call *call, const struct rows *rows, int row,
                                          int row_count, Cpts__V1__Referral **ret_referral,
                                          struct cpts_error *err);

/** The packed consent that @p text holds in hexadecimal; nothing when it is empty. In the call's
 * arena.
 * @return CPTS_OK · INTERNAL / INTERNAL_ERROR · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status referral_consent_read(struct call *call, const char *text,
                                                  Cpts__V1__Consent **ret_consent,
                                                  struct cpts_error *err);

/** What a clock's four cells say; NULL when the arena is full. */
Cpts__V1__ReferralClock *referral_clock_message(struct call *call, const char *assignment_id,
                                                const char *kind, int64_t fire_us, int32_t level);

/** Fails with the reason that @p outcome names, unless it is OK. */
CPTS_MUST_CHECK cpts_status referral_outcome_check(const char *outcome, struct cpts_error *err);

#endif
