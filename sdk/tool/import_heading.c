/* SPDX-License-Identifier: Apache-2.0 */
#include "import_heading.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "import_pool.h"
#include "name_fold.h"
#include "suggest.h"

/* Bytes of a problem that the list of columns may take. */
#define LIST_BYTES 130

bool import_map_read(const struct import_field_set *set, const char *text,
                     struct import_map *ret_map, char ret_problem[CSV_PROBLEM_BYTES])
{
    const char *sign = strchr(text, '=');
    size_t length = sign == NULL ? strlen(text) : (size_t)(sign - text);
    char name[FOLD_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)length, text);
    for (int field = 0; sign != NULL && field < set->count; field++) {
        if (strcmp(name, set->names[field]) != 0)
            continue;
        *ret_map = (struct import_map){.field = field, .heading = sign + 1};
        return true;
    }
    const char *near = suggest_nearest(name, set->names, (size_t)set->count);
    snprintf(ret_problem, CSV_PROBLEM_BYTES,
             sign == NULL ? "\"%.60s\" is not FIELD=COLUMN%s%s" : "no field \"%.60s\"%s%s", name,
             near == NULL ? "" : "; did you mean ", near == NULL ? "" : near);
    return false;
}

/* What a heading means and how sure; 0 = nothing. */
static int recognise(const struct import_field_set *set, const char *heading, int *ret_field)
{
    char folded[FOLD_BYTES];
    name_fold_words(heading, folded);
    for (size_t i = 0; i < set->heading_count; i++) {
        if (strcmp(folded, set->headings[i].heading) != 0)
            continue;
        *ret_field = set->headings[i].field;
        return set->headings[i].sureness;
    }
    return 0;
}

static bool is_heading(const char *cell, const char *heading)
{
    char one[FOLD_BYTES], other[FOLD_BYTES];
    name_fold_words(cell, one);
    name_fold_words(heading, other);
    return one[0] != '\0' && strcmp(one, other) == 0;
}

size_t import_field_score(const struct import_field_set *set, const struct csv_table *table,
                          const struct csv_row *row, const struct import_map *maps,
                          size_t map_count)
{
    size_t score = 0;
    for (size_t i = 0; i < row->cell_count; i++) {
        int field = set->count;
        const char *cell = csv_table_cell(table, row, i);
        bool is_known = recognise(set, cell, &field) > 0;
        for (size_t j = 0; !is_known && j < map_count; j++)
            is_known = is_heading(cell, maps[j].heading);
        score += is_known;
    }
    return score;
}

void import_field_list(const struct csv_table *table, const struct csv_row *header, char *ret_text,
                       size_t bytes)
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < header->cell_count; i++) {
        char folded[FOLD_BYTES];
        const char *cell = csv_table_cell(table, header, i);
        name_fold_words(cell, folded);
        int added = snprintf(ret_text + length, bytes - length, "%s%.40s", i == 0 ? "" : " | ",
                             strchr(cell, '\n') == NULL ? cell : folded);
        if (added < 0 || length + (size_t)added >= bytes)
            break;
        length += (size_t)added;
    }
    import_text_mend(ret_text);
}

/* A mapping that is being made. */
struct making {
    const struct import_field_set *set;
    const struct csv_table *table;
    const struct csv_row *header;
    struct import_mapping *mapping;
    int sureness[IMPORT_FIELDS_MAX];
    bool is_told[IMPORT_FIELDS_MAX];
    char *problem;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct making *making,
                                                         const char *format, ...)
{
    char list[LIST_BYTES], sentence[CSV_PROBLEM_BYTES];
    va_list values;
    import_field_list(making->table, making->header, list, sizeof list);
    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    snprintf(making->problem, CSV_PROBLEM_BYTES, "%.*s; columns: %s",
             CSV_PROBLEM_BYTES - LIST_BYTES - 16, sentence, list);
    return false;
}

static bool take_map(struct making *making, const struct import_map *map)
{
    int *column = &making->mapping->column[map->field];
    making->is_told[map->field] = true;
    if (map->heading[0] == '\0')
        return true;
    for (size_t i = 0; i < making->header->cell_count; i++) {
        if (!is_heading(csv_table_cell(making->table, making->header, i), map->heading))
            continue;
        if (*column >= 0)
            return refuse(making, "two columns are called \"%.40s\"", map->heading);
        *column = (int)i;
    }
    return *column >= 0 || refuse(making, "--map %s=%.40s: there is no such column",
                                  making->set->names[map->field], map->heading);
}

static bool is_taken(const struct making *making, int column)
{
    for (int field = 0; field < making->set->count; field++) {
        if (making->is_told[field] && making->mapping->column[field] == column)
            return true;
    }
    return false;
}

static bool take_heading(struct making *making, int column)
{
    int field = making->set->count;
    const char *heading = csv_table_cell(making->table, making->header, (size_t)column);
    int sureness = recognise(making->set, heading, &field);
    if (sureness == 0 || making->is_told[field] || is_taken(making, column))
        return true;
    if (sureness < making->sureness[field])
        return true;
    if (sureness == making->sureness[field])
        return refuse(
            making, "two columns could be %s, \"%.30s\" and \"%.30s\": choose with --map",
            making->set->names[field],
            csv_table_cell(making->table, making->header, (size_t)making->mapping->column[field]),
            heading);
    making->sureness[field] = sureness;
    making->mapping->column[field] = column;
    return true;
}

bool import_mapping_read(const struct import_field_set *set, const struct csv_table *table,
                         const struct csv_row *header, const struct import_map *maps,
                         size_t map_count, struct import_mapping *ret_mapping,
                         char ret_problem[CSV_PROBLEM_BYTES])
{
    struct making making = {.set = set, .table = table, .header = header, .mapping = ret_mapping};
    making.problem = ret_problem;
    for (int field = 0; field < IMPORT_FIELDS_MAX; field++)
        ret_mapping->column[field] = -1;
    for (size_t i = 0; i < map_count; i++) {
        if (!take_map(&making, &maps[i]))
            return false;
    }
    for (size_t i = 0; i < header->cell_count; i++) {
        if (!take_heading(&making, (int)i))
            return false;
    }
    const char *missing = set->find_missing(ret_mapping->column);
    return missing == NULL || refuse(&making, "%s", missing);
}
