/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/dossier.h>
#include <strings.h>

#include "wire/dossier_kind.h"
#include "wire/filing_step.h"
#include "wire/transition.h"

static const char *const USES[DOSSIER_CLASS_COUNT] = {
    [DOSSIER_DOCUMENT] = "document",     [DOSSIER_MILESTONE] = "milestone",
    [DOSSIER_CLOCK] = "clock",           [DOSSIER_MISSION] = "mission",
    [DOSSIER_LEGAL_FORM] = "legal_form", [DOSSIER_NATURE] = "nature",
    [DOSSIER_ORIGIN] = "origin",         [DOSSIER_AMBITION] = "ambition",
};

static struct cpts_texts texts_of(const char *const kinds[TRANSITION_KINDS_MAX])
{
    return (struct cpts_texts){.texts = kinds, .count = transition_kind_count(kinds)};
}

static struct cpts_transition public_of(int from, const struct transition *transition)
{
    return (struct cpts_transition){.from = (enum cpts_stage)from,
                                    .to = (enum cpts_stage)transition->to,
                                    .deciders = transition->deciders,
                                    .tacit = transition->tacit,
                                    .evidence = texts_of(transition->evidence),
                                    .starts = texts_of(transition->starts),
                                    .stops = texts_of(transition->stops),
                                    .source = transition->source,
                                    .confidence = transition->confidence};
}

bool cpts_transition_at(size_t index, struct cpts_transition *ret_transition)
{
    for (int from = STAGE_NONE; from <= STAGE_LIVE_COUNT; from++) {
        for (int to = STAGE_EMERGENCE; to <= STAGE_COUNT; to++) {
            if (!stage_step_is_legal(from, to) || index-- > 0)
                continue;
            *ret_transition = public_of(from, transition_to(to));
            return true;
        }
    }
    return false;
}

bool cpts_dossier_kind_at(size_t index, struct cpts_dossier_kind *ret_kind)
{
    size_t count = 0;
    const struct dossier_kind *kinds = dossier_kinds(&count);
    if (index >= count)
        return false;
    *ret_kind = (struct cpts_dossier_kind){.use = USES[kinds[index].class],
                                           .code = kinds[index].code,
                                           .label = kinds[index].label,
                                           .phase = kinds[index].phase,
                                           .source = kinds[index].source,
                                           .confidence = kinds[index].confidence};
    return true;
}

const char *cpts_filing_state_name(enum cpts_filing_state state)
{
    if (state == CPTS_FILING_UNSPECIFIED)
        return "UNSPECIFIED";
    const char *code = filing_state_code((int)state);
    return code[0] == '\0' ? "UNRECOGNISED" : code;
}

bool cpts_filing_state_parse(const char *text, enum cpts_filing_state *ret_state)
{
    for (int state = FILING_DRAFT; state <= FILING_STATE_COUNT; state++) {
        if (strcasecmp(text, filing_state_code(state)) == 0) {
            *ret_state = (enum cpts_filing_state)state;
            return true;
        }
    }
    return false;
}
