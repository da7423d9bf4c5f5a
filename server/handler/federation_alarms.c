/* SPDX-License-Identifier: Apache-2.0 */
/* ListFederationAlarms and ClearFederationAlarm. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define PAGE_DEFAULT 50
#define PAGE_MAX 500

/* Columns of federation_alarm_list.sql. */
enum alarm_column {
    ALARM_ID,
    PEER,
    ALARM,
    AGGREGATE_ID,
    DETAIL,
    TIMES,
    FIRST_AT,
    LAST_AT,
    CLEARED_AT,
    CLEARED_BY,
};

cpts_status alarm_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListFederationAlarmsRequest *request = message;
    if (request->page_size < 0 || request->page_size > PAGE_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", PAGE_MAX);
    if (request->before_id < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "before_id", "from 0");
    int32_t *page_size = arena_alloc(call->arena, sizeof *page_size);
    call->query = query_new(call->arena, STATEMENT_FEDERATION_ALARM_LIST);
    if (call->query == NULL || page_size == NULL)
        return request_no_memory(err);
    *page_size = request->page_size == 0 ? PAGE_DEFAULT : request->page_size;
    call->state = page_size;
    query_text(call->query, call->service->node);
    query_text(call->query, request->node);
    query_bool(call->query, request->with_cleared);
    query_int(call->query, *page_size + 1);
    if (request->before_id == 0)
        query_text(call->query, NULL);
    else
        query_int(call->query, request->before_id);
    return CPTS_OK;
}

static Cpts__V1__FederationAlarm *read_alarm(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__FederationAlarm *alarm =
        request_message(call, &cpts__v1__federation_alarm__descriptor);
    if (alarm == NULL)
        return NULL;
    int64_t cleared_at_us = rows_int(rows, row, CLEARED_AT);
    alarm->id = rows_int(rows, row, ALARM_ID);
    alarm->node = (char *)rows_text(rows, row, PEER);
    alarm->alarm = (char *)rows_text(rows, row, ALARM);
    alarm->aggregate_id = (char *)rows_text(rows, row, AGGREGATE_ID);
    alarm->detail = (char *)rows_text(rows, row, DETAIL);
    alarm->count = rows_int(rows, row, TIMES);
    alarm->first_at = request_timestamp(call, rows_int(rows, row, FIRST_AT));
    alarm->last_at = request_timestamp(call, rows_int(rows, row, LAST_AT));
    if (cleared_at_us != 0)
        alarm->cleared_at = request_timestamp(call, cleared_at_us);
    alarm->cleared_by = (char *)rows_text(rows, row, CLEARED_BY);
    bool is_whole = alarm->first_at != NULL && alarm->last_at != NULL &&
                    (cleared_at_us != 0) == (alarm->cleared_at != NULL);
    return is_whole ? alarm : NULL;
}

cpts_status alarm_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int page_size = *(const int32_t *)call->state;
    int count = rows_count(rows) < page_size ? rows_count(rows) : page_size;
    Cpts__V1__ListFederationAlarmsResponse *response =
        request_message(call, &cpts__v1__list_federation_alarms_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->alarms = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->alarms);
    for (int row = 0; response->alarms != NULL && row < count; row++) {
        response->alarms[row] = read_alarm(call, rows, row);
        if (response->alarms[row] == NULL)
            return request_no_memory(err);
        response->n_alarms++;
    }
    if (response->alarms == NULL)
        return request_no_memory(err);
    if (rows_count(rows) > count && count > 0)
        response->next_before_id = response->alarms[count - 1]->id;
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status alarm_clear_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ClearFederationAlarmRequest *request = message;
    if (request->alarm_id < 1)
        return error_set_field(err, REASON_FIELD_INVALID, "alarm_id", "from 1");
    call->query = query_new(call->arena, STATEMENT_FEDERATION_ALARM_CLEAR);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    query_int(call->query, request->alarm_id);
    query_text(call->query, call->principal.uri);
    return CPTS_OK;
}

cpts_status alarm_clear_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    if (rows_count(rows) == 0 || strcmp(rows_text(rows, 0, 0), "OK") != 0)
        return error_set_field(err, REASON_ALARM_NOT_FOUND, "alarm_id",
                               "no alarm of that number is up");
    call->response = request_message(call, &cpts__v1__clear_federation_alarm_response__descriptor);
    return call->response == NULL ? request_no_memory(err) : CPTS_OK;
}
