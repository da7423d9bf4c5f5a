/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_HISTORY_H
#define CPTS_HISTORY_H

/**
 * @file
 * What was believed, what is believed instead, why, and by whom. A correction
 * never overwrites: a read with a `known_at_us` before it gives the same answer
 * as ever.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Dates are `YYYY-MM-DD`, instants are
 * microseconds since 1970 UTC.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The stages of a CPTS as they are believed from now on, all of them. */
struct cpts_stages_correction {
    size_t size;
    const char *id;
    /** Version that was seen: the history it corrects. */
    int32_t expected_version;
    /** 1..8, in legal order, the first one EMERGENCE, dates increasing. */
    const struct cpts_stage_entry *stages;
    size_t stage_count;
    /** Why, 1..500 characters. */
    const char *reason;
    /** What proves it, at most 500 characters; NULL or empty = nothing. */
    const char *evidence;
};

/** The territory of a CPTS during a period, as it is believed from now on. */
struct cpts_territory_correction {
    size_t size;
    const char *id;
    int32_t expected_version;
    /** First date of the period, and the first one after it; NULL = until the
     * CPTS ends. */
    const char *effective_from;
    const char *effective_to;
    /** 0..2000 units; none = it had no territory. */
    const struct cpts_territory_unit *territory;
    size_t unit_count;
    const char *reason;
    const char *evidence;
};

/** A change of the registry: when, what, by whom; of a correction also why. */
struct cpts_change_note {
    /** Version of the CPTS that it made. */
    int32_t version;
    /** `CPTS_CREATED`, `CPTS_STAGES_CORRECTED` and so on. */
    const char *kind;
    int64_t recorded_at_us;
    /** A SPIFFE URI. */
    const char *actor;
    const char *reason;
    const char *evidence;
};

/** What was believed of a CPTS at an instant. */
struct cpts_belief {
    enum cpts_stage stage;
    const char *stage_on;
    const char *lead_region;
    int32_t population_count;
};

/** One CPTS about which beliefs differ. */
struct cpts_belief_change {
    const char *id;
    const char *name;
    bool synthetic;
    /** NULL: it was not there. */
    const struct cpts_belief *before;
    const struct cpts_belief *after;
    /** The changes between that touch the date, newest first, 20 at most. */
    const struct cpts_change_note *changes;
    size_t change_count;
};

/** Projects believed at one live stage. */
struct cpts_belief_total {
    enum cpts_stage stage;
    int32_t count_before;
    int32_t count_after;
};

/** The question; NULL or 0 = not restricted. */
struct cpts_belief_query {
    size_t size;
    /** Date that the beliefs are about; NULL = today. */
    const char *as_of;
    /** The earlier instant, 0 = the end of `as_of`; the later one, 0 = now. */
    int64_t known_from_us;
    int64_t known_to_us;
    const char *region;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    const char *page_token;
};

/** One page of the report; all pages show the same instants. */
struct cpts_belief_report {
    const struct cpts_belief_change *changes;
    size_t change_count;
    /** Empty on the last page. */
    const char *next_page_token;
    /** Of the region or the nation, whole: the four live stages, in order. */
    const struct cpts_belief_total *totals;
    size_t total_count;
    /** CPTS that differ, over all pages. */
    int32_t differing_count;
    const char *as_of;
    int64_t known_from_us;
    int64_t known_to_us;
    /** A CPTS of the page is synthetic: say so. */
    bool synthetic;
    const void *message;
};

/** What a row of a history is about. */
enum cpts_history_subject {
    CPTS_HISTORY_STAGE = 1,
    CPTS_HISTORY_TERRITORY = 2,
    /** Name, FINESS number and site. */
    CPTS_HISTORY_CARD = 3
};

/** One thing that is or was believed. Fields of other subjects are empty. */
struct cpts_history_entry {
    enum cpts_history_subject subject;
    /** When it is true; an empty end is open, a card has no dates. */
    const char *valid_from;
    const char *valid_to;
    /** When it was believed; 0 = it still is. */
    int64_t recorded_from_us;
    int64_t recorded_to_us;
    enum cpts_stage stage;
    const char *successor_id;
    const char *lead_region;
    int32_t unit_count;
    int32_t population_count;
    const char *name;
    const char *finess;
    const char *website;
    /** The change that recorded it. */
    struct cpts_change_note change;
};

/** The history of one CPTS, oldest record first. */
struct cpts_history {
    const struct cpts_history_entry *entries;
    size_t entry_count;
    /** There are more than 2000: ask for a date or an instant. */
    bool is_cut;
    const void *message;
};

/* clang-format off */

/** Corrects stages; command_id and ends as in cpts/command.h.
 * @return also INVALID_ARGUMENT / STAGE_ORDER_INVALID · FAILED_PRECONDITION /
 *         NOTHING_TO_CORRECT. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_correct_stages(
    cpts_client *client, const struct cpts_stages_correction *correction, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Corrects a territory during a period.
 * @return also FAILED_PRECONDITION / TERRITORY_DATE_BEFORE_CREATION, CPTS_ENDED,
 *         NOTHING_TO_CORRECT. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_correct_territory(
    cpts_client *client, const struct cpts_territory_correction *correction, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** What changed in what was believed about a date.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION, FIELD_INVALID,
 *         KNOWN_AT_IN_FUTURE, PAGE_TOKEN_INVALID · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_beliefs(
    cpts_client *client, const struct cpts_belief_query *query, int32_t timeout_ms,
    struct cpts_belief_report **ret_report, struct cpts_error *err);

/** Everything that was ever believed of one CPTS.
 * @param when  What was true on that date, believed at that instant; NULL, or a
 *              part of it unset = whenever.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_get(
    cpts_client *client, const char *id, const struct cpts_when *when, int32_t timeout_ms,
    struct cpts_history **ret_history, struct cpts_error *err);

/* clang-format on */

/** The results as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_belief_report_json(const struct cpts_belief_report *report, int indent_spaces);
CPTS_API char *cpts_history_json(const struct cpts_history *history, int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_belief_report_free(struct cpts_belief_report *report);
CPTS_API void cpts_history_free(struct cpts_history *history);

#ifdef __cplusplus
}
#endif
#endif
