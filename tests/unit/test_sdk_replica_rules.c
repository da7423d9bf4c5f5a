/* SPDX-License-Identifier: Apache-2.0 */
/* The replica in a SQLite file, judged by the hub of cpts/testing.h as any other
 * integrator's store. */
#include <cpts/replica.h>
#include <cpts/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replica_file.h"
#include "support/unit.h"

static char path[64];
static cpts_replica *replica;
static int commits_left;

/* 1 has SQLite take the transaction back. */
static int count_commit(void *data)
{
    (void)data;
    return commits_left == 0 ? 1 : (commits_left -= commits_left > 0, 0);
}

static cpts_status open_replica(void *data, struct cpts_sync_store *ret_store,
                                struct cpts_error *err)
{
    (void)data;
    struct cpts_replica_options options = {
        .size = sizeof options, .path = path, .node = "region/11"};
    commits_left = -1;
    cpts_status status = cpts_replica_open(&options, &replica, err);
    if (status != CPTS_OK)
        return status;
    sqlite3_commit_hook(replica->file.database, count_commit, NULL);
    cpts_replica_store(replica, ret_store);
    return CPTS_OK;
}

static void close_replica(void *data)
{
    (void)data;
    cpts_replica_close(replica);
    replica = NULL;
}

static void fail_after(void *data, int32_t commit_count)
{
    (void)data;
    commits_left = commit_count;
}

static void test_replica_rules__keeps_every_promise_of_a_store(void)
{
    char folder[] = "/tmp/replicaXXXXXX", command[64];
    struct cpts_error error;
    struct cpts_testing_report report = {.size = sizeof report};
    struct cpts_testing_subject subject = {
        .size = sizeof subject,
        .open = open_replica,
        .close = close_replica,
        .fail_after = fail_after,
        .options = {.size = sizeof subject.options, .is_replica = true}};
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    CU_ASSERT_EQUAL_FATAL(cpts_testing_conformance(&subject, &report, &error), CPTS_OK);
    CU_ASSERT_TRUE(report.finding_count > 0);
    for (int i = 0; i < report.finding_count; i++) {
        const struct cpts_testing_finding *finding = &report.findings[i];
        printf("\n    %-24s %s %s", finding->rule,
               finding->verdict == CPTS_TESTING_KEPT     ? "kept"
               : finding->verdict == CPTS_TESTING_BROKEN ? "BROKEN"
                                                         : "not tried",
               finding->detail);
        CU_ASSERT_NOT_EQUAL(finding->verdict, CPTS_TESTING_BROKEN);
    }
    CU_ASSERT_EQUAL(report.broken_count, 0);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_replica_rules__keeps_every_promise_of_a_store),
};

UNIT_MAIN("sdk_replica_rules")
