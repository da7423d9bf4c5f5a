/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_COMMAND_EXCHANGE_H
#define SDK_COMMAND_EXCHANGE_H

/**
 * @file
 * What every command of the library shares: its id, its arena, its outcome.
 *
 * Threads: any thread; a command, one thread at a time.
 */

#include <cpts/command.h>
#include <cpts/v1/registry.pb-c.h>

#include "exchange.h"

/** A command to make. Set client and launch, then begin. */
struct command {
    cpts_client *client;
    const struct launch *launch;
    /** Of the request; also holds what it points to. */
    struct arena *arena;
    char id[CPTS_UUID_TEXT_BYTES];
};

/** Adopts the caller's struct and settles the id; ends with
 * cpts_command__done(), also when it failed. */
CPTS_MUST_CHECK cpts_status cpts_command__begin(struct command *command, uint8_t *command_id,
                                                void *own, size_t own_bytes, const void *from,
                                                struct cpts_error *err);

void cpts_command__done(struct command *command);

/** Makes the call; @p of_command gives operation, response and take. */
CPTS_MUST_CHECK cpts_status cpts_command__make(const struct command *command,
                                               const struct exchange *of_command,
                                               const ProtobufCMessage *request,
                                               struct cpts_error *err);

/** Calls a cpts_outcome_callback. */
void cpts_command__deliver(const struct completion *completion);

/** Fills the outcome with what every response of a command has. */
struct cpts_outcome *cpts_command__take(const struct answer *answer, int32_t version,
                                        int64_t log_position, bool is_replayed);

/** Adds the warnings. A command that was carried out is never reported as
 * failed for want of memory for them. */
void cpts_command__take_warnings(const struct answer *answer, Cpts__V1__Warning *const *from,
                                 size_t warning_count);

/** Messages in the command's arena; NULL when it is full. */
Cpts__V1__StageEntry **cpts_command__stages(const struct cpts_stage_entry *from, size_t count,
                                            struct arena *arena);
Cpts__V1__TerritoryUnit **cpts_command__territory(const struct cpts_territory_unit *from,
                                                  size_t count, struct arena *arena);

#endif
