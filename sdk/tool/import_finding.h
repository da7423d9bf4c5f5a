/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_FINDING_H
#define TOOL_IMPORT_FINDING_H

/**
 * @file
 * What an import found and a person should know: where, what, why, what it
 * could be, what to do.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>

#include "import_pool.h"

enum finding_kind {
    /** Its CPTS is not sent. */
    FINDING_REFUSED,
    /** Two CPTS claim one commune: accepted, for conciliation. */
    FINDING_CONFLICT,
    /** The node has something else. */
    FINDING_CHANGE,
    /** Read in a way that should be known. */
    FINDING_NOTE,
    FINDING_KIND_COUNT
};

/** Row of a finding that belongs to no CPTS. */
#define FINDING_NO_ROW ((size_t)-1)

struct finding {
    enum finding_kind kind;
    int line;
    /** Index of the CPTS in the import. */
    size_t row;
    /** Static. */
    const char *field;
    const char *reason;
    /** The pool's, as the candidates: "Saint-Denis (93066); …", or empty. */
    const char *message;
    const char *candidates;
};

struct findings {
    struct finding *findings;
    size_t count, capacity;
    size_t kind_counts[FINDING_KIND_COUNT];
    struct import_pool pool;
};

/** Adds one; without memory pool.is_out_of_memory says so. @p finding's message
 * is set from the format; its candidates are copied, NULL = none. */
__attribute__((format(printf, 3, 4))) void
findings_add(struct findings *findings, struct finding finding, const char *format, ...);

/** Name of a kind in reports: refused, conflict, change, note. Static text. */
const char *finding_kind_name(enum finding_kind kind);

/** What to do about a reason; "" when there is nothing. Static text. */
const char *finding_advice(const char *reason);

void findings_done(struct findings *findings);

#endif
