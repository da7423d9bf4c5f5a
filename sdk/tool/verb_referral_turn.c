/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral redirect, reassign, widen: another destination. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "input.h"
#include "referral_kept.h"
#include "verb_referral.h"

/* Destinations and candidates, with what was sealed for them. */
struct turning {
    struct referral_run *run;
    struct cpts_sealed_recipient recipients[CPTS_RECIPIENTS_MAX];
    size_t count;
    struct referral_wrapping wrapping;
    struct referral_kept kept;
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

static cpts_status fetch_and_wrap(struct referral_wrapping *wrapping, unsigned parts,
                                  struct cpts_error *err)
{
    struct referral_run *run = wrapping->run;
    struct cpts_letter_query query = {
        .size = sizeof query, .actor = &run->actor, .referral_id = run->id, .parts = parts};
    cpts_sealed_letter_free(wrapping->letter);
    wrapping->letter = NULL;
    cpts_status status = cpts_letter_fetch(run->session->client, &query, 0, &wrapping->letter, err);
    if (status != CPTS_OK)
        return status;
    wrapping->letter->opening.former = wrapping->former;
    return cpts_letter_wrap(run->session->client, run->store, wrapping->letter,
                            wrapping->recipients, wrapping->recipient_count, &wrapping->wraps, err);
}

cpts_status verb_referral_wrap(struct referral_wrapping *wrapping, struct cpts_referral_turn *turn,
                               struct cpts_error *err)
{
    bool may_derive = wrapping->run->seen->party == CPTS_PARTY_ORIGIN;
    cpts_status status = CPTS_OK;
    if (may_derive)
        status = fetch_and_wrap(wrapping, 0, err);
    if (!may_derive || (status != CPTS_OK && strcmp(err->reason, "NOT_SEALED_FOR_RECIPIENT") == 0))
        status = fetch_and_wrap(wrapping, CPTS_PART_CONTENT, err);
    if (status != CPTS_OK)
        return status;
    turn->offer_sha256 = wrapping->letter->opening.offer_sha256.bytes;
    turn->content_sha256 = wrapping->letter->opening.content_sha256.bytes;
    return CPTS_OK;
}

void verb_referral_wrap_end(struct referral_wrapping *wrapping)
{
    cpts_wraps_free(wrapping->wraps);
    cpts_sealed_letter_free(wrapping->letter);
}

static int seal_for_all(struct turning *turning, struct cpts_referral_turn *turn)
{
    struct cpts_error err;
    int code = referral_run_unlock(turning->run);
    if (code != EXIT_CODE_OK)
        return code;
    turning->wrapping.recipients = turning->recipients;
    turning->wrapping.recipient_count = turning->count;
    if (verb_referral_wrap(&turning->wrapping, turn, &err) != CPTS_OK)
        return failure_print(&err);
    turn->keep = referral_kept_keep;
    turn->keep_data = &turning->kept;
    return EXIT_CODE_OK;
}

static int read_recipients(struct turning *turning, const char *option)
{
    const struct arguments *words = turning->run->arguments;
    uint8_t ignored[CPTS_UUID_BYTES];
    for (size_t i = 0; i < arguments_count(words, option); i++) {
        const char *id = arguments_nth(words, option, i);
        if (turning->count == CPTS_RECIPIENTS_MAX)
            return usage_error(words->command, "more than %d CPTS", CPTS_RECIPIENTS_MAX);
        if (!cpts_uuid_parse(id, ignored))
            return usage_error(words->command, "--%s %s is not an id", option, id);
        turning->recipients[turning->count++].cpts_id = id;
    }
    return EXIT_CODE_OK;
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
    int code = read_recipients(turning, "to");
    turn->recipients = turning->recipients;
    turn->recipient_count = turning->count;
    if (code == EXIT_CODE_OK)
        code = read_recipients(turning, "then");
    turn->candidates = turning->recipients + turn->recipient_count;
    turn->candidate_count = turning->count - turn->recipient_count;
    if (code == EXIT_CODE_OK && row->event != CPTS_REFERRAL_WIDEN && turn->recipient_count == 0)
        code = usage_error(run->arguments->command, "--to is missing");
    if (code == EXIT_CODE_OK && seals(run, row->event))
        code = seal_for_all(turning, turn);
    return code == EXIT_CODE_OK ? verb_referral_note(run, &turn->note) : code;
}

/* Judges, seals, keeps, sends. */
static int send_new(struct turning *turning, const struct turn_row *row)
{
    struct cpts_error err;
    struct referral_run *run = turning->run;
    struct cpts_referral_outcome *outcome = NULL;
    int code = referral_run_see(run);
    if (code != EXIT_CODE_OK)
        return code;
    struct cpts_referral_turn turn = {.size = sizeof turn,
                                      .actor = &run->actor,
                                      .seen = run->seen,
                                      .assignment_id = run->assignment_id,
                                      .expected_version = run->version,
                                      .reason = run->reason};
    if (cpts_referral_may(run->seen, run->assignment_id, row->event, &err) != CPTS_OK)
        code = failure_print(&err);
    if (code == EXIT_CODE_OK)
        code = read_turn(turning, row, &turn);
    if (code == EXIT_CODE_OK) {
        verb_referral_aim(run, row->event, &turn.referral_id, &turn.assignment_id,
                          &turn.expected_version);
        run->version = turn.expected_version;
        cpts_status status =
            row->call(run->session->client, &turn, run->command_id, 0, &outcome, &err);
        code = referral_kept_finish(&turning->kept, status, row->done, outcome, &err);
    }
    free((void *)turn.note.bytes);
    return code;
}

int verb_referral_turn(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct turning turning = {.run = &run, .wrapping = {.run = &run}, .kept = {.run = &run}};
    const struct turn_row *row = find_row(arguments->command->name);
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK && !referral_kept_again(&run, row->done, NULL, &code))
        code = send_new(&turning, row);
    verb_referral_wrap_end(&turning.wrapping);
    referral_run_end(&run);
    return code;
}
