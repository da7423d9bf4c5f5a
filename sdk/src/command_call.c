/* SPDX-License-Identifier: Apache-2.0 */
#include "command_call.h"

#include <string.h>

#include "convert.h"
#include "wire/arena.h"
#include "wire/error.h"

/* A territory of 2000 units takes some 150 KB. */
#define REQUEST_ARENA_BYTES ((size_t)4 * 1024 * 1024)

cpts_status cpts_command__no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the command");
}

cpts_status cpts_command__begin(struct command_call *call, uint8_t *command_id, void *own,
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
    cpts_uuid_format(id, call->id);
    call->arena = arena_new(REQUEST_ARENA_BYTES);
    return call->arena == NULL ? cpts_command__no_memory(err) : CPTS_OK;
}

void cpts_command__done(struct command_call *call)
{
    arena_free(call->arena);
}

cpts_status cpts_command__make(const struct command_call *call, const struct exchange *of_command,
                               const ProtobufCMessage *request, struct cpts_error *err)
{
    struct exchange exchange = *of_command;
    exchange.is_command = true;
    exchange.request = request;
    if (exchange.take == NULL) {
        exchange.result_bytes = sizeof(struct cpts_outcome);
        exchange.take = cpts_command__take;
    }
    return cpts_exchange__make(call->client, &exchange, call->launch, err);
}

void cpts_command__deliver(const struct completion *completion)
{
    ((cpts_outcome_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

const void *cpts_command__field(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    return field == NULL ? NULL : (const char *)message + field->offset;
}

size_t cpts_command__list(const ProtobufCMessage *message, const char *name, const void **ret_list)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    if (field == NULL)
        return 0;
    memcpy(ret_list, (const char *)message + field->offset, sizeof *ret_list);
    size_t count = 0;
    memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
    return count;
}

int32_t cpts_command__number(const ProtobufCMessage *message, const char *name)
{
    const int32_t *number = cpts_command__field(message, name);
    return number == NULL ? 0 : *number;
}

static const char *made_id(const ProtobufCMessage *message)
{
    static const char *const NAMES[] = {"id", "document_id", "filing_id", "representative_id"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const char *const *id = cpts_command__field(message, NAMES[i]);
        if (id != NULL)
            return *id;
    }
    return "";
}

/* A command that was carried out is never reported as failed for want of
 * memory for its warnings, or for what it closed. */
static void take_warnings(const struct answer *answer, struct cpts_outcome *outcome)
{
    const void *list = NULL;
    size_t count = cpts_command__list(answer->message, "warnings", &list);
    Cpts__V1__Warning *const *from = list;
    struct cpts_warning *warnings = arena_alloc(answer->arena, (count + 1) * sizeof *warnings);
    for (size_t i = 0; warnings != NULL && i < count; i++)
        warnings[i] = (struct cpts_warning){
            .reason = from[i]->reason, .message = from[i]->message, .field = from[i]->field};
    outcome->warnings = warnings;
    outcome->warning_count = warnings == NULL ? 0 : count;
}

static void take_closed(const struct answer *answer, struct cpts_outcome *outcome)
{
    const void *list = NULL;
    size_t count = cpts_command__list(answer->message, "closed", &list);
    Cpts__V1__ClosedItem *const *from = list;
    struct cpts_closed_item *closed = arena_alloc(answer->arena, (count + 1) * sizeof *closed);
    for (size_t i = 0; closed != NULL && i < count; i++)
        closed[i] = (struct cpts_closed_item){.type = from[i]->type,
                                              .id = from[i]->id,
                                              .kind = from[i]->kind,
                                              .mission = from[i]->mission,
                                              .due_on = from[i]->due_on,
                                              .count = from[i]->count};
    outcome->closed = closed;
    outcome->closed_count = closed == NULL ? 0 : count;
}

int64_t cpts_command__position(const ProtobufCMessage *message)
{
    const int64_t *log_position = cpts_command__field(message, "log_position");
    return log_position == NULL ? 0 : *log_position;
}

bool cpts_command__replayed(const ProtobufCMessage *message)
{
    const protobuf_c_boolean *replayed = cpts_command__field(message, "replayed");
    return replayed != NULL && *replayed;
}

cpts_status cpts_command__take(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    struct cpts_outcome *outcome = answer->result;
    *outcome = (struct cpts_outcome){
        .id = made_id(answer->message),
        .version = cpts_command__number(answer->message, "version"),
        .log_position = cpts_command__position(answer->message),
        .replayed = cpts_command__replayed(answer->message),
        .successor_version = cpts_command__number(answer->message, "successor_version"),
        .unit_count = cpts_command__number(answer->message, "unit_count"),
        .message = answer->message};
    take_warnings(answer, outcome);
    take_closed(answer, outcome);
    return CPTS_OK;
}

Cpts__V1__StageEntry **cpts_command__stages(const struct cpts_stage_entry *from, size_t count,
                                            struct arena *arena)
{
    Cpts__V1__StageEntry **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__StageEntry *entries = arena_alloc(arena, (count + 1) * sizeof *entries);
    if (list == NULL || entries == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &entries[i];
        cpts__v1__stage_entry__init(list[i]);
        list[i]->stage = (Cpts__V1__Stage)from[i].stage;
        list[i]->effective_on = cpts_convert__text(from[i].effective_on);
        list[i]->successor_id = cpts_convert__text(from[i].successor_id);
    }
    return list;
}

Cpts__V1__TerritoryUnit **cpts_command__territory(const struct cpts_territory_unit *from,
                                                  size_t count, struct arena *arena)
{
    Cpts__V1__TerritoryUnit **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__TerritoryUnit *units = arena_alloc(arena, (count + 1) * sizeof *units);
    if (list == NULL || units == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &units[i];
        cpts__v1__territory_unit__init(list[i]);
        list[i]->unit_code = cpts_convert__text(from[i].unit_code);
        list[i]->share = from[i].share;
    }
    return list;
}
