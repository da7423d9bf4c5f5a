/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_ENDPOINT_H
#define BENCH_ENDPOINT_H

/**
 * @file
 * Where a measurement goes: an address, the certificate to show there, and
 * connections to it.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>

struct grpc_channel;

struct endpoint {
    const char *target; /**< host:port */
    const char *ca;     /**< PEM file; NULL = no TLS */
    const char *certificate;
    const char *key;
};

/** Takes option @p letter ('t' target, 'a' CA, 'c' certificate, 'k' key).
 * @return false when it is none of them. */
bool endpoint_read_option(struct endpoint *endpoint, int letter, const char *value);

/** Opens a connection of its own, which no other channel shares, and waits until
 * it stands, ten seconds at most.
 * @return NULL when it could not be made; grpc_channel_destroy() ends it. */
struct grpc_channel *endpoint_connect(const struct endpoint *endpoint);

/** Nanoseconds of the monotonic clock. */
int64_t endpoint_now_ns(void);

#endif
