/* SPDX-License-Identifier: Apache-2.0 */
/* ExchangeIdentities: who of a region may call at its node. */
#include <cpts/identity.h>
#include <cpts/v1/federation.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define ARENA_BYTES ((size_t)1024 * 1024)

static void take_lists(const Cpts__V1__ExchangeIdentitiesResponse *from,
                       struct cpts_identity_role *roles, struct cpts_revocation *revoked)
{
    for (size_t i = 0; i < from->n_roles; i++)
        roles[i] = (struct cpts_identity_role){.principal = from->roles[i]->principal,
                                               .role = from->roles[i]->role,
                                               .scope = from->roles[i]->scope,
                                               .valid_from = from->roles[i]->valid_from,
                                               .valid_to = from->roles[i]->valid_to};
    for (size_t i = 0; i < from->n_revoked; i++)
        revoked[i] = (struct cpts_revocation){.serial = from->revoked[i]->serial,
                                              .principal = from->revoked[i]->principal,
                                              .reason = from->revoked[i]->reason};
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ExchangeIdentitiesResponse *from =
        (const Cpts__V1__ExchangeIdentitiesResponse *)answer->message;
    struct cpts_identity_role *roles =
        arena_alloc(answer->arena, (from->n_roles + 1) * sizeof *roles);
    struct cpts_revocation *revoked =
        arena_alloc(answer->arena, (from->n_revoked + 1) * sizeof *revoked);
    if (roles == NULL || revoked == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    if (from->hash.len != CPTS_IDENTITIES_HASH_BYTES)
        return error_set(err, REASON_INTERNAL_ERROR, "the answer has no hash");
    take_lists(from, roles, revoked);
    *(struct cpts_identities *)answer->result =
        (struct cpts_identities){.hash = from->hash.data,
                                 .is_unchanged = from->unchanged,
                                 .roles = roles,
                                 .role_count = from->n_roles,
                                 .revoked = revoked,
                                 .revoked_count = from->n_revoked,
                                 .refused_count = from->refused_count,
                                 .message = from};
    return CPTS_OK;
}

static void deliver(const struct completion *completion)
{
    ((cpts_identities_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

/* The revocations as messages, in the arena. */
static bool fill_revoked(struct arena *arena, const struct cpts_identities_question *question,
                         Cpts__V1__ExchangeIdentitiesRequest *request)
{
    size_t count = question->revoked_count;
    Cpts__V1__RevokedCertificate *made = arena_alloc(arena, (count + 1) * sizeof *made);
    request->revoked = arena_alloc(arena, (count + 1) * sizeof *request->revoked);
    if (made == NULL || request->revoked == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        made[i] = (Cpts__V1__RevokedCertificate)CPTS__V1__REVOKED_CERTIFICATE__INIT;
        made[i].serial = cpts_convert__text(question->revoked[i].serial);
        made[i].principal = cpts_convert__text(question->revoked[i].principal);
        made[i].reason = cpts_convert__text(question->revoked[i].reason);
        request->revoked[i] = &made[i];
    }
    request->n_revoked = count;
    return true;
}

static cpts_status ask(cpts_client *client, const struct cpts_identities_question *question,
                       const struct launch *launch, struct cpts_error *err)
{
    struct cpts_identities_question own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, question, err);
    if (status != CPTS_OK)
        return status;
    if (own.revoked_count > CPTS_REVOCATIONS_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "revoked", "at most %d",
                               CPTS_REVOCATIONS_MAX);
    Cpts__V1__ExchangeIdentitiesRequest request = CPTS__V1__EXCHANGE_IDENTITIES_REQUEST__INIT;
    struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL || !fill_revoked(arena, &own, &request)) {
        arena_free(arena);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the question");
    }
    if (own.known_hash != NULL)
        request.known_hash =
            (ProtobufCBinaryData){CPTS_IDENTITIES_HASH_BYTES, (uint8_t *)(uintptr_t)own.known_hash};
    struct exchange exchange = {.operation = OPERATION_IDENTITIES_EXCHANGE,
                                .request = &request.base,
                                .response = &cpts__v1__exchange_identities_response__descriptor,
                                .result_bytes = sizeof(struct cpts_identities),
                                .take = take};
    status = cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_identities_exchange(cpts_client *client,
                                     const struct cpts_identities_question *question,
                                     int32_t timeout_ms, struct cpts_identities **ret_identities,
                                     struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = ask(client, question, &launch, err);
    if (status == CPTS_OK)
        *ret_identities = result;
    return status;
}

cpts_status cpts_identities_exchange_start(cpts_client *client,
                                           const struct cpts_identities_question *question,
                                           const struct cpts_async *async,
                                           cpts_identities_callback *callback, uint64_t *ret_call,
                                           struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return ask(client, question, &launch, err);
}

void cpts_identities_free(struct cpts_identities *identities)
{
    cpts_exchange__release(identities);
}
