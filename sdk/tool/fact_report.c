/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_report.h"

#include <jansson.h>
#include <stdlib.h>

#include "grid.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define REPORT_INDENT 2
#define LINE_BYTES 16
/* Findings shown in the terminal; the report file has all. */
#define SHOWN_MAX 50

static const char *const STATES[FACT_STATE_COUNT] = {
    [FACT_WAITING] = "not_sent",    [FACT_ADDED] = "added",     [FACT_CHANGED] = "changed",
    [FACT_UNCHANGED] = "unchanged", [FACT_REFUSED] = "refused", [FACT_UNKNOWN] = "unknown",
    [FACT_DUPLICATE] = "duplicate",
};

/* The same, when nothing was to be sent. */
static const char *state_name(const struct fact_import *import, const struct fact_line *line)
{
    if (!import->is_dry || line->state != FACT_WAITING)
        return STATES[line->state];
    return line->is_change ? "to_update" : "new";
}

static const char *const HEADER[] = {"line",   "key",     "state",      "id",    "field",
                                     "reason", "message", "candidates", "advice"};

struct fact_counts fact_count(const struct fact_import *import)
{
    struct fact_counts counts = {{0}, 0};
    for (size_t i = 0; i < import->line_count; i++) {
        counts.by_state[import->lines[i].state]++;
        counts.to_change += import->lines[i].state == FACT_WAITING && import->lines[i].is_change;
    }
    return counts;
}

static const char *cpts_of(const struct fact_import *import, const struct fact_line *line)
{
    return line->cpts == TARGET_NONE ? "" : import->registry.known[line->cpts].id;
}

static void write_line(FILE *stream, const char *const *cells)
{
    for (int i = 0; i < COUNT(HEADER); i++)
        csv_field(stream, cells[i], i == 0);
    fputc('\n', stream);
}

/* A line of the report; @p finding NULL = the fact itself. */
static void write_entry(FILE *stream, const struct fact_import *import,
                        const struct fact_line *line, const struct finding *finding)
{
    char number[LINE_BYTES], key[FACT_TEXT_BYTES];
    snprintf(number, sizeof number, "%d", line->line);
    import->kind->describe(line->fact, key);
    if (finding == NULL)
        write_line(stream, (const char *[]){number, key, state_name(import, line),
                                            cpts_of(import, line), "", "", "", "", ""});
    else
        write_line(stream, (const char *[]){number, key, finding_kind_name(finding->kind),
                                            cpts_of(import, line), finding->field, finding->reason,
                                            finding->message, finding->candidates,
                                            finding_advice(finding->reason)});
}

bool fact_report_write(const struct fact_import *import, FILE *stream)
{
    const struct findings *findings = &import->findings;
    /* The first finding of each line; findings of a line keep their order. */
    size_t *next = calloc(findings->count + 1, sizeof *next);
    size_t *first = calloc(import->line_count + 1, sizeof *first);
    bool is_fine = next != NULL && first != NULL;
    for (size_t i = findings->count; is_fine && i-- > 0;) {
        size_t row = findings->findings[i].row;
        next[i] = first[row];
        first[row] = i + 1;
    }
    write_line(stream, HEADER);
    for (size_t i = 0; is_fine && i < import->line_count; i++) {
        write_entry(stream, import, &import->lines[i], NULL);
        for (size_t at = first[i]; at > 0; at = next[at - 1])
            write_entry(stream, import, &import->lines[i], &findings->findings[at - 1]);
    }
    free(next);
    free(first);
    return is_fine && ferror(stream) == 0;
}

static bool print_findings(const struct session *session, const struct fact_import *import)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE", .is_number = true},
        {.name = "key", .heading = "SAYS"},
        {.name = "field", .heading = "FIELD"},
        {.name = "reason", .heading = "REASON"},
        {.name = "message", .heading = "MESSAGE"},
        {.name = "candidates", .heading = "CANDIDATES"}};
    size_t refused = import->findings.kind_counts[FINDING_REFUSED], shown = 0;
    if (refused == 0)
        return true;
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < import->findings.count && shown < SHOWN_MAX; i++) {
        const struct finding *finding = &import->findings.findings[i];
        char line[LINE_BYTES], key[FACT_TEXT_BYTES];
        if (finding->kind != FINDING_REFUSED)
            continue;
        snprintf(line, sizeof line, "%d", finding->line);
        import->kind->describe(import->lines[finding->row].fact, key);
        grid_row(grid, (const char *[]){line, key, finding->field, finding->reason,
                                        finding->message, finding->candidates});
        shown++;
    }
    bool is_fine = grid_end(grid, 0);
    if (refused > SHOWN_MAX)
        printf("and %zu more; --report FILE has all\n", refused - SHOWN_MAX);
    return is_fine;
}

static json_t *json_findings(const struct fact_import *import)
{
    json_t *list = json_array();
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        char key[FACT_TEXT_BYTES];
        import->kind->describe(import->lines[finding->row].fact, key);
        json_array_append_new(list, json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "kind",
                                              finding_kind_name(finding->kind), "line",
                                              finding->line, "key", key, "field", finding->field,
                                              "reason", finding->reason, "message",
                                              finding->message, "candidates", finding->candidates,
                                              "advice", finding_advice(finding->reason)));
    }
    return list;
}

static bool print_as_json(const struct fact_import *import)
{
    struct fact_counts counts = fact_count(import);
    json_t *states = json_object();
    for (int state = 0; state < FACT_STATE_COUNT; state++)
        json_object_set_new(states, STATES[state],
                            json_integer((json_int_t)counts.by_state[state]));
    json_t *object =
        json_pack("{s:b,s:I,s:I,s:o,s:o}", "dryRun", import->is_dry ? 1 : 0, "lines",
                  (json_int_t)import->line_count, "toChange", (json_int_t)counts.to_change,
                  "states", states, "findings", json_findings(import));
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

static void print_counts(const struct fact_import *import, const char *file_name)
{
    struct fact_counts counts = fact_count(import);
    const size_t *by_state = counts.by_state;
    printf("%s: %zu %s: ", file_name, import->line_count, import->kind->noun);
    if (import->is_dry)
        printf("%zu new, %zu to be changed, ", by_state[FACT_WAITING] - counts.to_change,
               counts.to_change);
    else
        printf("%zu added, %zu changed, ", by_state[FACT_ADDED], by_state[FACT_CHANGED]);
    printf("%zu there already", by_state[FACT_UNCHANGED]);
    print_some(by_state[FACT_DUPLICATE], "said twice");
    print_some(by_state[FACT_UNKNOWN], "without an answer");
    if (!import->is_dry)
        print_some(by_state[FACT_WAITING], "not sent");
    printf(", %zu refused\n", by_state[FACT_REFUSED]);
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
