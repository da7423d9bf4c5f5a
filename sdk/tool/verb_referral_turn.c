/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral redirect, reassign, widen: another destination. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "input.h"
#include "verb_referral.h"

/* Destinations and candidates, with what was sealed for them. */
struct turning {
    struct referral_run *run;
    struct cpts_sealed_recipient recipients[CPTS_RECIPIENTS_MAX];
    struct cpts_packed *wraps[CPTS_RECIPIENTS_MAX];
    char assignment_ids[CPTS_RECIPIENTS_MAX][CPTS_UUID_TEXT_BYTES];
    size_t count;
};

typedef cpts_status turn_call(cpts_client *client, const struct cpts_referral_turn *turn,
                              uint8_t *command_id, int32_t timeout_ms,
                              struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);

static const struct turn_row {
    const char *verb;
    enum cpts_referral_event event;
    turn_call *call;
    const char *done;
} TURNS[] = {
    {"redirect", CPTS_REFERRAL_REDIRECT, cpts_referral_redirect, "Redirected"},
    {"reassign", CPTS_REFERRAL_REASSIGN, cpts_referral_reassign, "Reassigned"},
    {"widen", CPTS_REFERRAL_WIDEN, cpts_referral_widen, "Widened"},
};

static const struct turn_row *find_row(const char *command)
{
    const struct turn_row *row = TURNS;
    while (strcmp(row->verb, strrchr(command, ' ') + 1) != 0)
        row++;
    return row;
}

/* Seals for one more: the origin from the seal alone, a destination with the
 * content that it was given. */
static int seal_for(struct turning *turning, size_t index)
{
    struct cpts_error err;
    struct referral_run *run = turning->run;
    struct cpts_sealed_recipient *recipient = &turning->recipients[index];
    uint8_t id[CPTS_UUID_BYTES];
    bool is_origin = run->seen->party == CPTS_PARTY_ORIGIN;
    struct cpts_letter_query query = {.size = sizeof query,
                                      .actor = &run->actor,
                                      .referral_id = run->id,
                                      .parts = is_origin ? 0 : CPTS_PART_CONTENT};
    cpts_uuid_mint(id);
    cpts_uuid_format(id, turning->assignment_ids[index]);
    recipient->assignment_id = turning->assignment_ids[index];
    cpts_status status = cpts_letter_wrap(run->session->client, run->store, &query, recipient,
                                          &turning->wraps[index], &err);
    if (status != CPTS_OK)
        return failure_print(&err);
    recipient->wrap = turning->wraps[index]->bytes;
    return EXIT_CODE_OK;
}

/* Takes over every value of an option, sealed for unless it is a proposal. */
static int read_recipients(struct turning *turning, const char *option, bool is_sealed)
{
    const struct arguments *words = turning->run->arguments;
    uint8_t ignored[CPTS_UUID_BYTES];
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < arguments_count(words, option); i++) {
        const char *id = arguments_nth(words, option, i);
        if (turning->count == CPTS_RECIPIENTS_MAX)
            return usage_error(words->command, "more than %d CPTS", CPTS_RECIPIENTS_MAX);
        if (!cpts_uuid_parse(id, ignored))
            return usage_error(words->command, "--%s %s is not an id", option, id);
        turning->recipients[turning->count].cpts_id = id;
        code = is_sealed ? seal_for(turning, turning->count) : EXIT_CODE_OK;
        turning->count++;
    }
    return code;
}

/* Who may seal does: the origin, a destination that accepted. Others propose. */
static bool seals(const struct referral_run *run, enum cpts_referral_event event)
{
    const struct cpts_assignment *attempt = cpts_referral_assignment(run->seen, run->assignment_id);
    if (event == CPTS_REFERRAL_REASSIGN)
        return run->seen->party == CPTS_PARTY_ORIGIN;
    return event == CPTS_REFERRAL_REDIRECT && run->seen->party == CPTS_PARTY_DESTINATION &&
           attempt != NULL && attempt->state == CPTS_ASSIGNMENT_ACCEPTED;
}

static int read_turn(struct turning *turning, const struct turn_row *row,
                     struct cpts_referral_turn *turn)
{
    struct referral_run *run = turning->run;
    bool is_sealed = seals(run, row->event);
    int code = is_sealed ? referral_run_unlock(run) : EXIT_CODE_OK;
    if (code == EXIT_CODE_OK)
        code = read_recipients(turning, "to", is_sealed);
    turn->recipients = turning->recipients;
    turn->recipient_count = turning->count;
    if (code == EXIT_CODE_OK)
        code = read_recipients(turning, "then", is_sealed);
    turn->candidates = turning->recipients + turn->recipient_count;
    turn->candidate_count = turning->count - turn->recipient_count;
    if (code == EXIT_CODE_OK && row->event != CPTS_REFERRAL_WIDEN && turn->recipient_count == 0)
        code = usage_error(run->arguments->command, "--to is missing");
    return code == EXIT_CODE_OK ? verb_referral_note(run, &turn->note) : code;
}

int verb_referral_turn(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct cpts_error err;
    struct turning turning = {.run = &run};
    struct cpts_referral_outcome *outcome = NULL;
    const struct turn_row *row = find_row(arguments->command->name);
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = referral_run_see(&run);
    struct cpts_referral_turn turn = {.size = sizeof turn,
                                      .actor = &run.actor,
                                      .seen = run.seen,
                                      .assignment_id = run.assignment_id,
                                      .expected_version = run.version,
                                      .reason = run.reason};
    if (code == EXIT_CODE_OK &&
        cpts_referral_may(run.seen, run.assignment_id, row->event, &err) != CPTS_OK)
        code = failure_print(&err);
    if (code == EXIT_CODE_OK)
        code = read_turn(&turning, row, &turn);
    if (code == EXIT_CODE_OK) {
        verb_referral_aim(&run, row->event, &turn.referral_id, &turn.assignment_id,
                          &turn.expected_version);
        run.version = turn.expected_version;
        cpts_status status = row->call(session->client, &turn, run.command_id, 0, &outcome, &err);
        code = referral_run_finish(&run, status, row->done, outcome, &err);
    }
    for (size_t i = 0; i < turning.count; i++)
        cpts_packed_free(turning.wraps[i]);
    free((void *)turn.note.bytes);
    referral_run_end(&run);
    return code;
}
