/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/stage_message.h"

#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "wire/arena.h"
#include "wire/transition.h"

static const struct {
    enum decider bit;
    const char *code;
} DECIDERS[] = {{DECIDER_PORTEURS, "PORTEURS"}, {DECIDER_ARS, "ARS"}, {DECIDER_CPAM, "CPAM"}};
#define DECIDER_COUNT (sizeof DECIDERS / sizeof DECIDERS[0])

static bool is_among(const char *kind, char *const *shown, size_t shown_count)
{
    for (size_t i = 0; i < shown_count; i++) {
        if (strcmp(shown[i], kind) == 0)
            return true;
    }
    return false;
}

bool stage_missing_kinds(struct call *call, int stage, char *const *shown, size_t shown_count,
                         char ***ret_kinds, size_t *ret_count)
{
    const struct transition *transition = transition_to(stage);
    char **kinds = arena_alloc(call->arena, TRANSITION_KINDS_MAX * sizeof *kinds);
    if (kinds == NULL)
        return false;
    size_t count = 0;
    size_t required = transition == NULL ? 0 : transition_kind_count(transition->evidence);
    for (size_t i = 0; i < required; i++) {
        if (!is_among(transition->evidence[i], shown, shown_count))
            kinds[count++] = (char *)transition->evidence[i];
    }
    *ret_kinds = kinds;
    *ret_count = count;
    return true;
}

static Cpts__V1__NextStep *make_step(struct call *call, const struct transition *transition)
{
    Cpts__V1__NextStep *step = request_message(call, &cpts__v1__next_step__descriptor);
    char **deciders = arena_alloc(call->arena, DECIDER_COUNT * sizeof *deciders);
    if (step == NULL || deciders == NULL)
        return NULL;
    for (size_t i = 0; i < DECIDER_COUNT; i++) {
        if ((transition->deciders & DECIDERS[i].bit) != 0)
            deciders[step->n_deciders++] = (char *)DECIDERS[i].code;
    }
    step->stage = (Cpts__V1__Stage)transition->to;
    step->deciders = deciders;
    step->tacit = transition->tacit;
    step->required_kinds = (char **)transition->evidence;
    step->n_required_kinds = transition_kind_count(transition->evidence);
    step->starts = (char **)transition->starts;
    step->n_starts = transition_kind_count(transition->starts);
    step->stops = (char **)transition->stops;
    step->n_stops = transition_kind_count(transition->stops);
    step->source = (char *)transition->source;
    step->confidence = (char *)transition->confidence;
    return step;
}

bool stage_next_steps(struct call *call, int stage, Cpts__V1__NextStep ***ret_steps,
                      size_t *ret_count)
{
    Cpts__V1__NextStep **steps =
        arena_alloc(call->arena, STAGE_COUNT * sizeof(Cpts__V1__NextStep *));
    size_t count = 0;
    if (steps == NULL)
        return false;
    for (int next = STAGE_EMERGENCE; next <= STAGE_COUNT; next++) {
        if (!stage_step_is_legal(stage, next))
            continue;
        steps[count] = make_step(call, transition_to(next));
        if (steps[count++] == NULL)
            return false;
    }
    *ret_steps = steps;
    *ret_count = count;
    return true;
}
