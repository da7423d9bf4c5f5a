/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_report.h"

#include <stdlib.h>

#include "import_entry.h"

static const char *const STATES[FACT_STATE_COUNT] = {
    [FACT_WAITING] = "not_sent",    [FACT_NEW] = "new",
    [FACT_TO_UPDATE] = "to_update", [FACT_ADDED] = "added",
    [FACT_CHANGED] = "changed",     [FACT_RECORDED] = "recorded",
    [FACT_REPLAYED] = "replayed",   [FACT_UNCHANGED] = "unchanged",
    [FACT_REFUSED] = "refused",     [FACT_UNKNOWN] = "unknown",
    [FACT_DUPLICATE] = "duplicate",
};

size_t fact_count(const struct fact_import *import, enum fact_state state)
{
    size_t count = 0;
    for (size_t i = 0; i < import->line_count; i++)
        count += import->lines[i].state == state;
    return count;
}

/* Counted by line, or told by the node. */
static struct fact_totals count_totals(const struct fact_import *import)
{
    struct fact_totals totals = import->totals;
    totals.added += fact_count(import, FACT_ADDED);
    totals.changed += fact_count(import, FACT_CHANGED);
    totals.unchanged += fact_count(import, FACT_UNCHANGED);
    return totals;
}

static const char *cpts_of(const struct fact_import *import, const struct fact_line *line)
{
    return line->cpts == TARGET_NONE ? "" : import->registry.known[line->cpts].id;
}

/* Of the line itself, or of a finding about it. @param name  Lives as long. */
static struct import_entry entry_of(const struct fact_import *import, const struct fact_line *line,
                                    const struct finding *finding, char name[FACT_TEXT_BYTES])
{
    fact_line_name(import, line, name);
    if (finding != NULL)
        return import_entry_of(finding, name, cpts_of(import, line));
    return (struct import_entry){
        .line = line->line, .key = name, .id = cpts_of(import, line), .state = STATES[line->state]};
}

bool fact_report_write(const struct fact_import *import, FILE *stream)
{
    const struct finding **sorted = import_entry_sort(&import->findings);
    char name[FACT_TEXT_BYTES];
    size_t next = 0;
    import_entry_header(stream);
    for (size_t i = 0; sorted != NULL && i < import->line_count; i++) {
        const struct fact_line *line = &import->lines[i];
        struct import_entry entry = entry_of(import, line, NULL, name);
        import_entry_write(&entry, stream);
        for (; next < import->findings.count && sorted[next]->row == i; next++) {
            entry = entry_of(import, line, sorted[next], name);
            import_entry_write(&entry, stream);
        }
    }
    bool is_fine = sorted != NULL && ferror(stream) == 0;
    free(sorted);
    return is_fine;
}

static bool print_findings(const struct session *session, const struct fact_import *import)
{
    size_t refused = import->findings.kind_counts[FINDING_REFUSED], shown = 0;
    if (refused == 0)
        return true;
    struct grid *grid = import_entry_grid(session, true);
    if (grid == NULL)
        return false;
    for (size_t i = 0; i < import->findings.count && shown < IMPORT_SHOWN_MAX; i++) {
        const struct finding *finding = &import->findings.findings[i];
        char name[FACT_TEXT_BYTES];
        if (finding->kind != FINDING_REFUSED)
            continue;
        const struct import_entry entry =
            entry_of(import, &import->lines[finding->row], finding, name);
        import_entry_show(&entry, grid);
        shown++;
    }
    bool is_fine = grid_end(grid, 0);
    if (refused > IMPORT_SHOWN_MAX)
        printf("and %zu more; --report FILE has all\n", refused - IMPORT_SHOWN_MAX);
    return is_fine;
}

static json_t *json_findings(const struct fact_import *import)
{
    json_t *list = json_array();
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        char name[FACT_TEXT_BYTES];
        const struct import_entry entry =
            entry_of(import, &import->lines[finding->row], finding, name);
        json_array_append_new(list, import_entry_json(&entry));
    }
    return list;
}

static bool print_as_json(const struct fact_import *import)
{
    const struct fact_totals totals = count_totals(import);
    json_t *states = json_object();
    for (int state = 0; state < FACT_STATE_COUNT; state++)
        json_object_set_new(states, STATES[state],
                            json_integer((json_int_t)fact_count(import, (enum fact_state)state)));
    return import_entry_answer(
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:o,s:o}", "dryRun", import->is_dry ? 1 : 0, "lines",
                  (json_int_t)import->line_count, "added", (json_int_t)totals.added, "changed",
                  (json_int_t)totals.changed, "unchanged", (json_int_t)totals.unchanged, "states",
                  states, "findings", json_findings(import)));
}

static void print_dry(const struct fact_import *import)
{
    size_t waiting = fact_count(import, FACT_WAITING);
    size_t known = fact_count(import, FACT_NEW) + fact_count(import, FACT_TO_UPDATE) +
                   fact_count(import, FACT_UNCHANGED);
    if (known > 0)
        printf("%zu new, %zu to be changed, %zu there already", fact_count(import, FACT_NEW),
               fact_count(import, FACT_TO_UPDATE), fact_count(import, FACT_UNCHANGED));
    if (known == 0 || waiting > 0)
        printf("%s%zu fit to be sent", known > 0 ? ", " : "", waiting);
}

static void print_counts(const struct fact_import *import, const char *file_name)
{
    const struct fact_totals totals = count_totals(import);
    printf("%s: %zu %s: ", file_name, import->line_count, import->kind->noun);
    if (import->is_dry) {
        print_dry(import);
    } else {
        printf("%zu added, %zu changed, %zu there already", totals.added, totals.changed,
               totals.unchanged + fact_count(import, FACT_REPLAYED));
        import_entry_count(fact_count(import, FACT_UNKNOWN), "without an answer");
        import_entry_count(fact_count(import, FACT_WAITING), "not sent");
    }
    printf(", %zu refused", fact_count(import, FACT_REFUSED));
    import_entry_count(fact_count(import, FACT_DUPLICATE), "said twice");
    import_entry_count(import->findings.kind_counts[FINDING_NOTE], "notes (--report FILE)");
    puts(import->is_dry ? "; nothing was sent" : "");
}

bool fact_report_print(const struct session *session, const struct fact_import *import,
                       const char *file_name)
{
    if (session->form == FORM_IS_JSON)
        return print_as_json(import);
    bool is_fine = print_findings(session, import);
    if (!session->is_quiet)
        print_counts(import, file_name);
    return is_fine && ferror(stdout) == 0;
}
