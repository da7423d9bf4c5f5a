/* SPDX-License-Identifier: Apache-2.0 */
#include "retry.h"

#include "support/unit.h"

static const struct retry_policy POLICY = {.retry_max = 3, .pause_ms = 100};

static void test_retry__only_unavailable_is_made_again(void)
{
    for (int status = CPTS_CANCELLED; status <= CPTS_UNAUTHENTICATED; status++) {
        struct cpts_error err = {.status = (cpts_status)status, .retryable = true};
        CU_ASSERT_EQUAL(cpts_retry__is_wanted(&POLICY, 0, &err, true), status == CPTS_UNAVAILABLE);
    }
}

static void test_retry__cancelled_without_a_word_of_the_server_is_made_again(void)
{
    struct cpts_error err = {.status = CPTS_CANCELLED};
    CU_ASSERT_TRUE(cpts_retry__is_wanted(&POLICY, 0, &err, false));
    CU_ASSERT_FALSE(cpts_retry__is_wanted(&POLICY, 0, &err, true));
    CU_ASSERT_TRUE(cpts_retry__is_doubtful(CPTS_CANCELLED, true, false));
    CU_ASSERT_FALSE(cpts_retry__is_doubtful(CPTS_CANCELLED, false, false));
}

static void test_retry__exhausted_is_made_again_when_told_when(void)
{
    struct cpts_error err = {.status = CPTS_RESOURCE_EXHAUSTED, .retryable = true};
    CU_ASSERT_FALSE(cpts_retry__is_wanted(&POLICY, 0, &err, false));
    err.retry_after_ms = 10;
    CU_ASSERT_TRUE(cpts_retry__is_wanted(&POLICY, 0, &err, false));
}

static void test_retry__ends_after_its_repetitions(void)
{
    struct cpts_error err = {.status = CPTS_UNAVAILABLE};
    CU_ASSERT_TRUE(cpts_retry__is_wanted(&POLICY, 2, &err, false));
    CU_ASSERT_FALSE(cpts_retry__is_wanted(&POLICY, 3, &err, false));
}

static void test_retry__pauses_between_nothing_and_a_doubling_ceiling(void)
{
    static const int32_t CEILINGS[] = {100, 200, 400, 800, 1600, 2000, 2000};
    struct cpts_error err = {.status = CPTS_UNAVAILABLE};
    for (int32_t attempt = 0; attempt < 7; attempt++) {
        CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, attempt, &err, 0), 0);
        CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, attempt, &err, UINT32_MAX),
                        CEILINGS[attempt]);
    }
    CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, RETRY_COUNT_MAX, &err, UINT32_MAX),
                    RETRY_PAUSE_MAX_MS);
}

static void test_retry__waits_at_least_as_long_as_told(void)
{
    struct cpts_error err = {.status = CPTS_UNAVAILABLE, .retry_after_ms = 5000};
    CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, 0, &err, 0), 5000);
    CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, 0, &err, UINT32_MAX), 5100);
    err.retry_after_ms = INT32_MAX;
    CU_ASSERT_EQUAL(cpts_retry__pause_ms(&POLICY, 0, &err, UINT32_MAX), INT32_MAX);
}

static void test_retry__a_lost_answer_leaves_a_doubt(void)
{
    CU_ASSERT_TRUE(cpts_retry__is_doubtful(CPTS_UNAVAILABLE, true, false));
    CU_ASSERT_TRUE(cpts_retry__is_doubtful(CPTS_DEADLINE_EXCEEDED, true, false));
    CU_ASSERT_FALSE(cpts_retry__is_doubtful(CPTS_UNAVAILABLE, false, false));
    CU_ASSERT_FALSE(cpts_retry__is_doubtful(CPTS_OK, true, false));
}

static void test_retry__the_servers_word_leaves_none_but_unknown(void)
{
    CU_ASSERT_FALSE(cpts_retry__is_doubtful(CPTS_UNAVAILABLE, true, true));
    CU_ASSERT_FALSE(cpts_retry__is_doubtful(CPTS_ABORTED, true, true));
    CU_ASSERT_TRUE(cpts_retry__is_doubtful(CPTS_UNKNOWN, true, true));
}

static void test_retry__not_now_settles_nothing(void)
{
    CU_ASSERT_TRUE(cpts_retry__settles(CPTS_OK, false));
    CU_ASSERT_TRUE(cpts_retry__settles(CPTS_ALREADY_EXISTS, true));
    CU_ASSERT_TRUE(cpts_retry__settles(CPTS_ABORTED, true));
    CU_ASSERT_FALSE(cpts_retry__settles(CPTS_ABORTED, false));
    CU_ASSERT_FALSE(cpts_retry__settles(CPTS_UNAVAILABLE, true));
    CU_ASSERT_FALSE(cpts_retry__settles(CPTS_RESOURCE_EXHAUSTED, true));
    CU_ASSERT_FALSE(cpts_retry__settles(CPTS_UNKNOWN, true));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_retry__only_unavailable_is_made_again),
    UNIT_TEST(test_retry__cancelled_without_a_word_of_the_server_is_made_again),
    UNIT_TEST(test_retry__exhausted_is_made_again_when_told_when),
    UNIT_TEST(test_retry__ends_after_its_repetitions),
    UNIT_TEST(test_retry__pauses_between_nothing_and_a_doubling_ceiling),
    UNIT_TEST(test_retry__waits_at_least_as_long_as_told),
    UNIT_TEST(test_retry__a_lost_answer_leaves_a_doubt),
    UNIT_TEST(test_retry__the_servers_word_leaves_none_but_unknown),
    UNIT_TEST(test_retry__not_now_settles_nothing),
};

UNIT_MAIN("sdk/retry")
