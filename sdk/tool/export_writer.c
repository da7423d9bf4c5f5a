/* SPDX-License-Identifier: Apache-2.0 */
#include "export_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What spreadsheets read as the beginning of a formula: OWASP, "CSV Injection",
 * the wide forms of the same characters with them. */
static const char *const FORMULA_STARTS[] = {"=",  "+",  "-",  "@",  "\t", "\r",
                                             "\n", "＝", "＋", "－", "＠"};

bool export_is_formula(const char *text)
{
    for (size_t i = 0; i < sizeof FORMULA_STARTS / sizeof FORMULA_STARTS[0]; i++) {
        if (strncmp(text, FORMULA_STARTS[i], strlen(FORMULA_STARTS[i])) == 0)
            return true;
    }
    return false;
}

void export_fail(struct export_writer *writer, const char *format, ...)
{
    va_list values;
    if (writer->is_failed)
        return;
    writer->is_failed = true;
    va_start(values, format);
    vsnprintf(writer->problem, sizeof writer->problem, format, values);
    va_end(values);
}

/* The text behind an apostrophe, from malloc. */
static char *disarm(struct export_writer *writer, const char *text)
{
    char *disarmed = NULL;
    if (asprintf(&disarmed, "'%s", text) >= 0)
        return disarmed;
    export_fail(writer, "no memory for the rows");
    return NULL;
}

void export_row(struct export_writer *writer, const char *const *cells)
{
    const struct export_table *table = writer->table;
    const char *written[EXPORT_COLUMNS_MAX];
    char *disarmed[EXPORT_COLUMNS_MAX] = {NULL};
    for (size_t i = 0; i < table->column_count; i++) {
        written[i] = cells[i] == NULL ? "" : cells[i];
        if (table->columns[i].type == EXPORT_TEXT && export_is_formula(written[i])) {
            disarmed[i] = disarm(writer, written[i]);
            written[i] = disarmed[i] == NULL ? "" : disarmed[i];
        }
    }
    if (!writer->is_failed)
        writer->row(writer, written);
    writer->row_count++;
    for (size_t i = 0; i < table->column_count; i++)
        free(disarmed[i]);
}

cpts_status export_write(const struct export *export, struct export_writer *writer,
                         struct export_counts *ret_counts, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && !writer->is_failed && i < EXPORT_TABLE_COUNT; i++) {
        writer->table = EXPORT_TABLES[i];
        writer->row_count = 0;
        writer->begin(writer);
        if (!writer->is_failed)
            status = writer->table->fill(export, writer, err);
        writer->end(writer);
        ret_counts->rows[i] = writer->row_count;
    }
    return status;
}
