/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_VALUE_H
#define CPTS_REFERRAL_VALUE_H

/**
 * @file
 * The words of referrals: what for, how soon, where one stands, what can be done
 * and by whom; and the person on whose behalf a structure calls.
 *
 * Names are those of cpts/v1/referral.proto without their prefix, `""` for a
 * number without one. A parser takes any case, `-` or a space for `_`, and
 * leaves its output alone when the text names nothing.
 *
 * Threads: constants; any thread.
 */

#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a referral is for. */
enum cpts_use_case {
    CPTS_USE_CASE_UNSPECIFIED = 0,
    /** Soins non programmés: within 24 h, not vital. */
    CPTS_USE_CASE_SNP = 1,
    /** Search for a médecin traitant. */
    CPTS_USE_CASE_MEDECIN_TRAITANT = 2,
    /** Pathway across CPTS. */
    CPTS_USE_CASE_PARCOURS = 3
};

/** How soon. */
enum cpts_urgency {
    CPTS_URGENCY_UNSPECIFIED = 0,
    /** Always refused, also here: 15 or 112. */
    CPTS_URGENCY_VITAL = 1,
    CPTS_URGENCY_WITHIN_24H = 2,
    CPTS_URGENCY_PRIORITY = 3,
    CPTS_URGENCY_ROUTINE = 4
};

/** On what ground content is shown (Code de la santé publique, L. 1110-4). */
enum cpts_legal_basis {
    CPTS_LEGAL_BASIS_UNSPECIFIED = 0,
    CPTS_LEGAL_BASIS_ECHANGE = 1,
    /** Needs a recorded consent. */
    CPTS_LEGAL_BASIS_PARTAGE = 2
};

/** Where a referral stands. */
enum cpts_referral_status {
    CPTS_REFERRAL_STATUS_UNSPECIFIED = 0,
    CPTS_REFERRAL_OPEN = 1,
    CPTS_REFERRAL_TO_REASSIGN = 2,
    CPTS_REFERRAL_FULFILLED = 3,
    CPTS_REFERRAL_ABANDONED = 4
};

/** Where an assignment stands: 1..9 are active, the others final. */
enum cpts_assignment_state {
    CPTS_ASSIGNMENT_UNSPECIFIED = 0,
    CPTS_ASSIGNMENT_DRAFT = 1,
    CPTS_ASSIGNMENT_SUBMITTED = 2,
    CPTS_ASSIGNMENT_DELIVERED = 3,
    CPTS_ASSIGNMENT_INFO_REQUESTED = 4,
    CPTS_ASSIGNMENT_ACCEPTED = 5,
    CPTS_ASSIGNMENT_SCHEDULED = 6,
    CPTS_ASSIGNMENT_IN_PROGRESS = 7,
    CPTS_ASSIGNMENT_CANCEL_REQUESTED = 8,
    CPTS_ASSIGNMENT_REPORTED = 9,
    CPTS_ASSIGNMENT_CLOSED = 10,
    CPTS_ASSIGNMENT_DECLINED = 11,
    CPTS_ASSIGNMENT_REDIRECTED = 12,
    CPTS_ASSIGNMENT_WITHDRAWN = 13,
    CPTS_ASSIGNMENT_CANCELLED = 14,
    CPTS_ASSIGNMENT_FAILED = 15,
    CPTS_ASSIGNMENT_ENTERED_IN_ERROR = 16
};

/** What can be done. */
enum cpts_referral_event {
    CPTS_REFERRAL_EVENT_UNSPECIFIED = 0,
    CPTS_REFERRAL_CREATE = 1,
    CPTS_REFERRAL_DISCARD = 2,
    CPTS_REFERRAL_SUBMIT = 3,
    CPTS_REFERRAL_DELIVER = 4,
    CPTS_REFERRAL_ASK_INFO = 5,
    CPTS_REFERRAL_ANSWER_INFO = 6,
    CPTS_REFERRAL_ACCEPT = 7,
    CPTS_REFERRAL_DECLINE = 8,
    CPTS_REFERRAL_REDIRECT = 9,
    CPTS_REFERRAL_RECALL = 10,
    CPTS_REFERRAL_CLOSE_BY_DESK = 11,
    CPTS_REFERRAL_SCHEDULE = 12,
    CPTS_REFERRAL_NO_SHOW = 13,
    CPTS_REFERRAL_CANCEL_VISIT = 14,
    CPTS_REFERRAL_START = 15,
    CPTS_REFERRAL_REPORT = 16,
    CPTS_REFERRAL_ACKNOWLEDGE = 17,
    CPTS_REFERRAL_DISPUTE = 18,
    CPTS_REFERRAL_WITHDRAW = 19,
    CPTS_REFERRAL_REQUEST_CANCEL = 20,
    CPTS_REFERRAL_CONFIRM_CANCEL = 21,
    CPTS_REFERRAL_REFUSE_CANCEL = 22,
    CPTS_REFERRAL_FAIL = 23,
    CPTS_REFERRAL_ENTER_IN_ERROR = 24,
    CPTS_REFERRAL_REASSIGN = 25,
    CPTS_REFERRAL_ABANDON = 26,
    CPTS_REFERRAL_WIDEN = 27,
    CPTS_REFERRAL_OVERDUE = 28,
    CPTS_REFERRAL_HAND_OVER = 29,
    CPTS_REFERRAL_REWRAP = 30
};

/** Who acts, in the view of one assignment. */
enum cpts_party {
    CPTS_PARTY_UNSPECIFIED = 0,
    CPTS_PARTY_ORIGIN = 1,
    CPTS_PARTY_DESTINATION = 2,
    CPTS_PARTY_SERVER = 3,
    CPTS_PARTY_DESK = 4
};

/** What a clock waits for. */
enum cpts_referral_clock_kind {
    CPTS_REFERRAL_CLOCK_UNSPECIFIED = 0,
    CPTS_REFERRAL_CLOCK_DELIVER = 1,
    CPTS_REFERRAL_CLOCK_DECIDE = 2,
    CPTS_REFERRAL_CLOCK_ANSWER = 3,
    CPTS_REFERRAL_CLOCK_SCHEDULE = 4,
    CPTS_REFERRAL_CLOCK_REBOOK = 5,
    CPTS_REFERRAL_CLOCK_REPORT = 6,
    CPTS_REFERRAL_CLOCK_ACKNOWLEDGE = 7,
    CPTS_REFERRAL_CLOCK_CANCEL = 8,
    CPTS_REFERRAL_CLOCK_REASSIGN = 9,
    CPTS_REFERRAL_CLOCK_WIDEN = 10
};

/** Why somebody acts or reads. */
enum cpts_purpose {
    CPTS_PURPOSE_UNSPECIFIED = 0,
    CPTS_PURPOSE_CARE = 1,
    CPTS_PURPOSE_COORDINATION = 2,
    CPTS_PURPOSE_DESK = 3,
    CPTS_PURPOSE_MAINTENANCE = 4
};

/** On whose behalf the structure calls; stated with every call about referrals
 * and kept with every act and read. */
struct cpts_actor {
    size_t size;
    /** RPPS number, 11 digits, with a profession; or neither, and a function. */
    const char *rpps;
    /** Code of the profession (sql/reference/professions.csv). */
    const char *profession;
    /** 1..100 characters, never a name. */
    const char *function;
    enum cpts_purpose purpose;
};

/** A recorded consent. Never the name of the patient. */
struct cpts_consent {
    /** PATIENT, LEGAL_REPRESENTATIVE or TRUSTED_PERSON. */
    const char *given_by;
    /** Date. */
    const char *given_on;
    /** ORAL, WRITTEN or ELECTRONIC. */
    const char *form;
    /** What for, 1..200 characters, without identity. */
    const char *scope;
};

CPTS_API const char *cpts_use_case_name(enum cpts_use_case use_case);
CPTS_API const char *cpts_urgency_name(enum cpts_urgency urgency);
CPTS_API const char *cpts_legal_basis_name(enum cpts_legal_basis basis);
CPTS_API const char *cpts_referral_status_name(enum cpts_referral_status status);
CPTS_API const char *cpts_assignment_state_name(enum cpts_assignment_state state);
CPTS_API const char *cpts_referral_event_name(enum cpts_referral_event event);
CPTS_API const char *cpts_party_name(enum cpts_party party);
CPTS_API const char *cpts_referral_clock_name(enum cpts_referral_clock_kind kind);
CPTS_API const char *cpts_purpose_name(enum cpts_purpose purpose);

CPTS_API bool cpts_use_case_parse(const char *text, enum cpts_use_case *ret_use_case);
CPTS_API bool cpts_urgency_parse(const char *text, enum cpts_urgency *ret_urgency);
CPTS_API bool cpts_legal_basis_parse(const char *text, enum cpts_legal_basis *ret_basis);
CPTS_API bool cpts_referral_event_parse(const char *text, enum cpts_referral_event *ret_event);
CPTS_API bool cpts_purpose_parse(const char *text, enum cpts_purpose *ret_purpose);

#ifdef __cplusplus
}
#endif
#endif
