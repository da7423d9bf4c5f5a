/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_ENROLL_AUTHORITY_H
#define TOOL_ENROLL_AUTHORITY_H

/**
 * @file
 * The authority that a token names by its print: taken from a file, or from what the
 * node shows at the handshake. Nothing is believed that has not that print, and nothing
 * is said to a node before.
 *
 * Threads: one thread at a time.
 */

#include <cpts/enrolment.h>

struct enroll_authority {
    uint8_t sha256[CPTS_AUTHORITY_BYTES];
    /** PEM, from malloc. */
    char *pem;
};

/** Looks for it among the certificates of @p path.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID: it is not there. */
CPTS_MUST_CHECK cpts_status enroll_authority_read(const char *path,
                                                  struct enroll_authority *authority,
                                                  struct cpts_error *err);

/** Looks for it in the chain that the node at `host:port` shows.
 * @return CPTS_OK · UNAVAILABLE / CONNECTION_FAILED · UNAUTHENTICATED /
 *         AUTHORITY_UNKNOWN: it is another node, or somebody in between. */
CPTS_MUST_CHECK cpts_status enroll_authority_fetch(const char *address, int timeout_seconds,
                                                   struct enroll_authority *authority,
                                                   struct cpts_error *err);

#endif
