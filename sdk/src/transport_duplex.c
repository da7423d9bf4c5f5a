/* SPDX-License-Identifier: Apache-2.0 */
#include "transport_duplex.h"

#include <grpc/byte_buffer.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ticks.h"
#include "transport_core.h"
#include "wire/error.h"

/* How long a message waits for the one before it to leave. */
#define SEND_PATIENCE_MS 60000

struct message {
    struct message *next;
    uint8_t *bytes;
    size_t byte_count;
};

struct transport_duplex {
    const struct transport *transport;
    grpc_completion_queue *queue;
    grpc_call *call;
    pthread_t reader;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    grpc_metadata_array headers;
    struct transport_ending ending;
    /* The message asked for. */
    grpc_byte_buffer *incoming;
    struct message *first;
    struct message *last;
    size_t inbox_bytes;
    size_t inbox_bytes_max;
    /* Batches that have not come out. */
    int pending;
    bool is_sending;
    bool is_reading;
    /* No message follows; the status has come. */
    bool is_ended;
    bool is_over;
    bool is_woken;
    /* When whoever sends gives up, on the monotonic clock; 0 until somebody is in a hurry. */
    int64_t send_until_ms;
};

static void *tag(struct transport_duplex *duplex, enum transport_tag kind)
{
    return cpts_transport__tag(duplex, kind);
}

/* Locked. */
static bool start(struct transport_duplex *duplex, const grpc_op *ops, size_t op_count,
                  enum transport_tag kind)
{
    duplex->pending++;
    if (cpts_transport__start_batch(duplex->call, ops, op_count, tag(duplex, kind)))
        return true;
    duplex->pending--;
    return false;
}

/* Locked; asks for the next message when there is room for it. */
static void read_on(struct transport_duplex *duplex)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    if (duplex->is_reading || duplex->is_ended || duplex->inbox_bytes > duplex->inbox_bytes_max)
        return;
    op.data.recv_message.recv_message = &duplex->incoming;
    duplex->is_reading = start(duplex, &op, 1, TAG_STREAM_MESSAGE);
}

/* Locked. */
static void take_message(struct transport_duplex *duplex)
{
    duplex->is_reading = false;
    if (duplex->incoming == NULL) {
        duplex->is_ended = true;
        return;
    }
    struct message *message = calloc(1, sizeof *message);
    if (message != NULL &&
        !cpts_transport__copy(duplex->incoming, &message->bytes, &message->byte_count)) {
        free(message);
        message = NULL;
    }
    grpc_byte_buffer_destroy(duplex->incoming);
    duplex->incoming = NULL;
    if (message == NULL) { /* without memory it is over: nothing may be left out */
        duplex->is_ended = true;
        grpc_call_cancel(duplex->call, NULL);
        return;
    }
    if (duplex->last == NULL)
        duplex->first = message;
    else
        duplex->last->next = message;
    duplex->last = message;
    duplex->inbox_bytes += message->byte_count;
    read_on(duplex);
}

/* Locked. */
static void take_batch(struct transport_duplex *duplex, enum transport_tag kind)
{
    duplex->pending--;
    if (kind == TAG_STREAM_MESSAGE)
        take_message(duplex);
    else if (kind == TAG_STREAM_SENT)
        duplex->is_sending = false;
    else if (kind == TAG_STREAM_STATUS)
        duplex->is_over = true;
    pthread_cond_broadcast(&duplex->moved);
}

static void *read_queue(void *data)
{
    struct transport_duplex *duplex = data;
    bool is_over = false;
    while (!is_over) {
        grpc_event event = cpts_transport__next(duplex->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC));
        if (event.type != GRPC_OP_COMPLETE)
            break;
        pthread_mutex_lock(&duplex->lock);
        take_batch(duplex, (enum transport_tag)((uintptr_t)event.tag & TAG_MASK));
        is_over = duplex->is_over && duplex->pending == 0;
        pthread_mutex_unlock(&duplex->lock);
    }
    return NULL;
}

static void release(struct transport_duplex *duplex)
{
    while (duplex->first != NULL) {
        struct message *message = duplex->first;
        duplex->first = message->next;
        free(message->bytes);
        free(message);
    }
    if (duplex->incoming != NULL)
        grpc_byte_buffer_destroy(duplex->incoming);
    grpc_metadata_array_destroy(&duplex->headers);
    cpts_transport__ending_done(&duplex->ending);
    if (duplex->call != NULL)
        grpc_call_unref(duplex->call);
    grpc_completion_queue_shutdown(duplex->queue);
    while (cpts_transport__next(duplex->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC)).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(duplex->queue);
    pthread_cond_destroy(&duplex->moved);
    pthread_mutex_destroy(&duplex->lock);
    free(duplex);
}

static struct transport_duplex *make(struct transport *transport, enum operation operation)
{
    struct transport_duplex *duplex = calloc(1, sizeof *duplex);
    const struct transport_call call = {.operation = operation, .timeout_ms = TRANSPORT_NO_TIMEOUT};
    pthread_condattr_t clock;
    if (duplex == NULL)
        return NULL;
    duplex->transport = transport;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&duplex->lock, NULL);
    pthread_cond_init(&duplex->moved, &clock);
    pthread_condattr_destroy(&clock);
    grpc_metadata_array_init(&duplex->headers);
    cpts_transport__ending_init(&duplex->ending);
    duplex->queue = grpc_completion_queue_create_for_next(NULL);
    duplex->call = cpts_transport__call_new(transport, duplex->queue, &call);
    return duplex;
}

/* The status first: it comes in any case. */
static bool begin(struct transport_duplex *duplex)
{
    grpc_op status = cpts_transport__ending_op(&duplex->ending);
    grpc_op open[2] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                       {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    open[1].data.recv_initial_metadata.recv_initial_metadata = &duplex->headers;
    pthread_mutex_lock(&duplex->lock);
    bool is_begun = start(duplex, &status, 1, TAG_STREAM_STATUS);
    if (is_begun && !start(duplex, open, 2, TAG_STREAM_OPENED))
        grpc_call_cancel(duplex->call, NULL);
    if (is_begun)
        read_on(duplex);
    pthread_mutex_unlock(&duplex->lock);
    return is_begun;
}

/* With every signal blocked: they are the program's. */
static bool start_reader(struct transport_duplex *duplex)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&duplex->reader, NULL, read_queue, duplex) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

cpts_status cpts_transport__duplex_open(struct transport *transport, enum operation operation,
                                        size_t inbox_bytes_max,
                                        struct transport_duplex **ret_duplex,
                                        struct cpts_error *err)
{
    struct transport_duplex *duplex = make(transport, operation);
    if (duplex == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a call");
    duplex->inbox_bytes_max = inbox_bytes_max;
    if (!begin(duplex)) {
        release(duplex);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a call");
    }
    if (!start_reader(duplex)) {
        grpc_call_cancel(duplex->call, NULL);
        read_queue(duplex);
        release(duplex);
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for a call");
    }
    *ret_duplex = duplex;
    return CPTS_OK;
}

/* Locked, and over: how it ended. */
static cpts_status tell_end(const struct transport_duplex *duplex, struct cpts_error *err)
{
    bool is_verdict = false;
    if (duplex->ending.status == GRPC_STATUS_OK)
        return error_set(err, REASON_CONNECTION_FAILED, "the node ended the call");
    return cpts_transport__ending_failure(&duplex->ending, duplex->transport, &is_verdict, err);
}

/* Locked; waits until the message before has left. One that does not leave in time leaves
 * no time to those after it. */
static bool await_sent(struct transport_duplex *duplex)
{
    int64_t now_ms = cpts_ticks__ms(), patience_ms = now_ms + SEND_PATIENCE_MS;
    bool is_in_time = true;
    while (duplex->is_sending && !duplex->is_over && is_in_time) {
        int64_t hurry_ms = duplex->send_until_ms;
        int64_t until_ms = hurry_ms != 0 && hurry_ms < patience_ms ? hurry_ms : patience_ms;
        struct timespec until = cpts_ticks__in_ms(until_ms > now_ms ? until_ms - now_ms : 0);
        is_in_time = pthread_cond_timedwait(&duplex->moved, &duplex->lock, &until) == 0;
        now_ms = cpts_ticks__ms();
    }
    bool has_left = !duplex->is_sending;
    if (!has_left && !duplex->is_over)
        duplex->send_until_ms = now_ms;
    return has_left;
}

cpts_status cpts_transport__duplex_send(struct transport_duplex *duplex, const uint8_t *bytes,
                                        size_t byte_count, struct cpts_error *err)
{
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes, byte_count);
    grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_op op = {.op = GRPC_OP_SEND_MESSAGE};
    cpts_status status = CPTS_OK;
    op.data.send_message.send_message = message;
    grpc_slice_unref(slice);
    pthread_mutex_lock(&duplex->lock);
    bool has_left = await_sent(duplex);
    if (duplex->is_over)
        status = tell_end(duplex, err);
    else if (!has_left)
        status = error_set(err, REASON_CONNECTION_FAILED, "the other side takes no messages");
    else
        duplex->is_sending = start(duplex, &op, 1, TAG_STREAM_SENT);
    if (status == CPTS_OK && !duplex->is_sending)
        status = error_set(err, REASON_CONNECTION_FAILED, "the call takes no messages");
    pthread_mutex_unlock(&duplex->lock);
    grpc_byte_buffer_destroy(message);
    return status;
}

/* Locked. */
static void await(struct transport_duplex *duplex, int32_t timeout_ms)
{
    struct timespec until = cpts_ticks__in_ms(timeout_ms);
    while (duplex->first == NULL && !duplex->is_woken && !duplex->is_over) {
        if (pthread_cond_timedwait(&duplex->moved, &duplex->lock, &until) != 0)
            break;
    }
}

cpts_status cpts_transport__duplex_receive(struct transport_duplex *duplex, int32_t timeout_ms,
                                           uint8_t **ret_bytes, size_t *ret_byte_count,
                                           struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    *ret_bytes = NULL;
    pthread_mutex_lock(&duplex->lock);
    if (timeout_ms > 0)
        await(duplex, timeout_ms);
    struct message *message = duplex->first;
    if (message != NULL) {
        duplex->first = message->next;
        if (duplex->first == NULL)
            duplex->last = NULL;
        duplex->inbox_bytes -= message->byte_count;
        *ret_bytes = message->bytes;
        *ret_byte_count = message->byte_count;
        read_on(duplex);
    } else if (duplex->is_over) {
        status = tell_end(duplex, err);
    }
    if (message == NULL && timeout_ms > 0) /* else whoever woke it has not been heard */
        duplex->is_woken = false;
    pthread_mutex_unlock(&duplex->lock);
    free(message);
    return status;
}

void cpts_transport__duplex_hurry(struct transport_duplex *duplex, int32_t grace_ms)
{
    pthread_mutex_lock(&duplex->lock);
    duplex->send_until_ms = cpts_ticks__ms() + grace_ms;
    duplex->is_woken = true;
    pthread_cond_broadcast(&duplex->moved);
    pthread_mutex_unlock(&duplex->lock);
}

void cpts_transport__duplex_wake(struct transport_duplex *duplex)
{
    pthread_mutex_lock(&duplex->lock);
    duplex->is_woken = true;
    pthread_cond_broadcast(&duplex->moved);
    pthread_mutex_unlock(&duplex->lock);
}

/* Locked; waits while it is sending, or, with `to_end`, until it is over. */
static bool wait_until(struct transport_duplex *duplex, bool to_end, const struct timespec *until)
{
    while (!duplex->is_over && (to_end || duplex->is_sending)) {
        if (pthread_cond_timedwait(&duplex->moved, &duplex->lock, until) != 0)
            return false;
    }
    return true;
}

void cpts_transport__duplex_close(struct transport_duplex *duplex, int32_t grace_ms)
{
    struct timespec until = cpts_ticks__in_ms(grace_ms);
    grpc_op op = {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT};
    pthread_mutex_lock(&duplex->lock);
    bool is_sent = wait_until(duplex, false, &until);
    if (is_sent && !duplex->is_over && start(duplex, &op, 1, TAG_STREAM_SENT))
        (void)wait_until(duplex, true, &until);
    if (!duplex->is_over)
        grpc_call_cancel(duplex->call, NULL);
    pthread_mutex_unlock(&duplex->lock);
    pthread_join(duplex->reader, NULL);
    release(duplex);
}
