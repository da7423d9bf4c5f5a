/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERENCE_H
#define CPTS_REFERENCE_H

/**
 * @file
 * Reference data of the nation: regions, départements, units of territory.
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

/** One département, or another collectivity with a code like theirs. */
struct cpts_department {
    /** INSEE code, two or three characters (`01`, `2A`, `974`). */
    const char *code;
    const char *name;
    /** INSEE code of its region. */
    const char *region;
    /** `metro`, `drom`, or `com` for the collectivities outside both. */
    const char *zone;
    int32_t population_count;
};

/** The départements, ordered by code. */
struct cpts_departments {
    const struct cpts_department *departments;
    size_t department_count;
    /** The library's own. */
    const void *message;
};

/** Kind of a unit of territory. */
enum cpts_unit_kind {
    CPTS_UNIT_UNSPECIFIED = 0,
    CPTS_UNIT_COMMUNE = 1,
    /** Of Paris, Lyon or Marseille. */
    CPTS_UNIT_ARRONDISSEMENT = 2,
    CPTS_UNIT_IRIS = 3
};

/** What a unit was, or what merged into it. */
struct cpts_former_unit {
    /** That of a commune déléguée may be the whole commune's today. */
    const char *code;
    /** Empty when it is not known. */
    const char *name;
};

/** One unit that a territory can be made of. Names are not unique. */
struct cpts_unit {
    /** INSEE code. */
    const char *code;
    enum cpts_unit_kind kind;
    const char *name;
    /** Code of its département, of its region. */
    const char *department;
    const char *region;
    /** The commune of which an arrondissement is a part; else empty. */
    const char *parent_code;
    int32_t population_count;
    /** Population is counted here: not in Paris, Lyon and Marseille, but in
     * their arrondissements. */
    bool is_leaf;
    const struct cpts_former_unit *former_units;
    size_t former_count;
};

/** Which page of the units. */
struct cpts_units_query {
    size_t size;
    /** 1..5000; 0 = 1000. */
    int32_t page_size;
    /** `next_page_token` of the page before; NULL or empty = the first one. */
    const char *page_token;
};

/** One page of the units (some 35,000 in all), ordered by code. */
struct cpts_units {
    const struct cpts_unit *units;
    size_t unit_count;
    /** Empty on the last page. */
    const char *next_page_token;
    /** Version of the reference data; when a later page shows another one,
     * begin again. */
    int32_t reference_version;
    /** The library's own. */
    const void *message;
};

/** All regions (there are 18; one page holds them).
 * @return CPTS_OK · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_regions(cpts_client *client, int32_t timeout_ms,
                                                            struct cpts_regions **ret_regions,
                                                            struct cpts_error *err);

/** All départements (some 110; one page holds them).
 * @return as cpts_reference_regions(). */
CPTS_API CPTS_MUST_CHECK cpts_status
cpts_reference_departments(cpts_client *client, int32_t timeout_ms,
                           struct cpts_departments **ret_departments, struct cpts_error *err);

/** One page of the units of territory.
 * @param query  NULL = the first page.
 * @return as cpts_reference_regions(), and INVALID_ARGUMENT / FIELD_INVALID,
 *         PAGE_TOKEN_INVALID. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_units(cpts_client *client,
                                                          const struct cpts_units_query *query,
                                                          int32_t timeout_ms,
                                                          struct cpts_units **ret_units,
                                                          struct cpts_error *err);

/** The result as proto3 JSON (`cpts.v1.ListRegionsResponse` and so on); NULL
 * when memory is out. @param indent_spaces  0 = one line. Free with
 * cpts_string_free(). */
CPTS_API char *cpts_regions_json(const struct cpts_regions *regions, int indent_spaces);
CPTS_API char *cpts_departments_json(const struct cpts_departments *departments, int indent_spaces);
CPTS_API char *cpts_units_json(const struct cpts_units *units, int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_regions_free(struct cpts_regions *regions);
CPTS_API void cpts_departments_free(struct cpts_departments *departments);
CPTS_API void cpts_units_free(struct cpts_units *units);

#ifdef __cplusplus
}
#endif
#endif
