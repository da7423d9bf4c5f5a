/* SPDX-License-Identifier: Apache-2.0 */
#include "import_draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_territory.h"
#include "name_fold.h"
#include "wording.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NAME_CHARACTERS_MAX 200
#define GROUP_BYTES (3 * FOLD_BYTES)

/* What people write where a commune has no CPTS; folded. */
static const char *const NO_CPTS[] = {"",      "sans cpts", "hors cpts",    "aucune",       "aucun",
                                      "neant", "nc",        "non couverte", "zone blanche", "na"};

/* A line and the CPTS it belongs to. */
struct member {
    char *group;
    const struct csv_row *row;
};

/* Rows that are being made. */
struct drafting {
    struct import *import;
    const struct import_source *source;
    const struct gazetteer *gazetteer;
    const struct import_wishes *wishes;
    struct member *members;
    size_t member_count;
    size_t skipped_count;
};

static const char *cell(const struct drafting *drafting, const struct csv_row *row,
                        enum import_field field)
{
    return import_text_trim(import_source_cell(drafting->source, row, (int)field),
                            &drafting->import->pool);
}

static void refuse(const struct drafting *drafting, int line, const char *field, const char *reason,
                   const char *message)
{
    findings_add(&drafting->import->findings,
                 (struct finding){.kind = FINDING_REFUSED,
                                  .line = line,
                                  .row = drafting->import->row_count - 1,
                                  .field = field,
                                  .reason = reason},
                 "%s", message);
}

static bool is_blank(const struct drafting *drafting, const struct csv_row *row)
{
    for (size_t i = 0; i < row->cell_count; i++) {
        if (*import_text_trim(csv_table_cell(&drafting->source->table, row, i),
                              &drafting->import->pool) != '\0')
            return false;
    }
    return true;
}

static bool names_no_cpts(const char *name)
{
    char folded[FOLD_BYTES];
    name_fold_words(name, folded);
    for (size_t i = 0; i < COUNT(NO_CPTS); i++) {
        if (strcmp(folded, NO_CPTS[i]) == 0)
            return true;
    }
    return false;
}

/* Lines of one CPTS have one group: its key, or its region and name. */
static char *group_of(const struct drafting *drafting, const struct csv_row *row)
{
    char region[FOLD_BYTES], name[FOLD_BYTES], *group = NULL;
    const char *key = cell(drafting, row, FIELD_KEY);
    name_fold_words(cell(drafting, row, FIELD_REGION), region);
    name_fold_cpts(cell(drafting, row, FIELD_NAME), name);
    int length = 0;
    if (drafting->source->format != FORMAT_COMMUNE_CSV)
        length = asprintf(&group, "%08zu", (size_t)(row - drafting->source->table.rows));
    else if (*key != '\0')
        length = asprintf(&group, "key %s", key);
    else
        length = asprintf(&group, "name %s/%s", region, name);
    return length < 0 ? NULL : group;
}

static bool gather(struct drafting *drafting)
{
    const struct csv_table *table = &drafting->source->table;
    drafting->members = calloc(table->row_count, sizeof *drafting->members);
    for (size_t i = 1; drafting->members != NULL && i < table->row_count; i++) {
        const struct csv_row *row = &table->rows[i];
        if (is_blank(drafting, row))
            continue;
        bool is_list = drafting->source->format == FORMAT_COMMUNE_CSV;
        if (is_list && names_no_cpts(cell(drafting, row, FIELD_NAME))) {
            drafting->skipped_count++;
            continue;
        }
        char *group = group_of(drafting, row);
        if (group == NULL)
            return false;
        drafting->members[drafting->member_count++] = (struct member){.group = group, .row = row};
    }
    return drafting->members != NULL;
}

static int compare_members(const void *one, const void *other)
{
    const struct member *left = one, *right = other;
    int order = strcmp(left->group, right->group);
    return order != 0 ? order : (left->row > right->row) - (left->row < right->row);
}

/* The members of one CPTS. */
struct gathering {
    const struct member *members;
    size_t count;
};

static int compare_gatherings(const void *one, const void *other)
{
    const struct gathering *left = one, *right = other;
    const struct csv_row *one_row = left->members[0].row, *other_row = right->members[0].row;
    return (one_row > other_row) - (one_row < other_row);
}

/* The value of a field over the lines of a CPTS; refused when they differ. */
static const char *common(const struct drafting *drafting, const struct member *members,
                          size_t count, enum import_field field)
{
    const char *value = "";
    char first[FOLD_BYTES] = "", folded[FOLD_BYTES];
    for (size_t i = 0; i < count; i++) {
        const char *one = cell(drafting, members[i].row, field);
        name_fold_words(one, folded);
        if (*one == '\0')
            continue;
        if (*value != '\0' && strcmp(first, folded) != 0) {
            char message[CSV_PROBLEM_BYTES];
            snprintf(message, sizeof message, "\"%.60s\" here, \"%.60s\" on an earlier line", one,
                     value);
            refuse(drafting, members[i].row->line, import_field_name(field), "VALUES_DIFFER",
                   message);
            return value;
        }
        if (*value == '\0') {
            value = one;
            snprintf(first, sizeof first, "%s", folded);
        }
    }
    return value;
}

static const char *read_date(const struct drafting *drafting, const struct import_row *row,
                             enum import_field field, const char *text)
{
    char date[WORDING_DATE_BYTES], message[CSV_PROBLEM_BYTES];
    if (*text == '\0')
        return "";
    enum date_problem problem = wording_date(text, date);
    if (problem == DATE_FINE)
        return import_pool_copy(&drafting->import->pool, date, strlen(date));
    snprintf(message, sizeof message, "\"%.40s\": %s", text, wording_date_problem(problem));
    refuse(drafting, row->line, import_field_name(field), "DATE_INVALID", message);
    return "";
}

static void read_stage(const struct drafting *drafting, struct import_row *row, const char *text)
{
    char message[CSV_PROBLEM_BYTES];
    if (*text != '\0') {
        const char *near = wording_stage_near(text);
        if (wording_stage(text, &row->stage))
            return;
        snprintf(message, sizeof message, "no stage is worded \"%.60s\"%s%s", text,
                 near == NULL ? "" : "; did you mean: ", near == NULL ? "" : near);
        refuse(drafting, row->line, "stage", "STAGE_UNKNOWN", message);
        return;
    }
    for (int stage = CPTS_STAGE_EMERGENCE; stage <= CPTS_STAGE_ACI_SIGNE; stage++) {
        if (*row->live_on[stage - 1] != '\0')
            row->stage = (enum cpts_stage)stage;
    }
    if (row->stage == CPTS_STAGE_UNSPECIFIED)
        refuse(drafting, row->line, "stage", "STAGE_MISSING", "the file gives it no stage");
}

static void read_stages(const struct drafting *drafting, struct import_row *row,
                        const struct member *members, size_t count)
{
    for (int i = 0; i < CPTS_STAGE_ACI_SIGNE; i++) {
        enum import_field field = (enum import_field)(FIELD_EMERGENCE_ON + i);
        row->live_on[i] = read_date(drafting, row, field, common(drafting, members, count, field));
    }
    row->stage_on =
        read_date(drafting, row, FIELD_STAGE_ON, common(drafting, members, count, FIELD_STAGE_ON));
    read_stage(drafting, row, common(drafting, members, count, FIELD_STAGE));
    if (cpts_stage_is_live(row->stage) && *row->live_on[row->stage - 1] != '\0')
        row->stage_on = row->live_on[row->stage - 1];
}

static size_t character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void read_identity(const struct drafting *drafting, struct import_row *row,
                          const struct member *members, size_t count)
{
    row->creation.name = common(drafting, members, 1, FIELD_NAME);
    row->creation.finess = common(drafting, members, count, FIELD_FINESS);
    row->creation.website = common(drafting, members, count, FIELD_WEBSITE);
    row->creation.synthetic = drafting->wishes->is_synthetic;
    if (*row->creation.name == '\0')
        refuse(drafting, row->line, "name", "NAME_MISSING", "the line names no CPTS");
    else if (character_count(row->creation.name) > NAME_CHARACTERS_MAX)
        refuse(drafting, row->line, "name", "NAME_TOO_LONG",
               "the name has more than 200 characters");
}

/* By its column, by its communes when they agree, or by the option. */
static void read_region(const struct drafting *drafting, struct import_row *row, const char *text,
                        const struct territory_draft *territory)
{
    const char *region = territory->region, *asked = drafting->wishes->region;
    char message[CSV_PROBLEM_BYTES];
    if (*text != '\0' || (*region == '\0' && asked != NULL))
        region = gazetteer_region(drafting->gazetteer, *text != '\0' ? text : asked);
    row->creation.lead_region = region == NULL ? "" : region;
    if (region == NULL) {
        snprintf(message, sizeof message, "\"%.60s\" is no region", text);
        refuse(drafting, row->line, "region", "REGION_UNKNOWN", message);
    } else if (*region == '\0' && territory->refused_count == 0) {
        refuse(drafting, row->line, "region", "REGION_UNCLEAR",
               territory->mention_count == 0 ? "nothing says which region it is in"
                                             : "its communes are in several regions");
    }
}

static void make_key(const struct drafting *drafting, struct import_row *row, const char *key)
{
    char folded[FOLD_BYTES];
    name_fold_cpts(row->creation.name, folded);
    row->key = *key != '\0' ? key
                            : import_pool_print(&drafting->import->pool, "%s/%.190s",
                                                row->creation.lead_region, folded);
    if (strlen(row->key) > IMPORT_KEY_BYTES_MAX)
        refuse(drafting, row->line, "key", "FIELD_INVALID", "the key is longer than 200 bytes");
}

static bool make_row(struct drafting *drafting, const struct member *members, size_t count)
{
    struct import *import = drafting->import;
    struct import_row *row = &import->rows[import->row_count++];
    struct territory_draft territory = {
        .gazetteer = drafting->gazetteer, .source = drafting->source, .import = import, .row = row};
    row->line = members[0].row->line;
    row->key = "";
    row->creation.size = sizeof row->creation;
    read_identity(drafting, row, members, count);
    read_stages(drafting, row, members, count);
    const char *region = common(drafting, members, count, FIELD_REGION);
    const char *own = *region == '\0' ? NULL : gazetteer_region(drafting->gazetteer, region);
    territory.told_region = own == NULL ? "" : own;
    bool is_fine = true;
    for (size_t i = 0; is_fine && i < count; i++)
        is_fine = import_territory_add(&territory, members[i].row);
    is_fine = is_fine && import_territory_make(&territory);
    read_region(drafting, row, region, &territory);
    make_key(drafting, row, common(drafting, members, count, FIELD_KEY));
    import_row_identify(row, drafting->wishes->batch);
    return is_fine;
}

static int compare_keys(const void *one, const void *other)
{
    const struct import_row *left = *(struct import_row *const *)one;
    const struct import_row *right = *(struct import_row *const *)other;
    int order = strcmp(left->key, right->key);
    return order != 0 ? order : left->line - right->line;
}

/* Of two rows with one key the later one is refused. */
static bool refuse_repeated(struct import *import)
{
    struct import_row **sorted = calloc(import->row_count + 1, sizeof(struct import_row *));
    if (sorted == NULL)
        return false;
    for (size_t i = 0; i < import->row_count; i++)
        sorted[i] = &import->rows[i];
    qsort(sorted, import->row_count, sizeof(struct import_row *), compare_keys);
    for (size_t i = 1; i < import->row_count; i++) {
        if (strcmp(sorted[i]->key, sorted[i - 1]->key) != 0)
            continue;
        findings_add(&import->findings,
                     (struct finding){.kind = FINDING_REFUSED,
                                      .line = sorted[i]->line,
                                      .row = (size_t)(sorted[i] - import->rows),
                                      .field = "name",
                                      .reason = "SAME_CPTS"},
                     "the CPTS stands on line %d already", sorted[i - 1]->line);
    }
    free(sorted);
    return true;
}

/* What holds for the file as a whole. */
static void note_file(const struct drafting *drafting)
{
    struct findings *findings = &drafting->import->findings;
    const int *column = drafting->source->mapping.column;
    struct finding note = {.kind = FINDING_NOTE, .row = FINDING_NO_ROW, .field = ""};
    note.reason = "GEOMETRY_IGNORED";
    if (drafting->source->format == FORMAT_LAYER_GEOJSON)
        findings_add(findings, note, "the shapes are not read: a territory is a list of communes");
    note.reason = "LINES_WITHOUT_CPTS";
    if (drafting->skipped_count > 0)
        findings_add(findings, note, "%zu lines name no CPTS and were left out",
                     drafting->skipped_count);
    note.reason = "IRIS_IGNORED";
    if (column[FIELD_IRIS] >= 0)
        findings_add(findings, note, "the file is by IRIS: whole communes are taken from it");
    note.reason = "NO_TERRITORY_IN_FILE";
    if (column[FIELD_COMMUNE_CODE] < 0 && column[FIELD_COMMUNE_NAME] < 0 &&
        column[FIELD_COMMUNES] < 0)
        findings_add(findings, note, "no column says which communes a CPTS has");
    note.reason = "ENCODING_GUESSED";
    if (drafting->source->text.is_guessed)
        findings_add(findings, note, "read as %s: look at the accents, else give --encoding",
                     drafting->source->text.encoding);
}

static size_t list_gatherings(const struct drafting *drafting, struct gathering *gatherings)
{
    size_t count = 0;
    for (size_t i = 0; i < drafting->member_count; i++) {
        const struct member *member = &drafting->members[i];
        if (i == 0 || strcmp(member->group, member[-1].group) != 0)
            gatherings[count++] = (struct gathering){.members = member};
        gatherings[count - 1].count++;
    }
    qsort(gatherings, count, sizeof *gatherings, compare_gatherings);
    return count;
}

static bool make_rows(struct drafting *drafting)
{
    struct import *import = drafting->import;
    struct gathering *gatherings = calloc(drafting->member_count, sizeof *gatherings);
    import->rows = calloc(drafting->member_count, sizeof *import->rows);
    bool is_fine = gatherings != NULL && import->rows != NULL;
    size_t count = is_fine ? list_gatherings(drafting, gatherings) : 0;
    for (size_t i = 0; is_fine && i < count; i++)
        is_fine = make_row(drafting, gatherings[i].members, gatherings[i].count);
    free(gatherings);
    return is_fine && refuse_repeated(import);
}

bool import_draft_make(struct import *import, const struct import_source *source,
                       const struct gazetteer *gazetteer, const struct import_wishes *wishes)
{
    struct drafting drafting = {
        .import = import, .source = source, .gazetteer = gazetteer, .wishes = wishes};
    memset(import, 0, sizeof *import);
    bool is_fine = gather(&drafting);
    if (is_fine && drafting.member_count > 0) {
        qsort(drafting.members, drafting.member_count, sizeof *drafting.members, compare_members);
        is_fine = make_rows(&drafting);
    }
    for (size_t i = 0; i < drafting.member_count; i++)
        free(drafting.members[i].group);
    free(drafting.members);
    if (is_fine)
        note_file(&drafting);
    return is_fine && !import->pool.is_out_of_memory && !import->findings.pool.is_out_of_memory;
}

void import_draft_done(struct import *import)
{
    for (size_t i = 0; i < import->row_count; i++)
        import_row_done(&import->rows[i]);
    free(import->rows);
    findings_done(&import->findings);
    import_pool_done(&import->pool);
    memset(import, 0, sizeof *import);
}
