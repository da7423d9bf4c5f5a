/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/mission_status.h"

#include <string.h>

#include "support/unit.h"

static void test_mission_status__codes_both_ways(void)
{
    for (int status = MISSION_PLANNED; status <= MISSION_STATUS_COUNT; status++)
        CU_ASSERT_EQUAL((int)mission_status_find(mission_status_code(status)), status);
    CU_ASSERT_EQUAL(mission_status_find(""), MISSION_NONE);
    CU_ASSERT_EQUAL(mission_status_find("DONE"), MISSION_NONE);
    CU_ASSERT_STRING_EQUAL(mission_status_code(0), "");
    CU_ASSERT_STRING_EQUAL(mission_status_code(5), "");
}

static bool is_legal(int from, int to)
{
    const char *const *sources = NULL;
    size_t count = mission_status_sources(to, &sources);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sources[i], mission_status_code(from)) == 0)
            return true;
    }
    return false;
}

/* The legal steps, written down once more: rows from (none first), columns to. */
static void test_mission_status__every_step(void)
{
    static const char *const LEGAL[MISSION_STATUS_COUNT + 1] = {"xx..", ".x.x", "..xx", "...x",
                                                                "xx.."};
    for (int from = 0; from <= MISSION_STATUS_COUNT; from++) {
        for (int to = 1; to <= MISSION_STATUS_COUNT; to++)
            CU_ASSERT_EQUAL(is_legal(from, to), LEGAL[from][to - 1] == 'x');
    }
}

static void test_mission_status__nothing_leads_to_an_unknown_status(void)
{
    const char *const *texts = NULL;
    CU_ASSERT_EQUAL(mission_status_sources(0, &texts), 0);
    CU_ASSERT_EQUAL(mission_status_sources(9, &texts), 0);
    CU_ASSERT_EQUAL(mission_status_clocks(9, &texts), 0);
}

static void test_mission_status__clocks_that_stop(void)
{
    const char *const *kinds = NULL;
    CU_ASSERT_EQUAL(mission_status_clocks(MISSION_PLANNED, &kinds), 0);
    CU_ASSERT_EQUAL(mission_status_clocks(MISSION_STARTED, &kinds), 1);
    CU_ASSERT_STRING_EQUAL(kinds[0], "MISSION_START");
    CU_ASSERT_EQUAL(mission_status_clocks(MISSION_DEPLOYED, &kinds), 2);
    CU_ASSERT_EQUAL(mission_status_clocks(MISSION_STOPPED, &kinds), 0);
}

static void check_code(const char *code, const char *reason)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(mission_code_check(code, &err) == CPTS_OK, reason[0] == '\0');
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, reason[0] == '\0' ? "" : "mission");
}

static void test_mission_status__codes_of_missions_by_shape(void)
{
    check_code("parcours", "");
    check_code("a_mission_of_forty_letters_and_lines_xxx", "");
    check_code("a_mission_of_forty_letters_and_lines_xxxx", "FIELD_INVALID");
    check_code("", "FIELD_REQUIRED");
    check_code("Parcours", "FIELD_INVALID");
    check_code("parcours 2", "FIELD_INVALID");
}

static const struct mission_step STEPS[] = {
    {"parcours", MISSION_PLANNED, "2024-01-10"}, {"prevention", MISSION_STARTED, "2024-01-20"},
    {"parcours", MISSION_STARTED, "2024-02-01"}, {"parcours", MISSION_DEPLOYED, "2024-02-15"},
    {"parcours", MISSION_STOPPED, "2024-03-01"}, {"parcours", MISSION_STARTED, "2024-03-01"},
    {"parcours", MISSION_STOPPED, "2024-03-11"},
};

static int days(const char *from, const char *to)
{
    return mission_days(STEPS, sizeof STEPS / sizeof STEPS[0], "parcours", from, to);
}

/* Carried from 1 February to 11 March 2024: 29 + 10 days. */
static void test_mission_status__days_on_which_it_was_carried(void)
{
    CU_ASSERT_EQUAL(days("2024-01-01", "2025-01-01"), 39);
    CU_ASSERT_EQUAL(days("2024-02-10", "2024-02-20"), 10);
    CU_ASSERT_EQUAL(days("2024-02-28", "2024-03-02"), 3);
    CU_ASSERT_EQUAL(days("2024-03-11", "2025-01-01"), 0);
    CU_ASSERT_EQUAL(days("2023-01-01", "2024-02-01"), 0);
    CU_ASSERT_EQUAL(days("2024-03-10", "2024-03-10"), 0);
    CU_ASSERT_EQUAL(mission_days(STEPS, 2, "prevention", "2024-01-01", "2025-01-01"), 347);
    CU_ASSERT_EQUAL(mission_days(STEPS, 0, "parcours", "2024-01-01", "2025-01-01"), 0);
}

static enum mission_status at(const char *date, bool is_before)
{
    return mission_status_at(STEPS, sizeof STEPS / sizeof STEPS[0], "parcours", date, is_before);
}

static void test_mission_status__where_it_stands_on_a_day(void)
{
    CU_ASSERT_EQUAL(at("2024-01-09", false), MISSION_NONE);
    CU_ASSERT_EQUAL(at("2024-01-10", true), MISSION_NONE);
    CU_ASSERT_EQUAL(at("2024-01-10", false), MISSION_PLANNED);
    CU_ASSERT_EQUAL(at("2024-03-01", true), MISSION_DEPLOYED);
    CU_ASSERT_EQUAL(at("2024-03-01", false), MISSION_STARTED);
    CU_ASSERT_EQUAL(at("2024-12-31", false), MISSION_STOPPED);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_mission_status__codes_both_ways),
    UNIT_TEST(test_mission_status__every_step),
    UNIT_TEST(test_mission_status__nothing_leads_to_an_unknown_status),
    UNIT_TEST(test_mission_status__clocks_that_stop),
    UNIT_TEST(test_mission_status__codes_of_missions_by_shape),
    UNIT_TEST(test_mission_status__days_on_which_it_was_carried),
    UNIT_TEST(test_mission_status__where_it_stands_on_a_day),
};

UNIT_MAIN("domain/mission_status")
