/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_FEDERATION_DESK_H
#define CPTS_FEDERATION_DESK_H

/**
 * @file
 * What of the federation waits for people: aggregates that could not be stored, and
 * alarms.
 *
 * For the role OPERATOR. X_start() is X() without waiting, as cpts/async.h says. Results
 * belong to the caller, who releases them; every text inside lives as long as its result
 * and is never NULL. Instants are microseconds since 1970 UTC, 0 = never.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** An aggregate of another node that could not be stored. */
struct cpts_parked_aggregate {
    /** Of the parking. */
    const char *id;
    const char *node;
    const char *aggregate_kind;
    const char *aggregate_id;
    /** ORIGIN_FORGED, OUT_OF_SCOPE, EPOCH_STALE, KIND_UNKNOWN, NOT_APPLIED. */
    const char *reason;
    const char *detail;
    /** As told, and as it is here (version 0 = nothing). */
    int32_t version_told;
    int32_t epoch_told;
    const char *owner_told;
    int32_t version_here;
    int32_t epoch_here;
    const char *owner_here;
    const char *lead_region;
    int64_t count;
    int64_t parked_at_us;
    int64_t last_at_us;
    bool retry_wanted;
    int64_t rejected_at_us;
    const char *rejected_by;
    const char *rejected_reason;
    /** JSON, cut to a bound. */
    const char *told;
};

/** A page, the oldest first. */
struct cpts_parked_aggregates {
    const struct cpts_parked_aggregate *aggregates;
    size_t aggregate_count;
    /** Empty = there is no next page. */
    const char *next_page_token;
    const void *message;
};

struct cpts_parked_aggregates_query {
    size_t size;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    const char *page_token;
    /** NULL = of all nodes. */
    const char *node;
    bool with_rejected;
};

/** Which are asked for again: one by its id, or all of a node; the other is NULL. */
struct cpts_parked_retry {
    size_t size;
    const char *parked_id;
    const char *node;
};

struct cpts_parked_rejection {
    size_t size;
    const char *parked_id;
    /** For people, 1..200 characters. */
    const char *reason;
};

/** What retrying or rejecting did. */
struct cpts_parked_answer {
    /** That will be asked for. */
    int32_t aggregate_count;
    /** That had sent what was rejected, else empty. */
    const char *node;
    const void *message;
};

/** What somebody should look at. */
struct cpts_federation_alarm {
    int64_t id;
    const char *node;
    /** For example CHAIN_BROKEN. */
    const char *alarm;
    const char *aggregate_id;
    const char *detail;
    int64_t count;
    int64_t first_at_us;
    int64_t last_at_us;
    int64_t cleared_at_us;
    const char *cleared_by;
};

/** Some alarms, the newest first. */
struct cpts_federation_alarms {
    const struct cpts_federation_alarm *alarms;
    size_t alarm_count;
    /** For the next page; 0 = there is none. */
    int64_t next_before_id;
    const void *message;
};

struct cpts_alarms_query {
    size_t size;
    int32_t page_size;
    /** 0 = from the newest on. */
    int64_t before_id;
    /** NULL = about all nodes. */
    const char *node;
    bool with_cleared;
};

typedef void cpts_parked_aggregates_callback(cpts_status status,
                                             struct cpts_parked_aggregates *aggregates,
                                             const struct cpts_error *err, void *data);
typedef void cpts_parked_answer_callback(cpts_status status, struct cpts_parked_answer *answer,
                                         const struct cpts_error *err, void *data);
typedef void cpts_federation_alarms_callback(cpts_status status,
                                             struct cpts_federation_alarms *alarms,
                                             const struct cpts_error *err, void *data);
/* clang-format off */

/** What is parked. @param query NULL = the first page of all. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_list(
    cpts_client *client, const struct cpts_parked_aggregates_query *query, int32_t timeout_ms,
    struct cpts_parked_aggregates **ret_aggregates, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_list_start(
    cpts_client *client, const struct cpts_parked_aggregates_query *query,
    const struct cpts_async *async, cpts_parked_aggregates_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Has them fetched whole from their owner, in the next session; a repetition is safe.
 * @return CPTS_OK · NOT_FOUND / PARKED_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_retry(
    cpts_client *client, const struct cpts_parked_retry *wanted, int32_t timeout_ms,
    struct cpts_parked_answer **ret_answer, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_retry_start(
    cpts_client *client, const struct cpts_parked_retry *wanted, const struct cpts_async *async,
    cpts_parked_answer_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Sets one aside for good: what is here counts. @return CPTS_OK · NOT_FOUND /
 * PARKED_NOT_FOUND · FAILED_PRECONDITION / PARKED_REJECTED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_reject(
    cpts_client *client, const struct cpts_parked_rejection *rejection, int32_t timeout_ms,
    struct cpts_parked_answer **ret_answer, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_aggregate_reject_start(
    cpts_client *client, const struct cpts_parked_rejection *rejection,
    const struct cpts_async *async, cpts_parked_answer_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Alarms. @param query NULL = the newest that are up. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_alarm_list(
    cpts_client *client, const struct cpts_alarms_query *query, int32_t timeout_ms,
    struct cpts_federation_alarms **ret_alarms, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_alarm_list_start(
    cpts_client *client, const struct cpts_alarms_query *query, const struct cpts_async *async,
    cpts_federation_alarms_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Takes an alarm down. @return CPTS_OK · NOT_FOUND / ALARM_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_alarm_clear(
    cpts_client *client, int64_t alarm_id, int32_t timeout_ms,
    struct cpts_parked_answer **ret_answer, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_alarm_clear_start(
    cpts_client *client, int64_t alarm_id, const struct cpts_async *async,
    cpts_parked_answer_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** JSON of a result, as in cpts/value.h; release it with cpts_string_free(). */
CPTS_API char *cpts_parked_aggregates_json(const struct cpts_parked_aggregates *aggregates,
                                           int indent_spaces);
CPTS_API char *cpts_federation_alarms_json(const struct cpts_federation_alarms *alarms,
                                           int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_parked_aggregates_free(struct cpts_parked_aggregates *aggregates);
CPTS_API void cpts_parked_answer_free(struct cpts_parked_answer *answer);
CPTS_API void cpts_federation_alarms_free(struct cpts_federation_alarms *alarms);

#ifdef __cplusplus
}
#endif
#endif
