/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/submission.h>
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "kept_command.h"
#include "referral_command.h"
#include "referral_rule.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Both ciphertexts, ten wraps, and what protobuf needs for them. */
#define SUBMISSION_ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define ID_COUNT_MAX CPTS_RECIPIENTS_MAX

/* A draft being sealed. */
struct sealing {
    const cpts_keystore *store;
    const struct cpts_referral_draft *draft;
    const struct cpts_key *keys;
    struct arena *arena;
    struct cpts_sealed *sealed;
    char referral_id[CPTS_UUID_TEXT_BYTES];
    char command_id[CPTS_UUID_TEXT_BYTES];
    char assignment_ids[ID_COUNT_MAX][CPTS_UUID_TEXT_BYTES];
};

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the submission");
}

static void mint(char ret_text[CPTS_UUID_TEXT_BYTES])
{
    uint8_t id[CPTS_UUID_BYTES];
    cpts_uuid_mint(id);
    cpts_uuid_format(id, ret_text);
}

static size_t recipient_count(const struct cpts_referral_draft *draft)
{
    return draft->destination_count + draft->candidate_count;
}

static cpts_status check_draft(const struct cpts_referral_draft *draft, struct cpts_error *err)
{
    struct cpts_referral_header header;
    uint8_t ignored[CPTS_UUID_BYTES];
    if (draft->header == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "header", "there is no header");
    if (draft->destination_count > CPTS_RECIPIENTS_MAX ||
        draft->candidate_count > CPTS_RECIPIENTS_MAX - draft->destination_count)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "destination_ids",
                               "more than %d destinations and candidates", CPTS_RECIPIENTS_MAX);
    if (draft->referral_id != NULL && !cpts_uuid_parse(draft->referral_id, ignored))
        return error_set_field(err, REASON_ARGUMENT_INVALID, "referral_id", "it is not a UUID");
    cpts_status status = cpts_exchange__adopt(&header, sizeof header, draft->header, err);
    return status == CPTS_OK ? cpts_referral__check_header(&header, err) : status;
}

static struct cpts_bytes pack(const ProtobufCMessage *message, struct arena *arena)
{
    size_t byte_count = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, byte_count + 1);
    if (bytes == NULL)
        return (struct cpts_bytes){0};
    return (struct cpts_bytes){.bytes = bytes,
                               .byte_count = protobuf_c_message_pack(message, bytes)};
}

/* Seals both parts and the keys of every recipient. */
static cpts_status seal(struct sealing *sealing, const Cpts__V1__ReferralHeader *header,
                        struct cpts_error *err)
{
    struct cpts_seal_recipient recipients[ID_COUNT_MAX];
    struct cpts_sealing wish = {.size = sizeof wish,
                                .referral_id = sealing->referral_id,
                                .header = pack(&header->base, sealing->arena),
                                .offer = sealing->draft->offer,
                                .content = sealing->draft->content,
                                .recipients = recipients,
                                .recipient_count = recipient_count(sealing->draft)};
    if (wish.header.bytes == NULL)
        return no_memory(err);
    for (size_t i = 0; i < wish.recipient_count; i++) {
        mint(sealing->assignment_ids[i]);
        recipients[i] = (struct cpts_seal_recipient){.assignment_id = sealing->assignment_ids[i],
                                                     .key = &sealing->keys[i]};
    }
    return cpts_referral_seal(sealing->store, &wish, &sealing->sealed, err);
}

static cpts_status set_recipients(const struct sealing *sealing, size_t first, size_t count,
                                  Cpts__V1__Recipient ***ret_list, struct cpts_error *err)
{
    struct cpts_sealed_recipient recipients[ID_COUNT_MAX];
    const struct cpts_referral_draft *draft = sealing->draft;
    for (size_t i = 0; i < count; i++) {
        size_t at = first + i;
        recipients[i] = (struct cpts_sealed_recipient){
            .cpts_id = at < draft->destination_count
                           ? draft->destination_ids[at]
                           : draft->candidate_ids[at - draft->destination_count],
            .assignment_id = sealing->assignment_ids[at],
            .wrap = sealing->sealed->wraps[at]};
    }
    return cpts_referral__recipients(recipients, count, sealing->arena, ret_list, err);
}

static cpts_status make_request(struct sealing *sealing, Cpts__V1__ReferralHeader *header,
                                struct cpts_submission **ret_submission, struct cpts_error *err)
{
    Cpts__V1__Actor actor;
    ProtobufCMessage *parts = NULL;
    const struct cpts_referral_draft *draft = sealing->draft;
    Cpts__V1__SubmitReferralRequest request = CPTS__V1__SUBMIT_REFERRAL_REQUEST__INIT;
    cpts_status status = cpts_referral__actor(draft->actor, &actor, err);
    if (status == CPTS_OK)
        status = cpts_referral__unpack(&cpts__v1__sealed_parts__descriptor, &sealing->sealed->parts,
                                       sealing->arena, &parts, err);
    if (status == CPTS_OK)
        status = set_recipients(sealing, 0, draft->destination_count, &request.destinations, err);
    if (status == CPTS_OK)
        status = set_recipients(sealing, draft->destination_count, draft->candidate_count,
                                &request.candidates, err);
    if (status != CPTS_OK)
        return status;
    request.command_id = sealing->command_id;
    request.referral_id = sealing->referral_id;
    request.header = header;
    request.parts = (Cpts__V1__SealedParts *)parts;
    request.n_destinations = draft->destination_count;
    request.n_candidates = draft->candidate_count;
    request.actor = &actor;
    return cpts_kept__make(OPERATION_REFERRAL_SUBMIT, &request.base, ret_submission, err);
}

cpts_status cpts_submission_seal(const cpts_keystore *store,
                                 const struct cpts_referral_draft *draft,
                                 const struct cpts_key *keys,
                                 struct cpts_submission **ret_submission, struct cpts_error *err)
{
    struct cpts_referral_draft own;
    struct sealing sealing = {.store = store, .draft = &own, .keys = keys};
    Cpts__V1__ReferralHeader *header = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, draft, err);
    if (status == CPTS_OK)
        status = check_draft(&own, err);
    if (status != CPTS_OK)
        return status;
    mint(sealing.command_id);
    mint(sealing.referral_id);
    if (own.referral_id != NULL)
        memcpy(sealing.referral_id, own.referral_id, sizeof sealing.referral_id);
    sealing.arena = arena_new(SUBMISSION_ARENA_BYTES);
    if (sealing.arena == NULL)
        return no_memory(err);
    status = cpts_referral__header(own.header, sealing.arena, &header, err);
    if (status == CPTS_OK)
        status = seal(&sealing, header, err);
    if (status == CPTS_OK)
        status = make_request(&sealing, header, ret_submission, err);
    cpts_sealed_free(sealing.sealed);
    arena_free(sealing.arena);
    return status;
}

cpts_status cpts_submission_read(struct cpts_bytes bytes, struct cpts_submission **ret_submission,
                                 struct cpts_error *err)
{
    struct arena *arena = NULL;
    const struct kept_kind *kind = NULL;
    ProtobufCMessage *request = NULL;
    error_clear(err);
    cpts_status status = cpts_kept__read(&bytes, &arena, &kind, &request, err);
    if (status != CPTS_OK)
        return status;
    status = cpts_kept__make(kind->operation, request, ret_submission, err);
    arena_free(arena);
    return status;
}

static cpts_status make_send(cpts_client *client, const struct cpts_submission *submission,
                             const struct launch *launch, struct cpts_error *err)
{
    struct arena *arena = NULL;
    const struct kept_kind *kind = NULL;
    ProtobufCMessage *request = NULL;
    error_clear(err);
    if (submission == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no submission");
    cpts_status status = cpts_kept__read(&submission->bytes, &arena, &kind, &request, err);
    if (status != CPTS_OK)
        return status;
    struct exchange exchange = {.operation = kind->operation,
                                .is_command = true,
                                .request = request,
                                .response = kind->response,
                                .result_bytes = sizeof(struct cpts_referral_outcome),
                                .take = cpts_referral__take_outcome};
    status = cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_submission_send(cpts_client *client, const struct cpts_submission *submission,
                                 int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_send(client, submission, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_submission_send_start(cpts_client *client,
                                       const struct cpts_submission *submission,
                                       const struct cpts_async *async,
                                       cpts_referral_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_send(client, submission, &launch, err);
}

/* Keys of all recipients; none without any. */
static cpts_status find_keys(cpts_client *client, const struct cpts_referral_draft *draft,
                             int32_t timeout_ms, struct cpts_keys **ret_keys,
                             struct cpts_error *err)
{
    struct cpts_key_question questions[ID_COUNT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < draft->destination_count; i++)
        questions[count++] = (struct cpts_key_question){.cpts_id = draft->destination_ids[i]};
    for (size_t i = 0; i < draft->candidate_count; i++)
        questions[count++] = (struct cpts_key_question){.cpts_id = draft->candidate_ids[i]};
    struct cpts_keys_query query = {
        .size = sizeof query, .questions = questions, .question_count = count};
    return count == 0 ? CPTS_OK : cpts_keys_get(client, &query, timeout_ms, ret_keys, err);
}

cpts_status cpts_referral_submit(cpts_client *client, const cpts_keystore *store,
                                 const struct cpts_referral_draft *draft, int32_t timeout_ms,
                                 struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_referral_draft own;
    struct cpts_keys *keys = NULL;
    struct cpts_submission *submission = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, draft, err);
    if (status == CPTS_OK)
        status = check_draft(&own, err);
    if (status == CPTS_OK)
        status = find_keys(client, &own, timeout_ms, &keys, err);
    if (status == CPTS_OK)
        status =
            cpts_submission_seal(store, &own, keys == NULL ? NULL : keys->keys, &submission, err);
    if (status == CPTS_OK && own.keep != NULL)
        status = own.keep(submission, own.keep_data, err);
    if (status == CPTS_OK)
        status = cpts_submission_send(client, submission, timeout_ms, ret_outcome, err);
    cpts_submission_free(submission);
    cpts_keys_free(keys);
    return status;
}

void cpts_submission_free(struct cpts_submission *submission)
{
    free(submission);
}
