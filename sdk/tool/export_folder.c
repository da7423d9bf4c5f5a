/* SPDX-License-Identifier: Apache-2.0 */
/* An export as a folder: a CSV a table (RFC 4180, UTF-8), its datapackage.json,
 * and LISEZMOI.md for people. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export_note.h"
#include "export_package.h"
#include "grid.h"

#define README_FILE "LISEZMOI.md"

struct folder_writer {
    struct export_writer base;
    const char *path;
    FILE *stream;
};

static FILE *create(struct folder_writer *writer, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", writer->path, name);
    FILE *stream = fopen(path, "wxe");
    if (stream == NULL)
        export_fail(&writer->base, "%s cannot be written: %s", name, strerror(errno));
    return stream;
}

static void finish(struct folder_writer *writer, FILE *stream, const char *name)
{
    bool is_fine = ferror(stream) == 0;
    if (fclose(stream) != 0 || !is_fine)
        export_fail(&writer->base, "%s cannot be written: %s", name, strerror(errno));
}

static void begin_table(struct export_writer *base)
{
    struct folder_writer *writer = (struct folder_writer *)base;
    char name[NAME_MAX];
    snprintf(name, sizeof name, "%s.csv", base->table->name);
    writer->stream = create(writer, name);
    if (writer->stream == NULL)
        return;
    for (size_t i = 0; i < base->table->column_count; i++)
        csv_field(writer->stream, base->table->columns[i].name, i == 0);
    fputs("\r\n", writer->stream);
}

static void write_row(struct export_writer *base, const char *const *cells)
{
    const struct folder_writer *writer = (struct folder_writer *)base;
    for (size_t i = 0; i < base->table->column_count; i++)
        csv_field(writer->stream, cells[i], i == 0);
    fputs("\r\n", writer->stream);
}

static void end_table(struct export_writer *base)
{
    struct folder_writer *writer = (struct folder_writer *)base;
    if (writer->stream != NULL)
        finish(writer, writer->stream, base->table->name);
    writer->stream = NULL;
}

static void write_package(struct folder_writer *writer, const struct export *export,
                          const struct export_counts *counts)
{
    char *text = export_package_text(export, counts);
    if (text == NULL) {
        export_fail(&writer->base, "no memory for " EXPORT_PACKAGE_FILE);
        return;
    }
    FILE *stream = create(writer, EXPORT_PACKAGE_FILE);
    if (stream != NULL) {
        fprintf(stream, "%s\n", text);
        finish(writer, stream, EXPORT_PACKAGE_FILE);
    }
    free(text);
}

static void write_note(void *data, const char *heading, const char *text)
{
    FILE *stream = data;
    fprintf(stream, "- **%s** : %s\n", heading, text);
}

/* The columns of a table as a table of Markdown. */
static void write_columns(FILE *stream, const struct export_table *table)
{
    fprintf(stream, "\n## %s : `%s.csv`\n\n%s\n\n", table->title, table->name, table->description);
    fputs("| colonne | libellé | type | unité | description |\n|---|---|---|---|---|\n", stream);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct export_column *column = &table->columns[i];
        fprintf(stream, "| `%s` | %s | %s | %s | %s |\n", column->name, column->label,
                export_type_label(column->type), column->unit == NULL ? "" : column->unit,
                column->description);
    }
}

static void write_readme(struct folder_writer *writer, const struct export *export,
                         const struct export_counts *counts)
{
    char title[EXPORT_NOTE_BYTES];
    FILE *stream = create(writer, README_FILE);
    if (stream == NULL)
        return;
    export_title(export, title);
    fprintf(stream, "# %s\n\n", title);
    export_notes(export, counts, write_note, stream);
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++)
        write_columns(stream, EXPORT_TABLES[i]);
    finish(writer, stream, README_FILE);
}

cpts_status export_folder_write(const struct export *export, const char *path,
                                struct export_counts *ret_counts,
                                char ret_problem[EXPORT_PROBLEM_BYTES], struct cpts_error *err)
{
    struct folder_writer writer = {
        .base = {.begin = begin_table, .row = write_row, .end = end_table}, .path = path};
    cpts_status status = export_write(export, &writer.base, ret_counts, err);
    if (status == CPTS_OK && !writer.base.is_failed)
        write_package(&writer, export, ret_counts);
    if (status == CPTS_OK && !writer.base.is_failed)
        write_readme(&writer, export, ret_counts);
    snprintf(ret_problem, EXPORT_PROBLEM_BYTES, "%s", writer.base.problem);
    return status;
}
