/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/rpc_counter.h"

#include <grpc/health/v1/health.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "base/call.h"
#include "base/packet.h"
#include "wire/error.h"

#define PATIENCE_S 30
#define TEXT_BYTES_MAX 65536

struct counter {
    struct stream *stream;
    int left;
    int last;
    char ending;
    bool is_waiting;
    bool is_withdrawn;
    TAILQ_ENTRY(counter) link;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static TAILQ_HEAD(, counter) counters = TAILQ_HEAD_INITIALIZER(counters);
static int open_count;
static int64_t sent_count;
static int pad_bytes;

cpts_status counter_begin(struct call *call, const void *request, struct cpts_error *err)
{
    const Grpc__Health__V1__HealthCheckRequest *message = request;
    struct counter *counter = calloc(1, sizeof *counter);
    if (sscanf(message->service, "%d%c", &counter->left, &counter->ending) != 2) {
        free(counter);
        return error_set_field(err, REASON_FIELD_INVALID, "service", "a number and a letter");
    }
    call->state = counter;
    pthread_mutex_lock(&mutex);
    TAILQ_INSERT_TAIL(&counters, counter, link);
    open_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return CPTS_OK;
}

static struct packet *pack(int number)
{
    static char text[TEXT_BYTES_MAX];
    Grpc__Health__V1__HealthCheckRequest message = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    snprintf(text, sizeof text, "%0*d", pad_bytes + 1, number);
    message.service = text;
    struct packet *packet =
        packet_new(grpc__health__v1__health_check_request__get_packed_size(&message));
    grpc__health__v1__health_check_request__pack(&message, packet->bytes);
    return packet;
}

static enum stream_step next_locked(struct counter *counter, struct stream_message *ret_message,
                                    struct cpts_error *err)
{
    if (counter->is_withdrawn) {
        (void)error_set(err, REASON_SHUTTING_DOWN, "no more after %d", counter->last);
        snprintf(err->detail, sizeof err->detail, "%d", counter->last);
        return STREAM_END;
    }
    if (counter->left > 0) {
        counter->left--;
        sent_count++;
        ret_message->packet = pack(++counter->last);
        ret_message->more = counter->left > 0;
        return STREAM_SEND;
    }
    if (counter->ending == 'e')
        return STREAM_END;
    if (counter->ending == 'f') {
        (void)error_set(err, REASON_SUBSCRIBER_TOO_SLOW, "as asked");
        snprintf(err->detail, sizeof err->detail, "%d", counter->last);
        return STREAM_END;
    }
    counter->is_waiting = true;
    return STREAM_WAIT;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct counter *counter = stream->state;
    pthread_mutex_lock(&mutex);
    counter->stream = stream;
    enum stream_step step = next_locked(counter, ret_message, err);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return step;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    struct counter *counter = stream->state;
    (void)why;
    pthread_mutex_lock(&mutex);
    bool was_waiting = counter->is_waiting;
    counter->is_waiting = false;
    counter->is_withdrawn = true;
    pthread_mutex_unlock(&mutex);
    return was_waiting;
}

static void end(struct stream *stream)
{
    struct counter *counter = stream->state;
    pthread_mutex_lock(&mutex);
    TAILQ_REMOVE(&counters, counter, link);
    open_count--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    free(counter);
}

const struct stream_handler counter_stream = {.next = next, .withdraw = withdraw, .end = end};

void counter_pad(int byte_count)
{
    pthread_mutex_lock(&mutex);
    pad_bytes = byte_count;
    pthread_mutex_unlock(&mutex);
}

int64_t counter_sent_count(void)
{
    pthread_mutex_lock(&mutex);
    int64_t count = sent_count;
    pthread_mutex_unlock(&mutex);
    return count;
}

/* Waits, under the mutex, until @p is_true. */
static bool await_locked(bool (*is_true)(int argument), int argument)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    while (!is_true(argument) && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    return error == 0;
}

static bool are_open(int count)
{
    return open_count == count;
}

bool counter_await_open(int count)
{
    pthread_mutex_lock(&mutex);
    bool are_so_many = await_locked(are_open, count);
    pthread_mutex_unlock(&mutex);
    return are_so_many;
}

static struct counter *find_waiting(void)
{
    struct counter *counter;
    TAILQ_FOREACH(counter, &counters, link)
    {
        if (counter->is_waiting)
            break;
    }
    return counter;
}

static bool is_one_waiting(int ignored)
{
    (void)ignored;
    return find_waiting() != NULL;
}

void counter_add(int count)
{
    struct stream *stream = NULL;
    pthread_mutex_lock(&mutex);
    if (await_locked(is_one_waiting, 0)) {
        struct counter *counter = find_waiting();
        counter->is_waiting = false;
        counter->left += count;
        stream = counter->stream;
    }
    pthread_mutex_unlock(&mutex);
    if (stream != NULL)
        stream->resume(stream);
}

void counter_cut_all(void)
{
    struct cpts_error error;
    struct counter *counter;
    (void)error_set(&error, REASON_SUBSCRIBER_TOO_SLOW, "cut");
    pthread_mutex_lock(&mutex);
    TAILQ_FOREACH(counter, &counters, link)
    counter->stream->cut(counter->stream, &error);
    pthread_mutex_unlock(&mutex);
}
