/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_FORWARD_H
#define CPTS_FORWARD_H

/**
 * @file
 * Handing a request on: a node that does not own what a command is about sends it, in
 * its own bytes, to the node that does. Only the node of a region may, and only for
 * people and CPTS of that region; the node above goes by what it says of them, and
 * never hands a request on itself.
 *
 * Threads: any thread.
 */

#include <cpts/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Names of the metadata of such a call. */
#define CPTS_FORWARD_IDENTITY "cpts-on-behalf"
#define CPTS_FORWARD_ROLES "cpts-on-behalf-roles"
#define CPTS_FORWARD_SCOPE "cpts-on-behalf-scope"

/** Somebody else's request. Borrowed for the call. */
struct cpts_forward {
    size_t size;
    /** For example `/cpts.v1.RegistryService/UpdateCpts`. */
    const char *method;
    /** Packed, as it came. */
    struct cpts_bytes request;
    /** Who made it: a SPIFFE URI, its roles with commas between, and its scope. */
    const char *identity;
    const char *roles;
    const char *scope;
};

/**
 * Sends it once, and waits.
 *
 * @param timeout_ms  1..CPTS_TIMEOUT_MAX_MS; 0 = the client's.
 * @param ret_response  The packed response, to be freed with cpts_forward_free(); set on
 *                      CPTS_OK only.
 * @return what the node said, word for word · UNKNOWN / OUTCOME_UNKNOWN: it was sent and
 *         not answered, repeat it with the same command_id · UNAVAILABLE /
 *         UPSTREAM_UNREACHABLE: it was not sent · INVALID_ARGUMENT / ARGUMENT_INVALID.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_forward_call(cpts_client *client,
                                                       const struct cpts_forward *forward,
                                                       int32_t timeout_ms,
                                                       struct cpts_bytes *ret_response,
                                                       struct cpts_error *err);

/** Releases the bytes of a response. */
CPTS_API void cpts_forward_free(struct cpts_bytes *response);

#ifdef __cplusplus
}
#endif

#endif
