/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_ASYNC_H
#define CPTS_ASYNC_H

/**
 * @file
 * Every call again, without waiting for it (those about territories:
 * cpts/territory_async.h): X_start() is X(), with a callback
 * in place of the result.
 *
 * A start checks and copies all that it was given, sends, and returns without
 * waiting for the network. When it returns CPTS_OK its callback runs exactly
 * once, then `release` runs exactly once; when it fails neither runs, and
 * nothing was sent. What the call ends with is what X() would have returned,
 * or CANCELLED / CANCELLED. Of a client with an outbox the start of a command may
 * fail as cpts/outbox.h says, too; with COMMAND_KEPT it waits in the box, and is
 * not to be started again.
 *
 * Threads: start, cancel and run from any thread, callbacks too. Callbacks run
 * without any lock of the library held, and never inside a start: on the
 * client's event thread, one after the other, or in cpts_client_events_run(),
 * as the client's options say. One that blocks keeps the others waiting. The
 * event thread has every signal blocked.
 */

#include <cpts/command.h>
#include <cpts/coverage.h>
#include <cpts/funding.h>
#include <cpts/history.h>
#include <cpts/reference.h>
#include <cpts/registry.h>
#include <cpts/trajectory.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What goes with a call. NULL in its place = all zero. */
struct cpts_async {
    size_t size;
    /** 0 = the client's. */
    int32_t timeout_ms;
    /** Handed to the callback. */
    void *data;
    /** Run with `data` after the callback, on the same thread; NULL = nothing. */
    void (*release)(void *data);
};

/*
 * The callbacks. On CPTS_OK the result is the callback's, to be released as
 * after the waiting call, at any time and on any thread; else it is NULL (false)
 * and `err` says why. `err` and its texts last until the callback returns.
 */
typedef void cpts_health_callback(cpts_status status, bool serving, const struct cpts_error *err,
                                  void *data);
typedef void cpts_record_callback(cpts_status status, struct cpts_record *record,
                                  const struct cpts_error *err, void *data);
typedef void cpts_page_callback(cpts_status status, struct cpts_page *page,
                                const struct cpts_error *err, void *data);
typedef void cpts_outcome_callback(cpts_status status, struct cpts_outcome *outcome,
                                   const struct cpts_error *err, void *data);
typedef void cpts_coverage_callback(cpts_status status, struct cpts_coverage *coverage,
                                    const struct cpts_error *err, void *data);
typedef void cpts_trajectory_callback(cpts_status status, struct cpts_trajectory *trajectory,
                                      const struct cpts_error *err, void *data);
typedef void cpts_beliefs_callback(cpts_status status, struct cpts_belief_report *report,
                                   const struct cpts_error *err, void *data);
typedef void cpts_history_callback(cpts_status status, struct cpts_history *history,
                                   const struct cpts_error *err, void *data);
typedef void cpts_regions_callback(cpts_status status, struct cpts_regions *regions,
                                   const struct cpts_error *err, void *data);
typedef void cpts_departments_callback(cpts_status status, struct cpts_departments *departments,
                                       const struct cpts_error *err, void *data);
typedef void cpts_units_callback(cpts_status status, struct cpts_units *units,
                                 const struct cpts_error *err, void *data);
typedef void cpts_grids_callback(cpts_status status, struct cpts_grids *grids,
                                 const struct cpts_error *err, void *data);

/*
 * The starts. The first parameters are those of the waiting call; a command_id
 * of zero bytes is minted and written back by the start.
 *
 * @param callback  Not NULL.
 * @param ret_call  Number of the call, for cpts_client_cancel(); NULL is fine.
 * @return CPTS_OK: started · INVALID_ARGUMENT / ARGUMENT_INVALID ·
 *         RESOURCE_EXHAUSTED / TOO_MANY_CALLS: async_max calls are on their way
 *         or wait for their callback; start it again when one has ended ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY · FAILED_PRECONDITION /
 *         CLIENT_CLOSING.
 */
/* clang-format off */

/** As cpts_client_health(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_client_health_start(
    cpts_client *client, const char *service, const struct cpts_async *async,
    cpts_health_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_registry_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_get_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_record_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_registry_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_list_start(
    cpts_client *client, const struct cpts_list_query *query, const struct cpts_async *async,
    cpts_page_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_registry_create(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_create_start(
    cpts_client *client, const struct cpts_creation *creation, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_registry_update(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_update_start(
    cpts_client *client, const struct cpts_update *update, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_registry_record_stage(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_record_stage_start(
    cpts_client *client, const struct cpts_stage_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_registry_set_territory(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_registry_set_territory_start(
    cpts_client *client, const struct cpts_territory_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_coverage_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_coverage_get_start(
    cpts_client *client, const struct cpts_coverage_query *query,
    const struct cpts_async *async, cpts_coverage_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_funding_grids(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_funding_grids_start(
    cpts_client *client, const char *as_of, const struct cpts_async *async,
    cpts_grids_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_trajectory_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_trajectory_get_start(
    cpts_client *client, const struct cpts_trajectory_query *query,
    const struct cpts_async *async, cpts_trajectory_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_history_correct_stages(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_correct_stages_start(
    cpts_client *client, const struct cpts_stages_correction *correction, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_history_correct_territory(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_correct_territory_start(
    cpts_client *client, const struct cpts_territory_correction *correction, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_history_beliefs(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_beliefs_start(
    cpts_client *client, const struct cpts_belief_query *query, const struct cpts_async *async,
    cpts_beliefs_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_history_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_history_get_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_history_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_reference_regions(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_regions_start(
    cpts_client *client, const struct cpts_async *async, cpts_regions_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/** As cpts_reference_departments(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_departments_start(
    cpts_client *client, const struct cpts_async *async, cpts_departments_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/** As cpts_reference_units(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_reference_units_start(
    cpts_client *client, const struct cpts_units_query *query, const struct cpts_async *async,
    cpts_units_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/**
 * Ends a call early. Its callback runs all the same, soon and not from here:
 * with CANCELLED / CANCELLED; with UNKNOWN / OUTCOME_UNKNOWN for a command that
 * may have been carried out; or with its true end, if that came first. A command
 * that an outbox keeps is not taken back: it ends with COMMAND_KEPT and is sent
 * later, unless cpts_outbox_forget() takes it out while it is NOT_SENT.
 *
 * @param call  From a start of this client; one long over is fine.
 * @return false when the call was over: there was nothing to cancel.
 */
CPTS_API bool cpts_client_cancel(cpts_client *client, uint64_t call);

/**
 * A descriptor that poll() finds readable while callbacks wait to be run. Only
 * for that: it is the client's, who reads, writes and closes it.
 *
 * @return -1 when the event thread runs the callbacks (CPTS_DELIVERY_THREAD).
 */
CPTS_API int cpts_client_event_fd(cpts_client *client);

/**
 * Runs callbacks that wait, oldest first. With none it waits for one, at most
 * @p timeout_ms (0 = not at all, -1 = for ever). Several threads may run them
 * at once.
 *
 * @param max  Most callbacks to run, from 1.
 * @return how many ran; -1 when the event thread runs the callbacks.
 */
CPTS_API int32_t cpts_client_events_run(cpts_client *client, int32_t max, int32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
