/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_H
#define CPTS_REFERRAL_H

/**
 * @file
 * Referrals (adressages) between CPTS, as their nodes know them: without what is
 * sealed. One of them, worklists, and what may be done now.
 *
 * Every read is recorded in the node's audit trail, with the actor stated, before
 * anything leaves it. Results belong to the caller, who releases them; every text
 * inside lives as long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>
#include <cpts/referral_value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The order, without anything about the patient. Signed by its origin. */
struct cpts_referral_header {
    size_t size;
    enum cpts_use_case use_case;
    enum cpts_urgency urgency;
    /** Codes of the profession and speciality wanted, NULL or empty for any. */
    const char *profession;
    const char *speciality;
    /** INSEE code of the commune of the need. */
    const char *unit_code;
    /** The CPTS that refers. */
    const char *origin_id;
    /** Establishment that asks through its CPTS; NULL or empty = none. */
    const char *requester_finess;
    enum cpts_legal_basis legal_basis;
    /** NULL for an échange. */
    const struct cpts_consent *consent;
    /** The pathway it belongs to and its step, NULL or empty for none. */
    const char *pathway_id;
    const char *pathway_step;
};

/** One attempt with one destination. */
struct cpts_assignment {
    const char *id;
    const char *destination_id;
    const char *destination_name;
    /** Of the referral, at this attempt's last change: what an act expects. */
    int32_t version;
    enum cpts_assignment_state state;
    /** 0..3. */
    int32_t overdue_level;
    int32_t no_show_count;
    /** Redirects before it, 0..4. */
    int32_t hop;
    /** Code of the reason it ended for, or empty. */
    const char *reason;
    /** 0 = no date is set. */
    int64_t scheduled_for_us;
    int64_t submitted_at_us;
    int64_t state_at_us;
    /** What the caller may do to it now, as the node sees it. */
    const enum cpts_referral_event *allowed;
    size_t allowed_count;
    /** Said to be a mistake after it had ended. */
    bool entered_in_error;
    /** Sealed for a CPTS that merged into the destination since: the origin has to
     * seal it again (cpts_referral_rewrap()). */
    bool to_rewrap;
};

/** An armed clock. */
struct cpts_referral_clock {
    /** Empty for the referral's own. */
    const char *assignment_id;
    enum cpts_referral_clock_kind kind;
    int64_t fire_at_us;
    /** Times it fired already. */
    int32_t level;
};

struct cpts_referral {
    const char *id;
    int32_t version;
    struct cpts_referral_header header;
    enum cpts_referral_status status;
    const char *origin_name;
    /** Lead region of the origin: its ARS is the desk. */
    const char *origin_region;
    /** The CPTS that is answerable now; empty once it is over. */
    const char *custodian_id;
    /** No CPTS was found that may receive it. */
    bool unroutable;
    bool entered_in_error;
    /** Content is opened no more. */
    bool consent_withdrawn;
    /** The sealed parts were destroyed. */
    bool erased;
    /** Demonstration data: to be said wherever it is shown. */
    bool synthetic;
    int64_t created_at_us;
    int64_t updated_at_us;
    /** Code of the reason it was abandoned for, or empty. */
    const char *reason;
    /** Oldest first. */
    const struct cpts_assignment *assignments;
    size_t assignment_count;
    const struct cpts_referral_clock *clocks;
    size_t clock_count;
    /** What the caller may do to the referral itself now. */
    const enum cpts_referral_event *allowed;
    size_t allowed_count;
    /** Proposed by a redirect and not sealed for yet, or empty. */
    const char *proposed_id;
    /** The origin now, when the one that signed (the header's) merged into it since;
     * else empty. Of cpts_referral_get() and cpts_letter_get() only. */
    const char *successor_id;
    /** The caller's part in it. */
    enum cpts_party party;
    const void *message;
    /** The last consent recorded after the order was submitted, which its signature
     * does not cover, or NULL. Of cpts_referral_get() and cpts_letter_get() only. */
    const struct cpts_consent *later_consent;
    /** The origin merged and its successor cannot open it: the custodian has to seal
     * it again (cpts_referral_rewrap()). */
    bool to_rewrap;
};

/** What somebody has to look at. */
enum cpts_worklist_kind {
    CPTS_WORKLIST_UNSPECIFIED = 0,
    /** Active attempts with the caller's CPTS. */
    CPTS_WORKLIST_INBOX = 1,
    /** Its own referrals that are not over. */
    CPTS_WORKLIST_OUTBOX = 2,
    CPTS_WORKLIST_TO_REASSIGN = 3,
    CPTS_WORKLIST_OVERDUE = 4,
    /** For the ARS: overdue level 3. */
    CPTS_WORKLIST_DESK = 5
};

struct cpts_worklist_query {
    size_t size;
    const struct cpts_actor *actor;
    enum cpts_worklist_kind kind;
    /** 1..500, 0 = 50. */
    int32_t page_size;
    /** NULL or empty = the first page. */
    const char *page_token;
    /** Of an inbox: states of the attempt; none = all active ones. */
    const enum cpts_assignment_state *states;
    size_t state_count;
    /** CPTS_USE_CASE_UNSPECIFIED = all. */
    enum cpts_use_case use_case;
};

/** One row: a referral without clocks, in INBOX and OVERDUE with the one attempt
 * it is about. */
struct cpts_worklist_row {
    struct cpts_referral referral;
    /** NULL when none is armed. */
    const struct cpts_referral_clock *next_clock;
};

/** One page, oldest first. */
struct cpts_worklist {
    const struct cpts_worklist_row *rows;
    size_t row_count;
    /** Empty on the last page. */
    const char *next_page_token;
    bool synthetic;
    const void *message;
};

typedef void cpts_referral_callback(cpts_status status, struct cpts_referral *referral,
                                    const struct cpts_error *err, void *data);
typedef void cpts_worklist_callback(cpts_status status, struct cpts_worklist *worklist,
                                    const struct cpts_error *err, void *data);

/* clang-format off */

/** One referral. A destination sees its own attempts only.
 * @return CPTS_OK · NOT_FOUND / REFERRAL_NOT_FOUND (also for who takes no part) ·
 *         INVALID_ARGUMENT / ACTOR_INVALID · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_get(
    cpts_client *client, const char *id, const struct cpts_actor *actor, int32_t timeout_ms,
    struct cpts_referral **ret_referral, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_get_start(
    cpts_client *client, const char *id, const struct cpts_actor *actor,
    const struct cpts_async *async, cpts_referral_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** A page of a worklist.
 * @return CPTS_OK · INVALID_ARGUMENT / ACTOR_INVALID, PAGE_TOKEN_INVALID ·
 *         PERMISSION_DENIED / WRONG_PARTY · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_worklist_get(
    cpts_client *client, const struct cpts_worklist_query *query, int32_t timeout_ms,
    struct cpts_worklist **ret_worklist, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_worklist_get_start(
    cpts_client *client, const struct cpts_worklist_query *query, const struct cpts_async *async,
    cpts_worklist_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** The assignment of that id, or NULL; of the referral when @p id is NULL: the one
 * attempt that is active, else the last one. */
CPTS_API const struct cpts_assignment *
cpts_referral_assignment(const struct cpts_referral *referral, const char *id);

/** The proto3 JSON of the answer; NULL when memory is out. @param indent_spaces  0
 * = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_referral_json(const struct cpts_referral *referral, int indent_spaces);
CPTS_API char *cpts_worklist_json(const struct cpts_worklist *worklist, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_referral_free(struct cpts_referral *referral);
CPTS_API void cpts_worklist_free(struct cpts_worklist *worklist);

#ifdef __cplusplus
}
#endif
#endif
