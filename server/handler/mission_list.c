/* SPDX-License-Identifier: Apache-2.0 */
/* ListMissions. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/funding.pb-c.h"
#include "domain/aci_grid.h"
#include "domain/calendar.h"
#include "domain/entitlement_rules.h"
#include "domain/mission_status.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of mission_list.sql. */
enum mission_column {
    CPTS_ID,
    VERSION,
    SIGNED_ON,
    SYNTHETIC,
    MISSION,
    STATUS,
    STATUS_ON,
    STATUSES,
    STATUS_DATES,
    ADOPTED, /* objectives, actions, date */
    PROPOSED = ADOPTED + 3,
    CRISES = PROPOSED + 3,
    CRISIS_DATES,
};

cpts_status mission_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListMissionsRequest *request = message;
    uint8_t id[16];
    const char *as_of = NULL;
    const char *known_at = NULL;
    call->query = query_new(call->arena, STATEMENT_MISSION_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->state = (char *)as_of;
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    return CPTS_OK;
}

static bool add_steps(struct call *call, const struct rows *rows, int row,
                      Cpts__V1__Mission *mission)
{
    char **statuses = NULL;
    char **dates = NULL;
    int count = rows_array(rows, row, STATUSES, call->arena, &statuses);
    if (count < 0 || rows_array(rows, row, STATUS_DATES, call->arena, &dates) != count)
        return false;
    mission->steps = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *mission->steps);
    for (int i = 0; mission->steps != NULL && i < count; i++) {
        Cpts__V1__MissionStep *step = request_message(call, &cpts__v1__mission_step__descriptor);
        if (step == NULL)
            return false;
        step->status = (Cpts__V1__MissionStatus)mission_status_find(statuses[i]);
        step->effective_on = dates[i];
        mission->steps[mission->n_steps++] = step;
    }
    return mission->steps != NULL;
}

/* The plan in the columns from @p first on; *ret_plan stays NULL without one. */
static bool read_plan(struct call *call, const struct rows *rows, int row, int first,
                      Cpts__V1__MissionPlan **ret_plan)
{
    if (rows_is_null(rows, row, first + 2))
        return true;
    Cpts__V1__MissionPlan *plan = request_message(call, &cpts__v1__mission_plan__descriptor);
    if (plan == NULL)
        return false;
    int objectives = rows_array(rows, row, first, call->arena, &plan->objectives);
    int actions = rows_array(rows, row, first + 1, call->arena, &plan->actions);
    if (objectives < 0 || actions < 0)
        return false;
    plan->n_objectives = (size_t)objectives;
    plan->n_actions = (size_t)actions;
    plan->effective_on = (char *)rows_text(rows, row, first + 2);
    plan->state = first == ADOPTED ? CPTS__V1__PLAN_STATE__PLAN_STATE_ADOPTED
                                   : CPTS__V1__PLAN_STATE__PLAN_STATE_PROPOSED;
    *ret_plan = plan;
    return true;
}

static bool add_crises(struct call *call, const struct rows *rows, int row,
                       Cpts__V1__Mission *mission)
{
    char **kinds = NULL;
    char **dates = NULL;
    int count = rows_array(rows, row, CRISES, call->arena, &kinds);
    if (count < 0 || rows_array(rows, row, CRISIS_DATES, call->arena, &dates) != count)
        return false;
    mission->crises = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *mission->crises);
    for (int i = 0; mission->crises != NULL && i < count; i++) {
        Cpts__V1__CrisisFact *fact = request_message(call, &cpts__v1__crisis_fact__descriptor);
        if (fact == NULL)
            return false;
        fact->kind = (Cpts__V1__CrisisKind)crisis_kind_find(kinds[i]);
        fact->effective_on = dates[i];
        mission->crises[mission->n_crises++] = fact;
    }
    return mission->crises != NULL;
}

/* A legal date so many months after the signature, or after the mission was
 * made; empty without one. NULL when the arena is full. */
static char *due_on(struct call *call, const struct aci_mission *known, const char *signed_on,
                    int months)
{
    char *date = arena_alloc(call->arena, CALENDAR_DATE_BYTES);
    if (date == NULL || months == 0 || signed_on[0] == '\0')
        return date;
    const char *since = strcmp(known->valid_from, signed_on) > 0 ? known->valid_from : signed_on;
    calendar_add_months(since, months, date);
    return date;
}

/* What the server's copy of the reference says of the mission. */
static bool add_reference(struct call *call, const struct aci_mission *known,
                          const struct rows *rows, int row, Cpts__V1__Mission *mission)
{
    const char *signed_on = rows_text(rows, row, SIGNED_ON);
    if (known == NULL)
        return true;
    mission->label = (char *)known->label;
    mission->obligation = (char *)known->obligation;
    mission->start_due_on = due_on(call, known, signed_on, known->start_months);
    mission->deploy_due_on = due_on(call, known, signed_on, known->deploy_months);
    return mission->start_due_on != NULL && mission->deploy_due_on != NULL;
}

static Cpts__V1__Mission *read_mission(struct call *call, const struct aci_grids *grids,
                                       const struct rows *rows, int row)
{
    Cpts__V1__Mission *mission = request_message(call, &cpts__v1__mission__descriptor);
    if (mission == NULL)
        return NULL;
    mission->mission = (char *)rows_text(rows, row, MISSION);
    mission->status = (Cpts__V1__MissionStatus)mission_status_find(rows_text(rows, row, STATUS));
    mission->status_on = (char *)rows_text(rows, row, STATUS_ON);
    bool is_fine =
        add_reference(call, aci_mission_find(grids, mission->mission), rows, row, mission) &&
        add_steps(call, rows, row, mission) &&
        read_plan(call, rows, row, ADOPTED, &mission->adopted) &&
        read_plan(call, rows, row, PROPOSED, &mission->proposed) &&
        add_crises(call, rows, row, mission);
    return is_fine ? mission : NULL;
}

cpts_status mission_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    Cpts__V1__ListMissionsResponse *response =
        request_message(call, &cpts__v1__list_missions_response__descriptor);
    Cpts__V1__Mission **missions =
        arena_alloc(call->arena, (size_t)(rows_count(rows) + 1) * sizeof(Cpts__V1__Mission *));
    if (response == NULL || missions == NULL)
        return request_no_memory(err);
    response->id = (char *)rows_text(rows, 0, CPTS_ID);
    response->version = (int32_t)rows_int(rows, 0, VERSION);
    response->as_of = call->state;
    response->signed_on = (char *)rows_text(rows, 0, SIGNED_ON);
    response->synthetic = rows_bool(rows, 0, SYNTHETIC);
    response->missions = missions;
    const struct aci_grids *grids = call->service->grids;
    for (int row = 0; row < rows_count(rows); row++) {
        /* One row without a mission: the ACI knew none on that date. */
        if (rows_text(rows, row, MISSION)[0] == '\0')
            continue;
        missions[response->n_missions] = read_mission(call, grids, rows, row);
        if (missions[response->n_missions++] == NULL)
            return request_no_memory(err);
    }
    call->response = &response->base;
    return CPTS_OK;
}
