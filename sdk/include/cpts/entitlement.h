/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_ENTITLEMENT_H
#define CPTS_ENTITLEMENT_H

/**
 * @file
 * What the ACI pays one CPTS for a year, and all of them together.
 *
 * Computed, not decided: the Assurance maladie pays. Money is in euro cents.
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Words of confidence: see cpts/funding.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The question. */
struct cpts_funding_query {
    size_t size;
    /** Calendar year, 2016..2100; 0 = the year of `as_of`. */
    int32_t year;
    /** What is true by that date counts, and is taken to last to the end of the
     * year; NULL = today. */
    const char *as_of;
    /** Instant at which it was believed, microseconds since 1970 UTC; 0 = now. */
    int64_t known_at_us;
    /** Of a budget: INSEE code of a lead region; NULL = the nation. */
    const char *region;
};

/** Sums of counted lines. */
struct cpts_funding_totals {
    /** The most that the year brings, ceiling applied; what of it is certain. */
    int64_t maximum_cents;
    int64_t certain_cents;
    int64_t advance_cents;
    int64_t balance_cents;
    /** Taken off by the ceiling. */
    int64_t cut_cents;
};

/** One line. */
struct cpts_entitlement_line {
    const char *line;
    const char *part;
    const char *mission;
    const char *obligation;
    /** The rule in a sentence. */
    const char *rule;
    /** Of a full year, from the grid. */
    int64_t full_cents;
    /** Pro rata: so many days of the year. */
    int32_t days;
    int32_t year_days;
    int64_t maximum_cents;
    /** False while the indicators are not known; then certain_cents is 0. */
    bool is_certain;
    int64_t certain_cents;
    int64_t advance_cents;
    int64_t balance_cents;
    const char *confidence;
    const char *source;
    /** In the totals; else it is only shown. */
    bool counted;
};

/** Something missing, or to be said. */
struct cpts_entitlement_gap {
    /** Stable word: ACI_NOT_SIGNED, SOCLE_MISSION_NOT_CARRIED ... */
    const char *reason;
    const char *mission;
    /** Date that matters, or empty. */
    const char *due_on;
    /** While it lasts, nothing but start-up credits is paid. */
    bool blocking;
    const char *message;
};

/** What the ACI pays one CPTS for one year. */
struct cpts_entitlement {
    const char *id;
    const char *name;
    const char *lead_region;
    int32_t year;
    const char *as_of;
    int64_t known_at_us;
    /** Version of the grid, empty without one, and the date that chose it. */
    const char *grid;
    const char *grid_on;
    /** Size class 1..4, 0 unknown, and the inhabitants it follows from. */
    int32_t size;
    int32_t population_count;
    /** Dates, empty when it did not happen. */
    const char *letter_on;
    const char *project_on;
    const char *signed_on;
    const char *ended_on;
    /** 1 in the twelve months from the signature; 0 without one. */
    int32_t contract_year;
    int32_t contract_days;
    /** Nothing blocking is missing. */
    bool eligible;
    const struct cpts_entitlement_gap *gaps;
    size_t gap_count;
    const struct cpts_entitlement_line *lines;
    size_t line_count;
    struct cpts_funding_totals totals;
    /** Of a full year with these missions; -1 without one. */
    int64_t ceiling_cents;
    const char *ceiling_confidence;
    const char *ceiling_source;
    /** Of the weakest counted line, or empty. */
    const char *confidence;
    /** Demonstration data: say so. */
    bool synthetic;
    const void *message;
};

/** Of one region, or of the CPTS of one size. */
struct cpts_budget_share {
    /** INSEE code, or `1` to `4` (empty: size unknown). */
    const char *code;
    const char *name;
    /** CPTS with an ACI in force in the year; of them the eligible ones. */
    int32_t contract_count;
    int32_t eligible_count;
    struct cpts_funding_totals totals;
};

/** Of one line over all CPTS, before any ceiling. */
struct cpts_budget_line {
    const char *line;
    const char *part;
    int32_t cpts_count;
    struct cpts_funding_totals totals;
    const char *confidence;
};

/** How many CPTS something is missing for. */
struct cpts_budget_gap {
    const char *reason;
    bool blocking;
    int32_t cpts_count;
};

/** The sum of the entitlements of a year. */
struct cpts_budget {
    int32_t year;
    const char *as_of;
    int64_t known_at_us;
    int32_t contract_count;
    int32_t eligible_count;
    /** CPTS with start-up credits. */
    int32_t start_up_count;
    struct cpts_funding_totals totals;
    const struct cpts_budget_share *regions;
    size_t region_count;
    const struct cpts_budget_share *sizes;
    size_t size_count;
    const struct cpts_budget_line *lines;
    size_t line_count;
    const struct cpts_budget_gap *gaps;
    size_t gap_count;
    const char *confidence;
    bool synthetic;
    const void *message;
};

/** As the callbacks of cpts/async.h. */
typedef void cpts_entitlement_callback(cpts_status status, struct cpts_entitlement *entitlement,
                                       const struct cpts_error *err, void *data);
typedef void cpts_budget_callback(cpts_status status, struct cpts_budget *budget,
                                  const struct cpts_error *err, void *data);

/* clang-format off */

/** What is paid to one CPTS.
 * @param query  NULL = this year, today.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT / FIELD_INVALID
 *         · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_entitlement_get(
    cpts_client *client, const char *id, const struct cpts_funding_query *query,
    int32_t timeout_ms, struct cpts_entitlement **ret_entitlement, struct cpts_error *err);

/** The sum over the nation, or the CPTS led from one region.
 * @return as cpts_entitlement_get(), and INVALID_ARGUMENT / UNKNOWN_REGION. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_budget_get(
    cpts_client *client, const struct cpts_funding_query *query, int32_t timeout_ms,
    struct cpts_budget **ret_budget, struct cpts_error *err);

/** The same without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_entitlement_get_start(
    cpts_client *client, const char *id, const struct cpts_funding_query *query,
    const struct cpts_async *async, cpts_entitlement_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_budget_get_start(
    cpts_client *client, const struct cpts_funding_query *query,
    const struct cpts_async *async, cpts_budget_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON (`cpts.v1.Entitlement`, `GetBudgetResponse`); NULL
 * when memory is out. @param indent_spaces  0 = one line. Free with
 * cpts_string_free(). */
CPTS_API char *cpts_entitlement_json(const struct cpts_entitlement *entitlement, int indent_spaces);
CPTS_API char *cpts_budget_json(const struct cpts_budget *budget, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_entitlement_free(struct cpts_entitlement *entitlement);
CPTS_API void cpts_budget_free(struct cpts_budget *budget);

#ifdef __cplusplus
}
#endif
#endif
