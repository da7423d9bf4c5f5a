/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral consent, erase, opt-in, parked. */
#include <cpts/referral_desk.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "referral_view.h"
#include "verb_referral.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define NUMBER_BYTES 24

/* The version of the referral: as given, else as the node has it. */
static int settle_version(struct referral_run *run, struct cpts_referral_record *record)
{
    int code = run->version > 0 ? EXIT_CODE_OK : referral_run_see(run);
    if (code == EXIT_CODE_OK && run->version == 0)
        run->version = run->seen->version;
    *record = (struct cpts_referral_record){.size = sizeof *record,
                                            .actor = &run->actor,
                                            .referral_id = run->id,
                                            .expected_version = run->version};
    return code;
}

int verb_referral_consent(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct cpts_error err;
    struct cpts_referral_record record;
    struct cpts_referral_outcome *outcome = NULL;
    bool is_withdrawn = arguments_has(arguments, "withdraw");
    struct cpts_consent consent = {.given_by = arguments_value(arguments, "consent-by"),
                                   .given_on = arguments_value(arguments, "consent-on"),
                                   .form = arguments_value(arguments, "consent-form"),
                                   .scope = arguments_value(arguments, "consent-scope")};
    if (!is_withdrawn && consent.given_by == NULL)
        return usage_error(arguments->command, "--consent-by is missing, or --withdraw");
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = settle_version(&run, &record);
    if (code == EXIT_CODE_OK) {
        record.consent = is_withdrawn ? NULL : &consent;
        cpts_status status = is_withdrawn
                                 ? cpts_referral_withdraw_consent(session->client, &record,
                                                                  run.command_id, 0, &outcome, &err)
                                 : cpts_referral_consent(session->client, &record, run.command_id,
                                                         0, &outcome, &err);
        code = referral_run_finish(
            &run, status, is_withdrawn ? "Withdrew the consent to" : "Recorded the consent to",
            outcome, &err);
    }
    referral_run_end(&run);
    return code;
}

int verb_referral_erase(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct cpts_error err;
    struct cpts_referral_record record;
    struct cpts_referral_outcome *outcome = NULL;
    const char *why = arguments_value(arguments, "why");
    bool is_request = why != NULL && strcmp(why, "patient-request") == 0;
    bool is_mistake = why != NULL && strcmp(why, "sent-by-mistake") == 0;
    if (!is_request && !is_mistake)
        return usage_error(arguments->command, "--why is patient-request or sent-by-mistake");
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = settle_version(&run, &record);
    if (code == EXIT_CODE_OK) {
        record.erasure = is_request ? CPTS_ERASURE_PATIENT_REQUEST : CPTS_ERASURE_SENT_BY_MISTAKE;
        cpts_status status =
            cpts_referral_erase(session->client, &record, run.command_id, 0, &outcome, &err);
        code = referral_run_finish(&run, status, "Erased what was sealed of", outcome, &err);
    }
    referral_run_end(&run);
    return code;
}

int verb_referral_opt_in(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct deed deed = {.what = "Recorded whether referrals are received by"};
    struct cpts_referral_opt_in opt_in = {.size = sizeof opt_in,
                                          .opted_in = !arguments_has(arguments, "out")};
    const char *use_case = arguments->operands[1];
    if (!cpts_use_case_parse(use_case, &opt_in.use_case))
        return usage_error(arguments->command, "%s is none of snp, medecin-traitant, parcours",
                           use_case);
    int code = deed_begin(session, arguments, &deed, &opt_in.cpts_id, &opt_in.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_referral_set_opt_in(session->client, &opt_in, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static const struct grid_column PARKED_COLUMNS[] = {
    {.name = "parked_id", .heading = "ID"},
    {.name = "parked_at", .heading = "PARKED"},
    {.name = "event", .heading = "STEP"},
    {.name = "referral_id", .heading = "REFERRAL"},
    {.name = "refusal", .heading = "REFUSED"},
    {.name = "expected_version", .heading = "SEEN", .is_number = true},
    {.name = "found_version", .heading = "FOUND", .is_number = true},
    {.name = "found_state", .heading = "STATE"},
    {.name = "resolution", .heading = "RESOLVED"},
    {.name = "assignment_id"},
    {.name = "reason"},
    {.name = "command_id"},
};

static void parked_row(struct grid *grid, const struct cpts_parked_act *act)
{
    char parked_at[CPTS_INSTANT_TEXT_BYTES], expected[NUMBER_BYTES], found[NUMBER_BYTES];
    referral_view_instant(act->parked_at_us, parked_at);
    snprintf(expected, sizeof expected, "%d", (int)act->expected_version);
    snprintf(found, sizeof found, "%d", (int)act->found_version);
    grid_row(grid, (const char *[]){act->id, parked_at, cpts_referral_event_name(act->event),
                                    act->referral_id, act->refusal, expected, found,
                                    act->found_state == CPTS_ASSIGNMENT_UNSPECIFIED
                                        ? cpts_referral_status_name(act->found_status)
                                        : cpts_assignment_state_name(act->found_state),
                                    cpts_parked_resolution_name(act->resolution),
                                    act->assignment_id, act->reason, act->command_id});
}

/* Every page; with --json one page a line. */
static int list_parked(struct referral_run *run, bool with_resolved)
{
    struct cpts_error err;
    struct cpts_parked *page = NULL, *before = NULL;
    struct cpts_parked_query query = {
        .size = sizeof query, .actor = &run->actor, .with_resolved = with_resolved};
    bool is_json = run->session->form == FORM_IS_JSON;
    struct grid *grid =
        is_json ? NULL : grid_new(run->session, PARKED_COLUMNS, COUNT(PARKED_COLUMNS), stdout);
    int code = EXIT_CODE_OK;
    do {
        if (cpts_parked_list(run->session->client, &query, 0, &page, &err) != CPTS_OK) {
            code = failure_print(&err);
            break;
        }
        cpts_parked_free(before);
        before = page;
        query.page_token = page->next_page_token;
        for (size_t i = 0; grid != NULL && i < page->act_count; i++)
            parked_row(grid, &page->acts[i]);
        if (is_json)
            code = print_json(cpts_parked_json(page, 0));
    } while (code == EXIT_CODE_OK && query.page_token[0] != '\0');
    cpts_parked_free(before);
    if (grid != NULL && !grid_end(grid, 0) && code == EXIT_CODE_OK)
        code = EXIT_CODE_ERROR;
    return code;
}

static int resolve(struct referral_run *run, const char *parked_id, bool is_redone)
{
    struct cpts_error err;
    struct cpts_outcome *outcome = NULL;
    struct cpts_parked_decision decision = {.size = sizeof decision,
                                            .actor = &run->actor,
                                            .parked_id = parked_id,
                                            .resolution = is_redone ? CPTS_PARKED_REDONE
                                                                    : CPTS_PARKED_DISCARDED};
    if (cpts_parked_resolve(run->session->client, &decision, run->command_id, 0, &outcome, &err) !=
        CPTS_OK)
        return failure_print_command(&err, run->command_id, 0);
    int code = EXIT_CODE_OK;
    if (run->session->form == FORM_IS_JSON)
        code = print_json(cpts_outcome_json(outcome, JSON_INDENT));
    else
        printf("%s %s%s\n", cpts_parked_resolution_name(decision.resolution), parked_id,
               outcome->replayed ? " (it was done already)" : "");
    cpts_outcome_free(outcome);
    return code;
}

int verb_referral_parked(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    const char *discard = arguments_value(arguments, "discard");
    const char *redone = arguments_value(arguments, "redone");
    if (discard != NULL && redone != NULL)
        return usage_error(arguments->command, "only one of --discard and --redone");
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK && discard == NULL && redone == NULL)
        code = list_parked(&run, arguments_has(arguments, "all"));
    else if (code == EXIT_CODE_OK)
        code = resolve(&run, redone != NULL ? redone : discard, redone != NULL);
    referral_run_end(&run);
    return code;
}
