/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_encoding.h"
#include "name_fold.h"

static const char SEPARATORS[] = {',', ';', '\t'};

/* The separator that the first line has most of. */
static char separator_of(const char *text)
{
    size_t most = 0;
    char found = SEPARATORS[0];
    size_t line = strcspn(text, "\n");
    for (size_t i = 0; i < sizeof SEPARATORS; i++) {
        size_t count = 0;
        for (size_t at = 0; at < line; at++)
            count += text[at] == SEPARATORS[i];
        if (count > most) {
            most = count;
            found = SEPARATORS[i];
        }
    }
    return found;
}

bool sheet_read(struct sheet *sheet, const char *path, char ret_problem[CSV_PROBLEM_BYTES])
{
    struct import_text text = {0};
    size_t byte_count = 0;
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        snprintf(ret_problem, CSV_PROBLEM_BYTES, "%s", strerror(errno));
        return false;
    }
    char *bytes = csv_bytes_read(stream, &byte_count, ret_problem);
    fclose(stream);
    bool is_fine =
        bytes != NULL && import_encoding_read(bytes, byte_count, NULL, &text, ret_problem);
    free(bytes);
    if (!is_fine)
        return false;
    *sheet = (struct sheet){0};
    is_fine = csv_table_parse(&sheet->table, text.text, text.length, separator_of(text.text), 1,
                              ret_problem);
    import_text_done(&text);
    return is_fine;
}

int sheet_column(const struct sheet *sheet, const char *const *names)
{
    const struct csv_row *header = &sheet->table.rows[0];
    for (size_t column = 0; column < header->cell_count; column++) {
        char folded[FOLD_BYTES];
        name_fold_words(csv_table_cell(&sheet->table, header, column), folded);
        for (size_t i = 0; names[i] != NULL; i++) {
            if (strcmp(folded, names[i]) == 0)
                return (int)column;
        }
    }
    return -1;
}

size_t sheet_row_count(const struct sheet *sheet)
{
    return sheet->table.row_count - 1;
}

const char *sheet_cell(const struct sheet *sheet, size_t row, int column)
{
    const struct csv_row *cells = &sheet->table.rows[row + 1];
    if (column < 0 || (size_t)column >= cells->cell_count)
        return "";
    char *cell = sheet->table.cells[cells->first_cell + (size_t)column];
    size_t length = strlen(cell);
    while (length > 0 && strchr(" \t\r", cell[length - 1]) != NULL)
        cell[--length] = '\0';
    return cell + strspn(cell, " \t");
}

int sheet_line(const struct sheet *sheet, size_t row)
{
    return sheet->table.rows[row + 1].line;
}

void sheet_done(struct sheet *sheet)
{
    csv_table_done(&sheet->table);
}
