/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_H
#define SDK_TRANSPORT_H

/**
 * @file
 * One unary call over gRPC with mutual TLS. Knows neither commands nor retries,
 * and is the only part of the library that sees gRPC.
 *
 * Threads: a transport serves any number of threads at once.
 */

#include <cpts/client.h>
#include <protobuf-c/protobuf-c.h>

struct transport;

/** Longest answer accepted, bytes. */
#define TRANSPORT_REPLY_BYTES_MAX (16 * 1024 * 1024)

/** A call to make. */
struct transport_call {
    /** "/cpts.v1.RegistryService/GetCpts"; static text. */
    const char *method;
    const ProtobufCMessage *request;
    /** Time left, milliseconds, > 0. */
    int32_t timeout_ms;
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
};

/** As cpts_client_open(); uses address, server_name and the three files. */
CPTS_MUST_CHECK cpts_status cpts_transport__open(const struct cpts_client_options *options,
                                                 struct transport **ret_transport,
                                                 struct cpts_error *err);

/** NULL is fine; no call may be running. */
void cpts_transport__close(struct transport *transport);

/** Makes one attempt. @p ret_reply is always set. */
CPTS_MUST_CHECK cpts_status cpts_transport__call(struct transport *transport,
                                                 const struct transport_call *call,
                                                 struct transport_reply *ret_reply,
                                                 struct cpts_error *err);

#endif
