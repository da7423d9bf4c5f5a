/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_COMMAND_CALL_H
#define SDK_COMMAND_CALL_H

/**
 * @file
 * What all commands share: the id, the memory of the request, the outcome.
 *
 * Threads: any thread.
 */

#include <cpts/command.h>
#include <cpts/v1/registry.pb-c.h>

#include "exchange.h"

/** A command on its way. */
struct command_call {
    cpts_client *client;
    const struct launch *launch;
    /** Of the request; also holds what it points to. */
    struct arena *arena;
    char id[CPTS_UUID_TEXT_BYTES];
};

/** Adopts the caller's struct and settles the id; ends with cpts_command__done(). */
CPTS_MUST_CHECK cpts_status cpts_command__begin(struct command_call *call, uint8_t *command_id,
                                                void *own, size_t own_bytes, const void *from,
                                                struct cpts_error *err);

void cpts_command__done(struct command_call *call);

/** Makes the call. Without a `take` of its own, the result is a struct
 * cpts_outcome: the response has version, log_position and replayed, and may
 * have what cpts_command__take() knows. */
CPTS_MUST_CHECK cpts_status cpts_command__make(const struct command_call *call,
                                               const struct exchange *of_command,
                                               const ProtobufCMessage *request,
                                               struct cpts_error *err);

/** `take` of a command's exchange: fills a struct cpts_outcome from whichever of
 * id, document_id, filing_id, representative_id, warnings, closed, successor_version and unit_count
 * the response has. */
cpts_status cpts_command__take(const struct answer *answer, struct cpts_error *err);

/** Where a field of a message lies; NULL when its type has none of that name. */
const void *cpts_command__field(const ProtobufCMessage *message, const char *name);
/** The number of elements of a repeated field, and the field; 0 without it. */
size_t cpts_command__list(const ProtobufCMessage *message, const char *name, const void **ret_list);
/** An int32 or enum field; 0 without it. */
int32_t cpts_command__number(const ProtobufCMessage *message, const char *name);
/** `log_position` and `replayed`; 0 and false without them. */
int64_t cpts_command__position(const ProtobufCMessage *message);
bool cpts_command__replayed(const ProtobufCMessage *message);

/** `deliver` of a command that was started. */
void cpts_command__deliver(const struct completion *completion);

/** Messages in the command's arena; NULL when it is full. */
Cpts__V1__StageEntry **cpts_command__stages(const struct cpts_stage_entry *from, size_t count,
                                            struct arena *arena);
Cpts__V1__TerritoryUnit **cpts_command__territory(const struct cpts_territory_unit *from,
                                                  size_t count, struct arena *arena);

/** Says that memory is out. */
cpts_status cpts_command__no_memory(struct cpts_error *err);

#endif
