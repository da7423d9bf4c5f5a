/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral accept, decline, schedule, report and the other steps: what they
 * differ in is data. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "durable_file.h"
#include "failure.h"
#include "input.h"
#include "referral_attach.h"
#include "referral_run.h"
#include "verb_referral.h"

/* The steps, by the last word of their command. */
static const struct act_row {
    const char *verb;
    enum cpts_referral_event event;
    const char *done;
} ACTS[] = {
    {"accept", CPTS_REFERRAL_ACCEPT, "Accepted"},
    {"decline", CPTS_REFERRAL_DECLINE, "Declined"},
    {"ask", CPTS_REFERRAL_ASK_INFO, "Asked about"},
    {"answer", CPTS_REFERRAL_ANSWER_INFO, "Answered about"},
    {"schedule", CPTS_REFERRAL_SCHEDULE, "Scheduled"},
    {"no-show", CPTS_REFERRAL_NO_SHOW, "Recorded a no-show of"},
    {"cancel-visit", CPTS_REFERRAL_CANCEL_VISIT, "Called off the visit of"},
    {"start", CPTS_REFERRAL_START, "Started"},
    {"report", CPTS_REFERRAL_REPORT, "Reported on"},
    {"acknowledge", CPTS_REFERRAL_ACKNOWLEDGE, "Acknowledged the report on"},
    {"dispute", CPTS_REFERRAL_DISPUTE, "Disputed the report on"},
    {"withdraw", CPTS_REFERRAL_WITHDRAW, "Withdrew"},
    {"request-cancel", CPTS_REFERRAL_REQUEST_CANCEL, "Asked to cancel"},
    {"confirm-cancel", CPTS_REFERRAL_CONFIRM_CANCEL, "Cancelled"},
    {"refuse-cancel", CPTS_REFERRAL_REFUSE_CANCEL, "Refused to cancel"},
    {"recall", CPTS_REFERRAL_RECALL, "Recalled"},
    {"fail", CPTS_REFERRAL_FAIL, "Recorded the failure of"},
    {"abandon", CPTS_REFERRAL_ABANDON, "Abandoned"},
    {"enter-in-error", CPTS_REFERRAL_ENTER_IN_ERROR, "Marked as a mistake"},
    {"close", CPTS_REFERRAL_CLOSE_BY_DESK, "Closed, unacknowledged,"},
};

static const struct act_row *find_row(const char *command)
{
    const char *verb = strrchr(command, ' ') + 1;
    for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++) {
        if (strcmp(ACTS[i].verb, verb) == 0)
            return &ACTS[i];
    }
    return NULL;
}

/* Where the sealed note of a command is kept, so that its repetition is the same. */
static bool note_path(const struct referral_run *run, char ret_path[PATH_MAX])
{
    char folder[PATH_MAX], id[CPTS_UUID_TEXT_BYTES], name[CPTS_UUID_TEXT_BYTES + 8];
    cpts_uuid_format(run->command_id, id);
    snprintf(name, sizeof name, "%s.note", id);
    return referral_run_folder(run, folder) && durable_file_place(folder, name, ret_path, PATH_MAX);
}

static int keep_note(const struct referral_run *run, struct cpts_bytes note)
{
    char path[PATH_MAX];
    if (note_path(run, path) && durable_file_write(path, note, 0600))
        return EXIT_CODE_OK;
    fprintf(stderr, "cptsctl: the sealed note cannot be kept: %s\n", strerror(errno));
    return EXIT_CODE_ERROR;
}

/* Seals --note and what --attach names for the other side. */
static int seal_note(struct referral_run *run, struct cpts_bytes text, struct cpts_bytes *ret_note)
{
    struct cpts_error err;
    struct cpts_packed *packed = NULL;
    int code = referral_run_unlock(run);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_note_write(run->session->client, run->store, run->seen,
                                         run->assignment_id, text, &packed, &err);
    if (status != CPTS_OK)
        return failure_print(&err);
    uint8_t *copy = malloc(packed->bytes.byte_count + 1);
    if (copy == NULL) {
        cpts_packed_free(packed);
        return EXIT_CODE_ERROR;
    }
    memcpy(copy, packed->bytes.bytes, packed->bytes.byte_count);
    *ret_note = (struct cpts_bytes){.bytes = copy, .byte_count = packed->bytes.byte_count};
    cpts_packed_free(packed);
    return keep_note(run, *ret_note);
}

int verb_referral_note(struct referral_run *run, struct cpts_bytes *ret_note)
{
    static const uint8_t UNSET[CPTS_UUID_BYTES];
    const char *file = arguments_value(run->arguments, "note");
    struct cpts_bytes text = {0};
    char path[PATH_MAX];
    if (file == NULL && arguments_count(run->arguments, "attach") == 0)
        return EXIT_CODE_OK;
    if (memcmp(run->command_id, UNSET, sizeof UNSET) == 0)
        cpts_uuid_mint(run->command_id);
    else if (note_path(run, path) && durable_file_read(path, CPTS_NOTE_BYTES_MAX * 2, ret_note))
        return EXIT_CODE_OK;
    if (file != NULL && !durable_file_read(file, CPTS_NOTE_BYTES_MAX, &text)) {
        fprintf(stderr, "cptsctl: %s: %s\n", file, strerror(errno));
        return EXIT_CODE_ERROR;
    }
    struct cpts_text *whole = NULL;
    int code = referral_attach_mention(run, run->id, text, &whole);
    if (code == EXIT_CODE_OK)
        code = referral_attach_upload(run, run->id);
    if (code == EXIT_CODE_OK)
        code = seal_note(run, whole->bytes, ret_note);
    cpts_text_free(whole);
    durable_file_wipe(&text);
    return code;
}

/* What a step has beside its event. */
static int read_act(struct referral_run *run, struct cpts_referral_act *act)
{
    int code = input_instant(run->arguments, "at", &act->scheduled_for_us);
    if (code != EXIT_CODE_OK)
        return code;
    if (act->event == CPTS_REFERRAL_SCHEDULE && act->scheduled_for_us == 0)
        return usage_error(run->arguments->command, "--at is missing");
    return verb_referral_note(run, &act->note);
}

int verb_referral_act(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct cpts_error err;
    struct cpts_referral_outcome *outcome = NULL;
    const struct act_row *row = find_row(arguments->command->name);
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = referral_run_see(&run);
    struct cpts_referral_act act = {.size = sizeof act,
                                    .actor = &run.actor,
                                    .seen = run.seen,
                                    .assignment_id = run.assignment_id,
                                    .expected_version = run.version,
                                    .event = row->event,
                                    .reason = run.reason,
                                    .queued = arguments_has(arguments, "queued")};
    /* What is repeated or waited is judged by the node, which knows the outcome. */
    bool is_judged_here = !arguments_has(arguments, "command-id") && !act.queued;
    if (code == EXIT_CODE_OK && is_judged_here &&
        cpts_referral_may(run.seen, run.assignment_id, row->event, &err) != CPTS_OK)
        code = failure_print(&err);
    if (code == EXIT_CODE_OK)
        code = read_act(&run, &act);
    if (code == EXIT_CODE_OK) {
        verb_referral_aim(&run, row->event, &act.referral_id, &act.assignment_id,
                          &act.expected_version);
        act.seen = is_judged_here ? run.seen : NULL;
        run.version = act.expected_version;
        cpts_status status =
            cpts_referral_do(session->client, &act, run.command_id, 0, &outcome, &err);
        code = referral_run_finish(&run, status, row->done, outcome, &err);
    }
    free((void *)act.note.bytes);
    referral_run_end(&run);
    return code;
}

void verb_referral_aim(const struct referral_run *run, enum cpts_referral_event event,
                       const char **ret_referral_id, const char **ret_assignment_id,
                       int32_t *version)
{
    bool is_of_whole = event == CPTS_REFERRAL_ABANDON || event == CPTS_REFERRAL_REASSIGN ||
                       event == CPTS_REFERRAL_WIDEN;
    const struct cpts_assignment *attempt =
        is_of_whole ? NULL : cpts_referral_assignment(run->seen, run->assignment_id);
    *ret_referral_id = run->id;
    *ret_assignment_id = attempt == NULL ? run->assignment_id : attempt->id;
    if (*version == 0)
        *version = attempt == NULL ? run->seen->version : attempt->version;
}
