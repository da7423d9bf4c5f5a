/* SPDX-License-Identifier: Apache-2.0 */
#include "store/batch.h"

#include <string.h>

#include "base/call.h"
#include "store/query.h"

/** Message headers, the statement's name and its row description. */
#define CALL_OVERHEAD_BYTES 160
#define PARAMETER_OVERHEAD_BYTES 8

size_t batch_weigh(const struct call *call)
{
    const struct query *query = call->query;
    size_t weight =
        CALL_OVERHEAD_BYTES + strlen(call->principal.uri) + strlen(call->principal.scope);
    for (int i = 0; i < query->parameter_count; i++)
        weight += PARAMETER_OVERHEAD_BYTES + (size_t)query->lengths[i];
    return weight;
}

/** Queues one statement whose parameters are texts. */
static bool send_texts(struct batch *batch, PGconn *pg, enum batch_step step,
                       enum statement_id statement, const char *const values[2])
{
    int count = 0;
    while (count < 2 && values[count] != NULL)
        count++;
    batch->steps[batch->step_count++] = (unsigned char)step;
    return PQsendQueryPrepared(pg, statement_table[statement].name, count, values, NULL, NULL, 0) ==
           1;
}

static bool send_prologue(struct batch *batch, PGconn *pg, const char *node)
{
    const char *const nothing[2] = {NULL, NULL};
    const char *const node_only[2] = {node, NULL};
    return send_texts(batch, pg, STEP_LOCK, STATEMENT_LOG_LOCK, nothing) &&
           send_texts(batch, pg, STEP_BEGIN, STATEMENT_LOG_BEGIN, node_only);
}

static bool send_scope(struct batch *batch, PGconn *pg, const struct principal *principal,
                       const struct principal *previous)
{
    if (previous != NULL && strcmp(principal->scope, previous->scope) == 0 &&
        strcmp(principal->uri, previous->uri) == 0)
        return true;
    const char *const values[2] = {principal->scope, principal->uri};
    return send_texts(batch, pg, STEP_SCOPE, STATEMENT_SCOPE_SET, values);
}

static bool send_call(struct batch *batch, PGconn *pg, const struct query *query)
{
    batch->steps[batch->step_count++] = STEP_CALL;
    return PQsendQueryPrepared(pg, statement_table[query->statement].name, query->parameter_count,
                               query->values, query->lengths, query->formats, 0) == 1;
}

static bool send_epilogue(struct batch *batch, PGconn *pg, bool writes)
{
    const char *const nothing[2] = {NULL, NULL};
    if (writes && !send_texts(batch, pg, STEP_NOTIFY, STATEMENT_LOG_NOTIFY, nothing))
        return false;
    batch->steps[batch->step_count++] = STEP_SYNC;
    batch->is_complete = PQpipelineSync(pg) == 1;
    return batch->is_complete;
}

bool batch_send(struct batch *batch, PGconn *pg, const struct batch_manner *manner)
{
    const struct principal *previous = NULL;
    if (manner->writes && !send_prologue(batch, pg, manner->node))
        return false;
    for (int i = 0; i < batch->ticket_count; i++) {
        const struct call *call = batch->tickets[i].call;
        if (!manner->without_scope && !send_scope(batch, pg, &call->principal, previous))
            return false;
        if (!send_call(batch, pg, call->query))
            return false;
        previous = &call->principal;
    }
    return send_epilogue(batch, pg, manner->writes);
}

enum batch_step batch_receive(struct batch *batch, PGresult *result)
{
    enum batch_step step = (enum batch_step)batch->steps[batch->step_next];
    ExecStatusType status = PQresultStatus(result);
    /* A deferred constraint or the commit itself may fail with no statement
     * left: that error comes where the Sync's own answer is due. */
    if (step != STEP_SYNC || status == PGRES_PIPELINE_SYNC)
        batch->step_next++;
    int call_index = batch->call_next;
    if (step == STEP_CALL)
        batch->call_next++;
    if (status == PGRES_FATAL_ERROR && batch->error == NULL) {
        batch->error = result;
        batch->error_step = step;
        return step;
    }
    if (step == STEP_CALL && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK))
        batch->results[call_index] = result;
    else
        PQclear(result);
    return step;
}

bool batch_is_over(const struct batch *batch)
{
    return batch->step_next == batch->step_count;
}

void batch_reset(struct batch *batch)
{
    for (int i = 0; i < batch->ticket_count; i++)
        PQclear(batch->results[i]);
    PQclear(batch->error);
    memset(batch, 0, sizeof *batch);
}
