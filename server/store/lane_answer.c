/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/call.h"
#include "base/log.h"
#include "store/lane_internal.h"
#include "store/query.h"
#include "store/result.h"
#include "store/sqlstate.h"
#include "wire/error.h"

/** Delay asked for with a refusal that may be repeated: at random between these
 * two, so that the refused do not come back together. */
#define RETRY_AFTER_LEAST_MS 50
#define RETRY_AFTER_SPREAD_MS 150

void lane_answer_rows(struct lane *lane, const struct ticket *ticket, PGresult *result)
{
    const struct rows rows = {.result = result};
    atomic_fetch_add(&lane->calls_done, 1);
    if (ticket->in_doubt)
        atomic_fetch_add(&lane->outcomes_resolved, 1);
    ticket->call->done(ticket->call, CPTS_OK, &rows);
    PQclear(result);
}

static void answer_failure(struct call *call)
{
    if (call->error.retryable && call->error.status != CPTS_DEADLINE_EXCEEDED) {
        call->error.retry_after_ms =
            RETRY_AFTER_LEAST_MS + (int32_t)arc4random_uniform(RETRY_AFTER_SPREAD_MS);
    }
    call->done(call, call->error.status, NULL);
}

void lane_answer_reason(struct lane *lane, struct call *call, enum reason reason,
                        const char *sentence)
{
    if (reason == REASON_QUEUE_FULL)
        atomic_fetch_add(&lane->calls_refused, 1);
    else
        atomic_fetch_add(&lane->calls_done, 1);
    (void)error_set(&call->error, reason, "%s", sentence);
    answer_failure(call);
}

void lane_answer_unknown(struct lane *lane, struct call *call)
{
    atomic_fetch_add(&lane->outcomes_unknown, 1);
    lane_answer_reason(lane, call, REASON_OUTCOME_UNKNOWN,
                       "the database did not say whether the command was carried out; repeat it "
                       "with the same command_id");
}

void lane_answer_expired(struct lane *lane, const struct ticket *ticket)
{
    if (ticket->in_doubt) {
        lane_answer_unknown(lane, ticket->call);
        return;
    }
    atomic_fetch_add(&lane->calls_expired, 1);
    if (atomic_load(&lane->connected_count) > 0)
        lane_answer_reason(lane, ticket->call, REASON_DEADLINE_PASSED,
                           "the deadline passed before the database was asked");
    else
        lane_answer_reason(lane, ticket->call, REASON_DATABASE_UNAVAILABLE,
                           "the database cannot be reached");
}

static const char *error_field(const PGresult *error, int code)
{
    const char *text = PQresultErrorField(error, code);
    return text == NULL ? "" : text;
}

/** The database's own words go to the log only: they may name what a caller
 * must not see. */
static void log_error(const struct call *call, enum reason reason, const PGresult *error)
{
    static struct log_limit limit;
    log_write_limited(
        &limit, reason == REASON_INTERNAL_ERROR ? LOG_ERROR : LOG_WARNING, "store",
        "statement %s failed: SQLSTATE %s, %s%s%s", statement_table[call->query->statement].name,
        error_field(error, PG_DIAG_SQLSTATE), error_field(error, PG_DIAG_MESSAGE_PRIMARY),
        error_field(error, PG_DIAG_CONSTRAINT_NAME)[0] == '\0' ? "" : ", constraint ",
        error_field(error, PG_DIAG_CONSTRAINT_NAME));
}

static const char *describe(enum reason reason)
{
    switch (reason) {
    case REASON_DATABASE_BUSY:
        return "the database was busy; nothing was done";
    case REASON_DATABASE_UNAVAILABLE:
        return "the database cannot carry this out now; nothing was done";
    case REASON_STATEMENT_TOO_LONG:
        return "the database gave up on the statement; nothing was done";
    case REASON_OUT_OF_SCOPE:
        return "the record is outside the caller's scope";
    case REASON_INTERNAL_ERROR:
        return "the server made a mistake; nothing was done";
    default:
        return "the value is refused";
    }
}

void lane_answer_error(struct lane *lane, struct call *call, const PGresult *error)
{
    const char *field;
    enum reason reason = sqlstate_reason(error_field(error, PG_DIAG_SQLSTATE),
                                         error_field(error, PG_DIAG_CONSTRAINT_NAME), &field);
    log_error(call, reason, error);
    atomic_fetch_add(&lane->calls_done, 1);
    (void)error_set_field(&call->error, reason, field, "%s", describe(reason));
    answer_failure(call);
}
