/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/frame_link.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

#include "base/clock.h"
#include "base/packet.h"
#include "wire/error.h"

/* What may come before the session looks: more than the credit that it gives (cpts/sync.h),
 * so that two sides that both send do not wait for one another. */
#define INCOMING_FRAMES_MAX 69632
#define INCOMING_BYTES_MAX ((size_t)24 * 1024 * 1024)
/* What may wait to leave; one frame is let in whatever its size. */
#define OUTGOING_FRAMES_MAX 256
#define OUTGOING_BYTES_MAX ((size_t)8 * 1024 * 1024)
/* How long a frame waits for the other side to take those before it. */
#define SEND_PATIENCE_NS (60 * NS_PER_S)
#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)

struct frame {
    struct packet *packet;
    STAILQ_ENTRY(frame) link;
};

struct frame_queue {
    STAILQ_HEAD(, frame) frames;
    int count;
    size_t byte_count;
    int count_max;
    size_t byte_count_max;
};

struct frame_link {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int reference_count;
    struct stream *stream; /* NULL before the first message and after the end */
    bool has_stream;       /* the sending half waits for us */
    bool has_refused;      /* take() said that there is no room */
    bool is_over;          /* the other side has gone, or the server stops */
    bool is_withdrawn;
    bool is_closed; /* by the session */
    bool is_woken;
    struct cpts_error end; /* how it ended, for the session */
    struct cpts_error why; /* how the session ended it, for the other side */
    struct frame_queue incoming;
    struct frame_queue outgoing;
};

static void queue_init(struct frame_queue *queue, int count_max, size_t byte_count_max)
{
    STAILQ_INIT(&queue->frames);
    queue->count_max = count_max;
    queue->byte_count_max = byte_count_max;
}

static bool has_room(const struct frame_queue *queue)
{
    return queue->count < queue->count_max && queue->byte_count < queue->byte_count_max;
}

/* @return false when memory is out. */
static bool push(struct frame_queue *queue, const uint8_t *bytes, size_t byte_count)
{
    struct frame *frame = malloc(sizeof *frame);
    struct packet *packet = packet_new(byte_count);
    if (frame == NULL || packet == NULL) {
        free(frame);
        packet_unref(packet);
        return false;
    }
    memcpy(packet->bytes, bytes, byte_count);
    frame->packet = packet;
    STAILQ_INSERT_TAIL(&queue->frames, frame, link);
    queue->count++;
    queue->byte_count += byte_count;
    return true;
}

/* @return the oldest one, now the caller's; NULL when there is none. */
static struct packet *pop(struct frame_queue *queue)
{
    struct frame *frame = STAILQ_FIRST(&queue->frames);
    if (frame == NULL)
        return NULL;
    struct packet *packet = frame->packet;
    STAILQ_REMOVE_HEAD(&queue->frames, link);
    queue->count--;
    queue->byte_count -= packet->byte_count;
    free(frame);
    return packet;
}

static void empty(struct frame_queue *queue)
{
    for (struct packet *frame = pop(queue); frame != NULL; frame = pop(queue))
        packet_unref(frame);
}

struct frame_link *frame_link_new(void)
{
    struct frame_link *link = calloc(1, sizeof *link);
    pthread_condattr_t attributes;
    if (link == NULL)
        return NULL;
    pthread_mutex_init(&link->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&link->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    link->reference_count = 2;
    queue_init(&link->incoming, INCOMING_FRAMES_MAX, INCOMING_BYTES_MAX);
    queue_init(&link->outgoing, OUTGOING_FRAMES_MAX, OUTGOING_BYTES_MAX);
    return link;
}

void frame_link_unref(struct frame_link *link)
{
    pthread_mutex_lock(&link->mutex);
    bool is_last = --link->reference_count == 0;
    pthread_mutex_unlock(&link->mutex);
    if (!is_last)
        return;
    empty(&link->incoming);
    empty(&link->outgoing);
    pthread_cond_destroy(&link->changed);
    pthread_mutex_destroy(&link->mutex);
    free(link);
}

/* The stream's side. */

static enum stream_step next_locked(struct frame_link *link, struct stream_message *ret_message,
                                    struct cpts_error *err)
{
    if (link->is_withdrawn) {
        *err = link->end;
        return STREAM_END;
    }
    ret_message->packet = pop(&link->outgoing);
    if (ret_message->packet != NULL) {
        ret_message->more = link->outgoing.count > 0;
        return STREAM_SEND;
    }
    if (link->is_closed) {
        *err = link->why;
        return STREAM_END;
    }
    link->has_stream = true;
    return STREAM_WAIT;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct frame_link *link = stream->state;
    pthread_mutex_lock(&link->mutex);
    enum stream_step step = next_locked(link, ret_message, err);
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
    return step;
}

/* The first end counts. */
static void set_over(struct frame_link *link, const struct cpts_error *end)
{
    if (!link->is_over)
        link->end = *end;
    link->is_over = true;
}

static bool take_locked(struct frame_link *link, const uint8_t *bytes, size_t byte_count,
                        const struct cpts_error *why)
{
    struct cpts_error end = {0};
    if (bytes == NULL) {
        (void)error_set(&end, REASON_CONNECTION_FAILED, "the other side has ended the session");
        set_over(link, why == NULL ? &end : why);
        return false;
    }
    if (!push(&link->incoming, bytes, byte_count)) {
        (void)error_set(&end, REASON_OUT_OF_MEMORY, "no memory for a frame");
        set_over(link, &end);
        return false;
    }
    link->has_refused = !has_room(&link->incoming);
    return !link->has_refused;
}

static bool take(struct stream *stream, const uint8_t *bytes, size_t byte_count,
                 const struct cpts_error *why)
{
    struct frame_link *link = stream->state;
    pthread_mutex_lock(&link->mutex);
    link->stream = stream;
    bool takes_more = take_locked(link, bytes, byte_count, why);
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
    return takes_more;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    struct frame_link *link = stream->state;
    struct cpts_error end = {0};
    if (why == STREAM_IS_DRAINING)
        (void)error_set(&end, REASON_SHUTTING_DOWN, "the node stops");
    else
        (void)error_set(&end, REASON_CONNECTION_FAILED, "the other side has gone");
    pthread_mutex_lock(&link->mutex);
    set_over(link, &end);
    link->is_withdrawn = true;
    bool was_waiting = link->has_stream;
    link->has_stream = false;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
    return was_waiting;
}

static void end(struct stream *stream)
{
    struct frame_link *link = stream->state;
    struct cpts_error gone = {0};
    (void)error_set(&gone, REASON_CONNECTION_FAILED, "the other side has gone");
    pthread_mutex_lock(&link->mutex);
    set_over(link, &gone);
    link->stream = NULL;
    link->has_stream = false;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
    frame_link_unref(link);
}

const struct stream_handler frame_link_stream = {.next = next,
                                                 .take = take,
                                                 .message_bytes_max = CPTS_SYNC_FRAME_BYTES_MAX,
                                                 .withdraw = withdraw,
                                                 .end = end};

/* The session's side. */

/* @return false when it is later than @p until_ns. */
static bool wait_until(struct frame_link *link, int64_t until_ns)
{
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    return pthread_cond_timedwait(&link->changed, &link->mutex, &until) != ETIMEDOUT;
}

/* Gives the sending half back to the transport, when it waits for us.
 * Under the mutex, which is released. */
static void resume_unlocked(struct frame_link *link)
{
    struct stream *stream = link->has_stream ? link->stream : NULL;
    link->has_stream = false;
    pthread_mutex_unlock(&link->mutex);
    if (stream != NULL)
        stream->resume(stream);
}

static cpts_status fail(const struct cpts_error *why, struct cpts_error *err)
{
    if (err != NULL)
        *err = *why;
    return why->status;
}

/* The other side has stopped to read: it keeps nothing here. Under the mutex. */
static void give_up(struct frame_link *link)
{
    struct cpts_error end = {0};
    (void)error_set(&end, REASON_CONNECTION_FAILED, "the other side takes no frames");
    set_over(link, &end);
    if (link->stream != NULL && !link->is_withdrawn)
        link->stream->cut(link->stream, &end);
}

static cpts_status send(void *data, const uint8_t *bytes, size_t byte_count, struct cpts_error *err)
{
    struct frame_link *link = data;
    int64_t until_ns = clock_monotonic_ns() + SEND_PATIENCE_NS;
    bool is_in_time = true;
    pthread_mutex_lock(&link->mutex);
    while (!link->is_over && !has_room(&link->outgoing) && is_in_time)
        is_in_time = wait_until(link, until_ns);
    if (!link->is_over && !has_room(&link->outgoing))
        give_up(link);
    cpts_status status = CPTS_OK;
    if (link->is_over)
        status = fail(&link->end, err);
    else if (!push(&link->outgoing, bytes, byte_count))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    if (status == CPTS_OK)
        resume_unlocked(link);
    else
        pthread_mutex_unlock(&link->mutex);
    return status;
}

/* Waits for a frame, or what makes waiting vain. Under the mutex. */
static struct packet *await_frame(struct frame_link *link, int32_t timeout_ms)
{
    int64_t until_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    bool is_in_time = true;
    while (link->incoming.count == 0 && !link->is_over && !link->is_woken && is_in_time)
        is_in_time = wait_until(link, until_ns);
    struct packet *frame = pop(&link->incoming);
    if (frame == NULL && timeout_ms > 0) /* else whoever woke it has not been heard */
        link->is_woken = false;
    if (link->has_refused && has_room(&link->incoming) && link->stream != NULL) {
        link->has_refused = false;
        link->stream->take_more(link->stream);
    }
    return frame;
}

static cpts_status hand_over(const struct packet *frame, uint8_t **ret_bytes,
                             size_t *ret_byte_count, struct cpts_error *err)
{
    uint8_t *bytes = malloc(frame->byte_count + 1);
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    memcpy(bytes, frame->bytes, frame->byte_count);
    *ret_bytes = bytes;
    *ret_byte_count = frame->byte_count;
    return CPTS_OK;
}

static cpts_status receive(void *data, int32_t timeout_ms, uint8_t **ret_bytes,
                           size_t *ret_byte_count, struct cpts_error *err)
{
    struct frame_link *link = data;
    cpts_status status = CPTS_OK;
    pthread_mutex_lock(&link->mutex);
    struct packet *frame = await_frame(link, timeout_ms);
    if (frame == NULL && link->is_over)
        status = fail(&link->end, err);
    pthread_mutex_unlock(&link->mutex);
    if (frame == NULL && status == CPTS_OK) {
        *ret_bytes = NULL;
        *ret_byte_count = 0;
    } else if (frame != NULL) {
        status = hand_over(frame, ret_bytes, ret_byte_count, err);
    }
    packet_unref(frame);
    return status;
}

static void close_link(void *data, const struct cpts_error *why)
{
    struct frame_link *link = data;
    pthread_mutex_lock(&link->mutex);
    if (why != NULL)
        link->why = *why;
    link->is_closed = true;
    resume_unlocked(link);
}

static void wake(void *data)
{
    struct frame_link *link = data;
    pthread_mutex_lock(&link->mutex);
    link->is_woken = true;
    pthread_cond_broadcast(&link->changed);
    pthread_mutex_unlock(&link->mutex);
}

struct cpts_sync_link frame_link_face(struct frame_link *link)
{
    return (struct cpts_sync_link){
        .link = link, .send = send, .receive = receive, .close = close_link, .wake = wake};
}
