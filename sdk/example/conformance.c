/* SPDX-License-Identifier: Apache-2.0 */
/* Judges a store without any node: here the replica that comes with the library, in the
 * file FILE. For your own store, open() and close() are yours. 1 = a promise is broken.
 *
 *   conformance FILE
 */
#include <cpts/replica.h>
#include <cpts/testing.h>
#include <stdio.h>

struct mine {
    const char *path;
    cpts_replica *replica;
};

/* As after a loss of power: what was not durable is gone. */
static cpts_status open_mine(void *data, struct cpts_sync_store *ret_store, struct cpts_error *err)
{
    struct mine *mine = data;
    struct cpts_replica_options options = {
        .size = sizeof options, .path = mine->path, .node = "region/11"};
    cpts_status status = cpts_replica_open(&options, &mine->replica, err);
    if (status == CPTS_OK)
        cpts_replica_store(mine->replica, ret_store);
    return status;
}

static void close_mine(void *data)
{
    struct mine *mine = data;
    cpts_replica_close(mine->replica);
    mine->replica = NULL;
}

static void print(const struct cpts_testing_report *report)
{
    static const char *const WORDS[] = {"not tried", "kept", "BROKEN"};
    for (int32_t i = 0; i < report->finding_count; i++) {
        const struct cpts_testing_finding *finding = &report->findings[i];
        printf("%-14s %-9s %s\n", finding->rule, WORDS[finding->verdict], finding->promise);
        if (finding->verdict == CPTS_TESTING_BROKEN)
            printf("%-14s %s\n%-14s look at %s\n", "", finding->detail, "", finding->advice);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: conformance FILE\n");
        return 2;
    }
    struct mine mine = {.path = argv[1]};
    struct cpts_testing_subject subject = {
        .size = sizeof subject, .data = &mine, .open = open_mine, .close = close_mine};
    struct cpts_testing_report report;
    struct cpts_error err;
    if (cpts_testing_conformance(&subject, &report, &err) != CPTS_OK) {
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
        return 2;
    }
    print(&report);
    return report.broken_count > 0 ? 1 : 0;
}
