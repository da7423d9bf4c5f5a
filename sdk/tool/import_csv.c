/* SPDX-License-Identifier: Apache-2.0 */
#include "import_csv.h"

#include <cpts/value.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "import_pool.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"
#define READ_BYTES 65536
/* What csv_table_sample() looks at. */
#define SAMPLE_BYTES_MAX 65536

/* What the parser's callbacks know. */
struct reading {
    struct csv_table *table;
    /** Line that is being fed. */
    int line;
    /** Line on which the row that is being read began. */
    int first_line;
    /** Line of a cell that is too long; 0 = none. */
    int long_line;
    bool is_out_of_memory;
};

bool csv_table_add_cell(struct csv_table *table, const char *text)
{
    char *copy = strdup(text);
    if (copy == NULL || !import_pool_grow((void **)&table->cells, &table->cell_capacity,
                                          table->cell_count, sizeof copy)) {
        free(copy);
        return false;
    }
    table->cells[table->cell_count++] = copy;
    return true;
}

bool csv_table_end_row(struct csv_table *table, int line)
{
    if (!import_pool_grow((void **)&table->rows, &table->row_capacity, table->row_count,
                          sizeof *table->rows))
        return false;
    table->rows[table->row_count++] =
        (struct csv_row){.line = line,
                         .first_cell = table->cells_in_rows,
                         .cell_count = table->cell_count - table->cells_in_rows};
    table->cells_in_rows = table->cell_count;
    return true;
}

static void take_cell(void *text, size_t length, void *data)
{
    struct reading *reading = data;
    if (length > CSV_CELL_BYTES_MAX && reading->long_line == 0)
        reading->long_line = reading->line;
    if (!csv_table_add_cell(reading->table, text == NULL ? "" : text))
        reading->is_out_of_memory = true;
}

static void take_row(int end, void *data)
{
    struct reading *reading = data;
    (void)end;
    if (!csv_table_end_row(reading->table, reading->first_line))
        reading->is_out_of_memory = true;
}

/* The next line to feed; libcsv's state 0 is between rows. */
static void next_line(const struct csv_parser *parser, struct reading *reading)
{
    reading->line++;
    if (parser->pstate == 0)
        reading->first_line = reading->line;
}

char *csv_bytes_read(FILE *stream, size_t *ret_length, char ret_problem[CSV_PROBLEM_BYTES])
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
        next_line(parser, reading);
        if (reading->line > CSV_LINES_MAX) {
            snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file has more than %d lines",
                     CSV_LINES_MAX);
            return false;
        }
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
                 reading->first_line);
        return false;
    }
    return true;
}

/* What is wrong with the table as a whole; true when nothing is. */
static bool judge(const struct reading *reading, char *ret_problem)
{
    if (reading->is_out_of_memory)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory for the file");
    else if (reading->long_line > 0)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "line %d: a cell is longer than %zu bytes",
                 reading->long_line, CSV_CELL_BYTES_MAX);
    else if (reading->table->row_count == 0)
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file is empty");
    else
        return true;
    return false;
}

bool csv_table_parse(struct csv_table *table, const char *text, size_t length, char separator,
                     int first_line, char ret_problem[CSV_PROBLEM_BYTES])
{
    struct csv_parser parser;
    struct reading reading = {.table = table, .line = first_line - 1};
    memset(table, 0, sizeof *table);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory");
        return false;
    }
    csv_set_delim(&parser, (unsigned char)separator);
    bool is_fine = parse(&parser, &reading, text, length, ret_problem);
    csv_free(&parser);
    if (is_fine && judge(&reading, ret_problem))
        return true;
    csv_table_done(table);
    return false;
}

bool csv_table_sample(struct csv_table *table, const char *text, size_t length, char separator,
                      size_t rows_max)
{
    struct csv_parser parser;
    struct reading reading = {.table = table};
    memset(table, 0, sizeof *table);
    length = length > SAMPLE_BYTES_MAX ? SAMPLE_BYTES_MAX : length;
    if (csv_init(&parser, CSV_STRICT | CSV_APPEND_NULL) != 0)
        return false;
    csv_set_delim(&parser, (unsigned char)separator);
    for (size_t at = 0; at < length && table->row_count < rows_max;) {
        size_t step = line_length(text + at, length - at);
        next_line(&parser, &reading);
        if (csv_parse(&parser, text + at, step, take_cell, take_row, &reading) != step)
            break;
        at += step;
    }
    if (csv_error(&parser) == CSV_SUCCESS)
        csv_fini(&parser, take_cell, take_row, &reading);
    csv_free(&parser);
    if (reading.is_out_of_memory)
        csv_table_done(table);
    return !reading.is_out_of_memory;
}

bool csv_table_read(struct csv_table *table, FILE *stream, char ret_problem[CSV_PROBLEM_BYTES])
{
    size_t length = 0;
    char *text = csv_bytes_read(stream, &length, ret_problem);
    if (text == NULL)
        return false;
    size_t mark = strncmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0 ? 3 : 0;
    bool is_fine = csv_table_parse(table, text + mark, length - mark, ',', 1, ret_problem);
    free(text);
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
