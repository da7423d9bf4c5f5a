/* SPDX-License-Identifier: Apache-2.0 */
/* grpc.health.v1.Health/Watch. */
#include <grpc/health/v1/health.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/packet.h"
#include "rpc/health.h"
#include "wire/error.h"
#include "wire/unpack.h"

struct health_watcher {
    struct health *health;
    struct stream *stream;
    bool is_known;
    bool is_waiting;
    bool is_withdrawn;
    cpts_status ending; /* once it is withdrawn */
    /* What it was told last; HEALTH_WORDS: nothing. */
    enum health_word told;
    TAILQ_ENTRY(health_watcher) link;
};

cpts_status health_watch_begin(void *context, struct call *call)
{
    struct health *health = context;
    ProtobufCMessage *message;
    cpts_status status =
        wire_unpack(&grpc__health__v1__health_check_request__descriptor, call->request_bytes,
                    call->request_byte_count, call->arena, &message, &call->error);
    if (status != CPTS_OK)
        return status;
    struct health_watcher *watcher = calloc(1, sizeof *watcher);
    if (watcher == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "no memory for another watcher");
    watcher->health = health;
    watcher->is_known =
        health_has_service(health, ((Grpc__Health__V1__HealthCheckRequest *)message)->service);
    watcher->told = HEALTH_WORDS;
    call->state = watcher;
    return CPTS_OK;
}

static enum health_word word_for(const struct health_watcher *watcher)
{
    if (!watcher->is_known)
        return HEALTH_UNKNOWN;
    return atomic_load(&watcher->health->serving) ? HEALTH_SERVING : HEALTH_NOT_SERVING;
}

/* Under the mutex. */
static enum stream_step next_locked(struct health_watcher *watcher,
                                    struct stream_message *ret_message, struct cpts_error *err)
{
    struct health *health = watcher->health;
    enum health_word word = word_for(watcher);
    if (word != watcher->told && watcher->ending != CPTS_CANCELLED) {
        watcher->told = word;
        ret_message->packet = packet_ref(health->words[word]);
        return STREAM_SEND;
    }
    if (watcher->is_withdrawn) {
        (void)error_set(err, REASON_SHUTTING_DOWN, "the node stops");
        return STREAM_END;
    }
    watcher->is_waiting = true;
    TAILQ_INSERT_TAIL(&health->waiting, watcher, link);
    return STREAM_WAIT;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct health_watcher *watcher = stream->state;
    pthread_mutex_lock(&watcher->health->mutex);
    watcher->stream = stream;
    enum stream_step step = next_locked(watcher, ret_message, err);
    pthread_mutex_unlock(&watcher->health->mutex);
    return step;
}

/* Under the mutex. */
static void take_over(struct health_watcher *watcher)
{
    TAILQ_REMOVE(&watcher->health->waiting, watcher, link);
    watcher->is_waiting = false;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    struct health_watcher *watcher = stream->state;
    pthread_mutex_lock(&watcher->health->mutex);
    bool was_waiting = watcher->is_waiting;
    watcher->is_withdrawn = true;
    watcher->ending = why == STREAM_IS_GONE ? CPTS_CANCELLED : CPTS_UNAVAILABLE;
    if (was_waiting)
        take_over(watcher);
    pthread_mutex_unlock(&watcher->health->mutex);
    return was_waiting;
}

static void end(struct stream *stream)
{
    free(stream->state);
}

const struct stream_handler health_watch = {.next = next, .withdraw = withdraw, .end = end};

/* One who has not been told the status as it is, now the caller's; or NULL. */
static struct stream *take_uninformed(struct health *health)
{
    struct health_watcher *watcher;
    struct stream *stream = NULL;
    pthread_mutex_lock(&health->mutex);
    TAILQ_FOREACH(watcher, &health->waiting, link)
    {
        if (watcher->told != word_for(watcher))
            break;
    }
    if (watcher != NULL) {
        take_over(watcher);
        stream = watcher->stream;
    }
    pthread_mutex_unlock(&health->mutex);
    return stream;
}

void health_serving_set(struct health *health, bool serving)
{
    if (atomic_exchange(&health->serving, serving) == serving)
        return;
    for (struct stream *stream = take_uninformed(health); stream != NULL;
         stream = take_uninformed(health))
        stream->resume(stream);
}
