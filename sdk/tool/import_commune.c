/* SPDX-License-Identifier: Apache-2.0 */
#include "import_commune.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_fold.h"

#define CANDIDATES_BYTES 600
#define SUGGESTIONS_MAX 200
#define CORSICA_POSTCODE "20"
#define OVERSEAS_POSTCODE "97"

/* Different places that a name could be. */
struct choice {
    const struct place *places[CANDIDATES_MAX];
    bool is_former[CANDIDATES_MAX];
    size_t count;
    /** More than fit. */
    bool is_cut;
};

static struct finding finding_of(const struct commune_context *context,
                                 const struct mention *mention, enum finding_kind kind,
                                 const char *reason)
{
    return (struct finding){.kind = kind,
                            .line = mention->line,
                            .row = context->row,
                            .field = "commune",
                            .reason = reason};
}

static void list_choice(const struct choice *choice, char ret_text[CANDIDATES_BYTES])
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < choice->count && i < CANDIDATES_LISTED_MAX; i++) {
        int added = snprintf(ret_text + length, CANDIDATES_BYTES - length, "%s%s (%s)",
                             i == 0 ? "" : "; ", choice->places[i]->name, choice->places[i]->code);
        if (added < 0 || length + (size_t)added >= CANDIDATES_BYTES)
            break;
        length += (size_t)added;
    }
    if (choice->count > CANDIDATES_LISTED_MAX)
        snprintf(ret_text + length, CANDIDATES_BYTES - length, "; …");
}

static void add_choice(struct choice *choice, const struct place *place, bool is_former)
{
    for (size_t i = 0; i < choice->count; i++) {
        if (choice->places[i] != place)
            continue;
        choice->is_former[i] = choice->is_former[i] && is_former;
        return;
    }
    if (choice->count == CANDIDATES_MAX) {
        choice->is_cut = true;
        return;
    }
    choice->is_former[choice->count] = is_former;
    choice->places[choice->count++] = place;
}

/* Which places may be meant: a département, a region, or everywhere. */
struct bounds {
    const char *department;
    /** Of a post code, when it tells less than a département. */
    const char *department_start;
    const char *region;
};

static bool is_within(const struct place *place, const struct bounds *bounds)
{
    return (*bounds->department == '\0' || strcmp(place->department, bounds->department) == 0) &&
           strncmp(place->department, bounds->department_start, strlen(bounds->department_start)) ==
               0 &&
           (*bounds->region == '\0' || strcmp(place->region, bounds->region) == 0);
}

/* The places of a name within bounds; today's bearers before former ones. */
static struct choice choose(const struct gazetteer *gazetteer, const char *folded,
                            const struct bounds *bounds)
{
    struct choice choice = {.count = 0};
    const struct place_name *first = NULL;
    size_t count = gazetteer_names(gazetteer, folded, &first);
    for (int former = 0; former <= 1 && choice.count == 0; former++) {
        for (size_t i = 0; i < count; i++) {
            const struct place *place = gazetteer_place(gazetteer, first[i].place);
            if (first[i].is_former == (former == 1) && is_within(place, bounds))
                add_choice(&choice, place, first[i].is_former);
        }
    }
    /* Without a département a former name may as well be meant. */
    for (size_t i = 0; *bounds->department == '\0' && i < count; i++) {
        const struct place *place = gazetteer_place(gazetteer, first[i].place);
        if (is_within(place, bounds))
            add_choice(&choice, place, first[i].is_former);
    }
    return choice;
}

/* Says when only the region told it from others of its name. */
static void note_region(const struct commune_context *context, const struct mention *mention,
                        const char *folded, const struct bounds *bounds)
{
    char list[CANDIDATES_BYTES];
    struct bounds anywhere = {.department = "", .department_start = "", .region = ""};
    if (*bounds->department != '\0' || *bounds->department_start != '\0' || *bounds->region == '\0')
        return;
    struct choice choice = choose(context->gazetteer, folded, &anywhere);
    if (choice.count < 2)
        return;
    struct finding finding = finding_of(context, mention, FINDING_NOTE, "RESOLVED_BY_REGION");
    list_choice(&choice, list);
    finding.candidates = list;
    findings_add(context->findings, finding, "\"%.80s\" read as %s (%s), the one in region %s",
                 mention->name, mention->place->name, mention->place->code, bounds->region);
}

static void accept(const struct commune_context *context, struct mention *mention,
                   const struct choice *choice, const char *folded, const struct bounds *bounds)
{
    mention->place = choice->places[0];
    note_region(context, mention, folded, bounds);
    if (choice->is_former[0])
        findings_add(context->findings, finding_of(context, mention, FINDING_NOTE, "OLD_UNIT_NAME"),
                     "%s is part of %s (%s) now", mention->name, mention->place->name,
                     mention->place->code);
}

/* "Saint-Denis (93)": a département behind the name. */
static const char *department_in_name(const struct gazetteer *gazetteer, const char *name)
{
    char code[8] = "";
    const char *bracket = strrchr(name, '(');
    size_t length = bracket == NULL ? 0 : strcspn(bracket + 1, ")");
    if (length < 2 || length > 5 || strspn(bracket + 1, "0123456789ABab") != length)
        return NULL;
    memcpy(code, bracket + 1, length == 5 ? 2 : length);
    return gazetteer_department(gazetteer, code);
}

static void fold_mention(const struct mention *mention, char ret_folded[FOLD_BYTES])
{
    char name[FOLD_BYTES];
    const char *bracket = strrchr(mention->name, '(');
    bool has_department = bracket != NULL && strspn(bracket + 1, "0123456789ABab") >= 2;
    snprintf(name, sizeof name, "%.*s",
             has_department ? (int)(bracket - mention->name) : (int)strlen(mention->name),
             mention->name);
    name_fold_commune(name, ret_folded);
}

static struct bounds bounds_of(const struct commune_context *context, const struct mention *mention,
                               char start[3])
{
    const char *department = gazetteer_department(context->gazetteer, mention->department);
    if (department == NULL)
        department = department_in_name(context->gazetteer, mention->name);
    struct bounds bounds = {.department = department == NULL ? "" : department,
                            .department_start = "",
                            .region = department == NULL ? context->region : ""};
    size_t digits = strspn(mention->postcode, "0123456789");
    if (department == NULL && digits >= 4 && digits <= 5) {
        /* A spreadsheet loses the zero of 01000. */
        snprintf(start, 3, "%s%.*s", digits == 4 ? "0" : "", digits == 4 ? 1 : 2,
                 mention->postcode);
        bool is_corsican = strcmp(start, CORSICA_POSTCODE) == 0;
        bounds.department_start = is_corsican ? "2" : start;
        bounds.region = "";
        if (is_corsican)
            bounds.region = "94";
    }
    return bounds;
}

static void refuse_unknown(const struct commune_context *context, struct mention *mention,
                           const char *folded, const struct bounds *bounds)
{
    char list[CANDIDATES_BYTES] = "";
    struct choice choice = {.count = 0};
    /* Each suggestion looks at every name: a file of nothing else gets a few. */
    bool is_worth = context->findings->kind_counts[FINDING_REFUSED] < SUGGESTIONS_MAX;
    const struct place_name *near =
        is_worth ? gazetteer_near(context->gazetteer, folded, bounds->department) : NULL;
    struct bounds anywhere = {.department = "", .department_start = "", .region = ""};
    choice = choose(context->gazetteer, folded, &anywhere);
    if (choice.count == 0 && near != NULL)
        add_choice(&choice, gazetteer_place(context->gazetteer, near->place), near->is_former);
    list_choice(&choice, list);
    struct finding finding = finding_of(context, mention, FINDING_REFUSED, "UNKNOWN_COMMUNE");
    finding.candidates = list;
    mention->is_refused = true;
    if (*bounds->department != '\0')
        findings_add(context->findings, finding, "no commune of département %s is called \"%.80s\"",
                     bounds->department, mention->name);
    else
        findings_add(context->findings, finding, "no commune%s%s is called \"%.80s\"",
                     *bounds->region == '\0' ? "" : " of region ", bounds->region, mention->name);
}

static void resolve_name(const struct commune_context *context, struct mention *mention)
{
    char folded[FOLD_BYTES], start[3] = "";
    fold_mention(mention, folded);
    struct bounds bounds = bounds_of(context, mention, start);
    struct choice choice = choose(context->gazetteer, folded, &bounds);
    /* A CPTS may cross regions: its region alone excludes nothing. */
    if (choice.count == 0 && *bounds.department == '\0' && *bounds.department_start == '\0' &&
        *bounds.region != '\0') {
        bounds.region = "";
        choice = choose(context->gazetteer, folded, &bounds);
    }
    if (choice.count == 1)
        accept(context, mention, &choice, folded, &bounds);
    else if (choice.count == 0)
        refuse_unknown(context, mention, folded, &bounds);
}

/* A code of five characters; spreadsheets lose leading zeros. */
static bool complete_code(const char *text, char ret_code[PLACE_CODE_BYTES])
{
    size_t length = strlen(text);
    if (length < 4 || length > 5 || (length == 4 && strspn(text, "0123456789") != 4))
        return false;
    ret_code[0] = '0';
    memcpy(ret_code + (length == 4), text, length + 1);
    if (ret_code[1] == 'a' || ret_code[1] == 'b')
        ret_code[1] = (char)(ret_code[1] - 'a' + 'A');
    return true;
}

/* Whether the name beside a code is one that the place has or had. */
static bool has_name(const struct gazetteer *gazetteer, const struct place *place,
                     const struct mention *mention)
{
    char folded[FOLD_BYTES];
    const struct place_name *first = NULL;
    fold_mention(mention, folded);
    size_t count = gazetteer_names(gazetteer, folded, &first);
    for (size_t i = 0; i < count; i++) {
        if (gazetteer_place(gazetteer, first[i].place) == place)
            return true;
    }
    /* A name that no commune has is a spelling, not another commune. */
    return count == 0;
}

static void refuse_mismatch(const struct commune_context *context, struct mention *mention,
                            const struct place *place)
{
    char folded[FOLD_BYTES], list[CANDIDATES_BYTES];
    struct bounds anywhere = {.department = "", .department_start = "", .region = ""};
    fold_mention(mention, folded);
    struct choice choice = choose(context->gazetteer, folded, &anywhere);
    list_choice(&choice, list);
    struct finding finding = finding_of(context, mention, FINDING_REFUSED, "CODE_NAME_MISMATCH");
    finding.candidates = list;
    mention->is_refused = true;
    findings_add(context->findings, finding, "%s is the code of %s, not of \"%.80s\"",
                 mention->code, place->name, mention->name);
}

static void resolve_code(const struct commune_context *context, struct mention *mention)
{
    char code[PLACE_CODE_BYTES];
    const struct place *place = NULL, *old = NULL;
    if (complete_code(mention->code, code)) {
        place = gazetteer_code(context->gazetteer, code);
        old = place == NULL ? gazetteer_old_code(context->gazetteer, code) : NULL;
    }
    if (old != NULL)
        findings_add(context->findings, finding_of(context, mention, FINDING_NOTE, "OLD_UNIT_CODE"),
                     "%s is part of %s (%s) now", code, old->name, old->code);
    place = place == NULL ? old : place;
    if (place == NULL) {
        mention->is_refused = true;
        findings_add(context->findings,
                     finding_of(context, mention, FINDING_REFUSED, "UNKNOWN_CODE"),
                     "\"%.40s\" is no INSEE code of a commune%s%.80s", mention->code,
                     *mention->name == '\0' ? "" : "; the name beside it is ", mention->name);
    } else if (old == NULL && *mention->name != '\0' &&
               !has_name(context->gazetteer, place, mention)) {
        refuse_mismatch(context, mention, place);
    } else {
        mention->place = place;
    }
}

/* Whether another mention of the CPTS, sure by itself, is in that département. */
static bool has_neighbour(const struct mention *mentions, size_t count, const struct place *place)
{
    for (size_t i = 0; i < count; i++) {
        if (mentions[i].place != NULL &&
            strcmp(mentions[i].place->department, place->department) == 0)
            return true;
    }
    return false;
}

/* What names alone left open. */
static void resolve_by_neighbours(const struct commune_context *context, struct mention *mention,
                                  const struct mention *mentions, size_t count,
                                  const struct place **ret_place)
{
    char folded[FOLD_BYTES], start[3] = "", list[CANDIDATES_BYTES];
    struct choice near = {.count = 0};
    fold_mention(mention, folded);
    struct bounds bounds = bounds_of(context, mention, start);
    struct choice choice = choose(context->gazetteer, folded, &bounds);
    for (size_t i = 0; i < choice.count; i++) {
        if (has_neighbour(mentions, count, choice.places[i]))
            add_choice(&near, choice.places[i], choice.is_former[i]);
    }
    list_choice(&choice, list);
    bool is_found = near.count == 1 && !choice.is_cut;
    struct finding finding = finding_of(context, mention, is_found ? FINDING_NOTE : FINDING_REFUSED,
                                        is_found ? "RESOLVED_BY_NEIGHBOURS" : "AMBIGUOUS_COMMUNE");
    finding.candidates = list;
    if (is_found) {
        *ret_place = near.places[0];
        findings_add(context->findings, finding,
                     "\"%.80s\" read as %s (%s), the one in a département of the CPTS",
                     mention->name, near.places[0]->name, near.places[0]->code);
    } else {
        mention->is_refused = true;
        findings_add(context->findings, finding, "\"%.80s\" could be %zu communes%s", mention->name,
                     choice.count, choice.is_cut ? " and more" : "");
    }
}

static void resolve_open(const struct commune_context *context, struct mention *mentions,
                         size_t mention_count)
{
    /* Kept apart until all are looked at: only what is sure is a neighbour. */
    const struct place **found = calloc(mention_count + 1, sizeof *found);
    if (found == NULL) {
        context->findings->pool.is_out_of_memory = true;
        return;
    }
    for (size_t i = 0; i < mention_count; i++) {
        if (mentions[i].place == NULL && !mentions[i].is_refused)
            resolve_by_neighbours(context, &mentions[i], mentions, mention_count, &found[i]);
    }
    for (size_t i = 0; i < mention_count; i++) {
        if (found[i] != NULL)
            mentions[i].place = found[i];
    }
    free(found);
}

void import_communes_resolve(const struct commune_context *context, struct mention *mentions,
                             size_t mention_count)
{
    for (size_t i = 0; i < mention_count; i++) {
        if (*mentions[i].code != '\0')
            resolve_code(context, &mentions[i]);
        else
            resolve_name(context, &mentions[i]);
    }
    resolve_open(context, mentions, mention_count);
}
