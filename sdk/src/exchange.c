/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "handle.h"
#include "transport.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define NS_PER_MS 1000000

/* Stands before every result, so that releasing needs nothing else. */
struct owner {
    _Alignas(max_align_t) struct arena *arena;
};

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / NS_PER_MS;
}

static void pause_ms(int64_t duration_ms)
{
    struct timespec left = {.tv_sec = (time_t)(duration_ms / 1000),
                            .tv_nsec = (long)(duration_ms % 1000) * NS_PER_MS};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) != 0) {
    }
}

static cpts_status own_up(struct cpts_error *err)
{
    char message[CPTS_MESSAGE_BYTES];
    memcpy(message, err->message, sizeof message);
    return error_set(err, REASON_OUTCOME_UNKNOWN,
                     "the command may have been carried out, no answer came: %s", message);
}

/* Attempts until one succeeds, settles the matter, or time or tries are out. */
static cpts_status attempt_all(const cpts_client *client, const struct exchange *exchange,
                               struct transport_reply *reply, struct cpts_error *err)
{
    int64_t end_ms =
        monotonic_ms() + (exchange->timeout_ms > 0 ? exchange->timeout_ms : client->timeout_ms);
    bool is_doubtful = false;
    for (int32_t attempt = 0;; attempt++) {
        int64_t left_ms = end_ms - monotonic_ms();
        struct transport_call call = {.method = exchange->method,
                                      .request = exchange->request,
                                      .timeout_ms = left_ms > 0 ? (int32_t)left_ms : 1};
        cpts_status status = cpts_transport__call(client->transport, &call, reply, err);
        if (cpts_retry__is_doubtful(status, reply->is_sent, reply->is_verdict))
            is_doubtful = exchange->is_command;
        if (cpts_retry__settles(status, reply->is_verdict))
            return status;
        int64_t delay_ms =
            cpts_retry__pause_ms(&client->policy, attempt, err, randombytes_random());
        if (!cpts_retry__is_wanted(&client->policy, attempt, err) ||
            delay_ms >= end_ms - monotonic_ms())
            return is_doubtful ? own_up(err) : status;
        pause_ms(delay_ms);
    }
}

static cpts_status unpack_answer(const struct exchange *exchange,
                                 const struct transport_reply *reply, struct answer *ret_answer,
                                 struct cpts_error *err)
{
    struct arena *arena = arena_new(EXCHANGE_RESULT_BYTES_MAX);
    struct owner *owner =
        arena == NULL ? NULL : arena_alloc(arena, sizeof *owner + exchange->result_bytes);
    if (owner == NULL) {
        arena_free(arena);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    }
    owner->arena = arena;
    ProtobufCMessage *message = NULL;
    cpts_status status =
        wire_unpack(exchange->response, reply->bytes, reply->byte_count, arena, &message, err);
    if (status != CPTS_OK) {
        arena_free(arena);
        return status;
    }
    *ret_answer = (struct answer){.result = owner + 1, .arena = arena, .message = message};
    return CPTS_OK;
}

cpts_status cpts_exchange__run(cpts_client *client, const struct exchange *exchange,
                               struct answer *ret_answer, struct cpts_error *err)
{
    struct cpts_error ignored;
    struct cpts_error *own = err == NULL ? &ignored : err;
    error_clear(own);
    if (exchange->timeout_ms < 0 || exchange->timeout_ms > CPTS_TIMEOUT_MAX_MS)
        return error_set_field(own, REASON_ARGUMENT_INVALID, "timeout_ms",
                               "the deadline is not in 0..%d ms", CPTS_TIMEOUT_MAX_MS);
    struct transport_reply reply = {0};
    cpts_status status = attempt_all(client, exchange, &reply, own);
    if (status == CPTS_OK)
        status = unpack_answer(exchange, &reply, ret_answer, own);
    free(reply.bytes);
    return status;
}

void cpts_exchange__release(void *result)
{
    if (result != NULL)
        arena_free(((struct owner *)result - 1)->arena);
}

cpts_status cpts_exchange__adopt(void *to, size_t to_bytes, const void *from,
                                 struct cpts_error *err)
{
    size_t from_bytes = 0;
    memset(to, 0, to_bytes);
    if (from == NULL)
        return CPTS_OK;
    memcpy(&from_bytes, from, sizeof from_bytes);
    if (from_bytes < sizeof from_bytes)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "size",
                               "the struct's size is not set");
    memcpy(to, from, from_bytes < to_bytes ? from_bytes : to_bytes);
    return CPTS_OK;
}
