/* SPDX-License-Identifier: Apache-2.0 */
/* The event thread's side of a watch: its streams, one after the other. */
#include <sodium.h>
#include <stdlib.h>
#include <time.h>

#include "engine.h"
#include "handle.h"
#include "ticks.h"
#include "watch_handle.h"
#include "wire/error.h"

static struct transport_stream *new_stream(cpts_watch *watch)
{
    struct transport_call call = {
        .operation = watch->subject->operation,
        .body = watch->subject->pack(watch->filter, watch->course.position),
        .timeout_ms = TRANSPORT_NO_TIMEOUT,
    };
    if (call.body == NULL)
        return NULL;
    struct transport_stream *stream =
        cpts_transport__stream_new(cpts_engine__queue(watch->client->engine), &call, watch);
    watch->stream_bytes = 0;
    cpts_transport__body_free((struct transport_body *)call.body);
    return stream;
}

/* A watch that was stopped while its stream was made has not cancelled it. */
static void set_stream(cpts_watch *watch, struct transport_stream *stream)
{
    pthread_mutex_lock(&watch->lock);
    watch->stream = stream;
    watch->is_reading = stream != NULL;
    if (stream != NULL && watch->is_stopping)
        cpts_transport__stream_cancel(stream);
    pthread_mutex_unlock(&watch->lock);
}

/* Puts an event into the queue, and sees that it is taken. */
static void enqueue(cpts_watch *watch, struct watch_entry *entry)
{
    pthread_mutex_lock(&watch->lock);
    bool is_wanted = !watch->is_dropped;
    bool takes_turn = is_wanted && watch->callback != NULL && !watch->has_turn;
    if (is_wanted) {
        cpts_watch_queue__push(&watch->queue, entry);
        watch->has_turn = watch->has_turn || takes_turn;
        cpts_watch__signal(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    if (!is_wanted)
        cpts_watch_queue__entry_free(entry);
    if (takes_turn)
        cpts_engine__take_turn(watch->client->engine, &watch->turn);
}

/* Tells people of a break that was not mended at once; without memory nobody. */
static void tell_interruption(cpts_watch *watch, const struct cpts_error *err)
{
    struct watch_entry *entry =
        cpts_watch_queue__interruption(err, cpts_ticks__wall_us(), watch->course.position);
    if (entry != NULL)
        enqueue(watch, entry);
}

/* Another stream after a pause, or the end. */
static void go_on_later(cpts_watch *watch, const struct cpts_error *err, int64_t now_ms)
{
    int32_t pause_ms = cpts_watch_rule__pause_ms(&watch->course, err, now_ms, randombytes_random());
    if (pause_ms == WATCH_OVER) {
        cpts_watch__stop(watch, err, false);
        watch->due_ms = now_ms;
        return;
    }
    if (cpts_watch_rule__is_interruption(&watch->course))
        tell_interruption(watch, err);
    watch->due_ms = now_ms + pause_ms;
}

/* A stream that says nothing at all is looked after in time. */
static int64_t silence_ends_ms(const cpts_watch *watch, int64_t now_ms)
{
    int64_t end_ms = now_ms + watch->silence_max_ms;
    int64_t give_up_ms = watch->course.heard_ms + watch->course.give_up_ms;
    return watch->course.give_up_ms > 0 && give_up_ms < end_ms ? give_up_ms : end_ms;
}

static void begin_stream(cpts_watch *watch, int64_t now_ms)
{
    struct cpts_error err;
    struct transport_stream *stream = new_stream(watch);
    watch->stream_count++;
    watch->is_silent = false;
    set_stream(watch, stream);
    watch->due_ms = silence_ends_ms(watch, now_ms);
    if (stream != NULL && cpts_transport__stream_start(stream))
        return;
    set_stream(watch, NULL);
    if (stream != NULL)
        cpts_transport__stream_discard(stream);
    (void)error_set(&err, REASON_OUT_OF_MEMORY, "no memory for a stream");
    go_on_later(watch, &err, now_ms);
}

/* Locked; the time of a stream with nothing to say is up. While nobody takes
 * events it is not the node that is silent. */
static void end_silence(cpts_watch *watch, int64_t now_ms)
{
    watch->due_ms = now_ms + watch->silence_max_ms;
    if (!watch->is_reading)
        return;
    watch->is_silent = true;
    cpts_transport__stream_cancel(watch->stream);
}

int64_t cpts_watch__tend(cpts_watch *watch, int64_t now_ms)
{
    pthread_mutex_lock(&watch->lock);
    bool has_stream = watch->stream != NULL, is_stopping = watch->is_stopping;
    if (has_stream && !is_stopping && now_ms >= watch->due_ms)
        end_silence(watch, now_ms);
    /* The first message of a stream is always read: there must be room. */
    bool is_full = !has_stream && !cpts_watch_queue__has_room(&watch->queue);
    watch->waits_for_room = is_full;
    pthread_mutex_unlock(&watch->lock);
    if (!has_stream && is_stopping)
        return WATCH_LEFT;
    if (is_full)
        return watch->silence_max_ms;
    if (!has_stream && now_ms >= watch->due_ms)
        begin_stream(watch, now_ms);
    int64_t wait_ms = watch->due_ms - now_ms;
    /* A stream that was told to end comes out by itself. */
    return wait_ms > 0 ? wait_ms : is_stopping && has_stream ? watch->silence_max_ms : 0;
}

/* A message that came; @p bytes are taken over. */
static cpts_status take_in(cpts_watch *watch, uint8_t *bytes, size_t byte_count,
                           struct cpts_error *err)
{
    struct watch_head head = {0};
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an event");
    struct transport_reply message = {.bytes = bytes, .byte_count = byte_count};
    cpts_status status =
        cpts_watch_subject__head(watch->subject, &message, watch->scratch, &head, err);
    int64_t now_ms = cpts_ticks__ms();
    watch->stream_bytes += byte_count;
    watch->due_ms = now_ms + watch->silence_max_ms;
    if (status != CPTS_OK ||
        !cpts_watch_rule__is_news(&watch->course, head.log_position, head.is_bookmark, now_ms)) {
        free(bytes);
        return status;
    }
    struct watch_entry *entry = cpts_watch_queue__message(bytes, byte_count, head.log_position);
    if (entry == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an event");
    enqueue(watch, entry);
    return CPTS_OK;
}

/* The stream has ended: what follows? */
static void stream_over(cpts_watch *watch, struct transport_stream *stream)
{
    struct cpts_error err = {0};
    struct transport_reply reply;
    int64_t now_ms = cpts_ticks__ms();
    cpts_status status = cpts_transport__stream_end(stream, &reply, &err);
    struct statistics_attempt attempt = {.operation = watch->subject->operation,
                                         .status = status,
                                         .bytes_received = watch->stream_bytes,
                                         .peer = reply.peer};
    cpts_statistics__attempt(&watch->client->statistics, &attempt);
    if (watch->is_silent)
        status = error_set(&err, REASON_DEADLINE_PASSED, "the node said nothing for too long");
    else if (status == CPTS_OK)
        (void)error_set(&err, REASON_CONNECTION_FAILED, "the node ended the stream");
    if (cpts_watch_rule__goes_on(&watch->course, status, reply.is_verdict, &err)) {
        go_on_later(watch, &err, now_ms);
    } else {
        cpts_watch__stop(watch, &err, false);
        watch->due_ms = now_ms;
    }
}

void cpts_watch__moved(cpts_watch *watch)
{
    struct cpts_error err;
    uint8_t *bytes = NULL;
    size_t byte_count = 0;
    pthread_mutex_lock(&watch->lock);
    struct transport_stream *stream = watch->stream;
    bool has_message = cpts_transport__stream_take(stream, &bytes, &byte_count);
    pthread_mutex_unlock(&watch->lock);
    if (has_message && take_in(watch, bytes, byte_count, &err) != CPTS_OK)
        cpts_watch__stop(watch, &err, false);
    pthread_mutex_lock(&watch->lock);
    if (has_message) {
        watch->is_reading = false;
        cpts_watch__read_on(watch);
    }
    bool is_over = cpts_transport__stream_is_over(stream);
    if (is_over) {
        watch->stream = NULL;
        watch->is_reading = false;
    }
    pthread_mutex_unlock(&watch->lock);
    if (is_over)
        stream_over(watch, stream);
}

void cpts_watch__finish(cpts_watch *watch)
{
    cpts_client *client = watch->client;
    cpts_statistics__call(&client->statistics, watch->subject->operation, watch->end.status,
                          cpts_ticks__us() - watch->begun_us, watch->stream_count);
    pthread_mutex_lock(&watch->lock);
    bool takes_turn = watch->callback != NULL && !watch->has_turn;
    watch->has_turn = watch->has_turn || takes_turn;
    watch->is_over = true;
    cpts_watch__signal(watch);
    bool has_callback = watch->callback != NULL;
    pthread_mutex_unlock(&watch->lock);
    if (takes_turn)
        cpts_engine__take_turn(client->engine, &watch->turn);
    if (has_callback)
        return;
    cpts_engine__watch_gone(client->engine);
    cpts_watch__unref(watch);
}
