/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REGISTRY_H
#define CPTS_REGISTRY_H

/**
 * @file
 * The registry of CPTS: reading it. What changes it is in cpts/command.h.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Dates are `YYYY-MM-DD`, instants are
 * microseconds since 1970 UTC. A read is true on `as_of` (NULL = today), as
 * believed at `known_at_us` (0 = now).
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One line of a stage history. */
struct cpts_stage_entry {
    enum cpts_stage stage;
    const char *effective_on;
    /** The CPTS that takes over, a UUID, with FUSIONNE only; else NULL or empty. */
    const char *successor_id;
    /** When the node recorded it. Ignored in commands. */
    int64_t recorded_at_us;
};

/** One unit of a territory. */
struct cpts_territory_unit {
    /** INSEE code of a commune or of an arrondissement municipal. */
    const char *unit_code;
    /** Share of its population, in (0, 1]. */
    double share;
    /** Name, and inhabitants of the whole unit. Ignored in commands. */
    const char *name;
    int32_t population_count;
};

/** A CPTS as it was on the date of the read. */
struct cpts_record {
    const char *id;
    /** 1 at creation, +1 at each command. */
    int32_t version;
    const char *name;
    /** INSEE code of the region in which it is counted. */
    const char *lead_region;
    /** Stage on the date, UNSPECIFIED before the first, and since when. */
    enum cpts_stage stage;
    const char *stage_on;
    /** Whole history known, oldest first; none in lists. */
    const struct cpts_stage_entry *stages;
    size_t stage_count;
    /** Territory on the date, by code; none in lists. */
    const struct cpts_territory_unit *territory;
    size_t unit_count;
    /** Inhabitants of the territory, shares applied. */
    int32_t population_count;
    /** Demonstration data: say so wherever it is shown. */
    bool synthetic;
    const char *finess;
    const char *website;
    /** Node that owns the record, and the epoch of that ownership. */
    const char *owner_node;
    int32_t epoch;
    int64_t created_at_us;
    int64_t updated_at_us;
    /** The library's own. */
    const void *message;
};

/** Date and instant of a read. */
struct cpts_when {
    size_t size;
    const char *as_of;
    int64_t known_at_us;
};

/** Filter of a list; NULL or 0 = not restricted. */
struct cpts_list_query {
    size_t size;
    const char *region;
    /** Code of a département, or of a commune, in the territory. */
    const char *department;
    const char *commune;
    /** Stages on the date; none = the four live ones. */
    const enum cpts_stage *stages;
    size_t stage_count;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    /** `next_page_token` of the page before, with the same filter. */
    const char *page_token;
    const char *as_of;
    int64_t known_at_us;
};

/** One page of a list, ordered by id; all pages show the same instant. */
struct cpts_page {
    const struct cpts_record *records;
    size_t record_count;
    /** Empty on the last page. */
    const char *next_page_token;
    const void *message;
};

/** One CPTS with history and territory.
 * @param when  NULL = today, as known now.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT /
 *         FIELD_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_get(cpts_client *client, const char *id,
                                                       const struct cpts_when *when,
                                                       int32_t timeout_ms,
                                                       struct cpts_record **ret_record,
                                                       struct cpts_error *err);

/** One page of the CPTS that match every filter.
 * @param query  NULL = the first page of all live ones, today.
 * @return as cpts_registry_get(), and INVALID_ARGUMENT / PAGE_TOKEN_INVALID,
 *         UNKNOWN_REGION, UNKNOWN_DEPARTMENT, UNKNOWN_UNIT. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_list(cpts_client *client,
                                                        const struct cpts_list_query *query,
                                                        int32_t timeout_ms,
                                                        struct cpts_page **ret_page,
                                                        struct cpts_error *err);

/** The result as proto3 JSON (`cpts.v1.Cpts`, `ListCptsResponse`); a record of
 * a page too. NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_record_json(const struct cpts_record *record, int indent_spaces);
CPTS_API char *cpts_page_json(const struct cpts_page *page, int indent_spaces);

/** Release what a call handed over (not a record of a page); NULL is fine. */
CPTS_API void cpts_record_free(struct cpts_record *record);
CPTS_API void cpts_page_free(struct cpts_page *page);

#ifdef __cplusplus
}
#endif
#endif
