/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_REFERRAL_STEP_H
#define WIRE_REFERRAL_STEP_H

/**
 * @file
 * What can be done to a referral and to its assignments, as data: from which
 * states, by whom, to which state, with what clocks, custody, note and reason.
 * One table for server and SDK, so that an illegal act is refused at once even
 * offline; both compare its hash when they meet.
 *
 * Threads: constants and pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Numbers of cpts.v1.AssignmentState. */
enum assignment_state {
    ASSIGNMENT_NONE = 0,
    ASSIGNMENT_DRAFT = 1,
    ASSIGNMENT_SUBMITTED = 2,
    ASSIGNMENT_DELIVERED = 3,
    ASSIGNMENT_INFO_REQUESTED = 4,
    ASSIGNMENT_ACCEPTED = 5,
    ASSIGNMENT_SCHEDULED = 6,
    ASSIGNMENT_IN_PROGRESS = 7,
    ASSIGNMENT_CANCEL_REQUESTED = 8,
    ASSIGNMENT_REPORTED = 9,
    ASSIGNMENT_CLOSED = 10,
    ASSIGNMENT_DECLINED = 11,
    ASSIGNMENT_REDIRECTED = 12,
    ASSIGNMENT_WITHDRAWN = 13,
    ASSIGNMENT_CANCELLED = 14,
    ASSIGNMENT_FAILED = 15,
    ASSIGNMENT_ENTERED_IN_ERROR = 16,
};

/** The active states are 1..ASSIGNMENT_ACTIVE_COUNT; the others are never left. */
#define ASSIGNMENT_ACTIVE_COUNT 9
#define ASSIGNMENT_STATE_COUNT 16

/** In place of a state to enter: the one before CANCEL_REQUESTED. */
#define ASSIGNMENT_PREVIOUS (-1)
/** In place of a state to enter: it stays. */
#define ASSIGNMENT_SAME (-2)

/** Numbers of cpts.v1.ReferralStatus. */
enum referral_status {
    REFERRAL_NONE = 0,
    REFERRAL_OPEN = 1,
    REFERRAL_TO_REASSIGN = 2,
    REFERRAL_FULFILLED = 3,
    REFERRAL_ABANDONED = 4,
};

#define REFERRAL_STATUS_COUNT 4

/** Numbers of cpts.v1.ReferralEvent. */
enum referral_event {
    REFERRAL_NO_EVENT = 0,
    REFERRAL_CREATE = 1,
    REFERRAL_DISCARD = 2,
    REFERRAL_SUBMIT = 3,
    REFERRAL_DELIVER = 4,
    REFERRAL_ASK_INFO = 5,
    REFERRAL_ANSWER_INFO = 6,
    REFERRAL_ACCEPT = 7,
    REFERRAL_DECLINE = 8,
    REFERRAL_REDIRECT = 9,
    REFERRAL_RECALL = 10,
    REFERRAL_CLOSE_BY_DESK = 11,
    REFERRAL_SCHEDULE = 12,
    REFERRAL_NO_SHOW = 13,
    REFERRAL_CANCEL_VISIT = 14,
    REFERRAL_START = 15,
    REFERRAL_REPORT = 16,
    REFERRAL_ACKNOWLEDGE = 17,
    REFERRAL_DISPUTE = 18,
    REFERRAL_WITHDRAW = 19,
    REFERRAL_REQUEST_CANCEL = 20,
    REFERRAL_CONFIRM_CANCEL = 21,
    REFERRAL_REFUSE_CANCEL = 22,
    REFERRAL_FAIL = 23,
    REFERRAL_ENTER_IN_ERROR = 24,
    REFERRAL_REASSIGN = 25,
    REFERRAL_ABANDON = 26,
    REFERRAL_WIDEN = 27,
    REFERRAL_OVERDUE = 28,
    REFERRAL_HAND_OVER = 29,
    REFERRAL_REWRAP = 30,
};

#define REFERRAL_EVENT_COUNT 30

/** Numbers of cpts.v1.Party. */
enum party {
    PARTY_NONE = 0,
    PARTY_ORIGIN = 1,
    PARTY_DESTINATION = 2,
    PARTY_SERVER = 3,
    PARTY_DESK = 4,
};

#define PARTY_COUNT 4

/** Numbers of cpts.v1.ReferralClockKind. */
enum referral_clock {
    REFERRAL_CLOCK_NONE = 0,
    REFERRAL_CLOCK_DELIVER = 1,
    REFERRAL_CLOCK_DECIDE = 2,
    REFERRAL_CLOCK_ANSWER = 3,
    REFERRAL_CLOCK_SCHEDULE = 4,
    REFERRAL_CLOCK_REBOOK = 5,
    REFERRAL_CLOCK_REPORT = 6,
    REFERRAL_CLOCK_ACKNOWLEDGE = 7,
    REFERRAL_CLOCK_CANCEL = 8,
    REFERRAL_CLOCK_REASSIGN = 9,
    REFERRAL_CLOCK_WIDEN = 10,
};

#define REFERRAL_CLOCK_COUNT 10

/** Who is answerable after a step. */
enum custody {
    CUSTODY_STAYS = 0,
    CUSTODY_DESTINATION = 1,
    CUSTODY_ORIGIN = 2,
    CUSTODY_NOBODY = 3, /**< the referral is over */
};

/** Whether a step comes with a sealed note, or with a coded reason. */
enum step_need {
    NEED_NONE = 0,
    NEED_OPTIONAL = 1,
    NEED_REQUIRED = 2,
    NEED_THIS_OR_THAT = 3, /**< a note or a reason, one of them at least */
};

/** One row: a step as one kind of party may take it. */
struct referral_step {
    enum referral_event event;
    enum party party;
    /** Bits 1 << enum assignment_state; of a step of the referral itself, bits
     * 1 << enum referral_status. */
    unsigned from;
    /** State entered, ASSIGNMENT_PREVIOUS or ASSIGNMENT_SAME; of a step of the
     * referral itself, its status. */
    int to;
    /** True: a step of the referral, not of one of its assignments. */
    bool of_referral;
    /** Overdue level that the assignment (the referral) has to have reached, 0..3. */
    int overdue_min;
    enum custody custody;
    /** Clock armed on entering, or REFERRAL_CLOCK_NONE. */
    enum referral_clock arms;
    /** Bits 1 << enum referral_clock of the assignment's clocks that stop. */
    unsigned stops;
    enum step_need note;
    enum step_need reason;
    /** Times it may be taken on one assignment; 0 = any number. */
    int times_max;
    /** Not told among what is allowed: needed only where keys are not sealed for a side. */
    bool is_unlisted;
};

/** Redirects of one referral at most. */
#define REFERRAL_HOPS_MAX 4
/** Destinations and candidates of one referral at most. */
#define REFERRAL_RECIPIENTS_MAX 10

/** The row for what @p party does, NULL when it may never do that. */
const struct referral_step *referral_step_find(enum referral_event event, enum party party);

/** Row @p index of the table, NULL behind the last. */
const struct referral_step *referral_step_at(size_t index);

/** Whether the step may be taken from that state (or status) at that overdue level. */
bool referral_step_is_legal(const struct referral_step *step, int from, int overdue_level);

/** What @p party may do now to an assignment in @p state, in the order of the
 * events. @return how many, at most REFERRAL_EVENT_COUNT. */
size_t referral_step_allowed(enum party party, int state, int overdue_level,
                             enum referral_event ret_events[REFERRAL_EVENT_COUNT]);

/** As referral_step_allowed(), to a referral in @p status. */
size_t referral_step_allowed_whole(enum party party, int status, int overdue_level,
                                   enum referral_event ret_events[REFERRAL_EVENT_COUNT]);

/** SHA-256 of the table's content: equal on both ends, or they are not to trust
 * each other's judgement. */
void referral_step_hash(uint8_t ret_hash[32]);

bool assignment_is_active(int state);

/** Codes as in the database and in texts, "" when there is none. Static. */
const char *assignment_state_code(int state);
const char *referral_status_code(int status);
const char *referral_event_code(int event);
const char *referral_clock_code(int clock);

/** Numbers of codes, 0 when there is none. */
int assignment_state_find(const char *code);
int referral_status_find(const char *code);
int referral_event_find(const char *code);
int referral_clock_find(const char *code);

#endif
