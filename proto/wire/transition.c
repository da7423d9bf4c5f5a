/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/transition.h"

#include <string.h>

#define FROM(stage) (1u << (STAGE_##stage))
#define FROM_ANY_LIVE                                                                              \
    (FROM(EMERGENCE) | FROM(LETTRE_INTENTION) | FROM(PROJET_VALIDE) | FROM(ACI_SIGNE))
#define GUIDE                                                                                      \
    "Instruction DGOS/DIR/CNAM/2019/218 of 9 October 2019; stages published by DGOS and FCPTS"

/* The data. A merge is recorded by MergeCpts; who decides an exit, and on what,
 * is the law of associations (1 July 1901) where no text on CPTS says it. */
static const struct transition TRANSITIONS[] = {
    {
        .to = STAGE_EMERGENCE,
        .from = FROM(NONE),
        .deciders = DECIDER_PORTEURS,
        .evidence = {"COMPTE_RENDU", "LISTE_PROFESSIONNELS"},
        .source = GUIDE,
        .confidence = "published",
    },
    {
        .to = STAGE_LETTRE_INTENTION,
        .from = FROM(EMERGENCE),
        .deciders = DECIDER_ARS | DECIDER_CPAM,
        .evidence = {"LETTRE_INTENTION", "COURRIER_VALIDATION_LI"},
        .source = GUIDE,
        .confidence = "published",
    },
    {
        .to = STAGE_PROJET_VALIDE,
        .from = FROM(LETTRE_INTENTION),
        .deciders = DECIDER_ARS,
        .tacit = true,
        .evidence = {"PROJET_SANTE", "STATUTS", "DIAGNOSTIC", "FICHES_ACTIONS"},
        .stops = {"TACIT_VALIDATION"},
        .source = "Code de la santé publique, L. 1434-12: two months of silence validate",
        .confidence = "law",
    },
    {
        .to = STAGE_ACI_SIGNE,
        .from = FROM(PROJET_VALIDE),
        .deciders = DECIDER_PORTEURS | DECIDER_ARS | DECIDER_CPAM,
        .evidence = {"CONTRAT_ACI", "ANNEXE_INDICATEURS"},
        .starts = {"ACI_RENEWAL_NOTICE", "ACI_END", "MISSION_START", "MISSION_DEPLOYED"},
        .stops = {"TACIT_VALIDATION"},
        .source = "ACI of 20 June 2019 (arrêté of 21 August 2019), contrat type",
        .confidence = "contract",
    },
    {
        .to = STAGE_ABANDONNE,
        .from = FROM_ANY_LIVE,
        .deciders = DECIDER_PORTEURS,
        .stops = {TRANSITION_EVERY_CLOCK},
        .source = "The initiative is the professionals', and so is giving it up",
        .confidence = "inferred",
    },
    {
        .to = STAGE_FUSIONNE,
        .from = FROM_ANY_LIVE,
        .deciders = DECIDER_PORTEURS | DECIDER_ARS,
        .evidence = {"TRAITE_FUSION"},
        .stops = {TRANSITION_EVERY_CLOCK},
        .source = "Law of 1 July 1901, art. 9 bis; the territory is part of the validated project",
        .confidence = "inferred",
    },
    {
        .to = STAGE_DISSOUS,
        .from = FROM_ANY_LIVE,
        .deciders = DECIDER_PORTEURS,
        .evidence = {"PV_ASSEMBLEE"},
        .stops = {TRANSITION_EVERY_CLOCK},
        .source = "Law of 1 July 1901, art. 9",
        .confidence = "inferred",
    },
    {
        .to = STAGE_NON_RENOUVELE,
        .from = FROM(ACI_SIGNE),
        .deciders = DECIDER_PORTEURS | DECIDER_ARS | DECIDER_CPAM,
        .evidence = {"COURRIER_FIN_ACI"},
        .stops = {TRANSITION_EVERY_CLOCK},
        .source = "ACI of 20 June 2019: five years, renewed by those who signed",
        .confidence = "inferred",
    },
};

static const char *const CODES[STAGE_COUNT + 1] = {
    [STAGE_NONE] = "",
    [STAGE_EMERGENCE] = "EMERGENCE",
    [STAGE_LETTRE_INTENTION] = "LETTRE_INTENTION",
    [STAGE_PROJET_VALIDE] = "PROJET_VALIDE",
    [STAGE_ACI_SIGNE] = "ACI_SIGNE",
    [STAGE_ABANDONNE] = "ABANDONNE",
    [STAGE_FUSIONNE] = "FUSIONNE",
    [STAGE_DISSOUS] = "DISSOUS",
    [STAGE_NON_RENOUVELE] = "NON_RENOUVELE",
};

const struct transition *transition_to(int stage)
{
    for (size_t i = 0; i < sizeof TRANSITIONS / sizeof TRANSITIONS[0]; i++) {
        if (TRANSITIONS[i].to == stage)
            return &TRANSITIONS[i];
    }
    return NULL;
}

bool stage_step_is_legal(int current, int next)
{
    const struct transition *transition = transition_to(next);
    return transition != NULL && current >= STAGE_NONE && current <= STAGE_COUNT &&
           (transition->from & (1u << (unsigned)current)) != 0;
}

bool transition_is_own(const struct transition *transition)
{
    return transition->deciders == DECIDER_PORTEURS;
}

bool stage_is_known(int stage)
{
    return stage > STAGE_NONE && stage <= STAGE_COUNT;
}

bool stage_is_live(int stage)
{
    return stage > STAGE_NONE && stage <= STAGE_LIVE_COUNT;
}

const char *stage_code(int stage)
{
    return stage_is_known(stage) ? CODES[stage] : "";
}

enum stage stage_find(const char *code)
{
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        if (strcmp(CODES[stage], code) == 0)
            return (enum stage)stage;
    }
    return STAGE_NONE;
}

size_t stage_sources(int stage, const char *ret_sources[STAGE_LIVE_COUNT])
{
    size_t count = 0;
    for (int from = STAGE_EMERGENCE; from <= STAGE_LIVE_COUNT; from++) {
        if (stage_step_is_legal(from, stage))
            ret_sources[count++] = CODES[from];
    }
    return count;
}

size_t transition_kind_count(const char *const kinds[TRANSITION_KINDS_MAX])
{
    size_t count = 0;
    while (count < TRANSITION_KINDS_MAX && kinds[count] != NULL)
        count++;
    return count;
}
