/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_COMMAND_MAKE_H
#define SDK_COMMAND_MAKE_H

/**
 * @file
 * What all commands share: the caller's struct adopted, the id settled, the
 * outcome filled.
 *
 * Threads: any thread; a command, one thread at a time.
 */

#include <cpts/command.h>

#include "exchange.h"

/** A command on its way. */
struct command {
    cpts_client *client;
    const struct launch *launch;
    /** Of the request; also holds what it points to. */
    struct arena *arena;
    char id[CPTS_UUID_TEXT_BYTES];
};

/** Adopts the caller's struct and settles the id; ends with
 * cpts_command__done(), also when this fails. */
CPTS_MUST_CHECK cpts_status cpts_command__begin(struct command *command, uint8_t *command_id,
                                                void *own, size_t own_bytes, const void *from,
                                                struct cpts_error *err);

/** Sends @p request as the exchange says, with a struct cpts_outcome as its
 * result unless the exchange has another. */
CPTS_MUST_CHECK cpts_status cpts_command__make(const struct command *command,
                                               const struct exchange *of_command,
                                               const ProtobufCMessage *request,
                                               struct cpts_error *err);

void cpts_command__done(struct command *command);

/** RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
cpts_status cpts_command__no_memory(struct cpts_error *err);

/** Calls a cpts_outcome_callback. */
void cpts_command__deliver(const struct completion *completion);

/** Fills the outcome of an answer; use CPTS_COMMAND__TAKE. */
struct cpts_outcome *cpts_command__take(const struct answer *answer, int32_t version,
                                        int64_t log_position, bool is_replayed);

/** What every response of a command has. */
#define CPTS_COMMAND__TAKE(answer, response)                                                       \
    cpts_command__take((answer), (response)->version, (response)->log_position,                    \
                       (response)->replayed)

#endif
