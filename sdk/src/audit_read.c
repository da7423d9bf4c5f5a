/* SPDX-License-Identifier: Apache-2.0 */
/* ListAuditEntries, ListAuditLinks with what they prove, GetAuditHead. */
#include <cpts/audit.h>
#include <cpts/v1/audit.pb-c.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "referral_convert.h"
#include "wire/arena.h"
#include "wire/error.h"

#define HASH_BYTES 32
#define POSITION_BYTES 8

static struct cpts_audit_entry entry_of(const Cpts__V1__AuditEntry *from)
{
    static const Cpts__V1__Actor NOBODY = CPTS__V1__ACTOR__INIT;
    const Cpts__V1__Actor *actor = from->actor == NULL ? &NOBODY : from->actor;
    return (struct cpts_audit_entry){
        .chain = (enum cpts_audit_chain)from->chain,
        .position = from->position,
        .at_us = cpts_convert__instant_us(from->at),
        .principal = from->principal,
        .rpps = actor->rpps,
        .profession = actor->profession,
        .function = actor->function,
        .purpose = (int32_t)actor->purpose,
        .what = from->what,
        .referral_id = from->referral_id,
        .parts = (const char *const *)from->parts,
        .part_count = from->n_parts,
        .item_count = from->item_count,
        .version = from->version,
    };
}

static cpts_status take_entries(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_audit_entries *entries = answer->result;
    const Cpts__V1__ListAuditEntriesResponse *from =
        (const Cpts__V1__ListAuditEntriesResponse *)answer->message;
    struct cpts_audit_entry *own = arena_alloc(answer->arena, (from->n_entries + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_entries; i++)
        own[i] = entry_of(from->entries[i]);
    *entries = (struct cpts_audit_entries){.entries = own,
                                           .entry_count = from->n_entries,
                                           .next_page_token = from->next_page_token,
                                           .message = from};
    return CPTS_OK;
}

static void deliver_entries(const struct completion *completion)
{
    ((cpts_audit_entries_callback *)completion->callback)(completion->status, completion->result,
                                                          &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_audit_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_audit_query own;
    Cpts__V1__Actor actor;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListAuditEntriesRequest request = CPTS__V1__LIST_AUDIT_ENTRIES_REQUEST__INIT;
    request.referral_id = cpts_convert__text(own.referral_id);
    request.cpts_id = cpts_convert__text(own.cpts_id);
    request.chain = (Cpts__V1__AuditChain)own.chain;
    request.from = cpts_convert__text(own.from);
    request.to = cpts_convert__text(own.to);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.actor = &actor;
    struct exchange exchange = {.operation = OPERATION_AUDIT_ENTRIES,
                                .request = &request.base,
                                .response = &cpts__v1__list_audit_entries_response__descriptor,
                                .result_bytes = sizeof(struct cpts_audit_entries),
                                .take = take_entries};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_audit_list(cpts_client *client, const struct cpts_audit_query *query,
                            int32_t timeout_ms, struct cpts_audit_entries **ret_entries,
                            struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_entries = result;
    return status;
}

cpts_status cpts_audit_list_start(cpts_client *client, const struct cpts_audit_query *query,
                                  const struct cpts_async *async,
                                  cpts_audit_entries_callback *callback, uint64_t *ret_call,
                                  struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_entries, ret_call);
    return list(client, query, &launch, err);
}

/* Whether the link follows the proof, which it then extends. */
static bool follows(const Cpts__V1__AuditLink *link, struct cpts_audit_proof *proof)
{
    crypto_hash_sha256_state state;
    uint8_t position[POSITION_BYTES];
    uint8_t hash[HASH_BYTES];
    if (link->position != proof->position + 1 || link->prev_hash.len != HASH_BYTES ||
        link->hash.len != HASH_BYTES || memcmp(link->prev_hash.data, proof->hash, HASH_BYTES) != 0)
        return false;
    for (int i = 0; i < POSITION_BYTES; i++)
        position[i] = (uint8_t)((uint64_t)link->position >> (8 * (POSITION_BYTES - 1 - i)));
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, proof->hash, HASH_BYTES);
    crypto_hash_sha256_update(&state, position, sizeof position);
    crypto_hash_sha256_update(&state, link->bytes.data, link->bytes.len);
    crypto_hash_sha256_final(&state, hash);
    if (memcmp(hash, link->hash.data, HASH_BYTES) != 0)
        return false;
    proof->position = link->position;
    memcpy(proof->hash, hash, HASH_BYTES);
    return true;
}

static cpts_status broken_after(int64_t position, struct cpts_error *err)
{
    cpts_status status =
        error_set(err, REASON_AUDIT_CHAIN_BROKEN, "the chain does not hold at position %lld",
                  (long long)position + 1);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%lld", (long long)position + 1);
    return status;
}

static cpts_status take_links(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_audit_progress *progress = answer->result;
    const struct cpts_audit_proof *before = answer->context;
    const Cpts__V1__ListAuditLinksResponse *from =
        (const Cpts__V1__ListAuditLinksResponse *)answer->message;
    struct cpts_audit_proof proof = *before;
    for (size_t i = 0; i < from->n_links; i++) {
        if (!follows(from->links[i], &proof))
            return broken_after(proof.position, err);
    }
    *progress = (struct cpts_audit_progress){
        .proof = proof,
        .head_position = from->n_links == 0 ? proof.position : from->head_position,
        .link_count = (int32_t)from->n_links,
        .message = from};
    return CPTS_OK;
}

static void deliver_progress(const struct completion *completion)
{
    ((cpts_audit_progress_callback *)completion->callback)(completion->status, completion->result,
                                                           &completion->err, completion->data);
}

static cpts_status verify(cpts_client *client, enum cpts_audit_chain chain,
                          const struct cpts_audit_proof *proof, const struct launch *launch,
                          struct cpts_error *err)
{
    struct cpts_audit_proof before = {0};
    if (proof != NULL)
        before = *proof;
    error_clear(err);
    Cpts__V1__ListAuditLinksRequest request = CPTS__V1__LIST_AUDIT_LINKS_REQUEST__INIT;
    request.chain = (Cpts__V1__AuditChain)chain;
    request.after_position = before.position;
    struct exchange exchange = {.operation = OPERATION_AUDIT_LINKS,
                                .request = &request.base,
                                .response = &cpts__v1__list_audit_links_response__descriptor,
                                .result_bytes = sizeof(struct cpts_audit_progress),
                                .take = take_links,
                                .context = &before,
                                .context_bytes = sizeof before};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_audit_verify(cpts_client *client, enum cpts_audit_chain chain,
                              const struct cpts_audit_proof *proof, int32_t timeout_ms,
                              struct cpts_audit_progress **ret_progress, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = verify(client, chain, proof, &launch, err);
    if (status == CPTS_OK)
        *ret_progress = result;
    return status;
}

cpts_status cpts_audit_verify_start(cpts_client *client, enum cpts_audit_chain chain,
                                    const struct cpts_audit_proof *proof,
                                    const struct cpts_async *async,
                                    cpts_audit_progress_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_progress, ret_call);
    return verify(client, chain, proof, &launch, err);
}

static cpts_status take_heads(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_audit_heads *heads = answer->result;
    const Cpts__V1__GetAuditHeadResponse *from =
        (const Cpts__V1__GetAuditHeadResponse *)answer->message;
    struct cpts_audit_head *own = arena_alloc(answer->arena, (from->n_heads + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_heads; i++) {
        const Cpts__V1__AuditHead *head = from->heads[i];
        if (head->hash.len != HASH_BYTES)
            return error_set(err, REASON_INTERNAL_ERROR, "a hash of another length");
        own[i] = (struct cpts_audit_head){.chain = (enum cpts_audit_chain)head->chain,
                                          .origin_node = head->origin_node,
                                          .proof = {.position = head->position},
                                          .at_us = cpts_convert__instant_us(head->at)};
        memcpy(own[i].proof.hash, head->hash.data, HASH_BYTES);
    }
    *heads = (struct cpts_audit_heads){.heads = own,
                                       .head_count = from->n_heads,
                                       .pending_count = from->pending_count,
                                       .message = from};
    return CPTS_OK;
}

static void deliver_heads(const struct completion *completion)
{
    ((cpts_audit_heads_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status get_heads(cpts_client *client, const struct launch *launch,
                             struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__GetAuditHeadRequest request = CPTS__V1__GET_AUDIT_HEAD_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_AUDIT_HEADS,
                                .request = &request.base,
                                .response = &cpts__v1__get_audit_head_response__descriptor,
                                .result_bytes = sizeof(struct cpts_audit_heads),
                                .take = take_heads};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_audit_heads_get(cpts_client *client, int32_t timeout_ms,
                                 struct cpts_audit_heads **ret_heads, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get_heads(client, &launch, err);
    if (status == CPTS_OK)
        *ret_heads = result;
    return status;
}

cpts_status cpts_audit_heads_get_start(cpts_client *client, const struct cpts_async *async,
                                       cpts_audit_heads_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_heads, ret_call);
    return get_heads(client, &launch, err);
}

char *cpts_audit_entries_json(const struct cpts_audit_entries *entries, int indent_spaces)
{
    return cpts_convert__json(entries->message, indent_spaces);
}

void cpts_audit_entries_free(struct cpts_audit_entries *entries)
{
    cpts_exchange__release(entries);
}

void cpts_audit_progress_free(struct cpts_audit_progress *progress)
{
    cpts_exchange__release(progress);
}

void cpts_audit_heads_free(struct cpts_audit_heads *heads)
{
    cpts_exchange__release(heads);
}
