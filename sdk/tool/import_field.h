/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_FIELD_H
#define TOOL_IMPORT_FIELD_H

/**
 * @file
 * Which column of somebody's table means what: told by --map, else by the
 * headings people use.
 *
 * Threads: any thread.
 */

#include "import_csv.h"

/** What a column can mean. */
enum import_field {
    FIELD_KEY,
    FIELD_NAME,
    FIELD_REGION,
    FIELD_DEPARTMENT,
    FIELD_POSTCODE,
    FIELD_COMMUNE_CODE,
    FIELD_COMMUNE_NAME,
    /** A list of communes, codes or names, in one cell. */
    FIELD_COMMUNES,
    FIELD_SHARE,
    FIELD_STAGE,
    FIELD_STAGE_ON,
    FIELD_EMERGENCE_ON,
    FIELD_LETTRE_INTENTION_ON,
    FIELD_PROJET_VALIDE_ON,
    FIELD_ACI_SIGNE_ON,
    FIELD_POPULATION,
    FIELD_FINESS,
    FIELD_WEBSITE,
    FIELD_IRIS,
    FIELD_COUNT
};

/** A --map of the command line. */
struct import_map {
    enum import_field field;
    /** Heading of the column; empty = the table has none. Borrowed. */
    const char *heading;
};

/** Where each field stands; -1 = not in the table. */
struct import_mapping {
    int column[FIELD_COUNT];
};

/** Name of a field on the command line and in reports. Static text. */
const char *import_field_name(enum import_field field);

/** Reads "FIELD=COLUMN". @return false with a sentence. */
bool import_map_read(const char *text, struct import_map *ret_map,
                     char ret_problem[CSV_PROBLEM_BYTES]);

/** How many cells of a row are headings that are known, or mapped. */
size_t import_field_score(const struct csv_table *table, const struct csv_row *row,
                          const struct import_map *maps, size_t map_count);

/** Finds the fields of a header.
 * @return false with a sentence that lists the columns: a mapped one that is
 *         not there, two that mean the same, no name or no commune. */
bool import_mapping_read(const struct csv_table *table, const struct csv_row *header,
                         const struct import_map *maps, size_t map_count,
                         struct import_mapping *ret_mapping, char ret_problem[CSV_PROBLEM_BYTES]);

/** Writes the headings of a row, separated by " | ", cut to @p bytes. */
void import_field_list(const struct csv_table *table, const struct csv_row *header, char *ret_text,
                       size_t bytes);

#endif
