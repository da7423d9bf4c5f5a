/* SPDX-License-Identifier: Apache-2.0 */
/* ListIndicators. */
#include "base/call.h"
#include "handler/indicator_message.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status indicator_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListIndicatorsRequest *request = message;
    const char *as_of = NULL;
    cpts_status status = request_as_of(call, request->as_of, &as_of, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_INDICATOR_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, request->mission);
    query_text(call->query, as_of);
    return CPTS_OK;
}

cpts_status indicator_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    size_t count = (size_t)rows_count(rows);
    Cpts__V1__ListIndicatorsResponse *response =
        request_message(call, &cpts__v1__list_indicators_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->indicators = arena_alloc(call->arena, (count + 1) * sizeof *response->indicators);
    if (response->indicators == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        response->indicators[i] = indicator_read(call, rows, (int)i, 0);
        if (response->indicators[i] == NULL)
            return request_no_memory(err);
    }
    response->n_indicators = count;
    call->response = &response->base;
    return CPTS_OK;
}
