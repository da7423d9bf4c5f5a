/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "address.h"
#include "support/unit.h"

static struct address address;
static struct cpts_error err;

static void expect(const char *text, const char *name, const char *target, const char *server_name)
{
    CU_ASSERT_EQUAL_FATAL(cpts_address__read(text, name, &address, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(address.target, target);
    CU_ASSERT_STRING_EQUAL(address.server_name, server_name);
}

static void refuse(const char *text, const char *name, const char *field)
{
    CU_ASSERT_EQUAL(cpts_address__read(text, name, &address, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
    CU_ASSERT_STRING_EQUAL(err.field, field);
}

static void test_address__one_stays_as_it_is(void)
{
    expect("cpts.example:4430", NULL, "cpts.example:4430", "");
    CU_ASSERT_FALSE(address.is_list);
    expect("[::1]:4430", "cpts.example", "[::1]:4430", "cpts.example");
}

static void test_address__several_become_numbers(void)
{
    expect("127.0.0.1:1,127.0.0.1:65535", NULL, "ipv4:127.0.0.1:1,127.0.0.1:65535", "127.0.0.1");
    CU_ASSERT_TRUE(address.is_list);
    expect("127.0.0.1:1,127.0.0.2:2", "n", "ipv4:127.0.0.1:1,127.0.0.2:2", "n");
}

static void test_address__ipv4_among_ipv6_is_mapped(void)
{
    expect("[::1]:1,127.0.0.1:2", "n", "ipv6:[::1]:1,[::ffff:127.0.0.1]:2", "n");
}

static void test_address__different_hosts_need_a_name(void)
{
    refuse("127.0.0.1:1,127.0.0.2:1", NULL, "server_name");
}

static void test_address__what_is_no_address_is_named(void)
{
    static const char *const TEXTS[] = {"",      "host", "host:",   "host:0",  "host:65536",
                                        ":1",    "a:b",  "::1:1",   "[]:1",    "127.0.0.1:1,",
                                        "a:1,,", ",",    "h:1 ,h:", "h:-1",    "h:+1",
                                        "h: 1",  "h:1x", "[::1]1",  "[::1:80", "127.0.0.1:1,[::1"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        refuse(TEXTS[i], "n", "address");
}

static void test_address__there_is_a_most(void)
{
    char text[20 * sizeof "127.0.0.1:1"] = "127.0.0.1:1";
    for (int i = 1; i < ADDRESS_COUNT_MAX; i++)
        strcat(text, ",127.0.0.1:1");
    CU_ASSERT_EQUAL(cpts_address__read(text, NULL, &address, &err), CPTS_OK);
    strcat(text, ",127.0.0.1:1");
    refuse(text, NULL, "address");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_address__one_stays_as_it_is),
    UNIT_TEST(test_address__several_become_numbers),
    UNIT_TEST(test_address__ipv4_among_ipv6_is_mapped),
    UNIT_TEST(test_address__different_hosts_need_a_name),
    UNIT_TEST(test_address__what_is_no_address_is_named),
    UNIT_TEST(test_address__there_is_a_most),
};

UNIT_MAIN("sdk/address")
