/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "support/unit.h"
#include "wire/reason.h"

static void test_reason__names_are_unique_upper_snake_words(void)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        const char *name = reason_name((enum reason)i);
        CU_ASSERT_EQUAL(strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"), strlen(name));
        CU_ASSERT_TRUE(strlen(name) < CPTS_REASON_BYTES);
        CU_ASSERT_EQUAL(reason_find(name), (enum reason)i);
    }
}

static void test_reason__finds_nothing_for_other_words(void)
{
    CU_ASSERT_EQUAL(reason_find(""), REASON_COUNT);
    CU_ASSERT_EQUAL(reason_find("stale_version"), REASON_COUNT);
    CU_ASSERT_EQUAL(reason_find("STALE_VERSION_"), REASON_COUNT);
}

static void test_reason__every_row_is_a_failure(void)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        cpts_status status = reason_status((enum reason)i);
        CU_ASSERT_TRUE(status > CPTS_OK && status <= CPTS_UNAUTHENTICATED);
    }
}

static void test_reason__knows_what_may_be_repeated(void)
{
    CU_ASSERT_EQUAL(reason_status(REASON_STALE_VERSION), CPTS_ABORTED);
    CU_ASSERT_FALSE(reason_retryable(REASON_STALE_VERSION));
    CU_ASSERT_EQUAL(reason_status(REASON_QUEUE_FULL), CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_TRUE(reason_retryable(REASON_QUEUE_FULL));
    CU_ASSERT_TRUE(reason_retryable(REASON_OUTCOME_UNKNOWN));
}

static void test_reason__a_value_outside_the_table_is_internal(void)
{
    CU_ASSERT_STRING_EQUAL(reason_name(REASON_COUNT), "INTERNAL_ERROR");
    CU_ASSERT_EQUAL(reason_status(REASON_COUNT), CPTS_INTERNAL);
}

static void test_status__has_a_name_for_every_value(void)
{
    CU_ASSERT_STRING_EQUAL(cpts_status_name(CPTS_OK), "OK");
    CU_ASSERT_STRING_EQUAL(cpts_status_name(CPTS_NOT_FOUND), "NOT_FOUND");
    CU_ASSERT_STRING_EQUAL(cpts_status_name(CPTS_UNAUTHENTICATED), "UNAUTHENTICATED");
    CU_ASSERT_STRING_EQUAL(cpts_status_name((cpts_status)17), "UNRECOGNISED");
    CU_ASSERT_STRING_EQUAL(cpts_status_name((cpts_status)-1), "UNRECOGNISED");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_reason__names_are_unique_upper_snake_words),
    UNIT_TEST(test_reason__finds_nothing_for_other_words),
    UNIT_TEST(test_reason__every_row_is_a_failure),
    UNIT_TEST(test_reason__knows_what_may_be_repeated),
    UNIT_TEST(test_reason__a_value_outside_the_table_is_internal),
    UNIT_TEST(test_status__has_a_name_for_every_value),
};

UNIT_MAIN("wire/reason")
