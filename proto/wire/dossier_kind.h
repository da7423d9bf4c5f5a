/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_DOSSIER_KIND_H
#define WIRE_DOSSIER_KIND_H

/**
 * @file
 * The vocabulary of a CPTS's dossier: documents, milestones, clocks, missions,
 * identity. Codes with what people read, in French, and where they come from.
 * One table for server and SDK; a code is never given another meaning.
 *
 * Threads: constants and pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** What a code may be used for. */
enum dossier_class {
    DOSSIER_DOCUMENT,
    DOSSIER_MILESTONE,
    DOSSIER_CLOCK,
    DOSSIER_MISSION,
    DOSSIER_LEGAL_FORM,
    DOSSIER_NATURE,
    DOSSIER_ORIGIN,
    DOSSIER_AMBITION,
    DOSSIER_CLASS_COUNT,
};

struct dossier_kind {
    enum dossier_class class;
    const char *code;
    /** What people read, French. */
    const char *label;
    /** idéation, conception, contractualisation, fonctionnement, or "". */
    const char *phase;
    const char *source;
    /** law, contract, published or inferred. */
    const char *confidence;
};

/** A milestone that has effects; the others have none, and a CPTS records them
 * itself. sql/deploy/lifecycle.sql holds the same for rows. */
struct milestone_effect {
    const char *code;
    /** The CPTS itself may record it; else its ARS does: it moves legal clocks. */
    bool by_cpts;
    /** Stages at which it may happen, bits 1 << stage; 0 = any. */
    unsigned stages;
    /** Kinds of clocks that start, that stop; NULL-ended. Those of missions are not
     * among them: a mission's status stops them (RecordMission), nothing else. */
    const char *starts[3];
    const char *stops[3];
};

/** The kind of a code, NULL when there is none of that class. */
const struct dossier_kind *dossier_kind_find(enum dossier_class class, const char *code);

/** What people read of a code; the code itself when it is not known here. */
const char *dossier_kind_label(enum dossier_class class, const char *code);

/** All kinds, in the order of the table. */
const struct dossier_kind *dossier_kinds(size_t *ret_count);

/** What a milestone does beyond being recorded, NULL for nothing. */
const struct milestone_effect *milestone_effect_find(const char *code);

#endif
