/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_NOTE_H
#define TOOL_EXPORT_NOTE_H

/**
 * @file
 * What a person must know to use an export: date, instant, scope, definitions,
 * sources, licences, limits. French.
 *
 * Threads: any thread.
 */

#include "export_writer.h"

/** Longest note, bytes. */
#define EXPORT_NOTE_BYTES 1024

/** A source and its licence; those without one have NULL. */
struct export_source_row {
    const char *title;
    const char *path;
    const char *licence_name;
    const char *licence_title;
    const char *licence_path;
};

/** By bit of enum export_source. */
extern const struct export_source_row EXPORT_SOURCES[EXPORT_SOURCE_COUNT];

/** Writes the titles of a table's sources, with "; " between them. */
void export_source_titles(unsigned sources, char ret_text[EXPORT_NOTE_BYTES]);

/** Name of a type in the dictionary. Static text. */
const char *export_type_label(enum export_type type);

/** The title of the whole, with SYNTHETIC data said. */
void export_title(const struct export *export, char ret_text[EXPORT_NOTE_BYTES]);

/** Gives every note to @p write: what it is about, and the sentence. */
void export_notes(const struct export *export, const struct export_counts *counts,
                  void (*write)(void *data, const char *heading, const char *text), void *data);

#endif
