/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/transition.h"

#include <ctype.h>
#include <string.h>

#include "support/unit.h"
#include "wire/dossier_kind.h"
#include "wire/filing_step.h"

static void check_kinds(const char *const kinds[TRANSITION_KINDS_MAX], enum dossier_class class)
{
    for (size_t i = 0; i < transition_kind_count(kinds); i++)
        CU_ASSERT_TRUE(strcmp(kinds[i], TRANSITION_EVERY_CLOCK) == 0 ||
                       dossier_kind_find(class, kinds[i]) != NULL);
}

static void test_transition__every_stage_has_one_row_of_known_codes(void)
{
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        const struct transition *row = transition_to(stage);
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        CU_ASSERT_NOT_EQUAL(row->deciders, 0);
        CU_ASSERT_NOT_EQUAL(row->source[0], '\0');
        CU_ASSERT_TRUE(
            strcmp(row->confidence, "law") == 0 || strcmp(row->confidence, "contract") == 0 ||
            strcmp(row->confidence, "published") == 0 || strcmp(row->confidence, "inferred") == 0);
        check_kinds(row->evidence, DOSSIER_DOCUMENT);
        check_kinds(row->starts, DOSSIER_CLOCK);
        check_kinds(row->stops, DOSSIER_CLOCK);
    }
    CU_ASSERT_PTR_NULL(transition_to(STAGE_NONE));
    CU_ASSERT_PTR_NULL(transition_to(STAGE_COUNT + 1));
}

static void test_transition__ways_out_stop_every_clock(void)
{
    for (int stage = STAGE_ABANDONNE; stage <= STAGE_COUNT; stage++) {
        const struct transition *row = transition_to(stage);
        CU_ASSERT_EQUAL(transition_kind_count(row->stops), 1);
        CU_ASSERT_STRING_EQUAL(row->stops[0], TRANSITION_EVERY_CLOCK);
        CU_ASSERT_EQUAL(transition_kind_count(row->starts), 0);
    }
}

static void test_transition__cpts_records_what_it_decides_alone(void)
{
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++)
        CU_ASSERT_EQUAL(transition_is_own(transition_to(stage)), stage == STAGE_EMERGENCE ||
                                                                     stage == STAGE_ABANDONNE ||
                                                                     stage == STAGE_DISSOUS);
}

static void test_transition__silence_decides_one_step(void)
{
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++)
        CU_ASSERT_EQUAL(transition_to(stage)->tacit, stage == STAGE_PROJET_VALIDE);
}

static void test_transition__sources_are_the_legal_steps(void)
{
    const char *sources[STAGE_LIVE_COUNT];
    CU_ASSERT_EQUAL(stage_sources(STAGE_EMERGENCE, sources), 0);
    CU_ASSERT_EQUAL(stage_sources(STAGE_NON_RENOUVELE, sources), 1);
    CU_ASSERT_STRING_EQUAL(sources[0], "ACI_SIGNE");
    CU_ASSERT_EQUAL(stage_sources(STAGE_FUSIONNE, sources), 4);
    CU_ASSERT_STRING_EQUAL(sources[3], "ACI_SIGNE");
    CU_ASSERT_EQUAL(stage_sources(99, sources), 0);
}

/* As the domains of the database want them. */
static void check_shape(const char *code, int (*is_letter)(int))
{
    CU_ASSERT_TRUE(strlen(code) >= 2 && strlen(code) <= 40);
    for (; *code != '\0'; code++)
        CU_ASSERT_TRUE(is_letter((unsigned char)*code) || isdigit((unsigned char)*code) ||
                       *code == '_');
}

static void test_transition__vocabulary_is_well_formed_and_without_repeats(void)
{
    size_t count = 0;
    const struct dossier_kind *kinds = dossier_kinds(&count);
    CU_ASSERT_TRUE(count > 60);
    for (size_t i = 0; i < count; i++) {
        check_shape(kinds[i].code, kinds[i].class == DOSSIER_MISSION ? islower : isupper);
        CU_ASSERT_PTR_EQUAL(dossier_kind_find(kinds[i].class, kinds[i].code), &kinds[i]);
        CU_ASSERT_NOT_EQUAL(kinds[i].label[0], '\0');
        CU_ASSERT_NOT_EQUAL(kinds[i].source[0], '\0');
    }
    CU_ASSERT_STRING_EQUAL(dossier_kind_label(DOSSIER_CLOCK, "NEWER"), "NEWER");
    CU_ASSERT_PTR_NULL(dossier_kind_find(DOSSIER_CLOCK, "STATUTS"));
}

static void test_transition__effects_are_of_known_milestones(void)
{
    static const char *const WITH[] = {"ACI_RENOUVELE"};
    for (size_t i = 0; i < sizeof WITH / sizeof WITH[0]; i++) {
        const struct milestone_effect *effect = milestone_effect_find(WITH[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(effect);
        CU_ASSERT_PTR_NOT_NULL(dossier_kind_find(DOSSIER_MILESTONE, WITH[i]));
        CU_ASSERT_PTR_NOT_NULL(dossier_kind_find(DOSSIER_CLOCK, effect->stops[0]));
        CU_ASSERT_FALSE(effect->by_cpts);
    }
    CU_ASSERT_PTR_NULL(milestone_effect_find("REUNION"));
}

/* The legal steps of a filing, written down once more on purpose: rows to,
 * columns from (nothing, draft, filed, complete, decided, withdrawn, closed). */
static const char *const FILING_STEPS[FILING_STATE_COUNT + 1] = {
    "", "xxx....", "xx.....", "..x....", "..xx...", ".xxx...", NULL};

static void test_transition__every_step_of_a_filing(void)
{
    for (int to = FILING_DRAFT; to <= FILING_STATE_COUNT; to++) {
        const struct filing_step *step = filing_step_to(to);
        CU_ASSERT_EQUAL(step == NULL, FILING_STEPS[to] == NULL);
        for (unsigned from = 0; step != NULL && from <= FILING_STATE_COUNT; from++)
            CU_ASSERT_EQUAL((step->from & (1u << from)) != 0, FILING_STEPS[to][from] == 'x');
        CU_ASSERT_EQUAL(filing_state_find(filing_state_code(to)), (enum filing_state)to);
    }
    CU_ASSERT_FALSE(filing_step_to(FILING_COMPLETE)->by_cpts);
    CU_ASSERT_FALSE(filing_step_to(FILING_DECIDED)->by_cpts);
    CU_ASSERT_TRUE(filing_step_to(FILING_COMPLETE)->needs_documents);
    CU_ASSERT_PTR_NULL(filing_step_to(0));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_transition__every_stage_has_one_row_of_known_codes),
    UNIT_TEST(test_transition__ways_out_stop_every_clock),
    UNIT_TEST(test_transition__cpts_records_what_it_decides_alone),
    UNIT_TEST(test_transition__silence_decides_one_step),
    UNIT_TEST(test_transition__sources_are_the_legal_steps),
    UNIT_TEST(test_transition__vocabulary_is_well_formed_and_without_repeats),
    UNIT_TEST(test_transition__effects_are_of_known_milestones),
    UNIT_TEST(test_transition__every_step_of_a_filing),
};

UNIT_MAIN("wire/transition")
