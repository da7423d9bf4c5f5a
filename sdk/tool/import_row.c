/* SPDX-License-Identifier: Apache-2.0 */
#include "import_row.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_pool.h"
#include "suggest.h"
#include "unit_text.h"

#define NAME_CHARACTERS_MAX 200
#define REGION_LENGTH 2
#define ID_SPACE "cptsctl import"
/* How much of what stands in the file a sentence repeats. */
#define QUOTED_BYTES_MAX 40
#define QUOTED_HEADING_BYTES_MAX 100

static const char *const NAMES[COLUMN_COUNT] = {
    [COLUMN_KEY] = "key",
    [COLUMN_NAME] = "name",
    [COLUMN_LEAD_REGION] = "lead_region",
    [COLUMN_EMERGENCE_ON] = "emergence_on",
    [COLUMN_LETTRE_INTENTION_ON] = "lettre_intention_on",
    [COLUMN_PROJET_VALIDE_ON] = "projet_valide_on",
    [COLUMN_ACI_SIGNE_ON] = "aci_signe_on",
    [COLUMN_EXIT_STAGE] = "exit_stage",
    [COLUMN_EXIT_ON] = "exit_on",
    [COLUMN_TERRITORY] = "territory",
    [COLUMN_SYNTHETIC] = "synthetic",
    [COLUMN_FINESS] = "finess",
    [COLUMN_WEBSITE] = "website",
};

const char *import_column_name(enum import_column column)
{
    return column < COLUMN_COUNT ? NAMES[column] : "";
}

static bool is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* Bytes of the beginning of a text that a sentence quotes: cut between
 * characters, for half a character would make the sentence no text. */
static int quoted(const char *text, size_t bytes_max)
{
    size_t length = strnlen(text, bytes_max);
    while (length > 0 && is_continuation(text[length]))
        length--;
    return (int)length;
}

static bool header_add(struct import_header *header, const char *name, int position,
                       char *ret_problem)
{
    for (int column = 0; column < COLUMN_COUNT; column++) {
        if (strcmp(name, NAMES[column]) != 0)
            continue;
        if (header->position[column] >= 0) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "the column %s stands twice", name);
            return false;
        }
        header->position[column] = position;
        return true;
    }
    const char *near = suggest_nearest(name, NAMES, COLUMN_COUNT);
    snprintf(ret_problem, CSV_PROBLEM_BYTES, "no column is called \"%.*s\"%s%s%s",
             quoted(name, QUOTED_HEADING_BYTES_MAX), name, near == NULL ? "" : "; did you mean ",
             near == NULL ? "" : near, near == NULL ? "" : "?");
    return false;
}

bool import_header_read(struct import_header *header, const struct csv_table *table,
                        char ret_problem[CSV_PROBLEM_BYTES])
{
    const struct csv_row *row = &table->rows[0];
    header->cell_count = row->cell_count;
    for (int column = 0; column < COLUMN_COUNT; column++)
        header->position[column] = -1;
    for (size_t i = 0; i < row->cell_count; i++) {
        if (!header_add(header, csv_table_cell(table, row, i), (int)i, ret_problem))
            return false;
    }
    for (int column = 0; column < COLUMN_FINESS; column++) {
        if (header->position[column] < 0) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "the column %s is missing", NAMES[column]);
            return false;
        }
    }
    return true;
}

void import_row_refuse(struct import_row *row, enum import_column column, const char *reason,
                       const char *format, ...)
{
    va_list values;
    row->state = IMPORT_REFUSED;
    if (row->problem != NULL)
        return;
    row->problem = calloc(1, sizeof *row->problem);
    if (row->problem == NULL)
        return;
    row->problem->status = CPTS_INVALID_ARGUMENT;
    snprintf(row->problem->reason, sizeof row->problem->reason, "%s", reason);
    snprintf(row->problem->field, sizeof row->problem->field, "%s", import_column_name(column));
    va_start(values, format);
    vsnprintf(row->problem->message, sizeof row->problem->message, format, values);
    va_end(values);
    import_text_mend(row->problem->message);
}

/* The cells of one row by the names of their columns. */
struct cells {
    const struct import_header *header;
    const struct csv_table *table;
    const struct csv_row *row;
    const char *today;
};

/* Empty for a column that the file does not have. */
static const char *cell(const struct cells *cells, enum import_column column)
{
    int position = cells->header->position[column];
    return position < 0 ? "" : csv_table_cell(cells->table, cells->row, (size_t)position);
}

static size_t character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += !is_continuation(*text);
    return count;
}

static void read_names(struct import_row *row, const struct cells *cells)
{
    const char *name = cell(cells, COLUMN_NAME), *region = cell(cells, COLUMN_LEAD_REGION);
    if (row->key[0] == '\0')
        import_row_refuse(row, COLUMN_KEY, "FIELD_REQUIRED", "a row needs a key");
    else if (strlen(row->key) > IMPORT_KEY_BYTES_MAX)
        import_row_refuse(row, COLUMN_KEY, "FIELD_INVALID", "the key is longer than %d bytes",
                          IMPORT_KEY_BYTES_MAX);
    if (name[0] == '\0')
        import_row_refuse(row, COLUMN_NAME, "FIELD_REQUIRED", "a CPTS needs a name");
    else if (character_count(name) > NAME_CHARACTERS_MAX)
        import_row_refuse(row, COLUMN_NAME, "FIELD_INVALID", "the name has more than %d characters",
                          NAME_CHARACTERS_MAX);
    if (strlen(region) != REGION_LENGTH || strspn(region, "0123456789") != REGION_LENGTH)
        import_row_refuse(row, COLUMN_LEAD_REGION, "UNKNOWN_REGION",
                          "\"%.*s\" is not the INSEE code of a region, like 11 or 01",
                          quoted(region, QUOTED_BYTES_MAX), region);
    row->creation.name = name;
    row->creation.lead_region = region;
    row->creation.finess = cell(cells, COLUMN_FINESS);
    row->creation.website = cell(cells, COLUMN_WEBSITE);
}

static void add_stage(struct import_row *row, const struct cells *cells, enum cpts_stage stage,
                      enum import_column column)
{
    const char *date = cell(cells, column);
    size_t count = row->creation.stage_count;
    if (!cpts_date_is_valid(date))
        import_row_refuse(row, column, "FIELD_INVALID", "\"%.*s\" is not a date like 2024-02-01",
                          quoted(date, QUOTED_BYTES_MAX), date);
    else if (strcmp(date, cells->today) > 0)
        import_row_refuse(row, column, "DATE_IN_FUTURE", "%s is in the future", date);
    else if (count > 0 && strcmp(date, row->stages[count - 1].effective_on) <= 0)
        import_row_refuse(
            row, column, "STAGE_ORDER_INVALID", "%s is not after %s, at which %s began", date,
            row->stages[count - 1].effective_on, cpts_stage_name(row->stages[count - 1].stage));
    row->stages[count] = (struct cpts_stage_entry){.stage = stage, .effective_on = date};
    row->creation.stage_count++;
}

static void read_live_stages(struct import_row *row, const struct cells *cells)
{
    enum import_column missing = COLUMN_COUNT;
    for (int i = 0; i < CPTS_STAGE_ACI_SIGNE; i++) {
        enum import_column column = (enum import_column)(COLUMN_EMERGENCE_ON + i);
        if (cell(cells, column)[0] == '\0')
            missing = missing == COLUMN_COUNT ? column : missing;
        else if (missing != COLUMN_COUNT)
            import_row_refuse(row, missing, "STAGE_ORDER_INVALID", "a stage before %s is missing",
                              import_column_name(column));
        else
            add_stage(row, cells, (enum cpts_stage)(CPTS_STAGE_EMERGENCE + i), column);
    }
    if (missing == COLUMN_EMERGENCE_ON)
        import_row_refuse(row, COLUMN_EMERGENCE_ON, "FIELD_REQUIRED",
                          "every CPTS begins with EMERGENCE");
}

static void read_exit(struct import_row *row, const struct cells *cells)
{
    const char *text = cell(cells, COLUMN_EXIT_STAGE);
    enum cpts_stage stage = CPTS_STAGE_UNSPECIFIED;
    if (text[0] == '\0') {
        if (cell(cells, COLUMN_EXIT_ON)[0] != '\0')
            import_row_refuse(row, COLUMN_EXIT_STAGE, "FIELD_REQUIRED",
                              "a date of exit needs a way out");
        return;
    }
    if (!cpts_stage_parse(text, &stage) || cpts_stage_is_live(stage))
        import_row_refuse(row, COLUMN_EXIT_STAGE, "FIELD_INVALID",
                          "\"%.*s\" is not ABANDONNE, DISSOUS or NON_RENOUVELE",
                          quoted(text, QUOTED_BYTES_MAX), text);
    else if (stage == CPTS_STAGE_FUSIONNE)
        import_row_refuse(row, COLUMN_EXIT_STAGE, "SUCCESSOR_INVALID",
                          "a merger names the CPTS that takes over, which has no id before the "
                          "import: use cptsctl cpts stage ID FUSIONNE --successor ID afterwards");
    else if (stage == CPTS_STAGE_NON_RENOUVELE && cell(cells, COLUMN_ACI_SIGNE_ON)[0] == '\0')
        import_row_refuse(row, COLUMN_EXIT_STAGE, "STAGE_ORDER_INVALID",
                          "NON_RENOUVELE needs an ACI that was signed");
    else
        add_stage(row, cells, stage, COLUMN_EXIT_ON);
}

static int compare_units(const void *one, const void *other)
{
    const struct cpts_territory_unit *left = one, *right = other;
    return strcmp(left->unit_code, right->unit_code);
}

static size_t word_count(const char *text)
{
    size_t count = 0;
    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        count++;
        text += strcspn(text, " ");
    }
    return count;
}

static bool read_unit(struct import_row *row, const char *text, size_t length)
{
    char code[UNIT_CODE_BYTES];
    struct cpts_territory_unit *unit = &row->units[row->creation.unit_count];
    enum unit_problem problem = unit_text_read(text, length, code, &unit->share);
    if (problem != UNIT_FINE) {
        import_row_refuse(row, COLUMN_TERRITORY,
                          problem == UNIT_SHARE_MALFORMED ? "SHARE_OUT_OF_RANGE" : "UNKNOWN_UNIT",
                          "\"%.*s\": %s",
                          quoted(text, length < QUOTED_BYTES_MAX ? length : QUOTED_BYTES_MAX), text,
                          unit_problem_text(problem));
        return true;
    }
    unit->unit_code = strdup(code);
    row->creation.unit_count += unit->unit_code != NULL;
    return unit->unit_code != NULL;
}

static void check_repeated_units(struct import_row *row)
{
    qsort(row->units, row->creation.unit_count, sizeof *row->units, compare_units);
    for (size_t i = 1; i < row->creation.unit_count; i++) {
        if (strcmp(row->units[i].unit_code, row->units[i - 1].unit_code) == 0)
            import_row_refuse(row, COLUMN_TERRITORY, "UNIT_REPEATED", "%s stands twice",
                              row->units[i].unit_code);
    }
}

static bool read_territory(struct import_row *row, const struct cells *cells)
{
    const char *text = cell(cells, COLUMN_TERRITORY);
    size_t count = word_count(text);
    if (count > IMPORT_UNITS_MAX) {
        import_row_refuse(row, COLUMN_TERRITORY, "FIELD_INVALID", "%zu units are more than %d",
                          count, IMPORT_UNITS_MAX);
        return true;
    }
    row->units = calloc(count + 1, sizeof *row->units);
    bool is_fine = row->units != NULL;
    for (text += strspn(text, " "); is_fine && *text != '\0'; text += strspn(text, " ")) {
        size_t length = strcspn(text, " ");
        is_fine = read_unit(row, text, length);
        text += length;
    }
    row->creation.territory = row->units;
    if (is_fine)
        check_repeated_units(row);
    return is_fine;
}

static void read_synthetic(struct import_row *row, const struct cells *cells)
{
    const char *text = cell(cells, COLUMN_SYNTHETIC);
    row->creation.synthetic = strcmp(text, "true") == 0;
    if (!row->creation.synthetic && strcmp(text, "false") != 0)
        import_row_refuse(row, COLUMN_SYNTHETIC, "FIELD_INVALID", "\"%.*s\" is not true or false",
                          quoted(text, QUOTED_BYTES_MAX), text);
}

bool import_row_read(struct import_row *row, const struct import_header *header,
                     const struct csv_table *table, const struct csv_row *cells, const char *today)
{
    struct cells named = {.header = header, .table = table, .row = cells, .today = today};
    memset(row, 0, sizeof *row);
    row->line = cells->line;
    row->key = "";
    row->creation.size = sizeof row->creation;
    row->creation.stages = row->stages;
    if (cells->cell_count != header->cell_count) {
        import_row_refuse(row, COLUMN_COUNT, "COLUMN_COUNT", "%zu cells where the header has %zu",
                          cells->cell_count, header->cell_count);
        return row->problem != NULL;
    }
    row->key = cell(&named, COLUMN_KEY);
    read_names(row, &named);
    read_live_stages(row, &named);
    read_exit(row, &named);
    read_synthetic(row, &named);
    bool is_fine = read_territory(row, &named);
    row->has_territory = row->creation.unit_count > 0;
    return is_fine && (row->state != IMPORT_REFUSED || row->problem != NULL);
}

void import_row_identify(struct import_row *row, const char *batch)
{
    char name[IMPORT_KEY_BYTES_MAX + 300];
    snprintf(name, sizeof name, "%.255s\n%s", batch, row->key);
    cpts_uuid_derive(ID_SPACE, name, row->command_id);
}

void import_row_done(struct import_row *row)
{
    for (size_t i = 0; row->units != NULL && i < row->creation.unit_count; i++)
        free((char *)row->units[i].unit_code);
    free(row->units);
    free(row->problem);
    row->units = NULL;
    row->problem = NULL;
}
