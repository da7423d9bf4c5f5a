/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_COVERAGE_H
#define CPTS_COVERAGE_H

/**
 * @file
 * Where the deployment stands: counts by stage and covered population.
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

/** Which projects a count holds. */
enum cpts_coverage_definition {
    CPTS_COVERAGE_UNSPECIFIED = 0,
    /** Every live stage: what "449 projects" and "1000 CPTS" count. */
    CPTS_COVERAGE_ALL_LIVE = 1,
    /** Signed ACI only: what "coverage" often counts. */
    CPTS_COVERAGE_ACI_SIGNED = 2,
    /** Another set of stages, chosen by the caller. */
    CPTS_COVERAGE_CUSTOM = 3
};

/** The question; NULL or 0 = not restricted. */
struct cpts_coverage_query {
    size_t size;
    /** INSEE code of a region, or code of a département, not both. */
    const char *region;
    const char *department;
    /** Date the answer is true on, `YYYY-MM-DD`; NULL = today. */
    const char *as_of;
    /** Instant at which it was believed, microseconds since 1970 UTC; 0 = now. */
    int64_t known_at_us;
    /** Live stages to count; none = all four. */
    const enum cpts_stage *stages;
    size_t stage_count;
};

/** Projects at one stage. */
struct cpts_stage_total {
    enum cpts_stage stage;
    int32_t count;
};

/** The same question under one definition. */
struct cpts_definition_total {
    enum cpts_coverage_definition definition;
    int32_t project_count;
    /** Inhabitants covered by at least one of them, each counted once. */
    int32_t population_covered;
};

/** Figures of one region. */
struct cpts_region_coverage {
    /** INSEE code and name. */
    const char *region;
    const char *name;
    int32_t project_count;
    const struct cpts_stage_total *stages;
    size_t stage_count;
    int32_t population_covered;
    int32_t population_total;
};

/** The answer, with everything needed to defend it. */
struct cpts_coverage {
    /** Projects of the stage set, and the State's target (0 = none published). */
    int32_t project_count;
    int32_t target_count;
    /** By stage, in order, zero counts included. */
    const struct cpts_stage_total *stages;
    size_t stage_count;
    /** Inhabitants covered by at least one project, each counted once. */
    int32_t population_covered;
    int32_t population_total;
    const char *as_of;
    int64_t known_at_us;
    /** Stages counted, and the definition they amount to. */
    const enum cpts_stage *stage_set;
    size_t stage_set_count;
    enum cpts_coverage_definition definition;
    /** Both usual definitions, whatever the stage set. */
    const struct cpts_definition_total *definitions;
    size_t definition_count;
    /** By region, ordered by code; for the nation only. */
    const struct cpts_region_coverage *regions;
    size_t region_count;
    /** At least one synthetic record is counted: say so. */
    bool synthetic;
    /** Year of the communes behind the populations. */
    int32_t population_vintage;
    /** Date of the last stage that is counted; empty without one. */
    const char *last_stage_on;
    /** The library's own. */
    const void *message;
};

/** Figures of the nation, a region or a département.
 * @param query  NULL = the nation, today, every live stage.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION, UNKNOWN_DEPARTMENT,
 *         FIELD_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_coverage_get(cpts_client *client,
                                                       const struct cpts_coverage_query *query,
                                                       int32_t timeout_ms,
                                                       struct cpts_coverage **ret_coverage,
                                                       struct cpts_error *err);

/** The answer as proto3 JSON (`cpts.v1.GetCoverageResponse`); NULL when memory
 * is out. @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_coverage_json(const struct cpts_coverage *coverage, int indent_spaces);

/** Releases an answer; NULL is fine. */
CPTS_API void cpts_coverage_free(struct cpts_coverage *coverage);

#ifdef __cplusplus
}
#endif
#endif
