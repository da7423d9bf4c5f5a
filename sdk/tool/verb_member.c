/* SPDX-License-Identifier: Apache-2.0 */
/* members list, add, leave, adhesion, categories. */
#include <cpts/composition.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "member_input.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2

static const struct grid_column LIST_COLUMNS[] = {
    {.name = "kind", .heading = "NUMBER"},       {.name = "number", .heading = ""},
    {.name = "category", .heading = "CATEGORY"}, {.name = "college", .heading = "COLLEGE"},
    {.name = "voice", .heading = "VOICE"},       {.name = "joined_on", .heading = "JOINED"},
    {.name = "left_on", .heading = "LEFT"},      {.name = "recorded_at"},
};

/* A list on its way to the terminal, page after page. */
struct listing {
    struct session *session;
    struct grid *grid;
    json_t *json;
    size_t count, limit;
};

static const char *number_of(const struct cpts_member *member, const char **ret_kind)
{
    const char *const numbers[] = {member->rpps, member->finess, member->siret};
    static const char *const KINDS[] = {"RPPS", "FINESS", "SIRET"};
    int i = 0;
    while (i < 2 && numbers[i][0] == '\0')
        i++;
    *ret_kind = KINDS[i];
    return numbers[i];
}

static void list_row(struct listing *listing, const struct cpts_member *member)
{
    char recorded[CPTS_INSTANT_TEXT_BYTES];
    const char *kind = NULL;
    const char *number = number_of(member, &kind);
    const char *college = cpts_college_name(member->college);
    const char *voice = cpts_voice_name(member->voice);
    cpts_instant_format(member->recorded_at_us, recorded);
    if (listing->grid != NULL)
        grid_row(listing->grid, (const char *[]){kind, number, member->category, college, voice,
                                                 member->joined_on, member->left_on, recorded});
    else
        json_array_append_new(listing->json,
                              json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "kind", kind, "number",
                                        number, "category", member->category, "college", college,
                                        "voice", voice, "joinedOn", member->joined_on, "leftOn",
                                        member->left_on, "recordedAt", recorded));
    listing->count++;
}

static cpts_status list_pages(struct listing *listing, struct cpts_members_query *query,
                              struct cpts_error *err)
{
    char *token = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_members *page = NULL;
        size_t left = listing->limit - listing->count;
        query->page_size = left < CPTS_MEMBER_PAGE_MAX ? (int32_t)left : CPTS_MEMBER_PAGE_MAX;
        query->page_token = token;
        status = cpts_members_list(listing->session->client, query, 0, &page, err);
        free(token);
        token = NULL;
        if (status != CPTS_OK)
            break;
        for (size_t i = 0; i < page->member_count; i++)
            list_row(listing, &page->members[i]);
        if (page->next_page_token[0] != '\0' && listing->count < listing->limit)
            token = strdup(page->next_page_token);
        cpts_members_free(page);
    } while (token != NULL);
    return status;
}

static int list_end(struct listing *listing, cpts_status status, const struct cpts_error *err)
{
    bool is_fine = true;
    if (listing->grid != NULL) {
        is_fine = grid_end(listing->grid, 0);
    } else if (status == CPTS_OK) {
        json_t *object = json_pack("{s:O}", "members", listing->json);
        is_fine = object != NULL && json_dumpf(object, stdout, JSON_INDENT(INDENT)) == 0;
        putchar('\n');
        json_decref(object);
    }
    json_decref(listing->json);
    if (status != CPTS_OK)
        return failure_print(err);
    if (listing->session->form == FORM_OWN && !listing->session->is_quiet)
        fprintf(stderr, "\n%zu members\n", listing->count);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_members_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_members_query query = {.size = sizeof query};
    struct cpts_error err;
    int32_t limit = INT32_MAX;
    int code = input_id(arguments, 0, &query.id);
    if (code == EXIT_CODE_OK)
        code = member_input_college(arguments, &query.college);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "limit", 1, INT32_MAX, &limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    struct listing listing = {.session = session, .limit = (size_t)limit};
    if (session->form == FORM_IS_JSON)
        listing.json = json_array();
    else
        listing.grid = grid_new(session, LIST_COLUMNS, COUNT(LIST_COLUMNS), stdout);
    if (listing.json == NULL && listing.grid == NULL)
        return EXIT_CODE_ERROR;
    cpts_status status = list_pages(&listing, &query, &err);
    return list_end(&listing, status, &err);
}

/* The college that a profession or a structure sits in unless told otherwise. */
static int read_member(const struct arguments *arguments, struct cpts_member *member)
{
    member->category = arguments_value(arguments, "category");
    member->voice = CPTS_VOICE_DELIBERATIVE;
    int code = member_input_number(arguments, member);
    member->college = member->rpps == NULL ? CPTS_COLLEGE_PARTNER : CPTS_COLLEGE_PROFESSIONAL;
    if (code == EXIT_CODE_OK && member->category == NULL)
        code = deed_missing(arguments, "category");
    if (code == EXIT_CODE_OK)
        code = member_input_college(arguments, &member->college);
    if (code == EXIT_CODE_OK)
        code = member_input_voice(arguments, &member->voice);
    if (code == EXIT_CODE_OK)
        code = member_input_date(arguments, "on", &member->joined_on);
    return code == EXIT_CODE_OK ? input_date(arguments, "until", &member->left_on) : code;
}

static int print_recorded(const struct session *session, const char *id,
                          const struct cpts_members_outcome *outcome)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_members_outcome_json(outcome, INDENT));
    if (session->is_quiet)
        printf("%s\n", id);
    else
        printf("Members of %s: version %d, log position %lld: %d added, %d changed, %d as they "
               "were%s\n",
               id, outcome->version, (long long)outcome->log_position, outcome->added_count,
               outcome->changed_count, outcome->unchanged_count,
               outcome->replayed ? " (it was done already)" : "");
    return EXIT_CODE_OK;
}

int verb_members_add(struct session *session, const struct arguments *arguments)
{
    struct cpts_member member = {.rpps = NULL};
    struct cpts_members_change change = {.size = sizeof change,
                                         .members = &member,
                                         .member_count = 1,
                                         .restates = arguments_has(arguments, "restate")};
    struct cpts_members_outcome *outcome = NULL;
    struct cpts_error err;
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    int code = input_id(arguments, 0, &change.id);
    if (code == EXIT_CODE_OK)
        code = read_member(arguments, &member);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "version", 1, INT32_MAX, &change.expected_version);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_members_record(session->client, &change, command_id, 0, &outcome, &err) != CPTS_OK)
        return failure_print_command(&err, command_id, change.expected_version);
    code = print_recorded(session, change.id, outcome);
    cpts_members_outcome_free(outcome);
    return code;
}

int verb_members_leave(struct session *session, const struct arguments *arguments)
{
    struct cpts_member member = {.rpps = NULL};
    struct cpts_membership_end end = {.size = sizeof end};
    struct deed deed = {.what = "Ended the membership in"};
    struct cpts_error err;
    int code = input_id(arguments, 0, &end.id);
    if (code == EXIT_CODE_OK)
        code = member_input_number(arguments, &member);
    if (code == EXIT_CODE_OK)
        code = member_input_date(arguments, "on", &end.left_on);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, end.id, &end.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    end.rpps = member.rpps;
    end.finess = member.finess;
    end.siret = member.siret;
    deed.id = end.id;
    deed.version = end.expected_version;
    cpts_status status =
        cpts_membership_end(session->client, &end, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static int read_adhesion(const struct arguments *arguments, struct cpts_adhesion *adhesion)
{
    adhesion->source = arguments_value(arguments, "source");
    if (!arguments_has(arguments, "adherents"))
        return deed_missing(arguments, "adherents");
    if (!arguments_has(arguments, "professionals"))
        return deed_missing(arguments, "professionals");
    if (adhesion->source == NULL)
        return deed_missing(arguments, "source");
    int code = input_number(arguments, "adherents", 0, INT32_MAX, &adhesion->adherent_count);
    if (code == EXIT_CODE_OK)
        code =
            input_number(arguments, "professionals", 1, INT32_MAX, &adhesion->professional_count);
    return code == EXIT_CODE_OK ? member_input_date(arguments, "on", &adhesion->counted_on) : code;
}

int verb_members_adhesion(struct session *session, const struct arguments *arguments)
{
    struct cpts_adhesion_change change = {.size = sizeof change};
    struct deed deed = {.what = "Recorded the adhesion of"};
    struct cpts_error err;
    int code = input_id(arguments, 0, &change.id);
    if (code == EXIT_CODE_OK)
        code = read_adhesion(arguments, &change.adhesion);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    deed.id = change.id;
    deed.version = change.expected_version;
    cpts_status status =
        cpts_adhesion_record(session->client, &change, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static void category_rows(struct grid *grid, const char *kind,
                          const struct cpts_member_category *categories, size_t count)
{
    for (size_t i = 0; grid != NULL && i < count; i++) {
        const struct cpts_member_category *one = &categories[i];
        grid_row(grid, (const char *[]){kind, one->code, one->label, one->national_code,
                                        one->confidence, one->source, one->composition_code});
    }
}

int verb_members_categories(struct session *session, const struct arguments *arguments)
{
    static const struct grid_column COLUMNS[] = {{.name = "kind", .heading = "KIND"},
                                                 {.name = "code", .heading = "CODE"},
                                                 {.name = "label", .heading = "LABEL"},
                                                 {.name = "national_code", .heading = "NATIONAL"},
                                                 {.name = "confidence", .heading = "CONFIDENCE"},
                                                 {.name = "source"},
                                                 {.name = "composition_code"}};
    struct cpts_member_categories *categories = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_member_categories_list(session->client, 0, &categories, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON) {
        code = print_json(cpts_member_categories_json(categories, INDENT));
    } else {
        struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
        category_rows(grid, "profession", categories->professions, categories->profession_count);
        category_rows(grid, "structure", categories->structure_kinds,
                      categories->structure_kind_count);
        code = grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    }
    cpts_member_categories_free(categories);
    return code;
}
