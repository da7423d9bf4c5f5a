/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/territory_message.h"

#include "base/call.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status territory_read(struct call *call, Cpts__V1__TerritoryUnit *const *units,
                           size_t unit_count, const struct territory_period *period,
                           struct territory **ret_territory, struct cpts_error *err)
{
    if (unit_count > TERRITORY_UNITS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "territory", "at most %d units",
                               TERRITORY_UNITS_MAX);
    struct territory *territory = arena_alloc(call->arena, sizeof *territory);
    struct territory_item *items = arena_alloc(call->arena, (unit_count + 1) * sizeof *items);
    if (territory == NULL || items == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "the territory needs too much memory");
    for (size_t i = 0; i < unit_count; i++)
        items[i] = (struct territory_item){.code = units[i]->unit_code, .share = units[i]->share};
    struct territory_list list = {items, unit_count, period->from_on, period->to_on};
    cpts_status status =
        territory_resolve(call->service->units, &list, call->arena, territory, err);
    if (status == CPTS_OK)
        *ret_territory = territory;
    return status;
}

Cpts__V1__UnitFact **territory_facts(struct call *call, const struct territory *territory)
{
    Cpts__V1__UnitFact **facts =
        arena_alloc(call->arena, (territory->unit_count + 1) * sizeof(Cpts__V1__UnitFact *));
    for (size_t i = 0; facts != NULL && i < territory->unit_count; i++) {
        facts[i] = request_message(call, &cpts__v1__unit_fact__descriptor);
        if (facts[i] == NULL)
            return NULL;
        facts[i]->unit_code = (char *)territory->codes[i];
        facts[i]->share = territory->shares[i];
    }
    return facts;
}

void territory_bind(struct call *call, const struct territory *territory)
{
    const char **shares =
        arena_alloc(call->arena, (territory->unit_count + 1) * sizeof(const char *));
    for (size_t i = 0; shares != NULL && i < territory->unit_count; i++) {
        shares[i] = arena_printf(call->arena, "%.17g", territory->shares[i]);
        if (shares[i] == NULL)
            shares = NULL;
    }
    if (shares == NULL) {
        call->query->failed = true;
        return;
    }
    query_text_array(call->query, territory->codes, territory->unit_count);
    query_text_array(call->query, shares, territory->unit_count);
}

Cpts__V1__Warning **territory_warnings(struct call *call, const struct territory *territory)
{
    Cpts__V1__Warning **warnings =
        arena_alloc(call->arena, (territory->warning_count + 1) * sizeof(Cpts__V1__Warning *));
    for (size_t i = 0; warnings != NULL && i < territory->warning_count; i++) {
        warnings[i] = request_message(call, &cpts__v1__warning__descriptor);
        if (warnings[i] == NULL)
            return NULL;
        warnings[i]->reason = (char *)territory->warnings[i].reason;
        warnings[i]->message = (char *)territory->warnings[i].message;
        warnings[i]->field = (char *)territory->warnings[i].field;
    }
    return warnings;
}
