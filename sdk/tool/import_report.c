/* SPDX-License-Identifier: Apache-2.0 */
#include "import_report.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define REPORT_INDENT 2
#define LINE_BYTES 16
/* Lines shown in the terminal; the report file has all. */
#define SHOWN_MAX 50

static const char *const STATES[IMPORT_STATE_COUNT] = {
    [IMPORT_WAITING] = "not_sent",    [IMPORT_CREATED] = "created",
    [IMPORT_REPLAYED] = "replayed",   [IMPORT_REFUSED] = "refused",
    [IMPORT_UNKNOWN] = "unknown",     [IMPORT_UNCHANGED] = "unchanged",
    [IMPORT_DIFFERENT] = "different", [IMPORT_UPDATED] = "updated",
};

static const char *const HEADER[] = {"line",   "key",     "state",      "id",    "field",
                                     "reason", "message", "candidates", "advice"};

/* A line of the report: a row of the import, or something found about it. */
struct entry {
    const struct import_row *row;
    const struct finding *finding;
};

const char *import_report_state(const struct import *import, const struct import_row *row)
{
    if (row->state != IMPORT_WAITING || !import->is_planned)
        return STATES[row->state];
    return row->change.version > 0 ? "to_update" : "new";
}

/* Findings by their rows, the file's own first. */
static int compare_findings(const void *one, const void *other)
{
    const struct finding *left = *(const struct finding *const *)one;
    const struct finding *right = *(const struct finding *const *)other;
    size_t left_row = left->row + 1, right_row = right->row + 1;
    if (left_row != right_row)
        return left_row < right_row ? -1 : 1;
    return left->line != right->line ? left->line - right->line : (left > right) - (left < right);
}

static const struct finding **sort_findings(const struct findings *findings)
{
    const struct finding **sorted = calloc(findings->count + 1, sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < findings->count; i++)
        sorted[i] = &findings->findings[i];
    if (sorted != NULL && findings->count > 0)
        qsort(sorted, findings->count, sizeof *sorted, compare_findings);
    return sorted;
}

/* Of no row: NULL. */
static const struct import_row *row_of(const struct import *import, const struct finding *finding)
{
    return finding->row < import->row_count ? &import->rows[finding->row] : NULL;
}

/* Advice to change something is over when the change is made, or will be. */
static const char *advice_of(const struct import_row *row, const struct finding *finding)
{
    bool is_acted_on = finding->kind == FINDING_CHANGE && row != NULL &&
                       (row->state == IMPORT_UPDATED || row->state == IMPORT_WAITING);
    return is_acted_on ? "" : finding_advice(finding->reason);
}

static void write_finding(FILE *stream, const struct import *import, const struct finding *finding)
{
    const struct import_row *row = row_of(import, finding);
    if (row != NULL)
        fprintf(stream, "%d", finding->line);
    csv_field(stream, row == NULL ? "" : row->key, false);
    csv_field(stream, finding_kind_name(finding->kind), false);
    csv_field(stream, row == NULL ? "" : row->id, false);
    csv_field(stream, finding->field, false);
    csv_field(stream, finding->reason, false);
    csv_field(stream, finding->message, false);
    csv_field(stream, finding->candidates, false);
    csv_field(stream, advice_of(row, finding), false);
    fputc('\n', stream);
}

/* The row itself; why it was refused, unless findings say it. */
static void write_row(FILE *stream, const struct import *import, const struct import_row *row)
{
    const struct cpts_error *problem = row->is_explained ? NULL : row->problem;
    fprintf(stream, "%d", row->line);
    csv_field(stream, row->key, false);
    csv_field(stream, import_report_state(import, row), false);
    csv_field(stream, row->id, false);
    csv_field(stream, problem == NULL ? "" : problem->field, false);
    csv_field(stream, problem == NULL ? "" : problem->reason, false);
    csv_field(stream, problem == NULL ? "" : problem->message, false);
    csv_field(stream, "", false);
    csv_field(stream, problem == NULL ? "" : finding_advice(problem->reason), false);
    fputc('\n', stream);
}

bool import_report_write(const struct import *import, FILE *stream)
{
    const struct finding **sorted = sort_findings(&import->findings);
    size_t next = 0, count = import->findings.count;
    for (int i = 0; i < COUNT(HEADER); i++)
        csv_field(stream, HEADER[i], i == 0);
    fputc('\n', stream);
    for (; sorted != NULL && next < count && sorted[next]->row == FINDING_NO_ROW; next++)
        write_finding(stream, import, sorted[next]);
    for (size_t i = 0; sorted != NULL && i < import->row_count; i++) {
        write_row(stream, import, &import->rows[i]);
        for (; next < count && sorted[next]->row == i; next++)
            write_finding(stream, import, sorted[next]);
    }
    bool is_fine = sorted != NULL && ferror(stream) == 0;
    free(sorted);
    return is_fine;
}

static void show(struct grid *grid, const struct import *import, const struct entry *entry)
{
    char line[LINE_BYTES] = "";
    const struct finding *finding = entry->finding;
    const struct cpts_error *problem = entry->row == NULL ? NULL : entry->row->problem;
    const struct import_row *row = entry->row;
    if (finding != NULL)
        row = row_of(import, finding);
    if (row != NULL)
        snprintf(line, sizeof line, "%d", finding == NULL ? row->line : finding->line);
    grid_row(grid, (const char *[]){line, row == NULL ? "" : row->key,
                                    finding == NULL ? problem->field : finding->field,
                                    finding == NULL ? problem->reason : finding->reason,
                                    finding == NULL ? problem->message : finding->message,
                                    finding == NULL ? "" : finding->candidates});
}

/* Refused rows that no finding explains, then what was found but for notes. */
static size_t show_all(struct grid *grid, const struct import *import)
{
    size_t shown = 0;
    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        if (row->state != IMPORT_REFUSED || row->problem == NULL || row->is_explained)
            continue;
        if (grid != NULL && shown < SHOWN_MAX)
            show(grid, import, &(struct entry){.row = row});
        shown++;
    }
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        if (finding->kind == FINDING_NOTE)
            continue;
        if (grid != NULL && shown < SHOWN_MAX)
            show(grid, import, &(struct entry){.finding = finding});
        shown++;
    }
    return shown;
}

static bool print_findings(const struct session *session, const struct import *import)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE", .is_number = true},
        {.name = "key", .heading = "KEY"},
        {.name = "field", .heading = "FIELD"},
        {.name = "reason", .heading = "REASON"},
        {.name = "message", .heading = "MESSAGE"},
        {.name = "candidates", .heading = "CANDIDATES"}};
    size_t count = show_all(NULL, import);
    if (count == 0)
        return true;
    /* Without candidates the column would be empty. */
    int columns = import->findings.count == 0 ? COUNT(COLUMNS) - 1 : COUNT(COLUMNS);
    struct grid *grid = grid_new(session, COLUMNS, columns, stdout);
    if (grid == NULL)
        return false;
    show_all(grid, import);
    bool is_fine = grid_end(grid, 0);
    if (count > SHOWN_MAX)
        printf("and %zu more; --report FILE has all\n", count - SHOWN_MAX);
    return is_fine;
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

static json_t *json_findings(const struct import *import)
{
    json_t *list = json_array();
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        const struct import_row *row = row_of(import, finding);
        const char *key = row == NULL ? "" : row->key;
        json_array_append_new(list, json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "kind",
                                              finding_kind_name(finding->kind), "line",
                                              finding->line, "key", key, "field", finding->field,
                                              "reason", finding->reason, "message",
                                              finding->message, "candidates", finding->candidates,
                                              "advice", finding_advice(finding->reason)));
    }
    return list;
}

static bool print_as_json(const struct import *import, const struct import_totals *totals,
                          bool is_dry)
{
    json_t *object =
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}", "dryRun", is_dry ? 1 : 0,
                  "rows", (json_int_t)import->row_count, "created", (json_int_t)totals->created,
                  "replayed", (json_int_t)totals->replayed, "updated", (json_int_t)totals->updated,
                  "unchanged", (json_int_t)totals->unchanged, "different",
                  (json_int_t)totals->different, "refused", (json_int_t)totals->refused, "unknown",
                  (json_int_t)totals->unknown, "notSent", (json_int_t)totals->waiting, "refusals",
                  json_refused(import), "findings", json_findings(import));
    char *text = object == NULL ? NULL : json_dumps(object, JSON_INDENT(REPORT_INDENT));
    json_decref(object);
    if (text != NULL)
        puts(text);
    free(text);
    return text != NULL;
}

static void print_some(size_t count, const char *what)
{
    if (count > 0)
        printf(", %zu %s", count, what);
}

static void print_dry(const struct import *import, const struct import_totals *totals)
{
    size_t new_count = 0;
    for (size_t i = 0; i < import->row_count; i++)
        new_count += import->rows[i].state == IMPORT_WAITING && import->rows[i].change.version == 0;
    if (!import->is_planned) {
        printf("%zu fit to be sent, %zu refused; a dry run sends nothing\n", totals->waiting,
               totals->refused);
        return;
    }
    printf("%zu new", new_count);
    print_some(totals->waiting - new_count, "to be changed");
    printf(", %zu unchanged, %zu different, %zu refused", totals->unchanged, totals->different,
           totals->refused);
    print_some(import->findings.kind_counts[FINDING_CONFLICT], "conflicts");
    print_some(import->findings.kind_counts[FINDING_NOTE], "notes");
    puts("; nothing was sent");
}

static void print_counts(const struct import *import, const struct import_totals *totals,
                         const char *file_name, bool is_dry)
{
    printf("%s: %zu %s: ", file_name, import->row_count, import->is_planned ? "CPTS" : "rows");
    if (is_dry) {
        print_dry(import, totals);
        return;
    }
    printf("%zu created, %zu there already, %zu refused", totals->created,
           totals->replayed + totals->unchanged, totals->refused);
    print_some(totals->updated, "updated");
    print_some(totals->different, "different, left as they are (--update changes them)");
    print_some(totals->unknown, "without an answer");
    print_some(totals->waiting, "not sent");
    print_some(import->findings.kind_counts[FINDING_NOTE], "notes (--report FILE)");
    putchar('\n');
}

bool import_report_print(const struct session *session, const struct import *import,
                         const char *file_name, bool is_dry)
{
    struct import_totals totals = import_count(import);
    if (session->form == FORM_IS_JSON)
        return print_as_json(import, &totals, is_dry);
    bool is_fine = print_findings(session, import);
    if (!session->is_quiet)
        print_counts(import, &totals, file_name, is_dry);
    return is_fine && ferror(stdout) == 0;
}
