/* SPDX-License-Identifier: Apache-2.0 */
#include "import_csv.h"

#include <cpts/value.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define FIRST_CAPACITY 1024
#define READ_BYTES 65536

/* What the parser's callbacks know. */
struct reading {
    struct csv_table *table;
    /** Line that is being fed. */
    int line;
    /** First cell of the row that is being read, and its line; 0 = none yet. */
    size_t first_cell;
    int first_line;
    bool is_out_of_memory;
};

static bool grow(void **array, size_t *capacity, size_t count, size_t item_bytes)
{
    if (count < *capacity)
        return true;
    size_t larger = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    void *moved = reallocarray(*array, larger, item_bytes);
    if (moved == NULL)
        return false;
    *array = moved;
    *capacity = larger;
    return true;
}

static void take_cell(void *text, size_t length, void *data)
{
    struct reading *reading = data;
    struct csv_table *table = reading->table;
    char *copy = strndup(text == NULL ? "" : text, length);
    if (copy == NULL ||
        !grow((void **)&table->cells, &table->cell_capacity, table->cell_count, sizeof copy)) {
        free(copy);
        reading->is_out_of_memory = true;
        return;
    }
    if (reading->first_line == 0)
        reading->first_line = reading->line;
    table->cells[table->cell_count++] = copy;
}

static void take_row(int end, void *data)
{
    struct reading *reading = data;
    struct csv_table *table = reading->table;
    (void)end;
    if (!grow((void **)&table->rows, &table->row_capacity, table->row_count, sizeof *table->rows)) {
        reading->is_out_of_memory = true;
        return;
    }
    table->rows[table->row_count++] =
        (struct csv_row){.line = reading->first_line,
                         .first_cell = reading->first_cell,
                         .cell_count = table->cell_count - reading->first_cell};
    reading->first_cell = table->cell_count;
    reading->first_line = 0;
}

/* The whole stream, NUL-terminated, from malloc. */
static char *read_all(FILE *stream, size_t *ret_length, char *ret_problem)
{
    char *text = NULL;
    size_t length = 0, capacity = 0, got = 0;
    do {
        char *larger = length + READ_BYTES >= capacity
                           ? realloc(text, capacity = capacity * 2 + READ_BYTES + 1)
                           : text;
        if (larger == NULL || length > CSV_FILE_BYTES_MAX) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file is longer than %ld MB",
                     CSV_FILE_BYTES_MAX / 1024 / 1024);
            free(larger == NULL ? text : larger);
            return NULL;
        }
        text = larger;
        got = fread(text + length, 1, READ_BYTES, stream);
        length += got;
    } while (got > 0);
    if (ferror(stream)) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file cannot be read");
        free(text);
        return NULL;
    }
    text[length] = '\0';
    *ret_length = length;
    return text;
}

static size_t line_length(const char *text, size_t length)
{
    const char *end = memchr(text, '\n', length);
    return end == NULL ? length : (size_t)(end - text) + 1;
}

/* Line by line, so that problems and rows know where they are. */
static bool parse(struct csv_parser *parser, struct reading *reading, const char *text,
                  size_t length, char *ret_problem)
{
    for (size_t at = 0; at < length;) {
        size_t step = line_length(text + at, length - at);
        reading->line++;
        if (!cpts_text_is_valid(text + at, step)) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "line %d is not UTF-8", reading->line);
            return false;
        }
        if (csv_parse(parser, text + at, step, take_cell, take_row, reading) != step) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "line %d: a quote out of place",
                     reading->line);
            return false;
        }
        at += step;
    }
    if (csv_fini(parser, take_cell, take_row, reading) != 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES,
                 "the quotes opened in the row that begins on line %d are never closed",
                 reading->first_line == 0 ? reading->line : reading->first_line);
        return false;
    }
    return true;
}

static bool read_text(struct csv_table *table, const char *text, size_t length, char *ret_problem)
{
    struct csv_parser parser;
    struct reading reading = {.table = table};
    size_t mark = strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0 ? 3 : 0;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory");
        return false;
    }
    bool is_fine = parse(&parser, &reading, text + mark, length - mark, ret_problem);
    csv_free(&parser);
    if (is_fine && reading.is_out_of_memory)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory for the file");
    else if (is_fine && table->row_count == 0)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file is empty");
    return is_fine && !reading.is_out_of_memory && table->row_count > 0;
}

bool csv_table_read(struct csv_table *table, FILE *stream, char ret_problem[CSV_PROBLEM_BYTES])
{
    size_t length = 0;
    memset(table, 0, sizeof *table);
    char *text = read_all(stream, &length, ret_problem);
    if (text == NULL)
        return false;
    bool is_fine = read_text(table, text, length, ret_problem);
    free(text);
    if (!is_fine)
        csv_table_done(table);
    return is_fine;
}

void csv_table_done(struct csv_table *table)
{
    for (size_t i = 0; i < table->cell_count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->rows);
    memset(table, 0, sizeof *table);
}

const char *csv_table_cell(const struct csv_table *table, const struct csv_row *row, size_t column)
{
    return table->cells[row->first_cell + column];
}
