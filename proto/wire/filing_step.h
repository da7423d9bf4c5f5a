/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FILING_STEP_H
#define WIRE_FILING_STEP_H

/**
 * @file
 * A filing (dossier) and its states as data: draft → filed → complete → decided.
 * One table for server and SDK.
 *
 * Threads: constants and pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** Numbers of cpts.v1.FilingState. */
enum filing_state {
    FILING_NONE = 0,
    FILING_DRAFT = 1,
    FILING_FILED = 2,
    FILING_COMPLETE = 3,
    FILING_DECIDED = 4,
    FILING_WITHDRAWN = 5,
    FILING_CLOSED = 6,
};

#define FILING_STATE_COUNT 6
/** Open states before a step, FILING_NONE (a new filing) among them. */
#define FILING_SOURCES_MAX 4

struct filing_step {
    enum filing_state to;
    /** Bits 1 << state; 1 << FILING_NONE: it may be the first. */
    unsigned from;
    /** Those who carry the project do it; else their ARS. */
    bool by_cpts;
    /** Every document that the stage asks for must be in it. */
    bool needs_documents;
    /** The CPTS must still be at the stage before the one asked for. */
    bool needs_stage;
};

/** The step to a state, NULL when no command leads there. */
const struct filing_step *filing_step_to(int state);

/** Code of a state as in the database; "" when there is none. */
const char *filing_state_code(int state);

/** State of a code, FILING_NONE when there is none. */
enum filing_state filing_state_find(const char *code);

/** Codes of the states from which a step is legal, "" for a new filing.
 * @return how many, at most FILING_SOURCES_MAX. */
size_t filing_sources(const struct filing_step *step, const char *ret_sources[FILING_SOURCES_MAX]);

#endif
