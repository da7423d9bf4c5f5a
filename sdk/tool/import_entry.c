/* SPDX-License-Identifier: Apache-2.0 */
#include "import_entry.h"

#include <stdlib.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define REPORT_INDENT 2
#define LINE_BYTES 16

static const char *const HEADER[] = {"line",   "key",     "state",      "id",    "field",
                                     "reason", "message", "candidates", "advice"};

static const char *text_of(const char *text)
{
    return text == NULL ? "" : text;
}

struct import_entry import_entry_of(const struct finding *finding, const char *key, const char *id)
{
    return (struct import_entry){.line = finding->line,
                                 .key = key,
                                 .id = id,
                                 .state = finding_kind_name(finding->kind),
                                 .field = finding->field,
                                 .reason = finding->reason,
                                 .message = finding->message,
                                 .candidates = finding->candidates,
                                 .advice = finding_advice(finding->reason)};
}

static void write_cells(FILE *stream, const char *const *cells)
{
    for (int i = 0; i < COUNT(HEADER); i++)
        csv_field(stream, text_of(cells[i]), i == 0);
    fputc('\n', stream);
}

void import_entry_header(FILE *stream)
{
    write_cells(stream, HEADER);
}

static const char *line_of(const struct import_entry *entry, char ret_text[LINE_BYTES])
{
    ret_text[0] = '\0';
    if (entry->line > 0)
        snprintf(ret_text, LINE_BYTES, "%d", entry->line);
    return ret_text;
}

void import_entry_write(const struct import_entry *entry, FILE *stream)
{
    char line[LINE_BYTES];
    write_cells(stream, (const char *[]){line_of(entry, line), entry->key, entry->state, entry->id,
                                         entry->field, entry->reason, entry->message,
                                         entry->candidates, entry->advice});
}

void import_entry_show(const struct import_entry *entry, struct grid *grid)
{
    char line[LINE_BYTES];
    grid_row(grid, (const char *[]){line_of(entry, line), text_of(entry->key),
                                    text_of(entry->field), text_of(entry->reason),
                                    text_of(entry->message), text_of(entry->candidates)});
}

struct grid *import_entry_grid(const struct session *session, bool has_candidates)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE", .is_number = true},
        {.name = "key", .heading = "KEY"},
        {.name = "field", .heading = "FIELD"},
        {.name = "reason", .heading = "REASON"},
        {.name = "message", .heading = "MESSAGE"},
        {.name = "candidates", .heading = "CANDIDATES"}};
    return grid_new(session, COLUMNS, has_candidates ? COUNT(COLUMNS) : COUNT(COLUMNS) - 1, stdout);
}

json_t *import_entry_json(const struct import_entry *entry)
{
    return json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "kind", entry->state, "line", entry->line,
                     "key", text_of(entry->key), "field", text_of(entry->field), "reason",
                     text_of(entry->reason), "message", text_of(entry->message), "candidates",
                     text_of(entry->candidates), "advice", text_of(entry->advice));
}

bool import_entry_answer(json_t *answer)
{
    char *text = answer == NULL ? NULL : json_dumps(answer, JSON_INDENT(REPORT_INDENT));
    json_decref(answer);
    if (text != NULL)
        puts(text);
    free(text);
    return text != NULL;
}

void import_entry_count(size_t count, const char *what)
{
    if (count > 0)
        printf(", %zu %s", count, what);
}

static int compare_findings(const void *one, const void *other)
{
    const struct finding *left = *(const struct finding *const *)one;
    const struct finding *right = *(const struct finding *const *)other;
    size_t left_row = left->row + 1, right_row = right->row + 1;
    if (left_row != right_row)
        return left_row < right_row ? -1 : 1;
    return left->line != right->line ? left->line - right->line : (left > right) - (left < right);
}

const struct finding **import_entry_sort(const struct findings *findings)
{
    const struct finding **sorted = calloc(findings->count + 1, sizeof *sorted);
    for (size_t i = 0; sorted != NULL && i < findings->count; i++)
        sorted[i] = &findings->findings[i];
    if (sorted != NULL && findings->count > 0)
        qsort(sorted, findings->count, sizeof *sorted, compare_findings);
    return sorted;
}
