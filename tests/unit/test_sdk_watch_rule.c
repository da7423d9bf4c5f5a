/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_rule.h"

#include <stdlib.h>

#include "support/unit.h"
#include "watch_queue.h"

static struct watch_course course_at(int64_t position)
{
    return (struct watch_course){.policy = {.retry_max = 0, .pause_ms = 100}, .position = position};
}

static void test_watch_rule__only_what_is_further_on_is_news(void)
{
    struct watch_course course = course_at(5);
    CU_ASSERT_FALSE(cpts_watch_rule__is_news(&course, 4, false, 1));
    CU_ASSERT_FALSE(cpts_watch_rule__is_news(&course, 5, false, 1));
    CU_ASSERT_FALSE(cpts_watch_rule__is_news(&course, 4, true, 1));
    CU_ASSERT_EQUAL(course.position, 5);
    CU_ASSERT_TRUE(cpts_watch_rule__is_news(&course, 5, true, 1));
    CU_ASSERT_TRUE(cpts_watch_rule__is_news(&course, 6, false, 1));
    CU_ASSERT_EQUAL(course.position, 6);
}

static void test_watch_rule__from_now_takes_the_first_bookmark_of_an_empty_log(void)
{
    struct watch_course course = course_at(WATCH_FROM_NOW);
    CU_ASSERT_TRUE(cpts_watch_rule__is_news(&course, 0, true, 1));
    CU_ASSERT_EQUAL(course.position, 0);
}

static void test_watch_rule__goes_on_unless_trying_again_cannot_mend_it(void)
{
    for (int status = CPTS_OK; status <= CPTS_UNAUTHENTICATED; status++) {
        struct watch_course course = course_at(1);
        struct cpts_error err = {.status = (cpts_status)status};
        bool is_broken = status == CPTS_OK || status == CPTS_CANCELLED ||
                         status == CPTS_DEADLINE_EXCEEDED || status == CPTS_UNAVAILABLE;
        CU_ASSERT_EQUAL(cpts_watch_rule__goes_on(&course, (cpts_status)status, true, &err),
                        is_broken);
        bool is_transports = is_broken || status == CPTS_INTERNAL || status == CPTS_UNKNOWN ||
                             status == CPTS_RESOURCE_EXHAUSTED;
        CU_ASSERT_EQUAL(cpts_watch_rule__goes_on(&course, (cpts_status)status, false, &err),
                        is_transports);
    }
}

static void test_watch_rule__exhausted_goes_on_when_told_or_once(void)
{
    struct watch_course course = course_at(1);
    struct cpts_error err = {.status = CPTS_RESOURCE_EXHAUSTED, .retryable = true};
    CU_ASSERT_TRUE(cpts_watch_rule__goes_on(&course, err.status, true, &err));
    course.failure_count = 1;
    CU_ASSERT_TRUE(cpts_watch_rule__goes_on(&course, err.status, true, &err));
    CU_ASSERT_FALSE(cpts_watch_rule__goes_on(&course, err.status, false, &err));
}

static void test_watch_rule__pauses_grow_until_there_is_an_event(void)
{
    struct watch_course course = course_at(1);
    struct cpts_error err = {.status = CPTS_UNAVAILABLE};
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1, UINT32_MAX), 100);
    CU_ASSERT_FALSE(cpts_watch_rule__is_interruption(&course));
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1, UINT32_MAX), 200);
    CU_ASSERT_TRUE(cpts_watch_rule__is_interruption(&course));
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1, UINT32_MAX), 400);
    CU_ASSERT_FALSE(cpts_watch_rule__is_interruption(&course));
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_TRUE(cpts_watch_rule__pause_ms(&course, &err, 1, UINT32_MAX) <=
                       RETRY_PAUSE_MAX_MS);
    CU_ASSERT_FALSE(cpts_watch_rule__is_news(&course, 1, false, 2));
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 3, UINT32_MAX), 100);
}

static void test_watch_rule__gives_up_after_its_time(void)
{
    struct watch_course course = course_at(1);
    struct cpts_error err = {.status = CPTS_UNAVAILABLE};
    course.heard_ms = 1000;
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1000000, 0), 0);
    course.give_up_ms = 500;
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1499, 0), 0);
    CU_ASSERT_EQUAL(cpts_watch_rule__pause_ms(&course, &err, 1500, 0), WATCH_OVER);
}

static struct watch_entry *entry_of(size_t byte_count, int64_t position)
{
    return cpts_watch_queue__message(malloc(byte_count), byte_count, position);
}

static void test_watch_queue__is_bounded_in_number_and_bytes(void)
{
    struct watch_queue queue;
    cpts_watch_queue__init(&queue, 3, 100);
    for (int i = 1; i <= 3; i++) {
        CU_ASSERT_TRUE(cpts_watch_queue__has_room(&queue));
        cpts_watch_queue__push(&queue, entry_of(10, i));
    }
    CU_ASSERT_FALSE(cpts_watch_queue__has_room(&queue));
    cpts_watch_queue__entry_free(cpts_watch_queue__pop(&queue));
    CU_ASSERT_TRUE(cpts_watch_queue__has_room(&queue));
    cpts_watch_queue__entry_free(cpts_watch_queue__pop(&queue));
    cpts_watch_queue__push(&queue, entry_of(90, 4));
    CU_ASSERT_FALSE(cpts_watch_queue__has_room(&queue));
    cpts_watch_queue__clear(&queue);
    CU_ASSERT_EQUAL(queue.byte_count, 0);
    CU_ASSERT_TRUE(cpts_watch_queue__has_room(&queue));
}

static void test_watch_queue__keeps_the_order_and_what_broke_it(void)
{
    struct watch_queue queue;
    struct cpts_error failure = {.reason = "SHUTTING_DOWN"};
    cpts_watch_queue__init(&queue, 9, 100);
    cpts_watch_queue__push(&queue, entry_of(1, 7));
    cpts_watch_queue__push(&queue, cpts_watch_queue__interruption(&failure, 42, 7));
    cpts_watch_queue__push(&queue, entry_of(1, 8));
    struct watch_entry *first = cpts_watch_queue__pop(&queue);
    struct watch_entry *second = cpts_watch_queue__pop(&queue);
    CU_ASSERT_EQUAL(first->log_position, 7);
    CU_ASSERT_PTR_NULL(first->failure);
    CU_ASSERT_STRING_EQUAL(second->failure->reason, "SHUTTING_DOWN");
    CU_ASSERT_EQUAL(second->instant_us, 42);
    CU_ASSERT_EQUAL(queue.first->log_position, 8);
    cpts_watch_queue__entry_free(first);
    cpts_watch_queue__entry_free(second);
    cpts_watch_queue__clear(&queue);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_watch_rule__only_what_is_further_on_is_news),
    UNIT_TEST(test_watch_rule__from_now_takes_the_first_bookmark_of_an_empty_log),
    UNIT_TEST(test_watch_rule__goes_on_unless_trying_again_cannot_mend_it),
    UNIT_TEST(test_watch_rule__exhausted_goes_on_when_told_or_once),
    UNIT_TEST(test_watch_rule__pauses_grow_until_there_is_an_event),
    UNIT_TEST(test_watch_rule__gives_up_after_its_time),
    UNIT_TEST(test_watch_queue__is_bounded_in_number_and_bytes),
    UNIT_TEST(test_watch_queue__keeps_the_order_and_what_broke_it),
};

UNIT_MAIN("sdk/watch_rule")
