/* SPDX-License-Identifier: Apache-2.0 */
/* Refers a need to another CPTS. What is sealed is kept before it is sent. */
#include <cpts/submission.h>
#include <stdio.h>
#include <string.h>

static const struct cpts_actor ACTOR = {
    .size = sizeof ACTOR, .function = "coordination", .purpose = CPTS_PURPOSE_COORDINATION};

static struct cpts_bytes text(const char *from)
{
    return (struct cpts_bytes){(const uint8_t *)from, strlen(from)};
}

/* To be sent again after a lost answer: cpts_submission_read(), then _send(). */
static cpts_status keep(const struct cpts_submission *submission, void *data,
                        struct cpts_error *err)
{
    FILE *file = fopen(data, "wb");
    snprintf(err->reason, sizeof err->reason, "NOT_KEPT");
    if (file != NULL) {
        size_t count = fwrite(submission->bytes.bytes, submission->bytes.byte_count, 1, file);
        return fclose(file) == 0 && count == 1 ? CPTS_OK : CPTS_FAILED_PRECONDITION;
    }
    return CPTS_FAILED_PRECONDITION; /* nothing is sent */
}

static cpts_status refer(cpts_client *client, const cpts_keystore *store, char **words,
                         struct cpts_error *err)
{
    struct cpts_referral_header header = {.size = sizeof header,
                                          .use_case = CPTS_USE_CASE_SNP,
                                          .urgency = CPTS_URGENCY_WITHIN_24H,
                                          .unit_code = words[0],
                                          .origin_id = cpts_keystore_owner(store),
                                          .legal_basis = CPTS_LEGAL_BASIS_ECHANGE};
    struct cpts_referral_draft draft = {.size = sizeof draft,
                                        .actor = &ACTOR,
                                        .header = &header,
                                        .offer = text("SYNTHETIC: a wound to be sutured today"),
                                        .content = text("SYNTHETIC: nobody who exists"),
                                        .destination_ids = (const char *const *)&words[1],
                                        .destination_count = 1,
                                        .keep = keep,
                                        .keep_data = words[2]};
    struct cpts_referral_outcome *outcome = NULL;
    cpts_status status = cpts_referral_submit(client, store, &draft, 0, &outcome, err);
    if (status == CPTS_OK)
        printf("%s %s\n", outcome->id, cpts_assignment_state_name(outcome->state));
    cpts_referral_outcome_free(outcome);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 11) {
        fputs("usage: refer HOST:PORT CA CERTIFICATE KEY ROOT STORE PASSPHRASE COMMUNE TO KEPT\n",
              stderr);
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4],
                                          .key_root_file = argv[5]};
    struct cpts_error err = {0};
    cpts_client *client = NULL;
    cpts_keystore *store = NULL;
    cpts_status status = cpts_client_open(&options, &client, &err);
    if (status == CPTS_OK)
        status = cpts_keystore_open(argv[6], argv[7], &store, &err);
    if (status == CPTS_OK)
        status = refer(client, store, &argv[8], &err);
    if (status != CPTS_OK)
        fprintf(stderr, "refer: %s: %s\n", err.reason, err.message);
    cpts_keystore_close(store);
    cpts_client_close(client, 0);
    return status == CPTS_OK ? 0 : 1;
}
