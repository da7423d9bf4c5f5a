/* SPDX-License-Identifier: Apache-2.0 */
#include "import_report.h"

#include <stdlib.h>

#include "import_entry.h"

static const char *const STATES[IMPORT_STATE_COUNT] = {
    [IMPORT_WAITING] = "not_sent",    [IMPORT_CREATED] = "created",
    [IMPORT_REPLAYED] = "replayed",   [IMPORT_REFUSED] = "refused",
    [IMPORT_UNKNOWN] = "unknown",     [IMPORT_UNCHANGED] = "unchanged",
    [IMPORT_DIFFERENT] = "different", [IMPORT_UPDATED] = "updated",
};

const char *import_report_state(const struct import *import, const struct import_row *row)
{
    if (row->state != IMPORT_WAITING || !import->is_planned)
        return STATES[row->state];
    return row->change.version > 0 ? "to_update" : "new";
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

static struct import_entry entry_of(const struct import *import, const struct finding *finding)
{
    const struct import_row *row = row_of(import, finding);
    struct import_entry entry =
        import_entry_of(finding, row == NULL ? NULL : row->key, row == NULL ? NULL : row->id);
    if (row == NULL)
        entry.line = 0;
    entry.advice = advice_of(row, finding);
    return entry;
}

/* The row itself; why it was refused, unless findings say it. */
static struct import_entry row_entry(const struct import *import, const struct import_row *row)
{
    const struct cpts_error *problem = row->is_explained ? NULL : row->problem;
    struct import_entry entry = {.line = row->line,
                                 .key = row->key,
                                 .id = row->id,
                                 .state = import_report_state(import, row)};
    if (problem != NULL) {
        entry.field = problem->field;
        entry.reason = problem->reason;
        entry.message = problem->message;
        entry.advice = finding_advice(problem->reason);
    }
    return entry;
}

bool import_report_write(const struct import *import, FILE *stream)
{
    const struct finding **sorted = import_entry_sort(&import->findings);
    size_t next = 0, count = import->findings.count;
    import_entry_header(stream);
    /* Those of no row come first: row 0 is SIZE_MAX + 1. */
    for (size_t i = 0; sorted != NULL && i <= import->row_count; i++) {
        struct import_entry entry;
        if (i > 0) {
            entry = row_entry(import, &import->rows[i - 1]);
            import_entry_write(&entry, stream);
        }
        for (; next < count && sorted[next]->row + 1 == i; next++) {
            entry = entry_of(import, sorted[next]);
            import_entry_write(&entry, stream);
        }
    }
    bool is_fine = sorted != NULL && ferror(stream) == 0;
    free(sorted);
    return is_fine;
}

/* Refused rows that no finding explains, then what was found but for notes. */
static size_t show_all(struct grid *grid, const struct import *import)
{
    size_t shown = 0;
    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        if (row->state != IMPORT_REFUSED || row->problem == NULL || row->is_explained)
            continue;
        const struct import_entry entry = row_entry(import, row);
        if (grid != NULL && shown < IMPORT_SHOWN_MAX)
            import_entry_show(&entry, grid);
        shown++;
    }
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        if (finding->kind == FINDING_NOTE)
            continue;
        const struct import_entry entry = entry_of(import, finding);
        if (grid != NULL && shown < IMPORT_SHOWN_MAX)
            import_entry_show(&entry, grid);
        shown++;
    }
    return shown;
}

static bool print_findings(const struct session *session, const struct import *import)
{
    size_t count = show_all(NULL, import);
    if (count == 0)
        return true;
    /* Without candidates the column would be empty. */
    struct grid *grid = import_entry_grid(session, import->findings.count > 0);
    if (grid == NULL)
        return false;
    show_all(grid, import);
    bool is_fine = grid_end(grid, 0);
    if (count > IMPORT_SHOWN_MAX)
        printf("and %zu more; --report FILE has all\n", count - IMPORT_SHOWN_MAX);
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
        struct import_entry entry = entry_of(import, finding);
        entry.line = finding->line;
        entry.advice = finding_advice(finding->reason);
        json_array_append_new(list, import_entry_json(&entry));
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
    return import_entry_answer(object);
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
    import_entry_count(totals->waiting - new_count, "to be changed");
    printf(", %zu unchanged, %zu different, %zu refused", totals->unchanged, totals->different,
           totals->refused);
    import_entry_count(import->findings.kind_counts[FINDING_CONFLICT], "conflicts");
    import_entry_count(import->findings.kind_counts[FINDING_NOTE], "notes");
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
    import_entry_count(totals->updated, "updated");
    import_entry_count(totals->different, "different, left as they are (--update changes them)");
    import_entry_count(totals->unknown, "without an answer");
    import_entry_count(totals->waiting, "not sent");
    import_entry_count(import->findings.kind_counts[FINDING_NOTE], "notes (--report FILE)");
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
