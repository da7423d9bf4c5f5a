/* SPDX-License-Identifier: Apache-2.0 */
#include "store/dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/inquiry.h"
#include "store/query.h"
#include "store/result.h"
#include "store/sqlstate.h"
#include "wire/error.h"
#include "wire/failpoint.h"

#define NS_PER_MS INT64_C(1000000)
/* A snapshot is put in place by one statement. */
#define STATEMENT_TIMEOUT_MS 600000
#define LOCK_TIMEOUT_MS 30000
#define SILENCE_MS (STATEMENT_TIMEOUT_MS + LOCK_TIMEOUT_MS + 5000)
/* How long the first question of a session waits for a connection. */
#define CONNECT_MS 10000
#define BINARY 1
#define SCOPE_PARAMETERS 2
#define ALL "*"

struct dialogue {
    struct dialogue_options options;
    struct inquiry inquiry;
    bool has_scope; /* in the session that stands */
    struct rows rows;
};

/* What has come of one transaction. */
struct outcome {
    int wanted; /* the statement whose rows are kept */
    int index;  /* of the statement whose results come */
    PGresult *rows;
    PGresult *error;
};

cpts_status dialogue_open(const struct dialogue_options *options, struct dialogue **ret_dialogue,
                          struct cpts_error *err)
{
    const struct connection_options connection = {
        .conninfo = options->conninfo,
        .application_name = options->name,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
        .lock_timeout_ms = LOCK_TIMEOUT_MS,
    };
    struct dialogue *dialogue = calloc(1, sizeof *dialogue);
    if (dialogue == NULL || !inquiry_init(&dialogue->inquiry, &connection, SILENCE_MS)) {
        free(dialogue);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a connection");
    }
    dialogue->options = *options;
    *ret_dialogue = dialogue;
    return CPTS_OK;
}

void dialogue_stop(struct dialogue *dialogue)
{
    inquiry_stop(&dialogue->inquiry);
}

static void forget_rows(struct dialogue *dialogue)
{
    PQclear((PGresult *)(uintptr_t)dialogue->rows.result);
    dialogue->rows.result = NULL;
}

void dialogue_close(struct dialogue *dialogue)
{
    if (dialogue == NULL)
        return;
    forget_rows(dialogue);
    inquiry_done(&dialogue->inquiry);
    free(dialogue);
}

static void lose(struct dialogue *dialogue, const char *why)
{
    dialogue->has_scope = false;
    connection_lose(&dialogue->inquiry.connection, why, clock_monotonic_ns());
}

static cpts_status unavailable(const struct dialogue *dialogue, struct cpts_error *err)
{
    if (atomic_load(&dialogue->inquiry.is_stopped))
        return error_set(err, REASON_SHUTTING_DOWN, "the node stops");
    return error_set(err, REASON_DATABASE_UNAVAILABLE, "the database does not answer");
}

/* A session that stands, and acts for everybody. */
static cpts_status become_ready(struct dialogue *dialogue, struct cpts_error *err)
{
    static const char *const SCOPE[] = {ALL};
    PGresult *ignored = NULL;
    if (!inquiry_become_ready_within(&dialogue->inquiry, CONNECT_MS))
        return unavailable(dialogue, err);
    if (dialogue->has_scope)
        return CPTS_OK;
    if (!inquiry_ask(&dialogue->inquiry, STATEMENT_SESSION_SCOPE, SCOPE, 1, &ignored))
        return unavailable(dialogue, err);
    PQclear(ignored);
    dialogue->has_scope = true;
    return CPTS_OK;
}

/* Sending. */

static bool send_texts(PGconn *pg, enum statement_id statement, const char *const *values,
                       int count)
{
    return PQsendQueryPrepared(pg, statement_table[statement].name, count, values, NULL, NULL, 0) ==
           1;
}

static bool send_query(PGconn *pg, const struct query *query)
{
    return PQsendQueryPrepared(pg, statement_table[query->statement].name, query->parameter_count,
                               query->values, query->lengths, query->formats, BINARY) == 1;
}

/* @param ret_wanted  Which of the statements is the query. */
static bool send_all(struct dialogue *dialogue, const struct query *query,
                     enum dialogue_manner manner, int *ret_wanted)
{
    PGconn *pg = dialogue->inquiry.connection.pg;
    const char *const scope[SCOPE_PARAMETERS] = {ALL, dialogue->options.principal};
    bool is_logged = manner == DIALOGUE_LOGGED;
    bool is_sent = true;
    *ret_wanted = is_logged ? 3 : 1;
    if (is_logged)
        is_sent = send_texts(pg, STATEMENT_LOG_LOCK, NULL, 0) &&
                  send_texts(pg, STATEMENT_LOG_BEGIN, &dialogue->options.node, 1);
    is_sent = is_sent && send_texts(pg, STATEMENT_SCOPE_SET, scope, SCOPE_PARAMETERS) &&
              send_query(pg, query);
    if (is_sent && is_logged)
        is_sent = send_texts(pg, STATEMENT_LOG_NOTIFY, NULL, 0);
    return is_sent && PQpipelineSync(pg) == 1 && connection_flush(&dialogue->inquiry.connection);
}

/* Receiving. */

/* @return true at the end of the transaction. */
static bool take_result(struct outcome *outcome, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    PGresult **keep = NULL;
    if (status == PGRES_FATAL_ERROR && outcome->error == NULL)
        keep = &outcome->error;
    else if (status == PGRES_TUPLES_OK && outcome->index == outcome->wanted)
        keep = &outcome->rows;
    if (keep != NULL)
        *keep = result;
    else
        PQclear(result);
    outcome->index++;
    return status == PGRES_PIPELINE_SYNC;
}

/* Reads what is there. @return true at the end of the transaction. */
static bool read_results(PGconn *pg, struct outcome *outcome)
{
    int nulls_in_a_row = 0;
    while (nulls_in_a_row < 2 && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        nulls_in_a_row = result == NULL ? nulls_in_a_row + 1 : 0;
        if (result != NULL && take_result(outcome, result))
            return true;
    }
    return false;
}

/* @return false when the session is lost, or the dialogue stopped. */
static bool receive_all(struct dialogue *dialogue, struct outcome *outcome)
{
    struct inquiry *inquiry = &dialogue->inquiry;
    PGconn *pg = inquiry->connection.pg;
    int64_t end_ns = clock_monotonic_ns() + SILENCE_MS * NS_PER_MS;
    while (!read_results(pg, outcome)) {
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns >= end_ns || atomic_load(&inquiry->is_stopped))
            return false;
        inquiry_wait(inquiry, (end_ns - now_ns) / NS_PER_MS + 1);
        if (PQconsumeInput(pg) != 1 || !connection_flush(&inquiry->connection) ||
            PQstatus(pg) == CONNECTION_BAD)
            return false;
    }
    return true;
}

static cpts_status fail_with(struct dialogue *dialogue, const PGresult *error,
                             struct cpts_error *err)
{
    const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(error, PG_DIAG_CONSTRAINT_NAME);
    const char *message = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);
    const char *field = "";
    sqlstate = sqlstate == NULL ? "" : sqlstate;
    enum reason reason = sqlstate_reason(sqlstate, constraint, &field);
    log_write(reason_retryable(reason) ? LOG_WARNING : LOG_ERROR, "store", "%s: %s: %s",
              dialogue->options.name, sqlstate, message == NULL ? "" : message);
    if (sqlstate_needs_new_session(sqlstate, true))
        lose(dialogue, "the session is out of date");
    return error_set(err, reason, "the database says: %.200s", message == NULL ? "" : message);
}

cpts_status dialogue_ask(struct dialogue *dialogue, const struct query *query,
                         enum dialogue_manner manner, const struct rows **ret_rows,
                         struct cpts_error *err)
{
    struct outcome outcome = {0};
    forget_rows(dialogue);
    if (query == NULL || query->failed)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a statement");
    cpts_status status = become_ready(dialogue, err);
    if (status != CPTS_OK)
        return status;
    bool is_sent = send_all(dialogue, query, manner, &outcome.wanted);
    FAILPOINT("store/before_answer");
    bool is_over = is_sent && receive_all(dialogue, &outcome);
    if (!is_over) {
        PQclear(outcome.rows);
        PQclear(outcome.error);
        lose(dialogue, NULL);
        return unavailable(dialogue, err);
    }
    if (outcome.error != NULL) {
        status = fail_with(dialogue, outcome.error, err);
        PQclear(outcome.error);
        PQclear(outcome.rows);
        return status;
    }
    dialogue->rows.result = outcome.rows;
    if (ret_rows != NULL)
        *ret_rows = &dialogue->rows;
    return CPTS_OK;
}
