/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/node_address.h"

#include <string.h>

#include "support/unit.h"

static void test_node_address__splits_names_and_addresses(void)
{
    static const struct {
        const char *text;
        const char *host;
        bool is_ip;
    } GOOD[] = {
        {"a:1", "a", false},
        {"cpts.ars-idf.example:8443", "cpts.ars-idf.example", false},
        {"127.0.0.1:65535", "127.0.0.1", true},
        {"[::1]:8443", "::1", true},
        {"[2001:db8::7]:1", "2001:db8::7", true},
    };
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        char host[NODE_HOST_BYTES] = "";
        bool is_ip = !GOOD[i].is_ip;
        CU_ASSERT_TRUE(node_address_split(GOOD[i].text, host, &is_ip));
        CU_ASSERT_STRING_EQUAL(host, GOOD[i].host);
        CU_ASSERT_EQUAL(is_ip, GOOD[i].is_ip);
    }
}

static void test_node_address__refuses_what_is_none(void)
{
    static const char *const BAD[] = {
        "",        "a",       ":1",          "a:",          "a:0",        "a:01",
        "a:65536", "a:x",     "a b:1",       "-a:1",        "a-:1",       "a..b:1",
        ".a:1",    "a.:1",    "a,b:1",       "[::1:1",      "::1]:1",     "[a]:1",
        "[]:1",    "1.2.3:1", "1.2.3.256:1", "1.2.3.4.5:1", "01.2.3.4:1", "[1.2.3.4]:1",
        "a\n:1",   "a/b:1",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        char host[NODE_HOST_BYTES] = "before";
        bool is_ip = true;
        CU_ASSERT_FALSE(node_address_split(BAD[i], host, &is_ip));
        CU_ASSERT_STRING_EQUAL(host, "before");
        CU_ASSERT_TRUE(is_ip);
    }
}

static void test_node_address__the_longest_host_is_that_of_a_name(void)
{
    char text[NODE_HOST_BYTES + 8];
    char host[NODE_HOST_BYTES];
    bool is_ip = true;
    memset(text, 'a', sizeof text);
    strcpy(text + NODE_HOST_BYTES - 1, ":1");
    CU_ASSERT_TRUE(node_address_split(text, host, &is_ip));
    CU_ASSERT_EQUAL(strlen(host), NODE_HOST_BYTES - 1);
    memset(text, 'a', sizeof text);
    strcpy(text + NODE_HOST_BYTES, ":1");
    CU_ASSERT_FALSE(node_address_split(text, host, &is_ip));
}

static void test_node_address__names_of_regions(void)
{
    CU_ASSERT_STRING_EQUAL(node_name_region("region/11"), "11");
    CU_ASSERT_STRING_EQUAL(node_name_region("region/02A"), "02A");
    CU_ASSERT_PTR_NULL(node_name_region("region/"));
    CU_ASSERT_PTR_NULL(node_name_region("region/1"));
    CU_ASSERT_PTR_NULL(node_name_region("region/1234"));
    CU_ASSERT_PTR_NULL(node_name_region("region/1a"));
    CU_ASSERT_PTR_NULL(node_name_region("national"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_node_address__splits_names_and_addresses),
    UNIT_TEST(test_node_address__refuses_what_is_none),
    UNIT_TEST(test_node_address__the_longest_host_is_that_of_a_name),
    UNIT_TEST(test_node_address__names_of_regions),
};

UNIT_MAIN("domain/node_address")
