/* SPDX-License-Identifier: Apache-2.0 */
#include "import_territory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wording.h"

#define LIST_SEPARATORS ";,|\n\t"
/* A population told and one summed that differ by more are worth a note. */
#define POPULATION_TOLERANCE 0.1

static struct finding finding_of(const struct territory_draft *draft, int line,
                                 enum finding_kind kind, const char *reason)
{
    return (struct finding){.kind = kind,
                            .line = line,
                            .row = (size_t)(draft->row - draft->import->rows),
                            .field = "commune",
                            .reason = reason};
}

static bool add_mention(struct territory_draft *draft, const struct mention *mention)
{
    if (!import_pool_grow((void **)&draft->mentions, &draft->mention_capacity, draft->mention_count,
                          sizeof *draft->mentions))
        return false;
    draft->mentions[draft->mention_count++] = *mention;
    return true;
}

/* Percent signs and commas as people write them; a bare 50 is not a share. */
static double read_share(struct territory_draft *draft, const struct csv_row *line)
{
    double share = 1;
    const char *text = import_text_trim(import_source_cell(draft->source, line, FIELD_SHARE),
                                        &draft->import->pool);
    if (*text == '\0')
        return 1;
    if (wording_number(text, &share) && share > 0 && share <= 1)
        return share;
    struct finding finding = finding_of(draft, line->line, FINDING_REFUSED, "SHARE_INVALID");
    finding.field = "share";
    findings_add(&draft->import->findings, finding, "\"%.40s\" is no share", text);
    return 1;
}

static bool looks_like_code(const char *text)
{
    size_t length = strlen(text);
    return length >= 4 && length <= 5 &&
           strspn(text, "0123456789") >= (length == 5 && text[0] == '2' ? 1 : 4) &&
           strspn(text + 2, "0123456789") == length - 2;
}

static bool add_list(struct territory_draft *draft, const char *list, struct mention *mention)
{
    while (*list != '\0') {
        size_t length = strcspn(list, LIST_SEPARATORS);
        const char *text = import_text_trim(import_pool_copy(&draft->import->pool, list, length),
                                            &draft->import->pool);
        mention->code = looks_like_code(text) ? text : "";
        mention->name = looks_like_code(text) ? "" : text;
        if (*text != '\0' && !add_mention(draft, mention))
            return false;
        list += length + (list[length] != '\0');
    }
    return true;
}

static const char *cell(const struct territory_draft *draft, const struct csv_row *line,
                        enum import_field field)
{
    return import_text_trim(import_source_cell(draft->source, line, (int)field),
                            &draft->import->pool);
}

static void note_unknown_department(struct territory_draft *draft, const struct mention *mention)
{
    if (*mention->department == '\0' || *mention->code != '\0' ||
        gazetteer_department(draft->gazetteer, mention->department) != NULL)
        return;
    struct finding finding =
        finding_of(draft, mention->line, FINDING_REFUSED, "DEPARTMENT_UNKNOWN");
    finding.field = "department";
    findings_add(&draft->import->findings, finding, "\"%.60s\" is no département",
                 mention->department);
}

bool import_territory_add(struct territory_draft *draft, const struct csv_row *line)
{
    bool is_by_commune = draft->source->format == FORMAT_COMMUNE_CSV;
    draft->first_line = draft->first_line == NULL ? line : draft->first_line;
    struct mention mention = {.line = line->line,
                              .code = is_by_commune ? cell(draft, line, FIELD_COMMUNE_CODE) : "",
                              .name = is_by_commune ? cell(draft, line, FIELD_COMMUNE_NAME) : "",
                              .department = cell(draft, line, FIELD_DEPARTMENT),
                              .postcode = is_by_commune ? cell(draft, line, FIELD_POSTCODE) : "",
                              .share = read_share(draft, line)};
    if (!is_by_commune) {
        /* A CPTS's own département is not that of each of its communes. */
        mention.department = "";
        return add_list(draft, cell(draft, line, FIELD_COMMUNES), &mention);
    }
    if (*mention.code != '\0' || *mention.name != '\0') {
        note_unknown_department(draft, &mention);
        return add_mention(draft, &mention);
    }
    findings_add(&draft->import->findings,
                 finding_of(draft, line->line, FINDING_REFUSED, "COMMUNE_MISSING"),
                 "the line names no commune");
    return true;
}

static int compare_units(const void *one, const void *other)
{
    const struct cpts_territory_unit *left = one, *right = other;
    return strcmp(left->unit_code, right->unit_code);
}

static size_t child_count(const struct gazetteer *gazetteer, const struct place *place)
{
    size_t count = 0;
    const struct place *child = NULL;
    while ((child = gazetteer_child(gazetteer, place, child)) != NULL)
        count++;
    return count;
}

/* Leaves of a place, itself when it is one. @return how many were written. */
static size_t write_leaves(const struct gazetteer *gazetteer, const struct place *place,
                           double share, struct cpts_territory_unit *units)
{
    size_t count = 0;
    const struct place *child = NULL;
    if (place->is_leaf) {
        units[0] = (struct cpts_territory_unit){.unit_code = place->code, .share = share};
        return 1;
    }
    while ((child = gazetteer_child(gazetteer, place, child)) != NULL)
        units[count++] = (struct cpts_territory_unit){.unit_code = child->code, .share = share};
    return count;
}

size_t import_territory_settle(const struct gazetteer *gazetteer,
                               const struct cpts_territory_unit *units, size_t unit_count,
                               struct cpts_territory_unit **ret_units)
{
    size_t room = 1, count = 0;
    for (size_t i = 0; i < unit_count; i++) {
        const struct place *place = gazetteer_code(gazetteer, units[i].unit_code);
        room += place == NULL || place->is_leaf ? 1 : child_count(gazetteer, place);
    }
    struct cpts_territory_unit *own = calloc(room, sizeof *own);
    if (own == NULL)
        return SIZE_MAX;
    for (size_t i = 0; i < unit_count; i++) {
        const struct place *place = gazetteer_code(gazetteer, units[i].unit_code);
        if (place == NULL)
            place = gazetteer_old_code(gazetteer, units[i].unit_code);
        if (place == NULL)
            own[count++] = units[i];
        else
            count += write_leaves(gazetteer, place, units[i].share, own + count);
    }
    qsort(own, count, sizeof *own, compare_units);
    *ret_units = own;
    return count;
}

static bool add_unit(struct import_row *row, const struct cpts_territory_unit *unit)
{
    char *code = strdup(unit->unit_code);
    if (code == NULL)
        return false;
    row->units[row->creation.unit_count++] =
        (struct cpts_territory_unit){.unit_code = code, .share = unit->share};
    return true;
}

/* Units once each: whole communes listed twice are one, shares are not. */
static bool take_units(struct territory_draft *draft, const struct cpts_territory_unit *units,
                       size_t count)
{
    bool is_fine = true;
    bool is_by_iris = draft->source->mapping.column[FIELD_IRIS] >= 0;
    for (size_t i = 0; is_fine && i < count; i++) {
        if (i == 0 || strcmp(units[i - 1].unit_code, units[i].unit_code) != 0) {
            is_fine = add_unit(draft->row, &units[i]);
            continue;
        }
        bool is_whole = units[i - 1].share >= 1 && units[i].share >= 1;
        if (!is_by_iris || !is_whole)
            findings_add(&draft->import->findings,
                         finding_of(draft, draft->row->line,
                                    is_whole ? FINDING_NOTE : FINDING_REFUSED, "UNIT_REPEATED"),
                         "%s stands twice in the CPTS%s", units[i].unit_code,
                         is_whole ? ", counted once" : ", with shares");
    }
    return is_fine;
}

static bool settle(struct territory_draft *draft)
{
    struct import_row *row = draft->row;
    size_t found_count = 0;
    struct cpts_territory_unit *found = calloc(draft->mention_count + 1, sizeof *found);
    struct cpts_territory_unit *units = NULL;
    if (found == NULL)
        return false;
    for (size_t i = 0; i < draft->mention_count; i++) {
        const struct mention *mention = &draft->mentions[i];
        if (mention->place != NULL)
            found[found_count++] = (struct cpts_territory_unit){.unit_code = mention->place->code,
                                                                .share = mention->share};
        draft->refused_count += mention->place == NULL;
    }
    size_t count = import_territory_settle(draft->gazetteer, found, found_count, &units);
    free(found);
    if (count == SIZE_MAX)
        return false;
    row->units = calloc(count + 1, sizeof *row->units);
    bool is_fine = row->units != NULL && take_units(draft, units, count);
    free(units);
    row->creation.territory = row->units;
    return is_fine;
}

/* Region of all units, and a check of the population that the file tells. */
static void sum_up(struct territory_draft *draft)
{
    const struct import_row *row = draft->row;
    double sum = 0, told = 0;
    draft->region = "";
    for (size_t i = 0; i < row->creation.unit_count; i++) {
        const struct place *place = gazetteer_code(draft->gazetteer, row->units[i].unit_code);
        bool is_same = i == 0 || strcmp(draft->region, place->region) == 0;
        draft->region = is_same ? place->region : "";
        sum += row->units[i].share * place->population_count;
        if (!is_same)
            break;
    }
    bool is_told = draft->source->format != FORMAT_COMMUNE_CSV &&
                   wording_number(cell(draft, draft->first_line, FIELD_POPULATION), &told) &&
                   told > 0;
    if (!is_told || draft->refused_count > 0 || row->creation.unit_count == 0 ||
        *draft->region == '\0' || fabs(sum - told) <= told * POPULATION_TOLERANCE)
        return;
    struct finding finding = finding_of(draft, row->line, FINDING_NOTE, "POPULATION_DIFFERS");
    finding.field = "population";
    findings_add(&draft->import->findings, finding,
                 "the file tells %.0f inhabitants, its communes have %.0f", told, sum);
}

bool import_territory_make(struct territory_draft *draft)
{
    struct commune_context context = {.gazetteer = draft->gazetteer,
                                      .findings = &draft->import->findings,
                                      .row = (size_t)(draft->row - draft->import->rows),
                                      .region = draft->told_region};
    import_communes_resolve(&context, draft->mentions, draft->mention_count);
    bool is_fine = settle(draft);
    if (is_fine)
        sum_up(draft);
    free(draft->mentions);
    draft->mentions = NULL;
    draft->row->has_territory = draft->mention_count > 0;
    if (is_fine && draft->row->creation.unit_count > IMPORT_UNITS_MAX) {
        findings_add(&draft->import->findings,
                     finding_of(draft, draft->row->line, FINDING_REFUSED, "FIELD_INVALID"),
                     "%zu units are more than %d", draft->row->creation.unit_count,
                     IMPORT_UNITS_MAX);
    }
    return is_fine;
}
