/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_ZONING_H
#define CPTS_ZONING_H

/**
 * @file
 * Medical zoning of communes: ZIP+, ZIP, ZAC, hors zonage, dated, as the ARS
 * of each region sets it.
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

/** What to list; NULL or 0 = not restricted. */
struct cpts_zoning_query {
    size_t size;
    const char *region;
    const char *department;
    /** Code of one commune or arrondissement; old codes are mapped. */
    const char *commune;
    const char *as_of;
    int64_t known_at_us;
    /** 1..5000; 0 = 1000. */
    int32_t page_size;
    const char *page_token;
};

/** The zone of one unit. */
struct cpts_zoned_unit {
    const char *unit_code;
    const char *name;
    const char *department;
    /** Region whose ARS set it. */
    const char *region;
    enum cpts_zone zone;
    const char *valid_from;
    /** First date on which it no longer holds; empty = open. */
    const char *valid_to;
    /** The text that sets it. */
    const char *source;
    int32_t population_count;
};

/** One page, by unit code. */
struct cpts_zoning {
    const struct cpts_zoned_unit *units;
    size_t unit_count;
    /** Empty on the last page. */
    const char *next_page_token;
    /** Units on all pages. */
    int32_t total_count;
    /** Of the region asked for, for cpts_zoning_set(); 0 = none recorded. */
    int32_t version;
    const char *as_of;
    int64_t known_at_us;
    const void *message;
};

/** A zone to be recorded. */
struct cpts_zone_entry {
    const char *unit_code;
    enum cpts_zone zone;
};

/** The whole zoning of a region from a date on. */
struct cpts_zoning_change {
    size_t size;
    const char *region;
    /** Version seen (cpts_zoning_list() of the region); 0 = none. */
    int32_t expected_version;
    const char *effective_on;
    /** The text that sets it, 1..200 characters. */
    const char *source;
    /** 1..6000 communes or arrondissements of the region, each once. */
    const struct cpts_zone_entry *entries;
    size_t entry_count;
};

/** Name of a zone as the node writes it, `ZIP_PLUS`; "" for none. Static text. */
CPTS_API const char *cpts_zone_name(enum cpts_zone zone);

/** Reads a zone as people write it: `ZIP+`, `ZIP_PLUS`, `zip`, `ZAC`,
 * `hors zonage`, `HORS_ZONAGE`, `HZ`. @return false, output untouched. */
CPTS_API bool cpts_zone_parse(const char *text, enum cpts_zone *ret_zone);

/* clang-format off */

/** A page of the zoning. @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION,
 * UNKNOWN_DEPARTMENT, UNKNOWN_UNIT, PAGE_TOKEN_INVALID, FIELD_INVALID · what
 * any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_zoning_list(
    cpts_client *client, const struct cpts_zoning_query *query, int32_t timeout_ms,
    struct cpts_zoning **ret_zoning, struct cpts_error *err);

/** Replaces the zoning of a region; as the commands of cpts/command.h.
 * @return also INVALID_ARGUMENT / UNKNOWN_UNIT, UNIT_OUTSIDE_REGION,
 *         UNIT_REPEATED, DATE_IN_FUTURE. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_zoning_set(
    cpts_client *client, const struct cpts_zoning_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON; NULL when memory is out. @param indent_spaces
 * 0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_zoning_json(const struct cpts_zoning *zoning, int indent_spaces);

/** Releases a result; NULL is fine. */
CPTS_API void cpts_zoning_free(struct cpts_zoning *zoning);

#ifdef __cplusplus
}
#endif
#endif
