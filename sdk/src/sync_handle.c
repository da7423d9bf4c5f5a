/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions one after the other over a client's connection, on a thread of their own. */
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "handle.h"
#include "sync_convert.h"
#include "sync_redial.h"
#include "sync_session.h"
#include "ticks.h"
#include "transport_duplex.h"
#include "wire/error.h"

/* Beside the credit: acknowledgements, requests, and one frame that is on its way. */
#define INBOX_SPARE_BYTES ((size_t)8 * 1024 * 1024)
/* For the reason of an end to leave. */
#define CLOSE_GRACE_MS 1000

struct cpts_sync {
    cpts_client *client;
    struct cpts_sync_store store;
    struct cpts_sync_options options;
    char peer_node[CPTS_SYNC_NODE_BYTES];
    struct sync_redial redial;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* Under the lock. */
    struct transport_duplex *duplex;
    struct cpts_sync_status status;
    /* Counters of the sessions before this one. */
    struct cpts_sync_status before;
    unsigned wishes;
    bool is_stopping;
    /* Waits that were asked for, told to the session, fulfilled. */
    int64_t waits_wanted;
    int64_t waits_told;
    int64_t waits_done;
    int64_t session_caught_up;
};

static void add_up(struct cpts_sync_direction *direction, const struct cpts_sync_direction *before)
{
    direction->change_count += before->change_count;
    direction->byte_count += before->byte_count;
    direction->absorbed_count += before->absorbed_count;
}

/* Locked. */
static void take_status(struct cpts_sync *sync, const struct cpts_sync_status *status)
{
    const struct cpts_sync_status *before = &sync->before;
    int64_t caught_up = status->caught_up_count;
    sync->status = *status;
    add_up(&sync->status.sent, &before->sent);
    add_up(&sync->status.received, &before->received);
    sync->status.session_count += before->session_count;
    sync->status.caught_up_count += before->caught_up_count;
    sync->status.last_failure_us = before->last_failure_us;
    memcpy(sync->status.last_reason, before->last_reason, sizeof before->last_reason);
    if (caught_up == sync->session_caught_up)
        return;
    sync->session_caught_up = caught_up;
    sync->waits_done = sync->waits_told;
    pthread_cond_broadcast(&sync->moved);
}

static unsigned attend(void *data, const struct cpts_sync_status *status)
{
    struct cpts_sync *sync = data;
    pthread_mutex_lock(&sync->lock);
    take_status(sync, status);
    unsigned wish = sync->is_stopping ? CPTS_SYNC_STOP : CPTS_SYNC_GO_ON;
    if (status->is_connected) { /* a session that comes to nothing leaves them to the next */
        wish |= sync->wishes;
        sync->wishes = CPTS_SYNC_GO_ON;
    }
    if (status->is_connected && sync->waits_told < sync->waits_wanted &&
        sync->waits_done == sync->waits_told) {
        sync->waits_told = sync->waits_wanted;
        wish |= CPTS_SYNC_CATCH_UP;
    }
    pthread_mutex_unlock(&sync->lock);
    return wish;
}

static cpts_status link_send(void *link, const uint8_t *bytes, size_t byte_count,
                             struct cpts_error *err)
{
    return cpts_transport__duplex_send(link, bytes, byte_count, err);
}

static cpts_status link_receive(void *link, int32_t timeout_ms, uint8_t **ret_bytes,
                                size_t *ret_byte_count, struct cpts_error *err)
{
    return cpts_transport__duplex_receive(link, timeout_ms, ret_bytes, ret_byte_count, err);
}

/* The call itself is closed by who opened it. */
static void link_close(void *link, const struct cpts_error *why)
{
    (void)link;
    (void)why;
}

static void link_wake(void *link)
{
    cpts_transport__duplex_wake(link);
}

static void set_duplex(struct cpts_sync *sync, struct transport_duplex *duplex)
{
    pthread_mutex_lock(&sync->lock);
    sync->duplex = duplex;
    pthread_mutex_unlock(&sync->lock);
}

static cpts_status run_session(struct cpts_sync *sync, struct cpts_error *err)
{
    struct transport_duplex *duplex = NULL;
    size_t inbox_bytes = (size_t)sync->options.credit_bytes + INBOX_SPARE_BYTES;
    cpts_status status = cpts_transport__duplex_open(
        sync->client->transport, OPERATION_FEDERATION_SYNC, inbox_bytes, &duplex, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_sync_link link = {.link = duplex,
                                  .send = link_send,
                                  .receive = link_receive,
                                  .close = link_close,
                                  .wake = link_wake};
    struct cpts_sync_side side = {.size = sizeof side,
                                  .is_dialler = true,
                                  .peer_node = sync->options.peer_node,
                                  .attend = attend,
                                  .data = sync,
                                  .verified_us = sync->before.received.verified_us};
    set_duplex(sync, duplex);
    status = cpts_sync_session(&sync->store, &link, &sync->options, &side, err);
    set_duplex(sync, NULL);
    cpts_transport__duplex_close(duplex, CLOSE_GRACE_MS);
    return status;
}

/* Locked; what the session that is over leaves to the next one. */
static void end_session(struct cpts_sync *sync, cpts_status status, const struct cpts_error *err)
{
    struct cpts_sync_status *own = &sync->status;
    own->is_connected = false;
    if (status != CPTS_OK) {
        own->last_failure_us = cpts_ticks__wall_us();
        snprintf(own->last_reason, sizeof own->last_reason, "%.47s", err->reason);
    }
    sync->before = *own;
    sync->session_caught_up = 0;
    sync->waits_told = sync->waits_done;
}

static void *keep_up(void *data)
{
    struct cpts_sync *sync = data;
    bool is_stopping = false;
    while (!is_stopping) {
        struct cpts_error err = {0};
        cpts_status status = run_session(sync, &err);
        pthread_mutex_lock(&sync->lock);
        bool was_connected =
            sync->status.received.last_success_us > sync->before.received.last_success_us;
        end_session(sync, status, &err);
        int32_t pause_ms =
            cpts_sync_redial__pause_ms(&sync->redial, &err, was_connected, randombytes_random());
        struct timespec until = cpts_ticks__in_ms(pause_ms);
        while (!sync->is_stopping &&
               pthread_cond_timedwait(&sync->moved, &sync->lock, &until) == 0) {
        }
        is_stopping = sync->is_stopping;
        pthread_mutex_unlock(&sync->lock);
    }
    return NULL;
}

static void init_locks(struct cpts_sync *sync)
{
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&sync->lock, NULL);
    pthread_cond_init(&sync->moved, &clock);
    pthread_condattr_destroy(&clock);
}

static cpts_status prepare(struct cpts_sync *sync, const struct cpts_sync_store *store,
                           const struct cpts_sync_options *options, struct cpts_error *err)
{
    cpts_status status = cpts_exchange__adopt(&sync->store, sizeof sync->store, store, err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&sync->options, sizeof sync->options, options, err);
    sync->options.size = sizeof sync->options;
    if (status == CPTS_OK && sync->options.peer_node != NULL) {
        if (!cpts_sync_convert__read_text(sync->options.peer_node, sync->peer_node,
                                          sizeof sync->peer_node))
            return error_set_field(err, REASON_ARGUMENT_INVALID, "peer_node",
                                   "not the name of a node");
        sync->options.peer_node = sync->peer_node;
    }
    if (status == CPTS_OK)
        status = cpts_sync_session__check(&sync->store, &sync->options, err);
    sync->status.size = sizeof sync->status;
    sync->redial = (struct sync_redial){.min_ms = sync->options.redial_min_ms,
                                        .max_ms = sync->options.redial_max_ms};
    return status;
}

/* Starts the thread with every signal blocked: they are the program's. */
static bool start_thread(struct cpts_sync *sync)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&sync->thread, NULL, keep_up, sync) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_started;
}

cpts_status cpts_sync_open(cpts_client *client, const struct cpts_sync_store *store,
                           const struct cpts_sync_options *options, cpts_sync **ret_sync,
                           struct cpts_error *err)
{
    struct cpts_sync *sync = calloc(1, sizeof *sync);
    error_clear(err);
    if (sync == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a synchronisation");
    cpts_status status = prepare(sync, store, options, err);
    if (status != CPTS_OK) {
        free(sync);
        return status;
    }
    sync->client = client;
    init_locks(sync);
    if (start_thread(sync)) {
        *ret_sync = sync;
        return CPTS_OK;
    }
    pthread_cond_destroy(&sync->moved);
    pthread_mutex_destroy(&sync->lock);
    free(sync);
    return error_set(err, REASON_OUT_OF_MEMORY, "no thread for a synchronisation");
}

void cpts_sync_close(cpts_sync *sync)
{
    if (sync == NULL)
        return;
    pthread_mutex_lock(&sync->lock);
    sync->is_stopping = true;
    if (sync->duplex != NULL)
        cpts_transport__duplex_hurry(sync->duplex, CLOSE_GRACE_MS);
    pthread_cond_broadcast(&sync->moved);
    pthread_mutex_unlock(&sync->lock);
    pthread_join(sync->thread, NULL);
    pthread_cond_destroy(&sync->moved);
    pthread_mutex_destroy(&sync->lock);
    free(sync);
}

void cpts_sync_read_status(cpts_sync *sync, struct cpts_sync_status *ret_status)
{
    pthread_mutex_lock(&sync->lock);
    cpts_exchange__give(ret_status, &sync->status, sizeof sync->status);
    pthread_mutex_unlock(&sync->lock);
}

void cpts_sync_wake(cpts_sync *sync)
{
    pthread_mutex_lock(&sync->lock);
    if (sync->duplex != NULL)
        cpts_transport__duplex_wake(sync->duplex);
    pthread_mutex_unlock(&sync->lock);
}

void cpts_sync_verify(cpts_sync *sync, bool repair)
{
    pthread_mutex_lock(&sync->lock);
    sync->wishes |= CPTS_SYNC_VERIFY | (repair ? CPTS_SYNC_REPAIR : CPTS_SYNC_GO_ON);
    if (sync->duplex != NULL)
        cpts_transport__duplex_wake(sync->duplex);
    pthread_mutex_unlock(&sync->lock);
}

cpts_status cpts_sync_wait(cpts_sync *sync, int32_t timeout_ms, struct cpts_error *err)
{
    struct timespec until = cpts_ticks__in_ms(timeout_ms);
    bool is_in_time = true;
    error_clear(err);
    pthread_mutex_lock(&sync->lock);
    int64_t own = ++sync->waits_wanted;
    if (sync->duplex != NULL)
        cpts_transport__duplex_wake(sync->duplex);
    while (is_in_time && sync->waits_done < own)
        is_in_time = pthread_cond_timedwait(&sync->moved, &sync->lock, &until) == 0;
    bool is_done = sync->waits_done >= own;
    pthread_mutex_unlock(&sync->lock);
    return is_done
               ? CPTS_OK
               : error_set(err, REASON_SYNC_NOT_CAUGHT_UP, "not caught up in %d ms", timeout_ms);
}
