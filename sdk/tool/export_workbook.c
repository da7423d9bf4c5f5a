/* SPDX-License-Identifier: Apache-2.0 */
/* An export as a workbook: what to know, a sheet a table, the dictionary last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

#include "export_note.h"

#define README_SHEET "Lisez-moi"
#define WIDTH_MAX 60
#define WIDTH_MIN 8
#define NOTE_WIDTH 110
#define HEADING_WIDTH 26

struct workbook_writer {
    struct export_writer base;
    const struct export *export;
    lxw_workbook *book;
    lxw_worksheet *sheet;
    lxw_format *heading, *alert, *wrapped;
    lxw_format *formats[EXPORT_TYPE_COUNT];
    /** Characters of the widest cell of each column. */
    size_t widths[EXPORT_COLUMNS_MAX];
};

static void check(struct workbook_writer *writer, lxw_error error)
{
    if (error != LXW_NO_ERROR)
        export_fail(&writer->base, "the workbook cannot be written: %s", lxw_strerror(error));
}

static size_t character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static lxw_format *new_format(struct workbook_writer *writer, const char *number_format)
{
    lxw_format *format = workbook_add_format(writer->book);
    if (format == NULL)
        export_fail(&writer->base, "no memory for the workbook");
    else if (number_format != NULL)
        format_set_num_format(format, number_format);
    return format;
}

static void make_formats(struct workbook_writer *writer)
{
    static const char *const NUMBER_FORMATS[EXPORT_TYPE_COUNT] = {
        [EXPORT_TEXT] = "@",          [EXPORT_UUID] = "@",
        [EXPORT_INTEGER] = "#,##0",   [EXPORT_NUMBER] = "General",
        [EXPORT_DATE] = "yyyy-mm-dd", [EXPORT_INSTANT] = "yyyy-mm-dd hh:mm:ss"};
    for (int type = 0; type < EXPORT_TYPE_COUNT; type++)
        writer->formats[type] = new_format(writer, NUMBER_FORMATS[type]);
    writer->heading = new_format(writer, NULL);
    writer->alert = new_format(writer, NULL);
    writer->wrapped = new_format(writer, NULL);
    if (writer->base.is_failed)
        return;
    format_set_bold(writer->heading);
    format_set_bg_color(writer->heading, 0xDCE6F1);
    format_set_align(writer->heading, LXW_ALIGN_VERTICAL_TOP);
    format_set_bold(writer->alert);
    format_set_font_color(writer->alert, LXW_COLOR_RED);
    format_set_text_wrap(writer->wrapped);
    format_set_align(writer->wrapped, LXW_ALIGN_VERTICAL_TOP);
}

static lxw_worksheet *add_sheet(struct workbook_writer *writer, const char *name)
{
    lxw_worksheet *sheet = workbook_add_worksheet(writer->book, name);
    if (sheet == NULL) {
        export_fail(&writer->base, "the sheet %s cannot be added", name);
        return NULL;
    }
    if (writer->export->synthetic_count > 0) {
        worksheet_set_tab_color(sheet, LXW_COLOR_RED);
        check(writer, worksheet_set_header(sheet, "&C&KFF0000DONNÉES SYNTHÉTIQUES"));
    }
    return sheet;
}

static void begin_table(struct export_writer *base)
{
    struct workbook_writer *writer = (struct workbook_writer *)base;
    const struct export_table *table = base->table;
    writer->sheet = add_sheet(writer, table->title);
    for (size_t i = 0; !base->is_failed && i < table->column_count; i++) {
        writer->widths[i] = character_count(table->columns[i].label) + 3;
        check(writer, worksheet_write_string(writer->sheet, 0, (lxw_col_t)i,
                                             table->columns[i].label, writer->heading));
    }
    if (!base->is_failed)
        worksheet_freeze_panes(writer->sheet, 1, 1);
}

/* @return false when the text is no date or instant. */
static bool read_instant(const char *text, enum export_type type, lxw_datetime *ret_instant)
{
    struct tm read = {0};
    const char *rest =
        strptime(text, type == EXPORT_DATE ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%S", &read);
    if (rest == NULL)
        return false;
    *ret_instant = (lxw_datetime){.year = read.tm_year + 1900,
                                  .month = read.tm_mon + 1,
                                  .day = read.tm_mday,
                                  .hour = read.tm_hour,
                                  .min = read.tm_min,
                                  .sec = read.tm_sec + strtod(rest, NULL)};
    return true;
}

static lxw_error write_cell(const struct workbook_writer *writer, lxw_row_t row, lxw_col_t column,
                            const char *text)
{
    enum export_type type = writer->base.table->columns[column].type;
    lxw_format *format = writer->formats[type];
    lxw_datetime instant;
    if (text[0] == '\0')
        return LXW_NO_ERROR;
    if (type == EXPORT_INTEGER || type == EXPORT_NUMBER)
        return worksheet_write_number(writer->sheet, row, column, strtod(text, NULL), format);
    if (type == EXPORT_BOOLEAN)
        return worksheet_write_boolean(writer->sheet, row, column, strcmp(text, "true") == 0,
                                       format);
    if ((type == EXPORT_DATE || type == EXPORT_INSTANT) && read_instant(text, type, &instant))
        return worksheet_write_datetime(writer->sheet, row, column, &instant, format);
    return worksheet_write_string(writer->sheet, row, column, text, format);
}

static void write_row(struct export_writer *base, const char *const *cells)
{
    struct workbook_writer *writer = (struct workbook_writer *)base;
    for (size_t i = 0; i < base->table->column_count; i++) {
        size_t width = character_count(cells[i]) + 1;
        writer->widths[i] = width > writer->widths[i] ? width : writer->widths[i];
        check(writer, write_cell(writer, (lxw_row_t)base->row_count + 1, (lxw_col_t)i, cells[i]));
    }
}

static void end_table(struct export_writer *base)
{
    struct workbook_writer *writer = (struct workbook_writer *)base;
    lxw_col_t last = (lxw_col_t)(base->table->column_count - 1);
    if (base->is_failed)
        return;
    for (lxw_col_t i = 0; i <= last; i++) {
        size_t width = writer->widths[i] < WIDTH_MAX ? writer->widths[i] : WIDTH_MAX;
        check(writer, worksheet_set_column(writer->sheet, i, i,
                                           (double)(width < WIDTH_MIN ? WIDTH_MIN : width), NULL));
    }
    check(writer, worksheet_autofilter(writer->sheet, 0, 0, (lxw_row_t)base->row_count, last));
}

/* The sheet of notes while it is being written. */
struct notes {
    struct workbook_writer *writer;
    lxw_worksheet *sheet;
    lxw_row_t row;
};

static void write_note(void *data, const char *heading, const char *text)
{
    struct notes *notes = data;
    struct workbook_writer *writer = notes->writer;
    check(writer, worksheet_write_string(notes->sheet, notes->row, 0, heading, writer->heading));
    check(writer, worksheet_write_string(notes->sheet, notes->row++, 1, text, writer->wrapped));
}

static void write_notes(struct workbook_writer *writer, lxw_worksheet *sheet,
                        const struct export_counts *counts)
{
    char title[EXPORT_NOTE_BYTES];
    struct notes notes = {.writer = writer, .sheet = sheet, .row = 2};
    bool is_synthetic = writer->export->synthetic_count > 0;
    export_title(writer->export, title);
    check(writer, worksheet_write_string(sheet, 0, 0, title,
                                         is_synthetic ? writer->alert : writer->heading));
    check(writer, worksheet_set_column(sheet, 0, 0, HEADING_WIDTH, NULL));
    check(writer, worksheet_set_column(sheet, 1, 1, NOTE_WIDTH, NULL));
    export_notes(writer->export, counts, write_note, &notes);
}

/* The same export gives the same workbook: it was made at its instant. */
static void set_properties(struct workbook_writer *writer)
{
    char title[EXPORT_NOTE_BYTES];
    export_title(writer->export, title);
    lxw_doc_properties properties = {.title = title,
                                     .company = (char *)"cptsctl",
                                     .created = (time_t)(writer->export->known_at_us / 1000000)};
    check(writer, workbook_set_properties(writer->book, &properties));
}

cpts_status export_workbook_write(const struct export *export, const char *path,
                                  struct export_counts *ret_counts,
                                  char ret_problem[EXPORT_PROBLEM_BYTES], struct cpts_error *err)
{
    struct workbook_writer writer = {
        .base = {.begin = begin_table, .row = write_row, .end = end_table},
        .export = export,
        .book = workbook_new(path)};
    cpts_status status = CPTS_OK;
    if (writer.book == NULL) {
        snprintf(ret_problem, EXPORT_PROBLEM_BYTES, "no memory for the workbook");
        return CPTS_OK;
    }
    make_formats(&writer);
    lxw_worksheet *notes = add_sheet(&writer, README_SHEET);
    if (!writer.base.is_failed) {
        set_properties(&writer);
        status = export_write(export, &writer.base, ret_counts, err);
    }
    if (status == CPTS_OK && !writer.base.is_failed)
        write_notes(&writer, notes, ret_counts);
    check(&writer, workbook_close(writer.book));
    snprintf(ret_problem, EXPORT_PROBLEM_BYTES, "%s", writer.base.problem);
    return status;
}
