/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/referral_step.h"

#include <string.h>

#include "support/unit.h"

static void test_referral_step__only_a_mistake_is_said_of_what_has_ended(void)
{
    for (size_t i = 0; referral_step_at(i) != NULL; i++) {
        const struct referral_step *step = referral_step_at(i);
        for (int state = ASSIGNMENT_ACTIVE_COUNT + 1; state <= ASSIGNMENT_STATE_COUNT; state++) {
            bool legal = !step->of_referral && referral_step_is_legal(step, state, 3);
            CU_ASSERT_TRUE(!legal || step->event == REFERRAL_ENTER_IN_ERROR);
        }
    }
}

static void test_referral_step__a_party_has_one_row_for_an_event(void)
{
    for (size_t i = 0; referral_step_at(i) != NULL; i++) {
        const struct referral_step *step = referral_step_at(i);
        CU_ASSERT_PTR_EQUAL(referral_step_find(step->event, step->party), step);
        CU_ASSERT_NOT_EQUAL(step->from, 0);
    }
}

static void test_referral_step__the_desk_acts_only_on_what_is_three_times_overdue(void)
{
    const struct referral_step *recall = referral_step_find(REFERRAL_RECALL, PARTY_DESK);
    CU_ASSERT_FALSE(referral_step_is_legal(recall, ASSIGNMENT_ACCEPTED, 2));
    CU_ASSERT_TRUE(referral_step_is_legal(recall, ASSIGNMENT_ACCEPTED, 3));
    CU_ASSERT_FALSE(referral_step_is_legal(recall, ASSIGNMENT_DELIVERED, 3));
}

static void test_referral_step__what_ends_an_attempt_stops_its_clocks(void)
{
    for (size_t i = 0; referral_step_at(i) != NULL; i++) {
        const struct referral_step *step = referral_step_at(i);
        if (step->of_referral || step->to <= ASSIGNMENT_ACTIVE_COUNT || step->party == PARTY_NONE ||
            step->event == REFERRAL_DISCARD)
            continue;
        for (int clock = 1; clock <= REFERRAL_CLOCK_COUNT; clock++)
            CU_ASSERT_TRUE((step->stops & (1u << (unsigned)clock)) != 0);
    }
}

static void test_referral_step__allowed_events_are_those_of_the_table(void)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    size_t count = referral_step_allowed(PARTY_DESTINATION, ASSIGNMENT_REPORTED, 0, events);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_EQUAL(events[0], REFERRAL_FAIL);
    count = referral_step_allowed(PARTY_ORIGIN, ASSIGNMENT_REPORTED, 0, events);
    CU_ASSERT_EQUAL_FATAL(count, 3);
    CU_ASSERT_EQUAL(events[0], REFERRAL_ACKNOWLEDGE);
    CU_ASSERT_EQUAL(events[1], REFERRAL_DISPUTE);
    CU_ASSERT_EQUAL(events[2], REFERRAL_ENTER_IN_ERROR);
    count = referral_step_allowed_whole(PARTY_ORIGIN, REFERRAL_TO_REASSIGN, 0, events);
    CU_ASSERT_EQUAL_FATAL(count, 2);
    CU_ASSERT_EQUAL(events[1], REFERRAL_ABANDON);
    CU_ASSERT_EQUAL(referral_step_allowed(PARTY_NONE, ASSIGNMENT_REPORTED, 3, events), 0);
}

static void test_referral_step__new_keys_are_for_both_sides_and_told_to_neither(void)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    for (int party = PARTY_ORIGIN; party <= PARTY_COUNT; party++) {
        const struct referral_step *step = referral_step_find(REFERRAL_REWRAP, (enum party)party);
        bool is_side = party == PARTY_ORIGIN || party == PARTY_DESTINATION;
        CU_ASSERT_EQUAL(step != NULL, is_side);
        for (int state = 1; state <= ASSIGNMENT_STATE_COUNT; state++) {
            bool is_legal = step != NULL && referral_step_is_legal(step, state, 0);
            CU_ASSERT_EQUAL(is_legal,
                            is_side && assignment_is_active(state) && state != ASSIGNMENT_DRAFT);
            size_t count = referral_step_allowed((enum party)party, state, 3, events);
            for (size_t i = 0; i < count; i++)
                CU_ASSERT_NOT_EQUAL(events[i], REFERRAL_REWRAP);
        }
    }
}

static void test_referral_step__codes_and_numbers_are_inverse(void)
{
    for (int state = 1; state <= ASSIGNMENT_STATE_COUNT; state++)
        CU_ASSERT_EQUAL(assignment_state_find(assignment_state_code(state)), state);
    for (int event = 1; event <= REFERRAL_EVENT_COUNT; event++)
        CU_ASSERT_EQUAL(referral_event_find(referral_event_code(event)), event);
    for (int clock = 1; clock <= REFERRAL_CLOCK_COUNT; clock++)
        CU_ASSERT_EQUAL(referral_clock_find(referral_clock_code(clock)), clock);
    for (int status = 1; status <= REFERRAL_STATUS_COUNT; status++)
        CU_ASSERT_EQUAL(referral_status_find(referral_status_code(status)), status);
    CU_ASSERT_EQUAL(assignment_state_find("LOST"), 0);
    CU_ASSERT_STRING_EQUAL(referral_event_code(0), "");
    CU_ASSERT_STRING_EQUAL(assignment_state_code(ASSIGNMENT_PREVIOUS), "");
}

static void test_referral_step__the_hash_is_that_of_the_table(void)
{
    uint8_t first[32];
    uint8_t second[32];
    referral_step_hash(first);
    referral_step_hash(second);
    CU_ASSERT_EQUAL(memcmp(first, second, sizeof first), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_referral_step__only_a_mistake_is_said_of_what_has_ended),
    UNIT_TEST(test_referral_step__a_party_has_one_row_for_an_event),
    UNIT_TEST(test_referral_step__the_desk_acts_only_on_what_is_three_times_overdue),
    UNIT_TEST(test_referral_step__what_ends_an_attempt_stops_its_clocks),
    UNIT_TEST(test_referral_step__allowed_events_are_those_of_the_table),
    UNIT_TEST(test_referral_step__new_keys_are_for_both_sides_and_told_to_neither),
    UNIT_TEST(test_referral_step__codes_and_numbers_are_inverse),
    UNIT_TEST(test_referral_step__the_hash_is_that_of_the_table),
};

UNIT_MAIN("wire/referral_step")
