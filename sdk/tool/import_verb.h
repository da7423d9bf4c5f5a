/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_VERB_H
#define TOOL_IMPORT_VERB_H

/**
 * @file
 * What the verbs that import a file have in common, whatever its lines mean.
 * Each function that returns an enum exit_code has said what is wrong.
 *
 * Threads: one thread at a time.
 */

#include "arguments.h"
#include "import_source.h"
#include "session.h"

/** Says why a file is not imported. @return EXIT_CODE_ERROR. */
int import_verb_refuse(const char *path, const char *problem);

/** --map, each field once. @param maps  Room for IMPORT_FIELDS_MAX; the hints
 * keep it. Their fields are set. */
int import_verb_maps(const struct arguments *arguments, struct import_map *maps,
                     struct import_hints *hints);

/** The local date, 10 characters and NUL. */
void import_verb_today(char ret_date[11]);

/** What reads bytes into a source: import_source_read(), ..._read_table(). */
typedef bool (*import_reader)(struct import_source *source, const char *bytes, size_t byte_count,
                              const struct import_hints *hints,
                              char ret_problem[CSV_PROBLEM_BYTES]);

/** Reads the file. import_source_done() releases in any case. */
int import_verb_source(const char *path, import_reader reader, const struct import_hints *hints,
                       struct import_source *ret_source);

/** Connects with patience: a node may be restarted in the middle of an import. */
int import_verb_connect(struct session *session, const struct arguments *arguments);

/** Writes a report with @p write; @p path NULL = none is wanted. */
int import_verb_report(const char *path, bool (*write)(const void *import, FILE *stream),
                       const void *import);

/** The verb's exit code, after a sentence about what stopped it.
 * @param stop  Status CPTS_OK = nothing: then it is @p code. */
int import_verb_end(const struct cpts_error *stop, int code);

#endif
