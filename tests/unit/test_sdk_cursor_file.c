/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/unit.h"

#define PATH_BYTES 256

static char folder[] = "/tmp/cpts-cursor.XXXXXX";
static char path[PATH_BYTES];

static void begin(void)
{
    snprintf(folder, sizeof folder, "/tmp/cpts-cursor.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/position", folder);
}

static void end(void)
{
    unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void put(const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fputs(text, file);
    fclose(file);
}

static void test_cursor_file__what_was_written_is_read(void)
{
    static const int64_t POSITIONS[] = {0, 7, INT64_C(999999999999999999)};
    begin();
    for (size_t i = 0; i < sizeof POSITIONS / sizeof POSITIONS[0]; i++) {
        int64_t position = -1;
        CU_ASSERT_EQUAL(cursor_file_write(path, POSITIONS[i]), CURSOR_OK);
        CU_ASSERT_EQUAL(cursor_file_read(path, &position), CURSOR_OK);
        CU_ASSERT_EQUAL(position, POSITIONS[i]);
    }
    end();
}

static void test_cursor_file__one_that_is_not_there_is_absent(void)
{
    int64_t position = 42;
    begin();
    CU_ASSERT_EQUAL(cursor_file_read(path, &position), CURSOR_ABSENT);
    CU_ASSERT_EQUAL(cursor_file_read(folder, &position), CURSOR_FAILED);
    CU_ASSERT_EQUAL(position, 42);
    end();
}

static void test_cursor_file__other_texts_are_refused(void)
{
    static const char *const TEXTS[] = {
        "", "\n", "x", "-1\n", "1 2\n", "1\n2\n", "1.5\n", " 1\n", "99999999999999999999\n"};
    begin();
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        int64_t position = 42;
        put(TEXTS[i]);
        CU_ASSERT_EQUAL(cursor_file_read(path, &position), CURSOR_MALFORMED);
        CU_ASSERT_EQUAL(position, 42);
    }
    end();
}

static void test_cursor_file__a_failed_write_leaves_the_old_one(void)
{
    char fresh[PATH_BYTES + 8];
    int64_t position = 0;
    begin();
    CU_ASSERT_EQUAL(cursor_file_write(path, 5), CURSOR_OK);
    snprintf(fresh, sizeof fresh, "%s.new", path);
    CU_ASSERT_EQUAL(mkdir(fresh, 0700), 0);
    CU_ASSERT_EQUAL(cursor_file_write(path, 6), CURSOR_FAILED);
    CU_ASSERT_EQUAL(rmdir(fresh), 0);
    CU_ASSERT_EQUAL(cursor_file_read(path, &position), CURSOR_OK);
    CU_ASSERT_EQUAL(position, 5);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_cursor_file__what_was_written_is_read),
    UNIT_TEST(test_cursor_file__one_that_is_not_there_is_absent),
    UNIT_TEST(test_cursor_file__other_texts_are_refused),
    UNIT_TEST(test_cursor_file__a_failed_write_leaves_the_old_one),
};

UNIT_MAIN("sdk/cursor_file")
