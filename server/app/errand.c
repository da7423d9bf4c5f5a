/* SPDX-License-Identifier: Apache-2.0 */
#include "app/errand.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "store/lane.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define ERRAND_TIMEOUT_MS 5000
#define NS_PER_MS 1000000LL
#define ARENA_BYTES (64u * 1024)

/* A question and its answer. */
struct search {
    void (*take)(const struct rows *rows, void *context);
    void *context;
    cpts_status status;
    sem_t answered;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

static struct call new_call(const struct errand_node *node, void *state,
                            void (*done)(struct call *, cpts_status, const struct rows *))
{
    struct call call = {.arena = arena_new(ARENA_BYTES),
                        .state = state,
                        .deadline_ns = clock_monotonic_ns() + ERRAND_TIMEOUT_MS * NS_PER_MS,
                        .done = done};
    snprintf(call.principal.uri, sizeof call.principal.uri, "spiffe://%s/node/%s",
             node->trust_domain, node->node);
    snprintf(call.principal.scope, sizeof call.principal.scope, "*");
    return call;
}

static void take_found(struct call *call, cpts_status status, const struct rows *rows)
{
    struct search *search = call->state;
    search->status = status;
    if (status == CPTS_OK)
        search->take(rows, search->context);
    sem_post(&search->answered);
}

cpts_status errand_find(const struct errand_node *node, enum statement_id statement, int count_max,
                        void (*take)(const struct rows *rows, void *context), void *context,
                        struct cpts_error *err)
{
    struct search search = {.take = take, .context = context};
    struct call call = new_call(node, &search, take_found);
    if (call.arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to look for what is due");
    call.query = query_new(call.arena, statement);
    query_text(call.query, node->node);
    query_int(call.query, count_max);
    if (node->has_find_argument)
        query_int(call.query, node->find_argument);
    sem_init(&search.answered, 0, 0);
    lane_submit(node->find_lane, &call);
    wait_for(&search.answered);
    if (search.status != CPTS_OK && err != NULL)
        *err = call.error;
    sem_destroy(&search.answered);
    arena_free(call.arena);
    return search.status;
}

static void take_effect(struct call *call, cpts_status status, const struct rows *rows)
{
    struct errand *errand = call->state;
    errand->status = status;
    errand->effect =
        status == CPTS_OK && rows_count(rows) == 1 && strcmp(rows_text(rows, 0, 0), "OK") == 0;
    sem_post(errand->answered);
}

/* The same change for the same errand, whoever runs it. */
static uint8_t *pack_change(struct call *call, const struct errand_order *order,
                            const uint8_t command_id[16], size_t *ret_bytes)
{
    char command_text[UUID_TEXT_BYTES];
    Cpts__V1__Change *change = order->change;
    uuid_format(command_id, command_text);
    change->schema_version = 1;
    change->aggregate_id = (char *)order->aggregate_id;
    change->actor = call->principal.uri;
    change->command_id = command_text;
    *ret_bytes = cpts__v1__change__get_packed_size(change);
    uint8_t *bytes = arena_alloc(call->arena, *ret_bytes + 1);
    if (bytes != NULL)
        cpts__v1__change__pack(change, bytes);
    return bytes;
}

bool errand_begin(struct errand *errand, const struct errand_node *node,
                  const struct errand_order *order)
{
    uint8_t command_id[16];
    uint8_t hash[DIGEST_BYTES];
    size_t byte_count = 0;
    *errand = (struct errand){.call = new_call(node, errand, take_effect),
                              .status = CPTS_RESOURCE_EXHAUSTED};
    struct call *call = &errand->call;
    if (call->arena == NULL)
        return false;
    uuid_derive(order->space, order->name, command_id);
    uint8_t *bytes = pack_change(call, order, command_id, &byte_count);
    struct query *query = query_new(call->arena, order->statement);
    if (bytes == NULL || query == NULL)
        return false;
    digest_command(order->method, bytes, byte_count, hash);
    query_text(query, call->principal.uri);
    query_uuid(query, command_id);
    query_bytes(query, hash, sizeof hash);
    query_text(query, order->aggregate_id);
    query_text(query, node->node);
    query_bytes(query, bytes, byte_count);
    call->query = query;
    return true;
}

cpts_status errands_run(const struct errand_node *node, struct errand *errands, int count,
                        int *ret_effect_count, struct cpts_error *err)
{
    sem_t answered;
    int sent = 0, effect_count = 0;
    cpts_status status = CPTS_OK;
    sem_init(&answered, 0, 0);
    for (int i = 0; i < count; i++) {
        if (errands[i].call.query == NULL)
            continue;
        errands[i].answered = &answered;
        lane_submit(node->write_lane, &errands[i].call);
        sent++;
    }
    for (; sent > 0; sent--)
        wait_for(&answered);
    for (int i = 0; i < count; i++) {
        if (errands[i].status != CPTS_OK && status == CPTS_OK) {
            status = errands[i].status;
            if (err != NULL)
                *err = errands[i].call.error;
        }
        effect_count += errands[i].effect;
        arena_free(errands[i].call.arena);
    }
    sem_destroy(&answered);
    *ret_effect_count = effect_count;
    return status;
}
