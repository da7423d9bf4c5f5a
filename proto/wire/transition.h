/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_TRANSITION_H
#define WIRE_TRANSITION_H

/**
 * @file
 * The stages of a CPTS and the steps between them as data: who decides, on what
 * evidence, which legal clocks start and stop. One table for server and SDK.
 *
 * Threads: constants and pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** Numbers of cpts.v1.Stage, ranks of cpts.stage. */
enum stage {
    STAGE_NONE = 0,
    STAGE_EMERGENCE = 1,
    STAGE_LETTRE_INTENTION = 2,
    STAGE_PROJET_VALIDE = 3,
    STAGE_ACI_SIGNE = 4,
    STAGE_ABANDONNE = 5,
    STAGE_FUSIONNE = 6,
    STAGE_DISSOUS = 7,
    STAGE_NON_RENOUVELE = 8,
};

/** The live stages are 1..STAGE_LIVE_COUNT, in order. */
#define STAGE_LIVE_COUNT 4
#define STAGE_COUNT 8

/** Who decides a step, as bits: all of them together. */
enum decider {
    DECIDER_PORTEURS = 1u << 0, /**< the professionals, the association */
    DECIDER_ARS = 1u << 1,
    DECIDER_CPAM = 1u << 2, /**< Assurance maladie: CPAM, MSA */
};

/** Most kinds that one step names, with the final NULL. */
#define TRANSITION_KINDS_MAX 6

/** In place of a list of clocks: every one. */
#define TRANSITION_EVERY_CLOCK "*"

/** One row: the stages from which `to` may be entered, and how. Lists end with
 * NULL; their texts are codes of wire/dossier_kind.h. */
struct transition {
    int to;
    /** Bits 1 << stage; 1 << STAGE_NONE: it may be the first. */
    unsigned from;
    /** Bits of enum decider. */
    unsigned deciders;
    /** The ARS's silence may decide. */
    bool tacit;
    /** Kinds of documents that a decision shows, all of them. */
    const char *evidence[TRANSITION_KINDS_MAX];
    /** Kinds of clocks that start on its date, and that stop. */
    const char *starts[TRANSITION_KINDS_MAX];
    const char *stops[TRANSITION_KINDS_MAX];
    /** Text or page it comes from; law, contract, published or inferred. */
    const char *source;
    const char *confidence;
};

/** The row that leads to a stage, NULL when none does. */
const struct transition *transition_to(int stage);

/** Whether @p next may follow @p current (STAGE_NONE: be the first). */
bool stage_step_is_legal(int current, int next);

/** Whether those who carry the project decide that step alone, so that their
 * coordinator may record it. */
bool transition_is_own(const struct transition *transition);

/** Code of a stage as in the database, "ACI_SIGNE"; "" when there is none. */
const char *stage_code(int stage);

/** Stage of a code, STAGE_NONE when there is none. */
enum stage stage_find(const char *code);

bool stage_is_known(int stage);
bool stage_is_live(int stage);

/** Codes of the stages from which @p stage may be entered, at most
 * STAGE_LIVE_COUNT static texts. @return how many. */
size_t stage_sources(int stage, const char *ret_sources[STAGE_LIVE_COUNT]);

/** Elements of a list that ends with NULL. */
size_t transition_kind_count(const char *const kinds[TRANSITION_KINDS_MAX]);

#endif
