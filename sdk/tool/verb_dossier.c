/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl lifecycle: what changes a dossier. */
#include <cpts/dossier.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "deed.h"
#include "failure.h"
#include "input.h"
#include "session.h"

#define SHA256_BYTES 32

int verb_lifecycle_identity(struct session *session, const struct arguments *arguments)
{
    struct cpts_identity_change change = {
        .size = sizeof change,
        .identity = {.legal_form = arguments_value(arguments, "legal-form"),
                     .statuts_on = arguments_value(arguments, "statuts-on"),
                     .rna = arguments_value(arguments, "rna"),
                     .siret = arguments_value(arguments, "siret"),
                     .nature = arguments_value(arguments, "nature"),
                     .origin = arguments_value(arguments, "origin"),
                     .ambition = arguments_value(arguments, "ambition")}};
    struct deed deed = {.what = "Updated the identity of"};
    struct cpts_error err;
    int code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_lifecycle_update_identity(session->client, &change, deed.command_id,
                                                        0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

/* 64 hexadecimal digits, as sha256sum prints them. */
static int read_sha256(const struct arguments *arguments, uint8_t ret_sha256[SHA256_BYTES])
{
    const char *text = arguments_value(arguments, "sha256");
    if (text == NULL)
        return deed_missing(arguments, "sha256");
    bool is_hex = strlen(text) == (size_t)2 * SHA256_BYTES &&
                  strspn(text, "0123456789abcdefABCDEF") == (size_t)2 * SHA256_BYTES;
    if (!is_hex)
        return usage_error(arguments->command,
                           "--sha256 is not 64 hexadecimal digits: sha256sum FILE prints them");
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        ret_sha256[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return EXIT_CODE_OK;
}

int verb_lifecycle_document(struct session *session, const struct arguments *arguments)
{
    struct cpts_document_record record = {.size = sizeof record,
                                          .kind = arguments->operands[1],
                                          .title = arguments_value(arguments, "title"),
                                          .reference = arguments_value(arguments, "reference")};
    struct deed deed = {.what = "Recorded a document of", .makes_id = true};
    struct cpts_error err;
    int code = record.title == NULL ? deed_missing(arguments, "title") : EXIT_CODE_OK;
    if (code == EXIT_CODE_OK)
        code = read_sha256(arguments, record.sha256);
    if (code == EXIT_CODE_OK)
        code = deed_date(arguments, &record.dated_on);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &record.id, &record.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_lifecycle_record_document(session->client, &record, deed.command_id,
                                                        0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_lifecycle_milestone(struct session *session, const struct arguments *arguments)
{
    const char *documents[DEED_DOCUMENTS_MAX];
    struct cpts_milestone_record record = {.size = sizeof record,
                                           .kind = arguments->operands[1],
                                           .note = arguments_value(arguments, "note"),
                                           .document_ids = {.texts = documents}};
    struct deed deed = {.what = "Recorded a milestone of"};
    struct cpts_error err;
    int code = deed_date(arguments, &record.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_documents(arguments, documents, &record.document_ids.count);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &record.id, &record.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_lifecycle_record_milestone(session->client, &record, deed.command_id,
                                                         0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_lifecycle_file(struct session *session, const struct arguments *arguments)
{
    const char *documents[DEED_DOCUMENTS_MAX];
    uint8_t filing[CPTS_UUID_BYTES];
    struct cpts_filing_change change = {.size = sizeof change,
                                        .filing_id = arguments_value(arguments, "filing"),
                                        .document_ids = {.texts = documents}};
    struct deed deed = {.what = "Recorded a filing of", .makes_id = true};
    struct cpts_error err;
    const char *state = arguments->operands[2];
    int code = input_stage(arguments->command, "TARGET", arguments->operands[1], &change.target);
    if (code == EXIT_CODE_OK && !cpts_filing_state_parse(state, &change.state))
        code = usage_error(arguments->command,
                           "STATE: \"%s\" is none of DRAFT, FILED, COMPLETE, DECIDED, WITHDRAWN",
                           state);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "filing", filing);
    if (code == EXIT_CODE_OK)
        code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_documents(arguments, documents, &change.document_ids.count);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    change.documents_unchanged = change.filing_id != NULL && change.document_ids.count == 0;
    cpts_status status = cpts_lifecycle_record_filing(session->client, &change, deed.command_id, 0,
                                                      &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_lifecycle_decide(struct session *session, const struct arguments *arguments)
{
    const char *documents[DEED_DOCUMENTS_MAX];
    bool is_tacit = arguments_has(arguments, "tacit");
    struct cpts_stage_change change = {.size = sizeof change,
                                       .document_ids = documents,
                                       .basis = is_tacit ? CPTS_STAGE_BASIS_TACIT
                                                         : CPTS_STAGE_BASIS_DECISION};
    struct deed deed = {.what = "Decided the stage of"};
    struct cpts_error err;
    int code = input_stage(arguments->command, "STAGE", arguments->operands[1], &change.stage);
    if (code == EXIT_CODE_OK)
        code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_documents(arguments, documents, &change.document_id_count);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_registry_record_stage(session->client, &change, deed.command_id, 0,
                                                    &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_lifecycle_evidence(struct session *session, const struct arguments *arguments)
{
    const char *documents[DEED_DOCUMENTS_MAX];
    struct cpts_evidence_change change = {.size = sizeof change,
                                          .document_ids = {.texts = documents}};
    struct deed deed = {.what = "Added evidence to"};
    struct cpts_error err;
    int code = input_stage(arguments->command, "STAGE", arguments->operands[1], &change.stage);
    if (code == EXIT_CODE_OK)
        code = deed_documents(arguments, documents, &change.document_ids.count);
    if (code == EXIT_CODE_OK && change.document_ids.count == 0)
        code = deed_missing(arguments, "document");
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_lifecycle_record_evidence(session->client, &change, deed.command_id,
                                                        0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

/* --successor-version, or the version the node has now. */
static int successor_version(struct session *session, const struct arguments *arguments,
                             const char *id, int32_t *ret_version)
{
    struct cpts_record *record = NULL;
    struct cpts_error err;
    if (arguments_has(arguments, "successor-version"))
        return input_number(arguments, "successor-version", 1, INT32_MAX, ret_version);
    if (arguments_has(arguments, "command-id"))
        return deed_missing(arguments, "successor-version");
    if (cpts_registry_get(session->client, id, NULL, 0, &record, &err) != CPTS_OK)
        return failure_print(&err);
    *ret_version = record->version;
    cpts_record_free(record);
    return EXIT_CODE_OK;
}

int verb_lifecycle_merge(struct session *session, const struct arguments *arguments)
{
    const char *documents[DEED_DOCUMENTS_MAX];
    struct cpts_merge merge = {.size = sizeof merge, .document_ids = {.texts = documents}};
    struct deed deed = {.what = "Merged"};
    struct cpts_error err;
    int code = input_id(arguments, 1, &merge.successor_id);
    if (code == EXIT_CODE_OK)
        code = deed_date(arguments, &merge.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_documents(arguments, documents, &merge.document_ids.count);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &merge.id, &merge.expected_version);
    if (code == EXIT_CODE_OK)
        code = successor_version(session, arguments, merge.successor_id, &merge.successor_version);
    if (code != EXIT_CODE_OK)
        return code;
    merge.basis =
        merge.document_ids.count > 0 ? CPTS_STAGE_BASIS_DECISION : CPTS_STAGE_BASIS_HISTORY;
    cpts_status status =
        cpts_lifecycle_merge(session->client, &merge, deed.command_id, 0, &deed.outcome, &err);
    if (status == CPTS_OK && !session->is_quiet)
        fprintf(stderr, "the successor is at version %d and took over %d units\n",
                deed.outcome->successor_version, deed.outcome->unit_count);
    return deed_finish(session, status, &deed, &err);
}

int verb_lifecycle_publish(struct session *session, const struct arguments *arguments)
{
    static const char *const WORDS[] = {"by-stage", "yes", "no"};
    struct cpts_publication_change change = {.size = sizeof change};
    struct deed deed = {.what = "Set the publication of"};
    struct cpts_error err;
    size_t word = 0;
    while (word < sizeof WORDS / sizeof WORDS[0] &&
           strcasecmp(arguments->operands[1], WORDS[word]) != 0)
        word++;
    if (word == sizeof WORDS / sizeof WORDS[0])
        return usage_error(arguments->command, "\"%s\" is none of yes, no, by-stage",
                           arguments->operands[1]);
    change.publication = (enum cpts_publication)word;
    int code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_lifecycle_set_publication(session->client, &change, deed.command_id,
                                                        0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}
