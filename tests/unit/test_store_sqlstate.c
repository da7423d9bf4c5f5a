/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlstate.h"

#include "support/unit.h"

static void assert_reason(const char *sqlstate, const char *constraint, enum reason reason,
                          const char *field)
{
    const char *found_field = NULL;
    CU_ASSERT_EQUAL(sqlstate_reason(sqlstate, constraint, &found_field), reason);
    CU_ASSERT_STRING_EQUAL(found_field, field);
}

static void test_sqlstate__lock_trouble_is_busy(void)
{
    assert_reason("55P03", NULL, REASON_DATABASE_BUSY, "");
    assert_reason("40P01", "", REASON_DATABASE_BUSY, "");
    assert_reason("40001", "", REASON_DATABASE_BUSY, "");
}

static void test_sqlstate__classes_fit_by_prefix(void)
{
    assert_reason("57P01", NULL, REASON_DATABASE_UNAVAILABLE, "");
    assert_reason("53100", NULL, REASON_DATABASE_UNAVAILABLE, "");
    assert_reason("08006", NULL, REASON_DATABASE_UNAVAILABLE, "");
    assert_reason("57014", NULL, REASON_STATEMENT_TOO_LONG, "");
}

static void test_sqlstate__node_that_takes_no_commands(void)
{
    assert_reason("CPT01", NULL, REASON_NODE_READ_ONLY, "");
}

static void test_sqlstate__our_own_mistakes_are_internal(void)
{
    assert_reason("08P01", NULL, REASON_INTERNAL_ERROR, "");
    assert_reason("42P01", NULL, REASON_INTERNAL_ERROR, "");
    assert_reason("23505", "change_log_key", REASON_INTERNAL_ERROR, "");
    assert_reason("", NULL, REASON_INTERNAL_ERROR, "");
}

static void test_sqlstate__known_constraint_names_the_field(void)
{
    assert_reason("23514", "cpts_territory_share_range", REASON_SHARE_OUT_OF_RANGE, "territory");
    assert_reason("23514", "cpts_name_length", REASON_FIELD_INVALID, "name");
}

static void test_sqlstate__row_level_security_is_out_of_scope(void)
{
    assert_reason("42501", NULL, REASON_OUT_OF_SCOPE, "");
}

static void test_sqlstate__standby_needs_a_new_session_for_writers_only(void)
{
    CU_ASSERT_TRUE(sqlstate_needs_new_session("25006", true));
    CU_ASSERT_FALSE(sqlstate_needs_new_session("25006", false));
    CU_ASSERT_TRUE(sqlstate_needs_new_session("0A000", false));
    CU_ASSERT_TRUE(sqlstate_needs_new_session("26000", true));
    CU_ASSERT_FALSE(sqlstate_needs_new_session("23505", true));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_sqlstate__lock_trouble_is_busy),
    UNIT_TEST(test_sqlstate__classes_fit_by_prefix),
    UNIT_TEST(test_sqlstate__node_that_takes_no_commands),
    UNIT_TEST(test_sqlstate__our_own_mistakes_are_internal),
    UNIT_TEST(test_sqlstate__known_constraint_names_the_field),
    UNIT_TEST(test_sqlstate__row_level_security_is_out_of_scope),
    UNIT_TEST(test_sqlstate__standby_needs_a_new_session_for_writers_only),
};

UNIT_MAIN("store.sqlstate")
