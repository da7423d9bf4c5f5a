/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exchange.h"
#include "support/unit.h"

static struct cpts_client_options fine_options(void)
{
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = "127.0.0.1:1",
                                          .ca_file = "/nonexistent/ca.pem",
                                          .certificate_file = "/nonexistent/certificate.pem",
                                          .key_file = "/nonexistent/key.pem"};
    return options;
}

static void expect(const struct cpts_client_options *options, const char *reason, const char *field)
{
    struct cpts_error err;
    cpts_client *client = NULL;
    CU_ASSERT_NOT_EQUAL(cpts_client_open(options, &client, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, field);
    CU_ASSERT_PTR_NULL(client);
}

static void test_client__a_missing_file_is_named(void)
{
    struct cpts_client_options options = fine_options();
    struct cpts_error err;
    cpts_client *client = NULL;
    expect(&options, "CONFIGURATION_INVALID", "ca_file");
    CU_ASSERT_EQUAL(cpts_client_open(&options, &client, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.detail, "/nonexistent/ca.pem");
}

static void test_client__a_file_that_is_not_pem_is_refused(void)
{
    char path[] = "/tmp/cpts-test-XXXXXX";
    int descriptor = mkstemp(path);
    struct cpts_client_options options = fine_options();
    CU_ASSERT_FATAL(descriptor >= 0);
    CU_ASSERT_EQUAL(write(descriptor, "hello\n", 6), 6);
    close(descriptor);
    options.ca_file = path;
    expect(&options, "CONFIGURATION_INVALID", "ca_file");
    unlink(path);
}

static void test_client__impossible_options_are_named(void)
{
    struct cpts_client_options options = fine_options();
    options.address = "localhost";
    expect(&options, "ARGUMENT_INVALID", "address");
    options = fine_options();
    options.timeout_ms = CPTS_TIMEOUT_MAX_MS + 1;
    expect(&options, "ARGUMENT_INVALID", "timeout_ms");
    options = fine_options();
    options.retry_max = -2;
    expect(&options, "ARGUMENT_INVALID", "retry_max");
    options = fine_options();
    options.size = 0;
    expect(&options, "ARGUMENT_INVALID", "size");
}

static void test_client__an_error_is_optional(void)
{
    struct cpts_client_options options = fine_options();
    cpts_client *client = NULL;
    CU_ASSERT_EQUAL(cpts_client_open(&options, &client, NULL), CPTS_FAILED_PRECONDITION);
    cpts_client_close(client, 0);
}

static void test_client__an_older_struct_is_filled_up_with_zeros(void)
{
    struct newer {
        size_t size;
        int first, second;
    } to = {.second = 9};
    struct older {
        size_t size;
        int first;
    } from = {.size = offsetof(struct newer, second), .first = 5};
    CU_ASSERT_EQUAL(cpts_exchange__adopt(&to, sizeof to, &from, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(to.first, 5);
    CU_ASSERT_EQUAL(to.second, 0);
}

static void test_client__a_newer_struct_is_cut(void)
{
    struct newer {
        size_t size;
        int first;
        int unknown[8];
    } from = {.size = sizeof from, .first = 5, .unknown = {1, 2, 3}};
    struct older {
        size_t size;
        int first;
    } to;
    CU_ASSERT_EQUAL(cpts_exchange__adopt(&to, sizeof to, &from, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(to.first, 5);
}

static void test_client__an_older_caller_is_given_what_it_knows(void)
{
    struct newer {
        size_t size;
        int first, second;
    } from = {.size = sizeof from, .first = 5, .second = 6}, to = {.second = 9};
    to.size = offsetof(struct newer, second);
    cpts_exchange__give(&to, &from, sizeof from);
    CU_ASSERT_EQUAL(to.size, offsetof(struct newer, second));
    CU_ASSERT_EQUAL(to.first, 5);
    CU_ASSERT_EQUAL(to.second, 9);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_client__a_missing_file_is_named),
    UNIT_TEST(test_client__a_file_that_is_not_pem_is_refused),
    UNIT_TEST(test_client__impossible_options_are_named),
    UNIT_TEST(test_client__an_error_is_optional),
    UNIT_TEST(test_client__an_older_struct_is_filled_up_with_zeros),
    UNIT_TEST(test_client__a_newer_struct_is_cut),
    UNIT_TEST(test_client__an_older_caller_is_given_what_it_knows),
};

UNIT_MAIN("sdk/client")
