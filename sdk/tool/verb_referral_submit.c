/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral submit: seal, keep, send; or send again what was kept. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "durable_file.h"
#include "failure.h"
#include "input.h"
#include "referral_attach.h"
#include "referral_kept.h"
#include "verb_referral.h"

/* A referral being put together. */
struct submitting {
    struct referral_run *run;
    struct cpts_referral_header header;
    struct cpts_consent consent;
    struct cpts_bytes offer;
    struct cpts_bytes content;
    const char *destinations[CPTS_RECIPIENTS_MAX];
    const char *candidates[CPTS_RECIPIENTS_MAX];
    char referral_id[CPTS_UUID_TEXT_BYTES];
    struct referral_kept kept;
};

static int read_codes(struct submitting *submitting)
{
    const struct arguments *words = submitting->run->arguments;
    struct cpts_referral_header *header = &submitting->header;
    const char *use_case = arguments_value(words, "use-case");
    const char *urgency = arguments_value(words, "urgency");
    const char *basis = arguments_value(words, "legal-basis");
    if (use_case == NULL || urgency == NULL)
        return usage_error(words->command, "--%s is missing",
                           use_case == NULL ? "use-case" : "urgency");
    if (!cpts_use_case_parse(use_case, &header->use_case))
        return usage_error(words->command,
                           "--use-case %s is none of snp, medecin-traitant, parcours", use_case);
    if (!cpts_urgency_parse(urgency, &header->urgency))
        return usage_error(words->command, "--urgency %s is none of within-24h, priority, routine",
                           urgency);
    if (basis != NULL && !cpts_legal_basis_parse(basis, &header->legal_basis))
        return usage_error(words->command, "--legal-basis %s is none of echange, partage", basis);
    return EXIT_CODE_OK;
}

static int read_header(struct submitting *submitting)
{
    const struct arguments *words = submitting->run->arguments;
    struct cpts_referral_header *header = &submitting->header;
    int code = read_codes(submitting);
    if (code != EXIT_CODE_OK)
        return code;
    header->size = sizeof *header;
    header->profession = arguments_value(words, "profession");
    header->speciality = arguments_value(words, "speciality");
    header->unit_code = arguments_value(words, "unit");
    header->requester_finess = arguments_value(words, "finess");
    header->pathway_id = arguments_value(words, "pathway");
    header->pathway_step = arguments_value(words, "step");
    submitting->consent = (struct cpts_consent){.given_by = arguments_value(words, "consent-by"),
                                                .given_on = arguments_value(words, "consent-on"),
                                                .form = arguments_value(words, "consent-form"),
                                                .scope = arguments_value(words, "consent-scope")};
    if (submitting->consent.given_by != NULL)
        header->consent = &submitting->consent;
    if (header->unit_code == NULL)
        return usage_error(words->command, "--unit is missing");
    return EXIT_CODE_OK;
}

static int read_part(const struct arguments *words, const char *option, size_t byte_count_max,
                     struct cpts_bytes *ret_bytes)
{
    const char *path = arguments_value(words, option);
    if (path == NULL)
        return usage_error(words->command, "--%s is missing", option);
    if (durable_file_read(path, byte_count_max, ret_bytes))
        return EXIT_CODE_OK;
    if (errno == EFBIG)
        fprintf(stderr, "cptsctl: CONTENT_TOO_LARGE: %s has more than %zu bytes\n", path,
                byte_count_max);
    else
        fprintf(stderr, "cptsctl: %s: %s\n", path, strerror(errno));
    return EXIT_CODE_ERROR;
}

static int read_recipients(const struct arguments *words, const char *option, const char **ret_ids)
{
    uint8_t ignored[CPTS_UUID_BYTES];
    size_t count = arguments_count(words, option);
    if (count > CPTS_RECIPIENTS_MAX)
        return usage_error(words->command, "more than %d times --%s", CPTS_RECIPIENTS_MAX, option);
    for (size_t i = 0; i < count; i++) {
        ret_ids[i] = arguments_nth(words, option, i);
        if (!cpts_uuid_parse(ret_ids[i], ignored))
            return usage_error(words->command,
                               "--%s %s is not an id: cptsctl referral find lists them", option,
                               ret_ids[i]);
    }
    return EXIT_CODE_OK;
}

static int send_new(struct submitting *submitting)
{
    struct cpts_error err;
    struct cpts_text *content = NULL;
    struct cpts_referral_outcome *outcome = NULL;
    struct referral_run *run = submitting->run;
    uint8_t id[CPTS_UUID_BYTES];
    cpts_uuid_mint(id);
    cpts_uuid_format(id, submitting->referral_id);
    submitting->header.origin_id = cpts_keystore_owner(run->store);
    int code = referral_attach_mention(run, submitting->referral_id, submitting->content, &content);
    if (code != EXIT_CODE_OK)
        return code;
    struct cpts_referral_draft draft = {.size = sizeof draft,
                                        .actor = &run->actor,
                                        .header = &submitting->header,
                                        .referral_id = submitting->referral_id,
                                        .offer = submitting->offer,
                                        .content = content->bytes,
                                        .destination_ids = submitting->destinations,
                                        .destination_count = arguments_count(run->arguments, "to"),
                                        .candidate_ids = submitting->candidates,
                                        .candidate_count = arguments_count(run->arguments, "then"),
                                        .keep = referral_kept_keep,
                                        .keep_data = &submitting->kept};
    cpts_status status =
        cpts_referral_submit(run->session->client, run->store, &draft, 0, &outcome, &err);
    cpts_text_free(content);
    code = referral_kept_finish(&submitting->kept, status, "Submitted", outcome, &err);
    return code == EXIT_CODE_OK ? referral_attach_upload(run, submitting->referral_id) : code;
}

static int submit_new(struct submitting *submitting)
{
    const struct arguments *words = submitting->run->arguments;
    int code = read_header(submitting);
    if (code == EXIT_CODE_OK)
        code = read_recipients(words, "to", submitting->destinations);
    if (code == EXIT_CODE_OK)
        code = read_recipients(words, "then", submitting->candidates);
    if (code == EXIT_CODE_OK)
        code = read_part(words, "offer", CPTS_OFFER_BYTES_MAX, &submitting->offer);
    if (code == EXIT_CODE_OK)
        code = read_part(words, "content", CPTS_CONTENT_BYTES_MAX, &submitting->content);
    if (code == EXIT_CODE_OK)
        code = referral_run_unlock(submitting->run);
    if (code == EXIT_CODE_OK)
        code = send_new(submitting);
    durable_file_wipe(&submitting->offer);
    durable_file_wipe(&submitting->content);
    return code;
}

int verb_referral_submit(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    struct submitting submitting = {.run = &run, .kept = {.run = &run}};
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK &&
        referral_kept_again(&run, "Submitted", submitting.referral_id, &code))
        code = code == EXIT_CODE_OK ? referral_attach_upload(&run, submitting.referral_id) : code;
    else if (code == EXIT_CODE_OK)
        code = submit_new(&submitting);
    referral_run_end(&run);
    return code;
}
