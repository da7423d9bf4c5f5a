/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_line.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 256

const char *fact_cell(const struct fact_reading *reading, int field)
{
    return import_text_trim(import_source_cell(reading->source, reading->row, field),
                            &reading->import->findings.pool);
}

static void refuse(struct fact_import *import, size_t index, struct finding finding,
                   const char *message)
{
    struct fact_line *line = &import->lines[index];
    if (line->state == FACT_REFUSED)
        return;
    line->state = FACT_REFUSED;
    finding.kind = FINDING_REFUSED;
    finding.line = line->line;
    finding.row = index;
    findings_add(&import->findings, finding, "%s", message);
}

void fact_line_refuse(struct fact_import *import, size_t index, const char *field,
                      const char *reason, const char *message)
{
    refuse(import, index, (struct finding){.field = field, .reason = reason}, message);
}

void fact_refuse(const struct fact_reading *reading, int field, const char *reason,
                 const char *candidates, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    import_text_mend(message);
    refuse(reading->import, reading->index,
           (struct finding){.field = reading->import->kind->fields->names[field],
                            .reason = reason,
                            .candidates = candidates},
           message);
}

void fact_note(const struct fact_reading *reading, int field, const char *reason,
               const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list values;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    findings_add(&reading->import->findings,
                 (struct finding){.kind = FINDING_NOTE,
                                  .line = reading->row->line,
                                  .row = reading->index,
                                  .field = reading->import->kind->fields->names[field],
                                  .reason = reason},
                 "%s", message);
}

bool fact_is_refused(const struct fact_reading *reading)
{
    return reading->import->lines[reading->index].state == FACT_REFUSED;
}

void fact_line_name(const struct fact_import *import, const struct fact_line *line,
                    char ret_text[FACT_TEXT_BYTES])
{
    const struct fact_kind *kind = import->kind;
    (kind->name == NULL ? kind->describe : kind->name)(line->fact, ret_text);
}

static bool is_blank(const struct fact_reading *reading)
{
    for (int field = 0; field < reading->import->kind->fields->count; field++) {
        if (fact_cell(reading, field)[0] != '\0')
            return false;
    }
    return true;
}

static void read_cpts(const struct fact_reading *reading, struct import_target *target)
{
    const struct import_target_cells cells = {
        .id = fact_cell(reading, TARGET_CPTS),
        .finess = fact_cell(reading, TARGET_CPTS_FINESS),
        .name = fact_cell(reading, TARGET_CPTS_NAME),
        .region = fact_cell(reading, TARGET_REGION),
    };
    struct import_target_problem problem = {.reason = NULL};
    reading->import->lines[reading->index].cpts = import_target_find(target, &cells, &problem);
    if (problem.reason != NULL)
        fact_refuse(reading, (int)problem.field, problem.reason, problem.candidates, "%s",
                    problem.message);
}

/* By CPTS, then turn, then what the facts are about, then line; refused ones
 * last, for they may say nothing. */
static int compare_lines(const void *one, const void *other, void *data)
{
    const struct fact_import *import = data;
    const struct fact_line *left = &import->lines[*(const size_t *)one];
    const struct fact_line *right = &import->lines[*(const size_t *)other];
    bool is_left_out = left->state == FACT_REFUSED, is_right_out = right->state == FACT_REFUSED;
    if (is_left_out != is_right_out)
        return is_left_out ? 1 : -1;
    if (left->cpts != right->cpts)
        return left->cpts < right->cpts ? -1 : 1;
    if (left->turn != right->turn)
        return left->turn - right->turn;
    int order = is_left_out ? 0 : import->kind->compare(left->fact, right->fact);
    return order != 0 ? order : left->line - right->line;
}

/* The order, and how many of it are not refused. */
static void sort(struct fact_import *import)
{
    qsort_r(import->order, import->line_count, sizeof *import->order, compare_lines, import);
    import->ready_count = 0;
    while (import->ready_count < import->line_count &&
           import->lines[import->order[import->ready_count]].state != FACT_REFUSED)
        import->ready_count++;
}

static void refuse_contrary(struct fact_import *import, size_t index, const struct fact_line *last)
{
    char message[MESSAGE_BYTES];
    snprintf(message, sizeof message, "line %d says otherwise of the same", last->line);
    fact_line_refuse(import, index, "", import->kind->contrary_reason, message);
}

static void note_again(struct fact_import *import, size_t index, const struct fact_line *last)
{
    struct fact_line *line = &import->lines[index];
    line->state = FACT_DUPLICATE;
    findings_add(&import->findings,
                 (struct finding){.kind = FINDING_NOTE,
                                  .line = line->line,
                                  .row = index,
                                  .field = "",
                                  .reason = "DUPLICATE_LINE"},
                 "line %d says the same", last->line);
}

/* A line and the one before it of the same CPTS. @return whether the next line
 * is to be compared with this one. */
static bool relate(struct fact_import *import, size_t index, const struct fact_line *last)
{
    struct fact_line *line = &import->lines[index];
    switch (import->kind->relate(last->fact, line->fact)) {
    case FACT_IS_AGAIN:
        note_again(import, index, last);
        return false;
    case FACT_IS_CONTRARY:
        refuse_contrary(import, index, last);
        return false;
    case FACT_IS_LATER:
        line->turn = last->turn + 1;
        return true;
    case FACT_IS_APART:
        break;
    }
    return true;
}

static bool make_order(struct fact_import *import)
{
    const struct fact_line *last = NULL;
    import->order = calloc(import->line_count + 1, sizeof *import->order);
    if (import->order == NULL)
        return false;
    for (size_t i = 0; i < import->line_count; i++)
        import->order[i] = i;
    sort(import);
    for (size_t i = 0; i < import->ready_count; i++) {
        const struct fact_line *line = &import->lines[import->order[i]];
        if (last == NULL || last->cpts != line->cpts || relate(import, import->order[i], last))
            last = line;
    }
    sort(import);
    return true;
}

static void read_line(const struct fact_reading *reading, struct import_target *target)
{
    struct fact_import *import = reading->import;
    struct fact_line *line = &import->lines[reading->index];
    line->line = reading->row->line;
    line->fact = import->facts + reading->index * import->kind->fact_bytes;
    read_cpts(reading, target);
    import->kind->read(reading, line->fact);
}

bool fact_lines_make(struct fact_import *import, const struct import_source *source)
{
    struct import_target target = {.registry = NULL};
    size_t room = source->table.row_count + 1;
    import->lines = calloc(room, sizeof *import->lines);
    import->facts = calloc(room, import->kind->fact_bytes);
    bool is_fine = import->lines != NULL && import->facts != NULL &&
                   import_target_make(&target, &import->registry, import->told_cpts);
    for (size_t i = 1; is_fine && i < source->table.row_count; i++) {
        const struct fact_reading reading = {.import = import,
                                             .source = source,
                                             .row = &source->table.rows[i],
                                             .index = import->line_count};
        if (is_blank(&reading))
            continue;
        import->line_count++;
        read_line(&reading, &target);
        is_fine = !import->findings.pool.is_out_of_memory;
    }
    import_target_done(&target);
    return is_fine && make_order(import);
}

void fact_lines_done(struct fact_import *import)
{
    free(import->lines);
    free(import->facts);
    free(import->order);
    findings_done(&import->findings);
}
