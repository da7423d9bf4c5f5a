/* SPDX-License-Identifier: Apache-2.0 */
#include "member_draft.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "member_field.h"

#define MESSAGE_BYTES 256

/* A line that is being read. */
struct drafting {
    struct member_import *import;
    const struct import_source *source;
    const struct csv_row *row;
    size_t index;
    struct member_line *line;
};

void member_line_refuse(struct member_import *import, size_t index, const char *field,
                        const char *reason, const char *candidates, const char *format, ...)
{
    char message[MESSAGE_BYTES];
    va_list values;
    struct member_line *line = &import->lines[index];
    if (line->state == MEMBER_REFUSED)
        return;
    line->state = MEMBER_REFUSED;
    va_start(values, format);
    vsnprintf(message, sizeof message, format, values);
    va_end(values);
    import_text_mend(message);
    findings_add(&import->findings,
                 (struct finding){.kind = FINDING_REFUSED,
                                  .line = line->line,
                                  .row = index,
                                  .field = field,
                                  .reason = reason,
                                  .candidates = candidates},
                 "%s", message);
}

struct cpts_member member_line_value(const struct member_line *line)
{
    struct cpts_member member = {.category = line->category,
                                 .college = line->college,
                                 .voice = line->voice,
                                 .joined_on = line->joined_on,
                                 .left_on = line->left_on};
    if (line->identifier[0] == NUMBER_RPPS)
        member.rpps = line->identifier + 1;
    else if (line->identifier[0] == NUMBER_FINESS)
        member.finess = line->identifier + 1;
    else
        member.siret = line->identifier + 1;
    return member;
}

/* A cell without the spaces around it. */
static const char *cell_of(const struct drafting *drafting, int field)
{
    return import_text_trim(import_source_cell(drafting->source, drafting->row, (int)field),
                            &drafting->import->findings.pool);
}

/* The line is refused because of a field. */
#define REFUSE(drafting, field, ...)                                                               \
    member_line_refuse((drafting)->import, (drafting)->index, member_field_name(field), __VA_ARGS__)

static void note_padded(const struct drafting *drafting, int field)
{
    findings_add(&drafting->import->findings,
                 (struct finding){.kind = FINDING_NOTE,
                                  .line = drafting->line->line,
                                  .row = drafting->index,
                                  .field = member_field_name(field),
                                  .reason = "ZERO_ADDED",
                                  .candidates = NULL},
                 "read as the FINESS number %s: its first zero was missing",
                 drafting->line->identifier + 1);
}

/* One of the columns of numbers; @return whether its cell says something. */
static bool read_number(const struct drafting *drafting, int field, int kind, const char *reason)
{
    char identifier[MEMBER_IDENTIFIER_BYTES];
    const char *cell = cell_of(drafting, field);
    struct member_line *line = drafting->line;
    if (cell[0] == '\0')
        return false;
    enum number_problem problem = member_wording_number(cell, kind, identifier);
    if (problem == NUMBER_INVALID) {
        REFUSE(drafting, field, reason, NULL, "\"%.40s\" is no such number, or its key is wrong",
               cell);
    } else if (line->identifier[0] != '\0' && strcmp(line->identifier, identifier) != 0) {
        REFUSE(drafting, field, "SEVERAL_NUMBERS", NULL, "the line has two numbers: %s and %s",
               line->identifier + 1, identifier + 1);
    } else {
        memcpy(line->identifier, identifier, sizeof identifier);
        if (problem == NUMBER_PADDED)
            note_padded(drafting, field);
    }
    return true;
}

static void read_numbers(const struct drafting *drafting)
{
    static const struct {
        int field;
        int kind;
        const char *reason;
    } NUMBERS[] = {{MEMBER_RPPS, NUMBER_RPPS, "RPPS_INVALID"},
                   {MEMBER_FINESS, NUMBER_FINESS, "FINESS_INVALID"},
                   {MEMBER_SIRET, NUMBER_SIRET, "SIRET_INVALID"},
                   {MEMBER_NUMBER, 0, "NUMBER_INVALID"}};
    bool is_given = false;
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
        is_given |= read_number(drafting, NUMBERS[i].field, NUMBERS[i].kind, NUMBERS[i].reason);
    if (!is_given)
        REFUSE(drafting, MEMBER_NUMBER, "NUMBER_MISSING", NULL, "no RPPS, FINESS or SIRET number");
}

static void read_category(const struct drafting *drafting)
{
    const struct member_lexicon *lexicon = drafting->import->lexicon;
    const char *cell = cell_of(drafting, MEMBER_CATEGORY);
    const char *other = NULL;
    bool is_person = drafting->line->identifier[0] == NUMBER_RPPS;
    if (cell[0] == '\0') {
        REFUSE(drafting, MEMBER_CATEGORY, "CATEGORY_MISSING", NULL,
               "no profession or kind of structure");
        return;
    }
    drafting->line->category = member_lexicon_find(lexicon, cell, is_person, &other);
    if (drafting->line->category == NULL) {
        const char *near = member_lexicon_near(lexicon, cell, is_person);
        REFUSE(drafting, MEMBER_CATEGORY,
               is_person ? "UNKNOWN_PROFESSION" : "UNKNOWN_STRUCTURE_KIND", near,
               "\"%.60s\" is no %s", cell, is_person ? "profession" : "kind of structure");
    } else if (other != NULL) {
        char candidates[MESSAGE_BYTES];
        snprintf(candidates, sizeof candidates, "%s; %s", drafting->line->category, other);
        REFUSE(drafting, MEMBER_CATEGORY, "CATEGORY_AMBIGUOUS", candidates,
               "\"%.60s\" could be several", cell);
    }
}

static void read_college_and_voice(const struct drafting *drafting)
{
    struct member_line *line = drafting->line;
    const char *college = cell_of(drafting, MEMBER_COLLEGE);
    const char *voice = cell_of(drafting, MEMBER_VOICE);
    line->college =
        line->identifier[0] == NUMBER_RPPS ? CPTS_COLLEGE_PROFESSIONAL : CPTS_COLLEGE_PARTNER;
    line->voice = drafting->import->wishes.voice;
    if (college[0] != '\0' && !member_wording_college(college, &line->college))
        REFUSE(drafting, MEMBER_COLLEGE, "COLLEGE_UNKNOWN", NULL, "\"%.60s\" is no college",
               college);
    if (voice[0] != '\0' && !member_wording_voice(voice, &line->voice))
        REFUSE(drafting, MEMBER_VOICE, "VOICE_UNKNOWN", NULL, "\"%.60s\" is no voice", voice);
    if (line->voice == CPTS_VOICE_UNSPECIFIED)
        REFUSE(drafting, MEMBER_VOICE, "VOICE_MISSING", NULL, "deliberative or consultative?");
}

static void read_date(const struct drafting *drafting, int field, char ret_date[WORDING_DATE_BYTES])
{
    const char *cell = cell_of(drafting, field);
    if (cell[0] == '\0')
        return;
    enum date_problem problem = wording_date(cell, ret_date);
    if (problem != DATE_FINE)
        REFUSE(drafting, field, "DATE_INVALID", NULL, "\"%.40s\": %s", cell,
               wording_date_problem(problem));
    else if (strcmp(ret_date, drafting->import->wishes.today) > 0)
        REFUSE(drafting, field, "DATE_IN_FUTURE", NULL, "%s is in the future", ret_date);
}

static void read_dates(const struct drafting *drafting)
{
    struct member_line *line = drafting->line;
    const char *joined_on = drafting->import->wishes.joined_on;
    if (joined_on != NULL)
        snprintf(line->joined_on, sizeof line->joined_on, "%s", joined_on);
    read_date(drafting, MEMBER_JOINED_ON, line->joined_on);
    read_date(drafting, MEMBER_LEFT_ON, line->left_on);
    if (line->state == MEMBER_REFUSED)
        return;
    if (line->joined_on[0] == '\0')
        REFUSE(drafting, MEMBER_JOINED_ON, "JOINED_MISSING", NULL, "no date of joining");
    else if (line->left_on[0] != '\0' && strcmp(line->left_on, line->joined_on) <= 0)
        REFUSE(drafting, MEMBER_LEFT_ON, "LEFT_BEFORE_JOINED", NULL, "%s is not after %s",
               line->left_on, line->joined_on);
}

static void read_cpts(const struct drafting *drafting, struct import_target *target)
{
    const struct import_target_cells cells = {
        .id = cell_of(drafting, TARGET_CPTS),
        .finess = cell_of(drafting, TARGET_CPTS_FINESS),
        .name = cell_of(drafting, TARGET_CPTS_NAME),
        .region = cell_of(drafting, TARGET_REGION),
    };
    struct import_target_problem problem = {.reason = NULL};
    drafting->line->cpts = import_target_find(target, &cells, &problem);
    if (problem.reason != NULL)
        REFUSE(drafting, (int)problem.field, problem.reason, problem.candidates, "%s",
               problem.message);
}

static bool is_blank(const struct drafting *drafting)
{
    for (int field = 0; field < MEMBER_FIELD_COUNT; field++) {
        if (cell_of(drafting, field)[0] != '\0')
            return false;
    }
    return true;
}

/* By CPTS, then member, then date, then line. */
static int compare_members(const void *one, const void *other, void *data)
{
    const struct member_import *import = data;
    const struct member_line *left = &import->lines[*(const size_t *)one];
    const struct member_line *right = &import->lines[*(const size_t *)other];
    if (left->cpts != right->cpts)
        return left->cpts < right->cpts ? -1 : 1;
    int order = strcmp(left->identifier, right->identifier);
    if (order == 0)
        order = strcmp(left->joined_on, right->joined_on);
    return order != 0 ? order : left->line - right->line;
}

/* By CPTS, then wave, then line. */
static int compare_turns(const void *one, const void *other, void *data)
{
    const struct member_import *import = data;
    const struct member_line *left = &import->lines[*(const size_t *)one];
    const struct member_line *right = &import->lines[*(const size_t *)other];
    if (left->cpts != right->cpts)
        return left->cpts < right->cpts ? -1 : 1;
    return left->wave != right->wave ? left->wave - right->wave : left->line - right->line;
}

static bool says_the_same(const struct member_line *one, const struct member_line *other)
{
    return strcmp(one->joined_on, other->joined_on) == 0 &&
           strcmp(one->left_on, other->left_on) == 0 &&
           strcmp(one->category, other->category) == 0 && one->college == other->college &&
           one->voice == other->voice;
}

/* A line about the same member of the same CPTS as an earlier one. */
static void compare_with(struct member_import *import, size_t index, const struct member_line *last)
{
    struct member_line *line = &import->lines[index];
    if (says_the_same(last, line)) {
        line->state = MEMBER_DUPLICATE;
        findings_add(&import->findings,
                     (struct finding){.kind = FINDING_NOTE,
                                      .line = line->line,
                                      .row = index,
                                      .field = "",
                                      .reason = "DUPLICATE_LINE"},
                     "line %d says the same", last->line);
    } else if (last->left_on[0] != '\0' && strcmp(last->left_on, line->joined_on) <= 0) {
        line->wave = last->wave + 1;
    } else {
        member_line_refuse(import, index, "", "MEMBER_REPEATED", NULL,
                           "line %d says otherwise of the same member at the same time",
                           last->line);
    }
}

static bool make_order(struct member_import *import)
{
    const struct member_line *last = NULL;
    import->order = calloc(import->line_count + 1, sizeof *import->order);
    if (import->order == NULL)
        return false;
    for (size_t i = 0; i < import->line_count; i++)
        import->order[i] = i;
    qsort_r(import->order, import->line_count, sizeof *import->order, compare_members, import);
    for (size_t i = 0; i < import->line_count; i++) {
        struct member_line *line = &import->lines[import->order[i]];
        if (line->state != MEMBER_WAITING)
            continue;
        if (last != NULL && last->cpts == line->cpts &&
            strcmp(last->identifier, line->identifier) == 0)
            compare_with(import, import->order[i], last);
        if (line->state == MEMBER_WAITING)
            last = line;
    }
    qsort_r(import->order, import->line_count, sizeof *import->order, compare_turns, import);
    return true;
}

static void read_line(struct drafting *drafting, struct import_target *target)
{
    drafting->line->line = drafting->row->line;
    drafting->line->cpts = TARGET_NONE;
    read_numbers(drafting);
    read_cpts(drafting, target);
    if (drafting->line->identifier[0] != '\0')
        read_category(drafting);
    read_college_and_voice(drafting);
    read_dates(drafting);
}

bool member_draft_make(struct member_import *import, const struct import_source *source)
{
    struct import_target target;
    import->lines = calloc(source->table.row_count + 1, sizeof *import->lines);
    bool is_fine = import->lines != NULL &&
                   import_target_make(&target, import->registry, import->wishes.cpts_id);
    for (size_t i = 1; is_fine && i < source->table.row_count; i++) {
        struct drafting drafting = {.import = import,
                                    .source = source,
                                    .row = &source->table.rows[i],
                                    .index = import->line_count,
                                    .line = &import->lines[import->line_count]};
        if (is_blank(&drafting))
            continue;
        import->line_count++;
        read_line(&drafting, &target);
        is_fine = !import->findings.pool.is_out_of_memory;
    }
    if (import->lines != NULL)
        import_target_done(&target);
    return is_fine && make_order(import);
}

void member_draft_done(struct member_import *import)
{
    free(import->lines);
    free(import->order);
    findings_done(&import->findings);
}
