/* SPDX-License-Identifier: Apache-2.0 */
#include "base/principal.h"
#include "support/unit.h"

static void test_principal__every_role_has_its_name(void)
{
    static const char *const NAMES[] = {"NATIONAL_NODE", "REGION_NODE",      "DGOS_ANALYST",
                                        "ARS_AGENT",     "CPTS_COORDINATOR", "OPERATOR",
                                        "PUBLIC"};
    uint32_t all = 0;
    for (unsigned i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        CU_ASSERT_EQUAL(role_find(NAMES[i]), 1u << i);
        all |= role_find(NAMES[i]);
    }
    CU_ASSERT_EQUAL(all, (uint32_t)ROLE_ANY);
}

static void test_principal__other_words_are_no_role(void)
{
    CU_ASSERT_EQUAL(role_find(""), 0);
    CU_ASSERT_EQUAL(role_find("operator"), 0);
    CU_ASSERT_EQUAL(role_find("PUBLIC "), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_principal__every_role_has_its_name),
    UNIT_TEST(test_principal__other_words_are_no_role),
};

UNIT_MAIN("base/principal")
