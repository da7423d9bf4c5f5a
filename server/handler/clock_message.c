/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/clock_message.h"

#include <string.h>

#include "handler/request.h"
#include "wire/dossier_kind.h"

static const char *state_on(const struct clock_facts *facts, const char *as_of)
{
    if (facts->stopped_on[0] != '\0' && strcmp(facts->stopped_on, as_of) <= 0)
        return "STOPPED";
    return strcmp(facts->due_on, as_of) <= 0 ? "DUE" : "RUNNING";
}

Cpts__V1__Clock *clock_message(struct call *call, const struct clock_facts *facts,
                               const char *as_of)
{
    Cpts__V1__Clock *clock = request_message(call, &cpts__v1__clock__descriptor);
    if (clock == NULL)
        return NULL;
    clock->id = (char *)facts->id;
    clock->kind = (char *)facts->kind;
    clock->label = (char *)dossier_kind_label(DOSSIER_CLOCK, facts->kind);
    clock->mission = (char *)facts->mission;
    clock->started_on = (char *)facts->started_on;
    clock->due_on = (char *)facts->due_on;
    clock->state = (char *)state_on(facts, as_of);
    clock->stopped_on = (char *)facts->stopped_on;
    clock->months = facts->months;
    clock->source = (char *)facts->source;
    clock->confidence = (char *)facts->confidence;
    if (facts->raised_at_us == 0)
        return clock;
    clock->raised_at = request_timestamp(call, facts->raised_at_us);
    return clock->raised_at == NULL ? NULL : clock;
}
