/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_COMMUNE_H
#define TOOL_IMPORT_COMMUNE_H

/**
 * @file
 * A commune that a file mentions, and which unit it is. Nothing is guessed
 * without saying so: a name that several communes bear is told apart by its
 * département, then by the other communes of the CPTS, or refused with the
 * candidates.
 *
 * Threads: one thread at a time.
 */

#include "gazetteer.h"
#include "import_finding.h"

/** Places of one name that are told apart, and those that a report lists. */
#define CANDIDATES_MAX 64
#define CANDIDATES_LISTED_MAX 8

/** As written; "" = not given. Texts are borrowed. */
struct mention {
    int line;
    const char *code;
    const char *name;
    const char *department;
    const char *postcode;
    double share;
    /** Which it is; NULL = not (yet) found. */
    const struct place *place;
    /** A finding says why it is not found. */
    bool is_refused;
};

/** A region that all mentions are in, as far as it is told ("" = not). */
struct commune_context {
    const struct gazetteer *gazetteer;
    struct findings *findings;
    size_t row;
    const char *region;
};

/** Finds the place of every mention of one CPTS; what is wrong or worth
 * knowing goes to the findings. */
void import_communes_resolve(const struct commune_context *context, struct mention *mentions,
                             size_t mention_count);

#endif
