/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/filing_step.h"

#include <string.h>

#define FROM(state) (1u << (FILING_##state))

/* A filing that is accepted is decided by the stage that is recorded; what a
 * way out leaves open is closed by it. A filing that the ARS finds incomplete
 * goes back to draft. Two months run from COMPLETE (L. 1434-12). */
static const struct filing_step STEPS[] = {
    {.to = FILING_DRAFT,
     .from = FROM(NONE) | FROM(DRAFT) | FROM(FILED),
     .by_cpts = true,
     .needs_stage = true},
    {.to = FILING_FILED, .from = FROM(NONE) | FROM(DRAFT), .by_cpts = true, .needs_stage = true},
    {.to = FILING_COMPLETE, .from = FROM(FILED), .needs_documents = true, .needs_stage = true},
    {.to = FILING_DECIDED, .from = FROM(FILED) | FROM(COMPLETE), .needs_stage = true},
    {.to = FILING_WITHDRAWN, .from = FROM(DRAFT) | FROM(FILED) | FROM(COMPLETE), .by_cpts = true},
};

static const char *const CODES[FILING_STATE_COUNT + 1] = {
    [FILING_NONE] = "",           [FILING_DRAFT] = "DRAFT",
    [FILING_FILED] = "FILED",     [FILING_COMPLETE] = "COMPLETE",
    [FILING_DECIDED] = "DECIDED", [FILING_WITHDRAWN] = "WITHDRAWN",
    [FILING_CLOSED] = "CLOSED",
};

const struct filing_step *filing_step_to(int state)
{
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        if ((int)STEPS[i].to == state)
            return &STEPS[i];
    }
    return NULL;
}

const char *filing_state_code(int state)
{
    return state > FILING_NONE && state <= FILING_STATE_COUNT ? CODES[state] : "";
}

enum filing_state filing_state_find(const char *code)
{
    for (int state = FILING_DRAFT; state <= FILING_STATE_COUNT; state++) {
        if (strcmp(CODES[state], code) == 0)
            return (enum filing_state)state;
    }
    return FILING_NONE;
}

size_t filing_sources(const struct filing_step *step, const char *ret_sources[FILING_SOURCES_MAX])
{
    size_t count = 0;
    for (int state = FILING_NONE; state <= FILING_COMPLETE; state++) {
        if ((step->from & (1u << (unsigned)state)) != 0)
            ret_sources[count++] = CODES[state];
    }
    return count;
}
