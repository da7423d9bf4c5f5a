/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_H
#define SDK_TRANSPORT_H

/**
 * @file
 * Unary calls over gRPC with mutual TLS, one attempt each: waited for, or
 * started on a queue (calls with many answers: transport_stream.h). Knows
 * neither commands nor retries; only transport*.c see gRPC.
 *
 * Threads: a transport serves any number of threads at once; a queue is read by
 * one thread.
 */

#include <cpts/client.h>
#include <cpts/value.h>
#include <protobuf-c/protobuf-c.h>

#include "operation.h"

struct transport;
struct transport_body;
struct transport_queue;
struct transport_attempt;

/** Longest answer accepted, bytes. */
#define TRANSPORT_REPLY_BYTES_MAX (16 * 1024 * 1024)
#define TRANSPORT_PEER_BYTES 80
/** Instead of a time left: none is set. */
#define TRANSPORT_NO_TIMEOUT 0

/** Metadata of a call. */
struct transport_header {
    const char *key;
    const char *value;
};

/** A call to make. */
struct transport_call {
    enum operation operation;
    /** Instead of the operation's: somebody else's method. NULL = the operation's. */
    const char *path;
    /** Borrowed until the attempt was started. */
    const struct transport_body *body;
    /** Time left, milliseconds, > 0; or TRANSPORT_NO_TIMEOUT, for a stream. */
    int32_t timeout_ms;
    /** Borrowed until the attempt was started; never with a stream. */
    const struct transport_header *headers;
    size_t header_count;
};

/** How a call went, whatever its status. */
struct transport_reply {
    /** The response's bytes, from malloc; on CPTS_OK only. */
    uint8_t *bytes;
    size_t byte_count;
    /** The request left this machine whole, so that the peer may have acted. */
    bool is_sent;
    /** The failure is the server's own word (it came with its details). */
    bool is_verdict;
    /** "ipv4:127.0.0.1:4430"; may be empty. */
    char peer[TRANSPORT_PEER_BYTES];
};

/** As cpts_client_open(); uses address, server_name and the three files. */
CPTS_MUST_CHECK cpts_status cpts_transport__open(const struct cpts_client_options *options,
                                                 struct transport **ret_transport,
                                                 struct cpts_error *err);

/** NULL is fine; no call may be running. */
void cpts_transport__close(struct transport *transport);

/** State of the connection: "IDLE", "CONNECTING", "READY", "TRANSIENT_FAILURE"
 * or "SHUTDOWN". Static text. */
const char *cpts_transport__state(struct transport *transport);

/** A message in its bytes, to be sent as often as wanted; NULL when memory is
 * out. */
struct transport_body *cpts_transport__pack(const ProtobufCMessage *message);
/** The same from packed bytes, copied. */
struct transport_body *cpts_transport__body_of(struct cpts_bytes packed);
/** Its bytes, borrowed. */
struct cpts_bytes cpts_transport__body_view(const struct transport_body *body);
size_t cpts_transport__body_bytes(const struct transport_body *body);
/** NULL is fine. */
void cpts_transport__body_free(struct transport_body *body);

/** Makes one attempt. @p ret_reply is always set. */
CPTS_MUST_CHECK cpts_status cpts_transport__call(struct transport *transport,
                                                 const struct transport_call *call,
                                                 struct transport_reply *ret_reply,
                                                 struct cpts_error *err);

/** Where started attempts come out; NULL when memory is out. */
struct transport_queue *cpts_transport__queue_open(struct transport *transport);
/** Makes the reader return soon; any thread. */
void cpts_transport__queue_wake(struct transport_queue *queue);
/** From now on nothing may be started; any thread. */
void cpts_transport__queue_shutdown(struct transport_queue *queue);
/** After queue_next() gave TRANSPORT_SHUT_DOWN; NULL is fine. */
void cpts_transport__queue_close(struct transport_queue *queue);

enum transport_event {
    /** Nothing came in time, or somebody woke the reader. */
    TRANSPORT_NOTHING,
    /** An attempt is over: read it with attempt_end(). */
    TRANSPORT_ATTEMPT_OVER,
    /** Something happened to a stream (transport_stream.h). */
    TRANSPORT_STREAM_MOVED,
    /** Shut down, and everything started has come out. */
    TRANSPORT_SHUT_DOWN
};

/** Waits for the next event.
 * @param timeout_ms  From 0; -1 = for ever.
 * @param ret_owner  Owner of the attempt that is over, of the stream that moved. */
enum transport_event cpts_transport__queue_next(struct transport_queue *queue, int64_t timeout_ms,
                                                void **ret_owner);

/** An attempt that has not begun. It ends with attempt_start() = false, or with
 * attempt_end(), or unused with attempt_discard(). NULL when memory is out. */
struct transport_attempt *cpts_transport__attempt_new(struct transport_queue *queue,
                                                      const struct transport_call *call,
                                                      void *owner);
/** Sends. After true the owner comes out of the queue, perhaps at once and on
 * another thread. */
CPTS_MUST_CHECK bool cpts_transport__attempt_start(struct transport_attempt *attempt);
/** Any thread, started or not, as long as it has not ended: it then comes out
 * soon, cancelled or not. */
void cpts_transport__attempt_cancel(struct transport_attempt *attempt);
/** Reads an attempt that is over, as cpts_transport__call(), and releases it. */
CPTS_MUST_CHECK cpts_status cpts_transport__attempt_end(struct transport_attempt *attempt,
                                                        struct transport_reply *ret_reply,
                                                        struct cpts_error *err);
void cpts_transport__attempt_discard(struct transport_attempt *attempt);

#endif
