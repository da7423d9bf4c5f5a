/* SPDX-License-Identifier: Apache-2.0 */
/* pathway templates, start, show and list. */
#include <cpts/pathway.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "page_join.h"
#include "referral_run.h"
#include "verb_pathway.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define JSON_INDENT 2
#define PAGE_SIZE 500
#define NUMBER_BYTES 16
#define WORDS_BYTES 400

/* Codes in one cell, with a blank in between. */
static void join_codes(const char *const *codes, size_t count, char ret_text[WORDS_BYTES])
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t i = 0; i < count && length < WORDS_BYTES - 1; i++)
        length += (size_t)snprintf(ret_text + length, WORDS_BYTES - length, "%s%s",
                                   i == 0 ? "" : " ", codes[i]);
}

static const struct grid_column TEMPLATE_COLUMNS[] = {
    {.name = "template", .heading = "TEMPLATE"},
    {.name = "version"},
    {.name = "step", .heading = "STEP"},
    {.name = "label", .heading = "LABEL"},
    {.name = "urgency", .heading = "URGENCY"},
    {.name = "profession", .heading = "PROFESSION"},
    {.name = "speciality"},
    {.name = "previous", .heading = "AFTER"},
    {.name = "delay_days", .heading = "DAYS", .is_number = true},
    {.name = "use_case"},
    {.name = "template_label"},
    {.name = "requester_wanted"},
    {.name = "valid_from"},
    {.name = "source"},
    {.name = "confidence", .heading = "CONFIDENCE"},
};

static void add_template(struct grid *grid, const struct cpts_pathway_template *template)
{
    char version[NUMBER_BYTES], days[NUMBER_BYTES], previous[WORDS_BYTES];
    snprintf(version, sizeof version, "%d", template->version);
    for (size_t i = 0; i < template->step_count; i++) {
        const struct cpts_pathway_template_step *step = &template->steps[i];
        join_codes(step->previous, step->previous_count, previous);
        snprintf(days, sizeof days, "%d", step->delay_days);
        grid_row(grid, (const char *[]){
                           template->code, version, step->code, step->label,
                           cpts_urgency_name(step->urgency), step->profession, step->speciality,
                           previous, days, cpts_use_case_name(step->use_case), template->label,
                           template->requester_wanted ? "true" : "false", template->valid_from,
                           template->source, template->confidence});
    }
}

int verb_pathway_templates(struct session *session, const struct arguments *arguments)
{
    struct cpts_pathway_templates *templates = NULL;
    struct cpts_error err;
    const char *as_of = NULL;
    int code = input_date(arguments, "as-of", &as_of);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_pathway_templates_list(session->client, as_of, 0, &templates, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON) {
        code = print_json(cpts_pathway_templates_json(templates, JSON_INDENT));
    } else {
        struct grid *grid = grid_new(session, TEMPLATE_COLUMNS, COUNT(TEMPLATE_COLUMNS), stdout);
        for (size_t i = 0; grid != NULL && i < templates->template_count; i++)
            add_template(grid, &templates->templates[i]);
        code = grid != NULL && grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    }
    cpts_pathway_templates_free(templates);
    return code;
}

/* 32 hexadecimal digits, or nothing: then it is made. */
static int read_pseudonym(const struct arguments *arguments, uint8_t ret_bytes[])
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *text = arguments_value(arguments, "pseudonym");
    if (text == NULL)
        return EXIT_CODE_OK;
    if (strlen(text) != 2 * (size_t)CPTS_PSEUDONYM_BYTES || strspn(text, DIGITS) != strlen(text))
        return usage_error(arguments->command, "--pseudonym: 32 digits from 0 to f");
    for (size_t i = 0; i < CPTS_PSEUDONYM_BYTES; i++)
        ret_bytes[i] = (uint8_t)((strchr(DIGITS, text[2 * i]) - DIGITS) << 4 |
                                 (strchr(DIGITS, text[2 * i + 1]) - DIGITS));
    return EXIT_CODE_OK;
}

static int read_creation(const struct arguments *arguments, struct cpts_pathway_creation *creation,
                         uint8_t *command_id)
{
    int code = input_id(arguments, 0, &creation->origin_id);
    creation->template_code = arguments->operands[1];
    creation->requester_finess = arguments_value(arguments, "finess");
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "template-version", 1, 1000000, &creation->template_version);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "pathway", creation->id);
    if (code == EXIT_CODE_OK)
        code = read_pseudonym(arguments, creation->pseudonym);
    return code == EXIT_CODE_OK ? input_uuid(arguments, "command-id", command_id) : code;
}

int verb_pathway_start(struct session *session, const struct arguments *arguments)
{
    struct cpts_pathway_creation creation = {.size = sizeof creation};
    struct referral_run run = {.session = NULL};
    struct deed deed = {.what = "Started the pathway"};
    struct cpts_error err;
    int code = read_creation(arguments, &creation, deed.command_id);
    if (code == EXIT_CODE_OK)
        code = referral_run_begin(&run, session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    creation.actor = &run.actor;
    cpts_status status =
        cpts_pathway_begin(session->client, &creation, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static const struct grid_column STEP_COLUMNS[] = {
    {.name = "step", .heading = "STEP"},
    {.name = "state", .heading = "STATE"},
    {.name = "proposed_on", .heading = "PLANNED"},
    {.name = "label", .heading = "LABEL"},
    {.name = "previous", .heading = "AFTER"},
    {.name = "profession"},
    {.name = "speciality"},
    {.name = "use_case"},
    {.name = "urgency"},
    {.name = "referrals", .heading = "REFERRALS"},
};

static void add_step(struct grid *grid, const struct cpts_pathway_step *step)
{
    char previous[WORDS_BYTES], referrals[WORDS_BYTES] = "";
    size_t length = 0;
    join_codes(step->step.previous, step->step.previous_count, previous);
    for (size_t i = 0; i < step->referral_count && length < sizeof referrals - 1; i++)
        length += (size_t)snprintf(referrals + length, sizeof referrals - length, "%s%s %s",
                                   i == 0 ? "" : ", ", step->referrals[i].referral_id,
                                   cpts_referral_status_name(step->referrals[i].status));
    grid_row(grid,
             (const char *[]){step->step.code, cpts_pathway_step_state_name(step->state),
                              step->proposed_on, step->step.label, previous, step->step.profession,
                              step->step.speciality, cpts_use_case_name(step->step.use_case),
                              cpts_urgency_name(step->step.urgency), referrals});
}

static int print_pathway(const struct session *session, const struct cpts_pathway *pathway)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_pathway_json(pathway, JSON_INDENT));
    if (session->form == FORM_OWN && !session->is_quiet)
        printf("%s\n%s, version %d, %s%s\n%s\n\n", pathway->id, pathway->label,
               pathway->template_version, cpts_pathway_status_name(pathway->status),
               pathway->synthetic ? ", synthetic" : "", pathway->origin_name);
    struct grid *grid = grid_new(session, STEP_COLUMNS, COUNT(STEP_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < pathway->step_count; i++)
        add_step(grid, &pathway->steps[i]);
    return grid != NULL && grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_pathway_show(struct session *session, const struct arguments *arguments)
{
    struct referral_run run = {.session = NULL};
    struct cpts_pathway *pathway = NULL;
    struct cpts_error err;
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    if (code == EXIT_CODE_OK)
        code = referral_run_begin(&run, session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_pathway_get(session->client, &run.actor, id, 0, &pathway, &err) != CPTS_OK)
        return failure_print(&err);
    code = print_pathway(session, pathway);
    cpts_pathway_free(pathway);
    return code;
}

static const struct grid_column LIST_COLUMNS[] = {
    {.name = "id", .heading = "ID"},
    {.name = "template", .heading = "TEMPLATE"},
    {.name = "status", .heading = "STATUS"},
    {.name = "proposed_count", .heading = "PROPOSED", .is_number = true},
    {.name = "started_at", .heading = "STARTED"},
    {.name = "origin_id"},
    {.name = "origin_name", .heading = "BY"},
    {.name = "template_version"},
    {.name = "requester_finess"},
    {.name = "synthetic"},
};

static void add_pathway(struct grid *grid, const struct cpts_pathway *one)
{
    char proposed[NUMBER_BYTES], version[NUMBER_BYTES], started[CPTS_INSTANT_TEXT_BYTES];
    snprintf(proposed, sizeof proposed, "%d", one->proposed_count);
    snprintf(version, sizeof version, "%d", one->template_version);
    cpts_instant_format(one->started_at_us, started);
    grid_row(grid,
             (const char *[]){one->id, one->template_code, cpts_pathway_status_name(one->status),
                              proposed, started, one->origin_id, one->origin_name, version,
                              one->requester_finess, one->synthetic ? "true" : "false"});
}

/* Where the pages go. */
struct target {
    struct grid *grid;
    struct page_join join;
};

static cpts_status fetch_all(const struct referral_run *run, struct cpts_pathways_query *query,
                             struct target *target, struct cpts_error *err)
{
    struct cpts_pathways *page = NULL, *before = NULL;
    cpts_status status = CPTS_OK;
    do {
        page = NULL;
        status = cpts_pathway_list(run->session->client, &run->actor, query, 0, &page, err);
        cpts_pathways_free(before);
        before = page;
        for (size_t i = 0; status == CPTS_OK && target->grid != NULL && i < page->pathway_count;
             i++)
            add_pathway(target->grid, &page->pathways[i]);
        if (status == CPTS_OK && target->grid == NULL &&
            !page_join_add(&target->join, cpts_pathways_json(page, 0)))
            status = failure_no_memory(err, "the pathways");
        query->page_token = status == CPTS_OK ? page->next_page_token : "";
    } while (status == CPTS_OK && query->page_token[0] != '\0');
    cpts_pathways_free(page);
    return status;
}

int verb_pathway_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_pathways_query query = {.size = sizeof query,
                                        .page_size = PAGE_SIZE,
                                        .proposed_only = arguments_has(arguments, "proposed"),
                                        .template_code = arguments_value(arguments, "template")};
    struct referral_run run = {.session = NULL};
    struct cpts_error err;
    int code = referral_run_begin(&run, session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    struct target target = {.join = {.stream = stdout}};
    if (session->form != FORM_IS_JSON)
        target.grid = grid_new(session, LIST_COLUMNS, COUNT(LIST_COLUMNS), stdout);
    cpts_status status = fetch_all(&run, &query, &target, &err);
    bool is_fine = target.grid == NULL ? page_join_end(&target.join) : grid_end(target.grid, 0);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}
