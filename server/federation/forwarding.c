/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/forwarding.h"

#include <cpts/forward.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/method.h"
#include "base/principal.h"
#include "federation/upstream.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define NS_PER_MS INT64_C(1000000)
/* Calls on their way at once, and calls that wait for their turn. */
#define WORKERS 8
#define WAITING_MAX 256
#define ROLES_BYTES 256
#define NS_PER_S 1000000000L
/* How often, and after which pause, what is on its way to the node above is tried again. */
#define ARRIVAL_PAUSES 30
#define ARRIVAL_PAUSE_NS 500000000L
/* How long one attempt may take: more than a command does above, and what a shutdown waits. */
#define ATTEMPT_MS_MAX 15000

struct forwarding {
    struct forwarding_options options;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_cond_t closing;
    struct call *first; /* of those that wait, through call->next */
    struct call **last;
    int waiting_count;
    bool is_closing;
    int worker_count;
    pthread_t workers[WORKERS];
};

static void write_roles(uint32_t roles, char ret_roles[ROLES_BYTES])
{
    size_t used = 0;
    ret_roles[0] = '\0';
    for (uint32_t role = 1; role != 0; role <<= 1) {
        const char *name = (roles & role) == 0 ? NULL : role_name(role);
        size_t name_bytes = name == NULL ? 0 : strlen(name);
        if (name == NULL || used + name_bytes + 2 > ROLES_BYTES)
            continue;
        if (used > 0)
            ret_roles[used++] = ',';
        memcpy(ret_roles + used, name, name_bytes + 1);
        used += name_bytes;
    }
}

/* The answer of the node above becomes ours. */
static cpts_status take_response(struct call *call, const struct cpts_bytes *response)
{
    ProtobufCMessage *message = NULL;
    cpts_status status = wire_unpack(call->method->response, response->bytes, response->byte_count,
                                     call->arena, &message, &call->error);
    if (status == CPTS_OK)
        call->response = message;
    return status;
}

/* Sends it once. */
static cpts_status send(const struct forwarding *forwarding, struct call *call)
{
    char roles[ROLES_BYTES];
    struct cpts_bytes response = {0};
    int64_t left_ms = (call->deadline_ns - clock_monotonic_ns()) / NS_PER_MS;
    error_clear(&call->error);
    if (left_ms <= 0)
        return error_set(&call->error, REASON_DEADLINE_PASSED, "the deadline passed in the queue");
    struct upstream *upstream = forwarding->options.take(forwarding->options.context);
    if (upstream == NULL)
        return error_set(&call->error, REASON_UPSTREAM_UNREACHABLE,
                         "the node above cannot be reached");
    write_roles(call->principal.roles, roles);
    const struct cpts_forward forward = {
        .size = sizeof forward,
        .method = call->method->name,
        .request = {call->request_bytes, call->request_byte_count},
        .identity = call->principal.uri,
        .roles = roles,
        .scope = call->principal.scope,
    };
    int32_t timeout_ms = left_ms > ATTEMPT_MS_MAX ? ATTEMPT_MS_MAX : (int32_t)left_ms;
    cpts_status status =
        cpts_forward_call(upstream_client(upstream), &forward, timeout_ms, &response, &call->error);
    upstream_unref(upstream);
    if (status == CPTS_OK)
        status = take_response(call, &response);
    cpts_forward_free(&response);
    return status;
}

/* The node above says that this one is the owner: it has given it away, and the other one
 * has not taken it yet. Or it does not know what this one knows, and has not told it yet. */
static bool is_on_its_way(const struct forwarding *forwarding, const struct call *call)
{
    size_t name = strlen(forwarding->options.node);
    const char *owner = call->error.detail;
    const char *reason = call->error.reason;
    return strcmp(reason, "REFERRAL_NOT_FOUND") == 0 || strcmp(reason, "CPTS_NOT_FOUND") == 0 ||
           (strcmp(reason, "NOT_OWNER") == 0 &&
            strncmp(owner, forwarding->options.node, name) == 0 &&
            (owner[name] == '\0' || owner[name] == ' '));
}

/* @return false when it is closing, or the call's deadline would pass meanwhile. */
static bool pause_before_next(struct forwarding *forwarding, const struct call *call)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ARRIVAL_PAUSE_NS;
    until.tv_sec += until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    int error = 0;
    pthread_mutex_lock(&forwarding->mutex);
    while (!forwarding->is_closing && error == 0)
        error = pthread_cond_timedwait(&forwarding->closing, &forwarding->mutex, &until);
    bool goes_on = !forwarding->is_closing;
    pthread_mutex_unlock(&forwarding->mutex);
    return goes_on && clock_monotonic_ns() < call->deadline_ns;
}

static cpts_status hand_on(struct forwarding *forwarding, struct call *call)
{
    cpts_status status = send(forwarding, call);
    for (int i = 0; i < ARRIVAL_PAUSES && status != CPTS_OK && is_on_its_way(forwarding, call) &&
                    pause_before_next(forwarding, call);
         i++)
        status = send(forwarding, call);
    if (status != CPTS_OK && is_on_its_way(forwarding, call))
        return error_set(&call->error, REASON_UPSTREAM_UNREACHABLE,
                         "it is on its way to the node above; repeat it there or here");
    return status;
}

/* The next call, or NULL when no more come. */
static struct call *await_call(struct forwarding *forwarding)
{
    pthread_mutex_lock(&forwarding->mutex);
    while (forwarding->first == NULL && !forwarding->is_closing)
        pthread_cond_wait(&forwarding->changed, &forwarding->mutex);
    struct call *call = forwarding->first;
    if (call != NULL) {
        forwarding->first = call->next;
        if (forwarding->first == NULL)
            forwarding->last = &forwarding->first;
        forwarding->waiting_count--;
        call->next = NULL;
    }
    pthread_mutex_unlock(&forwarding->mutex);
    return call;
}

static bool is_closing(struct forwarding *forwarding)
{
    pthread_mutex_lock(&forwarding->mutex);
    bool answer = forwarding->is_closing;
    pthread_mutex_unlock(&forwarding->mutex);
    return answer;
}

static void *work(void *data)
{
    struct forwarding *forwarding = data;
    for (struct call *call = await_call(forwarding); call != NULL; call = await_call(forwarding)) {
        cpts_status status = is_closing(forwarding) ? error_set(&call->error, REASON_SHUTTING_DOWN,
                                                                "the node stops; not done")
                                                    : hand_on(forwarding, call);
        call->reply(call, status);
    }
    return NULL;
}

static bool start_workers(struct forwarding *forwarding)
{
    sigset_t all, before;
    bool is_well = true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (is_well && forwarding->worker_count < WORKERS) {
        pthread_t *worker = &forwarding->workers[forwarding->worker_count];
        is_well = pthread_create(worker, NULL, work, forwarding) == 0;
        if (is_well)
            pthread_setname_np(*worker, "cpts-forward");
        forwarding->worker_count += is_well;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return is_well;
}

cpts_status forwarding_open(const struct forwarding_options *options,
                            struct forwarding **ret_forwarding, struct cpts_error *err)
{
    struct forwarding *forwarding = calloc(1, sizeof *forwarding);
    pthread_condattr_t monotonic;
    if (forwarding == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to hand calls on");
    forwarding->options = *options;
    forwarding->last = &forwarding->first;
    pthread_mutex_init(&forwarding->mutex, NULL);
    pthread_cond_init(&forwarding->changed, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&forwarding->closing, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (start_workers(forwarding)) {
        *ret_forwarding = forwarding;
        return CPTS_OK;
    }
    forwarding_close(forwarding);
    return error_set(err, REASON_OUT_OF_MEMORY, "no threads to hand calls on");
}

bool forwarding_take(struct forwarding *forwarding, struct call *call)
{
    pthread_mutex_lock(&forwarding->mutex);
    bool has_room = !forwarding->is_closing && forwarding->waiting_count < WAITING_MAX;
    if (has_room) {
        call->next = NULL;
        *forwarding->last = call;
        forwarding->last = &call->next;
        forwarding->waiting_count++;
        pthread_cond_signal(&forwarding->changed);
    }
    pthread_mutex_unlock(&forwarding->mutex);
    return has_room;
}

void forwarding_close(struct forwarding *forwarding)
{
    if (forwarding == NULL)
        return;
    pthread_mutex_lock(&forwarding->mutex);
    forwarding->is_closing = true;
    pthread_cond_broadcast(&forwarding->changed);
    pthread_cond_broadcast(&forwarding->closing);
    pthread_mutex_unlock(&forwarding->mutex);
    for (int i = 0; i < forwarding->worker_count; i++)
        pthread_join(forwarding->workers[i], NULL);
    pthread_cond_destroy(&forwarding->closing);
    pthread_cond_destroy(&forwarding->changed);
    pthread_mutex_destroy(&forwarding->mutex);
    free(forwarding);
}
