/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/mission.h>
#include <cpts/v1/funding.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define NAME_COUNT(names) (sizeof(names) / sizeof(names)[0])

static const char *name_at(const char *const *names, size_t count, int at)
{
    return at >= 0 && (size_t)at < count ? names[at] : "";
}

const char *cpts_mission_status_name(enum cpts_mission_status status)
{
    static const char *const NAMES[] = {"", "PLANNED", "STARTED", "DEPLOYED", "STOPPED"};
    return name_at(NAMES, NAME_COUNT(NAMES), (int)status);
}

const char *cpts_plan_state_name(enum cpts_plan_state state)
{
    static const char *const NAMES[] = {"", "PROPOSED", "ADOPTED"};
    return name_at(NAMES, NAME_COUNT(NAMES), (int)state);
}

const char *cpts_crisis_kind_name(enum cpts_crisis_kind kind)
{
    static const char *const NAMES[] = {"", "PLAN_WRITTEN", "PLAN_UPDATED", "RECOGNISED"};
    return name_at(NAMES, NAME_COUNT(NAMES), (int)kind);
}

static bool take_steps(struct cpts_mission *mission, const Cpts__V1__Mission *from,
                       struct arena *arena)
{
    struct cpts_mission_step *own = arena_alloc(arena, (from->n_steps + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_steps; i++)
        own[i] =
            (struct cpts_mission_step){.status = (enum cpts_mission_status)from->steps[i]->status,
                                       .effective_on = from->steps[i]->effective_on};
    mission->steps = own;
    mission->step_count = from->n_steps;
    return own != NULL;
}

static bool take_plan(const struct cpts_mission_plan **ret_plan, const Cpts__V1__MissionPlan *from,
                      struct arena *arena)
{
    if (from == NULL)
        return true;
    struct cpts_mission_plan *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_mission_plan){.state = (enum cpts_plan_state)from->state,
                                      .effective_on = from->effective_on,
                                      .objectives = (const char *const *)from->objectives,
                                      .objective_count = from->n_objectives,
                                      .actions = (const char *const *)from->actions,
                                      .action_count = from->n_actions};
    *ret_plan = own;
    return true;
}

static bool take_crises(struct cpts_mission *mission, const Cpts__V1__Mission *from,
                        struct arena *arena)
{
    struct cpts_crisis_fact *own = arena_alloc(arena, (from->n_crises + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_crises; i++)
        own[i] = (struct cpts_crisis_fact){.kind = (enum cpts_crisis_kind)from->crises[i]->kind,
                                           .effective_on = from->crises[i]->effective_on};
    mission->crises = own;
    mission->crisis_count = from->n_crises;
    return own != NULL;
}

static bool take_mission(struct cpts_mission *mission, const Cpts__V1__Mission *from,
                         struct arena *arena)
{
    *mission = (struct cpts_mission){.mission = from->mission,
                                     .label = from->label,
                                     .obligation = from->obligation,
                                     .status = (enum cpts_mission_status)from->status,
                                     .status_on = from->status_on,
                                     .start_due_on = from->start_due_on,
                                     .deploy_due_on = from->deploy_due_on};
    return take_steps(mission, from, arena) && take_plan(&mission->adopted, from->adopted, arena) &&
           take_plan(&mission->proposed, from->proposed, arena) &&
           take_crises(mission, from, arena);
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListMissionsResponse *from =
        (const Cpts__V1__ListMissionsResponse *)answer->message;
    struct cpts_missions *own = answer->result;
    struct cpts_mission *missions =
        arena_alloc(answer->arena, (from->n_missions + 1) * sizeof *missions);
    bool is_fine = missions != NULL;
    for (size_t i = 0; is_fine && i < from->n_missions; i++)
        is_fine = take_mission(&missions[i], from->missions[i], answer->arena);
    *own = (struct cpts_missions){.id = from->id,
                                  .version = from->version,
                                  .as_of = from->as_of,
                                  .signed_on = from->signed_on,
                                  .missions = missions,
                                  .mission_count = from->n_missions,
                                  .synthetic = from->synthetic,
                                  .message = from};
    return is_fine ? CPTS_OK : error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static void deliver(const struct completion *completion)
{
    ((cpts_missions_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const char *id, const struct cpts_when *when,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_when own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, when, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListMissionsRequest request = CPTS__V1__LIST_MISSIONS_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_FUNDING_MISSIONS,
                                .request = &request.base,
                                .response = &cpts__v1__list_missions_response__descriptor,
                                .result_bytes = sizeof(struct cpts_missions),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_mission_list(cpts_client *client, const char *id, const struct cpts_when *when,
                              int32_t timeout_ms, struct cpts_missions **ret_missions,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_missions = result;
    return status;
}

cpts_status cpts_mission_list_start(cpts_client *client, const char *id,
                                    const struct cpts_when *when, const struct cpts_async *async,
                                    cpts_missions_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, id, when, &launch, err);
}

char *cpts_missions_json(const struct cpts_missions *missions, int indent_spaces)
{
    return cpts_convert__json(missions->message, indent_spaces);
}

void cpts_missions_free(struct cpts_missions *missions)
{
    cpts_exchange__release(missions);
}
