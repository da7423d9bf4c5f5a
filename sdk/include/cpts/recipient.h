/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_RECIPIENT_H
#define CPTS_RECIPIENT_H

/**
 * @file
 * Which CPTS may receive a need, and in which order to ask them: those whose
 * territory holds the commune, then the nearest ones, each with the reason why.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/referral.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a CPTS is in the list. */
enum cpts_recipient_reason {
    CPTS_RECIPIENT_REASON_UNSPECIFIED = 0,
    /** The usual professional's. */
    CPTS_RECIPIENT_USUAL = 1,
    /** Its territory holds the whole commune. */
    CPTS_RECIPIENT_TERRITORY = 2,
    /** Its territory holds a part of it, or others claim it as well. */
    CPTS_RECIPIENT_TERRITORY_SHARED = 3,
    CPTS_RECIPIENT_NEIGHBOUR = 4
};

/** Why it cannot be asked. */
enum cpts_recipient_obstacle {
    /** It can. */
    CPTS_RECIPIENT_NO_OBSTACLE = 0,
    CPTS_RECIPIENT_STAGE = 1,
    CPTS_RECIPIENT_NOT_OPTED_IN = 2,
    /** Nothing can be sealed for it. */
    CPTS_RECIPIENT_NO_KEY = 3,
    /** It is the one that asks. */
    CPTS_RECIPIENT_ORIGIN = 4,
    /** No member of the profession wanted. */
    CPTS_RECIPIENT_PROFESSION = 5
};

struct cpts_recipients_query {
    size_t size;
    /** INSEE code of the commune of the need, never a name. */
    const char *unit_code;
    enum cpts_use_case use_case;
    /** NULL or empty = any. */
    const char *profession;
    /** CPTS of the usual professional, asked first for SNP; NULL or empty = none. */
    const char *usual_cpts_id;
    /** CPTS that asks, no recipient of itself; NULL or empty = none. */
    const char *origin_id;
    /** 1..20, 0 = 10. */
    int32_t limit;
};

/** One CPTS. */
struct cpts_recipient {
    const char *cpts_id;
    const char *name;
    enum cpts_stage stage;
    const char *lead_region;
    enum cpts_recipient_reason reason;
    /** In French, to be shown. */
    const char *reason_label;
    /** Part of the commune that its territory holds, and that all claim together. */
    double share;
    double share_sum;
    /** Means nothing with CPTS_POSITION_NONE. */
    double distance_km;
    enum cpts_position_quality position_quality;
    bool eligible;
    enum cpts_recipient_obstacle obstacle;
    /** In French, or empty. */
    const char *obstacle_label;
    /** Of its latest week; -1 = not known. */
    int32_t snp_slot_count;
    int32_t place_count;
    /** Monday of that week, or empty. */
    const char *capacity_week;
    /** 0 = it has no valid key. */
    int32_t key_serial;
    /** Members of the profession wanted. */
    int32_t profession_member_count;
    bool synthetic;
};

/** Eligible ones in the order to ask them, then the others. */
struct cpts_recipients {
    const struct cpts_recipient *recipients;
    size_t recipient_count;
    /** None is eligible: submit without a destination, to be counted. */
    bool unroutable;
    /** The commune today. */
    const char *unit_code;
    const char *unit_name;
    const char *department;
    const void *message;
};

typedef void cpts_recipients_callback(cpts_status status, struct cpts_recipients *recipients,
                                      const struct cpts_error *err, void *data);

/* clang-format off */

/** @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_UNIT, FIELD_INVALID · NOT_FOUND /
 *          CPTS_NOT_FOUND · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_recipients_find(
    cpts_client *client, const struct cpts_recipients_query *query, int32_t timeout_ms,
    struct cpts_recipients **ret_recipients, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_recipients_find_start(
    cpts_client *client, const struct cpts_recipients_query *query,
    const struct cpts_async *async, cpts_recipients_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** `USUAL`, `STAGE`; "" for none. Static texts. */
CPTS_API const char *cpts_recipient_reason_name(enum cpts_recipient_reason reason);
CPTS_API const char *cpts_recipient_obstacle_name(enum cpts_recipient_obstacle obstacle);

/** The answer as proto3 JSON; NULL when memory is out. Free with cpts_string_free(). */
CPTS_API char *cpts_recipients_json(const struct cpts_recipients *recipients, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_recipients_free(struct cpts_recipients *recipients);

#ifdef __cplusplus
}
#endif
#endif
