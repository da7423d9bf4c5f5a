/* SPDX-License-Identifier: Apache-2.0 */
#include "import_report.h"

#include <jansson.h>
#include <stdlib.h>

#include "grid.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define REPORT_INDENT 2
/* Refused rows shown in the terminal; the report file has all. */
#define SHOWN_MAX 50

static const char *const STATES[] = {
    [IMPORT_WAITING] = "not_sent", [IMPORT_CREATED] = "created", [IMPORT_REPLAYED] = "replayed",
    [IMPORT_REFUSED] = "refused",  [IMPORT_UNKNOWN] = "unknown",
};

static const char *const HEADER[] = {"line", "key", "state", "id", "field", "reason", "message"};

bool import_report_write(const struct import *import, FILE *stream)
{
    for (int i = 0; i < COUNT(HEADER); i++)
        csv_field(stream, HEADER[i], i == 0);
    fputc('\n', stream);
    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        const struct cpts_error *problem = row->problem;
        fprintf(stream, "%d", row->line);
        csv_field(stream, row->key, false);
        csv_field(stream, STATES[row->state], false);
        csv_field(stream, row->id, false);
        csv_field(stream, problem == NULL ? "" : problem->field, false);
        csv_field(stream, problem == NULL ? "" : problem->reason, false);
        csv_field(stream, problem == NULL ? "" : problem->message, false);
        fputc('\n', stream);
    }
    return ferror(stream) == 0;
}

static bool print_refused(const struct session *session, const struct import *import)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE", .is_number = true},
        {.name = "key", .heading = "KEY"},
        {.name = "field", .heading = "FIELD"},
        {.name = "reason", .heading = "REASON"},
        {.name = "message", .heading = "MESSAGE"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    size_t shown = 0;
    for (size_t i = 0; grid != NULL && i < import->row_count && shown < SHOWN_MAX; i++) {
        const struct import_row *row = &import->rows[i];
        char line[32];
        if (row->state != IMPORT_REFUSED || row->problem == NULL)
            continue;
        snprintf(line, sizeof line, "%d", row->line);
        grid_row(grid, (const char *[]){line, row->key, row->problem->field, row->problem->reason,
                                        row->problem->message});
        shown++;
    }
    return grid_end(grid, 0);
}

static json_t *json_refused(const struct import *import)
{
    json_t *list = json_array();
    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        if (row->state != IMPORT_REFUSED || row->problem == NULL)
            continue;
        json_array_append_new(list,
                              json_pack("{s:i,s:s,s:s,s:s,s:s}", "line", row->line, "key", row->key,
                                        "field", row->problem->field, "reason",
                                        row->problem->reason, "message", row->problem->message));
    }
    return list;
}

static bool print_as_json(const struct import *import, const struct import_totals *totals,
                          bool is_dry)
{
    json_t *object =
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "dryRun", is_dry ? 1 : 0, "rows",
                  (json_int_t)import->row_count, "created", (json_int_t)totals->created, "replayed",
                  (json_int_t)totals->replayed, "refused", (json_int_t)totals->refused, "unknown",
                  (json_int_t)totals->unknown, "notSent", (json_int_t)totals->waiting, "refusals",
                  json_refused(import));
    char *text = object == NULL ? NULL : json_dumps(object, JSON_INDENT(REPORT_INDENT));
    json_decref(object);
    if (text != NULL)
        puts(text);
    free(text);
    return text != NULL;
}

static void print_counts(const struct import *import, const struct import_totals *totals,
                         const char *file_name, bool is_dry)
{
    printf("%s: %zu rows: ", file_name, import->row_count);
    if (is_dry) {
        printf("%zu fit to be sent, %zu refused; a dry run sends nothing\n", totals->waiting,
               totals->refused);
        return;
    }
    printf("%zu created, %zu there already, %zu refused", totals->created, totals->replayed,
           totals->refused);
    if (totals->unknown > 0)
        printf(", %zu without an answer", totals->unknown);
    if (totals->waiting > 0)
        printf(", %zu not sent", totals->waiting);
    putchar('\n');
}

bool import_report_print(const struct session *session, const struct import *import,
                         const char *file_name, bool is_dry)
{
    struct import_totals totals = import_count(import);
    if (session->form == FORM_IS_JSON)
        return print_as_json(import, &totals, is_dry);
    bool is_fine = totals.refused == 0 || print_refused(session, import);
    if (totals.refused > SHOWN_MAX)
        printf("and %zu more; --report FILE has all\n", totals.refused - SHOWN_MAX);
    if (!session->is_quiet)
        print_counts(import, &totals, file_name, is_dry);
    return is_fine && ferror(stdout) == 0;
}
