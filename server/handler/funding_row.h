/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_FUNDING_ROW_H
#define HANDLER_FUNDING_ROW_H

/**
 * @file
 * What GetEntitlement and GetBudget share: the question, and the rows of
 * cpts.funding_facts() as facts of domain/entitlement_rules.h.
 *
 * Threads: the completion-queue thread for questions, the lane's for rows.
 */

#include <cpts/status.h>
#include <stdbool.h>

#include "cpts/v1/funding.pb-c.h"
#include "domain/entitlement_rules.h"
#include "handler/achieved_list.h"

struct arena;
struct call;
struct rows;

/** Columns of entitlement_get.sql and budget.sql. */
enum funding_column {
    FUNDING_CPTS_ID,
    FUNDING_VERSION,
    FUNDING_NAME,
    FUNDING_LEAD_REGION,
    FUNDING_SYNTHETIC,
    FUNDING_LETTER_ON,
    FUNDING_PROJECT_ON,
    FUNDING_SIGNED_ON,
    FUNDING_RENEWED_ON,
    FUNDING_ENDED_ON,
    FUNDING_LETTER_SIZE,
    FUNDING_SIZE,
    FUNDING_POPULATION,
    FUNDING_MISSION_STEPS,
    FUNDING_CRISIS_FACTS,
    FUNDING_LOCKED_VALUES,
    FUNDING_STEP_TABLES,
    FUNDING_INDICATORS, /* on the first row */
    FUNDING_KNOWN_AT,
    FUNDING_REGION_NAME,
};

/** A question about a year; texts in the call's arena. */
struct funding_question {
    int year;
    const char *as_of;
    const char *known_at;                    /**< NULL = now */
    struct achieved_definitions definitions; /**< funding_indicators_read() */
};

/** Checks and completes a question. INVALID_ARGUMENT / FIELD_INVALID with the
 * fields `year`, `as_of`, `known_at`. */
CPTS_MUST_CHECK cpts_status funding_question_read(struct call *call, int32_t year,
                                                  const char *as_of,
                                                  const Google__Protobuf__Timestamp *known_at,
                                                  struct funding_question *ret_question,
                                                  struct cpts_error *err);

/** The indicators of the year, of the first row; before any facts. They live in
 * the call's arena. @return false when it is full, or the row makes no sense. */
bool funding_indicators_read(struct call *call, const struct rows *rows,
                             struct funding_question *question);

/** The facts of a row; they borrow from it, from @p question and from @p arena.
 * @return false when the arena is full, or the row makes no sense. */
bool funding_row_read(const struct rows *rows, int row, const struct funding_question *question,
                      struct arena *arena, struct entitlement_facts *ret_facts);

/** A message of sums in the call's arena; NULL when it is full. */
Cpts__V1__FundingTotals *funding_totals_message(struct call *call,
                                                const struct entitlement_totals *totals);

#endif
