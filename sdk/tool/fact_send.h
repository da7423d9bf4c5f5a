/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FACT_SEND_H
#define TOOL_FACT_SEND_H

/**
 * @file
 * Comparing the facts of a file with the node where the kind or a preview wants
 * it, and sending: several CPTS at once, the commands of one CPTS one after the
 * other.
 *
 * Threads: fact_send() uses its own and returns when they have ended.
 */

#include "fact_import.h"

/** Sets the state of every waiting line; with `import->is_dry` it compares and
 * sends nothing. A failure that would meet every line stops the rest.
 * @param ret_stop  That failure; status CPTS_OK when there was none. */
void fact_send(const struct session *session, struct fact_import *import, int job_count,
               struct cpts_error *ret_stop);

#endif
