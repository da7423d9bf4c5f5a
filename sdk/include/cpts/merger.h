/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_MERGER_H
#define CPTS_MERGER_H

/**
 * @file
 * Commune mergers of a new vintage: one operation of the national node, with a
 * report of what it changes for each CPTS.
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

/** Communes that become one. */
struct cpts_unit_merger {
    /** 1..200 codes that end. */
    const char *const *old_codes;
    size_t old_code_count;
    /** Code and name of the commune that takes over. */
    const char *code;
    const char *name;
    /** In the new vintage; 0 = those of the old ones added up. */
    int32_t population_count;
};

/** The mergers of a vintage. */
struct cpts_unit_merge {
    size_t size;
    /** Mostly a 1 January; not in the future unless it is a preview. */
    const char *effective_on;
    /** Year of the commune list. */
    int32_t vintage;
    /** Where it comes from, 1..200 characters. */
    const char *source;
    /** 1..2000; a code appears once. */
    const struct cpts_unit_merger *mergers;
    size_t merger_count;
    /** Report only, change nothing. */
    bool preview;
};

/** A claim before and after. */
struct cpts_mapped_claim {
    const char *old_code;
    double old_share;
    const char *code;
    double share;
};

/** What the mergers change for one CPTS. */
struct cpts_territory_mapping {
    const char *cpts_id;
    const char *name;
    /** After the mapping; today's in a preview. */
    int32_t version;
    const struct cpts_mapped_claim *claims;
    size_t claim_count;
    /** On the date of effect, by the communes before and after. */
    int32_t population_before;
    int32_t population_after;
    /** Ids of live CPTS with which it shares a commune for the first time. */
    const char *const *new_contacts;
    size_t contact_count;
    /** Another node owns it, and maps it when it gets the new version. */
    bool not_owned;
    bool synthetic;
    /** Where, how much and since when shares of validated CPTS exceed 1 in a new
     * commune that it holds: a conflict to settle; "" = nowhere. */
    const char *share_excess;
};

/** What the mergers did, or would do. */
struct cpts_unit_merge_report {
    int32_t reference_version;
    /** 0 when nothing changed. */
    int64_t log_position;
    /** Done by an earlier, equal command; there is no report then. */
    bool replayed;
    int32_t applied_count;
    int32_t already_applied_count;
    /** By CPTS, ordered by id. */
    const struct cpts_territory_mapping *mappings;
    size_t mapping_count;
    const void *message;
};

/* clang-format off */

/** Applies the mergers, or with `preview` tells what they would do. Those that
 * were applied before are left out, so that it may be run again. command_id as
 * in cpts/command.h.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_UNIT, MERGER_INVALID,
 *         UNIT_REPEATED, DATE_IN_FUTURE, FIELD_INVALID · PERMISSION_DENIED /
 *         ROLE_NOT_ALLOWED, OUT_OF_SCOPE · FAILED_PRECONDITION / NOT_OWNER (not
 *         the national node) · what any command may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_merge(
    cpts_client *client, const struct cpts_unit_merge *merge, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_unit_merge_report **ret_report, struct cpts_error *err);

/* clang-format on */

/** The result as proto3 JSON; NULL when memory is out. @param indent_spaces
 * 0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_unit_merge_report_json(const struct cpts_unit_merge_report *report,
                                           int indent_spaces);

/** Releases a report; NULL is fine. */
CPTS_API void cpts_unit_merge_report_free(struct cpts_unit_merge_report *report);

#ifdef __cplusplus
}
#endif
#endif
