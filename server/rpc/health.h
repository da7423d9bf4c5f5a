/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_HEALTH_H
#define RPC_HEALTH_H

/**
 * @file
 * grpc.health.v1.Health/Check, for balancers and probes
 * (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).
 *
 * Threads: health_serving_set() and health_check() from any; the rest from one.
 */

#include <cpts/status.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct call;
struct method_table;

/** Its full name. */
#define HEALTH_CHECK_METHOD "/grpc.health.v1.Health/Check"

/** A service's name, borrowed from the name of one of its methods. */
struct health_service {
    const char *name;
    size_t name_bytes;
};

struct health {
    struct health_service *services;
    int service_count;
    _Atomic bool serving;
};

/** Learns the services of @p methods (borrowed); not serving at first.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status health_init(struct health *health, const struct method_table *methods,
                                        struct cpts_error *err);
void health_done(struct health *health);

/** What Check says from now on. */
void health_serving_set(struct health *health, bool serving);

/**
 * Answers a Check: sets call->response (in the arena), or call->error.
 *
 * @return CPTS_OK · NOT_FOUND without a reason: no such service, as the health
 *         protocol wants it · what wire_unpack() returns.
 */
CPTS_MUST_CHECK cpts_status health_check(const struct health *health, struct call *call);

#endif
