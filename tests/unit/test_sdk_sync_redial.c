/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_redial.h"

#include "support/unit.h"

static const struct cpts_error LOST = {.status = CPTS_UNAVAILABLE, .reason = "CONNECTION_FAILED"};

static void test_redial__ceilings_double_up_to_the_last(void)
{
    struct sync_redial redial = {.min_ms = 100, .max_ms = 350};
    const int32_t ceilings[] = {100, 200, 350, 350};
    for (int i = 0; i < 4; i++) {
        struct sync_redial other = redial;
        CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &LOST, false, (uint32_t)ceilings[i]),
                        ceilings[i]);
        CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&other, &LOST, false, (uint32_t)ceilings[i] + 1),
                        0);
    }
}

static void test_redial__something_exchanged_begins_again(void)
{
    struct sync_redial redial = {.min_ms = 100, .max_ms = 1000, .failure_count = 9};
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &LOST, true, 100), 100);
    CU_ASSERT_EQUAL(redial.failure_count, 1);
}

static void test_redial__never_before_the_other_side_said(void)
{
    struct sync_redial redial = {.min_ms = 100, .max_ms = 1000};
    struct cpts_error err = LOST;
    err.retry_after_ms = 5000;
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &err, true, 3), 5000);
}

static void test_redial__nobody_is_sent_away_for_ever(void)
{
    struct sync_redial redial = {.min_ms = 100, .max_ms = 1000};
    struct cpts_error err = LOST;
    err.retry_after_ms = INT32_MAX;
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &err, true, 3), 600000);
}

static void test_redial__what_people_mend_is_dialled_seldom(void)
{
    struct sync_redial redial = {.min_ms = 100, .max_ms = 1000};
    struct cpts_error err = {.status = CPTS_PERMISSION_DENIED, .reason = "NODE_SUSPENDED"};
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &err, false, 1000), 1000);
}

static void test_redial__who_has_its_own_back_dials_at_once(void)
{
    struct sync_redial redial = {.failure_count = 5};
    struct cpts_error err = {.status = CPTS_UNAVAILABLE, .reason = "NODE_RESTORED"};
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &err, true, 77), 0);
    CU_ASSERT_EQUAL(cpts_sync_redial__pause_ms(&redial, &err, false, 77), 77);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_redial__ceilings_double_up_to_the_last),
    UNIT_TEST(test_redial__something_exchanged_begins_again),
    UNIT_TEST(test_redial__never_before_the_other_side_said),
    UNIT_TEST(test_redial__nobody_is_sent_away_for_ever),
    UNIT_TEST(test_redial__what_people_mend_is_dialled_seldom),
    UNIT_TEST(test_redial__who_has_its_own_back_dials_at_once),
};

UNIT_MAIN("sync redial")
