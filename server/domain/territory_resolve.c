/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/territory_resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/units.h"
#include "wire/arena.h"
#include "wire/error.h"

/** Warnings one territory may carry; the rest is summed up in the last one. */
#define WARNINGS_MAX 50
/** Further room: the sum of the rest, and what territory_warn_region() adds. */
#define WARNINGS_EXTRA 2
/** Regions one territory may be added up by; France has 18. */
#define REGIONS_MAX 32

/** A territory being resolved. */
struct resolution {
    const struct units *units;
    const struct territory_list *list;
    struct arena *arena;
    struct territory territory;
    size_t warnings_left_out;
    size_t unit_max;
    /** The item being read. */
    size_t item_index;
    struct {
        const char *code;
        double population_count;
    } regions[REGIONS_MAX];
    size_t region_count;
};

static void warn(struct resolution *work, const char *reason, const char *field,
                 const char *message)
{
    struct territory *territory = &work->territory;
    if (territory->warning_count >= WARNINGS_MAX || message == NULL || field == NULL) {
        work->warnings_left_out++;
        return;
    }
    territory->warnings[territory->warning_count++] =
        (struct territory_warning){.reason = reason, .message = message, .field = field};
}

static cpts_status too_many(size_t unit_max, struct cpts_error *err)
{
    return error_set_field(err, REASON_FIELD_INVALID, "territory", "at most %zu units", unit_max);
}

static void count_region(struct resolution *work, const char *region, double population_count)
{
    size_t index = 0;
    while (index < work->region_count && strcmp(work->regions[index].code, region) != 0)
        index++;
    if (index == REGIONS_MAX)
        return;
    if (index == work->region_count)
        work->regions[work->region_count++].code = region;
    work->regions[index].population_count += population_count;
}

static cpts_status add_unit(struct resolution *work, const struct unit *unit, double share,
                            struct cpts_error *err)
{
    struct territory *territory = &work->territory;
    if (territory->unit_count == work->unit_max)
        return too_many(work->unit_max, err);
    territory->item_indexes[territory->unit_count] = work->item_index;
    territory->codes[territory->unit_count] = unit->code;
    territory->shares[territory->unit_count] = share;
    territory->unit_count++;
    territory->population_count += share * unit->population_count;
    count_region(work, unit->region, share * unit->population_count);
    return CPTS_OK;
}

static cpts_status expand(struct resolution *work, const struct unit *parent, double share,
                          struct cpts_error *err)
{
    const struct unit *child = NULL;
    while ((child = units_child(work->units, parent, child)) != NULL) {
        cpts_status status = add_unit(work, child, share, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

/* By today's reference, or by that of the first day. */
static bool find_unit(const struct resolution *work, const char *code, struct unit_found *ret_found)
{
    if (work->list->from_on != NULL)
        return units_find_on(work->units, code, work->list->from_on, ret_found);
    *ret_found = (struct unit_found){
        .unit = units_find(work->units, code), .valid_to = "", .merged_on = "", .weight = 1};
    if (ret_found->unit == NULL) {
        ret_found->unit = units_find_old(work->units, code);
        ret_found->is_former = true;
    }
    return ret_found->unit != NULL;
}

static void warn_former(struct resolution *work, const char *code, const struct unit_found *found,
                        const char *field)
{
    char *message =
        found->merged_on[0] == '\0'
            ? arena_printf(work->arena, "%s is a former code; recorded as %s", code,
                           found->unit->code)
            : arena_printf(work->arena, "%s is a former code; recorded as %s, of which it is %.3f",
                           code, found->unit->code, found->weight);
    warn(work, "OLD_UNIT_CODE", arena_printf(work->arena, "%s", field), message);
}

static cpts_status read_unit(struct resolution *work, const char *code, const char *field,
                             struct unit_found *ret_found, struct cpts_error *err)
{
    const char *on_date = work->list->from_on;
    if (!find_unit(work, code, ret_found))
        return error_set_field(err, REASON_UNKNOWN_UNIT, field,
                               "no commune, arrondissement municipal or IRIS has the code "
                               "'%.20s'%s%s",
                               code, on_date == NULL ? "" : " on ", on_date == NULL ? "" : on_date);
    if (ret_found->valid_to[0] != '\0' && strcmp(ret_found->valid_to, work->list->to_on) < 0)
        return error_set_field(err, REASON_UNIT_MERGED_IN_PERIOD, field,
                               "%s was merged on %s: record the days before and the days from "
                               "then on apart",
                               ret_found->unit->code, ret_found->valid_to);
    if (ret_found->is_former)
        warn_former(work, code, ret_found, field);
    return CPTS_OK;
}

static cpts_status resolve_item(struct resolution *work, const struct territory_item *item,
                                size_t index, struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    snprintf(field, sizeof field, "territory[%zu].share", index);
    if (!(item->share > 0 && item->share <= 1))
        return error_set_field(err, REASON_SHARE_OUT_OF_RANGE, field,
                               "a share is more than 0 and at most 1");
    snprintf(field, sizeof field, "territory[%zu].unit_code", index);
    struct unit_found found;
    cpts_status status = read_unit(work, item->code, field, &found, err);
    if (status != CPTS_OK)
        return status;
    const struct unit *unit = found.unit;
    if (unit->is_leaf || unit->is_part)
        return add_unit(work, unit, item->share * found.weight, err);
    warn(work, "UNIT_EXPANDED", arena_printf(work->arena, "%s", field),
         arena_printf(work->arena, "%s is recorded by arrondissement", unit->code));
    return expand(work, unit, item->share, err);
}

static int compare_codes(const void *left, const void *right)
{
    const char *const *one = left;
    const char *const *other = right;
    return strcmp(*one, *other);
}

/* Codes sorted: a unit stands before its parts, whose codes begin with its own
 * (a constraint of territory_unit). */
static cpts_status check_nesting(const char *const *sorted, size_t count, struct cpts_error *err)
{
    const char *whole = NULL;
    for (size_t i = 0; i < count; i++) {
        if (whole != NULL && strncmp(sorted[i], whole, strlen(whole)) == 0)
            return error_set_field(err, REASON_UNIT_NESTED, "territory",
                                   "%s is a part of %s: name one or the other", sorted[i], whole);
        whole = sorted[i];
    }
    return CPTS_OK;
}

static cpts_status check_repeats(const struct resolution *work, struct cpts_error *err)
{
    size_t count = work->territory.unit_count;
    const char **sorted = arena_alloc(work->arena, (count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "the territory needs too much memory");
    if (count > 0)
        memcpy(sorted, work->territory.codes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_codes);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            return error_set_field(err, REASON_UNIT_REPEATED, "territory",
                                   "%s is there twice (former codes count as what they became)",
                                   sorted[i]);
    }
    return check_nesting(sorted, count, err);
}

bool territory_is_outside_guidance(double population_count)
{
    return population_count < TERRITORY_POPULATION_MIN ||
           population_count > TERRITORY_POPULATION_MAX;
}

static void warn_population(struct resolution *work)
{
    double population = work->territory.population_count;
    if (work->territory.unit_count == 0 || !territory_is_outside_guidance(population))
        return;
    warn(work, "POPULATION_OUTSIDE_GUIDANCE", "territory",
         arena_printf(work->arena, "%.0f inhabitants; the guidance is %d to %d", population,
                      TERRITORY_POPULATION_MIN, TERRITORY_POPULATION_MAX));
}

static bool make_room(struct resolution *work)
{
    struct territory *territory = &work->territory;
    territory->codes = arena_alloc(work->arena, work->unit_max * sizeof *territory->codes);
    territory->shares = arena_alloc(work->arena, work->unit_max * sizeof *territory->shares);
    territory->item_indexes =
        arena_alloc(work->arena, work->unit_max * sizeof *territory->item_indexes);
    territory->warnings =
        arena_alloc(work->arena, (WARNINGS_MAX + WARNINGS_EXTRA) * sizeof *territory->warnings);
    return territory->codes != NULL && territory->shares != NULL &&
           territory->item_indexes != NULL && territory->warnings != NULL;
}

/* A copy: the reference may be replaced while the call is on its way. */
static bool find_main_region(struct resolution *work)
{
    const char *found = "";
    double most = 0;
    for (size_t i = 0; i < work->region_count; i++) {
        double here = work->regions[i].population_count;
        if (here > most || (here == most && most > 0 && strcmp(work->regions[i].code, found) < 0)) {
            most = here;
            found = work->regions[i].code;
        }
    }
    work->territory.main_region = arena_printf(work->arena, "%s", found);
    work->territory.reference_version = units_version(work->units);
    return work->territory.main_region != NULL;
}

static void sum_up_warnings(struct resolution *work)
{
    if (work->warnings_left_out == 0)
        return;
    char *message = arena_printf(work->arena, "%zu more warnings", work->warnings_left_out);
    if (message != NULL)
        work->territory.warnings[work->territory.warning_count++] =
            (struct territory_warning){"MORE_WARNINGS", message, "territory"};
}

/* All but the last warnings. */
static cpts_status resolve(struct resolution *work, struct cpts_error *err)
{
    if (work->list->item_count > work->unit_max)
        return too_many(work->unit_max, err);
    if (!make_room(work))
        return error_set(err, REASON_OUT_OF_MEMORY, "the territory needs too much memory");
    for (size_t i = 0; i < work->list->item_count; i++) {
        work->item_index = i;
        cpts_status status = resolve_item(work, &work->list->items[i], i, err);
        if (status != CPTS_OK)
            return status;
    }
    cpts_status status = check_repeats(work, err);
    if (status == CPTS_OK && !find_main_region(work))
        status = error_set(err, REASON_OUT_OF_MEMORY, "the territory needs too much memory");
    return status;
}

cpts_status territory_resolve(const struct units *units, const struct territory_list *list,
                              struct arena *arena, struct territory *ret_territory,
                              struct cpts_error *err)
{
    struct resolution work = {
        .units = units, .list = list, .arena = arena, .unit_max = TERRITORY_UNITS_MAX};
    cpts_status status = resolve(&work, err);
    if (status != CPTS_OK)
        return status;
    warn_population(&work);
    sum_up_warnings(&work);
    *ret_territory = work.territory;
    return CPTS_OK;
}

cpts_status territory_units_resolve(const struct units *units, const struct territory_list *list,
                                    size_t unit_max, struct arena *arena,
                                    struct territory *ret_territory, struct cpts_error *err)
{
    struct resolution work = {.units = units, .list = list, .arena = arena, .unit_max = unit_max};
    cpts_status status = resolve(&work, err);
    if (status != CPTS_OK)
        return status;
    sum_up_warnings(&work);
    *ret_territory = work.territory;
    return CPTS_OK;
}

void territory_warn_region(struct territory *territory, const char *lead_region,
                           struct arena *arena)
{
    if (territory->main_region[0] == '\0' || strcmp(territory->main_region, lead_region) == 0)
        return;
    char *message =
        arena_printf(arena, "most inhabitants live in region %s; the project is counted in %s",
                     territory->main_region, lead_region);
    if (message != NULL)
        territory->warnings[territory->warning_count++] =
            (struct territory_warning){"LEAD_REGION_DIFFERS", message, "lead_region"};
}
