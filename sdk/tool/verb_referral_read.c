/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral find, inbox, outbox and the other worklists, reasons. */
#include <cpts/recipient.h>
#include <cpts/referral_desk.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "grid.h"
#include "input.h"
#include "referral_view.h"
#include "verb_referral.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define NUMBER_BYTES 24
#define PAGE_SIZE_MAX 500

static const struct grid_column FIND_COLUMNS[] = {
    {.name = "cpts_id", .heading = "ID"},
    {.name = "name", .heading = "NAME"},
    {.name = "eligible", .heading = "ASK"},
    {.name = "reason", .heading = "WHY"},
    {.name = "obstacle", .heading = "WHY NOT"},
    {.name = "distance_km", .heading = "KM", .is_number = true},
    {.name = "snp_slot_count", .heading = "SNP SLOTS", .is_number = true},
    {.name = "place_count", .heading = "PLACES", .is_number = true},
    {.name = "stage"},
    {.name = "key_serial"},
    {.name = "synthetic"},
};

/* A number, or nothing for what is not known. */
static const char *known(int32_t number, char text[NUMBER_BYTES])
{
    text[0] = '\0';
    if (number >= 0)
        snprintf(text, NUMBER_BYTES, "%d", (int)number);
    return text;
}

static void find_row(struct grid *grid, const struct cpts_recipient *one)
{
    char distance[NUMBER_BYTES] = "", slots[NUMBER_BYTES], places[NUMBER_BYTES],
         serial[NUMBER_BYTES];
    if (one->position_quality != CPTS_POSITION_NONE)
        snprintf(distance, sizeof distance, "%.1f", one->distance_km);
    grid_row(grid,
             (const char *[]){one->cpts_id, one->name, one->eligible ? "yes" : "no",
                              cpts_recipient_reason_name(one->reason),
                              cpts_recipient_obstacle_name(one->obstacle), distance,
                              known(one->snp_slot_count, slots), known(one->place_count, places),
                              cpts_stage_name(one->stage), known(one->key_serial, serial),
                              one->synthetic ? "true" : "false"});
}

static int print_recipients(const struct session *session, const struct cpts_recipients *found)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_recipients_json(found, JSON_INDENT));
    struct grid *grid = grid_new(session, FIND_COLUMNS, COUNT(FIND_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < found->recipient_count; i++)
        find_row(grid, &found->recipients[i]);
    bool is_fine = grid != NULL && grid_end(grid, 0);
    if (found->unroutable && !session->is_quiet)
        fprintf(stderr, "%s %s: no CPTS may receive it; submit without --to, to be counted\n",
                found->unit_code, found->unit_name);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_referral_find(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_recipients *found = NULL;
    const char *use_case = arguments_value(arguments, "use-case");
    struct cpts_recipients_query query = {.size = sizeof query,
                                          .unit_code = arguments->operands[0],
                                          .use_case = CPTS_USE_CASE_SNP,
                                          .profession = arguments_value(arguments, "profession"),
                                          .usual_cpts_id = arguments_value(arguments, "usual"),
                                          .origin_id = arguments_value(arguments, "origin")};
    if (use_case != NULL && !cpts_use_case_parse(use_case, &query.use_case))
        return usage_error(arguments->command,
                           "--use-case %s is none of snp, medecin-traitant, parcours", use_case);
    int code = input_number(arguments, "limit", 1, 20, &query.limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_recipients_find(session->client, &query, 0, &found, &err) != CPTS_OK)
        return failure_print(&err);
    code = print_recipients(session, found);
    cpts_recipients_free(found);
    return code;
}

static const struct grid_column LIST_COLUMNS[] = {
    {.name = "referral_id", .heading = "ID"},
    {.name = "use_case", .heading = "FOR"},
    {.name = "urgency", .heading = "URGENCY"},
    {.name = "unit_code", .heading = "COMMUNE"},
    {.name = "state", .heading = "STATE"},
    {.name = "origin_name", .heading = "FROM"},
    {.name = "destination_name", .heading = "TO"},
    {.name = "overdue", .heading = "OVERDUE", .is_number = true},
    {.name = "clock", .heading = "CLOCK"},
    {.name = "fire_at", .heading = "FIRES"},
    {.name = "rewrap", .heading = "REWRAP"},
    {.name = "version"},
    {.name = "assignment_id"},
    {.name = "assignment_version"},
    {.name = "submitted_at"},
    {.name = "status"},
    {.name = "synthetic"},
};

static const struct list_kind {
    const char *verb;
    enum cpts_worklist_kind kind;
} LISTS[] = {
    {"inbox", CPTS_WORKLIST_INBOX},
    {"outbox", CPTS_WORKLIST_OUTBOX},
    {"to-reassign", CPTS_WORKLIST_TO_REASSIGN},
    {"overdue", CPTS_WORKLIST_OVERDUE},
    {"desk", CPTS_WORKLIST_DESK},
};

static enum cpts_worklist_kind kind_of(const char *command)
{
    const char *verb = strrchr(command, ' ') + 1;
    for (int i = 0; i < COUNT(LISTS); i++) {
        if (strcmp(LISTS[i].verb, verb) == 0)
            return LISTS[i].kind;
    }
    return CPTS_WORKLIST_UNSPECIFIED;
}

/* For whom it has to be sealed again. */
static const char *rewrap_of(const struct cpts_referral *referral)
{
    bool is_of_attempt = false;
    for (size_t i = 0; i < referral->assignment_count; i++)
        is_of_attempt = is_of_attempt || referral->assignments[i].to_rewrap;
    if (is_of_attempt)
        return referral->to_rewrap ? "both" : "destination";
    return referral->to_rewrap ? "origin" : "";
}

static void list_row(struct grid *grid, const struct cpts_worklist_row *row)
{
    static const struct cpts_assignment NONE = {.id = "", .destination_name = "", .reason = ""};
    const struct cpts_referral *referral = &row->referral;
    const struct cpts_assignment *one = cpts_referral_assignment(referral, NULL);
    const struct cpts_assignment *attempt = one == NULL ? &NONE : one;
    char overdue[NUMBER_BYTES], version[NUMBER_BYTES], own_version[NUMBER_BYTES],
        fire_at[CPTS_INSTANT_TEXT_BYTES] = "", submitted_at[CPTS_INSTANT_TEXT_BYTES];
    snprintf(overdue, sizeof overdue, "%d", (int)attempt->overdue_level);
    snprintf(version, sizeof version, "%d", (int)referral->version);
    snprintf(own_version, sizeof own_version, "%d", (int)attempt->version);
    referral_view_instant(referral->created_at_us, submitted_at);
    if (row->next_clock != NULL)
        referral_view_instant(row->next_clock->fire_at_us, fire_at);
    const char *status = cpts_referral_status_name(referral->status);
    grid_row(grid,
             (const char *[]){
                 referral->id, cpts_use_case_name(referral->header.use_case),
                 cpts_urgency_name(referral->header.urgency), referral->header.unit_code,
                 one == NULL ? status : cpts_assignment_state_name(one->state),
                 referral->origin_name, attempt->destination_name, overdue,
                 row->next_clock == NULL ? "" : cpts_referral_clock_name(row->next_clock->kind),
                 fire_at, rewrap_of(referral), version, attempt->id, own_version, submitted_at,
                 status, referral->synthetic ? "true" : "false"});
}

/* Pages until the limit. With --json one page a line. */
static int list_pages(struct referral_run *run, struct cpts_worklist_query *query, int32_t limit,
                      struct grid *grid)
{
    struct cpts_error err;
    struct cpts_worklist *page = NULL, *before = NULL;
    int32_t left = limit;
    bool is_synthetic = false, is_more = true;
    int code = EXIT_CODE_OK;
    while (code == EXIT_CODE_OK && is_more) {
        query->page_size = left < PAGE_SIZE_MAX ? left : PAGE_SIZE_MAX;
        if (cpts_worklist_get(run->session->client, query, 0, &page, &err) != CPTS_OK) {
            code = failure_print(&err);
            break;
        }
        cpts_worklist_free(before);
        before = page;
        query->page_token = page->next_page_token;
        left -= (int32_t)page->row_count;
        is_more = left > 0 && page->next_page_token[0] != '\0';
        is_synthetic = is_synthetic || page->synthetic;
        for (size_t i = 0; grid != NULL && i < page->row_count; i++)
            list_row(grid, &page->rows[i]);
        if (grid == NULL)
            code = print_json(cpts_worklist_json(page, 0));
    }
    cpts_worklist_free(before);
    if (is_synthetic && !run->session->is_quiet)
        fputs("SYNTHETIC: demonstration data among them\n", stderr);
    return code;
}

int verb_referral_list(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct cpts_worklist_query query = {.size = sizeof query,
                                        .kind = kind_of(arguments->command->name)};
    int32_t limit = INT32_MAX;
    const char *use_case = arguments_value(arguments, "use-case");
    if (use_case != NULL && !cpts_use_case_parse(use_case, &query.use_case))
        return usage_error(arguments->command,
                           "--use-case %s is none of snp, medecin-traitant, parcours", use_case);
    int code = input_number(arguments, "limit", 1, INT32_MAX, &limit);
    if (code == EXIT_CODE_OK)
        code = referral_run_begin(&run, session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    query.actor = &run.actor;
    struct grid *grid = session->form == FORM_IS_JSON
                            ? NULL
                            : grid_new(session, LIST_COLUMNS, COUNT(LIST_COLUMNS), stdout);
    code = list_pages(&run, &query, limit, grid);
    if (grid != NULL && !grid_end(grid, 0) && code == EXIT_CODE_OK)
        code = EXIT_CODE_ERROR;
    referral_run_end(&run);
    return code;
}

static const struct grid_column REASON_COLUMNS[] = {
    {.name = "event", .heading = "STEP"},
    {.name = "code", .heading = "CODE"},
    {.name = "label", .heading = "LABEL"},
    {.name = "fixed", .heading = "BY THE NODE"},
    {.name = "confidence", .heading = "CONFIDENCE"},
    {.name = "source"},
};

int verb_referral_reasons(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_referral_reasons *found = NULL;
    enum cpts_referral_event event = CPTS_REFERRAL_EVENT_UNSPECIFIED;
    const char *step = arguments_value(arguments, "of");
    if (step != NULL && !cpts_referral_event_parse(step, &event))
        return usage_error(arguments->command, "--of %s is no step", step);
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_referral_reasons_list(session->client, event, 0, &found, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON) {
        code = print_json(cpts_referral_reasons_json(found, JSON_INDENT));
    } else {
        struct grid *grid = grid_new(session, REASON_COLUMNS, COUNT(REASON_COLUMNS), stdout);
        for (size_t i = 0; grid != NULL && i < found->reason_count; i++) {
            const struct cpts_referral_reason *one = &found->reasons[i];
            grid_row(grid,
                     (const char *[]){cpts_referral_event_name(one->event), one->code, one->label,
                                      one->fixed ? "yes" : "no", one->confidence, one->source});
        }
        code = grid != NULL && grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    }
    cpts_referral_reasons_free(found);
    return code;
}
