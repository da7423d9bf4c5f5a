/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_kept.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "durable_file.h"
#include "failure.h"

/* Both ciphertexts and ten wraps. */
#define KEPT_BYTES_MAX ((size_t)1024 * 1024)
#define NAME_BYTES (CPTS_UUID_TEXT_BYTES + 16)

/* `reassign` of `referral reassign`. */
static const char *verb_of(const struct referral_run *run)
{
    return strrchr(run->arguments->command->name, ' ') + 1;
}

static bool place(const struct referral_run *run, const char *id, char ret_path[PATH_MAX])
{
    char folder[PATH_MAX], name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.%s", id, verb_of(run));
    return referral_run_folder(run, folder) && durable_file_place(folder, name, ret_path, PATH_MAX);
}

cpts_status referral_kept_keep(const struct cpts_submission *submission, void *data,
                               struct cpts_error *err)
{
    struct referral_kept *kept = data;
    bool is_submit = submission->event == CPTS_REFERRAL_SUBMIT;
    (void)cpts_uuid_parse(submission->command_id, kept->run->command_id);
    if (place(kept->run, is_submit ? submission->referral_id : submission->command_id,
              kept->path) &&
        durable_file_write(kept->path, submission->bytes, 0600))
        return CPTS_OK;
    kept->path[0] = '\0';
    return failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID",
                       "what was sealed cannot be kept; nothing was sent");
}

/* A refusal stays one; everything else may end otherwise next time. */
static bool is_worth_repeating(cpts_status status, const struct cpts_error *err)
{
    return status == CPTS_UNKNOWN || status == CPTS_UNAVAILABLE ||
           status == CPTS_DEADLINE_EXCEEDED || err->retryable;
}

int referral_kept_finish(const struct referral_kept *kept, cpts_status status, const char *what,
                         struct cpts_referral_outcome *outcome, const struct cpts_error *err)
{
    const struct referral_run *run = kept->run;
    if (status == CPTS_OK || kept->path[0] == '\0')
        return referral_run_finish(run, status, what, outcome, err);
    int code = failure_print(err);
    if (is_worth_repeating(status, err))
        fprintf(stderr, "  again:  cptsctl %s%s%s --again %s\n", run->arguments->command->name,
                run->id == NULL ? "" : " ", run->id == NULL ? "" : run->id, kept->path);
    return code;
}

static int send_again(struct referral_kept *kept, const struct cpts_bytes *bytes, const char *what,
                      char ret_referral_id[CPTS_UUID_TEXT_BYTES])
{
    struct cpts_error err;
    struct cpts_submission *submission = NULL;
    struct cpts_referral_outcome *outcome = NULL;
    struct referral_run *run = kept->run;
    cpts_status status = cpts_submission_read(*bytes, &submission, &err);
    if (status != CPTS_OK)
        return failure_print(&err);
    if (run->id != NULL && strcmp(run->id, submission->referral_id) != 0) {
        fprintf(stderr, "cptsctl: %s is of another referral, %s\n", kept->path,
                submission->referral_id);
        cpts_submission_free(submission);
        return EXIT_CODE_ERROR;
    }
    (void)cpts_uuid_parse(submission->command_id, run->command_id);
    status = cpts_submission_send(run->session->client, submission, 0, &outcome, &err);
    int code = referral_kept_finish(kept, status, what, outcome, &err);
    if (ret_referral_id != NULL)
        memcpy(ret_referral_id, submission->referral_id, CPTS_UUID_TEXT_BYTES);
    cpts_submission_free(submission);
    return code;
}

bool referral_kept_again(struct referral_run *run, const char *what,
                         char ret_referral_id[CPTS_UUID_TEXT_BYTES], int *ret_code)
{
    struct referral_kept kept = {.run = run};
    struct cpts_bytes bytes = {0};
    char id[CPTS_UUID_TEXT_BYTES];
    const char *again = arguments_value(run->arguments, "again");
    cpts_uuid_format(run->command_id, id);
    if (again != NULL)
        snprintf(kept.path, sizeof kept.path, "%s", again);
    else if (!arguments_has(run->arguments, "command-id") || !place(run, id, kept.path))
        return false;
    if (!durable_file_read(kept.path, KEPT_BYTES_MAX, &bytes)) {
        if (again != NULL)
            fprintf(stderr, "cptsctl: %s: %s\n", kept.path, strerror(errno));
        *ret_code = EXIT_CODE_ERROR;
        return again != NULL;
    }
    *ret_code = send_again(&kept, &bytes, what, ret_referral_id);
    durable_file_wipe(&bytes);
    return true;
}
