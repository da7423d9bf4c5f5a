/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_GEOJSON_H
#define TOOL_IMPORT_GEOJSON_H

/**
 * @file
 * A GeoJSON FeatureCollection as a table: the first row has the names of the
 * properties, then one row a feature. Geometry is passed over, unread but for
 * its brackets, so that its size costs nothing.
 *
 * Threads: one thread at a time.
 */

#include "import_csv.h"

/** Properties that a layer may have. */
#define GEOJSON_PROPERTIES_MAX 200

/** Reads a text in UTF-8. A row's line is that on which its feature begins.
 * @return false with a sentence: no FeatureCollection, no feature, broken JSON
 *         (with its line), a property that is no text, number or list of them;
 *         nothing is to be released then. */
bool geojson_table_parse(struct csv_table *table, const char *text, size_t length,
                         char ret_problem[CSV_PROBLEM_BYTES]);

#endif
