/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_ENTRY_H
#define TOOL_IMPORT_ENTRY_H

/**
 * @file
 * The lines of an import's report: the same columns whatever was imported.
 *
 * Threads: one thread at a time.
 */

#include <jansson.h>
#include <stdio.h>

#include "grid.h"
#include "import_finding.h"

/** Lines shown in the terminal; the report file has all. */
#define IMPORT_SHOWN_MAX 50

/** A line of the report: a row of the file, or something found about one. Texts
 * are borrowed, NULL = empty. */
struct import_entry {
    /** 0 = of no line. */
    int line;
    /** What the row is about, and the CPTS's id. */
    const char *key, *id;
    /** A state, or the kind of the finding. */
    const char *state;
    const char *field, *reason, *message, *candidates;
    const char *advice;
};

/** The entry of a finding, its advice too. */
struct import_entry import_entry_of(const struct finding *finding, const char *key, const char *id);

/** In CSV: line, key, state, id, field, reason, message, candidates, advice. */
void import_entry_header(FILE *stream);
void import_entry_write(const struct import_entry *entry, FILE *stream);

/** As a row of import_entry_grid(). */
void import_entry_show(const struct import_entry *entry, struct grid *grid);

/** The table of the terminal. @return NULL when memory is out. */
struct grid *import_entry_grid(const struct session *session, bool has_candidates);

/** As an object of the answer's `findings`. @return a new reference. */
json_t *import_entry_json(const struct import_entry *entry);

/** Prints an answer and takes it. @return false when memory is out. */
bool import_entry_answer(json_t *answer);

/** Prints ", 3 refused", nothing for 0. */
void import_entry_count(size_t count, const char *what);

/** Findings by their rows, those of no row first, else in their order.
 * @return from malloc, NULL when memory is out. */
const struct finding **import_entry_sort(const struct findings *findings);

#endif
