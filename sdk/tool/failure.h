/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FAILURE_H
#define TOOL_FAILURE_H

/**
 * @file
 * What a failed call means for the person at the terminal.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stdint.h>

/** Fills an error that was found here, not by the node. @return @p status. */
cpts_status failure_set(struct cpts_error *err, cpts_status status, const char *reason,
                        const char *message);

/** RESOURCE_EXHAUSTED / OUT_OF_MEMORY. @param what  "the list of CPTS". */
cpts_status failure_no_memory(struct cpts_error *err, const char *what);

/** The exit code (an enum exit_code) of a failed call. */
int failure_exit_code(const struct cpts_error *err);

/** What to do about a reason; NULL when there is nothing to add. Static text. */
const char *failure_advice(const char *reason);

/** Prints reason, sentence, field and detail on stderr. */
void failure_facts(const struct cpts_error *err);

/** As failure_facts(), and what to do about it.
 * @return failure_exit_code(). */
int failure_print(const struct cpts_error *err);

/** As failure_print(), and when the outcome is unknown the options with which
 * the command takes effect once. @param version  0 = it has none. */
int failure_print_command(const struct cpts_error *err, const uint8_t *command_id, int32_t version);

#endif
