/* SPDX-License-Identifier: Apache-2.0 */
#include "grid.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "peer_text.h"

struct grid {
    enum form form;
    const struct grid_column *columns;
    int column_count;
    FILE *stream;
    struct libscols_table *table;
    /** Cells are shown to people, not read by a program. */
    bool is_shown;
    bool is_failed;
};

void csv_field(FILE *stream, const char *text, bool is_first)
{
    if (!is_first)
        fputc(',', stream);
    if (strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ' && text[0] != '\t') {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void write_csv(const struct grid *grid, const char *const *cells)
{
    for (int i = 0; i < grid->column_count; i++)
        csv_field(grid->stream, cells[i], i == 0);
    fputc('\n', grid->stream);
}

/* A tab or a line end inside a cell would be read as a separator. */
static void write_plain(const struct grid *grid, const char *const *cells)
{
    for (int i = 0; i < grid->column_count; i++) {
        if (i > 0)
            fputc('\t', grid->stream);
        for (const char *at = cells[i]; *at != '\0'; at++)
            fputc((unsigned char)*at < ' ' ? ' ' : *at, grid->stream);
    }
    fputc('\n', grid->stream);
}

static void open_table(struct grid *grid, const struct terminal *terminal)
{
    grid->table = scols_new_table();
    if (grid->table == NULL) {
        grid->is_failed = true;
        return;
    }
    scols_table_enable_ascii(grid->table, terminal->has_unicode ? 0 : 1);
    scols_table_enable_colors(grid->table, terminal->has_colour ? 1 : 0);
    scols_table_set_column_separator(grid->table, "  ");
    for (int i = 0; i < grid->column_count; i++) {
        const struct grid_column *column = &grid->columns[i];
        if (column->heading == NULL)
            continue;
        int flags = column->is_number ? SCOLS_FL_RIGHT : 0;
        if (scols_table_new_column(grid->table, column->heading, 1, flags) == NULL)
            grid->is_failed = true;
    }
}

struct grid *grid_new(const struct session *session, const struct grid_column *columns,
                      int column_count, FILE *stream)
{
    struct grid *grid = column_count > GRID_COLUMNS_MAX ? NULL : calloc(1, sizeof *grid);
    if (grid == NULL)
        return NULL;
    *grid = (struct grid){.form = session->form,
                          .columns = columns,
                          .column_count = column_count,
                          .stream = stream,
                          .is_shown = session->terminal.is_stdout_tty && stream == stdout};
    const char *names[GRID_COLUMNS_MAX];
    for (int i = 0; i < column_count; i++)
        names[i] = columns[i].name;
    if (grid->form == FORM_IS_CSV)
        write_csv(grid, names);
    else if (grid->form == FORM_OWN)
        open_table(grid, &session->terminal);
    return grid;
}

static void add_line(struct grid *grid, const char *const *cells)
{
    struct libscols_line *line = grid->is_failed ? NULL : scols_table_new_line(grid->table, NULL);
    size_t shown = 0;
    grid->is_failed = line == NULL;
    for (int i = 0; i < grid->column_count && !grid->is_failed; i++) {
        if (grid->columns[i].heading != NULL && scols_line_set_data(line, shown++, cells[i]) != 0)
            grid->is_failed = true;
    }
}

static void write_row(struct grid *grid, const char *const *cells)
{
    if (grid->form == FORM_IS_CSV)
        write_csv(grid, cells);
    else if (grid->form == FORM_IS_PLAIN)
        write_plain(grid, cells);
    else
        add_line(grid, cells);
}

/* Names that somebody else chose may hold anything: on a terminal nothing that steers it. A
 * file gets CSV as it is; a table is escaped by libsmartcols. */
void grid_row(struct grid *grid, const char *const *cells)
{
    char *shown[GRID_COLUMNS_MAX] = {0};
    if (grid->form == FORM_OWN || !grid->is_shown) {
        write_row(grid, cells);
        return;
    }
    for (int i = 0; i < grid->column_count; i++) {
        shown[i] = peer_text_line(cells[i]);
        grid->is_failed |= shown[i] == NULL;
    }
    if (!grid->is_failed)
        write_row(grid, (const char *const *)shown);
    for (int i = 0; i < grid->column_count; i++)
        free(shown[i]);
}

void grid_figure(const struct session *session, int64_t number, char ret_text[FIGURE_BYTES])
{
    if (session->form == FORM_OWN)
        figure_count(number, ret_text);
    else
        snprintf(ret_text, FIGURE_BYTES, "%lld", (long long)number);
}

/* Column padding leaves spaces at the ends of lines; nobody wants them. */
static void print_indented(FILE *stream, const char *text, int indent)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), shown = length;
        while (shown > 0 && text[shown - 1] == ' ')
            shown--;
        fprintf(stream, "%*s%.*s\n", indent, "", (int)shown, text);
        text += length;
        text += *text == '\n';
    }
}

static void print_table(struct grid *grid, int indent)
{
    char *text = NULL;
    if (grid->is_failed || scols_table_is_empty(grid->table))
        return;
    scols_table_reduce_termwidth(grid->table, (size_t)indent);
    if (scols_print_table_to_string(grid->table, &text) != 0 || text == NULL)
        grid->is_failed = true;
    else
        print_indented(grid->stream, text, indent);
    free(text);
}

bool grid_end(struct grid *grid, int indent)
{
    if (grid == NULL)
        return false;
    if (grid->table != NULL)
        print_table(grid, indent);
    scols_unref_table(grid->table);
    bool is_fine = !grid->is_failed && ferror(grid->stream) == 0;
    free(grid);
    return is_fine;
}
