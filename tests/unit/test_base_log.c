/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "support/unit.h"

/* What was written to standard error between capture_begin and capture_end. */
static int saved_stderr;
static FILE *captured;

static void capture_begin(void)
{
    captured = tmpfile();
    CU_ASSERT_PTR_NOT_NULL_FATAL(captured);
    saved_stderr = dup(STDERR_FILENO);
    dup2(fileno(captured), STDERR_FILENO);
}

static void capture_end(char *ret_text, size_t text_bytes)
{
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    rewind(captured);
    ret_text[fread(ret_text, 1, text_bytes - 1, captured)] = '\0';
    fclose(captured);
}

static json_t *parse_line(const char *text)
{
    CU_ASSERT_PTR_EQUAL(strchr(text, '\n'), text + strlen(text) - 1);
    json_t *line = json_loads(text, 0, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    return line;
}

static const char *member(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text == NULL ? "" : text;
}

static void test_log__a_line_is_one_json_object(void)
{
    char text[4096];
    capture_begin();
    log_write(LOG_NOTICE, "rpc", "call %d of \"%s\"\n", 7, "x\\y");
    capture_end(text, sizeof text);
    json_t *line = parse_line(text);
    CU_ASSERT_STRING_EQUAL(member(line, "level"), "notice");
    CU_ASSERT_STRING_EQUAL(member(line, "module"), "rpc");
    CU_ASSERT_STRING_EQUAL(member(line, "message"), "call 7 of \"x\\y\"\n");
    CU_ASSERT_EQUAL(strlen(member(line, "time")), strlen("2026-01-01T00:00:00.000000Z"));
    json_decref(line);
}

static void test_log__lines_above_the_level_are_dropped(void)
{
    char text[4096];
    capture_begin();
    log_write(LOG_DEBUG, "rpc", "unseen");
    log_level_set(LOG_ERROR);
    log_write(LOG_WARNING, "rpc", "unseen");
    log_level_set(LOG_INFO);
    capture_end(text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void test_log__a_long_message_is_cut_at_2000_bytes(void)
{
    char text[20000];
    char long_text[5000];
    memset(long_text, '\x01', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    capture_begin();
    log_write(LOG_ERROR, "rpc", "%s", long_text);
    capture_end(text, sizeof text);
    json_t *line = parse_line(text);
    CU_ASSERT_EQUAL(strlen(member(line, "message")), 2000);
    json_decref(line);
}

static void test_log__foreign_bytes_do_not_break_the_line(void)
{
    char text[4096];
    capture_begin();
    log_write(LOG_ERROR, "rpc", "caf\xe9 \xc3\xa9");
    capture_end(text, sizeof text);
    json_t *line = parse_line(text);
    CU_ASSERT_STRING_EQUAL(member(line, "message"), "caf? ??");
    json_decref(line);
}

static void test_log__a_limited_site_says_how_many_it_left_out(void)
{
    char text[4096];
    struct log_limit limit = {0};
    capture_begin();
    for (int i = 0; i < 5; i++)
        log_write_limited(&limit, LOG_ERROR, "rpc", "number %d", i);
    atomic_store(&limit.last_ns, 1);
    log_write_limited(&limit, LOG_ERROR, "rpc", "number 5");
    capture_end(text, sizeof text);
    char *second = strchr(text, '\n') + 1;
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "number 0"));
    CU_ASSERT_PTR_NULL(strstr(text, "number 1"));
    json_t *line = parse_line(second);
    CU_ASSERT_STRING_EQUAL(member(line, "message"), "number 5");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(line, "left_out")), 4);
    json_decref(line);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_log__a_line_is_one_json_object),
    UNIT_TEST(test_log__lines_above_the_level_are_dropped),
    UNIT_TEST(test_log__a_long_message_is_cut_at_2000_bytes),
    UNIT_TEST(test_log__foreign_bytes_do_not_break_the_line),
    UNIT_TEST(test_log__a_limited_site_says_how_many_it_left_out),
};

UNIT_MAIN("base/log")
