/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"
#include "wire/json_parts.h"

static void assert_timestamp(const char *text, int64_t seconds, int32_t nanos)
{
    int64_t seen_seconds = -1;
    int32_t seen_nanos = -1;
    CU_ASSERT_TRUE_FATAL(json_timestamp_parse(text, &seen_seconds, &seen_nanos));
    CU_ASSERT_EQUAL(seen_seconds, seconds);
    CU_ASSERT_EQUAL(seen_nanos, nanos);
}

static void test_json_time__reads_timestamps(void)
{
    assert_timestamp("1970-01-01T00:00:00Z", 0, 0);
    assert_timestamp("2026-06-30T22:00:00Z", 1782856800, 0);
    assert_timestamp("2026-07-01T00:00:00.5+02:00", 1782856800, 500000000);
    assert_timestamp("2026-06-30T20:30:00-01:30", 1782856800, 0);
    assert_timestamp("2024-02-29T00:00:00.000000001Z", 1709164800, 1);
    assert_timestamp("0001-01-01T00:00:00Z", -62135596800, 0);
    assert_timestamp("9999-12-31T23:59:59.999999999Z", 253402300799, 999999999);
}

static void test_json_time__refuses_other_texts_and_leaves_the_outputs(void)
{
    static const char *const TEXTS[] = {
        "",
        "2026-06-30",
        "2026-06-30T22:00:00",
        "2026-06-30 22:00:00Z",
        "2026-06-30T22:00:00z",
        "2026-06-30T22:00:00.Z",
        "2026-06-30T22:00:00.1234567890Z",
        "2026-06-30T22:00:00ZZ",
        "2026-06-30T22:00:00+2:00",
        "2026-06-30T22:00:00+02:00Z",
        "2026-06-31T22:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-06-30T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "-2026-06-30T22:00:00Z",
        "+026-06-30T22:00:00Z",
    };
    int64_t seconds = 77;
    int32_t nanos = 88;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        CU_ASSERT_FALSE(json_timestamp_parse(TEXTS[i], &seconds, &nanos));
    CU_ASSERT_EQUAL(seconds, 77);
    CU_ASSERT_EQUAL(nanos, 88);
}

static void test_json_time__formats_only_times_with_a_form(void)
{
    char text[JSON_TIME_BYTES] = "before";
    CU_ASSERT_FALSE(json_timestamp_format(253402300800, 0, text));
    CU_ASSERT_FALSE(json_timestamp_format(-62135596801, 0, text));
    CU_ASSERT_FALSE(json_timestamp_format(0, -1, text));
    CU_ASSERT_FALSE(json_timestamp_format(0, 1000000000, text));
    CU_ASSERT_FALSE(json_duration_format(315576000001, 0, text));
    CU_ASSERT_FALSE(json_duration_format(1, -1, text));
    CU_ASSERT_FALSE(json_duration_format(INT64_MIN, 0, text));
    CU_ASSERT_STRING_EQUAL(text, "before");
    CU_ASSERT_TRUE(json_timestamp_format(-62135596800, 999999999, text));
    CU_ASSERT_STRING_EQUAL(text, "0001-01-01T00:00:00.999999999Z");
}

static void assert_duration(const char *text, int64_t seconds, int32_t nanos)
{
    int64_t seen_seconds = -1;
    int32_t seen_nanos = -1;
    char again[JSON_TIME_BYTES];
    CU_ASSERT_TRUE_FATAL(json_duration_parse(text, &seen_seconds, &seen_nanos));
    CU_ASSERT_EQUAL(seen_seconds, seconds);
    CU_ASSERT_EQUAL(seen_nanos, nanos);
    CU_ASSERT_TRUE(json_duration_format(seconds, nanos, again));
    CU_ASSERT_STRING_EQUAL(again, text);
}

static void test_json_time__durations_go_there_and_back(void)
{
    assert_duration("0s", 0, 0);
    assert_duration("3.500s", 3, 500000000);
    assert_duration("-3.000001s", -3, -1000);
    assert_duration("-0.500s", 0, -500000000);
    assert_duration("315576000000s", 315576000000, 0);
}

static void test_json_time__refuses_other_durations(void)
{
    static const char *const TEXTS[] = {"",
                                        "s",
                                        "3",
                                        "3.s",
                                        ".5s",
                                        "+3s",
                                        "3 s",
                                        "--3s",
                                        "3.1234567890s",
                                        "3sec",
                                        "0x3s",
                                        "315576000001s",
                                        "99999999999999999999s"};
    int64_t seconds = 77;
    int32_t nanos = 88;
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        CU_ASSERT_FALSE(json_duration_parse(TEXTS[i], &seconds, &nanos));
    CU_ASSERT_EQUAL(seconds, 77);
    CU_ASSERT_EQUAL(nanos, 88);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_json_time__reads_timestamps),
    UNIT_TEST(test_json_time__refuses_other_texts_and_leaves_the_outputs),
    UNIT_TEST(test_json_time__formats_only_times_with_a_form),
    UNIT_TEST(test_json_time__durations_go_there_and_back),
    UNIT_TEST(test_json_time__refuses_other_durations),
};

UNIT_MAIN("wire/json_time")
