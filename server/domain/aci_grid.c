/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/aci_grid.h"

#include <stdlib.h>
#include <string.h>

#include "wire/arena.h"

/* Texts of all grids; they take some 30 KB. */
#define TEXT_BYTES_MAX ((size_t)1024 * 1024)
#define SUM_SOURCE "sum of the lines of the grid"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Lines in force under one version, its base's included. */
struct line_list {
    const struct aci_line *lines[ACI_LINES_MAX];
    size_t count;
};

struct aci_grids {
    struct arena *texts;
    struct aci_version versions[ACI_VERSIONS_MAX];
    struct line_list in_force[ACI_VERSIONS_MAX];
    size_t version_count;
    struct aci_line lines[ACI_LINES_MAX];
    size_t line_count;
    struct aci_mission missions[ACI_MISSIONS_MAX];
    size_t mission_count;
};

static const char *const PART_NAMES[ACI_PART_COUNT] = {
    [ACI_PART_NONE] = "",
    [ACI_FIXED] = "FIXED",
    [ACI_VARIABLE] = "VARIABLE",
    [ACI_PLAN_WRITTEN] = "PLAN_WRITTEN",
    [ACI_PLAN_UPDATED] = "PLAN_UPDATED",
    [ACI_CRISIS_VARIABLE] = "CRISIS_VARIABLE",
    [ACI_ONE_OFF] = "ONE_OFF",
    [ACI_EARLY_SIGNER] = "EARLY_SIGNER",
    [ACI_TOTAL] = "TOTAL",
    [ACI_MAX_WITHOUT_SNP] = "MAX_WITHOUT_SNP",
    [ACI_MAX_WITH_SNP] = "MAX_WITH_SNP",
    [ACI_MAX_WITH_SNP_AND_CRISIS] = "MAX_WITH_SNP_AND_CRISIS",
};

/* The surest first. */
static const char *const CONFIDENCE[] = {"CONFIRMED", "DERIVED",     "EXTRAPOLATED",
                                         "INFERRED",  "FROM_MEMORY", "UNVERIFIED"};

const char *aci_part_name(enum aci_part part)
{
    return (unsigned)part < ACI_PART_COUNT ? PART_NAMES[part] : "";
}

enum aci_part aci_part_find(const char *name)
{
    for (int part = ACI_FIXED; part < ACI_PART_COUNT; part++) {
        if (strcmp(PART_NAMES[part], name) == 0)
            return (enum aci_part)part;
    }
    return ACI_PART_NONE;
}

static size_t weakness(const char *confidence)
{
    size_t rank = 0;
    while (rank < COUNT(CONFIDENCE) && strcmp(CONFIDENCE[rank], confidence) != 0)
        rank++;
    return rank;
}

const char *aci_weaker(const char *one, const char *other)
{
    return weakness(other) > weakness(one) ? other : one;
}

struct aci_grids *aci_grids_new(void)
{
    struct aci_grids *grids = calloc(1, sizeof *grids);
    if (grids == NULL)
        return NULL;
    grids->texts = arena_new(TEXT_BYTES_MAX);
    if (grids->texts != NULL)
        return grids;
    free(grids);
    return NULL;
}

void aci_grids_free(struct aci_grids *grids)
{
    if (grids == NULL)
        return;
    arena_free(grids->texts);
    free(grids);
}

/* Replaces a text by a copy; false without memory. */
static bool keep(struct aci_grids *grids, const char **text)
{
    const char *copy = *text == NULL ? NULL : arena_copy(grids->texts, *text, strlen(*text));
    if (copy == NULL)
        return false;
    *text = copy;
    return true;
}

static const struct aci_version *find_version(const struct aci_grids *grids, const char *grid)
{
    for (size_t i = 0; i < grids->version_count; i++) {
        if (strcmp(grids->versions[i].grid, grid) == 0)
            return &grids->versions[i];
    }
    return NULL;
}

bool aci_version_add(struct aci_grids *grids, const struct aci_version *version)
{
    size_t count = grids->version_count;
    if (count == ACI_VERSIONS_MAX || find_version(grids, version->grid) != NULL)
        return false;
    if (count > 0 && strcmp(grids->versions[count - 1].valid_from, version->valid_from) >= 0)
        return false;
    if (version->base_grid[0] != '\0' && find_version(grids, version->base_grid) == NULL)
        return false;
    struct aci_version *own = &grids->versions[count];
    *own = *version;
    if (!keep(grids, &own->grid) || !keep(grids, &own->label) || !keep(grids, &own->valid_from) ||
        !keep(grids, &own->valid_to) || !keep(grids, &own->base_grid) ||
        !keep(grids, &own->confidence) || !keep(grids, &own->source))
        return false;
    grids->version_count++;
    return true;
}

static bool is_same_line(const struct aci_line *one, const struct aci_line *other)
{
    return one->part == other->part && strcmp(one->line, other->line) == 0;
}

/* How many steps from a version up to a grid it is based on, 0 for itself; -1
 * when it is not. */
static int distance(const struct aci_grids *grids, const struct aci_version *version,
                    const char *grid)
{
    for (int steps = 0; version != NULL; steps++) {
        if (strcmp(version->grid, grid) == 0)
            return steps;
        version = find_version(grids, version->base_grid);
    }
    return -1;
}

/* Puts a new line where it is in force: under its version and those based on it,
 * in the place of the one it replaces. */
static void put_in_force(struct aci_grids *grids, const struct aci_line *line)
{
    for (size_t i = 0; i < grids->version_count; i++) {
        const struct aci_version *version = &grids->versions[i];
        struct line_list *list = &grids->in_force[i];
        int steps = distance(grids, version, line->grid);
        size_t at = 0;
        while (at < list->count && !is_same_line(list->lines[at], line))
            at++;
        if (steps < 0 ||
            (at < list->count && distance(grids, version, list->lines[at]->grid) < steps))
            continue;
        list->lines[at] = line;
        list->count += at == list->count;
    }
}

/* The line that an amount belongs to: the last one, or a new one. */
static struct aci_line *line_of(struct aci_grids *grids, const struct aci_line *line)
{
    struct aci_line *last = grids->line_count == 0 ? NULL : &grids->lines[grids->line_count - 1];
    if (last != NULL && is_same_line(last, line) && strcmp(last->grid, line->grid) == 0)
        return last;
    if (grids->line_count == ACI_LINES_MAX)
        return NULL;
    struct aci_line *own = &grids->lines[grids->line_count];
    *own = (struct aci_line){.grid = line->grid,
                             .line = line->line,
                             .mission = line->mission,
                             .obligation = line->obligation,
                             .part = line->part};
    if (!keep(grids, &own->grid) || !keep(grids, &own->line) || !keep(grids, &own->mission) ||
        !keep(grids, &own->obligation))
        return NULL;
    grids->line_count++;
    put_in_force(grids, own);
    return own;
}

bool aci_amount_add(struct aci_grids *grids, const struct aci_line *line, int size,
                    const struct aci_amount *amount)
{
    if (size < 1 || size > ACI_SIZE_COUNT || line->part == ACI_PART_NONE || amount->cents < 0 ||
        find_version(grids, line->grid) == NULL)
        return false;
    struct aci_line *own = line_of(grids, line);
    if (own == NULL)
        return false;
    struct aci_amount *place = &own->amounts[size - 1];
    *place = *amount;
    return keep(grids, &place->confidence) && keep(grids, &place->source);
}

size_t aci_version_count(const struct aci_grids *grids)
{
    return grids->version_count;
}

const struct aci_version *aci_version_at(const struct aci_grids *grids, size_t index)
{
    return &grids->versions[index];
}

const struct aci_version *aci_version_on(const struct aci_grids *grids, const char *date)
{
    for (size_t i = grids->version_count; i > 0; i--) {
        const struct aci_version *version = &grids->versions[i - 1];
        if (strcmp(version->valid_from, date) > 0)
            continue;
        bool is_over = version->valid_to[0] != '\0' && strcmp(version->valid_to, date) <= 0;
        return is_over ? NULL : version;
    }
    return NULL;
}

bool aci_mission_add(struct aci_grids *grids, const struct aci_mission *mission)
{
    if (grids->mission_count == ACI_MISSIONS_MAX || aci_mission_find(grids, mission->code) != NULL)
        return false;
    struct aci_mission *own = &grids->missions[grids->mission_count];
    *own = *mission;
    if (!keep(grids, &own->code) || !keep(grids, &own->label) || !keep(grids, &own->obligation) ||
        !keep(grids, &own->valid_from) || !keep(grids, &own->confidence) ||
        !keep(grids, &own->source))
        return false;
    grids->mission_count++;
    return true;
}

size_t aci_mission_count(const struct aci_grids *grids)
{
    return grids->mission_count;
}

const struct aci_mission *aci_mission_at(const struct aci_grids *grids, size_t index)
{
    return &grids->missions[index];
}

const struct aci_mission *aci_mission_find(const struct aci_grids *grids, const char *code)
{
    for (size_t i = 0; i < grids->mission_count; i++) {
        if (strcmp(grids->missions[i].code, code) == 0)
            return &grids->missions[i];
    }
    return NULL;
}

static const struct line_list *list_of(const struct aci_grids *grids,
                                       const struct aci_version *version)
{
    return &grids->in_force[version - grids->versions];
}

size_t aci_line_count(const struct aci_grids *grids, const struct aci_version *version)
{
    return list_of(grids, version)->count;
}

const struct aci_line *aci_line_at(const struct aci_grids *grids, const struct aci_version *version,
                                   size_t index)
{
    return list_of(grids, version)->lines[index];
}

const struct aci_amount *aci_line_amount(const struct aci_line *line, int size)
{
    if (size < 1 || size > ACI_SIZE_COUNT || line->amounts[size - 1].confidence == NULL)
        return NULL;
    return &line->amounts[size - 1];
}

/* Whether a line is part of that ceiling. */
static bool is_summed(const struct aci_line *line, bool with_snp, bool crisis_year)
{
    switch (line->part) {
    case ACI_FIXED:
    case ACI_VARIABLE:
        return with_snp || strcmp(line->obligation, "CONDITIONAL") != 0;
    case ACI_PLAN_WRITTEN:
    case ACI_CRISIS_VARIABLE:
        return crisis_year;
    default:
        return false;
    }
}

/* The line of published sums of that kind; NULL when there is none. */
static const struct aci_line *published(const struct aci_grids *grids,
                                        const struct aci_version *version, enum aci_part part)
{
    const struct line_list *list = list_of(grids, version);
    for (size_t i = 0; i < list->count; i++) {
        if (list->lines[i]->part == part)
            return list->lines[i];
    }
    return NULL;
}

/* Sum of the lines; false when there is nothing of that kind. */
static bool sum_lines(const struct aci_grids *grids, const struct aci_version *version, int size,
                      bool with_snp, bool crisis_year, struct aci_ceiling *ret_ceiling)
{
    struct aci_ceiling ceiling = {0, CONFIDENCE[1], SUM_SOURCE};
    bool has_crisis = false;
    size_t count = 0;
    const struct line_list *list = list_of(grids, version);
    for (size_t i = 0; i < list->count; i++) {
        const struct aci_line *line = list->lines[i];
        const struct aci_amount *amount = aci_line_amount(line, size);
        if (amount == NULL || !is_summed(line, with_snp, crisis_year))
            continue;
        ceiling.cents += amount->cents;
        ceiling.confidence = aci_weaker(ceiling.confidence, amount->confidence);
        has_crisis = has_crisis || line->part == ACI_CRISIS_VARIABLE;
        count++;
    }
    if (count == 0 || has_crisis != crisis_year)
        return false;
    *ret_ceiling = ceiling;
    return true;
}

bool aci_ceiling_find(const struct aci_grids *grids, const struct aci_version *version, int size,
                      bool with_snp, bool crisis_year, struct aci_ceiling *ret_ceiling)
{
    static const enum aci_part PUBLISHED[2][2] = {{ACI_MAX_WITHOUT_SNP, ACI_PART_NONE},
                                                  {ACI_MAX_WITH_SNP, ACI_MAX_WITH_SNP_AND_CRISIS}};
    struct aci_ceiling ceiling;
    if (!sum_lines(grids, version, size, with_snp, crisis_year, &ceiling))
        return false;
    const struct aci_line *line = published(grids, version, PUBLISHED[with_snp][crisis_year]);
    const struct aci_amount *figure = line == NULL ? NULL : aci_line_amount(line, size);
    bool is_own = figure != NULL && strcmp(line->grid, version->grid) == 0;
    if (figure != NULL && (is_own || figure->cents == ceiling.cents))
        ceiling = (struct aci_ceiling){figure->cents, figure->confidence, figure->source};
    *ret_ceiling = ceiling;
    return true;
}
