/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_event.h"

#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define NUMBER_BYTES 24

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an event");
}

cpts_status cpts_watch_event__head(const uint8_t *bytes, size_t byte_count, struct arena *scratch,
                                   struct watch_head *ret_head, struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    arena_reset(scratch);
    cpts_status status = wire_unpack(&cpts__v1__watch_cpts_response__descriptor, bytes, byte_count,
                                     scratch, &message, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__WatchCptsResponse *response = (const Cpts__V1__WatchCptsResponse *)message;
    bool is_bookmark = response->message_case == CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_BOOKMARK;
    if (!is_bookmark && response->message_case != CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE)
        return error_set(err, REASON_INTERNAL_ERROR,
                         "the node sent what is neither a change nor a bookmark");
    ret_head->is_bookmark = is_bookmark;
    ret_head->log_position =
        is_bookmark ? response->bookmark->log_position : response->change->log_position;
    return CPTS_OK;
}

static bool take_stages(struct cpts_watch_event *event, size_t count,
                        Cpts__V1__StageFact *const *from, struct arena *arena)
{
    struct cpts_stage_entry *stages = arena_alloc(arena, (count + 1) * sizeof *stages);
    if (stages == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        stages[i] = (struct cpts_stage_entry){.stage = (enum cpts_stage)from[i]->stage,
                                              .effective_on = from[i]->effective_on,
                                              .successor_id = from[i]->successor_id,
                                              .recorded_at_us = event->instant_us};
    event->stages = stages;
    event->stage_count = count;
    return true;
}

static bool take_territory(struct cpts_watch_event *event, size_t count,
                           Cpts__V1__UnitFact *const *from, struct arena *arena)
{
    struct cpts_territory_unit *units = arena_alloc(arena, (count + 1) * sizeof *units);
    if (units == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        units[i] = (struct cpts_territory_unit){
            .unit_code = from[i]->unit_code, .share = from[i]->share, .name = ""};
    event->territory = units;
    event->unit_count = count;
    return true;
}

static bool take_created(struct cpts_watch_event *event, const Cpts__V1__CptsCreated *from,
                         struct arena *arena)
{
    event->name = from->name;
    event->finess = from->finess;
    event->website = from->website;
    event->synthetic = from->synthetic;
    return take_stages(event, from->n_stages, from->stages, arena) &&
           take_territory(event, from->n_territory, from->territory, arena);
}

static void take_updated(struct cpts_watch_event *event, const Cpts__V1__CptsUpdated *from)
{
    if (from->_name_case == CPTS__V1__CPTS_UPDATED___NAME_NAME)
        event->name = from->name;
    if (from->_finess_case == CPTS__V1__CPTS_UPDATED___FINESS_FINESS)
        event->finess = from->finess;
    if (from->_website_case == CPTS__V1__CPTS_UPDATED___WEBSITE_WEBSITE)
        event->website = from->website;
}

static bool take_period(struct cpts_watch_event *event,
                        const Cpts__V1__CptsTerritoryCorrected *from, struct arena *arena)
{
    event->effective_on = from->effective_from;
    event->effective_to = from->effective_to;
    event->correction = from->reason;
    event->evidence = from->evidence;
    return take_territory(event, from->n_territory, from->territory, arena);
}

/* What happened; a kind that is newer than this library is told without. */
static bool take_what(struct cpts_watch_event *event, const Cpts__V1__CptsChange *from,
                      struct arena *arena)
{
    const Cpts__V1__CptsTerritorySet *territory = from->cpts_territory_set;
    switch (from->event_case) {
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_CREATED:
        return take_created(event, from->cpts_created, arena);
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_UPDATED:
        take_updated(event, from->cpts_updated);
        return true;
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_STAGE_RECORDED:
        return from->cpts_stage_recorded->stage == NULL ||
               take_stages(event, 1, &from->cpts_stage_recorded->stage, arena);
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_TERRITORY_SET:
        event->effective_on = territory->effective_on;
        return take_territory(event, territory->n_territory, territory->territory, arena);
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_STAGES_CORRECTED:
        event->correction = from->cpts_stages_corrected->reason;
        event->evidence = from->cpts_stages_corrected->evidence;
        return take_stages(event, from->cpts_stages_corrected->n_stages,
                           from->cpts_stages_corrected->stages, arena);
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_TERRITORY_CORRECTED:
        return take_period(event, from->cpts_territory_corrected, arena);
    case CPTS__V1__CPTS_CHANGE__EVENT_CPTS_CLOCK_DUE:
        if (from->cpts_clock_due->clock != NULL)
            event->effective_on = from->cpts_clock_due->clock->due_on;
        return true;
    default:
        return true;
    }
}

static bool take_change(struct cpts_watch_event *event, const Cpts__V1__CptsChange *from,
                        struct arena *arena)
{
    event->kind = CPTS_WATCH_CHANGE;
    event->log_position = from->log_position;
    event->instant_us = cpts_convert__instant_us(from->recorded_at);
    event->id = from->cpts_id;
    event->version = from->version;
    event->change = from->kind;
    event->lead_region = from->lead_region;
    return take_what(event, from, arena);
}

static struct cpts_watch_event empty_event(const void *message)
{
    return (struct cpts_watch_event){.id = "",
                                     .change = "",
                                     .lead_region = "",
                                     .effective_on = "",
                                     .effective_to = "",
                                     .correction = "",
                                     .evidence = "",
                                     .reason = "",
                                     .sentence = "",
                                     .message = message};
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_watch_event *event = answer->result;
    const Cpts__V1__WatchCptsResponse *from = (const Cpts__V1__WatchCptsResponse *)answer->message;
    *event = empty_event(from);
    if (from->message_case == CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE)
        return take_change(event, from->change, answer->arena) ? CPTS_OK : no_memory(err);
    event->kind = CPTS_WATCH_BOOKMARK;
    event->log_position = from->bookmark->log_position;
    event->instant_us = cpts_convert__instant_us(from->bookmark->observed_at);
    return CPTS_OK;
}

/* An interruption has no message: it is made of an empty one. */
static cpts_status take_nothing(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    *(struct cpts_watch_event *)answer->result = empty_event(NULL);
    return CPTS_OK;
}

static cpts_status make_interruption(const struct watch_entry *entry,
                                     struct cpts_watch_event *event)
{
    struct texts {
        char reason[CPTS_REASON_BYTES], sentence[CPTS_MESSAGE_BYTES];
    } *texts = (struct texts *)(event + 1);
    memcpy(texts->reason, entry->failure->reason, sizeof texts->reason);
    memcpy(texts->sentence, entry->failure->message, sizeof texts->sentence);
    event->kind = CPTS_WATCH_INTERRUPTION;
    event->log_position = entry->log_position;
    event->instant_us = entry->instant_us;
    event->reason = texts->reason;
    event->sentence = texts->sentence;
    return CPTS_OK;
}

cpts_status cpts_watch_event__make(const struct watch_entry *entry,
                                   struct cpts_watch_event **ret_event, struct cpts_error *err)
{
    void *result = NULL;
    bool is_interruption = entry->failure != NULL;
    struct exchange exchange = {
        .operation = OPERATION_REGISTRY_WATCH,
        .response = &cpts__v1__watch_cpts_response__descriptor,
        .result_bytes = sizeof(struct cpts_watch_event) +
                        (is_interruption ? CPTS_REASON_BYTES + CPTS_MESSAGE_BYTES : 0),
        .take = is_interruption ? take_nothing : take,
    };
    struct transport_reply reply = {.bytes = entry->bytes, .byte_count = entry->byte_count};
    cpts_status status = cpts_exchange__take(&exchange, &reply, &result, err);
    if (status == CPTS_OK && is_interruption)
        status = make_interruption(entry, result);
    if (status == CPTS_OK)
        *ret_event = result;
    return status;
}

static char *interruption_json(const struct cpts_watch_event *event, int indent_spaces)
{
    char position[NUMBER_BYTES];
    snprintf(position, sizeof position, "%lld", (long long)event->log_position);
    json_t *object = json_pack("{s:{s:s,s:s,s:s}}", "interruption", "logPosition", position,
                               "reason", event->reason, "message", event->sentence);
    size_t indent = indent_spaces > 0 && indent_spaces <= 31 ? (size_t)indent_spaces : 0;
    char *text = object == NULL
                     ? NULL
                     : json_dumps(object, JSON_INDENT(indent) | (indent == 0 ? JSON_COMPACT : 0));
    json_decref(object);
    return text;
}

char *cpts_watch_event_json(const struct cpts_watch_event *event, int indent_spaces)
{
    return event->message == NULL ? interruption_json(event, indent_spaces)
                                  : cpts_convert__json(event->message, indent_spaces);
}

void cpts_watch_event_free(struct cpts_watch_event *event)
{
    cpts_exchange__release(event);
}
