/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_NODE_PAPER_H
#define TOOL_NODE_PAPER_H

/**
 * @file
 * The files of a regional node that are not its certificate: who is above it.
 *
 * Threads: one thread at a time.
 */

#include <cpts/enrolment.h>

/** Writes what an enrolment told of the node above, for [federation] upstream_pin of cptsd.
 * @param token  Names its authority.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID: the node above told
 *         nothing, or the file cannot be written. */
CPTS_MUST_CHECK cpts_status node_paper_pin(const char *path, const char *token,
                                           const struct cpts_certificate *certificate,
                                           struct cpts_error *err);

#endif
