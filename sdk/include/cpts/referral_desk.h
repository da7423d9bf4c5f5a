/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_DESK_H
#define CPTS_REFERRAL_DESK_H

/**
 * @file
 * What goes with referrals: consent, erasure, acts that waited too long, the coded
 * reasons, and whether a CPTS receives before its contract is signed.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/referral_act.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why sealed parts are destroyed. */
enum cpts_erasure_reason {
    CPTS_ERASURE_UNSPECIFIED = 0,
    /** GDPR, art. 17. */
    CPTS_ERASURE_PATIENT_REQUEST = 1,
    CPTS_ERASURE_SENT_BY_MISTAKE = 2
};

/** What becomes of a parked act. */
enum cpts_parked_resolution {
    CPTS_PARKED_OPEN = 0,
    /** Given up: the state found is right. */
    CPTS_PARKED_DISCARDED = 1,
    /** Decided again, by another command. */
    CPTS_PARKED_REDONE = 2
};

/** A consent, a withdrawal, an erasure. */
struct cpts_referral_record {
    size_t size;
    const struct cpts_actor *actor;
    const char *referral_id;
    /** Of the referral. */
    int32_t expected_version;
    /** To record one. */
    const struct cpts_consent *consent;
    /** To erase. */
    enum cpts_erasure_reason erasure;
};

/** Whether a CPTS receives referrals before its contract is signed. */
struct cpts_referral_opt_in {
    size_t size;
    const char *cpts_id;
    /** Of the CPTS. */
    int32_t expected_version;
    enum cpts_use_case use_case;
    bool opted_in;
};

struct cpts_parked_query {
    size_t size;
    const struct cpts_actor *actor;
    bool with_resolved;
    /** 1..500, 0 = 50. */
    int32_t page_size;
    const char *page_token;
};

/** An act that was refused on arrival because the state had moved on. */
struct cpts_parked_act {
    const char *id;
    const char *command_id;
    const char *referral_id;
    const char *assignment_id;
    enum cpts_referral_event event;
    /** STALE_VERSION, ILLEGAL_REFERRAL_ACT or another reason of the state found. */
    const char *refusal;
    int32_t expected_version;
    int32_t found_version;
    enum cpts_assignment_state found_state;
    enum cpts_referral_status found_status;
    const char *reason;
    int64_t parked_at_us;
    enum cpts_parked_resolution resolution;
    /** 0 before. */
    int64_t resolved_at_us;
};

/** One page, oldest first. */
struct cpts_parked {
    const struct cpts_parked_act *acts;
    size_t act_count;
    const char *next_page_token;
    const void *message;
};

struct cpts_parked_decision {
    size_t size;
    const struct cpts_actor *actor;
    const char *parked_id;
    enum cpts_parked_resolution resolution;
};

/** A coded reason of a step. */
struct cpts_referral_reason {
    enum cpts_referral_event event;
    const char *code;
    /** In French. */
    const char *label;
    const char *source;
    /** CONFIRMED, INFERRED or UNVERIFIED. */
    const char *confidence;
    /** The server's; never a caller's. */
    bool fixed;
};

struct cpts_referral_reasons {
    const struct cpts_referral_reason *reasons;
    size_t reason_count;
    const void *message;
};

typedef void cpts_parked_callback(cpts_status status, struct cpts_parked *parked,
                                  const struct cpts_error *err, void *data);
typedef void cpts_reasons_callback(cpts_status status, struct cpts_referral_reasons *reasons,
                                   const struct cpts_error *err, void *data);

/* clang-format off */

/** Commands; command_id as in cpts/command.h. Consent: what cpts/referral_act.h
 * says of the node, and FAILED_PRECONDITION / CONSENT_WITHDRAWN. Erasure:
 * FAILED_PRECONDITION / REFERRAL_IS_OPEN, REFERRAL_IS_ERASED. Opt-in: as the
 * commands of the registry. Parked: NOT_FOUND / PARKED_ACT_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_consent(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_withdraw_consent(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_erase(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_referral_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_set_opt_in(
    cpts_client *client, const struct cpts_referral_opt_in *opt_in, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_resolve(
    cpts_client *client, const struct cpts_parked_decision *decision, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** A page of parked acts. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_list(
    cpts_client *client, const struct cpts_parked_query *query, int32_t timeout_ms,
    struct cpts_parked **ret_parked, struct cpts_error *err);

/** The coded reasons of a step. @param event  UNSPECIFIED = of all. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_reasons_list(
    cpts_client *client, enum cpts_referral_event event, int32_t timeout_ms,
    struct cpts_referral_reasons **ret_reasons, struct cpts_error *err);

/** The same without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_consent_start(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_withdraw_consent_start(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_erase_start(
    cpts_client *client, const struct cpts_referral_record *record, uint8_t *command_id,
    const struct cpts_async *async, cpts_referral_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_set_opt_in_start(
    cpts_client *client, const struct cpts_referral_opt_in *opt_in, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_resolve_start(
    cpts_client *client, const struct cpts_parked_decision *decision, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_parked_list_start(
    cpts_client *client, const struct cpts_parked_query *query, const struct cpts_async *async,
    cpts_parked_callback *callback, uint64_t *ret_call, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_reasons_list_start(
    cpts_client *client, enum cpts_referral_event event, const struct cpts_async *async,
    cpts_reasons_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** `DISCARDED`, `REDONE`; "" while open. Static text. */
CPTS_API const char *cpts_parked_resolution_name(enum cpts_parked_resolution resolution);

/** Answers as proto3 JSON; NULL when memory is out. Free with cpts_string_free(). */
CPTS_API char *cpts_parked_json(const struct cpts_parked *parked, int indent_spaces);
CPTS_API char *cpts_referral_reasons_json(const struct cpts_referral_reasons *reasons,
                                          int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_parked_free(struct cpts_parked *parked);
CPTS_API void cpts_referral_reasons_free(struct cpts_referral_reasons *reasons);

#ifdef __cplusplus
}
#endif
#endif
