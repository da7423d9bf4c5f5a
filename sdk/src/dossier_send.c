/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/lifecycle_async.h>
#include <cpts/v1/lifecycle.pb-c.h>
#include <google/protobuf/field_mask.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/digest.h"

#define IDENTITY_FIELDS 7

/* The fields that every command about a CPTS begins with. */
#define AIM(request, command, from)                                                                \
    (request).command_id = (char *)(command)->id;                                                  \
    (request).id = cpts_convert__text((from)->id);                                                 \
    (request).expected_version = (from)->expected_version

static void mask_add(Google__Protobuf__FieldMask *mask, const char *path, const char *value,
                     char **ret_field)
{
    if (value == NULL)
        return;
    mask->paths[mask->n_paths++] = (char *)path;
    *ret_field = (char *)value;
}

static const struct exchange IDENTITY = {.operation = OPERATION_LIFECYCLE_UPDATE_IDENTITY,
                                         .response =
                                             &cpts__v1__update_identity_response__descriptor};

static cpts_status update_identity_in(const struct command_call *command,
                                      const struct cpts_identity_change *change,
                                      struct cpts_error *err)
{
    char *paths[IDENTITY_FIELDS];
    const struct cpts_identity *from = &change->identity;
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    Cpts__V1__Identity identity = CPTS__V1__IDENTITY__INIT;
    Cpts__V1__UpdateIdentityRequest request = CPTS__V1__UPDATE_IDENTITY_REQUEST__INIT;
    AIM(request, command, change);
    mask.paths = paths;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.update_mask = &mask;
    request.identity = &identity;
    mask_add(&mask, "legal_form", from->legal_form, &identity.legal_form);
    mask_add(&mask, "statuts_on", from->statuts_on, &identity.statuts_on);
    mask_add(&mask, "rna", from->rna, &identity.rna);
    mask_add(&mask, "siret", from->siret, &identity.siret);
    mask_add(&mask, "nature", from->nature, &identity.nature);
    mask_add(&mask, "origin", from->origin, &identity.origin);
    mask_add(&mask, "ambition", from->ambition, &identity.ambition);
    return cpts_command__make(command, &IDENTITY, &request.base, err);
}

static cpts_status make_update_identity(cpts_client *client,
                                        const struct cpts_identity_change *change,
                                        uint8_t *command_id, const struct launch *launch,
                                        struct cpts_error *err)
{
    struct cpts_identity_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = update_identity_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_update_identity(cpts_client *client,
                                           const struct cpts_identity_change *change,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_update_identity(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_update_identity_start(cpts_client *client,
                                                 const struct cpts_identity_change *change,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_update_identity(client, change, command_id, &launch, err);
}

static const struct exchange DOCUMENT = {.operation = OPERATION_LIFECYCLE_RECORD_DOCUMENT,
                                         .response =
                                             &cpts__v1__record_document_response__descriptor};

static cpts_status record_document_in(const struct command_call *command,
                                      const struct cpts_document_record *record,
                                      struct cpts_error *err)
{
    Cpts__V1__RecordDocumentRequest request = CPTS__V1__RECORD_DOCUMENT_REQUEST__INIT;
    AIM(request, command, record);
    request.kind = cpts_convert__text(record->kind);
    request.title = cpts_convert__text(record->title);
    request.sha256 = (ProtobufCBinaryData){DIGEST_BYTES, (uint8_t *)record->sha256};
    request.reference = cpts_convert__text(record->reference);
    request.dated_on = cpts_convert__text(record->dated_on);
    return cpts_command__make(command, &DOCUMENT, &request.base, err);
}

static cpts_status make_record_document(cpts_client *client,
                                        const struct cpts_document_record *record,
                                        uint8_t *command_id, const struct launch *launch,
                                        struct cpts_error *err)
{
    struct cpts_document_record own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, record, err);
    if (status == CPTS_OK)
        status = record_document_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_record_document(cpts_client *client,
                                           const struct cpts_document_record *record,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record_document(client, record, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_record_document_start(cpts_client *client,
                                                 const struct cpts_document_record *record,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record_document(client, record, command_id, &launch, err);
}

static const struct exchange MILESTONE = {.operation = OPERATION_LIFECYCLE_RECORD_MILESTONE,
                                          .response =
                                              &cpts__v1__record_milestone_response__descriptor};

static cpts_status record_milestone_in(const struct command_call *command,
                                       const struct cpts_milestone_record *record,
                                       struct cpts_error *err)
{
    Cpts__V1__RecordMilestoneRequest request = CPTS__V1__RECORD_MILESTONE_REQUEST__INIT;
    AIM(request, command, record);
    request.kind = cpts_convert__text(record->kind);
    request.effective_on = cpts_convert__text(record->effective_on);
    request.note = cpts_convert__text(record->note);
    request.document_ids = (char **)record->document_ids.texts;
    request.n_document_ids = record->document_ids.count;
    return cpts_command__make(command, &MILESTONE, &request.base, err);
}

static cpts_status make_record_milestone(cpts_client *client,
                                         const struct cpts_milestone_record *record,
                                         uint8_t *command_id, const struct launch *launch,
                                         struct cpts_error *err)
{
    struct cpts_milestone_record own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, record, err);
    if (status == CPTS_OK)
        status = record_milestone_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_record_milestone(cpts_client *client,
                                            const struct cpts_milestone_record *record,
                                            uint8_t *command_id, int32_t timeout_ms,
                                            struct cpts_outcome **ret_outcome,
                                            struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record_milestone(client, record, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_record_milestone_start(cpts_client *client,
                                                  const struct cpts_milestone_record *record,
                                                  uint8_t *command_id,
                                                  const struct cpts_async *async,
                                                  cpts_outcome_callback *callback,
                                                  uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record_milestone(client, record, command_id, &launch, err);
}

static const struct exchange FILING = {.operation = OPERATION_LIFECYCLE_RECORD_FILING,
                                       .response = &cpts__v1__record_filing_response__descriptor};

static cpts_status record_filing_in(const struct command_call *command,
                                    const struct cpts_filing_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordFilingRequest request = CPTS__V1__RECORD_FILING_REQUEST__INIT;
    AIM(request, command, change);
    request.filing_id = cpts_convert__text(change->filing_id);
    request.target = (Cpts__V1__Stage)change->target;
    request.state = (Cpts__V1__FilingState)change->state;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.document_ids = (char **)change->document_ids.texts;
    request.n_document_ids = change->document_ids.count;
    request.documents_unchanged = change->documents_unchanged;
    return cpts_command__make(command, &FILING, &request.base, err);
}

static cpts_status make_record_filing(cpts_client *client, const struct cpts_filing_change *change,
                                      uint8_t *command_id, const struct launch *launch,
                                      struct cpts_error *err)
{
    struct cpts_filing_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = record_filing_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_record_filing(cpts_client *client,
                                         const struct cpts_filing_change *change,
                                         uint8_t *command_id, int32_t timeout_ms,
                                         struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record_filing(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_record_filing_start(cpts_client *client,
                                               const struct cpts_filing_change *change,
                                               uint8_t *command_id, const struct cpts_async *async,
                                               cpts_outcome_callback *callback, uint64_t *ret_call,
                                               struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record_filing(client, change, command_id, &launch, err);
}

static const struct exchange EVIDENCE = {.operation = OPERATION_LIFECYCLE_RECORD_EVIDENCE,
                                         .response =
                                             &cpts__v1__record_evidence_response__descriptor};

static cpts_status record_evidence_in(const struct command_call *command,
                                      const struct cpts_evidence_change *change,
                                      struct cpts_error *err)
{
    Cpts__V1__RecordEvidenceRequest request = CPTS__V1__RECORD_EVIDENCE_REQUEST__INIT;
    AIM(request, command, change);
    request.stage = (Cpts__V1__Stage)change->stage;
    request.document_ids = (char **)change->document_ids.texts;
    request.n_document_ids = change->document_ids.count;
    return cpts_command__make(command, &EVIDENCE, &request.base, err);
}

static cpts_status make_record_evidence(cpts_client *client,
                                        const struct cpts_evidence_change *change,
                                        uint8_t *command_id, const struct launch *launch,
                                        struct cpts_error *err)
{
    struct cpts_evidence_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = record_evidence_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_record_evidence(cpts_client *client,
                                           const struct cpts_evidence_change *change,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record_evidence(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_record_evidence_start(cpts_client *client,
                                                 const struct cpts_evidence_change *change,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record_evidence(client, change, command_id, &launch, err);
}

static const struct exchange MERGE = {.operation = OPERATION_LIFECYCLE_MERGE,
                                      .response = &cpts__v1__merge_cpts_response__descriptor};

static cpts_status merge_in(const struct command_call *command, const struct cpts_merge *merge,
                            struct cpts_error *err)
{
    Cpts__V1__MergeCptsRequest request = CPTS__V1__MERGE_CPTS_REQUEST__INIT;
    AIM(request, command, merge);
    request.successor_id = cpts_convert__text(merge->successor_id);
    request.successor_version = merge->successor_version;
    request.effective_on = cpts_convert__text(merge->effective_on);
    request.basis = (Cpts__V1__StageBasis)merge->basis;
    request.document_ids = (char **)merge->document_ids.texts;
    request.n_document_ids = merge->document_ids.count;
    return cpts_command__make(command, &MERGE, &request.base, err);
}

static cpts_status make_merge(cpts_client *client, const struct cpts_merge *merge,
                              uint8_t *command_id, const struct launch *launch,
                              struct cpts_error *err)
{
    struct cpts_merge own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, merge, err);
    if (status == CPTS_OK)
        status = merge_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_merge(cpts_client *client, const struct cpts_merge *merge,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_merge(client, merge, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_merge_start(cpts_client *client, const struct cpts_merge *merge,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_merge(client, merge, command_id, &launch, err);
}

static const struct exchange PUBLICATION = {.operation = OPERATION_LIFECYCLE_SET_PUBLICATION,
                                            .response =
                                                &cpts__v1__set_publication_response__descriptor};

static cpts_status set_publication_in(const struct command_call *command,
                                      const struct cpts_publication_change *change,
                                      struct cpts_error *err)
{
    Cpts__V1__SetPublicationRequest request = CPTS__V1__SET_PUBLICATION_REQUEST__INIT;
    AIM(request, command, change);
    if (change->publication != CPTS_PUBLICATION_BY_STAGE) {
        request._published_case = CPTS__V1__SET_PUBLICATION_REQUEST___PUBLISHED_PUBLISHED;
        request.published = change->publication == CPTS_PUBLICATION_YES;
    }
    return cpts_command__make(command, &PUBLICATION, &request.base, err);
}

static cpts_status make_set_publication(cpts_client *client,
                                        const struct cpts_publication_change *change,
                                        uint8_t *command_id, const struct launch *launch,
                                        struct cpts_error *err)
{
    struct cpts_publication_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = set_publication_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lifecycle_set_publication(cpts_client *client,
                                           const struct cpts_publication_change *change,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_set_publication(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lifecycle_set_publication_start(cpts_client *client,
                                                 const struct cpts_publication_change *change,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_set_publication(client, change, command_id, &launch, err);
}
