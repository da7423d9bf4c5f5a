/* SPDX-License-Identifier: Apache-2.0 */
#include "import_plan.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_claim.h"
#include "import_territory.h"
#include "name_fold.h"

#define LIST_BYTES 400
#define LISTED_MAX 6
#define SHARE_TOLERANCE 1e-9

/* A row that is being planned. */
struct planning {
    const struct import_plan *plan;
    struct import *import;
    struct import_row *row;
    size_t index;
};

static struct finding finding_of(const struct planning *planning, enum finding_kind kind,
                                 const char *field, const char *reason)
{
    return (struct finding){.kind = kind,
                            .line = planning->row->line,
                            .row = planning->index,
                            .field = field,
                            .reason = reason};
}

static bool is_match(const struct known *known, const struct import_row *row, const char *folded)
{
    const struct cpts_creation *creation = &row->creation;
    if (known->is_synthetic != creation->synthetic)
        return false;
    bool has_finess = creation->finess != NULL && creation->finess[0] != '\0';
    if (has_finess && known->finess[0] != '\0')
        return strcmp(known->finess, creation->finess) == 0;
    return strcmp(known->region, creation->lead_region) == 0 && strcmp(known->folded, folded) == 0;
}

/* The stage where a row stands, and since when. */
static enum cpts_stage stage_of(const struct planning *planning, const char **ret_on)
{
    const struct import_row *row = planning->row;
    *ret_on = row->stage_on;
    if (!planning->plan->has_history)
        return row->stage;
    const struct cpts_stage_entry *last = &row->creation.stages[row->creation.stage_count - 1];
    *ret_on = last->effective_on;
    return last->stage;
}

/* The CPTS of the node that a row is; one that lives, or has ended, as the row
 * has, before any other. NULL when there is none, or several (which is refused). */
static struct known *find_known(const struct planning *planning)
{
    struct registry *registry = planning->plan->registry;
    struct known *found = NULL;
    size_t count = 0;
    char folded[FOLD_BYTES], ids[LIST_BYTES] = "";
    const char *on = "";
    bool is_live = cpts_stage_is_live(stage_of(planning, &on));
    name_fold_cpts(planning->row->creation.name, folded);
    for (int pass = 0; pass < 2 && count == 0; pass++) {
        for (size_t i = 0; i < registry->count; i++) {
            struct known *known = &registry->known[i];
            if (cpts_stage_is_live(known->stage) != (is_live == (pass == 0)) ||
                !is_match(known, planning->row, folded))
                continue;
            found = known;
            size_t length = strlen(ids);
            snprintf(ids + length, sizeof ids - length, "%s%s", count++ == 0 ? "" : "; ",
                     known->id);
        }
    }
    if (count < 2)
        return found;
    struct finding finding = finding_of(planning, FINDING_REFUSED, "name", "SEVERAL_MATCH");
    finding.candidates = ids;
    findings_add(&planning->import->findings, finding, "the node has %zu CPTS of that name", count);
    return NULL;
}

/* Codes of @p units that are not in @p others with that share, some by name. */
static size_t list_missing(const struct gazetteer *gazetteer,
                           const struct cpts_territory_unit *units, size_t count,
                           const struct cpts_territory_unit *others, size_t other_count,
                           char ret_list[LIST_BYTES])
{
    size_t missing = 0, length = 0, j = 0;
    ret_list[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        while (j < other_count && strcmp(others[j].unit_code, units[i].unit_code) < 0)
            j++;
        if (j < other_count && strcmp(others[j].unit_code, units[i].unit_code) == 0 &&
            fabs(others[j].share - units[i].share) < SHARE_TOLERANCE)
            continue;
        if (missing++ >= LISTED_MAX)
            continue;
        const struct place *place = gazetteer_code(gazetteer, units[i].unit_code);
        int added =
            snprintf(ret_list + length, LIST_BYTES - length, "%s%s (%s)", length == 0 ? "" : ", ",
                     place == NULL ? "?" : place->name, units[i].unit_code);
        length += added < 0 || length + (size_t)added >= LIST_BYTES ? 0 : (size_t)added;
    }
    return missing;
}

/* Compares territories; true when they differ. SIZE_MAX: memory is out. */
static int compare_territory(const struct planning *planning, const struct known *known)
{
    const struct gazetteer *gazetteer = planning->plan->gazetteer;
    const struct cpts_creation *creation = &planning->row->creation;
    char added[LIST_BYTES], gone[LIST_BYTES];
    struct cpts_territory_unit *units = NULL;
    size_t count =
        import_territory_settle(gazetteer, creation->territory, creation->unit_count, &units);
    if (count == SIZE_MAX)
        return -1;
    size_t added_count =
        list_missing(gazetteer, units, count, known->units, known->unit_count, added);
    size_t gone_count =
        list_missing(gazetteer, known->units, known->unit_count, units, count, gone);
    free(units);
    if (added_count == 0 && gone_count == 0)
        return 0;
    findings_add(&planning->import->findings,
                 finding_of(planning, FINDING_CHANGE, "territory", "TERRITORY_DIFFERS"),
                 "%zu to add%s%s%s; %zu to remove%s%s%s", added_count, added_count == 0 ? "" : ": ",
                 added, added_count > LISTED_MAX ? ", …" : "", gone_count,
                 gone_count == 0 ? "" : ": ", gone, gone_count > LISTED_MAX ? ", …" : "");
    return 1;
}

/* True when the node's stage is to be changed. */
static bool compare_stage(const struct planning *planning, const struct known *known)
{
    const char *on = "";
    enum cpts_stage stage = stage_of(planning, &on);
    struct findings *findings = &planning->import->findings;
    if (stage == known->stage) {
        if (*on != '\0' && strcmp(on, known->stage_on) != 0)
            findings_add(findings,
                         finding_of(planning, FINDING_NOTE, "stage_on", "STAGE_DATE_DIFFERS"),
                         "%s since %s in the file, since %s on the node", cpts_stage_name(stage),
                         on, known->stage_on);
        return false;
    }
    bool is_forward = stage > known->stage;
    findings_add(findings,
                 finding_of(planning, FINDING_CHANGE, "stage",
                            is_forward ? "STAGE_DIFFERS" : "STAGE_BEHIND"),
                 "%s in the file, %s since %s on the node", cpts_stage_name(stage),
                 cpts_stage_name(known->stage), known->stage_on);
    return is_forward;
}

/* Keeps of the own format's history the steps that the node has not. */
static void skip_steps(struct import_row *row, const struct known *known)
{
    size_t from = 0;
    while (from < row->creation.stage_count && row->stages[from].stage <= known->stage)
        from++;
    memmove(row->stages, row->stages + from,
            (row->creation.stage_count - from) * sizeof row->stages[0]);
    row->creation.stage_count -= from;
}

static void plan_update(const struct planning *planning, const struct known *known,
                        bool stage_differs, bool territory_differs)
{
    const struct import_plan *plan = planning->plan;
    struct import_row *row = planning->row;
    bool is_fine = true;
    if (stage_differs && plan->has_history)
        skip_steps(row, known);
    else if (stage_differs)
        is_fine =
            import_history_make(row, planning->index, known->stage, known->stage_on, &plan->dates,
                                &planning->import->findings, &planning->import->pool);
    row->state = is_fine ? IMPORT_WAITING : IMPORT_REFUSED;
    row->change =
        (struct import_change){.version = known->version,
                               .stage_count = stage_differs ? row->creation.stage_count : 0,
                               .sets_territory = territory_differs,
                               .territory_on = plan->dates.effective_on};
}

static bool plan_known(const struct planning *planning, struct known *known)
{
    struct import_row *row = planning->row;
    const char *on = "";
    snprintf(row->id, sizeof row->id, "%s", known->id);
    if (known->row != KNOWN_NO_ROW) {
        findings_add(
            &planning->import->findings, finding_of(planning, FINDING_REFUSED, "name", "SAME_CPTS"),
            "line %d is the same CPTS of the node", planning->import->rows[known->row].line);
        return true;
    }
    known->row = planning->index;
    row->state = IMPORT_UNCHANGED;
    if (!cpts_stage_is_live(known->stage)) {
        if (stage_of(planning, &on) == known->stage)
            return true;
        findings_add(&planning->import->findings,
                     finding_of(planning, FINDING_CHANGE, "stage", "CPTS_ENDED"),
                     "the node has it as %s since %s", cpts_stage_name(known->stage),
                     known->stage_on);
        row->state = IMPORT_DIFFERENT;
        return true;
    }
    bool stage_differs = compare_stage(planning, known);
    int territory = row->has_territory ? compare_territory(planning, known) : 0;
    if (territory < 0)
        return false;
    if (stage_differs || territory > 0)
        row->state = IMPORT_DIFFERENT;
    if (row->state == IMPORT_DIFFERENT && planning->plan->is_update)
        plan_update(planning, known, stage_differs, territory > 0);
    return true;
}

static void plan_new(const struct planning *planning)
{
    if (planning->plan->has_history)
        return;
    if (!import_history_make(planning->row, planning->index, CPTS_STAGE_UNSPECIFIED, "",
                             &planning->plan->dates, &planning->import->findings,
                             &planning->import->pool))
        planning->row->state = IMPORT_REFUSED;
}

static bool plan_row(const struct planning *planning)
{
    size_t before = planning->import->findings.kind_counts[FINDING_REFUSED];
    struct known *known = find_known(planning);
    if (known != NULL)
        return plan_known(planning, known);
    if (planning->import->findings.kind_counts[FINDING_REFUSED] == before)
        plan_new(planning);
    return true;
}

void import_plan_refuse(struct import *import)
{
    for (size_t i = 0; i < import->findings.count; i++) {
        const struct finding *finding = &import->findings.findings[i];
        if (finding->kind != FINDING_REFUSED || finding->row == FINDING_NO_ROW)
            continue;
        struct import_row *row = &import->rows[finding->row];
        bool is_first = row->problem == NULL;
        row->is_explained = true;
        import_row_refuse(row, COLUMN_COUNT, finding->reason, "%s", finding->message);
        if (is_first && row->problem != NULL)
            snprintf(row->problem->field, sizeof row->problem->field, "%s", finding->field);
    }
}

bool import_plan_make(const struct import_plan *plan, struct import *import)
{
    bool is_fine = true;
    import->is_planned = true;
    import_plan_refuse(import);
    for (size_t i = 0; is_fine && i < import->row_count; i++) {
        struct planning planning = {
            .plan = plan, .import = import, .row = &import->rows[i], .index = i};
        if (import->rows[i].state == IMPORT_WAITING)
            is_fine = plan_row(&planning);
    }
    import_plan_refuse(import);
    return is_fine && import_claims_compare(plan->registry, plan->gazetteer, import) &&
           !import->pool.is_out_of_memory && !import->findings.pool.is_out_of_memory;
}
