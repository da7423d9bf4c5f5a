/* SPDX-License-Identifier: Apache-2.0 */
/* ListLogLinks and ListCheckpoints, with what they prove. */
#include <cpts/chain.h>
#include <cpts/v1/federation_desk.pb-c.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/checkpoint.h"
#include "wire/digest.h"
#include "wire/error.h"

/* Where a chain begins that is not here from its first entry on. */
static void begin_after(const Cpts__V1__LogLink *link, struct cpts_log_progress *progress)
{
    int64_t first = link->withheld_since != 0 ? link->withheld_since : link->position;
    if (progress->proof.position != 0 || first <= 1)
        return;
    progress->begins_after = progress->proof.position = first - 1;
    if (link->prev_hash.len == sizeof progress->proof.hash)
        memcpy(progress->proof.hash, link->prev_hash.data, sizeof progress->proof.hash);
}

/* Whether the link follows the proof, which it then extends. */
static bool follows(const Cpts__V1__LogLink *link, struct cpts_log_proof *proof)
{
    uint8_t hash[CPTS_LOG_HASH_BYTES];
    bool is_run = link->withheld_since != 0;
    if ((is_run ? link->withheld_since : link->position) != proof->position + 1 ||
        link->position <= proof->position || link->hash.len != sizeof hash)
        return false;
    if (is_run) {
        memcpy(hash, link->hash.data, sizeof hash);
    } else {
        digest_change(proof->hash, link->position, link->bytes.data, link->bytes.len, hash);
        if (link->prev_hash.len != sizeof hash ||
            memcmp(link->prev_hash.data, proof->hash, sizeof hash) != 0 ||
            memcmp(link->hash.data, hash, sizeof hash) != 0)
            return false;
    }
    proof->position = link->position;
    memcpy(proof->hash, hash, sizeof hash);
    return true;
}

static cpts_status broken_after(int64_t position, struct cpts_error *err)
{
    cpts_status status =
        error_set(err, REASON_LOG_CHAIN_BROKEN, "the chain does not hold at position %lld",
                  (long long)position + 1);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%lld", (long long)position + 1);
    return status;
}

static cpts_status take_links(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_log_progress *progress = answer->result;
    const struct cpts_log_proof *before = answer->context;
    const Cpts__V1__ListLogLinksResponse *from =
        (const Cpts__V1__ListLogLinksResponse *)answer->message;
    struct cpts_log_proof *own = arena_alloc(answer->arena, (from->n_links + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    *progress = (struct cpts_log_progress){.proof = *before, .links = own, .message = from};
    if (from->n_links > 0)
        begin_after(from->links[0], progress);
    for (size_t i = 0; i < from->n_links; i++) {
        int64_t last = progress->proof.position;
        if (!follows(from->links[i], &progress->proof))
            return broken_after(last, err);
        if (from->links[i]->withheld_since != 0)
            progress->withheld_count += progress->proof.position - last;
        own[progress->link_count++] = progress->proof;
    }
    return CPTS_OK;
}

static void deliver_progress(const struct completion *completion)
{
    ((cpts_log_progress_callback *)completion->callback)(completion->status, completion->result,
                                                         &completion->err, completion->data);
}

static cpts_status verify(cpts_client *client, const char *node, const struct cpts_log_proof *proof,
                          const struct launch *launch, struct cpts_error *err)
{
    struct cpts_log_proof before = {0};
    if (proof != NULL)
        before = *proof;
    error_clear(err);
    Cpts__V1__ListLogLinksRequest request = CPTS__V1__LIST_LOG_LINKS_REQUEST__INIT;
    request.node = cpts_convert__text(node);
    request.after = before.position;
    struct exchange exchange = {.operation = OPERATION_LOG_LINKS,
                                .request = &request.base,
                                .response = &cpts__v1__list_log_links_response__descriptor,
                                .result_bytes = sizeof(struct cpts_log_progress),
                                .take = take_links,
                                .context = &before,
                                .context_bytes = sizeof before};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_log_verify(cpts_client *client, const char *node,
                            const struct cpts_log_proof *proof, int32_t timeout_ms,
                            struct cpts_log_progress **ret_progress, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = verify(client, node, proof, &launch, err);
    if (status == CPTS_OK)
        *ret_progress = result;
    return status;
}

cpts_status cpts_log_verify_start(cpts_client *client, const char *node,
                                  const struct cpts_log_proof *proof,
                                  const struct cpts_async *async,
                                  cpts_log_progress_callback *callback, uint64_t *ret_call,
                                  struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_progress, ret_call);
    return verify(client, node, proof, &launch, err);
}

/* Whose checkpoints were asked for. */
struct origin {
    char name[64];
};

static struct cpts_log_checkpoint checkpoint_of(const Cpts__V1__LogCheckpoint *from,
                                                const char *node, const ProtobufCBinaryData *key)
{
    struct cpts_log_checkpoint own = {.signed_at_us = cpts_convert__instant_us(from->signed_at)};
    own.point.position = from->position;
    if (from->hash.len != sizeof own.point.hash)
        return own;
    memcpy(own.point.hash, from->hash.data, sizeof own.point.hash);
    const struct checkpoint_point point = {.node = node,
                                           .position = from->position,
                                           .hash = own.point.hash,
                                           .signed_at_us = own.signed_at_us};
    if (from->former_key.len > 0)
        key = &from->former_key;
    own.is_signed = key->len == SIGNATURE_KEY_BYTES && from->signature.len == SIGNATURE_BYTES &&
                    checkpoint_verify(&point, from->signature.data, key->data);
    return own;
}

static cpts_status take_checkpoints(const struct answer *answer, struct cpts_error *err)
{
    const struct origin *origin = answer->context;
    const Cpts__V1__ListCheckpointsResponse *from =
        (const Cpts__V1__ListCheckpointsResponse *)answer->message;
    struct cpts_log_checkpoint *own =
        arena_alloc(answer->arena, (from->n_checkpoints + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_checkpoints; i++)
        own[i] = checkpoint_of(from->checkpoints[i], origin->name, &from->checkpoint_key);
    *(struct cpts_log_checkpoints *)answer->result =
        (struct cpts_log_checkpoints){.checkpoints = own,
                                      .checkpoint_count = from->n_checkpoints,
                                      .key = from->checkpoint_key.data,
                                      .key_bytes = from->checkpoint_key.len,
                                      .message = from};
    return CPTS_OK;
}

static void deliver_checkpoints(const struct completion *completion)
{
    ((cpts_log_checkpoints_callback *)completion->callback)(completion->status, completion->result,
                                                            &completion->err, completion->data);
}

static cpts_status list_checkpoints(cpts_client *client, const char *node, int64_t after,
                                    const struct launch *launch, struct cpts_error *err)
{
    struct origin origin;
    error_clear(err);
    snprintf(origin.name, sizeof origin.name, "%s", cpts_convert__text(node));
    Cpts__V1__ListCheckpointsRequest request = CPTS__V1__LIST_CHECKPOINTS_REQUEST__INIT;
    request.node = cpts_convert__text(node);
    request.after = after;
    struct exchange exchange = {.operation = OPERATION_LOG_CHECKPOINTS,
                                .request = &request.base,
                                .response = &cpts__v1__list_checkpoints_response__descriptor,
                                .result_bytes = sizeof(struct cpts_log_checkpoints),
                                .take = take_checkpoints,
                                .context = &origin,
                                .context_bytes = sizeof origin};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_log_checkpoints_list(cpts_client *client, const char *node, int64_t after,
                                      int32_t timeout_ms,
                                      struct cpts_log_checkpoints **ret_checkpoints,
                                      struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_checkpoints(client, node, after, &launch, err);
    if (status == CPTS_OK)
        *ret_checkpoints = result;
    return status;
}

cpts_status cpts_log_checkpoints_list_start(cpts_client *client, const char *node, int64_t after,
                                            const struct cpts_async *async,
                                            cpts_log_checkpoints_callback *callback,
                                            uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_checkpoints, ret_call);
    return list_checkpoints(client, node, after, &launch, err);
}

void cpts_log_progress_free(struct cpts_log_progress *progress)
{
    cpts_exchange__release(progress);
}

void cpts_log_checkpoints_free(struct cpts_log_checkpoints *checkpoints)
{
    cpts_exchange__release(checkpoints);
}
