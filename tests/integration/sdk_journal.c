/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/sdk_journal.h"

#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
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
#define NAME_BYTES_MAX 65536

struct listener {
    struct stream *stream;
    int64_t position;
    int sent_count;
    bool has_bookmark;
    bool is_waiting;
    bool is_withdrawn;
    TAILQ_ENTRY(listener) link;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static TAILQ_HEAD(, listener) listeners = TAILQ_HEAD_INITIALIZER(listeners);
static struct journal_script script;
static int stream_count;
static int64_t sent_count, asked;

static int64_t start_of(const Cpts__V1__WatchCptsRequest *request)
{
    asked = request->start_case == CPTS__V1__WATCH_CPTS_REQUEST__START_FROM_NOW
                ? -1
                : request->after_position;
    int64_t start = asked < 0 ? script.head : asked - script.repeat;
    return start < 0 ? 0 : start;
}

cpts_status journal_begin(struct call *call, const void *request, struct cpts_error *err)
{
    const Cpts__V1__WatchCptsRequest *message = request;
    if (strcmp(message->region, "99") == 0)
        return error_set_field(err, REASON_UNKNOWN_REGION, "region", "no region has this code");
    struct listener *listener = calloc(1, sizeof *listener);
    pthread_mutex_lock(&mutex);
    listener->position = start_of(message);
    stream_count++;
    TAILQ_INSERT_TAIL(&listeners, listener, link);
    pthread_mutex_unlock(&mutex);
    call->state = listener;
    return CPTS_OK;
}

static struct packet *pack(const Cpts__V1__WatchCptsResponse *response)
{
    struct packet *packet =
        packet_new(script.is_garbage ? 1 : protobuf_c_message_get_packed_size(&response->base));
    packet->bytes[0] = 0x0a;
    if (!script.is_garbage)
        protobuf_c_message_pack(&response->base, packet->bytes);
    return packet;
}

static struct packet *pack_change(int64_t position)
{
    static char name[NAME_BYTES_MAX];
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__CptsChange change = CPTS__V1__CPTS_CHANGE__INIT;
    Cpts__V1__CptsUpdated updated = CPTS__V1__CPTS_UPDATED__INIT;
    memset(name, 'n', (size_t)script.name_bytes);
    name[script.name_bytes] = '\0';
    updated._name_case = CPTS__V1__CPTS_UPDATED___NAME_NAME;
    updated.name = name;
    change.log_position = position;
    change.kind = "CPTS_UPDATED";
    change.event_case = CPTS__V1__CPTS_CHANGE__EVENT_CPTS_UPDATED;
    change.cpts_updated = &updated;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE;
    response.change = &change;
    return pack(&response);
}

static struct packet *pack_bookmark(int64_t position)
{
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__WatchBookmark bookmark = CPTS__V1__WATCH_BOOKMARK__INIT;
    bookmark.log_position = position;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_BOOKMARK;
    response.bookmark = &bookmark;
    return pack(&response);
}

static enum stream_step send(struct listener *listener, struct packet *packet,
                             struct stream_message *ret_message)
{
    listener->sent_count++;
    sent_count++;
    ret_message->packet = packet;
    ret_message->more = false;
    return STREAM_SEND;
}

static enum stream_step next_locked(struct listener *listener, struct stream_message *ret_message,
                                    struct cpts_error *err)
{
    if (listener->is_withdrawn) {
        (void)error_set(err, REASON_SHUTTING_DOWN, "no more");
        return STREAM_END;
    }
    if (listener->position > script.head) {
        (void)error_set(err, REASON_POSITION_AHEAD, "the log ends at %lld", (long long)script.head);
        snprintf(err->detail, sizeof err->detail, "%lld", (long long)script.head);
        return STREAM_END;
    }
    if (script.break_after > 0 && listener->sent_count >= script.break_after) {
        if (script.break_reason != JOURNAL_ENDS_WELL)
            (void)error_set(err, script.break_reason, "as asked");
        return STREAM_END;
    }
    if (listener->position < script.head)
        return send(listener, pack_change(++listener->position), ret_message);
    if (!listener->has_bookmark && !script.is_mute) {
        listener->has_bookmark = true;
        return send(listener, pack_bookmark(script.head), ret_message);
    }
    listener->is_waiting = true;
    return STREAM_WAIT;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct listener *listener = stream->state;
    pthread_mutex_lock(&mutex);
    listener->stream = stream;
    enum stream_step step = next_locked(listener, ret_message, err);
    pthread_mutex_unlock(&mutex);
    return step;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    struct listener *listener = stream->state;
    (void)why;
    pthread_mutex_lock(&mutex);
    bool was_waiting = listener->is_waiting;
    listener->is_waiting = false;
    listener->is_withdrawn = true;
    pthread_mutex_unlock(&mutex);
    return was_waiting;
}

static void end(struct stream *stream)
{
    struct listener *listener = stream->state;
    pthread_mutex_lock(&mutex);
    TAILQ_REMOVE(&listeners, listener, link);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    free(listener);
}

const struct stream_handler journal_stream = {.next = next, .withdraw = withdraw, .end = end};

/* Whoever is waiting is taken out of it first, then told without the lock. */
static void wake_all(void)
{
    for (;;) {
        struct stream *stream = NULL;
        struct listener *listener;
        pthread_mutex_lock(&mutex);
        TAILQ_FOREACH(listener, &listeners, link)
        {
            if (listener->is_waiting && listener->position < script.head) {
                listener->is_waiting = false;
                listener->has_bookmark = false;
                stream = listener->stream;
                break;
            }
        }
        pthread_mutex_unlock(&mutex);
        if (stream == NULL)
            return;
        stream->resume(stream);
    }
}

void journal_play(const struct journal_script *new_script)
{
    pthread_mutex_lock(&mutex);
    script = *new_script;
    stream_count = 0;
    sent_count = 0;
    pthread_mutex_unlock(&mutex);
    wake_all();
}

void journal_grow(int64_t head)
{
    pthread_mutex_lock(&mutex);
    script.head = head;
    pthread_mutex_unlock(&mutex);
    wake_all();
}

static int64_t read_locked(const int64_t *value)
{
    pthread_mutex_lock(&mutex);
    int64_t copy = *value;
    pthread_mutex_unlock(&mutex);
    return copy;
}

int journal_stream_count(void)
{
    pthread_mutex_lock(&mutex);
    int count = stream_count;
    pthread_mutex_unlock(&mutex);
    return count;
}

int64_t journal_sent_count(void)
{
    return read_locked(&sent_count);
}

int64_t journal_asked(void)
{
    return read_locked(&asked);
}

bool journal_await_closed(void)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (!TAILQ_EMPTY(&listeners) && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    return error == 0;
}
