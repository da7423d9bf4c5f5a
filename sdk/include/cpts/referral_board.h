/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_BOARD_H
#define CPTS_REFERRAL_BOARD_H

/**
 * @file
 * Figures of referrals: volumes, acceptance, delays, loops left open; and where
 * needs found nobody. Nothing about a patient; small counts are left out for those
 * who take no part.
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
    /** First and last day of submission; NULL or empty = 365 days, until today. */
    const char *from;
    const char *to;
    enum cpts_use_case use_case;
    enum cpts_referral_grouping group_by;
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
    int32_t declined_count;
    int32_t declined_capacity_count;
    /** Of the attempts decided, 0..1. */
    double acceptance_share;
    struct cpts_referral_delay accept_delay;
    struct cpts_referral_delay report_delay;
    int32_t overdue_count;
    /** Loops left open, times the days that their clocks have run over. */
    double debt_days;
    /** Its counts are too small to be told, or would tell such counts: 0. */
    bool suppressed;
};

struct cpts_referral_board {
    const struct cpts_referral_figures *rows;
    size_t row_count;
    const char *from;
    const char *to;
    /** Counts below it are left out; 0 = none are. */
    int32_t threshold_count;
    bool synthetic;
    int64_t known_at_us;
    const void *message;
};

struct cpts_unmet_query {
    size_t size;
    /** Where the commune lies; NULL or empty = all. */
    const char *region;
    const char *department;
    const char *from;
    const char *to;
    enum cpts_use_case use_case;
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
    int32_t unroutable_count;
    int32_t declined_capacity_count;
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
    int32_t threshold_count;
    bool synthetic;
    const void *message;
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
