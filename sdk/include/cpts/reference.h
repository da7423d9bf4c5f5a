/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERENCE_H
#define CPTS_REFERENCE_H

/**
 * @file
 * Reference data of the nation: the regions.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One region with an ARS. */
struct cpts_region {
    /** INSEE code, two characters (`01` is Guadeloupe). */
    const char *code;
    const char *name;
    /** `metro` or `drom`. */
    const char *zone;
    int32_t department_count;
    int32_t commune_count;
    int32_t population_count;
    /** Node that owns the region's records today. */
    const char *owner_node;
};

/** The regions, ordered by code. */
struct cpts_regions {
    const struct cpts_region *regions;
    size_t region_count;
    /** The library's own. */
    const void *message;
};

/** All regions (there are 18; one page holds them).
 * @return CPTS_OK · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_regions(cpts_client *client, int32_t timeout_ms,
                                                            struct cpts_regions **ret_regions,
                                                            struct cpts_error *err);

/** The regions as proto3 JSON (`cpts.v1.ListRegionsResponse`); NULL when memory
 * is out. @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_regions_json(const struct cpts_regions *regions, int indent_spaces);

/** Releases the regions; NULL is fine. */
CPTS_API void cpts_regions_free(struct cpts_regions *regions);

#ifdef __cplusplus
}
#endif
#endif
