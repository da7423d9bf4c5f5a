/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_COMMAND_FRAME_H
#define SDK_COMMAND_FRAME_H

/**
 * @file
 * What every command shares: the caller's struct adopted, its command_id, the
 * memory of its request, and the outcome.
 *
 * Threads: any thread; a command, one thread at a time.
 */

#include <cpts/command.h>
#include <cpts/v1/registry.pb-c.h>

#include "exchange.h"

struct command {
    cpts_client *client;
    const struct launch *launch;
    /** Of the request; also holds what it points to. */
    struct arena *arena;
    char id[CPTS_UUID_TEXT_BYTES];
};

/** Adopts the caller's struct and settles the id; ends with cpts_command__done(). */
CPTS_MUST_CHECK cpts_status cpts_command__begin(struct command *command, uint8_t *command_id,
                                                void *own, size_t own_bytes, const void *from,
                                                struct cpts_error *err);

void cpts_command__done(struct command *command);

/** Sends it. @param of_command  Operation, response and take; the result is a
 * struct cpts_outcome unless it says otherwise. */
CPTS_MUST_CHECK cpts_status cpts_command__make(const struct command *command,
                                               const struct exchange *of_command,
                                               const ProtobufCMessage *request,
                                               struct cpts_error *err);

/** Fills a struct cpts_outcome with what every response has. */
struct cpts_outcome *cpts_command__take(const struct answer *answer, int32_t version,
                                        int64_t log_position, bool is_replayed);

/** Adds its warnings. A command that was carried out is never reported as
 * failed for want of memory for them. */
void cpts_command__take_warnings(const struct answer *answer, Cpts__V1__Warning *const *from,
                                 size_t warning_count);

#endif
