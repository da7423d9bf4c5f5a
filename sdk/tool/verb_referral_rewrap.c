/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral rewrap: the keys sealed again for a side that cannot open them. */
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "input.h"
#include "key_input.h"
#include "referral_kept.h"
#include "verb_referral.h"

/* Whom it is sealed for, and with what it is opened. */
struct rewrapping {
    struct referral_run *run;
    struct referral_kept kept;
    /** Keys of the CPTS that merged into this one; NULL: the own ones open. */
    cpts_keystore *former;
    struct cpts_sealed_recipient recipient;
    struct referral_wrapping wrapping;
};

static int open_former(struct rewrapping *rewrapping)
{
    const struct arguments *words = rewrapping->run->arguments;
    const char *path = arguments_value(words, "former-store");
    char passphrase[KEY_PASSPHRASE_BYTES];
    struct cpts_error err;
    if (path == NULL)
        return EXIT_CODE_OK;
    int code = key_passphrase(rewrapping->run->session, words, "former-passphrase-file", false,
                              passphrase);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_keystore_open(path, passphrase, &rewrapping->former, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

/* The attempt named, else the one that waits for it, else the active one. */
static const struct cpts_assignment *find_attempt(const struct referral_run *run)
{
    const struct cpts_referral *seen = run->seen;
    for (size_t i = 0; run->assignment_id == NULL && i < seen->assignment_count; i++) {
        if (seen->assignments[i].to_rewrap)
            return &seen->assignments[i];
    }
    return cpts_referral_assignment(seen, run->assignment_id);
}

/* For the other side; with the keys of the CPTS that merged here, for oneself. */
static int aim(struct rewrapping *rewrapping)
{
    const struct cpts_referral *seen = rewrapping->run->seen;
    bool is_origin = seen->party == CPTS_PARTY_ORIGIN;
    bool is_for_origin = is_origin == (rewrapping->former != NULL);
    const struct cpts_assignment *attempt = find_attempt(rewrapping->run);
    if (is_for_origin) {
        rewrapping->recipient.assignment_id = "";
        rewrapping->recipient.cpts_id =
            seen->successor_id[0] == '\0' ? seen->header.origin_id : seen->successor_id;
        return EXIT_CODE_OK;
    }
    if (attempt == NULL) {
        fputs("cptsctl: ASSIGNMENT_NOT_FOUND: the referral has no such attempt\n", stderr);
        return EXIT_CODE_NOT_FOUND;
    }
    rewrapping->recipient.assignment_id = attempt->id;
    rewrapping->recipient.cpts_id = attempt->destination_id;
    return EXIT_CODE_OK;
}

static int send_new(struct rewrapping *rewrapping)
{
    struct cpts_error err;
    struct cpts_referral_outcome *outcome = NULL;
    struct referral_run *run = rewrapping->run;
    int code = referral_run_see(run);
    if (code == EXIT_CODE_OK)
        code = referral_run_unlock(run);
    if (code == EXIT_CODE_OK)
        code = open_former(rewrapping);
    if (code == EXIT_CODE_OK)
        code = aim(rewrapping);
    if (code != EXIT_CODE_OK)
        return code;
    struct cpts_referral_turn turn = {.size = sizeof turn,
                                      .actor = &run->actor,
                                      .seen = run->seen,
                                      .expected_version = run->version,
                                      .recipients = &rewrapping->recipient,
                                      .recipient_count = 1,
                                      .keep = referral_kept_keep,
                                      .keep_data = &rewrapping->kept};
    rewrapping->wrapping = (struct referral_wrapping){.run = run,
                                                      .former = rewrapping->former,
                                                      .recipients = &rewrapping->recipient,
                                                      .recipient_count = 1};
    cpts_status status = verb_referral_wrap(&rewrapping->wrapping, &turn, &err);
    if (status == CPTS_OK)
        status =
            cpts_referral_rewrap(run->session->client, &turn, run->command_id, 0, &outcome, &err);
    return referral_kept_finish(&rewrapping->kept, status, "Sealed again", outcome, &err);
}

int verb_referral_rewrap(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct rewrapping rewrapping = {.run = &run, .kept = {.run = &run}};
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK && !referral_kept_again(&run, "Sealed again", NULL, &code))
        code = send_new(&rewrapping);
    verb_referral_wrap_end(&rewrapping.wrapping);
    cpts_keystore_close(rewrapping.former);
    referral_run_end(&run);
    return code;
}
