/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_GOVERNANCE_H
#define CPTS_GOVERNANCE_H

/**
 * @file
 * Who carries a CPTS: members, representatives of users, adhesion, composition.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Without waiting: cpts/governance_async.h.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most members of one command, and of a page. */
#define CPTS_MEMBERS_MAX 500
#define CPTS_MEMBER_PAGE_MAX 1000

/** The two colleges that a CPTS is asked for. */
enum cpts_college {
    CPTS_COLLEGE_UNSPECIFIED = 0,
    CPTS_COLLEGE_PROFESSIONAL = 1,
    CPTS_COLLEGE_PARTNER = 2
};

/** How a member votes. */
enum cpts_voice {
    CPTS_VOICE_UNSPECIFIED = 0,
    CPTS_VOICE_DELIBERATIVE = 1,
    CPTS_VOICE_CONSULTATIVE = 2
};

/** Names without prefix, "PROFESSIONAL"; "UNRECOGNISED" for a newer one. */
CPTS_API const char *cpts_college_name(enum cpts_college college);
CPTS_API const char *cpts_voice_name(enum cpts_voice voice);

/** Whether a text is an RPPS number (11 digits with their key), a FINESS number
 * (9 characters), a SIRET number (14 digits with their keys). */
CPTS_API bool cpts_rpps_is_valid(const char *text);
CPTS_API bool cpts_finess_is_valid(const char *text);
CPTS_API bool cpts_siret_is_valid(const char *text);

/** A member: one of the three numbers is given, the others NULL or empty. */
struct cpts_member {
    const char *rpps;
    const char *finess;
    const char *siret;
    /** Code of a profession, or of a kind of structure. */
    const char *category;
    enum cpts_college college;
    enum cpts_voice voice;
    const char *joined_on;
    /** First date on which it is no longer a member; NULL or empty = it is. */
    const char *left_on;
    /** When the node recorded it. Ignored in commands. */
    int64_t recorded_at_us;
};

/** Members to record: all of them or none. */
struct cpts_members_change {
    size_t size;
    const char *id;
    /** Version the caller has seen; 0 = whatever it is. */
    int32_t expected_version;
    /** 1..CPTS_MEMBERS_MAX, each once. */
    const struct cpts_member *members;
    size_t member_count;
    /** All else that is believed of these members in this CPTS is withdrawn. */
    bool restates;
};

/** What recording members did. */
struct cpts_members_outcome {
    int32_t version;
    int64_t log_position;
    /** The outcome of an earlier, equal command was given again; counts are 0. */
    bool replayed;
    int32_t added_count;
    int32_t changed_count;
    int32_t unchanged_count;
    const void *message;
};

/** A member that left. */
struct cpts_membership_end {
    size_t size;
    const char *id;
    int32_t expected_version;
    const char *rpps;
    const char *finess;
    const char *siret;
    /** First date on which it is no longer a member. */
    const char *left_on;
};

/** A seat of a representative of users; without the person's name. */
struct cpts_representative {
    /** UUID of the seat; NULL or empty in a command = a new one. */
    const char *representative_id;
    const char *association;
    const char *approval_reference;
    const char *designated_on;
    const char *designation_reference;
    /** NULL or empty = the compulsory training has not taken place. */
    const char *trained_on;
    enum cpts_voice voice;
    const char *seated_on;
    /** NULL or empty = the seat is held. */
    const char *left_on;
};

/** A seat to record, whole. */
struct cpts_representative_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    struct cpts_representative seat;
};

/** Adhesion on a date: never a bare rate. */
struct cpts_adhesion {
    int32_t adherent_count;
    int32_t professional_count;
    const char *counted_on;
    /** Who counted, and in what. */
    const char *source;
};

/** An adhesion count to record. */
struct cpts_adhesion_change {
    size_t size;
    const char *id;
    int32_t expected_version;
    struct cpts_adhesion adhesion;
};

/** Which members; NULL or 0 = not restricted. */
struct cpts_members_query {
    size_t size;
    const char *id;
    enum cpts_college college;
    /** 1..CPTS_MEMBER_PAGE_MAX; 0 = 100. */
    int32_t page_size;
    const char *page_token;
    const char *as_of;
    int64_t known_at_us;
};

/** One page, by identifier. */
struct cpts_members {
    const struct cpts_member *members;
    size_t member_count;
    /** Empty on the last page. */
    const char *next_page_token;
    int32_t version;
    const void *message;
};

/** The seats of one CPTS. */
struct cpts_representatives {
    const struct cpts_representative *seats;
    size_t seat_count;
    int32_t version;
    const void *message;
};

/*
 * The commands take a command_id and end as those of cpts/command.h; and
 * INVALID_ARGUMENT / RPPS_INVALID, FINESS_INVALID, SIRET_INVALID,
 * MEMBER_REPEATED, UNKNOWN_PROFESSION, UNKNOWN_STRUCTURE_KIND,
 * ADHESION_INVALID · NOT_FOUND / MEMBER_NOT_FOUND, REPRESENTATIVE_NOT_FOUND ·
 * FAILED_PRECONDITION / CPTS_ENDED.
 */
/* clang-format off */

/** Records members. `err->field` names the one at fault: `members[17].rpps`. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_members_record(
    cpts_client *client, const struct cpts_members_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_members_outcome **ret_outcome, struct cpts_error *err);

/** Records that a member left. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_membership_end(
    cpts_client *client, const struct cpts_membership_end *end, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Records a seat; the outcome's `id` is the seat's. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_representative_record(
    cpts_client *client, const struct cpts_representative_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Records an adhesion count. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_adhesion_record(
    cpts_client *client, const struct cpts_adhesion_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** A page of the members of one CPTS.
 * @return CPTS_OK · PERMISSION_DENIED / OUT_OF_SCOPE, ROLE_NOT_ALLOWED ·
 *         NOT_FOUND / CPTS_NOT_FOUND · INVALID_ARGUMENT / FIELD_INVALID,
 *         PAGE_TOKEN_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_members_list(
    cpts_client *client, const struct cpts_members_query *query, int32_t timeout_ms,
    struct cpts_members **ret_members, struct cpts_error *err);

/** The seats of representatives of users of one CPTS; ends as
 * cpts_members_list(). @param when  NULL = today, as known now. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_representatives_list(
    cpts_client *client, const char *id, const struct cpts_when *when, int32_t timeout_ms,
    struct cpts_representatives **ret_representatives, struct cpts_error *err);

/* clang-format on */

/** Results as proto3 JSON; NULL when memory is out.
 * @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_members_outcome_json(const struct cpts_members_outcome *outcome,
                                         int indent_spaces);
CPTS_API char *cpts_members_json(const struct cpts_members *members, int indent_spaces);
CPTS_API char *cpts_representatives_json(const struct cpts_representatives *representatives,
                                         int indent_spaces);

/** Release what a call handed over; NULL is fine. */
CPTS_API void cpts_members_outcome_free(struct cpts_members_outcome *outcome);
CPTS_API void cpts_members_free(struct cpts_members *members);
CPTS_API void cpts_representatives_free(struct cpts_representatives *representatives);

#ifdef __cplusplus
}
#endif
#endif
