/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_SERVER_H
#define RPC_SERVER_H

/**
 * @file
 * The gRPC server: takes calls from authenticated peers, hands each one to
 * `dispatch` as a struct call, and sends what comes back through call->reply,
 * or, for a streaming method, what its source has to send (base/stream.h). It
 * knows no services but grpc.health.v1.Health and grpc.reflection, which it
 * answers itself.
 *
 * Threads: open, drain and close from one thread at a time; the rest from any.
 * `dispatch` and `identify` run on the server's one completion-queue thread
 * and must never block. Signals are the caller's business: block them before
 * rpc_server_open(), whose threads inherit the mask; do not fork afterwards.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/principal.h"

struct behalf_metadata;
struct call;
struct method_table;
struct rpc_server;

/** Longest time a call may take; a later deadline is brought down to it. */
#define RPC_DEADLINE_MAX_NS (600LL * 1000 * 1000 * 1000)

/** Largest response, bytes: what clients accept when nobody told them otherwise. */
#define RPC_RESPONSE_BYTES_MAX ((size_t)4 * 1024 * 1024)

/** Largest message that any method may ask for (base/stream.h). */
#define RPC_MESSAGE_BYTES_MAX (4 * 1024 * 1024 + 64 * 1024)

/** What a peer may use. Zero everywhere means the default. */
struct rpc_limits {
    /** Largest request message, unless a stream asks for larger ones; default 1 MiB.
     * Compressed ones are refused. */
    int message_bytes;
    /** All metadata of one call together; default 8 KiB. */
    int metadata_bytes;
    /** Calls at the same time on one connection; more wait at the client.
     * Default 256. */
    int streams_per_connection;
    /** Streams at the same time on all connections; default 4096. */
    int streams;
    /** Memory of all connections together; default 64 MiB. */
    size_t memory_bytes;
    /** Calls per method that the core may hand over before the first is looked
     * at; default 32. */
    int requests_posted;
};

/** What a server needs to know. Texts and limits are copied. */
struct rpc_options {
    /** For example `127.0.0.1:50051` or `[::]:0`; port 0 takes a free one. */
    const char *address;
    /** PEM files: the CAs whose clients are believed, our chain, its key. */
    const char *ca_path;
    const char *certificate_path;
    const char *key_path;
    /** A second port, for callers without a certificate: they are ROLE_NEWCOMER, and
     * whatever their role may not call ends with NO_IDENTITY. NULL or empty = none. */
    const char *enrolment_address;
    /** PEM file of the authorities above our chain, sent with it on that port so that a
     * newcomer who knows their print finds them. */
    const char *authorities_path;
    /** The identities' domain: `spiffe://<trust_domain>/...`. */
    const char *trust_domain;
    /** Borrowed for the server's life; names must be unique. */
    const struct method_table *methods;
    /** Takes over a call: later, on any thread, exactly one call->reply. */
    void (*dispatch)(struct call *call, void *context);
    /** Who that identity is today. A failure (UNKNOWN_IDENTITY) ends the call.
     * Asked for every call: the server remembers nobody. */
    cpts_status (*identify)(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err);
    /** Whether the caller may make this call for somebody else, who then is the principal.
     * Asked when its metadata name somebody. NULL: nobody may. */
    cpts_status (*speak_for)(void *context, const struct behalf_metadata *metadata,
                             struct principal *principal, struct cpts_error *err);
    /** Whether any certificate is revoked at all, and whether that one is
     * (serial as in peer_certificate.h). Asked for every call, so that a
     * revocation takes effect on open connections. Both or none. */
    bool (*any_revoked)(void *context);
    bool (*is_revoked)(void *context, const char *serial);
    /** First argument of the functions above. */
    void *context;
    /** Benchmarks only: no TLS, every caller is `insecure_principal`. */
    bool insecure;
    struct principal insecure_principal;
    struct rpc_limits limits;
};

/**
 * Listens and serves. Health answers NOT_SERVING until rpc_server_health_set().
 *
 * @param ret_server  Set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID (a file that
 *         cannot be read or is no PEM, an address that cannot be bound, a
 *         method named twice) · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status rpc_server_open(const struct rpc_options *options,
                                            struct rpc_server **ret_server, struct cpts_error *err);

/** The port it listens on. */
int rpc_server_port(const struct rpc_server *server);

/** The port for newcomers; 0 without one. */
int rpc_server_enrolment_port(const struct rpc_server *server);

/** What Health says from now on, for "" and for every service of the table. */
void rpc_server_health_set(struct rpc_server *server, bool serving);

/**
 * Reads the PEM files again and checks them (key, chain, dates), for the
 * connections to come; those that stand
 * live on, at most until their age limit (10 minutes and a grace).
 *
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID: the old ones
 *         stay in use.
 */
CPTS_MUST_CHECK cpts_status rpc_server_reload(struct rpc_server *server, struct cpts_error *err);

/** When the certificate in use expires, seconds since 1970 UTC; 0 without TLS. */
int64_t rpc_server_certificate_not_after(const struct rpc_server *server);

/**
 * Stops taking connections and calls, ends every stream (SHUTTING_DOWN, with the
 * position to go on after where there is one), waits up to @p grace_ns for those inside
 * to be answered, then cancels the rest towards their clients. A cancelled
 * call still belongs to whoever holds it, and its reply is still due. Once;
 * further calls do nothing.
 */
void rpc_server_drain(struct rpc_server *server, int64_t grace_ns);

/**
 * Drains (unless that was done), waits **without limit** until every call came
 * back through its reply, and releases everything. So close the lanes between
 * rpc_server_drain() and this. NULL is fine.
 */
void rpc_server_close(struct rpc_server *server, int64_t grace_ns);

#endif
