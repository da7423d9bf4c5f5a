/* SPDX-License-Identifier: Apache-2.0 */
#include "import_commune.h"
#include "support/unit.h"

#include <string.h>

/* A small country: homonyms, a merged commune, a divided city. */
static const struct cpts_former_unit ARBOYS[] = {{"01015", "Arbignieu"}, {"01340", "Saint-Bois"}};
static const struct cpts_former_unit OTHER[] = {{"10999", "Dole"}};
static const struct cpts_unit UNITS[] = {
    {.code = "01015",
     .name = "Arboys en Bugey",
     .department = "01",
     .region = "84",
     .parent_code = "",
     .is_leaf = true,
     .former_units = ARBOYS,
     .former_count = 2},
    {.code = "10334",
     .name = "Saint-Aubin",
     .department = "10",
     .region = "44",
     .parent_code = "",
     .is_leaf = true,
     .former_units = OTHER,
     .former_count = 1},
    {.code = "21541",
     .name = "Saint-Aubin",
     .department = "21",
     .region = "27",
     .parent_code = "",
     .is_leaf = true},
    {.code = "2A004",
     .name = "Ajaccio",
     .department = "2A",
     .region = "94",
     .parent_code = "",
     .is_leaf = true},
    {.code = "39198",
     .name = "Dole",
     .department = "39",
     .region = "27",
     .parent_code = "",
     .is_leaf = true},
    {.code = "39476",
     .name = "Saint-Aubin",
     .department = "39",
     .region = "27",
     .parent_code = "",
     .is_leaf = true},
    {.code = "58062",
     .name = "Château-Chinon (Ville)",
     .department = "58",
     .region = "27",
     .parent_code = "",
     .is_leaf = true},
    {.code = "58063",
     .name = "Château-Chinon (Campagne)",
     .department = "58",
     .region = "27",
     .parent_code = "",
     .is_leaf = true},
    {.code = "75056", .name = "Paris", .department = "75", .region = "11", .parent_code = ""},
    {.code = "75111",
     .name = "Paris 11e Arrondissement",
     .department = "75",
     .region = "11",
     .parent_code = "75056",
     .is_leaf = true},
};

static struct gazetteer *gazetteer;
static struct findings findings;

static void setup(void)
{
    gazetteer = gazetteer_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(gazetteer);
    gazetteer_add_region(gazetteer, "27", "Bourgogne-Franche-Comté");
    gazetteer_add_region(gazetteer, "01", "Guadeloupe");
    gazetteer_add_department(gazetteer, "01", "Ain", "84");
    gazetteer_add_department(gazetteer, "10", "Aube", "44");
    gazetteer_add_department(gazetteer, "21", "Côte-d'Or", "27");
    gazetteer_add_department(gazetteer, "39", "Jura", "27");
    for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++)
        CU_ASSERT_TRUE_FATAL(gazetteer_add_unit(gazetteer, &UNITS[i]));
    gazetteer_close(gazetteer);
    memset(&findings, 0, sizeof findings);
}

static void teardown(void)
{
    gazetteer_free(gazetteer);
    findings_done(&findings);
}

static struct mention named(const char *name, const char *department)
{
    return (struct mention){
        .line = 7, .code = "", .name = name, .department = department, .postcode = "", .share = 1};
}

static struct mention coded(const char *code, const char *name)
{
    return (struct mention){
        .line = 7, .code = code, .name = name, .department = "", .postcode = "", .share = 1};
}

static void resolve(struct mention *mentions, size_t count, const char *region)
{
    struct commune_context context = {
        .gazetteer = gazetteer, .findings = &findings, .region = region};
    import_communes_resolve(&context, mentions, count);
}

/* One mention is that place, and the only finding is of that reason ("" = none). */
static void expect_place(struct mention mention, const char *region, const char *code,
                         const char *reason)
{
    setup();
    resolve(&mention, 1, region);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mention.place);
    CU_ASSERT_STRING_EQUAL(mention.place->code, code);
    CU_ASSERT_EQUAL(findings.count, *reason == '\0' ? 0 : 1);
    if (findings.count > 0) {
        CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, reason);
        CU_ASSERT_EQUAL(findings.findings[0].kind, FINDING_NOTE);
    }
    teardown();
}

static void expect_refused(struct mention mention, const char *reason, const char *candidates)
{
    setup();
    resolve(&mention, 1, "");
    CU_ASSERT_PTR_NULL(mention.place);
    CU_ASSERT_TRUE(mention.is_refused);
    CU_ASSERT_EQUAL_FATAL(findings.count, 1);
    CU_ASSERT_EQUAL(findings.findings[0].kind, FINDING_REFUSED);
    CU_ASSERT_EQUAL(findings.findings[0].line, 7);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, reason);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].candidates, candidates);
    teardown();
}

static void test_import_commune__a_name_of_one_is_found(void)
{
    expect_place(named("AJACCIO", ""), "", "2A004", "");
    expect_place(named("paris 11eme", ""), "", "75111", "");
    expect_place(named("Paris", ""), "", "75056", "");
}

static void test_import_commune__a_departement_tells_homonyms_apart(void)
{
    expect_place(named("St Aubin", "Jura"), "", "39476", "");
    expect_place(named("St Aubin", "21"), "", "21541", "");
    expect_place(named("Saint-Aubin (10)", ""), "", "10334", "");
    struct mention mention = named("Saint-Aubin", "");
    mention.postcode = "39410";
    expect_place(mention, "", "39476", "");
}

static void test_import_commune__a_region_tells_apart_and_is_said(void)
{
    expect_place(named("Saint-Aubin", ""), "44", "10334", "RESOLVED_BY_REGION");
    expect_place(named("Ajaccio", ""), "27", "2A004", "");
}

static void test_import_commune__homonyms_alone_are_refused_with_candidates(void)
{
    expect_refused(named("Saint-Aubin", ""), "AMBIGUOUS_COMMUNE",
                   "Saint-Aubin (10334); Saint-Aubin (21541); Saint-Aubin (39476)");
    expect_refused(named("Château-Chinon", ""), "AMBIGUOUS_COMMUNE",
                   "Château-Chinon (Ville) (58062); Château-Chinon (Campagne) (58063)");
}

static void test_import_commune__neighbours_tell_apart_and_are_said(void)
{
    struct mention mentions[] = {named("Saint-Aubin", ""), coded("39198", "Dole")};
    setup();
    resolve(mentions, 2, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mentions[0].place);
    CU_ASSERT_STRING_EQUAL(mentions[0].place->code, "39476");
    CU_ASSERT_EQUAL(findings.count, 1);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, "RESOLVED_BY_NEIGHBOURS");
    teardown();
}

static void test_import_commune__neighbours_in_two_departements_do_not(void)
{
    struct mention mentions[] = {named("Saint-Aubin", ""), coded("39198", ""), coded("21541", "")};
    setup();
    resolve(mentions, 3, "");
    CU_ASSERT_PTR_NULL(mentions[0].place);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, "AMBIGUOUS_COMMUNE");
    teardown();
}

static void test_import_commune__what_was_guessed_is_no_neighbour(void)
{
    struct mention mentions[] = {named("Saint-Aubin", ""), named("Château-Chinon", "")};
    setup();
    resolve(mentions, 2, "");
    CU_ASSERT_PTR_NULL(mentions[0].place);
    CU_ASSERT_PTR_NULL(mentions[1].place);
    CU_ASSERT_EQUAL(findings.kind_counts[FINDING_REFUSED], 2);
    teardown();
}

static void test_import_commune__old_codes_and_names_become_todays(void)
{
    expect_place(coded("01340", "Saint-Bois"), "", "01015", "OLD_UNIT_CODE");
    expect_place(named("Arbignieu", "01"), "", "01015", "OLD_UNIT_NAME");
    expect_place(coded("01015", "Arbignieu"), "", "01015", "");
    /* A former name counts as much as today's, unless a département tells. */
    expect_refused(named("Dole", ""), "AMBIGUOUS_COMMUNE", "Dole (39198); Saint-Aubin (10334)");
    expect_place(named("Dole", "Jura"), "", "39198", "");
}

static void test_import_commune__codes_lose_and_get_back_their_zero(void)
{
    expect_place(coded("1015", ""), "", "01015", "");
    expect_place(coded("2a004", ""), "", "2A004", "");
}

static void test_import_commune__wrong_codes_and_names_are_refused(void)
{
    expect_refused(coded("99999", "Dole"), "UNKNOWN_CODE", "");
    expect_refused(coded("391", ""), "UNKNOWN_CODE", "");
    expect_refused(coded("39198", "Ajaccio"), "CODE_NAME_MISMATCH", "Ajaccio (2A004)");
    expect_refused(named("Ajacio", ""), "UNKNOWN_COMMUNE", "Ajaccio (2A004)");
    expect_refused(named("Ajaccio", "Jura"), "UNKNOWN_COMMUNE", "Ajaccio (2A004)");
    expect_refused(named("Nulle part ailleurs", ""), "UNKNOWN_COMMUNE", "");
}

static void test_import_commune__areas_are_found_by_code_or_name(void)
{
    setup();
    CU_ASSERT_STRING_EQUAL(gazetteer_region(gazetteer, "bourgogne franche-comte"), "27");
    CU_ASSERT_STRING_EQUAL(gazetteer_region(gazetteer, "1"), "01");
    CU_ASSERT_STRING_EQUAL(gazetteer_department(gazetteer, "COTE D'OR"), "21");
    CU_ASSERT_STRING_EQUAL(gazetteer_department(gazetteer, "1"), "01");
    CU_ASSERT_PTR_NULL(gazetteer_region(gazetteer, ""));
    CU_ASSERT_PTR_NULL(gazetteer_department(gazetteer, "Bourgogne"));
    teardown();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_commune__a_name_of_one_is_found),
    UNIT_TEST(test_import_commune__a_departement_tells_homonyms_apart),
    UNIT_TEST(test_import_commune__a_region_tells_apart_and_is_said),
    UNIT_TEST(test_import_commune__homonyms_alone_are_refused_with_candidates),
    UNIT_TEST(test_import_commune__neighbours_tell_apart_and_are_said),
    UNIT_TEST(test_import_commune__neighbours_in_two_departements_do_not),
    UNIT_TEST(test_import_commune__what_was_guessed_is_no_neighbour),
    UNIT_TEST(test_import_commune__old_codes_and_names_become_todays),
    UNIT_TEST(test_import_commune__codes_lose_and_get_back_their_zero),
    UNIT_TEST(test_import_commune__wrong_codes_and_names_are_refused),
    UNIT_TEST(test_import_commune__areas_are_found_by_code_or_name),
};

UNIT_MAIN("sdk/import_commune")
