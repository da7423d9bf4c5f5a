/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/units.h"

#include <stdlib.h>
#include <string.h>

struct old_code {
    char old_code[UNIT_CODE_BYTES];
    char code[UNIT_CODE_BYTES];
};

struct department {
    char code[AREA_CODE_BYTES];
    char region[AREA_CODE_BYTES];
    bool has_ars;
};

/** Mergers one after the other that a code is followed through. */
#define MERGERS_MAX 32

/** A growing array of rows that begin with their code. */
struct table {
    char *rows;
    size_t row_bytes;
    size_t count;
    size_t room;
};

struct units {
    struct table units;
    struct table pasts;
    struct table old_codes;
    struct table departments;
    int32_t version;
};

struct units *units_new(void)
{
    struct units *units = calloc(1, sizeof *units);
    if (units == NULL)
        return NULL;
    units->units.row_bytes = sizeof(struct unit);
    units->pasts.row_bytes = sizeof(struct unit_past);
    units->old_codes.row_bytes = sizeof(struct old_code);
    units->departments.row_bytes = sizeof(struct department);
    return units;
}

void units_free(struct units *units)
{
    if (units == NULL)
        return;
    free(units->units.rows);
    free(units->pasts.rows);
    free(units->old_codes.rows);
    free(units->departments.rows);
    free(units);
}

static char *row_at(const struct table *table, size_t index)
{
    return table->rows + index * table->row_bytes;
}

static bool push(struct table *table, const void *row)
{
    if (table->count == table->room) {
        size_t room = table->room == 0 ? 1024 : table->room * 2;
        char *rows = realloc(table->rows, room * table->row_bytes);
        if (rows == NULL)
            return false;
        table->rows = rows;
        table->room = room;
    }
    memcpy(row_at(table, table->count++), row, table->row_bytes);
    return true;
}

static bool append(struct table *table, const void *row)
{
    if (table->count > 0 && strcmp(row_at(table, table->count - 1), row) >= 0)
        return false;
    return push(table, row);
}

static int compare(const void *code, const void *row)
{
    return strcmp(code, row);
}

static const void *find(const struct table *table, const char *code)
{
    if (table->count == 0)
        return NULL;
    return bsearch(code, table->rows, table->count, table->row_bytes, compare);
}

static bool copy_code(char *ret_code, size_t code_bytes, const char *code)
{
    if (strlen(code) >= code_bytes)
        return false;
    strcpy(ret_code, code);
    return true;
}

bool units_add(struct units *units, const struct unit *unit)
{
    return append(&units->units, unit);
}

static const struct unit_past *past_at(const struct units *units, size_t index)
{
    return (const struct unit_past *)(const void *)row_at(&units->pasts, index);
}

bool units_past_add(struct units *units, const struct unit_past *past)
{
    if (units->pasts.count > 0) {
        const struct unit_past *last = past_at(units, units->pasts.count - 1);
        int order = strcmp(last->unit.code, past->unit.code);
        if (order > 0 || (order == 0 && strcmp(last->valid_to, past->valid_to) >= 0))
            return false;
    }
    return push(&units->pasts, past);
}

bool units_old_code_add(struct units *units, const char *old_code, const char *code)
{
    struct old_code row = {0};
    return copy_code(row.old_code, sizeof row.old_code, old_code) &&
           copy_code(row.code, sizeof row.code, code) && append(&units->old_codes, &row);
}

bool units_department_add(struct units *units, const char *code, const char *region, bool has_ars)
{
    struct department row = {.has_ars = has_ars};
    return copy_code(row.code, sizeof row.code, code) &&
           copy_code(row.region, sizeof row.region, region) && append(&units->departments, &row);
}

void units_version_set(struct units *units, int32_t version)
{
    units->version = version;
}

int32_t units_version(const struct units *units)
{
    return units->version;
}

size_t units_count(const struct units *units)
{
    return units->units.count;
}

const struct unit *units_find(const struct units *units, const char *code)
{
    return find(&units->units, code);
}

const struct unit *units_find_old(const struct units *units, const char *old_code)
{
    const struct old_code *row = find(&units->old_codes, old_code);
    return row == NULL ? NULL : units_find(units, row->code);
}

/* The first past state of a code; the count of all when there is none. */
static size_t past_first(const struct units *units, const char *code)
{
    size_t low = 0;
    size_t high = units->pasts.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(past_at(units, middle)->unit.code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The state of a code on a date; what it was last before it in *ret_last. */
static bool find_state(const struct units *units, const char *code, const char *on_date,
                       struct unit_found *found, const struct unit_past **ret_last)
{
    *ret_last = NULL;
    for (size_t i = past_first(units, code); i < units->pasts.count; i++) {
        const struct unit_past *past = past_at(units, i);
        if (strcmp(past->unit.code, code) != 0)
            break;
        if (strcmp(past->valid_to, on_date) <= 0) {
            *ret_last = past;
            continue;
        }
        found->unit = &past->unit;
        found->valid_to = past->valid_to;
        return strcmp(past->unit.valid_from, on_date) <= 0;
    }
    found->unit = units_find(units, code);
    found->valid_to = "";
    return found->unit != NULL && strcmp(found->unit->valid_from, on_date) <= 0;
}

bool units_find_on(const struct units *units, const char *code, const char *on_date,
                   struct unit_found *ret_found)
{
    struct unit_found found = {.merged_on = "", .weight = 1};
    const struct unit_past *last = NULL;
    bool is_found = find_state(units, code, on_date, &found, &last);
    for (int i = 0; !is_found && last != NULL && i < MERGERS_MAX; i++) {
        found.is_former = true;
        found.merged_on = last->valid_to;
        found.weight *= last->weight;
        is_found = find_state(units, last->successor_code, on_date, &found, &last);
    }
    if (!is_found && !found.is_former) {
        found.valid_to = "";
        found.unit = units_find_old(units, code);
        found.is_former = true;
        is_found = found.unit != NULL && strcmp(found.unit->valid_from, on_date) <= 0;
    }
    if (is_found)
        *ret_found = found;
    return is_found;
}

const struct unit *units_child(const struct units *units, const struct unit *parent,
                               const struct unit *previous)
{
    const struct unit *first = (const struct unit *)(const void *)units->units.rows;
    const struct unit *unit = previous == NULL ? first : previous + 1;
    for (; unit < first + units->units.count; unit++) {
        if (strcmp(unit->parent_code, parent->code) == 0)
            return unit;
    }
    return NULL;
}

const struct unit *units_district(const struct units *units, const struct unit *unit)
{
    if (unit->is_leaf)
        return NULL;
    const struct unit *child = units_child(units, unit, NULL);
    return child == NULL || child->is_part ? NULL : child;
}

bool units_has_department(const struct units *units, const char *code)
{
    return find(&units->departments, code) != NULL;
}

bool units_has_region(const struct units *units, const char *code)
{
    const struct department *rows =
        (const struct department *)(const void *)units->departments.rows;
    for (size_t i = 0; i < units->departments.count; i++) {
        if (rows[i].has_ars && strcmp(rows[i].region, code) == 0)
            return true;
    }
    return false;
}
