/* SPDX-License-Identifier: Apache-2.0 */
/* members import: its options, what the node has, what is sent. */
#include <cpts/composition.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "import_verb.h"
#include "input.h"
#include "member_field.h"
#include "member_input.h"
#include "member_line.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TOKEN_BYTES 256

/* The members of one CPTS as the node has them today, by identifier. */
struct own_members {
    struct cpts_members **pages;
    size_t page_count, page_room;
    struct member_fact *facts;
    size_t fact_count, fact_room;
};

/* --- what lines refer to --------------------------------------------------------- */

static int read_options(struct fact_import *import, const struct arguments *arguments)
{
    struct cpts_error err;
    struct member_reference *reference = calloc(1, sizeof *reference);
    import->reference = reference;
    if (reference == NULL) {
        (void)failure_no_memory(&err, "the options");
        return failure_print(&err);
    }
    import_verb_today(reference->today);
    int code = input_date(arguments, "joined-on", &reference->joined_on);
    if (code == EXIT_CODE_OK)
        code = member_input_voice(arguments, &reference->voice);
    if (code == EXIT_CODE_OK && reference->joined_on != NULL &&
        strcmp(reference->joined_on, reference->today) > 0)
        return usage_error(arguments->command, "--joined-on %s is in the future",
                           reference->joined_on);
    return code;
}

static cpts_status prepare(struct fact_import *import, cpts_client *client, struct cpts_error *err)
{
    struct member_reference *reference = import->reference;
    cpts_status status = cpts_member_categories_list(client, 0, &reference->categories, err);
    if (status == CPTS_OK && !member_lexicon_make(&reference->lexicon, reference->categories))
        return failure_no_memory(err, "the categories");
    return status;
}

static void release(struct fact_import *import)
{
    struct member_reference *reference = import->reference;
    if (reference == NULL)
        return;
    member_lexicon_done(&reference->lexicon);
    cpts_member_categories_free(reference->categories);
    free(reference);
}

/* --- the node's members ------------------------------------------------------------ */

/* What the node says, as a line would; texts are borrowed from the page. */
static struct member_fact fact_of(const struct cpts_member *member)
{
    struct member_fact fact = {
        .category = member->category, .college = member->college, .voice = member->voice};
    const struct {
        char kind;
        const char *number;
    } numbers[] = {{NUMBER_RPPS, member->rpps},
                   {NUMBER_FINESS, member->finess},
                   {NUMBER_SIRET, member->siret}};
    for (size_t i = 0; i < COUNT(numbers) && fact.identifier[0] == '\0'; i++) {
        if (numbers[i].number[0] != '\0')
            snprintf(fact.identifier, sizeof fact.identifier, "%c%s", numbers[i].kind,
                     numbers[i].number);
    }
    snprintf(fact.joined_on, sizeof fact.joined_on, "%s", member->joined_on);
    snprintf(fact.left_on, sizeof fact.left_on, "%s", member->left_on);
    return fact;
}

/* Takes a page. @return false when memory is out: it is released then. */
static bool keep_page(struct own_members *own, struct cpts_members *page)
{
    if (!import_pool_grow((void **)&own->pages, &own->page_room, own->page_count, sizeof page)) {
        cpts_members_free(page);
        return false;
    }
    own->pages[own->page_count++] = page;
    for (size_t i = 0; i < page->member_count; i++) {
        if (!import_pool_grow((void **)&own->facts, &own->fact_room, own->fact_count,
                              sizeof *own->facts))
            return false;
        own->facts[own->fact_count++] = fact_of(&page->members[i]);
    }
    return true;
}

static void drop(void *data)
{
    struct own_members *own = data;
    for (size_t i = 0; i < own->page_count; i++)
        cpts_members_free(own->pages[i]);
    free(own->pages);
    free(own->facts);
    free(own);
}

static int compare_numbers(const void *one, const void *other)
{
    const struct member_fact *left = one, *right = other;
    return strcmp(left->identifier, right->identifier);
}

static cpts_status fetch_pages(cpts_client *client, const char *cpts_id, struct own_members *own,
                               struct cpts_error *err)
{
    char token[TOKEN_BYTES] = "";
    do {
        const struct cpts_members_query query = {.size = sizeof query,
                                                 .id = cpts_id,
                                                 .page_size = CPTS_MEMBER_PAGE_MAX,
                                                 .page_token = token};
        struct cpts_members *page = NULL;
        cpts_status status = cpts_members_list(client, &query, 0, &page, err);
        if (status != CPTS_OK)
            return status;
        snprintf(token, sizeof token, "%s", page->next_page_token);
        if (!keep_page(own, page))
            return failure_no_memory(err, "the members");
    } while (token[0] != '\0');
    if (own->fact_count > 0)
        qsort(own->facts, own->fact_count, sizeof *own->facts, compare_numbers);
    return CPTS_OK;
}

static cpts_status fetch(cpts_client *client, const char *cpts_id, void **ret_own,
                         struct cpts_error *err)
{
    struct own_members *own = calloc(1, sizeof *own);
    if (own == NULL)
        return failure_no_memory(err, "the members");
    cpts_status status = fetch_pages(client, cpts_id, own, err);
    if (status == CPTS_OK)
        *ret_own = own;
    else
        drop(own);
    return status;
}

/* What the node would answer, see RecordMembers. */
static enum fact_match match(const struct fact_import *import, const void *data, const void *line,
                             char ret_text[FACT_TEXT_BYTES])
{
    const struct own_members *own = data;
    const struct member_fact *fact = line;
    if (fact->left_on[0] != '\0') {
        snprintf(ret_text, FACT_TEXT_BYTES,
                 "it has left; the preview compares today's members only");
        return FACT_IS_UNSEEN;
    }
    const struct member_fact *known =
        own->fact_count == 0
            ? NULL
            : bsearch(fact, own->facts, own->fact_count, sizeof *own->facts, compare_numbers);
    if (known == NULL)
        return FACT_IS_NEW;
    int order = strcmp(known->joined_on, fact->joined_on);
    if (member_has_same_place(known, fact) && known->left_on[0] == '\0' &&
        (order == 0 || (order < 0 && !import->restates)))
        return FACT_IS_SAME;
    snprintf(ret_text, FACT_TEXT_BYTES, "%s, %s, %s from %s", known->category,
             cpts_college_name(known->college), cpts_voice_name(known->voice), known->joined_on);
    return FACT_IS_CHANGE;
}

static struct cpts_member value_of(const struct member_fact *fact)
{
    struct cpts_member member = {.category = fact->category,
                                 .college = fact->college,
                                 .voice = fact->voice,
                                 .joined_on = fact->joined_on,
                                 .left_on = fact->left_on};
    const char **number = &member.siret;
    if (fact->identifier[0] == NUMBER_RPPS)
        number = &member.rpps;
    else if (fact->identifier[0] == NUMBER_FINESS)
        number = &member.finess;
    *number = fact->identifier + 1;
    return member;
}

static cpts_status send_members(const struct fact_import *import, cpts_client *client,
                                struct fact_batch *batch, struct fact_outcome *ret_outcome,
                                struct cpts_error *err)
{
    struct cpts_member members[CPTS_MEMBERS_MAX];
    struct cpts_members_outcome *outcome = NULL;
    for (size_t i = 0; i < batch->count; i++)
        members[i] = value_of(batch->facts[i]);
    const struct cpts_members_change change = {.size = sizeof change,
                                               .id = batch->cpts_id,
                                               .expected_version = batch->version,
                                               .members = members,
                                               .member_count = batch->count,
                                               .restates = import->restates};
    cpts_status status = cpts_members_record(client, &change, batch->command_id, 0, &outcome, err);
    if (status == CPTS_OK)
        *ret_outcome =
            (struct fact_outcome){.version = outcome->version,
                                  .replayed = outcome->replayed,
                                  .totals = {.added = (size_t)outcome->added_count,
                                             .changed = (size_t)outcome->changed_count,
                                             .unchanged = (size_t)outcome->unchanged_count}};
    cpts_members_outcome_free(outcome);
    return status;
}

static const struct fact_kind MEMBERS = {
    .fields = &MEMBER_FIELDS,
    .command_space = "cpts members import",
    .noun = "lines",
    .fact_bytes = sizeof(struct member_fact),
    .batch_max = CPTS_MEMBERS_MAX,
    .list = "members",
    .read_options = read_options,
    .prepare = prepare,
    .release = release,
    .read = member_line_read,
    .compare = member_line_compare,
    .relate = member_line_relate,
    .contrary_reason = "MEMBER_REPEATED",
    .describe = member_line_describe,
    .name = member_line_name,
    .fetch = fetch,
    .drop = drop,
    .match = match,
    .change_reason = "MEMBER_DIFFERS",
    .barred_reason = "",
    .send = send_members,
};

int verb_members_import(struct session *session, const struct arguments *arguments)
{
    return fact_import_run(session, arguments, &MEMBERS);
}
