/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/pin_file.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/unit.h"

#define KEY_DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER_DIGITS "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define WHOLE                                                                                      \
    "[upstream]\nnode = national\nepoch = 3\ncheckpoint_key = " KEY_DIGITS                         \
    "\nauthority = " OTHER_DIGITS "\nown_epoch = 2\n"
#define UNTOUCHED 0x55555555
#define LARGE_BYTES (1024 * 1024)
#define BEGIN_LINE "-----BEGIN CERTIFICATE-----\n"
#define END_LINE "-----END CERTIFICATE-----\n"

static char folder[32];
static char path[64];
static struct upstream_pin pin;
static struct cpts_error error;

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static void set_up(const char *text)
{
    strcpy(folder, "/tmp/pinXXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/node-upstream.ini", folder);
    write_file(text);
    memset(&pin, 0x55, sizeof pin);
}

static void tear_down(void)
{
    (void)unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* Refused, the file is named, and the pin is as it was. */
static bool is_refused(const char *why)
{
    cpts_status status = pin_file_read(path, &pin, &error);
    return status == CPTS_FAILED_PRECONDITION &&
           strcmp(error.reason, "CONFIGURATION_INVALID") == 0 &&
           strstr(error.message, path) != NULL && strstr(error.message, why) != NULL &&
           pin.epoch == UNTOUCHED && pin.own_epoch == UNTOUCHED && pin.node[0] == 0x55;
}

static void test_pin_file__says_who_is_above(void)
{
    set_up(WHOLE "from_a_newer_version = yes\n[other]\nnode =\n");
    CU_ASSERT_EQUAL(pin_file_read(path, &pin, &error), CPTS_OK);
    CU_ASSERT_TRUE(pin.has_pin);
    CU_ASSERT_STRING_EQUAL(pin.node, "national");
    CU_ASSERT_EQUAL(pin.epoch, 3);
    CU_ASSERT_EQUAL(pin.own_epoch, 2);
    CU_ASSERT_EQUAL(pin.checkpoint_key[0], 0x01);
    CU_ASSERT_EQUAL(pin.checkpoint_key[31], 0xef);
    CU_ASSERT_EQUAL(pin.authority[0], 0xfe);
    CU_ASSERT_EQUAL(pin.authority[31], 0x10);
    tear_down();
}

static void test_pin_file__without_a_path_nothing_is_pinned(void)
{
    memset(&pin, 0x55, sizeof pin);
    CU_ASSERT_EQUAL(pin_file_read("", &pin, &error), CPTS_OK);
    CU_ASSERT_FALSE(pin.has_pin);
    CU_ASSERT_EQUAL(pin.own_epoch, 0);
}

static void test_pin_file__a_line_that_is_none_is_refused_by_its_number(void)
{
    static const char *const LINES[] = {
        "epoch = 0",          "epoch = -1",          "epoch = 1000001",
        "epoch = 3 ",         "epoch = 3x",          "epoch =",
        "own_epoch = 0",      "own_epoch = two",     "node =",
        "checkpoint_key = 0", "authority = nothing", "checkpoint_key = " KEY_DIGITS "00",
        "nonsense",
    };
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        char text[256];
        bool is_trimmed = strcmp(LINES[i], "epoch = 3 ") == 0;
        snprintf(text, sizeof text, "[upstream]\n%s\n", LINES[i]);
        set_up(text);
        CU_ASSERT_TRUE(is_refused(is_trimmed ? "says not all of" : "line 2 is not understood"));
        tear_down();
    }
}

static void test_pin_file__a_name_that_is_too_long_is_refused(void)
{
    char text[256];
    snprintf(text, sizeof text, "[upstream]\nnode = %0*d\n", CPTS_SYNC_NODE_BYTES, 1);
    set_up(text);
    CU_ASSERT_TRUE(is_refused("line 2 is not understood"));
    tear_down();
}

static void test_pin_file__one_that_says_not_all_is_refused(void)
{
    static const char *const NAMES[] = {"node", "epoch", "checkpoint_key", "authority",
                                        "own_epoch"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char text[] = WHOLE, line[32];
        snprintf(line, sizeof line, "\n%s =", NAMES[i]);
        *(strstr(text, line) + 1) = ';'; /* a comment */
        set_up(text);
        CU_ASSERT_TRUE(is_refused("says not all of node, epoch"));
        tear_down();
    }
    set_up("");
    CU_ASSERT_TRUE(is_refused("says not all of"));
    tear_down();
}

static void test_pin_file__one_that_is_not_there_is_refused(void)
{
    set_up("");
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_TRUE(is_refused("cannot be read"));
    tear_down();
}

/* Any bytes do: they are looked for, not believed. */
static void test_pin_file__finds_an_authority_among_others(void)
{
    static const uint8_t CERTIFICATE[] = "of the authority";
    uint8_t print[DIGEST_BYTES], other[DIGEST_BYTES] = {0};
    char base64[64], text[512];
    crypto_hash_sha256(print, CERTIFICATE, sizeof CERTIFICATE);
    sodium_bin2base64(base64, sizeof base64, CERTIFICATE, sizeof CERTIFICATE,
                      sodium_base64_VARIANT_ORIGINAL);
    snprintf(text, sizeof text,
             "before\n" BEGIN_LINE "AAAA\n" END_LINE BEGIN_LINE "not base64!\n" END_LINE BEGIN_LINE
             "%.8s\r\n%s\n" END_LINE "after\n",
             base64, base64 + 8);
    set_up(text);
    CU_ASSERT_TRUE(pin_file_holds(path, print));
    CU_ASSERT_FALSE(pin_file_holds(path, other));
    *strstr(text, END_LINE "after") = '\0';
    write_file(text);
    CU_ASSERT_FALSE(pin_file_holds(path, print)); /* it has no end */
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_FALSE(pin_file_holds(path, print));
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void test_pin_file__one_that_is_too_large_holds_nothing(void)
{
    uint8_t print[DIGEST_BYTES];
    crypto_hash_sha256(print, (const uint8_t *)"", 0);
    set_up(BEGIN_LINE END_LINE);
    CU_ASSERT_TRUE(pin_file_holds(path, print));
    CU_ASSERT_EQUAL(truncate(path, LARGE_BYTES), 0);
    CU_ASSERT_FALSE(pin_file_holds(path, print));
    tear_down();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_pin_file__says_who_is_above),
    UNIT_TEST(test_pin_file__without_a_path_nothing_is_pinned),
    UNIT_TEST(test_pin_file__a_line_that_is_none_is_refused_by_its_number),
    UNIT_TEST(test_pin_file__a_name_that_is_too_long_is_refused),
    UNIT_TEST(test_pin_file__one_that_says_not_all_is_refused),
    UNIT_TEST(test_pin_file__one_that_is_not_there_is_refused),
    UNIT_TEST(test_pin_file__finds_an_authority_among_others),
    UNIT_TEST(test_pin_file__one_that_is_too_large_holds_nothing),
};

UNIT_MAIN("pin file")
