/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "command_call.h"
#include "engine.h"
#include "handle.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define NS_PER_MS 1000000

/* Stands before every result, so that releasing needs nothing else. */
struct owner {
    _Alignas(max_align_t) struct arena *arena;
};

static void sleep_ms(int32_t duration_ms)
{
    struct timespec left = {.tv_sec = duration_ms / 1000,
                            .tv_nsec = (long)(duration_ms % 1000) * NS_PER_MS};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) != 0) {
    }
}

cpts_status cpts_exchange__begin(const cpts_client *client, const struct exchange *exchange,
                                 int32_t timeout_ms, struct course *ret_course,
                                 struct cpts_error *err)
{
    if (timeout_ms < 0 || timeout_ms > CPTS_TIMEOUT_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "timeout_ms",
                               "the deadline is not in 0..%d ms", CPTS_TIMEOUT_MAX_MS);
    *ret_course = (struct course){
        .policy = client->policy,
        .end_ms = cpts_ticks__ms() + (timeout_ms > 0 ? timeout_ms : client->timeout_ms),
        .is_command = exchange->is_command,
    };
    return CPTS_OK;
}

int32_t cpts_exchange__step(cpts_client *client, const struct transport_call *call,
                            const struct transport_reply *reply, struct course *course,
                            cpts_status *status, struct cpts_error *err)
{
    struct statistics_attempt attempt = {.operation = call->operation,
                                         .status = *status,
                                         .bytes_sent = cpts_transport__body_bytes(call->body),
                                         .bytes_received = reply->byte_count,
                                         .peer = reply->peer};
    struct course_step step = {.status = *status,
                               .is_sent = reply->is_sent,
                               .is_verdict = reply->is_verdict,
                               .now_ms = cpts_ticks__ms(),
                               .random = *status == CPTS_OK ? 0 : randombytes_random()};
    cpts_statistics__attempt(&client->statistics, &attempt);
    return cpts_course__step(course, &step, status, err);
}

/* Attempts until one succeeds, settles the matter, or time or tries are out. */
static cpts_status attempt_all(cpts_client *client, struct transport_call *call,
                               struct course *course, struct transport_reply *reply,
                               struct cpts_error *err)
{
    for (;;) {
        call->timeout_ms = cpts_course__left_ms(course, cpts_ticks__ms());
        cpts_status status = cpts_transport__call(client->transport, call, reply, err);
        int32_t pause_ms = cpts_exchange__step(client, call, reply, course, &status, err);
        if (pause_ms == COURSE_OVER)
            return status;
        sleep_ms(pause_ms);
    }
}

/* Makes a call whose bytes are ready, until it is over. */
static cpts_status send_and_wait(cpts_client *client, const struct exchange *exchange,
                                 const struct transport_body *body, struct course *course,
                                 struct transport_reply *reply, struct cpts_error *err)
{
    struct transport_call call = {.operation = exchange->operation, .body = body};
    atomic_fetch_add(&client->statistics.waiting_threads, 1);
    cpts_status status = attempt_all(client, &call, course, reply, err);
    atomic_fetch_sub(&client->statistics.waiting_threads, 1);
    return status;
}

cpts_status cpts_exchange__keep(const cpts_client *client, const struct exchange *exchange,
                                const struct transport_body *body, struct outbox_ticket *ret_ticket,
                                struct cpts_error *err)
{
    *ret_ticket = (struct outbox_ticket){0};
    if (client->outbox == NULL || !exchange->is_command || !cpts_outbox__takes(exchange->operation))
        return CPTS_OK;
    const char *const *command_id = cpts_command__field(exchange->request, "command_id");
    return cpts_outbox__keep(client->outbox, exchange->operation, *command_id,
                             cpts_transport__body_view(body), ret_ticket, err);
}

/* The call and what the outbox keeps of it. */
static cpts_status keep_and_send(cpts_client *client, const struct exchange *exchange,
                                 const struct transport_body *body, struct course *course,
                                 struct transport_reply *reply, struct cpts_error *err)
{
    struct outbox_ticket ticket;
    cpts_status status = cpts_exchange__keep(client, exchange, body, &ticket, err);
    if (status != CPTS_OK)
        return status;
    status = send_and_wait(client, exchange, body, course, reply, err);
    return ticket.outbox == NULL ? status : cpts_outbox__settle(&ticket, status, NULL, err);
}

static cpts_status wait_for(cpts_client *client, const struct exchange *exchange,
                            const struct launch *launch, struct cpts_error *err)
{
    int64_t begun_us = cpts_ticks__us();
    struct course course;
    struct transport_reply reply = {0};
    cpts_status status = cpts_exchange__begin(client, exchange, launch->timeout_ms, &course, err);
    if (status != CPTS_OK)
        return status;
    struct transport_body *body = cpts_transport__pack(exchange->request);
    if (body == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    status = keep_and_send(client, exchange, body, &course, &reply, err);
    if (status == CPTS_OK)
        status = cpts_exchange__take(exchange, &reply, launch->ret_result, err);
    cpts_statistics__call(&client->statistics, exchange->operation, status,
                          cpts_ticks__us() - begun_us, course.attempt_count);
    cpts_transport__body_free(body);
    free(reply.bytes);
    return status;
}

cpts_status cpts_exchange__send_packed(cpts_client *client, enum operation operation,
                                       struct cpts_bytes request, int32_t timeout_ms,
                                       struct cpts_error *err)
{
    int64_t begun_us = cpts_ticks__us();
    struct course course;
    struct transport_reply reply = {0};
    struct exchange exchange = {.operation = operation, .is_command = true};
    cpts_status status = cpts_exchange__begin(client, &exchange, timeout_ms, &course, err);
    if (status != CPTS_OK)
        return status;
    struct transport_body *body = cpts_transport__body_of(request);
    if (body == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    status = send_and_wait(client, &exchange, body, &course, &reply, err);
    cpts_statistics__call(&client->statistics, operation, status, cpts_ticks__us() - begun_us,
                          course.attempt_count);
    cpts_transport__body_free(body);
    free(reply.bytes);
    return status;
}

struct launch cpts_exchange__started(const struct cpts_async *async, exchange_callback *callback,
                                     exchange_deliver *deliver, uint64_t *ret_call)
{
    struct launch launch = {.async = async, .callback = callback, .deliver = deliver};
    launch.ret_call = ret_call;
    return launch;
}

cpts_status cpts_exchange__make(cpts_client *client, const struct exchange *exchange,
                                const struct launch *launch, struct cpts_error *err)
{
    struct cpts_error ignored;
    struct cpts_error *own = err == NULL ? &ignored : err;
    error_clear(own);
    if (launch->deliver != NULL)
        return cpts_engine__start(client, exchange, launch, own);
    return wait_for(client, exchange, launch, own);
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
    *ret_answer = (struct answer){
        .result = owner + 1, .arena = arena, .message = message, .context = exchange->context};
    return CPTS_OK;
}

cpts_status cpts_exchange__take(const struct exchange *exchange,
                                const struct transport_reply *reply, void **ret_result,
                                struct cpts_error *err)
{
    struct answer answer;
    cpts_status status = unpack_answer(exchange, reply, &answer, err);
    if (status != CPTS_OK)
        return status;
    status = exchange->take(&answer, err);
    if (status == CPTS_OK)
        *ret_result = answer.result;
    else
        cpts_exchange__release(answer.result);
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

void cpts_exchange__give(void *to, const void *from, size_t from_bytes)
{
    size_t to_bytes = 0;
    memcpy(&to_bytes, to, sizeof to_bytes);
    memcpy(to, from, from_bytes < to_bytes ? from_bytes : to_bytes);
    if (to_bytes >= sizeof to_bytes)
        memcpy(to, &to_bytes, sizeof to_bytes);
}
