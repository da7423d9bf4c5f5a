/* SPDX-License-Identifier: Apache-2.0 */
#include "course.h"

#include <string.h>

#include "support/unit.h"

static struct course course;
static struct cpts_error err;
static cpts_status status;

static void begin(bool is_command)
{
    course = (struct course){
        .policy = {.retry_max = 2, .pause_ms = 100}, .end_ms = 10000, .is_command = is_command};
}

/* An attempt ended without a word of the server. */
static int32_t fail(cpts_status with, bool is_sent, int64_t now_ms)
{
    struct course_step step = {
        .status = with, .is_sent = is_sent, .now_ms = now_ms, .random = UINT32_MAX};
    err = (struct cpts_error){.status = with, .message = "gone"};
    return cpts_course__step(&course, &step, &status, &err);
}

static void test_course__success_ends_it(void)
{
    struct course_step step = {.status = CPTS_OK};
    begin(true);
    CU_ASSERT_EQUAL(cpts_course__step(&course, &step, &status, &err), COURSE_OVER);
    CU_ASSERT_EQUAL(status, CPTS_OK);
}

static void test_course__pauses_until_tries_are_out(void)
{
    begin(false);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, false, 0), 100);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, false, 0), 200);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, false, 0), COURSE_OVER);
    CU_ASSERT_EQUAL(status, CPTS_UNAVAILABLE);
    CU_ASSERT_EQUAL(course.attempt_count, 3);
}

static void test_course__no_pause_goes_beyond_the_deadline(void)
{
    begin(false);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, false, 9900), COURSE_OVER);
    begin(false);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, false, 9899), 100);
}

static void test_course__a_doubt_outlives_later_attempts(void)
{
    begin(true);
    CU_ASSERT_EQUAL(fail(CPTS_UNAVAILABLE, true, 0), 100);
    CU_ASSERT_EQUAL(fail(CPTS_DEADLINE_EXCEEDED, false, 0), COURSE_OVER);
    CU_ASSERT_EQUAL(status, CPTS_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(err.reason, "OUTCOME_UNKNOWN");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "gone"));
}

static void test_course__a_read_leaves_no_doubt(void)
{
    begin(false);
    CU_ASSERT_EQUAL(fail(CPTS_DEADLINE_EXCEEDED, true, 0), COURSE_OVER);
    CU_ASSERT_EQUAL(status, CPTS_DEADLINE_EXCEEDED);
}

static void test_course__cancelling_is_honest(void)
{
    begin(true);
    CU_ASSERT_EQUAL(cpts_course__cancel(&course, &err), CPTS_CANCELLED);
    CU_ASSERT_STRING_EQUAL(err.reason, "CANCELLED");
    fail(CPTS_UNAVAILABLE, true, 0);
    CU_ASSERT_EQUAL(cpts_course__cancel(&course, &err), CPTS_UNKNOWN);
}

static void test_course__there_is_always_some_time_left(void)
{
    begin(false);
    CU_ASSERT_EQUAL(cpts_course__left_ms(&course, 4000), 6000);
    CU_ASSERT_EQUAL(cpts_course__left_ms(&course, 10000), 1);
    CU_ASSERT_EQUAL(cpts_course__left_ms(&course, 20000), 1);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_course__success_ends_it),
    UNIT_TEST(test_course__pauses_until_tries_are_out),
    UNIT_TEST(test_course__no_pause_goes_beyond_the_deadline),
    UNIT_TEST(test_course__a_doubt_outlives_later_attempts),
    UNIT_TEST(test_course__a_read_leaves_no_doubt),
    UNIT_TEST(test_course__cancelling_is_honest),
    UNIT_TEST(test_course__there_is_always_some_time_left),
};

UNIT_MAIN("sdk/course")
