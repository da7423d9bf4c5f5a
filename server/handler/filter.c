/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/filter.h"

#include <string.h>

#include "base/call.h"
#include "domain/units.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *code;
    Cpts__V1__Zone zone;
} ZONES[] = {
    {"ZIP_PLUS", CPTS__V1__ZONE__ZONE_ZIP_PLUS},
    {"ZIP", CPTS__V1__ZONE__ZONE_ZIP},
    {"ZAC", CPTS__V1__ZONE__ZONE_ZAC},
    {"HORS_ZONAGE", CPTS__V1__ZONE__ZONE_HORS_ZONAGE},
};

static const struct {
    const char *code;
    Cpts__V1__UnitKind kind;
} KINDS[] = {
    {"COMMUNE", CPTS__V1__UNIT_KIND__UNIT_KIND_COMMUNE},
    {"ARRONDISSEMENT", CPTS__V1__UNIT_KIND__UNIT_KIND_ARRONDISSEMENT},
    {"IRIS", CPTS__V1__UNIT_KIND__UNIT_KIND_IRIS},
};

static const struct {
    const char *code;
    Cpts__V1__PositionQuality quality;
} QUALITIES[] = {
    {"EXACT", CPTS__V1__POSITION_QUALITY__POSITION_QUALITY_EXACT},
    {"APPROXIMATE", CPTS__V1__POSITION_QUALITY__POSITION_QUALITY_APPROXIMATE},
    {"NONE", CPTS__V1__POSITION_QUALITY__POSITION_QUALITY_NONE},
};

cpts_status filter_area_check(const struct call *call, const char *region, const char *department,
                              struct cpts_error *err)
{
    const struct units *units = call->service->units;
    if (region[0] != '\0' && !units_has_region(units, region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    if (department[0] != '\0' && !units_has_department(units, department))
        return error_set_field(err, REASON_UNKNOWN_DEPARTMENT, "department",
                               "no département has this code");
    return CPTS_OK;
}

cpts_status filter_unit_read(struct call *call, const char *commune, const char **ret_code,
                             struct cpts_error *err)
{
    const struct units *units = call->service->units;
    const struct unit *unit = NULL;
    if (commune[0] != '\0') {
        unit = units_find(units, commune);
        if (unit == NULL)
            unit = units_find_old(units, commune);
        if (unit == NULL)
            return error_set_field(err, REASON_UNKNOWN_UNIT, "commune",
                                   "no commune, arrondissement municipal or IRIS has this code");
    }
    const char *code = arena_printf(call->arena, "%s", unit == NULL ? "" : unit->code);
    if (code == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    *ret_code = code;
    return CPTS_OK;
}

cpts_status filter_stages_read(const Cpts__V1__Stage *stages, size_t count,
                               struct stage_set *ret_set, struct cpts_error *err)
{
    struct stage_set set = {{false}};
    for (size_t i = 0; i < count; i++) {
        if (!stage_is_live((int)stages[i]))
            return error_set_field(err, REASON_FIELD_INVALID, "stages",
                                   "only live stages are counted");
        set.has[stages[i]] = true;
    }
    for (int stage = 1; count == 0 && stage <= STAGE_LIVE_COUNT; stage++)
        set.has[stage] = true;
    *ret_set = set;
    return CPTS_OK;
}

void filter_stages_bind(struct call *call, const struct stage_set *set)
{
    const char *codes[STAGE_LIVE_COUNT];
    size_t count = 0;
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (set->has[stage])
            codes[count++] = stage_code(stage);
    }
    query_text_array(call->query, codes, count);
}

Cpts__V1__Stage *filter_stages_list(struct call *call, const struct stage_set *set,
                                    size_t *ret_count)
{
    Cpts__V1__Stage *list = arena_alloc(call->arena, STAGE_LIVE_COUNT * sizeof *list);
    size_t count = 0;
    for (int stage = 1; list != NULL && stage <= STAGE_LIVE_COUNT; stage++) {
        if (set->has[stage])
            list[count++] = (Cpts__V1__Stage)stage;
    }
    *ret_count = count;
    return list;
}

Cpts__V1__Zone filter_zone(const char *code)
{
    for (size_t i = 0; i < COUNT(ZONES); i++) {
        if (strcmp(code, ZONES[i].code) == 0)
            return ZONES[i].zone;
    }
    return CPTS__V1__ZONE__ZONE_UNSPECIFIED;
}

const char *filter_zone_code(Cpts__V1__Zone zone)
{
    for (size_t i = 0; i < COUNT(ZONES); i++) {
        if (zone == ZONES[i].zone)
            return ZONES[i].code;
    }
    return NULL;
}

Cpts__V1__UnitKind filter_unit_kind(const char *code)
{
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        if (strcmp(code, KINDS[i].code) == 0)
            return KINDS[i].kind;
    }
    return CPTS__V1__UNIT_KIND__UNIT_KIND_UNSPECIFIED;
}

Cpts__V1__PositionQuality filter_position_quality(const char *code)
{
    for (size_t i = 0; i < COUNT(QUALITIES); i++) {
        if (strcmp(code, QUALITIES[i].code) == 0)
            return QUALITIES[i].quality;
    }
    return CPTS__V1__POSITION_QUALITY__POSITION_QUALITY_UNSPECIFIED;
}
