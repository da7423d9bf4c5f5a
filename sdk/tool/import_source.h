/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_SOURCE_H
#define TOOL_IMPORT_SOURCE_H

/**
 * @file
 * A file of any format as a table with a mapping: decoded, its format told, its
 * separator and its header found. From memory, without asking anybody.
 *
 * Threads: one thread at a time.
 */

#include "import_encoding.h"
#include "import_field.h"

/** Formats, in the order of their table. */
enum import_format {
    /** The project's own CSV (import_row.h). */
    FORMAT_OWN,
    /** The national layer as GeoJSON: one feature a CPTS. */
    FORMAT_LAYER_GEOJSON,
    /** The national layer, or a list, as CSV: one line a CPTS. */
    FORMAT_LAYER_CSV,
    /** A spreadsheet as CSV: one line a commune. */
    FORMAT_COMMUNE_CSV,
    FORMAT_COUNT
};

/** What is known of a format. */
struct import_format_row {
    /** Name on the command line. */
    const char *name;
    /** What it is, for people. */
    const char *title;
};

/** The formats, FORMAT_COUNT of them. */
extern const struct import_format_row IMPORT_FORMATS[FORMAT_COUNT];

/** What the command line says about a file. */
struct import_hints {
    /** What columns can mean. */
    const struct import_field_set *fields;
    /** FORMAT_COUNT = to be told by the file. */
    enum import_format format;
    /** NULL = to be told by the bytes. */
    const char *encoding;
    const struct import_map *maps;
    size_t map_count;
};

struct import_source {
    enum import_format format;
    struct import_text text;
    /** The header is its first row. */
    struct csv_table table;
    struct import_mapping mapping;
    /** Of a CSV. */
    char separator;
};

/** Finds a format by name, FORMAT_COUNT when there is none. */
enum import_format import_format_find(const char *name);

/** Reads bytes. For FORMAT_OWN the text is decoded and nothing else is done.
 * @return false with a sentence; nothing is to be released then. */
bool import_source_read(struct import_source *source, const char *bytes, size_t byte_count,
                        const struct import_hints *hints, char ret_problem[CSV_PROBLEM_BYTES]);

/** Reads the bytes of a CSV of any kind: `hints->fields` say what its columns
 * mean. @return as import_source_read(). */
bool import_source_read_table(struct import_source *source, const char *bytes, size_t byte_count,
                              const struct import_hints *hints,
                              char ret_problem[CSV_PROBLEM_BYTES]);

/** The cell of a field in a row, "" when the table or the row has none. */
const char *import_source_cell(const struct import_source *source, const struct csv_row *row,
                               int field);

void import_source_done(struct import_source *source);

#endif
