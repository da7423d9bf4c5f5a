/* SPDX-License-Identifier: Apache-2.0 */
#include "gazetteer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_pool.h"
#include "name_fold.h"
#include "suggest.h"

/* A fifth of a name's letters may be wrong, two at least. */
#define NEAR_SHARE 5
#define NEAR_MIN 2

struct old_code {
    char code[PLACE_CODE_BYTES];
    size_t place;
};

struct area {
    char code[AREA_CODE_BYTES];
    char folded_code[FOLD_BYTES];
    char folded[FOLD_BYTES];
};

struct areas {
    struct area *areas;
    size_t count, capacity;
};

struct gazetteer {
    struct place *places;
    size_t place_count, place_capacity;
    struct place_name *names;
    size_t name_count, name_capacity;
    struct old_code *old_codes;
    size_t old_count, old_capacity;
    struct areas regions, departments;
    struct import_pool pool;
};

struct gazetteer *gazetteer_new(void)
{
    return calloc(1, sizeof(struct gazetteer));
}

static bool add_area(struct areas *areas, const char *code, const char *name)
{
    if (!import_pool_grow((void **)&areas->areas, &areas->capacity, areas->count,
                          sizeof *areas->areas))
        return false;
    struct area *area = &areas->areas[areas->count++];
    snprintf(area->code, sizeof area->code, "%s", code);
    name_fold_words(name, area->folded);
    name_fold_words(code, area->folded_code);
    return true;
}

bool gazetteer_add_region(struct gazetteer *gazetteer, const char *code, const char *name)
{
    return add_area(&gazetteer->regions, code, name);
}

bool gazetteer_add_department(struct gazetteer *gazetteer, const char *code, const char *name,
                              const char *region)
{
    (void)region;
    return add_area(&gazetteer->departments, code, name);
}

static bool add_folded(struct gazetteer *gazetteer, const char *name, size_t length, bool is_former)
{
    char text[FOLD_BYTES], folded[FOLD_BYTES];
    if (!import_pool_grow((void **)&gazetteer->names, &gazetteer->name_capacity,
                          gazetteer->name_count, sizeof *gazetteer->names))
        return false;
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    name_fold_commune(text, folded);
    char *copy = strdup(folded);
    if (copy == NULL)
        return false;
    gazetteer->names[gazetteer->name_count++] = (struct place_name){
        .folded = copy, .place = gazetteer->place_count - 1, .is_former = is_former};
    return true;
}

/* "Château-Chinon (Ville)" is also written without what is in parentheses. */
static bool add_name(struct gazetteer *gazetteer, const char *name, bool is_former)
{
    const char *bracket = strstr(name, " (");
    return add_folded(gazetteer, name, strlen(name), is_former) &&
           (bracket == NULL || add_folded(gazetteer, name, (size_t)(bracket - name), is_former));
}

static bool add_former(struct gazetteer *gazetteer, const struct cpts_former_unit *former)
{
    if (former->name[0] != '\0' && !add_name(gazetteer, former->name, true))
        return false;
    if (!import_pool_grow((void **)&gazetteer->old_codes, &gazetteer->old_capacity,
                          gazetteer->old_count, sizeof *gazetteer->old_codes))
        return false;
    struct old_code *old = &gazetteer->old_codes[gazetteer->old_count++];
    snprintf(old->code, sizeof old->code, "%s", former->code);
    old->place = gazetteer->place_count - 1;
    return true;
}

bool gazetteer_add_unit(struct gazetteer *gazetteer, const struct cpts_unit *unit)
{
    if (!import_pool_grow((void **)&gazetteer->places, &gazetteer->place_capacity,
                          gazetteer->place_count, sizeof *gazetteer->places))
        return false;
    struct place *place = &gazetteer->places[gazetteer->place_count++];
    snprintf(place->code, sizeof place->code, "%s", unit->code);
    snprintf(place->parent_code, sizeof place->parent_code, "%s", unit->parent_code);
    snprintf(place->department, sizeof place->department, "%s", unit->department);
    snprintf(place->region, sizeof place->region, "%s", unit->region);
    place->is_leaf = unit->is_leaf || unit->kind == CPTS_UNIT_IRIS;
    place->population_count = unit->population_count;
    place->name = import_pool_copy(&gazetteer->pool, unit->name, strlen(unit->name));
    bool is_fine = !gazetteer->pool.is_out_of_memory;
    /* An IRIS is named by its code only: "Centre" is no commune. */
    if (is_fine && unit->kind != CPTS_UNIT_IRIS)
        is_fine = add_name(gazetteer, unit->name, false);
    for (size_t i = 0; is_fine && i < unit->former_count; i++)
        is_fine = add_former(gazetteer, &unit->former_units[i]);
    return is_fine;
}

static int compare_places(const void *one, const void *other)
{
    const struct place *left = one, *right = other;
    return strcmp(left->code, right->code);
}

static int compare_old_codes(const void *one, const void *other)
{
    const struct old_code *left = one, *right = other;
    return strcmp(left->code, right->code);
}

/* By name, then by place, today's names first. */
static int compare_names(const void *one, const void *other)
{
    const struct place_name *left = one, *right = other;
    int order = strcmp(left->folded, right->folded);
    if (order == 0 && left->place != right->place)
        order = left->place < right->place ? -1 : 1;
    return order != 0 ? order : left->is_former - right->is_former;
}

void gazetteer_close(struct gazetteer *gazetteer)
{
    if (gazetteer->old_count > 0)
        qsort(gazetteer->old_codes, gazetteer->old_count, sizeof *gazetteer->old_codes,
              compare_old_codes);
    if (gazetteer->name_count > 0)
        qsort(gazetteer->names, gazetteer->name_count, sizeof *gazetteer->names, compare_names);
}

const struct place *gazetteer_code(const struct gazetteer *gazetteer, const char *code)
{
    struct place wanted;
    if (gazetteer->place_count == 0 || strlen(code) >= sizeof wanted.code)
        return NULL;
    snprintf(wanted.code, sizeof wanted.code, "%s", code);
    return bsearch(&wanted, gazetteer->places, gazetteer->place_count, sizeof wanted,
                   compare_places);
}

const struct place *gazetteer_old_code(const struct gazetteer *gazetteer, const char *code)
{
    struct old_code wanted;
    if (gazetteer->old_count == 0 || strlen(code) >= sizeof wanted.code)
        return NULL;
    snprintf(wanted.code, sizeof wanted.code, "%s", code);
    const struct old_code *found = bsearch(&wanted, gazetteer->old_codes, gazetteer->old_count,
                                           sizeof wanted, compare_old_codes);
    return found == NULL ? NULL : &gazetteer->places[found->place];
}

const struct place *gazetteer_place(const struct gazetteer *gazetteer, size_t index)
{
    return &gazetteer->places[index];
}

size_t gazetteer_names(const struct gazetteer *gazetteer, const char *folded,
                       const struct place_name **ret_first)
{
    size_t low = 0, high = gazetteer->name_count, count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(gazetteer->names[middle].folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < gazetteer->name_count &&
           strcmp(gazetteer->names[low + count].folded, folded) == 0)
        count++;
    *ret_first = gazetteer->names + low;
    return count;
}

const struct place_name *gazetteer_near(const struct gazetteer *gazetteer, const char *folded,
                                        const char *department)
{
    size_t length = strlen(folded);
    int limit = (int)(length / NEAR_SHARE);
    int best = (limit < NEAR_MIN ? NEAR_MIN : limit) + 1;
    const struct place_name *nearest = NULL;
    for (size_t i = 0; i < gazetteer->name_count; i++) {
        const struct place_name *name = &gazetteer->names[i];
        size_t other = strlen(name->folded);
        bool is_elsewhere = *department != '\0' &&
                            strcmp(gazetteer->places[name->place].department, department) != 0;
        if (is_elsewhere || other + (size_t)best < length || length + (size_t)best < other)
            continue;
        int distance = suggest_distance(folded, name->folded);
        if (distance < best) {
            best = distance;
            nearest = name;
        }
    }
    return nearest;
}

const struct place *gazetteer_child(const struct gazetteer *gazetteer, const struct place *parent,
                                    const struct place *previous)
{
    size_t from = previous == NULL ? 0 : (size_t)(previous - gazetteer->places) + 1;
    for (size_t i = from; i < gazetteer->place_count; i++) {
        if (strcmp(gazetteer->places[i].parent_code, parent->code) == 0)
            return &gazetteer->places[i];
    }
    return NULL;
}

static const char *find_area(const struct areas *areas, const char *text)
{
    char folded[FOLD_BYTES], padded[FOLD_BYTES + 1];
    name_fold_words(text, folded);
    snprintf(padded, sizeof padded, "0%s", folded);
    for (size_t i = 0; folded[0] != '\0' && i < areas->count; i++) {
        const char *code = areas->areas[i].folded_code;
        if (strcmp(folded, code) == 0 || strcmp(folded, areas->areas[i].folded) == 0 ||
            (strlen(folded) == 1 && strcmp(padded, code) == 0))
            return areas->areas[i].code;
    }
    return NULL;
}

const char *gazetteer_region(const struct gazetteer *gazetteer, const char *text)
{
    return find_area(&gazetteer->regions, text);
}

const char *gazetteer_department(const struct gazetteer *gazetteer, const char *text)
{
    return find_area(&gazetteer->departments, text);
}

void gazetteer_free(struct gazetteer *gazetteer)
{
    if (gazetteer == NULL)
        return;
    for (size_t i = 0; i < gazetteer->name_count; i++)
        free(gazetteer->names[i].folded);
    free(gazetteer->names);
    free(gazetteer->places);
    free(gazetteer->old_codes);
    free(gazetteer->regions.areas);
    free(gazetteer->departments.areas);
    import_pool_done(&gazetteer->pool);
    free(gazetteer);
}
