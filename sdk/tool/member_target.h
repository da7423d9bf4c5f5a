/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_TARGET_H
#define TOOL_MEMBER_TARGET_H

/**
 * @file
 * Which CPTS of the node a line of a table of members means: by id, by FINESS
 * number, or by name, told apart by region.
 *
 * Threads: one thread at a time.
 */

#include "import_registry.h"
#include "member_field.h"

#define TARGET_TEXT_BYTES 256

/** What a line says of its CPTS; "" = nothing. */
struct member_target_cells {
    const char *id;
    const char *finess;
    const char *name;
    const char *region;
};

/** Why it is not found; reason NULL = it is. */
struct member_target_problem {
    enum member_field field;
    const char *reason;
    char message[TARGET_TEXT_BYTES];
    char candidates[TARGET_TEXT_BYTES];
};

struct member_target {
    const struct registry *registry;
    /** Indexes by folded name. */
    size_t *by_name;
    /** The CPTS of all lines, or MEMBER_NO_CPTS. */
    size_t told;
    /** The last line's cells and what they meant: lines of one CPTS stand
     * together. */
    char last[2 * TARGET_TEXT_BYTES];
    size_t last_found;
};

/** @param cpts_id  Id of the CPTS of all lines, or NULL. @return false when
 * memory is out; member_target_done() releases in any case. */
bool member_target_make(struct member_target *target, const struct registry *registry,
                        const char *cpts_id);

/** @return an index of the registry, or MEMBER_NO_CPTS with a problem. */
size_t member_target_find(struct member_target *target, const struct member_target_cells *cells,
                          struct member_target_problem *ret_problem);

void member_target_done(struct member_target *target);

#endif
