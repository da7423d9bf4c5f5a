/* SPDX-License-Identifier: Apache-2.0 */
#include "import_file.h"

#include <stdlib.h>
#include <string.h>

static int compare_keys(const void *one, const void *other)
{
    const struct import_row *left = *(struct import_row *const *)one;
    const struct import_row *right = *(struct import_row *const *)other;
    int order = strcmp(left->key, right->key);
    return order != 0 ? order : left->line - right->line;
}

/* The first row with a key counts, later ones are refused. */
static bool refuse_repeated_keys(struct import *import)
{
    struct import_row **sorted = calloc(import->row_count + 1, sizeof(struct import_row *));
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < import->row_count; i++)
        sorted[i] = &import->rows[i];
    qsort(sorted, import->row_count, sizeof(struct import_row *), compare_keys);
    const struct import_row *first = sorted[0];
    for (size_t i = 1; i < import->row_count; i++) {
        if (sorted[i]->key[0] == '\0' || strcmp(sorted[i]->key, first->key) != 0)
            first = sorted[i];
        else
            import_row_refuse(sorted[i], COLUMN_KEY, "KEY_REPEATED",
                              "the key stands on line %d already", first->line);
    }
    free(sorted);
    return true;
}

static bool read_rows(struct import_file *file, const struct import_header *header,
                      const char *batch, const char *today)
{
    struct import *import = &file->import;
    size_t count = file->table.row_count - 1;
    import->rows = calloc(count + 1, sizeof *import->rows);
    if (import->rows == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct import_row *row = &import->rows[i];
        import->row_count++;
        if (!import_row_read(row, header, &file->table, &file->table.rows[i + 1], today))
            return false;
        import_row_identify(row, batch);
    }
    return refuse_repeated_keys(import);
}

/* The rows of a table that was read; releases it when it is no import file. */
static bool read_table(struct import_file *file, const char *batch, const char *today,
                       char *ret_problem)
{
    struct import_header header;
    bool is_fine = import_header_read(&header, &file->table, ret_problem);
    if (is_fine && file->table.row_count == 1) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "the file has a header and no row");
        is_fine = false;
    } else if (is_fine && !read_rows(file, &header, batch, today)) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "no memory for the rows");
        is_fine = false;
    }
    if (!is_fine)
        import_file_done(file);
    return is_fine;
}

bool import_file_read(struct import_file *file, FILE *stream, const char *batch, const char *today,
                      char ret_problem[CSV_PROBLEM_BYTES])
{
    memset(file, 0, sizeof *file);
    return csv_table_read(&file->table, stream, ret_problem) &&
           read_table(file, batch, today, ret_problem);
}

bool import_file_parse(struct import_file *file, const char *text, size_t length, const char *batch,
                       const char *today, char ret_problem[CSV_PROBLEM_BYTES])
{
    memset(file, 0, sizeof *file);
    return csv_table_parse(&file->table, text, length, ',', 1, ret_problem) &&
           read_table(file, batch, today, ret_problem);
}

void import_file_done(struct import_file *file)
{
    for (size_t i = 0; i < file->import.row_count; i++)
        import_row_done(&file->import.rows[i]);
    free(file->import.rows);
    findings_done(&file->import.findings);
    import_pool_done(&file->import.pool);
    csv_table_done(&file->table);
    memset(file, 0, sizeof *file);
}
