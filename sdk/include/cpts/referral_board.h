/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_BOARD_H
#define CPTS_REFERRAL_BOARD_H

/**
 * @file
 * Figures of referrals: volumes, acceptance, delays, loops left open; and where
 * needs found nobody. Nothing about a patient. One's own figures are told in full;
 * those who take no part read what was released of a quarter or a year, where small
 * counts, and what they follow from, are held back.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/referral.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a row is about. */
enum cpts_referral_grouping {
    /** The same as TOTAL. */
    CPTS_REFERRAL_BY_NOTHING = 0,
    CPTS_REFERRAL_BY_TOTAL = 1,
    CPTS_REFERRAL_BY_REGION = 2,
    CPTS_REFERRAL_BY_ORIGIN = 3,
    CPTS_REFERRAL_BY_DESTINATION = 4,
    CPTS_REFERRAL_BY_USE_CASE = 5,
    CPTS_REFERRAL_BY_DAY = 6
};

struct cpts_referral_figures_query {
    size_t size;
    /** NULL or empty = all. */
    const char *cpts_id;
    const char *region;
    /** First and last day of submission, of one's own figures; NULL or empty = 365
     * days, until today. */
    const char *from;
    const char *to;
    enum cpts_use_case use_case;
    enum cpts_referral_grouping group_by;
    /** `2026-T3` or `2026`, instead of the days; of what was released, NULL or empty =
     * the newest quarter. */
    const char *period;
};

/** Figures that may be held back: bits of cpts_referral_figures.held_back. */
enum cpts_referral_figure {
    CPTS_FIGURE_SUBMITTED = 1 << 1,
    CPTS_FIGURE_OPEN = 1 << 2,
    CPTS_FIGURE_TO_REASSIGN = 1 << 3,
    CPTS_FIGURE_FULFILLED = 1 << 4,
    CPTS_FIGURE_ABANDONED = 1 << 5,
    CPTS_FIGURE_PURGED = 1 << 6,
    CPTS_FIGURE_UNROUTABLE = 1 << 7,
    CPTS_FIGURE_ATTEMPT = 1 << 8,
    CPTS_FIGURE_ACCEPTED = 1 << 9,
    CPTS_FIGURE_DECLINED = 1 << 10,
    CPTS_FIGURE_DECLINED_CAPACITY = 1 << 11,
    CPTS_FIGURE_GIVEN_BACK = 1 << 12,
    CPTS_FIGURE_ACCEPTANCE_SHARE = 1 << 13,
    CPTS_FIGURE_ACCEPT_DELAY = 1 << 14,
    CPTS_FIGURE_REPORT_DELAY = 1 << 15,
    CPTS_FIGURE_OVERDUE = 1 << 16,
    CPTS_FIGURE_DEBT_DAYS = 1 << 17
};

/** A delay; without those that were not met yet. */
struct cpts_referral_delay {
    int32_t count;
    int64_t p50_seconds;
    int64_t p90_seconds;
};

/** One row. What was recorded by mistake is left out. */
struct cpts_referral_figures {
    /** Code or id, empty for all; and its name. */
    const char *key;
    const char *name;
    int32_t submitted_count;
    int32_t open_count;
    int32_t to_reassign_count;
    int32_t fulfilled_count;
    int32_t abandoned_count;
    /** Destroyed since, and in none of the four above. */
    int32_t purged_count;
    int32_t unroutable_count;
    int32_t attempt_count;
    int32_t accepted_count;
    /** Not accepted before. */
    int32_t declined_count;
    int32_t declined_capacity_count;
    /** Accepted ones among the accepted and the declined, 0..1. */
    double acceptance_share;
    struct cpts_referral_delay accept_delay;
    struct cpts_referral_delay report_delay;
    int32_t overdue_count;
    /** Loops left open, times the days that their clocks have run over. */
    double debt_days;
    /** All of it is held back. */
    bool suppressed;
    /** Accepted and declined after all, among the accepted. */
    int32_t given_back_count;
    /** Bits of enum cpts_referral_figure: too small to be told, or telling what is;
     * these fields are 0 and mean nothing. */
    uint32_t held_back;
};

struct cpts_referral_board {
    const struct cpts_referral_figures *rows;
    size_t row_count;
    const char *from;
    const char *to;
    /** Counts below it are held back; 0 = one's own figures, where none are. */
    int32_t threshold_count;
    bool synthetic;
    int64_t known_at_us;
    const void *message;
    /** The release; empty and 0 for one's own figures. */
    const char *period;
    int64_t released_at_us;
};

struct cpts_unmet_query {
    size_t size;
    /** Where the commune lies; NULL or empty = all. */
    const char *region;
    const char *department;
    /** Year; NULL or empty = the newest that was released. */
    const char *period;
    /** 1..500, 0 = 100. */
    int32_t page_size;
    const char *page_token;
};

/** Needs of one commune that found nobody. */
struct cpts_unmet {
    const char *unit_code;
    const char *name;
    const char *department;
    const char *region;
    int32_t population_count;
    int32_t unmet_count;
    /** unmet_count is held back, not 0. */
    bool suppressed;
};

/** One page, the most first. */
struct cpts_unmet_page {
    const struct cpts_unmet *rows;
    size_t row_count;
    const char *next_page_token;
    /** Communes and needs on all pages. */
    int32_t unit_count;
    int32_t unmet_count;
    /** unmet_count is held back, not 0. */
    bool suppressed;
    int32_t threshold_count;
    bool synthetic;
    const void *message;
    /** The year; empty before the first release. */
    const char *period;
};

typedef void cpts_referral_board_callback(cpts_status status, struct cpts_referral_board *board,
                                          const struct cpts_error *err, void *data);
typedef void cpts_unmet_callback(cpts_status status, struct cpts_unmet_page *page,
                                 const struct cpts_error *err, void *data);

/* clang-format off */

/** @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION, FIELD_INVALID · NOT_FOUND /
 *          CPTS_NOT_FOUND · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_board_get(
    cpts_client *client, const struct cpts_referral_figures_query *query, int32_t timeout_ms,
    struct cpts_referral_board **ret_board, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_board_get_start(
    cpts_client *client, const struct cpts_referral_figures_query *query,
    const struct cpts_async *async, cpts_referral_board_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION, UNKNOWN_DEPARTMENT,
 *          PAGE_TOKEN_INVALID · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_unmet_list(
    cpts_client *client, const struct cpts_unmet_query *query, int32_t timeout_ms,
    struct cpts_unmet_page **ret_page, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_unmet_list_start(
    cpts_client *client, const struct cpts_unmet_query *query, const struct cpts_async *async,
    cpts_unmet_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** Answers as proto3 JSON; NULL when memory is out. Free with cpts_string_free(). */
CPTS_API char *cpts_referral_board_json(const struct cpts_referral_board *board, int indent_spaces);
CPTS_API char *cpts_unmet_json(const struct cpts_unmet_page *page, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_referral_board_free(struct cpts_referral_board *board);
CPTS_API void cpts_unmet_free(struct cpts_unmet_page *page);

#ifdef __cplusplus
}
#endif
#endif
