/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_HEADING_H
#define TOOL_IMPORT_HEADING_H

/**
 * @file
 * Which column of somebody's table means what: told by --map, else by the
 * headings people use. What columns can mean is a table of each import.
 *
 * Threads: any thread.
 */

#include "import_csv.h"

/** Most fields that a set has. */
#define IMPORT_FIELDS_MAX 32

/** How sure a heading is: when two columns could be one field, the surer wins;
 * two equally sure ones are ambiguous. */
enum { VAGUE = 1, LIKELY, SURE };

/** A heading that people use, folded (name_fold_words). */
struct import_heading {
    const char *heading;
    int field;
    int sureness;
};

/** What the columns of one kind of table can mean. */
struct import_field_set {
    /** Names on the command line and in reports, by field. */
    const char *const *names;
    int count;
    const struct import_heading *headings;
    size_t heading_count;
    /** A sentence about what the table lacks, NULL when it is complete.
     * @param column  By field; -1 = not in the table. */
    const char *(*find_missing)(const int *column);
};

/** A --map of the command line. */
struct import_map {
    int field;
    /** Heading of the column; empty = the table has none. Borrowed. */
    const char *heading;
};

/** Where each field stands; -1 = not in the table. */
struct import_mapping {
    int column[IMPORT_FIELDS_MAX];
};

/** Reads "FIELD=COLUMN". @return false with a sentence. */
bool import_map_read(const struct import_field_set *set, const char *text,
                     struct import_map *ret_map, char ret_problem[CSV_PROBLEM_BYTES]);

/** How many cells of a row are headings that are known, or mapped. */
size_t import_field_score(const struct import_field_set *set, const struct csv_table *table,
                          const struct csv_row *row, const struct import_map *maps,
                          size_t map_count);

/** Finds the fields of a header.
 * @return false with a sentence that lists the columns: a mapped one that is
 *         not there, two that mean the same, one that is needed. */
bool import_mapping_read(const struct import_field_set *set, const struct csv_table *table,
                         const struct csv_row *header, const struct import_map *maps,
                         size_t map_count, struct import_mapping *ret_mapping,
                         char ret_problem[CSV_PROBLEM_BYTES]);

/** Writes the headings of a row, separated by " | ", cut to @p bytes. */
void import_field_list(const struct csv_table *table, const struct csv_row *header, char *ret_text,
                       size_t bytes);

#endif
