/* SPDX-License-Identifier: Apache-2.0 */
/* Départements and units of territory. */
#include <cpts/reference.h>
#include <cpts/v1/reference.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static bool fill_departments(struct cpts_departments *departments,
                             const Cpts__V1__ListDepartmentsResponse *from, struct arena *arena)
{
    struct cpts_department *own = arena_alloc(arena, (from->n_departments + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_departments; i++) {
        const Cpts__V1__Department *one = from->departments[i];
        own[i] = (struct cpts_department){.code = one->code,
                                          .name = one->name,
                                          .region = one->region,
                                          .zone = one->zone,
                                          .population_count = one->population_count};
    }
    *departments = (struct cpts_departments){
        .departments = own, .department_count = from->n_departments, .message = from};
    return true;
}

static cpts_status take_departments(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListDepartmentsResponse *from =
        (const Cpts__V1__ListDepartmentsResponse *)answer->message;
    return fill_departments(answer->result, from, answer->arena) ? CPTS_OK : no_memory(err);
}

static void deliver_departments(const struct completion *completion)
{
    ((cpts_departments_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status list_departments(cpts_client *client, const struct launch *launch,
                                    struct cpts_error *err)
{
    Cpts__V1__ListDepartmentsRequest request = CPTS__V1__LIST_DEPARTMENTS_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_REFERENCE_DEPARTMENTS,
                                .request = &request.base,
                                .response = &cpts__v1__list_departments_response__descriptor,
                                .result_bytes = sizeof(struct cpts_departments),
                                .take = take_departments};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_reference_departments(cpts_client *client, int32_t timeout_ms,
                                       struct cpts_departments **ret_departments,
                                       struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_departments(client, &launch, err);
    if (status == CPTS_OK)
        *ret_departments = result;
    return status;
}

cpts_status cpts_reference_departments_start(cpts_client *client, const struct cpts_async *async,
                                             cpts_departments_callback *callback,
                                             uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_departments, ret_call);
    return list_departments(client, &launch, err);
}

static bool fill_unit(struct cpts_unit *unit, const Cpts__V1__Unit *from, struct arena *arena)
{
    struct cpts_former_unit *former =
        arena_alloc(arena, (from->n_former_units + 1) * sizeof *former);
    if (former == NULL)
        return false;
    for (size_t i = 0; i < from->n_former_units; i++)
        former[i] = (struct cpts_former_unit){.code = from->former_units[i]->code,
                                              .name = from->former_units[i]->name};
    *unit = (struct cpts_unit){
        .code = from->code,
        .kind = (enum cpts_unit_kind)from->kind,
        .name = from->name,
        .department = from->department,
        .region = from->region,
        .parent_code = from->parent_code,
        .population_count = from->population_count,
        .is_leaf = from->is_leaf,
        .former_units = former,
        .former_count = from->n_former_units,
    };
    return true;
}

static bool fill_units(struct cpts_units *units, const Cpts__V1__ListUnitsResponse *from,
                       struct arena *arena)
{
    struct cpts_unit *own = arena_alloc(arena, (from->n_units + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_units; i++) {
        if (!fill_unit(&own[i], from->units[i], arena))
            return false;
    }
    *units = (struct cpts_units){.units = own,
                                 .unit_count = from->n_units,
                                 .next_page_token = from->next_page_token,
                                 .reference_version = from->reference_version,
                                 .message = from};
    return true;
}

static cpts_status take_units(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListUnitsResponse *from = (const Cpts__V1__ListUnitsResponse *)answer->message;
    return fill_units(answer->result, from, answer->arena) ? CPTS_OK : no_memory(err);
}

static void deliver_units(const struct completion *completion)
{
    ((cpts_units_callback *)completion->callback)(completion->status, completion->result,
                                                  &completion->err, completion->data);
}

static cpts_status list_units(cpts_client *client, const struct cpts_units_query *query,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_units_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListUnitsRequest request = CPTS__V1__LIST_UNITS_REQUEST__INIT;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_REFERENCE_UNITS,
                                .request = &request.base,
                                .response = &cpts__v1__list_units_response__descriptor,
                                .result_bytes = sizeof(struct cpts_units),
                                .take = take_units};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_reference_units(cpts_client *client, const struct cpts_units_query *query,
                                 int32_t timeout_ms, struct cpts_units **ret_units,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_units(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_units = result;
    return status;
}

cpts_status cpts_reference_units_start(cpts_client *client, const struct cpts_units_query *query,
                                       const struct cpts_async *async,
                                       cpts_units_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_units, ret_call);
    return list_units(client, query, &launch, err);
}

char *cpts_departments_json(const struct cpts_departments *departments, int indent_spaces)
{
    return cpts_convert__json(departments->message, indent_spaces);
}

char *cpts_units_json(const struct cpts_units *units, int indent_spaces)
{
    return cpts_convert__json(units->message, indent_spaces);
}

void cpts_departments_free(struct cpts_departments *departments)
{
    cpts_exchange__release(departments);
}

void cpts_units_free(struct cpts_units *units)
{
    cpts_exchange__release(units);
}
