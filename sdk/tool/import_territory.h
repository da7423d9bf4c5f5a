/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_TERRITORY_H
#define TOOL_IMPORT_TERRITORY_H

/**
 * @file
 * The territory of one CPTS of a file: communes mentioned, found, divided
 * cities turned into their arrondissements, each unit once.
 *
 * Threads: one thread at a time.
 */

#include "gazetteer.h"
#include "import_commune.h"
#include "import_run.h"
#include "import_source.h"

struct territory_draft {
    const struct gazetteer *gazetteer;
    const struct import_source *source;
    /** Where the row, the findings and the texts go. */
    struct import *import;
    struct import_row *row;
    /** Code of the region the file names, "" = none. */
    const char *told_region;
    /** Set by import_territory_add(). */
    const struct csv_row *first_line;
    /** Its own: taken over and released by import_territory_make(). */
    struct mention *mentions;
    size_t mention_count, mention_capacity;
    /** Results: mentions that are refused; the region of all units, "" when
     * there is none or several. */
    size_t refused_count;
    const char *region;
};

/** Adds what one line of the table mentions. @return false when memory is out. */
bool import_territory_add(struct territory_draft *draft, const struct csv_row *line);

/** Finds the places and fills row->units. @return false when memory is out. */
bool import_territory_make(struct territory_draft *draft);

/** Sorts units by code, former codes made today's and divided cities their
 * arrondissements, so that they can be compared with a node's.
 * @return how many in @p ret_units (from malloc, codes borrowed from the
 *         gazetteer or from @p units); SIZE_MAX when memory is out. */
size_t import_territory_settle(const struct gazetteer *gazetteer,
                               const struct cpts_territory_unit *units, size_t unit_count,
                               struct cpts_territory_unit **ret_units);

#endif
