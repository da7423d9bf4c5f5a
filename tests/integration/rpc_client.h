/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_RPC_CLIENT_H
#define TESTS_INTEGRATION_RPC_CLIENT_H

/**
 * @file
 * A gRPC client for tests: one connection, raw bytes in and out, no mercy.
 *
 * Threads: one thread at a time for one client.
 */

#include <cpts/status.h>
#include <grpc/compression.h>
#include <grpc/grpc_security.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rpc_client;
struct rpc_client_call;

/** Timeout that sends no deadline at all. */
#define RPC_CLIENT_NO_DEADLINE (-1)
/** Long enough for any machine; a test that meets it fails. */
#define RPC_CLIENT_PATIENCE_MS 20000

struct rpc_client_options {
    int port;
    /** PEM files; NULL `ca` means no TLS, NULL `certificate` no client certificate. */
    const char *ca;
    const char *certificate;
    const char *key;
    grpc_compression_algorithm compression;
    /** Where TLS sessions are kept to be resumed; NULL: nowhere. */
    grpc_ssl_session_cache *sessions;
};

/** One request. */
struct rpc_request {
    const char *method;
    const void *bytes;
    size_t byte_count;
    /** Milliseconds, or RPC_CLIENT_NO_DEADLINE. */
    int timeout_ms;
    /** Sends no message at all. */
    bool without_message;
};

/** How a call ended. */
struct rpc_reply {
    cpts_status status;
    char message[512];
    uint8_t bytes[1024];
    size_t byte_count;
    /** From grpc-status-details-bin; an empty reason when there was none. */
    struct cpts_error error;
    /** The call went over a resumed TLS session. */
    bool session_resumed;
};

/** A connection of its own, made at the first call. */
struct rpc_client *rpc_client_open(const struct rpc_client_options *options);
void rpc_client_close(struct rpc_client *client);

/** Sends and waits. */
void rpc_client_call(struct rpc_client *client, const struct rpc_request *request,
                     struct rpc_reply *ret_reply);

/** Sends. Every call started must be finished. */
struct rpc_client_call *rpc_client_start(struct rpc_client *client,
                                         const struct rpc_request *request);
void rpc_client_cancel(struct rpc_client_call *call);
/** Waits for the end and releases the call. */
void rpc_client_finish(struct rpc_client_call *call, struct rpc_reply *ret_reply);

struct rpc_reader;

/** Begins to read a stream; nothing is taken before reader_next(). */
struct rpc_reader *reader_start(struct rpc_client *client, const struct rpc_request *request);
/** Takes one message; waits for it. @return false at the end of the stream. */
bool reader_next(struct rpc_reader *reader);
/** Copies the message taken last: bytes and byte_count. */
void reader_message(struct rpc_reader *reader, struct rpc_reply *ret_reply);
/** Takes messages to the end. @return how many. */
int reader_drain(struct rpc_reader *reader);
void reader_cancel(struct rpc_reader *reader);
/** Waits for the end of a stream whose messages were taken, or which was
 * cancelled, and releases the reader. */
void reader_finish(struct rpc_reader *reader, struct rpc_reply *ret_reply);

#endif
