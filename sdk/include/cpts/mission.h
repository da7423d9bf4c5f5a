/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_MISSION_H
#define CPTS_MISSION_H

/**
 * @file
 * The missions of a CPTS: where each stands, its plan, its crisis plan; reading
 * and commands.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Dates are `YYYY-MM-DD`.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a mission stands; it is paid while started or deployed. */
enum cpts_mission_status {
    CPTS_MISSION_UNSPECIFIED = 0,
    CPTS_MISSION_PLANNED = 1,
    CPTS_MISSION_STARTED = 2,
    CPTS_MISSION_DEPLOYED = 3,
    CPTS_MISSION_STOPPED = 4
};

/** Who stands behind a plan. */
enum cpts_plan_state { CPTS_PLAN_UNSPECIFIED = 0, CPTS_PLAN_PROPOSED = 1, CPTS_PLAN_ADOPTED = 2 };

/** A fact of the health-crisis mission. */
enum cpts_crisis_kind {
    CPTS_CRISIS_UNSPECIFIED = 0,
    CPTS_CRISIS_PLAN_WRITTEN = 1,
    CPTS_CRISIS_PLAN_UPDATED = 2,
    /** By the ARS. */
    CPTS_CRISIS_RECOGNISED = 3
};

/** One line of a mission's history. */
struct cpts_mission_step {
    enum cpts_mission_status status;
    const char *effective_on;
};

/** Objectives and actions. */
struct cpts_mission_plan {
    enum cpts_plan_state state;
    const char *effective_on;
    const char *const *objectives;
    size_t objective_count;
    const char *const *actions;
    size_t action_count;
};

/** A dated fact of the health-crisis mission. */
struct cpts_crisis_fact {
    enum cpts_crisis_kind kind;
    const char *effective_on;
};

/** One mission of a CPTS. */
struct cpts_mission {
    /** Code: `parcours`, `soins_non_programmes` ... */
    const char *mission;
    const char *label;
    /** SOCLE, CONDITIONAL or OPTIONAL. */
    const char *obligation;
    enum cpts_mission_status status;
    const char *status_on;
    const struct cpts_mission_step *steps;
    size_t step_count;
    /** Last dates to start it and to deploy it fully, or empty. */
    const char *start_due_on;
    const char *deploy_due_on;
    /** NULL without one. */
    const struct cpts_mission_plan *adopted;
    const struct cpts_mission_plan *proposed;
    const struct cpts_crisis_fact *crises;
    size_t crisis_count;
};

/** The missions of a CPTS on a date. */
struct cpts_missions {
    const char *id;
    /** Its version now, for commands. */
    int32_t version;
    const char *as_of;
    /** Date of the ACI, or empty. */
    const char *signed_on;
    const struct cpts_mission *missions;
    size_t mission_count;
    bool synthetic;
    const void *message;
};

/** A status that a mission entered; for the ARS. */
struct cpts_mission_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *mission;
    enum cpts_mission_status status;
    const char *effective_on;
    /** What is recorded of the mission from that date on was wrong. */
    bool correction;
};

/** A plan from a date on: a CPTS proposes, its ARS adopts. */
struct cpts_plan_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *mission;
    enum cpts_plan_state state;
    const char *effective_on;
    /** At most 10, of 1..500 characters. */
    const char *const *objectives;
    size_t objective_count;
    /** At most 30, of 1..500 characters. */
    const char *const *actions;
    size_t action_count;
};

/** A fact of the health-crisis mission; for the ARS. */
struct cpts_crisis_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    enum cpts_crisis_kind kind;
    const char *effective_on;
    /** The fact of that kind and date was recorded wrongly. */
    bool withdrawn;
};

/** As the callbacks of cpts/async.h. */
typedef void cpts_missions_callback(cpts_status status, struct cpts_missions *missions,
                                    const struct cpts_error *err, void *data);

/* clang-format off */

/** The missions of a CPTS. @param when  NULL = today, as known now.
 * @return CPTS_OK · NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT / FIELD_INVALID
 *         · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_list(
    cpts_client *client, const char *id, const struct cpts_when *when, int32_t timeout_ms,
    struct cpts_missions **ret_missions, struct cpts_error *err);

/** The commands; command_id and what they return as in cpts/command.h, and
 * INVALID_ARGUMENT / UNKNOWN_MISSION · FAILED_PRECONDITION / CPTS_ENDED,
 * ILLEGAL_MISSION_STEP, MISSION_DATE_BEFORE_CURRENT, CRISIS_FACT_REPEATED,
 * CRISIS_FACT_NOT_FOUND, CRISIS_PLAN_NOT_WRITTEN. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_record(
    cpts_client *client, const struct cpts_mission_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_set_plan(
    cpts_client *client, const struct cpts_plan_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_record_crisis(
    cpts_client *client, const struct cpts_crisis_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** The same without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_list_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_missions_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_record_start(
    cpts_client *client, const struct cpts_mission_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_set_plan_start(
    cpts_client *client, const struct cpts_plan_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_mission_record_crisis_start(
    cpts_client *client, const struct cpts_crisis_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** `PLANNED`, `PROPOSED`, `PLAN_WRITTEN`; "" for what is none. Static texts. */
CPTS_API const char *cpts_mission_status_name(enum cpts_mission_status status);
CPTS_API const char *cpts_plan_state_name(enum cpts_plan_state state);
CPTS_API const char *cpts_crisis_kind_name(enum cpts_crisis_kind kind);

/** The missions as proto3 JSON (`cpts.v1.ListMissionsResponse`); NULL when memory
 * is out. @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_missions_json(const struct cpts_missions *missions, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_missions_free(struct cpts_missions *missions);

#ifdef __cplusplus
}
#endif
#endif
