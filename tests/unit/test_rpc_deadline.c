/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/deadline.h"

#include "rpc/server.h"
#include "support/unit.h"

#define NS_PER_S 1000000000LL
#define NOW_NS (1000 * NS_PER_S)
#define UNTOUCHED (-7)

static int64_t deadline_ns;
static struct cpts_error error;

static cpts_status read_at(int64_t seconds, int32_t nanoseconds)
{
    gpr_timespec deadline = {
        .tv_sec = seconds, .tv_nsec = nanoseconds, .clock_type = GPR_CLOCK_MONOTONIC};
    deadline_ns = UNTOUCHED;
    return deadline_read(deadline, NOW_NS, &deadline_ns, &error);
}

static void test_rpc_deadline__leaves_time_for_the_answer(void)
{
    CU_ASSERT_EQUAL(read_at(1002, 500000000), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_ns, 1002 * NS_PER_S + 400000000);
    CU_ASSERT_EQUAL(read_at(1000, 80000000), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_ns, 1000 * NS_PER_S + 70000000);
}

static void test_rpc_deadline__is_at_most_ten_minutes(void)
{
    const int64_t latest_ns = NOW_NS + RPC_DEADLINE_MAX_NS - NS_PER_S / 10;
    CU_ASSERT_EQUAL(read_at(1600, 0), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_ns, latest_ns);
    CU_ASSERT_EQUAL(read_at(1601, 1), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_ns, latest_ns);
    CU_ASSERT_EQUAL(read_at(INT64_MAX - 1, 0), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_ns, latest_ns);
}

static void test_rpc_deadline__must_be_given(void)
{
    deadline_ns = UNTOUCHED;
    CU_ASSERT_EQUAL(
        deadline_read(gpr_inf_future(GPR_CLOCK_MONOTONIC), NOW_NS, &deadline_ns, &error),
        CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(error.reason, "DEADLINE_REQUIRED");
    CU_ASSERT_EQUAL(deadline_ns, UNTOUCHED);
}

static void test_rpc_deadline__must_not_have_passed(void)
{
    CU_ASSERT_EQUAL(read_at(1000, 0), CPTS_DEADLINE_EXCEEDED);
    CU_ASSERT_STRING_EQUAL(error.reason, "DEADLINE_PASSED");
    CU_ASSERT_EQUAL(deadline_ns, UNTOUCHED);
    CU_ASSERT_EQUAL(read_at(1000, 1), CPTS_OK);
    CU_ASSERT_EQUAL(deadline_read(gpr_inf_past(GPR_CLOCK_MONOTONIC), NOW_NS, &deadline_ns, &error),
                    CPTS_DEADLINE_EXCEEDED);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_deadline__leaves_time_for_the_answer),
    UNIT_TEST(test_rpc_deadline__is_at_most_ten_minutes),
    UNIT_TEST(test_rpc_deadline__must_be_given),
    UNIT_TEST(test_rpc_deadline__must_not_have_passed),
};

UNIT_MAIN("rpc_deadline")
