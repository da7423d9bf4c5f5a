/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_CLIENT_H
#define CPTS_CLIENT_H

/**
 * @file
 * The connection to a node, and what holds for every call over it.
 *
 * Calls block until the answer, at most for their deadline; each has a twin
 * that does not, in cpts/async.h. What fails with
 * UNAVAILABLE, or with RESOURCE_EXHAUSTED and a stated delay, is tried again
 * within the deadline after a random pause (full jitter); a command keeps its
 * command_id, so that it takes effect once. Every struct that a caller fills
 * begins with its `size`, so that it may grow. The library writes nothing to
 * the terminal and never ends the process.
 *
 * Threads: a client serves any number of threads at once. A process that forks
 * must do so before its first client, or exec at once in the child.
 */

#include <stdbool.h>
#include <stddef.h>

#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A connection to a node, or to several servers of one. */
typedef struct cpts_client cpts_client;

/** Commands that wait for their node (cpts/outbox.h). */
typedef struct cpts_outbox cpts_outbox;

/** Who runs the callbacks of cpts/async.h. */
enum cpts_delivery {
    /** The client's event thread, of which there is one. */
    CPTS_DELIVERY_THREAD = 0,
    /** Whoever calls cpts_client_events_run(), for example an event loop that
     * polls cpts_client_event_fd(). */
    CPTS_DELIVERY_DESCRIPTOR = 1
};

/** What a client learnt about the keys of a CPTS (cpts/key.h). */
enum cpts_key_event_kind {
    /** A CPTS's key was seen for the first time. */
    CPTS_KEY_EVENT_FIRST = 1,
    /** It has another key than the one seen last. */
    CPTS_KEY_EVENT_CHANGED = 2,
    CPTS_KEY_EVENT_REVOKED = 3,
    /** A node told something that nobody vouches for, or took something back. */
    CPTS_KEY_EVENT_REFUSED = 4
};

/** Its texts last until the callback returns. */
struct cpts_key_event {
    enum cpts_key_event_kind kind;
    /** Empty when it is about the directory as a whole. */
    const char *cpts_id;
    int32_t serial;
    /** Highest serial seen before; 0 = none. */
    int32_t previous_serial;
    const char *message;
};

/** Told every change of a key, while a call is made and under a lock: it must not
 * use the client. */
typedef void cpts_key_event_callback(const struct cpts_key_event *event, void *data);

/** Deadline of a call when none is given, and the longest, milliseconds. */
#define CPTS_TIMEOUT_DEFAULT_MS 10000
#define CPTS_TIMEOUT_MAX_MS 600000

/** Most started calls that a client may be asked to hold. */
#define CPTS_ASYNC_MAX 65536

/** How to reach a node. Zero everywhere but in `size`, `address` and the three
 * files is right for most. Texts are copied, files are read by the opening. */
struct cpts_client_options {
    /** sizeof(struct cpts_client_options). */
    size_t size;
    /** `host:port`, an IPv6 host in brackets; or several, with commas, of
     * servers that are equal: calls go to those in turn that say they serve,
     * and a repetition to the next one. The hosts of a list (16 addresses at
     * most) are looked up once, by the opening. */
    const char *address;
    /** PEM file of the authorities that may sign the server's certificate. */
    const char *ca_file;
    /** PEM file of our certificate chain; it says who we are. */
    const char *certificate_file;
    /** PEM file of its private key. */
    const char *key_file;
    /** Name expected in the server's certificate; NULL = the address's host.
     * Needed for a list of different hosts: it is one name for all. */
    const char *server_name;
    /** Deadline of a call that names none, 1..CPTS_TIMEOUT_MAX_MS; 0 = the default. */
    int32_t timeout_ms;
    /** Repetitions after a first failure, at most 100; 0 = 4, -1 = none. */
    int32_t retry_max;
    /** Longest pause before the first repetition, doubled each time up to
     * two seconds, milliseconds; 0 = 100. */
    int32_t retry_pause_ms;
    /** Most started calls that are on their way or wait for their callback,
     * 1..CPTS_ASYNC_MAX; 0 = 1024. One more is refused by its start. */
    int32_t async_max;
    enum cpts_delivery delivery;
    /** File with the federation root's public key, from elsewhere than the node:
     * without a root no key of a CPTS is believed (cpts/key.h). NULL = none. */
    const char *key_root_file;
    /** The same as 32 bytes, in its place; NULL = none. */
    const uint8_t *key_root;
    /** File in which keys and directory seen are remembered, shared by any number
     * of processes; made when it is not there. NULL = for this client only. */
    const char *key_memory_file;
    /** NULL = none. */
    cpts_key_event_callback *key_event;
    void *key_event_data;
    /** Where each command is kept before it is sent (cpts/outbox.h); it lasts longer than
     * the client. NULL = none. */
    cpts_outbox *outbox;
    /** Nobody yet: certificate_file and key_file are not looked at, and nothing can be
     * called but cpts_certificate_enroll(), at a node's enrolment port. */
    bool is_newcomer;
};

/**
 * Makes a client. Reads the files; connects at the first call.
 *
 * @param ret_client  Close it with cpts_client_close().
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · FAILED_PRECONDITION /
 *         CONFIGURATION_INVALID: a file is missing, unreadable or not PEM (the
 *         path in `detail`) · RESOURCE_EXHAUSTED / OUT_OF_MEMORY ·
 *         UNAVAILABLE / CONNECTION_FAILED: a host of a list has no address.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_client_open(const struct cpts_client_options *options,
                                                      cpts_client **ret_client,
                                                      struct cpts_error *err);

/**
 * Ends a client. Waits until every started call has ended and its callback has
 * run, at most @p deadline_ms; then cancels the rest and waits for those
 * callbacks, which is soon unless one blocks. With CPTS_DELIVERY_DESCRIPTOR the
 * callbacks run here. Meanwhile starts are refused. No other thread may use the
 * client any more, waiting calls included. Results outlive it. NULL is fine.
 *
 * @param deadline_ms  0..CPTS_TIMEOUT_MAX_MS; what is beyond counts as that.
 * @return CPTS_OK · CANCELLED: closed, but some calls had to be cancelled ·
 *         FAILED_PRECONDITION: this is a callback of the client, which would
 *         wait for itself; nothing was done.
 */
CPTS_API cpts_status cpts_client_close(cpts_client *client, int32_t deadline_ms);

/**
 * Asks whether the node serves (grpc.health.v1).
 *
 * @param service  Full name of a service, for example
 *                 `cpts.v1.RegistryService`; NULL or empty = the whole node.
 * @param timeout_ms  0 = the client's. So for every call of the library.
 * @return CPTS_OK · NOT_FOUND: no such service · and what any call may end
 *         with: UNAVAILABLE / CONNECTION_FAILED · DEADLINE_EXCEEDED ·
 *         UNAUTHENTICATED / NO_IDENTITY, IDENTITY_MALFORMED ·
 *         PERMISSION_DENIED / UNKNOWN_IDENTITY, ROLE_NOT_ALLOWED.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_client_health(cpts_client *client, const char *service,
                                                        int32_t timeout_ms, bool *ret_serving,
                                                        struct cpts_error *err);

/**
 * What the client has done so far as JSON, as cpts/statistics.schema.json
 * (installed with the library) describes it: calls by method and status,
 * retries, latencies, bytes, addresses, and how much waits. Any thread.
 *
 * @param indent_spaces  0 = one line.
 * @return to be freed with cpts_string_free(); NULL when memory is out.
 */
CPTS_API char *cpts_client_statistics_json(cpts_client *client, int indent_spaces);

/** Version of the library that runs, for example "0.1.0". Static text. */
CPTS_API const char *cpts_version(void);

#ifdef __cplusplus
}
#endif
#endif
