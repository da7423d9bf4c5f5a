/* SPDX-License-Identifier: Apache-2.0 */
/* GetKeys, verified, and ListKeyChanges. */
#include <cpts/key_async.h>
#include <cpts/v1/key.pb-c.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "handle.h"
#include "key_paper.h"
#include "trust.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define US_PER_S 1000000
#define FOLLOW_PAGE_SIZE 500

/* What was asked, for whoever takes the answer. */
struct asked {
    struct trust *trust;
    size_t count;
    struct trust_question questions[CPTS_KEYS_ASKED_MAX];
};

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

/* The statement that answers a question; of several the last one. */
static const Cpts__V1__PublishedKey *find(const Cpts__V1__GetKeysResponse *response,
                                          const struct trust_question *question)
{
    uint8_t id[16];
    const Cpts__V1__PublishedKey *found = NULL;
    for (size_t i = 0; i < response->n_keys; i++) {
        const Cpts__V1__PublishedKey *key = response->keys[i];
        if (uuid_parse(key->cpts_id, id) && memcmp(id, question->cpts_id, sizeof id) == 0 &&
            (question->serial == 0 || key->serial == question->serial) &&
            (found == NULL || key->serial > found->serial))
            found = key;
    }
    return found;
}

static cpts_status judge_all(const struct answer *answer, const struct asked *asked,
                             struct cpts_error *err)
{
    struct cpts_keys *keys = answer->result;
    const Cpts__V1__GetKeysResponse *response = (const Cpts__V1__GetKeysResponse *)answer->message;
    struct cpts_key *own = arena_alloc(answer->arena, (asked->count + 1) * sizeof *own);
    struct trust_texts *texts = arena_alloc(answer->arena, (asked->count + 1) * sizeof *texts);
    if (own == NULL || texts == NULL)
        return no_memory(err);
    for (size_t i = 0; i < asked->count; i++) {
        const struct trust_question *question = &asked->questions[i];
        const Cpts__V1__PublishedKey *published = find(response, question);
        cpts_status status =
            published == NULL
                ? cpts_trust__miss(asked->trust, question, err)
                : cpts_trust__judge(asked->trust, question, published, &own[i], &texts[i], err);
        if (status != CPTS_OK)
            return status;
    }
    *keys = (struct cpts_keys){.keys = own, .key_count = asked->count, .message = response};
    return CPTS_OK;
}

/* What was seen is written down also when the answer is refused. */
static cpts_status take_keys(const struct answer *answer, struct cpts_error *err)
{
    const struct asked *asked = answer->context;
    const Cpts__V1__GetKeysResponse *response = (const Cpts__V1__GetKeysResponse *)answer->message;
    cpts_status status = cpts_trust__compare(asked->trust, response->head, err);
    if (status == CPTS_OK)
        status = judge_all(answer, asked, err);
    cpts_status saved = cpts_trust__save(asked->trust, status == CPTS_OK ? err : NULL);
    return status == CPTS_OK ? saved : status;
}

static void deliver_keys(const struct completion *completion)
{
    ((cpts_keys_callback *)completion->callback)(completion->status, completion->result,
                                                 &completion->err, completion->data);
}

static cpts_status read_questions(const struct cpts_keys_query *query, struct asked *asked,
                                  Cpts__V1__KeyQuestion *questions, struct cpts_error *err)
{
    for (size_t i = 0; i < query->question_count; i++) {
        const struct cpts_key_question *from = &query->questions[i];
        struct trust_question *own = &asked->questions[i];
        if (from->cpts_id == NULL || !uuid_parse(from->cpts_id, own->cpts_id) || from->serial < 0 ||
            from->at_us < 0)
            return error_set_field(err, REASON_ARGUMENT_INVALID, "questions",
                                   "each names a CPTS by its UUID, and a serial from 0");
        own->serial = from->serial;
        own->at_s = from->at_us / US_PER_S;
        cpts__v1__key_question__init(&questions[i]);
        questions[i].cpts_id = (char *)from->cpts_id;
        questions[i].serial = from->serial;
    }
    asked->count = query->question_count;
    return CPTS_OK;
}

static cpts_status get(cpts_client *client, const struct cpts_keys_query *query,
                       const struct launch *launch, struct cpts_error *err)
{
    struct cpts_keys_query own;
    struct asked asked = {.trust = client->trust};
    Cpts__V1__KeyQuestion questions[CPTS_KEYS_ASKED_MAX];
    Cpts__V1__KeyQuestion *list[CPTS_KEYS_ASKED_MAX];
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK && (own.question_count < 1 || own.question_count > CPTS_KEYS_ASKED_MAX))
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "questions", "1 to %d questions",
                                 CPTS_KEYS_ASKED_MAX);
    if (status == CPTS_OK)
        status = read_questions(&own, &asked, questions, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetKeysRequest request = CPTS__V1__GET_KEYS_REQUEST__INIT;
    for (size_t i = 0; i < own.question_count; i++)
        list[i] = &questions[i];
    request.n_questions = own.question_count;
    request.questions = list;
    struct exchange exchange = {.operation = OPERATION_KEYS_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_keys_response__descriptor,
                                .result_bytes = sizeof(struct cpts_keys),
                                .take = take_keys,
                                .context = &asked,
                                .context_bytes = sizeof asked};
    return cpts_exchange__make(client, &exchange, launch, err);
}

/* A page that was followed has no result of its own. */
struct followed {
    char nothing;
};

static cpts_status take_followed(const struct answer *answer, struct cpts_error *err)
{
    struct trust *const *trust = answer->context;
    cpts_status status =
        cpts_trust__follow(*trust, (const Cpts__V1__ListKeyChangesResponse *)answer->message, err);
    cpts_status saved = cpts_trust__save(*trust, status == CPTS_OK ? err : NULL);
    return status == CPTS_OK ? saved : status;
}

/* From the head that was seen last to the one told now, page by page. */
static cpts_status follow_directory(cpts_client *client, int32_t timeout_ms, struct cpts_error *err)
{
    int64_t position = 0, before = -1;
    cpts_status status = CPTS_OK;
    while (status == CPTS_OK && cpts_trust__is_behind(client->trust, &position)) {
        if (position == before)
            return error_set(err, REASON_KEY_NOT_VOUCHED,
                             "the directory does not go on to the head that was told");
        before = position;
        void *result = NULL;
        struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
        Cpts__V1__ListKeyChangesRequest request = CPTS__V1__LIST_KEY_CHANGES_REQUEST__INIT;
        request.after_position = position;
        request.page_size = FOLLOW_PAGE_SIZE;
        struct exchange exchange = {.operation = OPERATION_KEY_CHANGES,
                                    .request = &request.base,
                                    .response = &cpts__v1__list_key_changes_response__descriptor,
                                    .result_bytes = sizeof(struct followed),
                                    .take = take_followed,
                                    .context = &client->trust,
                                    .context_bytes = sizeof client->trust};
        status = cpts_exchange__make(client, &exchange, &launch, err);
        cpts_exchange__release(result);
    }
    return status;
}

cpts_status cpts_keys_get(cpts_client *client, const struct cpts_keys_query *query,
                          int32_t timeout_ms, struct cpts_keys **ret_keys, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get(client, query, &launch, err);
    if (status == CPTS_OK)
        status = follow_directory(client, timeout_ms, err);
    if (status == CPTS_OK)
        *ret_keys = result;
    else
        cpts_exchange__release(result);
    return status;
}

cpts_status cpts_keys_get_start(cpts_client *client, const struct cpts_keys_query *query,
                                const struct cpts_async *async, cpts_keys_callback *callback,
                                uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_keys, ret_call);
    return get(client, query, &launch, err);
}

/* What the reader of a page needs: where it begins, and the root. */
struct paging {
    int64_t after_position;
    const uint8_t *root;
};

static cpts_status broken(struct cpts_error *err)
{
    return error_set(err, REASON_KEY_NOT_VOUCHED, "the chain of the directory is broken");
}

static void take_entry(const Cpts__V1__KeyChange *from, const uint8_t *root, struct arena *arena,
                       struct cpts_key_change *own)
{
    ProtobufCMessage *message = NULL;
    own->document.size = sizeof own->document;
    if (wire_unpack(&cpts__v1__key_entry__descriptor, from->entry.data, from->entry.len, arena,
                    &message, NULL) != CPTS_OK)
        return;
    const Cpts__V1__KeyEntry *entry = (const Cpts__V1__KeyEntry *)message;
    bool is_statement = entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT;
    bool is_revocation = entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION;
    bool is_authority = entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION;
    /* What is not vouched for is shown as what it says. */
    for (int attempt = 0; attempt < 2; attempt++) {
        const uint8_t *by = attempt == 0 ? root : NULL;
        if (is_statement &&
            cpts_key_paper__statement(entry->statement, by, &own->document, NULL) == CPTS_OK)
            return;
        if (is_authority && cpts_key_paper__authority(entry->authority_revocation, by,
                                                      &own->document, NULL) == CPTS_OK)
            return;
        if (is_revocation &&
            cpts_key_paper__revocation(entry->revocation, by, &own->document, NULL) == CPTS_OK)
            return;
    }
}

/* The chain is checked from the beginning, or from the page's first entry on. */
static cpts_status check_chain(const Cpts__V1__ListKeyChangesResponse *response,
                               const struct paging *paging, struct cpts_error *err)
{
    uint8_t before[DIGEST_BYTES] = {0};
    uint8_t computed[DIGEST_BYTES];
    int64_t position = paging->after_position;
    for (size_t i = 0; i < response->n_changes; i++) {
        const Cpts__V1__KeyChange *change = response->changes[i];
        bool is_known = i > 0 || paging->after_position == 0;
        if (change->position != ++position || change->hash.len != sizeof computed)
            return broken(err);
        digest_change(before, change->position, change->entry.data, change->entry.len, computed);
        if (is_known && memcmp(computed, change->hash.data, sizeof computed) != 0)
            return broken(err);
        memcpy(before, change->hash.data, sizeof before);
    }
    return CPTS_OK;
}

static cpts_status take_changes(const struct answer *answer, struct cpts_error *err)
{
    const struct paging *paging = answer->context;
    const Cpts__V1__ListKeyChangesResponse *from =
        (const Cpts__V1__ListKeyChangesResponse *)answer->message;
    struct cpts_key_changes *changes = answer->result;
    cpts_status status = check_chain(from, paging, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_key_change *own = arena_alloc(answer->arena, (from->n_changes + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_changes; i++) {
        own[i].position = from->changes[i]->position;
        own[i].recorded_at_us = cpts_convert__instant_us(from->changes[i]->recorded_at);
        take_entry(from->changes[i], paging->root, answer->arena, &own[i]);
    }
    *changes =
        (struct cpts_key_changes){.changes = own, .change_count = from->n_changes, .message = from};
    if (from->head != NULL && from->head->hash.len == sizeof changes->head_hash) {
        changes->head_position = from->head->position;
        memcpy(changes->head_hash, from->head->hash.data, sizeof changes->head_hash);
    }
    return CPTS_OK;
}

static void deliver_changes(const struct completion *completion)
{
    ((cpts_key_changes_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_key_changes_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_key_changes_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    const struct paging paging = {own.after_position, cpts_trust__root(client->trust)};
    Cpts__V1__ListKeyChangesRequest request = CPTS__V1__LIST_KEY_CHANGES_REQUEST__INIT;
    request.after_position = own.after_position;
    request.page_size = own.page_size;
    struct exchange exchange = {.operation = OPERATION_KEY_CHANGES,
                                .request = &request.base,
                                .response = &cpts__v1__list_key_changes_response__descriptor,
                                .result_bytes = sizeof(struct cpts_key_changes),
                                .take = take_changes,
                                .context = &paging,
                                .context_bytes = sizeof paging};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_key_changes(cpts_client *client, const struct cpts_key_changes_query *query,
                             int32_t timeout_ms, struct cpts_key_changes **ret_changes,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_changes = result;
    return status;
}

cpts_status cpts_key_changes_start(cpts_client *client, const struct cpts_key_changes_query *query,
                                   const struct cpts_async *async,
                                   cpts_key_changes_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_changes, ret_call);
    return list(client, query, &launch, err);
}

char *cpts_keys_json(const struct cpts_keys *keys, int indent_spaces)
{
    return cpts_convert__json(keys->message, indent_spaces);
}

char *cpts_key_changes_json(const struct cpts_key_changes *changes, int indent_spaces)
{
    return cpts_convert__json(changes->message, indent_spaces);
}

void cpts_keys_free(struct cpts_keys *keys)
{
    cpts_exchange__release(keys);
}

void cpts_key_changes_free(struct cpts_key_changes *changes)
{
    cpts_exchange__release(changes);
}
