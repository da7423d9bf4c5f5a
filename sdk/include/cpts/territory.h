/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_TERRITORY_H
#define CPTS_TERRITORY_H

/**
 * @file
 * Territories on a date: who lives there, who claims what (conflicts), what
 * nobody claims (gaps), who is near. Starts without waiting:
 * cpts/territory_async.h.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>
#include <cpts/reference.h>
#include <cpts/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One unit of a territory. */
struct cpts_claimed_unit {
    /** INSEE code; an IRIS has nine characters. */
    const char *unit_code;
    const char *name;
    enum cpts_unit_kind kind;
    const char *department;
    const char *region;
    /** Share of its population, (0, 1]. */
    double share;
    /** Inhabitants of the whole unit. */
    int32_t population_count;
    enum cpts_zone zone;
};

/** Inhabitants of a territory in one region or département. */
struct cpts_area_population {
    const char *code;
    const char *name;
    int32_t population_count;
};

/** One territory on a date. */
struct cpts_territory {
    const char *id;
    int32_t version;
    const char *name;
    enum cpts_stage stage;
    bool synthetic;
    const char *as_of;
    int64_t known_at_us;
    /** Inhabitants, shares applied. */
    int32_t population_count;
    /** Size class of the ACI, `TAILLE_1` to `TAILLE_4`, and its French label;
     * empty without inhabitants and before the ACI of 2019. */
    const char *size_class;
    const char *size_label;
    const struct cpts_claimed_unit *units;
    size_t unit_count;
    /** Most inhabitants first. */
    const struct cpts_area_population *regions;
    size_t region_count;
    const struct cpts_area_population *departments;
    size_t department_count;
    /** Region where it is counted, and that of most inhabitants. */
    const char *lead_region;
    const char *suggested_region;
    const struct cpts_warning *warnings;
    size_t warning_count;
    /** Population-weighted. */
    struct cpts_position centre;
    /** Part of the inhabitants whose unit has a position of its own, 0..1. */
    double exact_position_share;
    int32_t population_vintage;
    /** The library's own. */
    const void *message;
};

/** What to list; NULL or 0 = not restricted. */
struct cpts_conflicts_query {
    size_t size;
    /** Where the unit lies. */
    const char *region;
    const char *department;
    const char *as_of;
    int64_t known_at_us;
    /** Also units whose shares add up to 1 at most. */
    bool include_shared;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    const char *page_token;
};

/** One CPTS that claims a unit. */
struct cpts_claimant {
    const char *cpts_id;
    const char *name;
    enum cpts_stage stage;
    double share;
    const char *lead_region;
};

/** One unit that several CPTS claim. */
struct cpts_conflict {
    const char *unit_code;
    const char *name;
    enum cpts_unit_kind kind;
    const char *department;
    const char *region;
    int32_t population_count;
    double share_sum;
    /** Inhabitants claimed more than once. */
    int32_t excess_count;
    /** Largest share first. */
    const struct cpts_claimant *claimants;
    size_t claimant_count;
};

/** One page, the most inhabitants claimed more than once first. */
struct cpts_conflicts {
    const struct cpts_conflict *conflicts;
    size_t conflict_count;
    /** Empty on the last page. */
    const char *next_page_token;
    /** On all pages. */
    int32_t unit_count;
    int32_t excess_count;
    const char *as_of;
    int64_t known_at_us;
    bool synthetic;
    const void *message;
};

/** What a row of gaps is. */
enum cpts_gap_level {
    CPTS_GAP_UNSPECIFIED = 0,
    CPTS_GAP_COMMUNE = 1,
    CPTS_GAP_EPCI = 2,
    CPTS_GAP_DEPARTMENT = 3,
    CPTS_GAP_REGION = 4
};

/** What to list; NULL or 0 = not restricted, by commune. */
struct cpts_gaps_query {
    size_t size;
    enum cpts_gap_level level;
    const char *region;
    const char *department;
    /** Live stages that count as covering; none = all four. */
    const enum cpts_stage *stages;
    size_t stage_count;
    const char *as_of;
    int64_t known_at_us;
    /** 1..1000; 0 = 100. */
    int32_t page_size;
    const char *page_token;
};

/** One row with inhabitants whom no CPTS claims. */
struct cpts_gap {
    /** INSEE code or SIREN; empty for communes without an EPCI. */
    const char *code;
    const char *name;
    /** Empty when it lies in several. */
    const char *department;
    const char *region;
    int32_t population_count;
    int32_t uncovered_count;
    /** 0..1; 1 = nobody is covered. */
    double uncovered_share;
    /** Communes with a gap within, and all. */
    int32_t gap_unit_count;
    int32_t unit_count;
    /** Of a commune. */
    enum cpts_zone zone;
    const char *epci;
};

/** One page, the most inhabitants not covered first. */
struct cpts_gaps {
    const struct cpts_gap *gaps;
    size_t gap_count;
    const char *next_page_token;
    /** On all pages. */
    int32_t row_count;
    int32_t uncovered_count;
    const char *as_of;
    int64_t known_at_us;
    const void *message;
};

/* clang-format off */

/** The territory of one CPTS. @param when  NULL = today, as known now.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT /
 *         FIELD_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_get(
    cpts_client *client, const char *id, const struct cpts_when *when, int32_t timeout_ms,
    struct cpts_territory **ret_territory, struct cpts_error *err);

/** A page of conflicts ("conciliation"). @return CPTS_OK · INVALID_ARGUMENT /
 * UNKNOWN_REGION, UNKNOWN_DEPARTMENT, PAGE_TOKEN_INVALID, FIELD_INVALID. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_conflicts(
    cpts_client *client, const struct cpts_conflicts_query *query, int32_t timeout_ms,
    struct cpts_conflicts **ret_conflicts, struct cpts_error *err);

/** A page of gaps ("zones blanches"). @return as cpts_territory_conflicts(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_gaps(
    cpts_client *client, const struct cpts_gaps_query *query, int32_t timeout_ms,
    struct cpts_gaps **ret_gaps, struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON; NULL when memory is out. @param indent_spaces
 * 0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_territory_json(const struct cpts_territory *territory, int indent_spaces);
CPTS_API char *cpts_conflicts_json(const struct cpts_conflicts *conflicts, int indent_spaces);
CPTS_API char *cpts_gaps_json(const struct cpts_gaps *gaps, int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_territory_free(struct cpts_territory *territory);
CPTS_API void cpts_conflicts_free(struct cpts_conflicts *conflicts);
CPTS_API void cpts_gaps_free(struct cpts_gaps *gaps);

#ifdef __cplusplus
}
#endif
#endif
