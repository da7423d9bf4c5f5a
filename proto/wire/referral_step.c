/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/referral_step.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define AT(state) (1u << (ASSIGNMENT_##state))
#define IN(status) (1u << (REFERRAL_##status))
#define CLOCK(kind) (1u << (REFERRAL_CLOCK_##kind))
#define EVERY_CLOCK ((1u << (REFERRAL_CLOCK_COUNT + 1)) - 2)
/* Nobody accepted yet. */
#define OFFERED (AT(SUBMITTED) | AT(DELIVERED) | AT(INFO_REQUESTED))
/* The destination has decided to take it and is not through. */
#define IN_HAND (AT(ACCEPTED) | AT(SCHEDULED) | AT(IN_PROGRESS))
#define ACTIVE (OFFERED | IN_HAND | AT(CANCEL_REQUESTED) | AT(REPORTED))
#define ENDED                                                                                      \
    (AT(CLOSED) | AT(DECLINED) | AT(REDIRECTED) | AT(WITHDRAWN) | AT(CANCELLED) | AT(FAILED))

/* clang-format off */
#define STEP(who, event_, from_, to_, ...)                                                         \
    {.event = REFERRAL_##event_, .party = PARTY_##who, .from = (from_), .to = (to_), __VA_ARGS__}
#define TO(state) ASSIGNMENT_##state
#define ARMS(kind) .arms = REFERRAL_CLOCK_##kind
#define ENDS_ATTEMPT .custody = CUSTODY_ORIGIN, .stops = EVERY_CLOCK

/* The data, one row a step and party. On an assignment that has ended,
 * ENTER_IN_ERROR is a flag and the state stays. */
static const struct referral_step STEPS[] = {
    STEP(ORIGIN, CREATE, AT(NONE), TO(DRAFT), .custody = CUSTODY_STAYS),
    STEP(ORIGIN, DISCARD, AT(DRAFT), TO(WITHDRAWN), .custody = CUSTODY_STAYS),
    STEP(ORIGIN, SUBMIT, AT(NONE) | AT(DRAFT), TO(SUBMITTED), .custody = CUSTODY_ORIGIN,
         ARMS(DELIVER)),
    STEP(SERVER, DELIVER, AT(SUBMITTED), TO(DELIVERED), ARMS(DECIDE), .stops = CLOCK(DELIVER)),
    STEP(DESTINATION, ASK_INFO, AT(DELIVERED), TO(INFO_REQUESTED), ARMS(ANSWER),
         .note = NEED_REQUIRED),
    STEP(ORIGIN, ANSWER_INFO, AT(INFO_REQUESTED), TO(DELIVERED), .stops = CLOCK(ANSWER),
         .note = NEED_REQUIRED),
    STEP(DESTINATION, ACCEPT, AT(DELIVERED) | AT(INFO_REQUESTED), TO(ACCEPTED),
         .custody = CUSTODY_DESTINATION, ARMS(SCHEDULE), .stops = EVERY_CLOCK),
    STEP(DESTINATION, DECLINE, AT(DELIVERED) | AT(INFO_REQUESTED) | IN_HAND, TO(DECLINED),
         ENDS_ATTEMPT,
         .note = NEED_OPTIONAL, .reason = NEED_REQUIRED),
    STEP(DESTINATION, REDIRECT, AT(DELIVERED) | AT(INFO_REQUESTED) | AT(ACCEPTED), TO(REDIRECTED),
         ENDS_ATTEMPT, .note = NEED_OPTIONAL, .reason = NEED_OPTIONAL),
    STEP(DESK, REDIRECT, OFFERED | AT(ACCEPTED), TO(REDIRECTED), ENDS_ATTEMPT,
         .reason = NEED_OPTIONAL),
    STEP(ORIGIN, RECALL, IN_HAND | AT(CANCEL_REQUESTED), TO(FAILED), .overdue_min = 2, ENDS_ATTEMPT,
         .note = NEED_OPTIONAL),
    STEP(DESK, RECALL, IN_HAND | AT(CANCEL_REQUESTED), TO(FAILED), .overdue_min = 3, ENDS_ATTEMPT),
    STEP(DESK, CLOSE_BY_DESK, AT(REPORTED), TO(CLOSED), .overdue_min = 3, .custody = CUSTODY_NOBODY,
         .stops = EVERY_CLOCK),
    STEP(DESTINATION, SCHEDULE, AT(ACCEPTED) | AT(SCHEDULED), TO(SCHEDULED), ARMS(REPORT),
         .stops = CLOCK(SCHEDULE) | CLOCK(REBOOK), .note = NEED_OPTIONAL),
    STEP(DESTINATION, NO_SHOW, AT(SCHEDULED), ASSIGNMENT_SAME, ARMS(REBOOK), .stops = CLOCK(REPORT),
         .note = NEED_OPTIONAL),
    STEP(DESTINATION, CANCEL_VISIT, AT(SCHEDULED), TO(ACCEPTED), ARMS(REBOOK),
         .stops = CLOCK(REPORT),
         .note = NEED_OPTIONAL),
    STEP(DESTINATION, START, AT(ACCEPTED) | AT(SCHEDULED), TO(IN_PROGRESS), ARMS(REPORT),
         .stops = CLOCK(SCHEDULE) | CLOCK(REBOOK)),
    STEP(DESTINATION, REPORT, IN_HAND | AT(CANCEL_REQUESTED), TO(REPORTED), ARMS(ACKNOWLEDGE),
         .stops = EVERY_CLOCK, .note = NEED_THIS_OR_THAT, .reason = NEED_THIS_OR_THAT),
    STEP(ORIGIN, ACKNOWLEDGE, AT(REPORTED), TO(CLOSED), .custody = CUSTODY_NOBODY,
         .stops = EVERY_CLOCK),
    STEP(ORIGIN, DISPUTE, AT(REPORTED), TO(IN_PROGRESS), ARMS(REPORT), .stops = CLOCK(ACKNOWLEDGE),
         .note = NEED_REQUIRED, .times_max = 1),
    STEP(ORIGIN, WITHDRAW, OFFERED, TO(WITHDRAWN), ENDS_ATTEMPT, .reason = NEED_OPTIONAL),
    STEP(ORIGIN, REQUEST_CANCEL, IN_HAND, TO(CANCEL_REQUESTED), ARMS(CANCEL), .note = NEED_OPTIONAL,
         .reason = NEED_OPTIONAL),
    STEP(DESTINATION, CONFIRM_CANCEL, AT(CANCEL_REQUESTED), TO(CANCELLED), ENDS_ATTEMPT),
    STEP(DESTINATION, REFUSE_CANCEL, AT(CANCEL_REQUESTED), ASSIGNMENT_PREVIOUS,
         .stops = CLOCK(CANCEL),
         .note = NEED_OPTIONAL),
    STEP(DESTINATION, FAIL, ACTIVE & ~AT(SUBMITTED), TO(FAILED), ENDS_ATTEMPT,
         .note = NEED_OPTIONAL,
         .reason = NEED_REQUIRED),
    STEP(SERVER, FAIL, ACTIVE, TO(FAILED), ENDS_ATTEMPT, .reason = NEED_REQUIRED),
    STEP(ORIGIN, ENTER_IN_ERROR, ACTIVE | ENDED, TO(ENTERED_IN_ERROR), ENDS_ATTEMPT,
         .reason = NEED_OPTIONAL),
    STEP(DESK, ENTER_IN_ERROR, ACTIVE | ENDED, TO(ENTERED_IN_ERROR), ENDS_ATTEMPT,
         .reason = NEED_OPTIONAL),
    STEP(SERVER, OVERDUE, ACTIVE, ASSIGNMENT_SAME, .custody = CUSTODY_STAYS),
    STEP(SERVER, HAND_OVER, ACTIVE, ASSIGNMENT_SAME, .custody = CUSTODY_STAYS),
    STEP(ORIGIN, REWRAP, ACTIVE, ASSIGNMENT_SAME, .custody = CUSTODY_STAYS, .is_unlisted = true),
    STEP(DESTINATION, REWRAP, ACTIVE, ASSIGNMENT_SAME, .custody = CUSTODY_STAYS,
         .is_unlisted = true),
    STEP(ORIGIN, REASSIGN, IN(TO_REASSIGN), REFERRAL_OPEN, .of_referral = true,
         .custody = CUSTODY_ORIGIN,
         .stops = CLOCK(REASSIGN)),
    STEP(DESK, REASSIGN, IN(TO_REASSIGN), REFERRAL_TO_REASSIGN, .of_referral = true,
         .overdue_min = 3),
    STEP(ORIGIN, ABANDON, IN(TO_REASSIGN), REFERRAL_ABANDONED, .of_referral = true,
         .custody = CUSTODY_NOBODY, .stops = EVERY_CLOCK, .reason = NEED_REQUIRED),
    STEP(DESK, ABANDON, IN(TO_REASSIGN), REFERRAL_ABANDONED, .of_referral = true, .overdue_min = 3,
         .custody = CUSTODY_NOBODY, .stops = EVERY_CLOCK, .reason = NEED_REQUIRED),
    STEP(ORIGIN, WIDEN, IN(OPEN), REFERRAL_OPEN, .of_referral = true, ARMS(WIDEN)),
    STEP(SERVER, WIDEN, IN(OPEN), REFERRAL_OPEN, .of_referral = true, ARMS(WIDEN)),
};
/* clang-format on */

#define STEP_COUNT (sizeof STEPS / sizeof STEPS[0])

static const char *const STATES[ASSIGNMENT_STATE_COUNT + 1] = {
    "",           "DRAFT",       "SUBMITTED",        "DELIVERED", "INFO_REQUESTED",  "ACCEPTED",
    "SCHEDULED",  "IN_PROGRESS", "CANCEL_REQUESTED", "REPORTED",  "CLOSED",          "DECLINED",
    "REDIRECTED", "WITHDRAWN",   "CANCELLED",        "FAILED",    "ENTERED_IN_ERROR"};

static const char *const STATUSES[REFERRAL_STATUS_COUNT + 1] = {"", "OPEN", "TO_REASSIGN",
                                                                "FULFILLED", "ABANDONED"};

static const char *const EVENTS[REFERRAL_EVENT_COUNT + 1] = {"",
                                                             "CREATE",
                                                             "DISCARD",
                                                             "SUBMIT",
                                                             "DELIVER",
                                                             "ASK_INFO",
                                                             "ANSWER_INFO",
                                                             "ACCEPT",
                                                             "DECLINE",
                                                             "REDIRECT",
                                                             "RECALL",
                                                             "CLOSE_BY_DESK",
                                                             "SCHEDULE",
                                                             "NO_SHOW",
                                                             "CANCEL_VISIT",
                                                             "START",
                                                             "REPORT",
                                                             "ACKNOWLEDGE",
                                                             "DISPUTE",
                                                             "WITHDRAW",
                                                             "REQUEST_CANCEL",
                                                             "CONFIRM_CANCEL",
                                                             "REFUSE_CANCEL",
                                                             "FAIL",
                                                             "ENTER_IN_ERROR",
                                                             "REASSIGN",
                                                             "ABANDON",
                                                             "WIDEN",
                                                             "OVERDUE",
                                                             "HAND_OVER",
                                                             "REWRAP"};

static const char *const CLOCKS[REFERRAL_CLOCK_COUNT + 1] = {
    "",       "DELIVER",     "DECIDE", "ANSWER",   "SCHEDULE", "REBOOK",
    "REPORT", "ACKNOWLEDGE", "CANCEL", "REASSIGN", "WIDEN"};

const struct referral_step *referral_step_at(size_t index)
{
    return index < STEP_COUNT ? &STEPS[index] : NULL;
}

const struct referral_step *referral_step_find(enum referral_event event, enum party party)
{
    for (size_t i = 0; i < STEP_COUNT; i++) {
        if (STEPS[i].event == event && STEPS[i].party == party)
            return &STEPS[i];
    }
    return NULL;
}

bool referral_step_is_legal(const struct referral_step *step, int from, int overdue_level)
{
    int count = step->of_referral ? REFERRAL_STATUS_COUNT : ASSIGNMENT_STATE_COUNT;
    return from >= 0 && from <= count && (step->from & (1u << (unsigned)from)) != 0 &&
           overdue_level >= step->overdue_min;
}

static size_t allowed(enum party party, bool of_referral, const int position[2],
                      enum referral_event ret_events[REFERRAL_EVENT_COUNT])
{
    const struct referral_step *of_event[REFERRAL_EVENT_COUNT + 1] = {NULL};
    size_t count = 0;
    for (size_t i = 0; i < STEP_COUNT; i++) {
        const struct referral_step *step = &STEPS[i];
        if (step->party == party && step->of_referral == of_referral && !step->is_unlisted &&
            referral_step_is_legal(step, position[0], position[1]))
            of_event[step->event] = step;
    }
    for (int event = REFERRAL_CREATE; event <= REFERRAL_EVENT_COUNT; event++) {
        if (of_event[event] != NULL)
            ret_events[count++] = (enum referral_event)event;
    }
    return count;
}

size_t referral_step_allowed(enum party party, int state, int overdue_level,
                             enum referral_event ret_events[REFERRAL_EVENT_COUNT])
{
    return allowed(party, false, (const int[2]){state, overdue_level}, ret_events);
}

size_t referral_step_allowed_whole(enum party party, int status, int overdue_level,
                                   enum referral_event ret_events[REFERRAL_EVENT_COUNT])
{
    return allowed(party, true, (const int[2]){status, overdue_level}, ret_events);
}

/* Every column of every row as text, one row a line. */
void referral_step_hash(uint8_t ret_hash[32])
{
    crypto_hash_sha256_state state;
    char line[160];
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < STEP_COUNT; i++) {
        const struct referral_step *step = &STEPS[i];
        int length = snprintf(line, sizeof line, "%d %d %u %d %d %d %d %d %u %d %d %d %d\n",
                              step->event, step->party, step->from, step->to, step->of_referral,
                              step->overdue_min, step->custody, step->arms, step->stops, step->note,
                              step->reason, step->times_max, step->is_unlisted);
        crypto_hash_sha256_update(&state, (const unsigned char *)line, (unsigned long long)length);
    }
    crypto_hash_sha256_final(&state, ret_hash);
}

bool assignment_is_active(int state)
{
    return state > ASSIGNMENT_NONE && state <= ASSIGNMENT_ACTIVE_COUNT;
}

static const char *code_of(const char *const *codes, int count, int number)
{
    return number > 0 && number <= count ? codes[number] : "";
}

static int find_code(const char *const *codes, int count, const char *code)
{
    for (int number = 1; number <= count; number++) {
        if (strcmp(codes[number], code) == 0)
            return number;
    }
    return 0;
}

const char *assignment_state_code(int state)
{
    return code_of(STATES, ASSIGNMENT_STATE_COUNT, state);
}

const char *referral_status_code(int status)
{
    return code_of(STATUSES, REFERRAL_STATUS_COUNT, status);
}

const char *referral_event_code(int event)
{
    return code_of(EVENTS, REFERRAL_EVENT_COUNT, event);
}

const char *referral_clock_code(int clock)
{
    return code_of(CLOCKS, REFERRAL_CLOCK_COUNT, clock);
}

int assignment_state_find(const char *code)
{
    return find_code(STATES, ASSIGNMENT_STATE_COUNT, code);
}

int referral_status_find(const char *code)
{
    return find_code(STATUSES, REFERRAL_STATUS_COUNT, code);
}

int referral_event_find(const char *code)
{
    return find_code(EVENTS, REFERRAL_EVENT_COUNT, code);
}

int referral_clock_find(const char *code)
{
    return find_code(CLOCKS, REFERRAL_CLOCK_COUNT, code);
}
