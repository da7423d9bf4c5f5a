/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the registry. */
#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <string.h>

#include "convert.h"
#include "watch_handle.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an event");
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

static void interrupt(void *event, const struct watch_break *what)
{
    struct cpts_watch_event *own = event;
    *own = empty_event(NULL);
    own->kind = CPTS_WATCH_INTERRUPTION;
    own->log_position = what->log_position;
    own->instant_us = what->instant_us;
    own->reason = what->reason;
    own->sentence = what->sentence;
}

static bool head(const ProtobufCMessage *message, struct watch_head *ret_head)
{
    const Cpts__V1__WatchCptsResponse *response = (const Cpts__V1__WatchCptsResponse *)message;
    bool is_bookmark = response->message_case == CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_BOOKMARK;
    if (!is_bookmark && response->message_case != CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE)
        return false;
    ret_head->is_bookmark = is_bookmark;
    ret_head->log_position =
        is_bookmark ? response->bookmark->log_position : response->change->log_position;
    return true;
}

/* The filter is the region. */
static struct transport_body *pack(const void *filter, int64_t position)
{
    Cpts__V1__WatchCptsRequest request = CPTS__V1__WATCH_CPTS_REQUEST__INIT;
    request.region = (char *)filter;
    if (position == WATCH_FROM_NOW) {
        request.start_case = CPTS__V1__WATCH_CPTS_REQUEST__START_FROM_NOW;
        request.from_now = true;
    } else {
        request.start_case = CPTS__V1__WATCH_CPTS_REQUEST__START_AFTER_POSITION;
        request.after_position = position;
    }
    return cpts_transport__pack(&request.base);
}

static void call(cpts_watch *watch, exchange_callback *callback, void *event,
                 const struct cpts_error *err, void *data)
{
    ((cpts_watch_callback *)callback)(watch, event, err, data);
}

static const struct watch_subject SUBJECT = {
    .operation = OPERATION_REGISTRY_WATCH,
    .response = &cpts__v1__watch_cpts_response__descriptor,
    .event_bytes = sizeof(struct cpts_watch_event),
    .pack = pack,
    .head = head,
    .take = take,
    .interrupt = interrupt,
    .call = call,
};

cpts_status cpts_watch_open(cpts_client *client, const struct cpts_watch_options *options,
                            cpts_watch **ret_watch, struct cpts_error *err)
{
    struct cpts_watch_options own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, err);
    if (status != CPTS_OK)
        return status;
    char *region = strdup(cpts_convert__text(own.region));
    if (region == NULL)
        return no_memory(err);
    struct watch_wish wish = {.subject = &SUBJECT,
                              .options = &own,
                              .callback = (exchange_callback *)own.callback,
                              .filter = region};
    return cpts_watch__open(client, &wish, ret_watch, err);
}

cpts_status cpts_watch_next(cpts_watch *watch, int32_t timeout_ms,
                            struct cpts_watch_event **ret_event, struct cpts_error *err)
{
    void *event = NULL;
    cpts_status status = cpts_watch__next(watch, &SUBJECT, timeout_ms, &event, err);
    if (status == CPTS_OK)
        *ret_event = event;
    return status;
}

char *cpts_watch_event_json(const struct cpts_watch_event *event, int indent_spaces)
{
    if (event->message != NULL)
        return cpts_convert__json(event->message, indent_spaces);
    return cpts_watch_subject__break_json(&(struct watch_break){.log_position = event->log_position,
                                                                .reason = event->reason,
                                                                .sentence = event->sentence},
                                          indent_spaces);
}

void cpts_watch_event_free(struct cpts_watch_event *event)
{
    cpts_exchange__release(event);
}
