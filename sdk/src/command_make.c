/* SPDX-License-Identifier: Apache-2.0 */
#include "command_make.h"

#include <cpts/async.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"

/* A territory of 2000 units takes some 150 KB. */
#define REQUEST_ARENA_BYTES ((size_t)4 * 1024 * 1024)

cpts_status cpts_command__no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the command");
}

cpts_status cpts_command__begin(struct command *command, uint8_t *command_id, void *own,
                                size_t own_bytes, const void *from, struct cpts_error *err)
{
    static const uint8_t UNSET[CPTS_UUID_BYTES];
    uint8_t minted[CPTS_UUID_BYTES] = {0};
    error_clear(err);
    if (from == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no command");
    cpts_status status = cpts_exchange__adopt(own, own_bytes, from, err);
    if (status != CPTS_OK)
        return status;
    uint8_t *id = command_id == NULL ? minted : command_id;
    if (memcmp(id, UNSET, sizeof UNSET) == 0)
        cpts_uuid_mint(id);
    cpts_uuid_format(id, command->id);
    command->arena = arena_new(REQUEST_ARENA_BYTES);
    return command->arena == NULL ? cpts_command__no_memory(err) : CPTS_OK;
}

void cpts_command__done(struct command *command)
{
    arena_free(command->arena);
}

cpts_status cpts_command__make(const struct command *command, const struct exchange *of_command,
                               const ProtobufCMessage *request, struct cpts_error *err)
{
    struct exchange exchange = *of_command;
    exchange.is_command = true;
    exchange.request = request;
    if (exchange.result_bytes == 0)
        exchange.result_bytes = sizeof(struct cpts_outcome);
    return cpts_exchange__make(command->client, &exchange, command->launch, err);
}

void cpts_command__deliver(const struct completion *completion)
{
    ((cpts_outcome_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

struct cpts_outcome *cpts_command__take(const struct answer *answer, int32_t version,
                                        int64_t log_position, bool is_replayed)
{
    struct cpts_outcome *outcome = answer->result;
    *outcome = (struct cpts_outcome){.id = "",
                                     .version = version,
                                     .log_position = log_position,
                                     .replayed = is_replayed,
                                     .message = answer->message};
    return outcome;
}
