/* SPDX-License-Identifier: Apache-2.0 */
/* Submits one referral through an outbox and dies at the place named.
 *
 *   outbox_victim ADDRESS BOX FAILPOINT CA CERTIFICATE KEY
 *
 * Exit code: 0 when it lived to the end and the command was accepted. */
#include <cpts/outbox.h>
#include <cpts/submission.h>
#include <cpts/v1/referral.pb-c.h>
#include <fiu-control.h>
#include <fiu.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERRAL "0193f1a2-5a7e-7000-8000-2f3b5c1d9e40"
#define COMMAND "0193f1a2-5a7e-7000-8000-2f3b5c1d9e4f"
#define ARGUMENTS 7
#define TIMEOUT_MS 30000
/* What is kept of a submission begins so. */
#define METHOD "/cpts.v1.ReferralService/SubmitReferral\n"
#define FAILPOINT_BYTES 64

static cpts_status submit(cpts_client *client, struct cpts_error *err)
{
    uint8_t kept[256];
    struct cpts_submission *submission = NULL;
    struct cpts_referral_outcome *outcome = NULL;
    Cpts__V1__SubmitReferralRequest request = CPTS__V1__SUBMIT_REFERRAL_REQUEST__INIT;
    request.command_id = COMMAND;
    request.referral_id = REFERRAL;
    struct cpts_bytes bytes = {.bytes = kept, .byte_count = sizeof METHOD - 1};
    memcpy(kept, METHOD, bytes.byte_count);
    bytes.byte_count += cpts__v1__submit_referral_request__pack(&request, kept + bytes.byte_count);
    cpts_status status = cpts_submission_read(bytes, &submission, err);
    if (status == CPTS_OK)
        status = cpts_submission_send(client, submission, TIMEOUT_MS, &outcome, err);
    cpts_referral_outcome_free(outcome);
    cpts_submission_free(submission);
    return status;
}

// NOLINTNEXTLINE(readability-non-const-parameter): the type is libfiu's
static int die(const char *name, int *failnum, void **failinfo, unsigned int *flags)
{
    (void)name;
    (void)failnum;
    (void)failinfo;
    (void)flags;
    return raise(SIGKILL);
}

int main(int argc, char **argv)
{
    if (argc != ARGUMENTS)
        return 2;
    struct cpts_error error;
    cpts_outbox *outbox = NULL;
    cpts_client *client = NULL;
    char failpoint[FAILPOINT_BYTES];
    struct cpts_outbox_options box = {.size = sizeof box, .path = argv[2]};
    fiu_init(0);
    if (cpts_outbox_open(&box, &outbox, &error) != CPTS_OK)
        return 3;
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[4],
                                          .certificate_file = argv[5],
                                          .key_file = argv[6],
                                          .outbox = outbox};
    if (cpts_client_open(&options, &client, &error) != CPTS_OK)
        return 3;
    snprintf(failpoint, sizeof failpoint, "kill/%s", argv[3]);
    fiu_enable_external(failpoint, 1, NULL, 0, die);
    cpts_status status = submit(client, &error);
    cpts_client_close(client, 0);
    cpts_outbox_close(outbox);
    return status == CPTS_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
