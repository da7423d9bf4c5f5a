/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_REGISTRY_H
#define TOOL_IMPORT_REGISTRY_H

/**
 * @file
 * What the node has, to compare a file with: every CPTS, and the territories of
 * the live ones.
 *
 * Threads: one thread at a time.
 */

#include <cpts/registry.h>

#include "import_pool.h"
#include "session.h"

/** A CPTS of the node. */
struct known {
    char id[CPTS_UUID_TEXT_BYTES];
    int32_t version;
    /** The registry's texts. */
    const char *name;
    const char *folded;
    const char *region;
    const char *finess;
    enum cpts_stage stage;
    const char *stage_on;
    bool is_synthetic;
    /** By code; none of one that has ended. */
    struct cpts_territory_unit *units;
    size_t unit_count;
    /** Index of the row that is it, or KNOWN_NO_ROW. */
    size_t row;
};

#define KNOWN_NO_ROW ((size_t)-1)

struct registry {
    struct known *known;
    size_t count, capacity;
    struct import_pool pool;
};

/** Reads it all. @return CPTS_OK · what cpts_registry_list() and get() end with;
 * registry_done() releases in any case. */
CPTS_MUST_CHECK cpts_status registry_fetch(const struct session *session, struct registry *registry,
                                           struct cpts_error *err);

/** As registry_fetch(), without the territories: `units` stay empty. */
CPTS_MUST_CHECK cpts_status registry_fetch_names(const struct session *session,
                                                 struct registry *registry, struct cpts_error *err);

void registry_done(struct registry *registry);

#endif
