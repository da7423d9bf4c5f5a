/* SPDX-License-Identifier: Apache-2.0 */
#include "base/call.h"
#include "cpts/v1/reference.pb-c.h"
#include "domain/units.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define PAGE_SIZE_MAX 200

enum department_column {
    CODE,
    NAME,
    REGION,
    ZONE,
    POPULATION_COUNT,
};

cpts_status department_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListDepartmentsRequest *request = message;
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", PAGE_SIZE_MAX);
    if (request->page_token[0] != '\0' &&
        !units_has_department(call->service->units, request->page_token))
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    int32_t *page_size = arena_alloc(call->arena, sizeof *page_size);
    call->query = query_new(call->arena, STATEMENT_DEPARTMENT_LIST);
    if (page_size == NULL || call->query == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    *page_size = request->page_size == 0 ? PAGE_SIZE_MAX : request->page_size;
    call->state = page_size;
    query_text(call->query, request->page_token);
    query_int(call->query, *page_size + 1);
    return CPTS_OK;
}

static Cpts__V1__Department *read_department(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Department *department = request_message(call, &cpts__v1__department__descriptor);
    if (department == NULL)
        return NULL;
    department->code = (char *)rows_text(rows, row, CODE);
    department->name = (char *)rows_text(rows, row, NAME);
    department->region = (char *)rows_text(rows, row, REGION);
    department->zone = (char *)rows_text(rows, row, ZONE);
    department->population_count = (int32_t)rows_int(rows, row, POPULATION_COUNT);
    return department;
}

cpts_status department_list_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    const int32_t *page_size = call->state;
    int count = rows_count(rows) > *page_size ? *page_size : rows_count(rows);
    Cpts__V1__ListDepartmentsResponse *response =
        request_message(call, &cpts__v1__list_departments_response__descriptor);
    Cpts__V1__Department **departments =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__Department *));
    if (response == NULL || departments == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (int row = 0; row < count; row++) {
        departments[row] = read_department(call, rows, row);
        if (departments[row] == NULL)
            return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    }
    response->n_departments = (size_t)count;
    response->departments = departments;
    if (rows_count(rows) > count)
        response->next_page_token = (char *)rows_text(rows, count - 1, CODE);
    call->response = &response->base;
    return CPTS_OK;
}
