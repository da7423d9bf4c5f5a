/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/unit.h"

static const char GOOD[] = "[node]\nname = national\ntrust_domain = cpts.example\n"
                           "[listen]\naddress = 127.0.0.1:0\n"
                           "[tls]\nca = a\ncertificate = b\nkey = c\n"
                           "[database]\nconninfo = host=/run dbname=cpts\n";

/* Reads GOOD followed by @p more. */
static cpts_status read_as(const char *more, const struct config_arguments *arguments,
                           struct config *config, struct cpts_error *err)
{
    char path[] = "/tmp/cpts-config-XXXXXX";
    int descriptor = mkstemp(path);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fprintf(file, "%s%s", GOOD, more);
    fclose(file);
    cpts_status status = config_read(path, arguments, config, err);
    unlink(path);
    return status;
}

static cpts_status read_with(const char *more, struct config *config, struct cpts_error *err)
{
    return read_as(more, NULL, config, err);
}

static void test_config__defaults(void)
{
    struct config config;
    CU_ASSERT_EQUAL(read_with("", &config, NULL), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(config.node, "national");
    CU_ASSERT_STRING_EQUAL(config.conninfo, "host=/run dbname=cpts");
    CU_ASSERT_STRING_EQUAL(config.port_file, "");
    CU_ASSERT_EQUAL(config.log_level, LOG_INFO);
    CU_ASSERT_EQUAL(config.limits.message_bytes, 1 << 20);
    CU_ASSERT_EQUAL(config.disclosure_threshold_count, 11);
    CU_ASSERT_FALSE(config.insecure);
}

static void test_config__limits_and_level(void)
{
    struct config config;
    CU_ASSERT_EQUAL(read_with("[limits]\nqueue_calls = 7\n[log]\nlevel = debug\n", &config, NULL),
                    CPTS_OK);
    CU_ASSERT_EQUAL(config.limits.queue_calls, 7);
    CU_ASSERT_EQUAL(config.log_level, LOG_DEBUG);
}

static void test_config__threshold_of_small_counts(void)
{
    struct config config;
    CU_ASSERT_EQUAL(read_with("[disclosure]\nthreshold_count = 1000\n", &config, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(config.disclosure_threshold_count, 1000);
}

static void test_config__enrolment(void)
{
    struct config config;
    CU_ASSERT_EQUAL(read_with("", &config, NULL), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(config.enrolment_address, "");
    CU_ASSERT_STRING_EQUAL(config.authorities, "a");
    CU_ASSERT_EQUAL(config.lifetime_days, 90);
    CU_ASSERT_EQUAL(read_with("[enrolment]\naddress = h:1\nissuer_certificate = i\n"
                              "issuer_key = k\nauthorities = r\nlifetime_days = 7\n",
                              &config, NULL),
                    CPTS_OK);
    CU_ASSERT_STRING_EQUAL(config.enrolment_address, "h:1");
    CU_ASSERT_STRING_EQUAL(config.issuer_key, "k");
    CU_ASSERT_STRING_EQUAL(config.authorities, "r");
    CU_ASSERT_EQUAL(config.lifetime_days, 7);
}

static void test_config__role_follows_from_the_name(void)
{
    struct config config;
    CU_ASSERT_EQUAL(read_with("[node]\nrole = national\n", &config, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(config.role, NODE_NATIONAL);
    CU_ASSERT_STRING_EQUAL(config_region(&config), "");
    CU_ASSERT_EQUAL(config.federation.sessions, 64);
    CU_ASSERT_EQUAL(
        read_with("[node]\nname = region/11\n[federation]\nupstream = h:1\nbookmark_ms = 100\n",
                  &config, NULL),
        CPTS_OK);
    CU_ASSERT_EQUAL(config.role, NODE_REGIONAL);
    CU_ASSERT_STRING_EQUAL(config_region(&config), "11");
    CU_ASSERT_STRING_EQUAL(config.federation.upstream, "h:1");
    CU_ASSERT_EQUAL(config.federation.bookmark_ms, 100);
}

static void test_config__command_line_goes_first(void)
{
    static const struct config_arguments ARGUMENTS = {.role = "regional", .upstream = "other:2"};
    struct config config;
    CU_ASSERT_EQUAL(read_as("[node]\nname = region/2A\n[federation]\nupstream = h:1\n", &ARGUMENTS,
                            &config, NULL),
                    CPTS_OK);
    CU_ASSERT_STRING_EQUAL(config.federation.upstream, "other:2");
}

static void test_config__role_that_does_not_fit(void)
{
    static const struct config_arguments REGIONAL = {.role = "regional"};
    static const struct config_arguments NOTHING = {.role = "colonial"};
    struct config config = {.node = "untouched"};
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(read_as("", &REGIONAL, &config, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
    CU_ASSERT_EQUAL(read_as("", &NOTHING, &config, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(config.node, "untouched");
}

static void test_config__refusals(void)
{
    static const char *const BAD[] = {
        "[limits]\nqueue_calls = 0\n",
        "[limits]\nqueue_calls = -1\n",
        "[limits]\nqueue_calls = 1x\n",
        "[limits]\nqueue_calls = 99999999999\n",
        "[limits]\nno_such = 1\n",
        "[limits]\nthreshold_count = 11\n",
        "[disclosure]\nthreshold_count = 0\n",
        "[disclosure]\nthreshold_count = 1001\n",
        "[disclosure]\nqueue_calls = 7\n",
        "[node]\ncolour = red\n",
        "[planet]\nname = earth\n",
        "[log]\nlevel = loud\n",
        "[node]\nname =\n",
        "this is no INI\n",
        "[enrolment]\nlifetime_days = 91\n",
        "[enrolment]\nissuer_key = k\n",
        "[node]\nrole = regional\n",
        "[node]\nrole = other\n",
        "[node]\nname = region/11\n",
        "[node]\nname = region/1\n[federation]\nupstream = h:1\n",
        "[node]\nname = county/11\n[federation]\nupstream = h:1\n",
        "[federation]\nupstream = h:1\n",
        "[federation]\nsessions = 0\n",
        "[federation]\nbatch_changes = 65537\n",
        "[enrolment]\nissuer_certificate = i\n",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct config config = {.node = "untouched"};
        struct cpts_error err = {0};
        CU_ASSERT_EQUAL(read_with(BAD[i], &config, &err), CPTS_FAILED_PRECONDITION);
        CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
        CU_ASSERT_STRING_EQUAL(config.node, "untouched");
    }
}

static void test_config__absent_file(void)
{
    struct config config;
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(config_read("/nonexistent", NULL, &config, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "/nonexistent"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_config__defaults),
    UNIT_TEST(test_config__limits_and_level),
    UNIT_TEST(test_config__threshold_of_small_counts),
    UNIT_TEST(test_config__enrolment),
    UNIT_TEST(test_config__role_follows_from_the_name),
    UNIT_TEST(test_config__command_line_goes_first),
    UNIT_TEST(test_config__role_that_does_not_fit),
    UNIT_TEST(test_config__refusals),
    UNIT_TEST(test_config__absent_file),
};

UNIT_MAIN("base/config")
