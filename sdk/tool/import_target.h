/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_TARGET_H
#define TOOL_IMPORT_TARGET_H

/**
 * @file
 * Which CPTS of the node a line of a table means: by id, by FINESS
 * number, or by name, told apart by region.
 *
 * Threads: one thread at a time.
 */

#include "import_heading.h"
#include "import_registry.h"

#define TARGET_TEXT_BYTES 256
/** No CPTS of the registry. */
#define TARGET_NONE ((size_t)-1)

/** The fields that say it; the field sets of such tables begin with them. */
enum target_field {
    TARGET_CPTS,
    TARGET_CPTS_FINESS,
    TARGET_CPTS_NAME,
    TARGET_REGION,
    TARGET_FIELD_COUNT
};

/** Rows of a table of headings (import_heading.h) for these fields. */
/* clang-format off */
#define IMPORT_TARGET_HEADINGS \
    {"cpts", TARGET_CPTS_NAME, LIKELY}, \
    {"cpts id", TARGET_CPTS, SURE}, \
    {"id cpts", TARGET_CPTS, SURE}, \
    {"identifiant cpts", TARGET_CPTS, SURE}, \
    {"uuid cpts", TARGET_CPTS, SURE}, \
    {"cpts finess", TARGET_CPTS_FINESS, SURE}, \
    {"finess cpts", TARGET_CPTS_FINESS, SURE}, \
    {"finess de la cpts", TARGET_CPTS_FINESS, SURE}, \
    {"cpts name", TARGET_CPTS_NAME, SURE}, \
    {"nom cpts", TARGET_CPTS_NAME, SURE}, \
    {"nom de la cpts", TARGET_CPTS_NAME, SURE}, \
    {"communaute", TARGET_CPTS_NAME, LIKELY}, \
    {"region", TARGET_REGION, LIKELY}, \
    {"code region", TARGET_REGION, SURE}
/* clang-format on */

/** What a line says of its CPTS; "" = nothing. */
struct import_target_cells {
    const char *id;
    const char *finess;
    const char *name;
    const char *region;
};

/** Why it is not found; reason NULL = it is. */
struct import_target_problem {
    enum target_field field;
    const char *reason;
    char message[TARGET_TEXT_BYTES];
    char candidates[TARGET_TEXT_BYTES];
};

struct import_target {
    const struct registry *registry;
    /** Indexes by folded name. */
    size_t *by_name;
    /** The CPTS of all lines, or TARGET_NONE. */
    size_t told;
    /** The last line's cells and what they meant: lines of one CPTS stand
     * together. */
    char last[2 * TARGET_TEXT_BYTES];
    size_t last_found;
};

/** @param cpts_id  Id of the CPTS of all lines, or NULL. @return false when
 * memory is out; import_target_done() releases in any case. */
bool import_target_make(struct import_target *target, const struct registry *registry,
                        const char *cpts_id);

/** @return an index of the registry, or TARGET_NONE with a problem. */
size_t import_target_find(struct import_target *target, const struct import_target_cells *cells,
                          struct import_target_problem *ret_problem);

void import_target_done(struct import_target *target);

#endif
