/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_FUNDING_H
#define CPTS_FUNDING_H

/**
 * @file
 * What the ACI (accord conventionnel interprofessionnel) pays a CPTS.
 *
 * Money is in euro cents unless a name says otherwise. Results belong to the
 * caller, who releases them; every text inside lives as long as its result and
 * is never NULL. How sure a figure is goes with it, in one word: CONFIRMED,
 * DERIVED, EXTRAPOLATED, INFERRED, FROM_MEMORY, UNVERIFIED, the surest first.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One amount of a grid. */
struct cpts_grid_amount {
    /** Size class, 1..4. */
    int32_t size;
    /** For a full year. */
    int64_t amount_cents;
    const char *confidence;
    const char *source;
};

/** One line of a grid. */
struct cpts_grid_line {
    /** What is paid: `fonctionnement`, `parcours`, `snp_supplement` ... */
    const char *line;
    /** Its rule: FIXED, VARIABLE, PLAN_WRITTEN ...; TOTAL and MAX_... are
     * published sums that are never added. */
    const char *part;
    /** Mission that must be carried, and what the contract makes of it. */
    const char *mission;
    const char *obligation;
    const struct cpts_grid_amount *amounts;
    size_t amount_count;
    /** Version it was first written in. */
    const char *grid;
};

/** One version of the grid. */
struct cpts_grid {
    const char *grid;
    const char *label;
    /** Dates; `valid_to` is empty while it is in force. */
    const char *valid_from;
    const char *valid_to;
    /** Grid that it amends, or empty. */
    const char *base_grid;
    /** Share of a year's fixed amounts that is advanced, percent. */
    int32_t advance_percent;
    const char *confidence;
    const char *source;
    const struct cpts_grid_line *lines;
    size_t line_count;
};

/** The most that a full year can bring. */
struct cpts_ceiling {
    const char *grid;
    int32_t size;
    bool with_snp;
    /** With the response to health crises. */
    bool crisis_year;
    /** Whole euros. */
    int32_t amount;
    const char *confidence;
    const char *source;
    const void *message;
};

/** The grids, ordered by date, and their ceilings. */
struct cpts_grids {
    const struct cpts_grid *grids;
    size_t grid_count;
    const struct cpts_ceiling *ceilings;
    size_t ceiling_count;
    /** The library's own. */
    const void *message;
};

/** The grids of the ACI.
 * @param as_of  Date on which the grid is in force; NULL or empty = all.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID · what any call may end
 *         with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_funding_grids(cpts_client *client, const char *as_of,
                                                        int32_t timeout_ms,
                                                        struct cpts_grids **ret_grids,
                                                        struct cpts_error *err);

/** The result as proto3 JSON (`cpts.v1.ListGridsResponse`), or one ceiling of it;
 * NULL when memory is out. @param indent_spaces  0 = one line. Free with
 * cpts_string_free(). */
CPTS_API char *cpts_grids_json(const struct cpts_grids *grids, int indent_spaces);
CPTS_API char *cpts_ceiling_json(const struct cpts_ceiling *ceiling, int indent_spaces);

/** Releases what the call handed over; NULL is fine. */
CPTS_API void cpts_grids_free(struct cpts_grids *grids);

#ifdef __cplusplus
}
#endif
#endif
