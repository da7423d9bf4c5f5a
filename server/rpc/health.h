/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_HEALTH_H
#define RPC_HEALTH_H

/**
 * @file
 * grpc.health.v1.Health for balancers and probes: Check, and Watch, which sends
 * the status at once and then each change of it
 * (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
 *
 * Threads: health_serving_set() and health_check() from any; init and done from
 * one; the rest as base/stream.h says.
 */

#include <cpts/status.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "base/stream.h"

struct call;
struct health_watcher;
struct method_table;
struct packet;

/** Their full names. */
#define HEALTH_CHECK_METHOD "/grpc.health.v1.Health/Check"
#define HEALTH_WATCH_METHOD "/grpc.health.v1.Health/Watch"

/** A service's name, borrowed from the name of one of its methods. */
struct health_service {
    const char *name;
    size_t name_bytes;
};

/** What a watcher may be told, packed once. */
enum health_word { HEALTH_SERVING, HEALTH_NOT_SERVING, HEALTH_UNKNOWN, HEALTH_WORDS };

TAILQ_HEAD(health_watchers, health_watcher);

struct health {
    struct health_service *services;
    int service_count;
    _Atomic bool serving;
    struct packet *words[HEALTH_WORDS];
    pthread_mutex_t mutex;
    /** Those who know the status as it is. */
    struct health_watchers waiting;
};

/** Learns the services of @p methods (borrowed); not serving at first. Whatever
 * it returns, health_done() must follow.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status health_init(struct health *health, const struct method_table *methods,
                                        struct cpts_error *err);
/** Of one that was all zero bytes it releases nothing. */
void health_done(struct health *health);

/** Whether it is "", for the whole server, or one of the services. */
bool health_has_service(const struct health *health, const char *name);

/** What Check says from now on; tells those who watch. */
void health_serving_set(struct health *health, bool serving);

/**
 * Answers a Check: sets call->response (in the arena), or call->error.
 *
 * @return CPTS_OK · NOT_FOUND without a reason: no such service, as the health
 *         protocol wants it · what wire_unpack() returns.
 */
CPTS_MUST_CHECK cpts_status health_check(const struct health *health, struct call *call);

/** Begins a Watch of @p context, a struct health: sets call->state. A service
 * that is not known is watched too, and said to be unknown.
 * @return CPTS_OK · what wire_unpack() returns · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status health_watch_begin(void *context, struct call *call);

/** The source of every Watch. */
extern const struct stream_handler health_watch;

#endif
