/* SPDX-License-Identifier: Apache-2.0 */
#include "base/call.h"
#include "cpts/v1/reference.pb-c.h"
#include "domain/units.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define PAGE_SIZE_DEFAULT 1000
#define PAGE_SIZE_MAX 5000

enum unit_column {
    CODE,
    KIND,
    NAME,
    DEPARTMENT,
    REGION,
    PARENT_CODE,
    POPULATION_COUNT,
    IS_LEAF,
    FORMER_CODES,
    FORMER_NAMES,
    REFERENCE_VERSION,
};

cpts_status unit_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListUnitsRequest *request = message;
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", PAGE_SIZE_MAX);
    if (request->page_token[0] != '\0' &&
        units_find(call->service->units, request->page_token) == NULL)
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    int32_t *page_size = arena_alloc(call->arena, sizeof *page_size);
    call->query = query_new(call->arena, STATEMENT_UNIT_LIST);
    if (page_size == NULL || call->query == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    *page_size = request->page_size == 0 ? PAGE_SIZE_DEFAULT : request->page_size;
    call->state = page_size;
    query_text(call->query, request->page_token);
    query_int(call->query, *page_size + 1);
    return CPTS_OK;
}

/* False when the arena is full. */
static bool read_former(struct call *call, const struct rows *rows, int row, Cpts__V1__Unit *unit)
{
    char **codes = NULL;
    char **names = NULL;
    int count = rows_array(rows, row, FORMER_CODES, call->arena, &codes);
    if (count == 0)
        return true;
    if (count < 0 || rows_array(rows, row, FORMER_NAMES, call->arena, &names) != count)
        return false;
    unit->former_units = arena_alloc(call->arena, (size_t)count * sizeof(Cpts__V1__FormerUnit *));
    for (int i = 0; unit->former_units != NULL && i < count; i++) {
        Cpts__V1__FormerUnit *former = request_message(call, &cpts__v1__former_unit__descriptor);
        if (former == NULL)
            return false;
        former->code = codes[i];
        former->name = names[i];
        unit->former_units[unit->n_former_units++] = former;
    }
    return unit->former_units != NULL;
}

static Cpts__V1__Unit *read_unit(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Unit *unit = request_message(call, &cpts__v1__unit__descriptor);
    if (unit == NULL)
        return NULL;
    unit->code = (char *)rows_text(rows, row, CODE);
    unit->kind = filter_unit_kind(rows_text(rows, row, KIND));
    unit->name = (char *)rows_text(rows, row, NAME);
    unit->department = (char *)rows_text(rows, row, DEPARTMENT);
    unit->region = (char *)rows_text(rows, row, REGION);
    unit->parent_code = (char *)rows_text(rows, row, PARENT_CODE);
    unit->population_count = (int32_t)rows_int(rows, row, POPULATION_COUNT);
    unit->is_leaf = rows_bool(rows, row, IS_LEAF);
    return read_former(call, rows, row, unit) ? unit : NULL;
}

cpts_status unit_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const int32_t *page_size = call->state;
    int count = rows_count(rows) > *page_size ? *page_size : rows_count(rows);
    Cpts__V1__ListUnitsResponse *response =
        request_message(call, &cpts__v1__list_units_response__descriptor);
    Cpts__V1__Unit **units =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__Unit *));
    if (response == NULL || units == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (int row = 0; row < count; row++) {
        units[row] = read_unit(call, rows, row);
        if (units[row] == NULL)
            return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    }
    response->n_units = (size_t)count;
    response->units = units;
    if (count > 0)
        response->reference_version = (int32_t)rows_int(rows, 0, REFERENCE_VERSION);
    if (rows_count(rows) > count)
        response->next_page_token = (char *)rows_text(rows, count - 1, CODE);
    call->response = &response->base;
    return CPTS_OK;
}
