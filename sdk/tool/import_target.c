/* SPDX-License-Identifier: Apache-2.0 */
#include "import_target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "name_fold.h"

#define CANDIDATES_LISTED_MAX 4

static int compare_names(const void *one, const void *other, void *data)
{
    const struct registry *registry = data;
    return strcmp(registry->known[*(const size_t *)one].folded,
                  registry->known[*(const size_t *)other].folded);
}

static size_t find_id(const struct registry *registry, const char *id)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (strcasecmp(registry->known[i].id, id) == 0)
            return i;
    }
    return TARGET_NONE;
}

static size_t find_finess(const struct registry *registry, const char *finess)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (strcmp(registry->known[i].finess, finess) == 0)
            return i;
    }
    return TARGET_NONE;
}

bool import_target_make(struct import_target *target, const struct registry *registry,
                        const char *cpts_id)
{
    *target = (struct import_target){
        .registry = registry, .told = TARGET_NONE, .last_found = TARGET_NONE};
    target->by_name = calloc(registry->count + 1, sizeof *target->by_name);
    if (target->by_name == NULL)
        return false;
    for (size_t i = 0; i < registry->count; i++)
        target->by_name[i] = i;
    qsort_r(target->by_name, registry->count, sizeof *target->by_name, compare_names,
            (void *)registry);
    if (cpts_id != NULL)
        target->told = find_id(registry, cpts_id);
    return true;
}

__attribute__((format(printf, 4, 5))) static size_t refuse(struct import_target_problem *problem,
                                                           enum target_field field,
                                                           const char *reason, const char *format,
                                                           ...)
{
    va_list values;
    problem->field = field;
    problem->reason = reason;
    va_start(values, format);
    vsnprintf(problem->message, sizeof problem->message, format, values);
    va_end(values);
    return TARGET_NONE;
}

/* The first place in the order of names that is not before @p folded. */
static size_t lower_bound(const struct import_target *target, const char *folded)
{
    size_t low = 0, high = target->registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(target->registry->known[target->by_name[middle]].folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_candidate(char *candidates, size_t number, const struct known *known)
{
    size_t length = strlen(candidates);
    if (number < CANDIDATES_LISTED_MAX)
        snprintf(candidates + length, TARGET_TEXT_BYTES - length, "%s%.60s (%s, %s)",
                 number == 0 ? "" : "; ", known->name, known->region, known->id);
}

static size_t find_name(const struct import_target *target, const struct import_target_cells *cells,
                        struct import_target_problem *problem)
{
    char folded[FOLD_BYTES];
    size_t found = TARGET_NONE, count = 0;
    const struct registry *registry = target->registry;
    name_fold_cpts(cells->name, folded);
    for (size_t i = lower_bound(target, folded); i < registry->count; i++) {
        const struct known *known = &registry->known[target->by_name[i]];
        if (strcmp(known->folded, folded) != 0)
            break;
        if (cells->region[0] != '\0' && strcmp(known->region, cells->region) != 0)
            continue;
        add_candidate(problem->candidates, count++, known);
        found = target->by_name[i];
    }
    if (count == 0)
        return refuse(problem, TARGET_CPTS_NAME, "UNKNOWN_CPTS",
                      "the node has no CPTS called \"%.80s\"%s%.10s", cells->name,
                      cells->region[0] == '\0' ? "" : " in region ", cells->region);
    if (count > 1)
        return refuse(problem, TARGET_CPTS_NAME, "SEVERAL_CPTS", "%zu CPTS are called \"%.80s\"",
                      count, cells->name);
    problem->candidates[0] = '\0';
    return found;
}

static size_t find(const struct import_target *target, const struct import_target_cells *cells,
                   struct import_target_problem *problem)
{
    size_t found = TARGET_NONE;
    if (cells->id[0] != '\0') {
        found = find_id(target->registry, cells->id);
        return found != TARGET_NONE ? found
                                    : refuse(problem, TARGET_CPTS, "UNKNOWN_CPTS",
                                             "the node has no CPTS \"%.40s\"", cells->id);
    }
    if (cells->finess[0] != '\0') {
        found = find_finess(target->registry, cells->finess);
        return found != TARGET_NONE
                   ? found
                   : refuse(problem, TARGET_CPTS_FINESS, "UNKNOWN_CPTS",
                            "no CPTS of the node has the FINESS number \"%.20s\"", cells->finess);
    }
    if (cells->name[0] != '\0')
        return find_name(target, cells, problem);
    return refuse(problem, TARGET_CPTS, "CPTS_MISSING", "the line does not say which CPTS");
}

size_t import_target_find(struct import_target *target, const struct import_target_cells *cells,
                          struct import_target_problem *ret_problem)
{
    char now[sizeof target->last];
    if (target->told != TARGET_NONE)
        return target->told;
    int length = snprintf(now, sizeof now, "%s\n%s\n%s\n%s", cells->id, cells->finess, cells->name,
                          cells->region);
    bool fits = length > 0 && (size_t)length < sizeof now;
    if (fits && target->last_found != TARGET_NONE && strcmp(now, target->last) == 0)
        return target->last_found;
    target->last_found = find(target, cells, ret_problem);
    memcpy(target->last, fits ? now : "", fits ? (size_t)length + 1 : 1);
    return target->last_found;
}

void import_target_done(struct import_target *target)
{
    free(target->by_name);
}
