/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_NEIGHBOUR_H
#define CPTS_NEIGHBOUR_H

/**
 * @file
 * Which CPTS are near: by the distance of population-weighted centres.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/territory.h>

#ifdef __cplusplus
extern "C" {
#endif

/** From where; a CPTS or a commune, not both. */
struct cpts_neighbours_query {
    size_t size;
    const char *id;
    /** Code of a commune, arrondissement or IRIS; old codes are mapped. */
    const char *commune;
    /** 1..200; 0 = 10. */
    int32_t limit;
    const char *as_of;
    int64_t known_at_us;
};

/** One live CPTS. */
struct cpts_neighbour {
    const char *cpts_id;
    const char *name;
    enum cpts_stage stage;
    const char *lead_region;
    int32_t population_count;
    /** Along the great circle between the centres, also across the sea. */
    double distance_km;
    struct cpts_position centre;
    bool synthetic;
};

/** Nearest first; none when the origin has no position or no territory. */
struct cpts_neighbours {
    const struct cpts_neighbour *neighbours;
    size_t neighbour_count;
    struct cpts_position origin;
    const char *as_of;
    int64_t known_at_us;
    const void *message;
};

/* clang-format off */

/** The nearest live CPTS. @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND ·
 * INVALID_ARGUMENT / UNKNOWN_UNIT, FIELD_REQUIRED, FIELD_INVALID · what any
 * call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_neighbours_list(
    cpts_client *client, const struct cpts_neighbours_query *query, int32_t timeout_ms,
    struct cpts_neighbours **ret_neighbours, struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON; NULL when memory is out. @param indent_spaces
 * 0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_neighbours_json(const struct cpts_neighbours *neighbours, int indent_spaces);

/** Releases a result; NULL is fine. */
CPTS_API void cpts_neighbours_free(struct cpts_neighbours *neighbours);

#ifdef __cplusplus
}
#endif
#endif
