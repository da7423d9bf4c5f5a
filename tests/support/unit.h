/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_UNIT_H
#define TESTS_SUPPORT_UNIT_H

/**
 * @file
 * A test program: a table of named functions run by CUnit. The table's names
 * are the functions' own, `test_<file>__<behaviour>`.
 */

#include <CUnit/CUnit.h>

struct unit_test {
    const char *name;
    void (*run)(void);
};

/** A row of the table. */
#define UNIT_TEST(function)                                                                        \
    {                                                                                              \
        .name = #function, .run = (function)                                                       \
    }

/** Runs every test of @p tests, or only those whose name contains argv[1].
 * @return the exit code: 0 when at least one test ran and none failed. */
int unit_main(const char *suite, const struct unit_test *tests, int test_count, int argc,
              char **argv);

/** `main` of a test program with the table TESTS. */
#define UNIT_MAIN(suite)                                                                           \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return unit_main(suite, TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);         \
    }

#endif
