/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_RPC_FIXTURE_H
#define TESTS_INTEGRATION_RPC_FIXTURE_H

/**
 * @file
 * A server with a table of small methods, and its certificates in a temporary
 * directory. Requests and responses are grpc.health.v1.HealthCheckRequest: one
 * text.
 *
 *   Echo    answers at once with the request
 *   Later   the same, from another thread
 *   Hold    keeps the call until fixture_release()
 *   Fail    FIELD_INVALID with a field, a detail and a delay
 *   Silent  ends with OK and without a response
 *   Huge    a response above RPC_RESPONSE_BYTES_MAX
 *   Count   a stream, see rpc_counter.h
 *
 * Threads: one thread at a time.
 */

#include <stdint.h>

#include "base/principal.h"
#include "integration/rpc_client.h"
#include "rpc/server.h"

#define METHOD_ECHO "/cpts.test.Service/Echo"
#define METHOD_LATER "/cpts.test.Service/Later"
#define METHOD_HOLD "/cpts.test.Service/Hold"
#define METHOD_FAIL "/cpts.test.Service/Fail"
#define METHOD_SILENT "/cpts.test.Service/Silent"
#define METHOD_HUGE "/cpts.test.Service/Huge"
#define METHOD_HEALTH "/grpc.health.v1.Health/Check"

#define FIXTURE_PATH_BYTES 256

struct fixture {
    struct rpc_server *server;
    struct rpc_options options;
    char ca[FIXTURE_PATH_BYTES];
    char certificate[FIXTURE_PATH_BYTES];
    char key[FIXTURE_PATH_BYTES];
};

/** Starts a server for cpts.test; ends the program when it cannot. */
void fixture_open(struct fixture *fixture);
/** As fixture_open(), without TLS: every caller is spiffe://cpts.test/node/national. */
void fixture_open_insecure(struct fixture *fixture);
/** The options of fixture_open() without opening anything. */
void fixture_options(struct fixture *fixture);
/** Closes the server, if that was not done. Held calls must have been released. */
void fixture_close(struct fixture *fixture);

/** Path of a file of the certificates' directory, for example "foreign.pem". */
void fixture_path(const char *name, char ret_path[FIXTURE_PATH_BYTES]);

/** A client with the certificate of that name (see tests/support/certificates);
 * NULL: none. */
struct rpc_client *fixture_client(const struct fixture *fixture, const char *name);
/** As fixture_client(), and resumes the TLS session of an earlier one. */
struct rpc_client *fixture_client_resuming(const struct fixture *fixture, const char *name,
                                           grpc_ssl_session_cache *sessions);

/** Calls @p method with a text, a deadline of RPC_CLIENT_PATIENCE_MS. */
void fixture_call(struct rpc_client *client, const char *method, const char *text,
                  struct rpc_reply *ret_reply);
struct rpc_client_call *fixture_start(struct rpc_client *client, const char *method,
                                      const char *text, int timeout_ms);

/** Whether a reply is OK and carries that text. */
bool fixture_is_echo(const struct rpc_reply *reply, const char *text);

/** Waits until @p count calls are held; ends the program when they do not come. */
void fixture_wait_held(int count);
/** Answers every held call, from another thread. */
void fixture_release(void);

/** What the last call that was dispatched looked like. */
struct fixture_seen {
    struct principal principal;
    int64_t time_left_ns;
    size_t request_byte_count;
};
void fixture_seen(struct fixture_seen *ret_seen);

#endif
