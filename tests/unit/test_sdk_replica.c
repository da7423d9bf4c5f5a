/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/replica.h>
#include <cpts/sync_record.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/unit.h"

#define OWN "cpts/01907d2c-5a7e-7000-8000-2f3b5c1d9e40"
#define ONE "01907d2c-5a7e-7000-8000-2f3b5c1d9e40"
#define TWO "01907d2c-5a7e-7000-8000-2f3b5c1d9e41"
#define THREE "01907d2c-5a7e-7000-8000-2f3b5c1d9e42"
#define SNAPSHOT "0193f1a2-5a7e-7000-8000-2f3b5c1d9e40"
#define STAGE_1 "{\"version\": 1, \"valid_from\": \"2020-01-01\"}"
#define STAGE_2 "{\"version\": 2, \"valid_from\": \"2021-01-01\"}"
#define OPT_IN "{\"use_case\": \"SNP\"}"

static char folder[32];
static char path[64];
static cpts_replica *replica;
static struct cpts_sync_store store;
static struct cpts_error error;
static const struct cpts_sync_peer PEER = {.node = "national", .epoch = 3, .scope = "*"};

static void open_replica(void)
{
    struct cpts_replica_options options = {.size = sizeof options, .path = path, .node = OWN};
    CU_ASSERT_EQUAL_FATAL(cpts_replica_open(&options, &replica, &error), CPTS_OK);
    cpts_replica_store(replica, &store);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/replicaXXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    open_replica();
}

static void tear_down(void)
{
    char command[64];
    cpts_replica_close(replica);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static struct cpts_sync_row row(const char *kind, const char *body, int64_t until_us)
{
    return (struct cpts_sync_row){
        .kind = kind,
        .body = {.bytes = (const uint8_t *)body, .byte_count = strlen(body)},
        .recorded_from_us = until_us == 0 ? 0 : 1,
        .recorded_to_us = until_us};
}

static struct cpts_sync_image image(const char *id, int32_t version, int32_t since,
                                    const struct cpts_sync_row *rows, size_t row_count)
{
    return (struct cpts_sync_image){.aggregate_kind = "CPTS",
                                    .aggregate_id = id,
                                    .version = version,
                                    .epoch = 1,
                                    .owner_node = "national",
                                    .lead_region = "11",
                                    .since_version = since,
                                    .rows = rows,
                                    .row_count = row_count};
}

static struct cpts_sync_applied apply_batch(struct cpts_sync_batch *batch)
{
    struct cpts_sync_applied applied = {0};
    CU_ASSERT_EQUAL_FATAL(store.apply(replica, &PEER, batch, &applied, &error), CPTS_OK);
    return applied;
}

static struct cpts_sync_applied apply_image(const struct cpts_sync_image *one, int64_t upto)
{
    struct cpts_sync_batch batch = {
        .after = upto - 1, .upto = upto, .head = upto, .images = one, .image_count = 1};
    return apply_batch(&batch);
}

static struct cpts_sync_cursor cursor(void)
{
    struct cpts_sync_cursor found;
    CU_ASSERT_EQUAL_FATAL(store.cursor(replica, "national", &found, &error), CPTS_OK);
    return found;
}

/* What is read back: "kind body closed;" of each row. */
static char seen[1024];

static bool note_row(const struct cpts_sync_row *one, void *data)
{
    (void)data;
    size_t length = strlen(seen);
    snprintf(seen + length, sizeof seen - length, "%s %.*s %d;", one->kind,
             (int)one->body.byte_count, (const char *)one->body.bytes,
             one->recorded_to_us != 0 && one->recorded_to_us != INT64_MAX);
    return true;
}

static const char *rows_of(const char *id)
{
    seen[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(cpts_replica_read(replica, id, note_row, NULL, &error), CPTS_OK);
    return seen;
}

static char parked[64];

static bool note_aggregate(const struct cpts_replica_aggregate *one, void *data)
{
    if (strcmp(one->aggregate_id, data) == 0)
        snprintf(parked, sizeof parked, "%d %s", one->version, one->parked);
    return true;
}

/* "version reason" of an aggregate; empty when it is not there. */
static const char *state_of(const char *id)
{
    parked[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(cpts_replica_list(replica, "CPTS", note_aggregate, (void *)id, &error),
                          CPTS_OK);
    return parked;
}

static void put_first(const char *id)
{
    const struct cpts_sync_row rows[] = {row("cpts_stage", STAGE_1, INT64_MAX),
                                         row("referral_opt_in", OPT_IN, 0)};
    struct cpts_sync_image one = image(id, 1, 0, rows, 2);
    CU_ASSERT_EQUAL(apply_image(&one, 1).absorbed_count, 0);
}

static void test_replica__stores_a_batch_and_its_cursor_once(void)
{
    set_up();
    put_first(ONE);
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "cpts_stage " STAGE_1 " 0;referral_opt_in " OPT_IN " 0;");
    CU_ASSERT_EQUAL(cursor().position, 1);
    CU_ASSERT_EQUAL(cursor().epoch, 3);
    struct cpts_sync_image again = image(ONE, 1, 0, NULL, 0);
    CU_ASSERT_EQUAL(apply_image(&again, 2).absorbed_count, 1);
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "cpts_stage " STAGE_1 " 0;referral_opt_in " OPT_IN " 0;");
    CU_ASSERT_EQUAL(cursor().position, 2);
    tear_down();
}

static void test_replica__adds_a_delta_and_replaces_what_comes_whole(void)
{
    set_up();
    put_first(ONE);
    const struct cpts_sync_row rows[] = {row("cpts_stage", STAGE_1, 9),
                                         row("cpts_stage", STAGE_2, INT64_MAX)};
    struct cpts_sync_image delta = image(ONE, 2, 1, rows, 2);
    apply_image(&delta, 2);
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "cpts_stage " STAGE_1 " 1;cpts_stage " STAGE_2 " 0;");
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "2 ");
    tear_down();
}

static void test_replica__parks_what_it_cannot_store_and_goes_on(void)
{
    set_up();
    const struct cpts_sync_row strange[] = {row("cpts_stage", STAGE_1, INT64_MAX),
                                            row("cpts_dream", "{}", 0)};
    const struct cpts_sync_row fine[] = {row("cpts_stage", STAGE_1, INT64_MAX)};
    struct cpts_sync_image both[] = {image(ONE, 1, 0, strange, 2), image(TWO, 1, 0, fine, 1)};
    struct cpts_sync_batch batch = {.upto = 1, .head = 1, .images = both, .image_count = 2};
    struct cpts_sync_applied applied = apply_batch(&batch);
    CU_ASSERT_EQUAL(applied.newly_parked_count, 1);
    CU_ASSERT_EQUAL(applied.parked_count, 1);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "0 KIND_UNKNOWN");
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "");
    CU_ASSERT_STRING_EQUAL(state_of(TWO), "1 ");
    CU_ASSERT_EQUAL(cursor().position, 1);
    /* A delta does not help, the whole does. */
    struct cpts_sync_image delta = image(ONE, 2, 1, fine, 1);
    CU_ASSERT_EQUAL(apply_image(&delta, 2).parked_count, 1);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "0 KIND_UNKNOWN");
    struct cpts_sync_image whole = image(ONE, 2, 0, fine, 1);
    CU_ASSERT_EQUAL(apply_image(&whole, 3).parked_count, 0);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "2 ");
    tear_down();
}

static void parks(const struct cpts_sync_image *one, const char *state)
{
    CU_ASSERT_EQUAL(apply_image(one, 2).newly_parked_count, 1);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), state);
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "cpts_stage " STAGE_1 " 0;referral_opt_in " OPT_IN " 0;");
}

static void test_replica__parks_a_stale_epoch(void)
{
    set_up();
    put_first(ONE);
    struct cpts_sync_image stale = image(ONE, 2, 0, NULL, 0);
    stale.epoch = 0;
    parks(&stale, "1 EPOCH_STALE");
    tear_down();
}

static void test_replica__parks_a_delta_with_a_gap(void)
{
    set_up();
    put_first(ONE);
    struct cpts_sync_image gap = image(ONE, 9, 5, NULL, 0);
    parks(&gap, "1 NOT_APPLIED");
    tear_down();
}

static void test_replica__parks_what_the_engine_refused(void)
{
    set_up();
    put_first(ONE);
    struct cpts_sync_image forged = image(ONE, 2, 0, NULL, 0);
    forged.refused = CPTS_SYNC_ALARM_ORIGIN_FORGED;
    parks(&forged, "1 ORIGIN_FORGED");
    tear_down();
}

static void test_replica__parks_a_row_without_its_key(void)
{
    set_up();
    put_first(ONE);
    const struct cpts_sync_row rows[] = {row("cpts_stage", "{\"version\": 2}", INT64_MAX)};
    struct cpts_sync_image one = image(ONE, 2, 1, rows, 1);
    parks(&one, "1 NOT_APPLIED");
    tear_down();
}

static void test_replica__repairs_whatever_the_version(void)
{
    set_up();
    put_first(ONE);
    put_first(TWO);
    const struct cpts_sync_row rows[] = {row("cpts_stage", STAGE_2, INT64_MAX)};
    struct cpts_sync_image repaired = image(ONE, 1, 0, rows, 1);
    struct cpts_sync_image gone = image(TWO, 0, 0, NULL, 0);
    struct cpts_sync_image both[] = {repaired, gone};
    struct cpts_sync_batch batch = {.images = both, .image_count = 2, .repair = true};
    apply_batch(&batch);
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "cpts_stage " STAGE_2 " 0;");
    CU_ASSERT_STRING_EQUAL(rows_of(TWO), "");
    CU_ASSERT_STRING_EQUAL(state_of(TWO), "");
    CU_ASSERT_EQUAL(cursor().position, 1);
    tear_down();
}

static void test_replica__stores_what_is_urgent_without_its_cursor(void)
{
    set_up();
    put_first(ONE);
    const struct cpts_sync_row rows[] = {row("cpts_stage", STAGE_2, INT64_MAX)};
    struct cpts_sync_image one = image(ONE, 7, 0, rows, 1);
    struct cpts_sync_batch batch = {.images = &one, .image_count = 1, .urgent = true};
    apply_batch(&batch);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "7 ");
    CU_ASSERT_EQUAL(cursor().position, 1);
    tear_down();
}

static void stage_one(int32_t number, const char *id, bool is_last)
{
    const struct cpts_sync_row rows[] = {row("cpts_stage", STAGE_2, INT64_MAX)};
    struct cpts_sync_image one = image(id, 5, 0, rows, 1);
    struct cpts_sync_chunk chunk = {.chunk = number,
                                    .position = 40,
                                    .epoch = 4,
                                    .scope_hash = {9},
                                    .origin_position = 30,
                                    .images = &one,
                                    .image_count = 1,
                                    .last = is_last};
    strcpy(chunk.snapshot_id, SNAPSHOT);
    CU_ASSERT_EQUAL_FATAL(store.stage(replica, &PEER, &chunk, &error), CPTS_OK);
}

static void test_replica__shows_a_snapshot_whole_or_not_at_all(void)
{
    set_up();
    put_first(ONE);
    stage_one(0, TWO, false);
    cpts_replica_close(replica);
    open_replica();
    CU_ASSERT_EQUAL(cursor().snapshot_chunk_count, 1);
    CU_ASSERT_STRING_EQUAL(cursor().snapshot_id, SNAPSHOT);
    CU_ASSERT_EQUAL(cursor().position, 1);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "1 ");
    CU_ASSERT_STRING_EQUAL(state_of(TWO), "");
    stage_one(1, THREE, true);
    struct cpts_sync_cursor now = cursor();
    CU_ASSERT_EQUAL(now.position, 40);
    CU_ASSERT_EQUAL(now.epoch, 4);
    CU_ASSERT_EQUAL(now.scope_hash[0], 9);
    CU_ASSERT_EQUAL(now.origin_position, 30);
    CU_ASSERT_EQUAL(now.snapshot_chunk_count, 0);
    CU_ASSERT_STRING_EQUAL(now.snapshot_id, "");
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "");
    CU_ASSERT_STRING_EQUAL(rows_of(ONE), "");
    CU_ASSERT_STRING_EQUAL(state_of(TWO), "5 ");
    CU_ASSERT_STRING_EQUAL(state_of(THREE), "5 ");
    tear_down();
}

static void test_replica__begins_a_snapshot_anew(void)
{
    set_up();
    stage_one(0, ONE, false);
    stage_one(0, TWO, false);
    stage_one(1, THREE, true);
    CU_ASSERT_STRING_EQUAL(state_of(ONE), "");
    CU_ASSERT_STRING_EQUAL(state_of(TWO), "5 ");
    tear_down();
}

static struct cpts_sync_aggregate digested;

static cpts_status note_digest(const struct cpts_sync_aggregate *aggregate, void *data,
                               struct cpts_error *err)
{
    (void)data;
    (void)err;
    digested = *aggregate;
    return CPTS_OK;
}

static void test_replica__digests_are_those_of_the_contract(void)
{
    set_up();
    static const char TEXT[] = "cpts_stage\t" STAGE_1 "\t0\nreferral_opt_in\t" OPT_IN "\t0\n";
    static uint8_t digests[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES];
    uint8_t expected[32], id_hash[32], of_bucket[32], nothing[32] = {0};
    int64_t position = 0;
    put_first(ONE);
    crypto_hash_sha256(expected, (const uint8_t *)TEXT, strlen(TEXT));
    crypto_hash_sha256(of_bucket, expected, sizeof expected);
    crypto_hash_sha256(id_hash, (const uint8_t *)ONE, strlen(ONE));
    struct cpts_sync_digest_query all = {.ret_digests = digests};
    CU_ASSERT_EQUAL_FATAL(store.digest(replica, &PEER, &all, &position, NULL, NULL, &error),
                          CPTS_OK);
    CU_ASSERT_EQUAL(position, 1);
    for (int i = 0; i < CPTS_SYNC_BUCKETS; i++)
        CU_ASSERT_EQUAL(memcmp(digests[i], i == id_hash[0] ? of_bucket : nothing, 32), 0);
    int32_t bucket = id_hash[0];
    struct cpts_sync_digest_query some = {.buckets = &bucket, .bucket_count = 1};
    CU_ASSERT_EQUAL_FATAL(store.digest(replica, &PEER, &some, &position, note_digest, NULL, &error),
                          CPTS_OK);
    CU_ASSERT_STRING_EQUAL(digested.aggregate_id, ONE);
    CU_ASSERT_EQUAL(digested.version, 1);
    CU_ASSERT_EQUAL(memcmp(digested.sha256, expected, 32), 0);
    tear_down();
}

static void test_replica__is_of_one_node(void)
{
    set_up();
    cpts_replica *other = NULL;
    struct cpts_replica_options options = {
        .size = sizeof options, .path = path, .node = "region/11"};
    CU_ASSERT_EQUAL(cpts_replica_open(&options, &other, &error), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "LOCAL_FILE_INVALID");
    CU_ASSERT_PTR_NULL(other);
    struct cpts_sync_self self;
    CU_ASSERT_EQUAL(store.self(replica, &self, &error), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(self.node, OWN);
    uint8_t key[32];
    CU_ASSERT_EQUAL(store.checkpoint_key(replica, "national", key, &error), CPTS_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(error.reason, "KEY_NOT_PUBLISHED");
    tear_down();
}

/* Opens the file again, as one who was told the key of a node. NULL = of none. */
static void open_with_key(uint8_t byte, const char *node)
{
    uint8_t key[32] = {byte};
    struct cpts_replica_options options = {
        .size = sizeof options, .path = path, .checkpoint_key = key, .checkpoint_node = node};
    cpts_replica_close(replica);
    CU_ASSERT_EQUAL_FATAL(cpts_replica_open(&options, &replica, &error), CPTS_OK);
    cpts_replica_store(replica, &store);
}

/* First byte of the key of a node; 0 = it is not known. */
static uint8_t key_of(const char *node)
{
    uint8_t key[32] = {0};
    cpts_status status = store.checkpoint_key(replica, node, key, &error);
    CU_ASSERT_TRUE(status == CPTS_OK || status == CPTS_NOT_FOUND);
    return key[0];
}

static void test_replica__a_key_is_one_nodes(void)
{
    set_up();
    open_with_key(7, "region/11");
    CU_ASSERT_EQUAL(key_of("region/11"), 7);
    CU_ASSERT_EQUAL(key_of("region/1"), 0);
    CU_ASSERT_EQUAL(key_of("region/111"), 0);
    CU_ASSERT_EQUAL(key_of("national"), 0);
    cpts_replica_close(replica);
    open_replica();
    CU_ASSERT_EQUAL(key_of("region/11"), 7);
    open_with_key(8, "national");
    CU_ASSERT_EQUAL(key_of("national"), 8);
    CU_ASSERT_EQUAL(key_of("region/11"), 0);
    open_with_key(9, NULL);
    CU_ASSERT_EQUAL(key_of("national"), 9);
    CU_ASSERT_EQUAL(key_of("region/11"), 9);
    tear_down();
}

static void test_replica__the_name_of_a_keys_node_may_not_be_too_long(void)
{
    char name[CPTS_SYNC_NODE_BYTES + 1];
    uint8_t key[32] = {7};
    cpts_replica *other = NULL;
    set_up();
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct cpts_replica_options options = {
        .size = sizeof options, .path = path, .checkpoint_key = key, .checkpoint_node = name};
    CU_ASSERT_EQUAL(cpts_replica_open(&options, &other, &error), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(error.reason, "ARGUMENT_INVALID");
    CU_ASSERT_STRING_EQUAL(error.field, "checkpoint_node");
    CU_ASSERT_PTR_NULL(other);
    CU_ASSERT_EQUAL(key_of("national"), 0);
    tear_down();
}

static struct cpts_replica_status status_of(void)
{
    struct cpts_replica_status status = {.size = sizeof status};
    CU_ASSERT_EQUAL_FATAL(cpts_replica_read_status(replica, &status, &error), CPTS_OK);
    return status;
}

static void keep_signed(const char *node, int64_t position)
{
    struct cpts_sync_checkpoint checkpoint = {.position = position};
    strcpy(checkpoint.node, node);
    CU_ASSERT_EQUAL_FATAL(store.keep_checkpoint(replica, &checkpoint, &error), CPTS_OK);
}

static void test_replica__tells_how_far_its_node_signed(void)
{
    set_up();
    CU_ASSERT_FALSE(status_of().has_checkpoint_key);
    struct cpts_sync_batch batch = {.upto = 6, .head = 6, .origin_position = 4};
    apply_batch(&batch);
    CU_ASSERT_EQUAL(status_of().origin_position, 4);
    CU_ASSERT_FALSE(status_of().has_checkpoint_key);
    open_with_key(7, "national");
    CU_ASSERT_TRUE(status_of().has_checkpoint_key);
    CU_ASSERT_EQUAL(status_of().signed_position, 0);
    keep_signed("region/11", 4);
    CU_ASSERT_EQUAL(status_of().signed_position, 0);
    keep_signed("national", 3);
    CU_ASSERT_EQUAL(status_of().signed_position, 3);
    CU_ASSERT_EQUAL(cursor().signed_position, 3);
    open_with_key(7, "region/11");
    CU_ASSERT_FALSE(status_of().has_checkpoint_key);
    tear_down();
}

static void test_replica__another_key_verifies_again(void)
{
    set_up();
    struct cpts_sync_batch batch = {.upto = 6, .head = 6, .origin_position = 4};
    apply_batch(&batch);
    open_with_key(7, "national");
    keep_signed("national", 4);
    keep_signed("region/11", 2);
    open_with_key(7, "national");
    CU_ASSERT_EQUAL(cursor().signed_position, 4);
    open_with_key(8, "national");
    CU_ASSERT_EQUAL(cursor().signed_position, 0);
    CU_ASSERT_EQUAL(cursor().origin_position, 4);
    tear_down();
}

static void test_replica__counts_alarms(void)
{
    set_up();
    struct cpts_replica_status status = {.size = sizeof status};
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL(store.alarm(replica, &PEER, CPTS_SYNC_ALARM_GAP, "", "4 6", &error),
                        CPTS_OK);
    CU_ASSERT_EQUAL(cpts_replica_read_status(replica, &status, &error), CPTS_OK);
    CU_ASSERT_EQUAL(status.alarm_count, 1);
    CU_ASSERT_STRING_EQUAL(status.node, OWN);
    tear_down();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_replica__stores_a_batch_and_its_cursor_once),
    UNIT_TEST(test_replica__adds_a_delta_and_replaces_what_comes_whole),
    UNIT_TEST(test_replica__parks_what_it_cannot_store_and_goes_on),
    UNIT_TEST(test_replica__parks_a_stale_epoch),
    UNIT_TEST(test_replica__parks_a_delta_with_a_gap),
    UNIT_TEST(test_replica__parks_what_the_engine_refused),
    UNIT_TEST(test_replica__parks_a_row_without_its_key),
    UNIT_TEST(test_replica__repairs_whatever_the_version),
    UNIT_TEST(test_replica__stores_what_is_urgent_without_its_cursor),
    UNIT_TEST(test_replica__shows_a_snapshot_whole_or_not_at_all),
    UNIT_TEST(test_replica__begins_a_snapshot_anew),
    UNIT_TEST(test_replica__digests_are_those_of_the_contract),
    UNIT_TEST(test_replica__is_of_one_node),
    UNIT_TEST(test_replica__a_key_is_one_nodes),
    UNIT_TEST(test_replica__the_name_of_a_keys_node_may_not_be_too_long),
    UNIT_TEST(test_replica__tells_how_far_its_node_signed),
    UNIT_TEST(test_replica__another_key_verifies_again),
    UNIT_TEST(test_replica__counts_alarms),
};

UNIT_MAIN("sdk_replica")
