/* SPDX-License-Identifier: Apache-2.0 */
/* The conformance report says of a good store that it is, and finds what is wrong with
 * others. */
#include <cpts/testing.h>
#include <stdio.h>
#include <string.h>

#include "support/unit.h"
#include "testing_store.h"
#include "wire/error.h"

enum defect {
    NO_DEFECT,
    ACK_BEFORE_COMMIT,
    CURSOR_BEFORE_APPLY,
    CURSOR_OF_URGENT,
    OLD_IMAGES_TAKEN,
    REFUSED_TAKEN,
    SNAPSHOT_MERGED,
    REPAIR_PASSED_OVER,
    CHUNKS_IN_PLACE,
    CHUNKS_UNCOUNTED,
    CHAIN_FORGOTTEN,
    SIGNATURE_FORGOTTEN,
};

/* A store whose memory is lost when it is closed, but for what was committed. */
struct disk {
    struct testing_store durable;
    struct testing_store live;
    struct cpts_sync_store table;
    enum defect defect;
    int32_t commits_left;
    bool is_late;
};

static struct disk disk;

static bool commit(void)
{
    if (disk.commits_left == 0)
        return false;
    if (disk.commits_left > 0)
        disk.commits_left--;
    cpts_testing_store__done(&disk.durable);
    return cpts_testing_store__copy(&disk.durable, &disk.live);
}

static cpts_status settle(cpts_status status, struct cpts_error *err)
{
    if (status == CPTS_OK && !commit())
        return error_set(err, REASON_INTERNAL_ERROR, "the disk fails");
    return status;
}

/* The defects that are in the batch that is stored. */
static void spoil(struct cpts_sync_batch *batch, struct cpts_sync_image *images)
{
    for (size_t i = 0; i < batch->image_count; i++) {
        images[i] = batch->images[i];
        if (disk.defect == REFUSED_TAKEN)
            images[i].refused = CPTS_SYNC_ALARM_NONE;
    }
    batch->images = images;
    if (disk.defect == OLD_IMAGES_TAKEN && batch->urgent)
        batch->repair = true;
    if (disk.defect == REPAIR_PASSED_OVER && batch->repair && !batch->given_back)
        batch->image_count = 0;
}

static cpts_status apply(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err)
{
    struct cpts_sync_image images[64];
    struct cpts_sync_batch own = *batch;
    bool moves = !batch->urgent && !batch->repair;
    spoil(&own, images);
    if (disk.defect == ACK_BEFORE_COMMIT && disk.is_late)
        (void)commit();
    if (disk.defect == CURSOR_BEFORE_APPLY && moves) {
        struct testing_cursor *cursor = cpts_testing_store__cursor(&disk.live, peer->node);
        cursor->cursor.position = batch->upto;
        if (settle(CPTS_OK, err) != CPTS_OK)
            return err->status;
    }
    cpts_status status = disk.table.apply(store, peer, &own, ret_applied, err);
    if (disk.defect == CURSOR_OF_URGENT && batch->urgent)
        cpts_testing_store__cursor(&disk.live, peer->node)->cursor.position++;
    if (disk.defect == ACK_BEFORE_COMMIT) {
        disk.is_late = true;
        return status;
    }
    return settle(status, err);
}

static cpts_status stage(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct testing_aggregate *aggregates = disk.live.aggregates.items;
    for (size_t i = 0; disk.defect == SNAPSHOT_MERGED && i < disk.live.aggregates.count; i++)
        snprintf(aggregates[i].source, sizeof aggregates[i].source, "%s", "kept");
    for (size_t i = 0; disk.defect == CHUNKS_IN_PLACE && i < chunk->image_count; i++)
        (void)cpts_testing_store__put(&disk.live, &chunk->images[i], peer->node);
    struct cpts_sync_chunk first = *chunk;
    first.chunk = 0;
    bool is_first = disk.defect == CHUNKS_UNCOUNTED && chunk->last;
    return settle(disk.table.stage(store, peer, is_first ? &first : chunk, err), err);
}

static cpts_status digest(void *store, const struct cpts_sync_peer *peer,
                          const struct cpts_sync_digest_query *query, int64_t *ret_position,
                          cpts_sync_take_aggregate *take, void *data, struct cpts_error *err)
{
    struct testing_aggregate *aggregates = disk.live.aggregates.items;
    for (size_t i = 0; disk.defect == SNAPSHOT_MERGED && i < disk.live.aggregates.count; i++) {
        if (strcmp(aggregates[i].source, "kept") == 0)
            snprintf(aggregates[i].source, sizeof aggregates[i].source, "%s", "national");
    }
    return disk.table.digest(store, peer, query, ret_position, take, data, err);
}

static cpts_status keep_checkpoint(void *store, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err)
{
    return disk.defect == SIGNATURE_FORGOTTEN
               ? CPTS_OK
               : settle(disk.table.keep_checkpoint(store, checkpoint, err), err);
}

static cpts_status open_disk(void *data, struct cpts_sync_store *ret_store, struct cpts_error *err)
{
    (void)data;
    if (!cpts_testing_store__copy(&disk.live, &disk.durable))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory");
    disk.table = cpts_testing_store__table(&disk.live);
    disk.is_late = false;
    *ret_store = disk.table;
    ret_store->apply = apply;
    ret_store->stage = stage;
    ret_store->keep_checkpoint = keep_checkpoint;
    ret_store->digest = digest;
    return CPTS_OK;
}

static void close_disk(void *data)
{
    (void)data;
    cpts_testing_store__done(&disk.live);
}

static void fail_after(void *data, int32_t commit_count)
{
    (void)data;
    disk.commits_left = commit_count;
}

static cpts_status record(void *data, int32_t number, struct cpts_error *err)
{
    char id[CPTS_UUID_TEXT_BYTES];
    struct testing_change change = {
        .kind = "CPTS", .id = id, .region = "11", .body = "{\"own\": 1}"};
    (void)data;
    snprintf(id, sizeof id, "0190b000-0000-7000-8000-%012d", (int)(number % 4));
    (void)cpts_testing_store__record(&disk.live, &change);
    if (disk.defect == CHAIN_FORGOTTEN && number % 3 == 0) {
        struct testing_entry *entries = disk.live.entries.items;
        memset(entries[disk.live.entries.count - 1].entry.prev_hash, 0, 32);
    }
    return settle(CPTS_OK, err);
}

static struct cpts_testing_report report;

static cpts_status judge(enum defect defect)
{
    struct cpts_testing_subject subject = {.size = sizeof subject,
                                           .open = open_disk,
                                           .close = close_disk,
                                           .fail_after = fail_after,
                                           .record = record};
    struct cpts_error err;
    cpts_testing_store__init(&disk.durable, "region/11");
    disk.defect = defect;
    disk.commits_left = -1;
    cpts_status status = cpts_testing_conformance(&subject, &report, &err);
    cpts_testing_store__done(&disk.durable);
    return status;
}

static bool is_broken(const char *rule)
{
    for (int32_t i = 0; i < report.finding_count; i++) {
        if (strcmp(report.findings[i].rule, rule) == 0)
            return report.findings[i].verdict == CPTS_TESTING_BROKEN;
    }
    return false;
}

static void test_testing__a_good_store_keeps_every_rule(void)
{
    CU_ASSERT_EQUAL(judge(NO_DEFECT), CPTS_OK);
    CU_ASSERT_EQUAL(report.broken_count, 0);
    CU_ASSERT_EQUAL(report.finding_count, 22);
    for (int32_t i = 0; i < report.finding_count; i++) {
        CU_ASSERT_EQUAL(report.findings[i].verdict, CPTS_TESTING_KEPT);
        if (report.findings[i].verdict != CPTS_TESTING_KEPT)
            fprintf(stderr, "%s: %s\n", report.findings[i].rule, report.findings[i].detail);
    }
}

static void test_testing__every_defect_is_found(void)
{
    static const struct {
        enum defect defect;
        const char *rule;
    } ROWS[] = {{ACK_BEFORE_COMMIT, "DURABLE"},     {CURSOR_BEFORE_APPLY, "ATOMIC"},
                {CURSOR_OF_URGENT, "URGENT"},       {OLD_IMAGES_TAKEN, "OLD_IMAGE"},
                {REFUSED_TAKEN, "REFUSED"},         {SNAPSHOT_MERGED, "REPLACE"},
                {REPAIR_PASSED_OVER, "REPAIR"},     {REPAIR_PASSED_OVER, "FORGET"},
                {CHUNKS_IN_PLACE, "HALF_SNAPSHOT"}, {CHAIN_FORGOTTEN, "TELL"},
                {SIGNATURE_FORGOTTEN, "SIGNED"},    {CHUNKS_UNCOUNTED, "EVERY_CHUNK"}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        CU_ASSERT_EQUAL(judge(ROWS[i].defect), CPTS_OK);
        CU_ASSERT_TRUE(is_broken(ROWS[i].rule));
        if (!is_broken(ROWS[i].rule))
            fprintf(stderr, "defect %d is not found\n", (int)ROWS[i].defect);
        CU_ASSERT_TRUE(report.broken_count > 0);
    }
}

static void test_testing__a_subject_that_cannot_be_opened_is_refused(void)
{
    struct cpts_testing_subject subject = {.size = sizeof subject, .open = open_disk};
    struct cpts_error err;
    report.finding_count = 77;
    CU_ASSERT_EQUAL(cpts_testing_conformance(&subject, &report, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
    CU_ASSERT_EQUAL(report.finding_count, 77);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_testing__a_good_store_keeps_every_rule),
    UNIT_TEST(test_testing__every_defect_is_found),
    UNIT_TEST(test_testing__a_subject_that_cannot_be_opened_is_refused),
};

UNIT_MAIN("testing")
