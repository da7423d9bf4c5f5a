/* SPDX-License-Identifier: Apache-2.0 */
#include "import_plan.h"
#include "name_fold.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 4
#define KNOWN_MAX 4
#define UNITS_MAX 3

/* A file of at most ROWS_MAX rows against a node of at most KNOWN_MAX CPTS. */
static struct import_row rows[ROWS_MAX];
static struct cpts_territory_unit row_units[ROWS_MAX][UNITS_MAX];
static struct import import;
static struct known known[KNOWN_MAX];
static char folded[KNOWN_MAX][FOLD_BYTES];
static struct cpts_territory_unit known_units[KNOWN_MAX][UNITS_MAX];
static struct registry registry;
static struct import_plan plan;
static struct gazetteer *gazetteer;

static void setup(void)
{
    static const char *const CODES[][2] = {
        {"39198", "Dole"}, {"39300", "Lons"}, {"39478", "Claude"}};
    gazetteer = gazetteer_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(gazetteer);
    for (size_t i = 0; i < 3; i++) {
        struct cpts_unit unit = {.code = CODES[i][0],
                                 .name = CODES[i][1],
                                 .department = "39",
                                 .region = "27",
                                 .parent_code = "",
                                 .is_leaf = true};
        CU_ASSERT_TRUE_FATAL(gazetteer_add_unit(gazetteer, &unit));
    }
    gazetteer_close(gazetteer);
    memset(rows, 0, sizeof rows);
    import = (struct import){.rows = rows};
    registry = (struct registry){.known = known};
    plan = (struct import_plan){
        .gazetteer = gazetteer, .registry = &registry, .dates.today = "2026-01-01", .batch = ""};
}

static void teardown(void)
{
    for (size_t i = 0; i < ROWS_MAX; i++)
        free(rows[i].problem);
    findings_done(&import.findings);
    import_pool_done(&import.pool);
    gazetteer_free(gazetteer);
}

/* A row of the file: name, stage, and whole communes up to NULL. */
static struct import_row *add_row(const char *name, enum cpts_stage stage, const char *on,
                                  const char *const *codes)
{
    size_t index = import.row_count++;
    struct import_row *row = &rows[index];
    *row = (struct import_row){.line = (int)index + 2, .stage = stage, .stage_on = on};
    row->creation =
        (struct cpts_creation){.name = name, .lead_region = "27", .territory = row_units[index]};
    row->units = row_units[index];
    for (int i = 0; i < CPTS_STAGE_ACI_SIGNE; i++)
        row->live_on[i] = "";
    for (; codes[row->creation.unit_count] != NULL; row->creation.unit_count++)
        row->units[row->creation.unit_count] =
            (struct cpts_territory_unit){.unit_code = codes[row->creation.unit_count], .share = 1};
    row->has_territory = row->creation.unit_count > 0;
    return row;
}

static struct known *add_known(const char *name, enum cpts_stage stage, const char *on,
                               const char *const *codes)
{
    size_t index = registry.count++;
    known[index] = (struct known){.version = 4,
                                  .name = name,
                                  .folded = folded[index],
                                  .region = "27",
                                  .finess = "",
                                  .stage = stage,
                                  .stage_on = on,
                                  .units = known_units[index],
                                  .row = KNOWN_NO_ROW};
    name_fold_cpts(name, folded[index]);
    snprintf(known[index].id, sizeof known[index].id, "id-%zu", index);
    for (; codes[known[index].unit_count] != NULL; known[index].unit_count++)
        known_units[index][known[index].unit_count] =
            (struct cpts_territory_unit){.unit_code = codes[known[index].unit_count], .share = 1};
    return &known[index];
}

#define UNITS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_UNITS ((const char *const[]){NULL})

/* The only finding has that reason. */
static void expect_finding(enum finding_kind kind, const char *reason, const char *message)
{
    CU_ASSERT_EQUAL_FATAL(import.findings.count, 1);
    CU_ASSERT_EQUAL(import.findings.findings[0].kind, kind);
    CU_ASSERT_STRING_EQUAL(import.findings.findings[0].reason, reason);
    CU_ASSERT_PTR_NOT_NULL(strstr(import.findings.findings[0].message, message));
}

static void test_import_plan__what_the_node_has_not_is_new(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "2024-01-01", UNITS("39198"));
    add_known("Lons", CPTS_STAGE_EMERGENCE, "2024-01-01", UNITS("39300"));
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_WAITING);
    CU_ASSERT_EQUAL(row->change.version, 0);
    CU_ASSERT_EQUAL(row->creation.stage_count, 1);
    CU_ASSERT_EQUAL(import.findings.count, 0);
    teardown();
}

static void test_import_plan__the_same_is_unchanged_whatever_its_spelling(void)
{
    setup();
    struct import_row *row =
        add_row("DOLE-et-environs", CPTS_STAGE_EMERGENCE, "", UNITS("39198", "39300"));
    add_known("CPTS Dole et environs", CPTS_STAGE_EMERGENCE, "2020-01-01", UNITS("39198", "39300"));
    plan.is_update = true;
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_UNCHANGED);
    CU_ASSERT_STRING_EQUAL(row->id, "id-0");
    CU_ASSERT_EQUAL(import.findings.count, 0);
    teardown();
}

static void test_import_plan__differences_are_said_and_sent_only_when_asked(void)
{
    for (int asked = 0; asked < 2; asked++) {
        setup();
        struct import_row *row =
            add_row("Dole", CPTS_STAGE_LETTRE_INTENTION, "2024-01-01", UNITS("39198", "39478"));
        add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", UNITS("39198", "39300"));
        plan.is_update = asked == 1;
        plan.dates.effective_on = "2024-02-01";
        CU_ASSERT_TRUE(import_plan_make(&plan, &import));
        CU_ASSERT_EQUAL(row->state, asked == 1 ? IMPORT_WAITING : IMPORT_DIFFERENT);
        CU_ASSERT_EQUAL_FATAL(import.findings.count, 2);
        CU_ASSERT_STRING_EQUAL(import.findings.findings[0].reason, "STAGE_DIFFERS");
        CU_ASSERT_STRING_EQUAL(import.findings.findings[1].message,
                               "1 to add: Claude (39478); 1 to remove: Lons (39300)");
        CU_ASSERT_EQUAL(row->change.version, asked == 1 ? 4 : 0);
        CU_ASSERT_EQUAL(row->change.stage_count, asked == 1 ? 1 : 0);
        CU_ASSERT_EQUAL(row->change.sets_territory, asked == 1);
        teardown();
    }
}

static void test_import_plan__a_stage_never_goes_back(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "2019-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_ACI_SIGNE, "2020-01-01", UNITS("39198"));
    plan.is_update = true;
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_UNCHANGED);
    CU_ASSERT_EQUAL(row->change.version, 0);
    expect_finding(FINDING_CHANGE, "STAGE_BEHIND", "ACI_SIGNE since 2020-01-01 on the node");
    teardown();
}

static void test_import_plan__another_date_of_the_same_stage_is_a_note(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "2019-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_UNCHANGED);
    expect_finding(FINDING_NOTE, "STAGE_DATE_DIFFERS", "since 2020-01-01 on the node");
    teardown();
}

static void test_import_plan__several_of_one_name_are_refused_with_their_ids(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "2019-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    add_known("CPTS de Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_REFUSED);
    expect_finding(FINDING_REFUSED, "SEVERAL_MATCH", "the node has 2 CPTS");
    CU_ASSERT_STRING_EQUAL(import.findings.findings[0].candidates, "id-0; id-1");
    teardown();
}

static void test_import_plan__a_finess_number_decides_before_the_name(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "", NO_UNITS);
    row->creation.finess = "390000019";
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS)->finess = "390000027";
    add_known("Renamed", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS)->finess = "390000019";
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_STRING_EQUAL(row->id, "id-1");
    teardown();
}

static void test_import_plan__two_rows_are_not_one_cpts(void)
{
    setup();
    add_row("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    struct import_row *second = add_row("CPTS Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(second->state, IMPORT_REFUSED);
    expect_finding(FINDING_REFUSED, "SAME_CPTS", "line 2");
    teardown();
}

/* A project was given up and begun again under its name: each row is its own. */
static void test_import_plan__the_ended_and_the_living_of_one_name(void)
{
    setup();
    struct import_row *ended = add_row("Dole", CPTS_STAGE_ABANDONNE, "2020-01-01", NO_UNITS);
    struct import_row *living = add_row("Dole", CPTS_STAGE_EMERGENCE, "2022-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2022-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_ABANDONNE, "2020-01-01", NO_UNITS);
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_STRING_EQUAL(ended->id, "id-1");
    CU_ASSERT_STRING_EQUAL(living->id, "id-0");
    CU_ASSERT_EQUAL(ended->state, IMPORT_UNCHANGED);
    CU_ASSERT_EQUAL(living->state, IMPORT_UNCHANGED);
    CU_ASSERT_EQUAL(import.findings.count, 0);
    teardown();
}

static void test_import_plan__what_has_ended_is_not_revived(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_ACI_SIGNE, "2024-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_DISSOUS, "2023-01-01", NO_UNITS);
    plan.is_update = true;
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_DIFFERENT);
    expect_finding(FINDING_CHANGE, "CPTS_ENDED", "DISSOUS since 2023-01-01");
    teardown();
}

static void test_import_plan__invented_data_and_real_ones_never_meet(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_EMERGENCE, "2024-01-01", NO_UNITS);
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2024-01-01", NO_UNITS)->is_synthetic = true;
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_WAITING);
    CU_ASSERT_STRING_EQUAL(row->id, "");
    teardown();
}

static void test_import_plan__of_a_whole_history_the_new_steps_are_sent(void)
{
    setup();
    struct import_row *row = add_row("Dole", CPTS_STAGE_UNSPECIFIED, "", NO_UNITS);
    row->stages[0] = (struct cpts_stage_entry){CPTS_STAGE_EMERGENCE, "2020-01-01", NULL, 0};
    row->stages[1] = (struct cpts_stage_entry){CPTS_STAGE_LETTRE_INTENTION, "2021-01-01", NULL, 0};
    row->stages[2] = (struct cpts_stage_entry){CPTS_STAGE_PROJET_VALIDE, "2022-01-01", NULL, 0};
    row->creation.stages = row->stages;
    row->creation.stage_count = 3;
    add_known("Dole", CPTS_STAGE_EMERGENCE, "2020-01-01", NO_UNITS);
    plan.has_history = plan.is_update = true;
    CU_ASSERT_TRUE(import_plan_make(&plan, &import));
    CU_ASSERT_EQUAL(row->state, IMPORT_WAITING);
    CU_ASSERT_EQUAL(row->change.stage_count, 2);
    CU_ASSERT_EQUAL(row->stages[0].stage, CPTS_STAGE_LETTRE_INTENTION);
    teardown();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_plan__what_the_node_has_not_is_new),
    UNIT_TEST(test_import_plan__the_same_is_unchanged_whatever_its_spelling),
    UNIT_TEST(test_import_plan__differences_are_said_and_sent_only_when_asked),
    UNIT_TEST(test_import_plan__a_stage_never_goes_back),
    UNIT_TEST(test_import_plan__another_date_of_the_same_stage_is_a_note),
    UNIT_TEST(test_import_plan__several_of_one_name_are_refused_with_their_ids),
    UNIT_TEST(test_import_plan__a_finess_number_decides_before_the_name),
    UNIT_TEST(test_import_plan__two_rows_are_not_one_cpts),
    UNIT_TEST(test_import_plan__the_ended_and_the_living_of_one_name),
    UNIT_TEST(test_import_plan__what_has_ended_is_not_revived),
    UNIT_TEST(test_import_plan__invented_data_and_real_ones_never_meet),
    UNIT_TEST(test_import_plan__of_a_whole_history_the_new_steps_are_sent),
};

UNIT_MAIN("sdk/import_plan")
