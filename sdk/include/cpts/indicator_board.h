/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_INDICATOR_BOARD_H
#define CPTS_INDICATOR_BOARD_H

/**
 * @file
 * One indicator in one period: nation, regions and, of one region, its CPTS;
 * for everybody. Small counts of people are suppressed, together with what
 * would give them away.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Without waiting: cpts/indicator_async.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/indicator.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Counts of a cell: step 0, 1, 2, 3. */
#define CPTS_INDICATOR_STEPS 4

/** Which board. */
struct cpts_indicator_board_query {
    size_t size;
    const char *indicator;
    const char *period;
    /** INSEE code of the region whose CPTS are shown too; NULL = none. */
    const char *region;
};

/** One cell: nation, region or CPTS. */
struct cpts_indicator_cell {
    /** Empty for the nation, a region's INSEE code, or a CPTS's id. */
    const char *key;
    const char *name;
    /** Too few people, or it would give others away. */
    bool suppressed;
    /** Sum, or median for rates; empty when suppressed or not complete. */
    const char *value;
    int32_t reporting_count;
    int32_t expected_count;
    /** CPTS by step; none when suppressed. */
    bool has_steps;
    int32_t step_counts[CPTS_INDICATOR_STEPS];
};

/** A board: the nation, the regions, then the CPTS asked for. */
struct cpts_indicator_board {
    struct cpts_indicator indicator;
    const char *period;
    const struct cpts_indicator_cell *cells;
    size_t cell_count;
    /** Counts of people below this are suppressed. */
    int32_t threshold_count;
    /** Demonstration data is among it: say so. */
    bool synthetic;
    const void *message;
};

/* clang-format off */

/** One indicator in one period, over the nation.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_INDICATOR, UNKNOWN_REGION,
 *         FIELD_INVALID, FIELD_REQUIRED · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_board_get(
    cpts_client *client, const struct cpts_indicator_board_query *query, int32_t timeout_ms,
    struct cpts_indicator_board **ret_board, struct cpts_error *err);

/* clang-format on */

/** The board as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_indicator_board_json(const struct cpts_indicator_board *board,
                                         int indent_spaces);

/** Releases a board; NULL is fine. */
CPTS_API void cpts_indicator_board_free(struct cpts_indicator_board *board);

#ifdef __cplusplus
}
#endif
#endif
