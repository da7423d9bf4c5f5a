/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include <CUnit/Basic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int add_tests(CU_pSuite suite, const struct unit_test *tests, int test_count,
                     const char *wanted)
{
    int added = 0;
    for (int i = 0; i < test_count; i++) {
        if (wanted != NULL && strstr(tests[i].name, wanted) == NULL)
            continue;
        if (CU_add_test(suite, tests[i].name, tests[i].run) == NULL)
            return -1;
        added++;
    }
    return added;
}

int unit_main(const char *suite, const struct unit_test *tests, int test_count, int argc,
              char **argv)
{
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    CU_pSuite registered = CU_add_suite(suite, NULL, NULL);
    int added = registered == NULL
                    ? -1
                    : add_tests(registered, tests, test_count, argc > 1 ? argv[1] : NULL);
    bool failed = true;
    if (added > 0) {
        CU_basic_set_mode(CU_BRM_VERBOSE);
        CU_basic_run_tests();
        failed = CU_get_number_of_failures() > 0 || CU_get_number_of_asserts() == 0;
    } else {
        fprintf(stderr, "%s: no test to run\n", suite);
    }
    CU_cleanup_registry();
    return failed ? 1 : 0;
}
