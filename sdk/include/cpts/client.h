/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_CLIENT_H
#define CPTS_CLIENT_H

/**
 * @file
 * The connection to a node, and what holds for every call over it.
 *
 * Calls block until the answer, at most for their deadline. What fails with
 * UNAVAILABLE, or with RESOURCE_EXHAUSTED and a stated delay, is tried again
 * within the deadline after a random pause (full jitter); a command keeps its
 * command_id, so that it takes effect once. Every struct that a caller fills
 * begins with its `size`, so that it may grow. The library writes nothing to
 * the terminal and never ends the process.
 *
 * Threads: a client serves any number of threads at once. A process that forks
 * must do so before its first client, or exec at once in the child.
 */

#include <stddef.h>

#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A connection to a node. */
typedef struct cpts_client cpts_client;

/** Deadline of a call when none is given, and the longest, milliseconds. */
#define CPTS_TIMEOUT_DEFAULT_MS 10000
#define CPTS_TIMEOUT_MAX_MS 600000

/** How to reach a node. Zero everywhere but in `size`, `address` and the three
 * files is right for most. Texts are copied, files are read by the opening. */
struct cpts_client_options {
    /** sizeof(struct cpts_client_options). */
    size_t size;
    /** `host:port`. */
    const char *address;
    /** PEM file of the authorities that may sign the server's certificate. */
    const char *ca_file;
    /** PEM file of our certificate chain; it says who we are. */
    const char *certificate_file;
    /** PEM file of its private key. */
    const char *key_file;
    /** Name expected in the server's certificate; NULL = the address's host. */
    const char *server_name;
    /** Deadline of a call that names none, 1..CPTS_TIMEOUT_MAX_MS; 0 = the default. */
    int32_t timeout_ms;
    /** Repetitions after a first failure, at most 100; 0 = 4, -1 = none. */
    int32_t retry_max;
    /** Longest pause before the first repetition, doubled each time up to
     * two seconds, milliseconds; 0 = 100. */
    int32_t retry_pause_ms;
};

/**
 * Makes a client. Reads the files; connects at the first call.
 *
 * @param ret_client  Close it with cpts_client_close().
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · FAILED_PRECONDITION /
 *         CONFIGURATION_INVALID: a file is missing, unreadable or not PEM (the
 *         path in `detail`) · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_client_open(const struct cpts_client_options *options,
                                                      cpts_client **ret_client,
                                                      struct cpts_error *err);

/** Releases a client; no call may be running. Results outlive it. NULL is fine. */
CPTS_API void cpts_client_close(cpts_client *client);

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

/** Version of the library that runs, for example "0.1.0". Static text. */
CPTS_API const char *cpts_version(void);

#ifdef __cplusplus
}
#endif
#endif
