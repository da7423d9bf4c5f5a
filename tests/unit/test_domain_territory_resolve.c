/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/territory_resolve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "domain/units.h"
#include "support/unit.h"
#include "wire/arena.h"

/* A small France: two communes, Lyon with two arrondissements, one old code. */
static struct units *small_france(void)
{
    static const struct unit UNITS[] = {
        {"01015", "", "84", "01", 30000, true, false, ""},
        {"01025", "", "84", "01", 1000, true, false, ""},
        {"69123", "", "84", "69", 100000, false, false, ""},
        {"69381", "69123", "84", "69", 40000, true, false, ""},
        {"69382", "69123", "84", "69", 60000, true, false, ""},
    };
    struct units *units = units_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(units);
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        CU_ASSERT_TRUE(units_add(units, &UNITS[i]));
    CU_ASSERT_TRUE(units_old_code_add(units, "01340", "01015"));
    CU_ASSERT_TRUE(units_department_add(units, "01", "84", true));
    CU_ASSERT_TRUE(units_department_add(units, "975", "975", false));
    return units;
}

struct fixture {
    struct units *units;
    struct arena *arena;
    struct territory territory;
    struct cpts_error err;
};

static struct fixture resolve(const struct territory_item *items, size_t count,
                              cpts_status expected)
{
    struct fixture fixture = {.units = small_france(), .arena = arena_new(1 << 20)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture.arena);
    fixture.territory.unit_count = 777;
    struct territory_list list = {items, count, "2026-06-01", "infinity"};
    cpts_status status =
        territory_resolve(fixture.units, &list, fixture.arena, &fixture.territory, &fixture.err);
    CU_ASSERT_EQUAL(status, expected);
    if (expected != CPTS_OK)
        CU_ASSERT_EQUAL(fixture.territory.unit_count, 777);
    return fixture;
}

static void done(struct fixture *fixture)
{
    units_free(fixture->units);
    arena_free(fixture->arena);
}

static void refused(struct territory_item item, const char *reason, const char *field)
{
    struct fixture fixture = resolve(&item, 1, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(fixture.err.reason, reason);
    CU_ASSERT_STRING_EQUAL(fixture.err.field, field);
    done(&fixture);
}

static void test_territory__plain(void)
{
    struct territory_item items[] = {{"01015", 1}, {"01025", 0.5}};
    struct fixture fixture = resolve(items, 2, CPTS_OK);
    CU_ASSERT_EQUAL(fixture.territory.unit_count, 2);
    CU_ASSERT_DOUBLE_EQUAL(fixture.territory.population_count, 30500, 1e-9);
    CU_ASSERT_EQUAL(fixture.territory.warning_count, 0);
    done(&fixture);
}

static void test_territory__old_code_is_mapped_and_said(void)
{
    struct territory_item item = {"01340", 1};
    struct fixture fixture = resolve(&item, 1, CPTS_OK);
    CU_ASSERT_STRING_EQUAL(fixture.territory.codes[0], "01015");
    CU_ASSERT_EQUAL_FATAL(fixture.territory.warning_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[0].reason, "OLD_UNIT_CODE");
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[0].field, "territory[0].unit_code");
    done(&fixture);
}

static void test_territory__lyon_becomes_its_arrondissements(void)
{
    struct territory_item item = {"69123", 0.5};
    struct fixture fixture = resolve(&item, 1, CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.unit_count, 2);
    CU_ASSERT_STRING_EQUAL(fixture.territory.codes[1], "69382");
    CU_ASSERT_DOUBLE_EQUAL(fixture.territory.population_count, 50000, 1e-9);
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[0].reason, "UNIT_EXPANDED");
    done(&fixture);
}

static void test_territory__small_population_is_a_warning(void)
{
    struct territory_item item = {"01025", 1};
    struct fixture fixture = resolve(&item, 1, CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.warning_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[0].reason, "POPULATION_OUTSIDE_GUIDANCE");
    done(&fixture);
}

static void test_territory__refusals(void)
{
    refused((struct territory_item){"99999", 1}, "UNKNOWN_UNIT", "territory[0].unit_code");
    refused((struct territory_item){"", 1}, "UNKNOWN_UNIT", "territory[0].unit_code");
    refused((struct territory_item){"01015", 0}, "SHARE_OUT_OF_RANGE", "territory[0].share");
    refused((struct territory_item){"01015", -0.1}, "SHARE_OUT_OF_RANGE", "territory[0].share");
    refused((struct territory_item){"01015", 1.0001}, "SHARE_OUT_OF_RANGE", "territory[0].share");
    refused((struct territory_item){"01015", (double)NAN}, "SHARE_OUT_OF_RANGE",
            "territory[0].share");
}

static void test_territory__repeats_are_refused(void)
{
    struct territory_item old_and_new[] = {{"01340", 0.5}, {"01015", 0.5}};
    struct territory_item parent_and_child[] = {{"69381", 0.5}, {"69123", 0.5}};
    struct territory_item parents[64];
    for (int i = 0; i < 64; i++)
        parents[i] = (struct territory_item){"69123", 1};
    struct fixture one = resolve(old_and_new, 2, CPTS_INVALID_ARGUMENT);
    struct fixture two = resolve(parent_and_child, 2, CPTS_INVALID_ARGUMENT);
    struct fixture three = resolve(parents, 64, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(one.err.reason, "UNIT_REPEATED");
    CU_ASSERT_STRING_EQUAL(two.err.reason, "UNIT_REPEATED");
    CU_ASSERT_STRING_EQUAL(three.err.reason, "UNIT_REPEATED");
    done(&one);
    done(&two);
    done(&three);
}

static void test_territory__too_many_units(void)
{
    static struct territory_item items[TERRITORY_UNITS_MAX + 1];
    for (size_t i = 0; i <= TERRITORY_UNITS_MAX; i++)
        items[i] = (struct territory_item){"69123", 1};
    struct fixture over = resolve(items, TERRITORY_UNITS_MAX + 1, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(over.err.reason, "FIELD_INVALID");
    done(&over);
    struct fixture expanded = resolve(items, TERRITORY_UNITS_MAX, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(expanded.err.reason, "FIELD_INVALID");
    done(&expanded);
}

static void test_territory__warnings_are_summed_up(void)
{
    static char codes[80][UNIT_CODE_BYTES];
    static struct territory_item items[80];
    struct fixture fixture = {.units = units_new(), .arena = arena_new(1 << 20)};
    for (int i = 0; i < 80; i++) {
        struct unit unit = {
            .region = "84", .department = "01", .population_count = 1000, .is_leaf = true};
        snprintf(unit.code, sizeof unit.code, "%05d", i);
        snprintf(codes[i], sizeof codes[i], "9%04d", i);
        CU_ASSERT_TRUE(units_add(fixture.units, &unit));
        CU_ASSERT_TRUE(units_old_code_add(fixture.units, codes[i], unit.code));
        items[i] = (struct territory_item){codes[i], 1};
    }
    struct territory_list list = {items, 80, "2026-06-01", "infinity"};
    CU_ASSERT_EQUAL(
        territory_resolve(fixture.units, &list, fixture.arena, &fixture.territory, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(fixture.territory.unit_count, 80);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.warning_count, 51);
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[50].message, "30 more warnings");
    done(&fixture);
}

/* 01022 and the old 01021 became 01021 on 2025-01-01, and that one 01005 a year
 * later; 01340 was a former code before there were dates. */
static struct units *merged_france(void)
{
    static const struct unit UNITS[] = {
        {"01005", "", "84", "01", 4000, true, false, "2026-01-01"},
        {"01015", "", "84", "01", 500, true, false, ""},
    };
    static const struct unit_past PASTS[] = {
        {{"01005", "", "84", "01", 1000, true, false, ""}, "2026-01-01", "01005", 0.25},
        {{"01021", "", "84", "01", 1800, true, false, ""}, "2025-01-01", "01021", 0.6},
        {{"01021", "", "84", "01", 3000, true, false, "2025-01-01"}, "2026-01-01", "01005", 0.75},
        {{"01022", "", "84", "01", 1200, true, false, ""}, "2025-01-01", "01021", 0.4},
        {{"010220101", "01022", "84", "01", 700, false, true, ""}, "2025-01-01", "", 0},
    };
    struct units *units = units_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(units);
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        CU_ASSERT_TRUE(units_add(units, &UNITS[i]));
    for (size_t i = 0; i < sizeof PASTS / sizeof PASTS[0]; i++)
        CU_ASSERT_TRUE(units_past_add(units, &PASTS[i]));
    CU_ASSERT_FALSE(units_past_add(units, &PASTS[4])); /* out of order */
    CU_ASSERT_TRUE(units_old_code_add(units, "01021", "01005"));
    CU_ASSERT_TRUE(units_old_code_add(units, "01022", "01005"));
    CU_ASSERT_TRUE(units_old_code_add(units, "01340", "01015"));
    CU_ASSERT_TRUE(units_old_code_add(units, "01341", "01005"));
    return units;
}

static struct fixture resolve_for(const char *code, const char *from_on, const char *to_on,
                                  cpts_status expected)
{
    struct territory_item item = {code, 0.5};
    struct territory_list list = {&item, 1, from_on, to_on};
    struct fixture fixture = {.units = merged_france(), .arena = arena_new(1 << 20)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture.arena);
    CU_ASSERT_EQUAL(
        territory_resolve(fixture.units, &list, fixture.arena, &fixture.territory, &fixture.err),
        expected);
    return fixture;
}

static void test_territory__codes_are_those_of_the_first_day(void)
{
    static const struct {
        const char *code, *from_on, *to_on, *wanted;
        double share, population;
        size_t warnings;
    } CASES[] = {
        {"01022", "2019-01-01", "2025-01-01", "01022", 0.5, 600, 1},
        {"010220101", "2019-01-01", "2020-01-01", "010220101", 0.5, 350, 1},
        {"01021", "2019-01-01", "2020-01-01", "01021", 0.5, 900, 1},
        {"01021", "2025-01-01", "2026-01-01", "01021", 0.5, 1500, 1},
        {"01022", "2025-06-01", "2026-01-01", "01021", 0.2, 600, 2},
        {"01022", "2026-01-01", "infinity", "01005", 0.15, 600, 2},
        {"01340", "2019-01-01", "infinity", "01015", 0.5, 250, 2},
        {"01341", "2026-01-01", "infinity", "01005", 0.5, 2000, 2},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct fixture fixture =
            resolve_for(CASES[i].code, CASES[i].from_on, CASES[i].to_on, CPTS_OK);
        CU_ASSERT_STRING_EQUAL(fixture.territory.codes[0], CASES[i].wanted);
        CU_ASSERT_DOUBLE_EQUAL(fixture.territory.shares[0], CASES[i].share, 1e-9);
        CU_ASSERT_DOUBLE_EQUAL(fixture.territory.population_count, CASES[i].population, 1e-9);
        CU_ASSERT_EQUAL(fixture.territory.warning_count, CASES[i].warnings);
        done(&fixture);
    }
}

static void test_territory__no_claim_crosses_a_merger(void)
{
    static const struct {
        const char *code, *from_on, *to_on, *reason;
    } CASES[] = {
        {"01022", "2024-12-31", "2025-01-02", "UNIT_MERGED_IN_PERIOD"},
        {"01021", "2019-01-01", "infinity", "UNIT_MERGED_IN_PERIOD"},
        {"01022", "2025-01-01", "infinity", "UNIT_MERGED_IN_PERIOD"},
        {"010220101", "2025-01-01", "infinity", "UNKNOWN_UNIT"},
        {"01341", "2019-01-01", "2020-01-01", "UNKNOWN_UNIT"}, /* of which it was one, then? */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct fixture fixture =
            resolve_for(CASES[i].code, CASES[i].from_on, CASES[i].to_on, CPTS_INVALID_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(fixture.err.reason, CASES[i].reason);
        CU_ASSERT_STRING_EQUAL(fixture.err.field, "territory[0].unit_code");
        done(&fixture);
    }
}

static void test_units__areas(void)
{
    struct units *units = small_france();
    CU_ASSERT_TRUE(units_has_region(units, "84"));
    CU_ASSERT_FALSE(units_has_region(units, "975")); /* no ARS */
    CU_ASSERT_FALSE(units_has_region(units, ""));
    CU_ASSERT_TRUE(units_has_department(units, "975"));
    CU_ASSERT_FALSE(units_has_department(units, "84"));
    struct unit out_of_order = {.code = "00001"};
    CU_ASSERT_FALSE(units_add(units, &out_of_order));
    CU_ASSERT_EQUAL(units_count(units), 5);
    units_free(units);
}

/* Two regions, and two IRIS of 01015 and one of 69381. */
static struct units *france_with_iris(void)
{
    static const struct unit UNITS[] = {
        {"01015", "", "84", "01", 30000, true, false, ""},
        {"010150101", "01015", "84", "01", 10000, false, true, ""},
        {"010150102", "01015", "84", "01", 5000, false, true, ""},
        {"21001", "", "27", "21", 10000, true, false, ""},
        {"69123", "", "84", "69", 40000, false, false, ""},
        {"69381", "69123", "84", "69", 40000, true, false, ""},
        {"693810101", "69381", "84", "69", 4000, false, true, ""},
    };
    struct units *units = units_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(units);
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        CU_ASSERT_TRUE(units_add(units, &UNITS[i]));
    units_version_set(units, 7);
    return units;
}

static struct fixture resolve_iris(const struct territory_item *items, size_t count,
                                   cpts_status expected)
{
    struct fixture fixture = {.units = france_with_iris(), .arena = arena_new(1 << 20)};
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture.arena);
    fixture.territory.unit_count = 777;
    struct territory_list list = {items, count, "2026-06-01", "infinity"};
    CU_ASSERT_EQUAL(
        territory_resolve(fixture.units, &list, fixture.arena, &fixture.territory, &fixture.err),
        expected);
    if (expected != CPTS_OK)
        CU_ASSERT_EQUAL(fixture.territory.unit_count, 777);
    return fixture;
}

static void test_units__districts_are_arrondissements(void)
{
    struct units *units = france_with_iris();
    const struct unit *district = units_district(units, units_find(units, "69123"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(district);
    CU_ASSERT_STRING_EQUAL(district->code, "69381");
    CU_ASSERT_PTR_NULL(units_district(units, units_find(units, "01015"))); /* of IRIS only */
    CU_ASSERT_PTR_NULL(units_district(units, units_find(units, "69381")));
    CU_ASSERT_PTR_NULL(units_district(units, units_find(units, "010150101")));
    units_free(units);
}

static void test_territory__iris_count_their_own_inhabitants(void)
{
    struct territory_item items[] = {{"010150101", 0.5}, {"010150102", 1}, {"69123", 1}};
    struct fixture fixture = resolve_iris(items, 3, CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.unit_count, 3);
    CU_ASSERT_STRING_EQUAL(fixture.territory.codes[2], "69381");
    CU_ASSERT_DOUBLE_EQUAL(fixture.territory.population_count, 50000, 1e-9);
    CU_ASSERT_EQUAL(fixture.territory.reference_version, 7);
    CU_ASSERT_EQUAL(fixture.territory.item_indexes[2], 2);
    done(&fixture);
}

static void test_territory__a_unit_and_its_part_are_refused(void)
{
    struct territory_item orders[][2] = {{{"01015", 0.1}, {"010150102", 0.1}},
                                         {{"010150101", 1}, {"01015", 1}},
                                         {{"69123", 1}, {"693810101", 1}}};
    for (size_t i = 0; i < 3; i++) {
        struct fixture fixture = resolve_iris(orders[i], 2, CPTS_INVALID_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(fixture.err.reason, "UNIT_NESTED");
        CU_ASSERT_STRING_EQUAL(fixture.err.field, "territory");
        done(&fixture);
    }
}

static void test_territory__main_region_is_that_of_most_inhabitants(void)
{
    struct territory_item more[] = {{"01015", 1}, {"21001", 1}};
    struct territory_item equal[] = {{"01015", 1.0 / 3}, {"21001", 1}};
    struct fixture one = resolve_iris(more, 2, CPTS_OK);
    struct fixture two = resolve_iris(equal, 2, CPTS_OK);
    struct fixture none = resolve_iris(more, 0, CPTS_OK);
    CU_ASSERT_STRING_EQUAL(one.territory.main_region, "84");
    CU_ASSERT_STRING_EQUAL(two.territory.main_region, "27");
    CU_ASSERT_STRING_EQUAL(none.territory.main_region, "");
    done(&one);
    done(&two);
    done(&none);
}

static void test_territory__another_lead_region_is_a_warning(void)
{
    struct territory_item items[] = {{"01015", 1}, {"21001", 1}};
    struct fixture fixture = resolve_iris(items, 2, CPTS_OK);
    territory_warn_region(&fixture.territory, "84", fixture.arena);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.warning_count, 0);
    territory_warn_region(&fixture.territory, "27", fixture.arena);
    CU_ASSERT_EQUAL_FATAL(fixture.territory.warning_count, 1);
    CU_ASSERT_STRING_EQUAL(fixture.territory.warnings[0].reason, "LEAD_REGION_DIFFERS");
    done(&fixture);
}

static void test_territory__guidance_has_two_ends(void)
{
    CU_ASSERT_TRUE(territory_is_outside_guidance(19999));
    CU_ASSERT_FALSE(territory_is_outside_guidance(20000));
    CU_ASSERT_FALSE(territory_is_outside_guidance(200000));
    CU_ASSERT_TRUE(territory_is_outside_guidance(200001));
}

static void test_territory__units_of_another_list_have_their_own_limit(void)
{
    struct territory_item items[] = {{"01015", 1}, {"21001", 1}};
    struct fixture fixture = {.units = france_with_iris(), .arena = arena_new(1 << 20)};
    struct territory_list list = {.items = items, .item_count = 2};
    CU_ASSERT_EQUAL(territory_units_resolve(fixture.units, &list, 2, fixture.arena,
                                            &fixture.territory, &fixture.err),
                    CPTS_OK);
    CU_ASSERT_EQUAL(fixture.territory.warning_count, 0); /* nothing on how many live there */
    CU_ASSERT_EQUAL(territory_units_resolve(fixture.units, &list, 1, fixture.arena,
                                            &fixture.territory, &fixture.err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(fixture.err.reason, "FIELD_INVALID");
    done(&fixture);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_territory__plain),
    UNIT_TEST(test_territory__old_code_is_mapped_and_said),
    UNIT_TEST(test_territory__lyon_becomes_its_arrondissements),
    UNIT_TEST(test_territory__small_population_is_a_warning),
    UNIT_TEST(test_territory__refusals),
    UNIT_TEST(test_territory__repeats_are_refused),
    UNIT_TEST(test_territory__too_many_units),
    UNIT_TEST(test_territory__warnings_are_summed_up),
    UNIT_TEST(test_territory__iris_count_their_own_inhabitants),
    UNIT_TEST(test_territory__a_unit_and_its_part_are_refused),
    UNIT_TEST(test_territory__main_region_is_that_of_most_inhabitants),
    UNIT_TEST(test_territory__another_lead_region_is_a_warning),
    UNIT_TEST(test_territory__guidance_has_two_ends),
    UNIT_TEST(test_territory__units_of_another_list_have_their_own_limit),
    UNIT_TEST(test_territory__codes_are_those_of_the_first_day),
    UNIT_TEST(test_territory__no_claim_crosses_a_merger),
    UNIT_TEST(test_units__areas),
    UNIT_TEST(test_units__districts_are_arrondissements),
};

UNIT_MAIN("domain/territory_resolve")
