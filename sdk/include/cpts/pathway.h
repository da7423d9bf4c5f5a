/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_PATHWAY_H
#define CPTS_PATHWAY_H

/**
 * @file
 * Pathways (parcours) across CPTS: templates whose steps form a graph, pathways that
 * were started from them, and what is proposed next. A referral names its pathway and
 * step when it is submitted (cpts/referral.h); where a pathway stands follows from its
 * referrals and is written nowhere.
 *
 * X_start() is X() without waiting, as cpts/async.h says. Results belong to the
 * caller, who releases them; every text inside lives as long as its result and is
 * never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>
#include <cpts/referral_value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a pathway stands. */
enum cpts_pathway_status {
    CPTS_PATHWAY_STATUS_UNSPECIFIED = 0,
    /** No referral yet. */
    CPTS_PATHWAY_STARTED = 1,
    CPTS_PATHWAY_ACTIVE = 2,
    /** Every step is fulfilled. */
    CPTS_PATHWAY_COMPLETED = 3
};

/** Where a step stands. */
enum cpts_pathway_step_state {
    CPTS_PATHWAY_STEP_UNSPECIFIED = 0,
    /** A step before it is not fulfilled. */
    CPTS_PATHWAY_STEP_WAITING = 1,
    /** A referral may be submitted for it now. */
    CPTS_PATHWAY_STEP_PROPOSED = 2,
    CPTS_PATHWAY_STEP_UNDER_WAY = 3,
    CPTS_PATHWAY_STEP_FULFILLED = 4
};

/** A step of a template. */
struct cpts_pathway_template_step {
    const char *code;
    /** French. */
    const char *label;
    enum cpts_use_case use_case;
    enum cpts_urgency urgency;
    const char *profession;
    const char *speciality;
    const char *const *previous;
    size_t previous_count;
    /** After the last of those before it. */
    int32_t delay_days;
};

/** A kind of pathway, in one version. */
struct cpts_pathway_template {
    const char *code;
    int32_t version;
    /** French, as `use`. */
    const char *label;
    const char *use;
    /** The FINESS number of an establishment is required. */
    bool requester_wanted;
    /** Date. */
    const char *valid_from;
    const struct cpts_pathway_template_step *steps;
    size_t step_count;
    const char *source;
    /** To be shown with it. */
    const char *confidence;
};

struct cpts_pathway_templates {
    const struct cpts_pathway_template *templates;
    size_t template_count;
    const void *message;
};

/** A referral of a step, in which the caller takes part. */
struct cpts_pathway_referral {
    const char *referral_id;
    enum cpts_referral_status status;
};

/** A step of a pathway. */
struct cpts_pathway_step {
    struct cpts_pathway_template_step step;
    enum cpts_pathway_step_state state;
    /** Date for which a proposed one is planned; else empty. */
    const char *proposed_on;
    const struct cpts_pathway_referral *referrals;
    size_t referral_count;
};

#define CPTS_PSEUDONYM_BYTES 16

/** A pathway; in lists without its steps. */
struct cpts_pathway {
    const char *id;
    const char *template_code;
    int32_t template_version;
    const char *label;
    const char *origin_id;
    const char *origin_name;
    const char *requester_finess;
    /** CPTS_PSEUDONYM_BYTES, or NULL for a desk. */
    const uint8_t *pseudonym;
    enum cpts_pathway_status status;
    /** Microseconds since 1970. */
    int64_t started_at_us;
    bool synthetic;
    /** Steps proposed now. */
    int32_t proposed_count;
    const struct cpts_pathway_step *steps;
    size_t step_count;
    /** NULL in a list. */
    const void *message;
};

/** A page of pathways, by id, the oldest first. */
struct cpts_pathways {
    const struct cpts_pathway *pathways;
    size_t pathway_count;
    /** Empty = there is no next page. */
    const char *next_page_token;
    const void *message;
};

struct cpts_pathways_query {
    size_t size;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    /** NULL or empty = the first page. */
    const char *page_token;
    /** Only those with a step that is proposed now. */
    bool proposed_only;
    /** Code; NULL or empty = all. */
    const char *template_code;
};

/** A pathway to start. */
struct cpts_pathway_creation {
    size_t size;
    /** On whose behalf. */
    const struct cpts_actor *actor;
    /** The caller's CPTS. */
    const char *origin_id;
    const char *template_code;
    /** 0 = the one in force. */
    int32_t template_version;
    /** FINESS number of the establishment that asks; NULL or empty = none. */
    const char *requester_finess;
    /** UUIDv7; all zero = minted here, and written here. */
    uint8_t id[CPTS_UUID_BYTES];
    /** By which the caller's software knows the patient; all zero = random bytes, made
     * and written here. Never derived from an identity. */
    uint8_t pseudonym[CPTS_PSEUDONYM_BYTES];
};

/** As the callbacks of cpts/async.h. */
typedef void cpts_pathway_callback(cpts_status status, struct cpts_pathway *pathway,
                                   const struct cpts_error *err, void *data);
typedef void cpts_pathways_callback(cpts_status status, struct cpts_pathways *pathways,
                                    const struct cpts_error *err, void *data);
typedef void cpts_pathway_templates_callback(cpts_status status,
                                             struct cpts_pathway_templates *templates,
                                             const struct cpts_error *err, void *data);

/** "STARTED", "PROPOSED" and so on. Static text. */
CPTS_API const char *cpts_pathway_status_name(enum cpts_pathway_status status);
CPTS_API const char *cpts_pathway_step_state_name(enum cpts_pathway_step_state state);

/* clang-format off */

/** Starts a pathway. command_id as in cpts/command.h; id and pseudonym of @p creation
 * belong to the command: a repetition keeps them. The outcome's id is the pathway's.
 * @return CPTS_OK · INVALID_ARGUMENT / ACTOR_INVALID, REQUESTER_REQUIRED, FINESS_INVALID
 *         · NOT_FOUND / UNKNOWN_PATHWAY_TEMPLATE, CPTS_NOT_FOUND · PERMISSION_DENIED /
 *         WRONG_PARTY · FAILED_PRECONDITION / CPTS_ENDED, NOT_OWNER · ALREADY_EXISTS /
 *         ID_TAKEN · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_begin(
    cpts_client *client, struct cpts_pathway_creation *creation, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_begin_start(
    cpts_client *client, struct cpts_pathway_creation *creation, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** One pathway with its steps. NOT_FOUND / PATHWAY_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_get(
    cpts_client *client, const struct cpts_actor *actor, const char *id, int32_t timeout_ms,
    struct cpts_pathway **ret_pathway, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_get_start(
    cpts_client *client, const struct cpts_actor *actor, const char *id,
    const struct cpts_async *async, cpts_pathway_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Those that the caller's CPTS started, or whose desk it is. @p query NULL = all. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_list(
    cpts_client *client, const struct cpts_actor *actor, const struct cpts_pathways_query *query,
    int32_t timeout_ms, struct cpts_pathways **ret_pathways, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_list_start(
    cpts_client *client, const struct cpts_actor *actor, const struct cpts_pathways_query *query,
    const struct cpts_async *async, cpts_pathways_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** The templates in force. @param as_of  Date; NULL = today. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_templates_list(
    cpts_client *client, const char *as_of, int32_t timeout_ms,
    struct cpts_pathway_templates **ret_templates, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_pathway_templates_list_start(
    cpts_client *client, const char *as_of, const struct cpts_async *async,
    cpts_pathway_templates_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** JSON of a result, as in cpts/value.h; release it with cpts_string_free(). */
CPTS_API char *cpts_pathway_json(const struct cpts_pathway *pathway, int indent_spaces);
CPTS_API char *cpts_pathways_json(const struct cpts_pathways *pathways, int indent_spaces);
CPTS_API char *cpts_pathway_templates_json(const struct cpts_pathway_templates *templates,
                                           int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_pathway_free(struct cpts_pathway *pathway);
CPTS_API void cpts_pathways_free(struct cpts_pathways *pathways);
CPTS_API void cpts_pathway_templates_free(struct cpts_pathway_templates *templates);

#ifdef __cplusplus
}
#endif
#endif
