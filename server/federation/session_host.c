/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/session_host.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "federation/frame_link.h"
#include "wire/error.h"

#define SCOPE_BYTES 64
#define REPLICA_PREFIX "cpts/"
/* Copies of CPTS take one place of so many. */
#define REPLICA_SHARE 2

enum place_state {
    PLACE_FREE,
    PLACE_SERVING,
    PLACE_OVER, /* its thread is to be joined */
};

/* Where a session is served. Everything but the link under the host's mutex. */
struct session_place {
    struct session_host *host;
    enum place_state state;
    pthread_t thread;
    char node[CPTS_SYNC_NODE_BYTES];
    char scope[SCOPE_BYTES];
    unsigned wishes; /* bits of enum cpts_sync_wish, told at the next occasion */
    struct frame_link *link;
    struct node_store *store;
    struct cpts_sync_status status;
    int64_t verified_us; /* digests of its peer were compared, in an earlier session */
};

struct session_host {
    struct node_store_options store;
    struct cpts_sync_options sync;
    pthread_mutex_t mutex;
    bool is_stopping;
    int32_t place_count;
    struct session_place *places;
};

cpts_status session_host_open(const struct node_store_options *store,
                              const struct cpts_sync_options *sync, int32_t session_count_max,
                              struct session_host **ret_host, struct cpts_error *err)
{
    struct session_host *host = calloc(1, sizeof *host);
    if (host != NULL)
        host->places = calloc((size_t)session_count_max, sizeof *host->places);
    if (host == NULL || host->places == NULL) {
        free(host);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for sessions");
    }
    host->store = *store;
    host->sync = *sync;
    host->place_count = session_count_max;
    pthread_mutex_init(&host->mutex, NULL);
    for (int32_t i = 0; i < session_count_max; i++)
        host->places[i].host = host;
    *ret_host = host;
    return CPTS_OK;
}

/* A session's thread. */

static unsigned attend(void *data, const struct cpts_sync_status *status)
{
    struct session_place *place = data;
    struct session_host *host = place->host;
    pthread_mutex_lock(&host->mutex);
    unsigned wishes = place->wishes;
    place->wishes &= CPTS_SYNC_STOP;
    place->status = *status;
    pthread_mutex_unlock(&host->mutex);
    return wishes;
}

static void log_end(const struct session_place *place, cpts_status status,
                    const struct cpts_error *error)
{
    if (status == CPTS_OK)
        log_write(LOG_NOTICE, "federation", "the session with %s is over", place->node);
    else
        log_write(status == CPTS_UNAVAILABLE ? LOG_NOTICE : LOG_WARNING, "federation",
                  "the session with %s is over: %s: %s", place->node, error->reason,
                  error->message);
}

static void *serve(void *data)
{
    struct session_place *place = data;
    struct session_host *host = place->host;
    const struct cpts_sync_store table = node_store_table(place->store);
    const struct cpts_sync_link link = frame_link_face(place->link);
    const struct cpts_sync_side side = {.size = sizeof side,
                                        .peer_node = place->node,
                                        .peer_scope = place->scope,
                                        .attend = attend,
                                        .data = place,
                                        .verified_us = place->verified_us};
    struct cpts_error error = {0};
    log_write(LOG_NOTICE, "federation", "a session with %s begins", place->node);
    cpts_status status = cpts_sync_session(&table, &link, &host->sync, &side, &error);
    log_end(place, status, &error);
    pthread_mutex_lock(&host->mutex);
    struct node_store *store = place->store;
    struct frame_link *own_link = place->link;
    place->store = NULL;
    place->link = NULL;
    place->status.is_connected = false;
    snprintf(place->status.last_reason, sizeof place->status.last_reason, "%.47s", error.reason);
    place->state = PLACE_OVER;
    pthread_mutex_unlock(&host->mutex);
    node_store_close(store);
    frame_link_unref(own_link);
    return NULL;
}

/* Opening one. */

/* Ends a session that is served, soon. Under the mutex. */
static void end_place(struct session_place *place)
{
    struct cpts_sync_link link;
    if (place->state != PLACE_SERVING || place->link == NULL)
        return;
    place->wishes |= CPTS_SYNC_STOP;
    link = frame_link_face(place->link);
    link.wake(link.link);
}

static bool is_replica(const char *node)
{
    return strncmp(node, REPLICA_PREFIX, sizeof REPLICA_PREFIX - 1) == 0;
}

/* Whether other copies of CPTS have taken what is theirs: there are many of them, and
 * nodes find room at any time. Under the mutex. */
static bool is_full_of_replicas(const struct session_host *host, const char *node)
{
    int32_t count = 0;
    for (int32_t i = 0; i < host->place_count; i++) {
        const struct session_place *place = &host->places[i];
        count += place->state == PLACE_SERVING && is_replica(place->node) &&
                 strcmp(place->node, node) != 0;
    }
    return count >= (host->place_count + 1) / REPLICA_SHARE;
}

/* The place of an older session of the same peer, else a free one, else one of a session
 * that is over. Under the mutex. NULL: all are taken. */
static struct session_place *find_place(struct session_host *host, const char *node)
{
    struct session_place *found = NULL;
    if (is_replica(node) && is_full_of_replicas(host, node))
        return NULL;
    for (int32_t i = 0; i < host->place_count; i++) {
        struct session_place *place = &host->places[i];
        bool is_of_node = strcmp(place->node, node) == 0;
        if (is_of_node)
            end_place(place);
        if (place->state == PLACE_SERVING)
            continue;
        if (is_of_node || found == NULL ||
            (found->state == PLACE_OVER && place->state == PLACE_FREE))
            found = place;
    }
    if (found != NULL && found->state == PLACE_OVER)
        pthread_join(found->thread, NULL); /* it has let go of the mutex for good */
    return found;
}

/* Starts the thread with every signal blocked. */
static bool start(struct session_place *place)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool is_started = pthread_create(&place->thread, NULL, serve, place) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_started)
        pthread_setname_np(place->thread, "cpts-session");
    return is_started;
}

/* When digests of a peer were compared last, of what its places know; 0 = not known. Under
 * the mutex. */
static int64_t find_verified(const struct session_host *host, const char *node)
{
    int64_t found_us = 0;
    for (int32_t i = 0; i < host->place_count; i++) {
        const struct session_place *place = &host->places[i];
        if (strcmp(place->node, node) == 0 && place->status.received.verified_us > found_us)
            found_us = place->status.received.verified_us;
    }
    return found_us;
}

static bool take_place(struct session_place *place, const char *node, const char *scope,
                       struct frame_link *link, struct node_store *store)
{
    place->verified_us = find_verified(place->host, node);
    snprintf(place->node, sizeof place->node, "%s", node);
    snprintf(place->scope, sizeof place->scope, "%s", scope);
    place->wishes = 0;
    place->status = (struct cpts_sync_status){.size = sizeof place->status};
    place->link = link;
    place->store = store;
    place->state = PLACE_SERVING;
    if (start(place))
        return true;
    place->state = PLACE_FREE;
    place->link = NULL;
    place->store = NULL;
    return false;
}

/* Under the mutex. */
static cpts_status serve_locked(struct session_host *host, const char *node, const char *scope,
                                struct frame_link *link, struct node_store *store,
                                struct cpts_error *err)
{
    if (host->is_stopping)
        return error_set(err, REASON_SHUTTING_DOWN, "the node stops");
    struct session_place *place = find_place(host, node);
    if (place == NULL)
        return error_set(err, REASON_TOO_MANY_STREAMS, "%d nodes are connected already",
                         host->place_count);
    if (!take_place(place, node, scope, link, store))
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for a session");
    return CPTS_OK;
}

cpts_status session_host_serve(struct session_host *host, const char *node, const char *scope,
                               struct frame_link **ret_link, struct cpts_error *err)
{
    struct node_store *store = NULL;
    struct frame_link *link = frame_link_new();
    if (link == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a session");
    cpts_status status = node_store_open(&host->store, &store, err);
    if (status == CPTS_OK) {
        pthread_mutex_lock(&host->mutex);
        status = serve_locked(host, node, scope, link, store, err);
        pthread_mutex_unlock(&host->mutex);
    }
    if (status == CPTS_OK) {
        *ret_link = link;
        return CPTS_OK;
    }
    node_store_close(store);
    frame_link_unref(link);
    frame_link_unref(link);
    return status;
}

/* All of them. */

void session_host_wake(struct session_host *host)
{
    pthread_mutex_lock(&host->mutex);
    for (int32_t i = 0; i < host->place_count; i++) {
        struct session_place *place = &host->places[i];
        if (place->state != PLACE_SERVING || place->link == NULL)
            continue;
        struct cpts_sync_link link = frame_link_face(place->link);
        link.wake(link.link);
    }
    pthread_mutex_unlock(&host->mutex);
}

int session_host_verify(struct session_host *host, const char *node, unsigned wishes)
{
    int count = 0;
    pthread_mutex_lock(&host->mutex);
    for (int32_t i = 0; i < host->place_count; i++) {
        struct session_place *place = &host->places[i];
        bool is_meant = node[0] == '\0' ? !is_replica(place->node) : strcmp(place->node, node) == 0;
        if (place->state != PLACE_SERVING || !is_meant)
            continue;
        place->wishes |= wishes;
        count++;
    }
    pthread_mutex_unlock(&host->mutex);
    if (count > 0)
        session_host_wake(host);
    return count;
}

/* An earlier session of a peer that has a newer one. Under the mutex. */
static bool is_outdone(const struct session_host *host, const struct session_place *place)
{
    for (int32_t i = 0; i < host->place_count && place->state != PLACE_SERVING; i++) {
        const struct session_place *other = &host->places[i];
        if (other->state == PLACE_SERVING && strcmp(other->node, place->node) == 0)
            return true;
    }
    return false;
}

int session_host_read(struct session_host *host, struct federation_peer *peers, int peers_max)
{
    int count = 0;
    pthread_mutex_lock(&host->mutex);
    for (int32_t i = 0; i < host->place_count && count < peers_max; i++) {
        const struct session_place *place = &host->places[i];
        if (place->node[0] == '\0' || is_outdone(host, place))
            continue;
        struct federation_peer *peer = &peers[count++];
        *peer = (struct federation_peer){.status = place->status};
        snprintf(peer->node, sizeof peer->node, "%s", place->node);
    }
    pthread_mutex_unlock(&host->mutex);
    return count;
}

void session_host_stop(struct session_host *host)
{
    pthread_mutex_lock(&host->mutex);
    host->is_stopping = true;
    for (int32_t i = 0; i < host->place_count; i++) {
        struct session_place *place = &host->places[i];
        end_place(place);
        if (place->state == PLACE_SERVING && place->store != NULL)
            node_store_stop(place->store);
    }
    pthread_mutex_unlock(&host->mutex);
}

/* Waits for a session that was told to end. */
static void join(struct session_host *host, struct session_place *place)
{
    pthread_mutex_lock(&host->mutex);
    bool has_thread = place->state != PLACE_FREE;
    pthread_mutex_unlock(&host->mutex);
    if (has_thread)
        pthread_join(place->thread, NULL);
}

void session_host_close(struct session_host *host)
{
    if (host == NULL)
        return;
    session_host_stop(host);
    for (int32_t i = 0; i < host->place_count; i++)
        join(host, &host->places[i]);
    pthread_mutex_destroy(&host->mutex);
    free(host->places);
    free(host);
}
