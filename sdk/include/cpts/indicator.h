/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_INDICATOR_H
#define CPTS_INDICATOR_H

/**
 * @file
 * Indicators of the ACI: definitions, step tables, values of one CPTS.
 *
 * Decimals are texts, exact: up to 12 digits and 6 decimals, "66.26". Periods
 * are `2024`, `2024-S1`, `2024-T3` or `2024-07`. Results belong to the caller,
 * who releases them; every text inside lives as long as its result and is never
 * NULL. The board: cpts/indicator_board.h; without waiting: cpts/indicator_async.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most values of one command, and lines of a step table. */
#define CPTS_INDICATOR_VALUES_MAX 500
#define CPTS_INDICATOR_THRESHOLDS_MAX 3

/** Which way is better. */
enum cpts_indicator_direction {
    CPTS_DIRECTION_UNSPECIFIED = 0,
    CPTS_DIRECTION_UP = 1,
    CPTS_DIRECTION_DOWN = 2,
    /** 1 is yes, 0 is no. */
    CPTS_DIRECTION_YES_NO = 3
};

/** Where a value stands. */
enum cpts_indicator_state {
    CPTS_INDICATOR_UNSPECIFIED = 0,
    CPTS_INDICATOR_SUBMITTED = 1,
    CPTS_INDICATOR_APPROVED = 2,
    CPTS_INDICATOR_LOCKED = 3
};

/** Names without prefix, "LOCKED"; "UNRECOGNISED" for a newer one. */
CPTS_API const char *cpts_indicator_direction_name(enum cpts_indicator_direction direction);
CPTS_API const char *cpts_indicator_state_name(enum cpts_indicator_state state);

/** One definition. */
struct cpts_indicator {
    const char *code;
    const char *mission;
    /** What people read, French. */
    const char *label;
    /** `means`, `activity` or `result`. */
    const char *kind;
    enum cpts_indicator_direction direction;
    const char *unit;
    /** Its values count people: small ones are suppressed on the board. */
    bool counts_people;
    const char *provider;
    /** Thresholds of a published contract, or empty. */
    const char *example;
    /** Where it is known from, and how sure that is: show both. */
    const char *source;
    const char *confidence;
};

/** The definitions, by code. */
struct cpts_indicators {
    const struct cpts_indicator *indicators;
    size_t indicator_count;
    const void *message;
};

/** One line of a step table: the amount replaces that of the lines before. */
struct cpts_indicator_threshold {
    const char *value;
    int64_t amount_cents;
};

/** A step table to set. */
struct cpts_indicator_target {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *indicator;
    const char *effective_on;
    /** NULL or empty = not known. */
    const char *baseline;
    /** 1..CPTS_INDICATOR_THRESHOLDS_MAX, each harder than the one before. */
    const struct cpts_indicator_threshold *thresholds;
    size_t threshold_count;
    /** Locked values may be shown to everybody. */
    bool published;
};

/** One value of one period; state and time are ignored in commands. */
struct cpts_indicator_value {
    const char *indicator;
    const char *period;
    const char *value;
    enum cpts_indicator_state state;
    int64_t recorded_at_us;
};

/** Values to submit: all of them or none. */
struct cpts_indicator_values {
    size_t size;
    const char *id;
    int32_t expected_version;
    /** 1..CPTS_INDICATOR_VALUES_MAX, each indicator and period once. */
    const struct cpts_indicator_value *values;
    size_t value_count;
    /** Why locked ones are corrected; NULL or empty = none is. */
    const char *correction_reason;
};

/** Values to approve or to lock; their `value` is ignored. */
struct cpts_indicator_decision {
    size_t size;
    const char *id;
    int32_t expected_version;
    /** APPROVED (from submitted) or LOCKED (from approved). */
    enum cpts_indicator_state state;
    const struct cpts_indicator_value *values;
    size_t value_count;
};

/** Whose indicators; NULL or 0 = not restricted. */
struct cpts_indicator_query {
    size_t size;
    const char *id;
    /** Four digits. */
    const char *year;
    const char *as_of;
    int64_t known_at_us;
};

/** What was reached in one period. */
struct cpts_indicator_result {
    struct cpts_indicator_value value;
    /** Number of the hardest threshold reached, from 1; 0 = none. */
    int32_t step;
    int64_t amount_cents;
};

/** One indicator of one CPTS. */
struct cpts_own_indicator {
    struct cpts_indicator indicator;
    /** Empty = not known. */
    const char *baseline;
    /** None without a step table. */
    const struct cpts_indicator_threshold *thresholds;
    size_t threshold_count;
    bool published;
    /** Oldest first. */
    const struct cpts_indicator_result *results;
    size_t result_count;
};

/** The indicators of one CPTS. */
struct cpts_own_indicators {
    const struct cpts_own_indicator *indicators;
    size_t indicator_count;
    /** Demonstration data: say so. */
    bool synthetic;
    const void *message;
};

/*
 * The commands take a command_id and end as those of cpts/command.h; and
 * INVALID_ARGUMENT / UNKNOWN_INDICATOR, THRESHOLD_ORDER_INVALID,
 * DATE_IN_FUTURE · FAILED_PRECONDITION / CPTS_ENDED, INDICATOR_LOCKED,
 * INDICATOR_STEP_ILLEGAL. `err->field` names what is at fault:
 * `values[17].period`.
 */
/* clang-format off */

/** Sets a step table from a date on. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_target_set(
    cpts_client *client, const struct cpts_indicator_target *target, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Submits values. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_values_record(
    cpts_client *client, const struct cpts_indicator_values *values, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Approves or locks values: the act of the ARS. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_values_decide(
    cpts_client *client, const struct cpts_indicator_decision *decision, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** The definitions on a date. @param mission, as_of  NULL = all, today.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID · what any call may end
 *         with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicators_list(
    cpts_client *client, const char *mission, const char *as_of, int32_t timeout_ms,
    struct cpts_indicators **ret_indicators, struct cpts_error *err);

/** The indicators of one CPTS.
 * @return CPTS_OK · PERMISSION_DENIED / OUT_OF_SCOPE, ROLE_NOT_ALLOWED ·
 *         NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT / FIELD_INVALID,
 *         KNOWN_AT_IN_FUTURE · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_own_indicators_get(
    cpts_client *client, const struct cpts_indicator_query *query, int32_t timeout_ms,
    struct cpts_own_indicators **ret_indicators, struct cpts_error *err);

/* clang-format on */

/** Results as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_indicators_json(const struct cpts_indicators *indicators, int indent_spaces);
CPTS_API char *cpts_own_indicators_json(const struct cpts_own_indicators *indicators,
                                        int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_indicators_free(struct cpts_indicators *indicators);
CPTS_API void cpts_own_indicators_free(struct cpts_own_indicators *indicators);

#ifdef __cplusplus
}
#endif
#endif
