/* SPDX-License-Identifier: Apache-2.0 */
/* What a session makes of a peer that does not keep to the rules: it tells why and ends. */
#include "sync_peer.h"

static void test_peer__who_keeps_to_the_rules_is_heard_to_the_end(void)
{
    a_peer();
    add_hello();
    add_resume();
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
}

/* It says that it has the chain up to @p position, with a hash of its own making. */
static void add_hello_at(Cpts__V1__SyncCursor *cursor, int64_t position)
{
    static uint8_t scope_hash[CPTS_SYNC_HASH_BYTES], made_up[CPTS_SYNC_HASH_BYTES] = {0x66};
    crypto_hash_sha256(scope_hash, (const uint8_t *)"region:11", strlen("region:11"));
    cursor->epoch = 1;
    cursor->position = position;
    cursor->schema_version = 1;
    cursor->scope_hash = (ProtobufCBinaryData){.len = sizeof scope_hash, .data = scope_hash};
    cursor->origin_position = position;
    cursor->origin_hash = (ProtobufCBinaryData){.len = sizeof made_up, .data = made_up};
    hello.cursor = cursor;
    add_hello();
    add_resume();
    silence_count = 3;
}

static void a_peer_and_two_records(void)
{
    struct testing_change change = {.kind = "REFERENCE", .region = "", .body = "{}"};
    a_peer();
    change.id = "00000000-0000-7000-8000-000000000001";
    CU_ASSERT_TRUE(cpts_testing_store__record(&store, &change));
    CU_ASSERT_TRUE(cpts_testing_store__record(&store, &change));
}

static void test_peer__the_point_that_is_signed_is_of_the_stores_own_chain(void)
{
    Cpts__V1__SyncCursor cursor = CPTS__V1__SYNC_CURSOR__INIT;
    uint8_t head_hash[CPTS_SYNC_HASH_BYTES];
    a_peer_and_two_records();
    memcpy(head_hash, store.self.head_hash, sizeof head_hash);
    add_hello_at(&cursor, 2);
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
    CU_ASSERT_EQUAL(signed_position, 2);
    CU_ASSERT_EQUAL(memcmp(signed_hash, head_hash, sizeof head_hash), 0);
}

static void test_peer__what_it_has_signed_is_not_signed_again(void)
{
    Cpts__V1__SyncCursor cursor = CPTS__V1__SYNC_CURSOR__INIT;
    a_peer_and_two_records();
    cursor.signed_position = 2;
    add_hello_at(&cursor, 2);
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
    CU_ASSERT_EQUAL(signed_position, 0);
}

static void test_peer__a_signed_point_before_the_first(void)
{
    Cpts__V1__SyncCursor cursor = CPTS__V1__SYNC_CURSOR__INIT;
    a_peer();
    cursor.signed_position = -1;
    hello.cursor = &cursor;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
}

static void test_peer__a_protocol_that_is_not_spoken(void)
{
    a_peer();
    hello.protocol_min = 2;
    add_hello();
    CU_ASSERT_TRUE(ends_with("PROTOCOL_UNKNOWN"));
}

static void test_peer__a_hello_without_an_epoch_or_credit(void)
{
    a_peer();
    hello.epoch = 0;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer();
    hello.credit_bytes = 1000;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
}

static void test_peer__frames_before_their_time(void)
{
    a_peer();
    add_resume();
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
    a_peer();
    add_hello();
    add_batch(0, 1, false);
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
    a_peer();
    add_hello();
    add_hello();
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
}

static void test_peer__a_repair_that_nobody_asked_for(void)
{
    a_peer();
    add_hello();
    add_resume();
    add_batch(0, 0, true);
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
}

/* A frame that is urgent overtakes the parts of a repair that wait for credit. */
static void test_peer__what_is_urgent_comes_between_parts_of_a_repair(void)
{
    Cpts__V1__SyncBatch part = CPTS__V1__SYNC_BATCH__INIT, urgent = part;
    a_peer();
    hello.features = UINT64_MAX;
    add_hello();
    add_resume();
    part.repair = true;
    part.more = true;
    urgent.urgent = true;
    add_this(&part);
    add_this(&urgent);
    part.part = 1;
    add_this(&part);
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
}

static void test_peer__a_batch_of_two_kinds(void)
{
    const struct {
        bool urgent, repair, given_back;
    } ROWS[] = {{false, false, true}, {true, false, true}, {true, true, false}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
        a_peer();
        add_hello();
        add_resume();
        batch.upto = 1;
        batch.urgent = ROWS[i].urgent;
        batch.repair = ROWS[i].repair;
        batch.given_back = ROWS[i].given_back;
        add_this(&batch);
        CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
    }
}

static void test_peer__positions_and_epochs_without_a_next_one(void)
{
    Cpts__V1__SyncWithheld run = CPTS__V1__SYNC_WITHHELD__INIT;
    Cpts__V1__SyncWithheld *runs[] = {&run};
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    a_peer();
    hello.epoch = INT32_MAX;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer();
    hello.head_position = INT64_MAX;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer();
    add_hello();
    add_resume();
    run.first = 1;
    run.last = INT64_MAX;
    batch.upto = 1;
    batch.withheld = runs;
    batch.n_withheld = 1;
    add_this(&batch);
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
}

/* Many times what is sent, once it is unpacked. */
static void test_peer__more_images_than_a_batch_may_have(void)
{
    static Cpts__V1__SyncImage image;
    static Cpts__V1__SyncImage *images[CPTS_SYNC_BATCH_CHANGES_MAX + 1];
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    cpts__v1__sync_image__init(&image);
    image.aggregate_kind = (char *)"X";
    image.aggregate_id = (char *)"Y";
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++)
        images[i] = &image;
    a_peer();
    add_hello();
    add_resume();
    batch.upto = 1;
    batch.images = images;
    batch.n_images = sizeof images / sizeof images[0];
    add_this(&batch);
    CU_ASSERT_TRUE(ends_with("FRAME_TOO_LARGE"));
}

/* Two parts of a batch that is not whole yet, of a peer with those features; how it ends. */
static bool ends_after_parts(uint64_t features, int32_t second, const char *reason)
{
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    a_peer();
    hello.features = features;
    add_hello();
    add_resume();
    batch.upto = 1;
    batch.more = true;
    add_this(&batch);
    batch.part = second;
    add_this(&batch);
    return ends_with(reason);
}

static void test_peer__parts_are_counted_where_both_sides_number_them(void)
{
    const uint64_t numbers = CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_PARTS;
    CU_ASSERT_TRUE(ends_after_parts(numbers, 1, "CONNECTION_FAILED"));
    CU_ASSERT_TRUE(ends_after_parts(numbers, 0, "FRAME_UNEXPECTED"));
    CU_ASSERT_TRUE(ends_after_parts(numbers, 2, "GAP"));
    CU_ASSERT_TRUE(ends_after_parts(numbers, INT32_MIN, "FRAME_UNEXPECTED"));
    CU_ASSERT_TRUE(ends_after_parts(numbers - 1, 0, "CONNECTION_FAILED"));
}

static void add_silence(void)
{
    frames[frame_count++] = NULL;
}

/* Digests that differ in the buckets of these aggregates, and then those. */
static void add_digests(const int *numbers, size_t count)
{
    static uint8_t hash[CPTS_SYNC_HASH_BYTES] = {1};
    static char ids[300][CPTS_UUID_TEXT_BYTES];
    static Cpts__V1__SyncAggregate aggregates[300];
    static Cpts__V1__SyncAggregate *listed[300];
    ProtobufCBinaryData buckets[CPTS_SYNC_BUCKETS] = {{0}};
    Cpts__V1__SyncDigest all = CPTS__V1__SYNC_DIGEST__INIT, some = all;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    for (size_t i = 0; i < count; i++) {
        cpts__v1__sync_aggregate__init(&aggregates[i]);
        snprintf(ids[i], sizeof ids[i], "00000000-0000-7000-8000-%012d", numbers[i]);
        aggregates[i].aggregate_kind = (char *)"CPTS";
        aggregates[i].aggregate_id = ids[i];
        listed[i] = &aggregates[i];
        if (i == 0 || numbers[i] != 2)
            buckets[cpts_sync_digest_bucket(ids[i])] =
                (ProtobufCBinaryData){.len = sizeof hash, .data = hash};
    }
    all.bucket_count = some.bucket_count = CPTS_SYNC_BUCKETS;
    all.buckets = buckets;
    all.n_buckets = CPTS_SYNC_BUCKETS;
    some.aggregates = listed;
    some.n_aggregates = count;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_DIGEST;
    frame.digest = &all;
    add(&frame);
    add_silence();
    frame.digest = &some;
    add(&frame);
    add_silence();
}

static void a_peer_that_is_inspected(void)
{
    a_peer();
    wish = CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR;
    hello.features = UINT64_MAX;
    add_hello();
    add_resume();
    add_silence();
}

static void test_peer__an_image_that_nobody_asked_for(void)
{
    Cpts__V1__SyncImage image = CPTS__V1__SYNC_IMAGE__INIT;
    Cpts__V1__SyncImage *images[] = {&image};
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    a_peer_that_is_inspected();
    add_digests((const int[]){9}, 1);
    image.aggregate_kind = (char *)"CPTS";
    image.aggregate_id = (char *)"00000000-0000-7000-8000-000000000008";
    image.owner_node = (char *)"region/11";
    batch.images = images;
    batch.n_images = 1;
    batch.repair = true;
    add_this(&batch);
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
    CU_ASSERT_EQUAL(mismatch_count, 1);
}

static void test_peer__digests_out_of_order_or_of_other_buckets(void)
{
    a_peer_that_is_inspected();
    add_digests((const int[]){9, 8}, 2);
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer_that_is_inspected();
    add_digests((const int[]){1, 2}, 2); /* the bucket of the second is said to be equal */
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    CU_ASSERT_EQUAL(mismatch_count, 0);
}

static void test_peer__more_that_differs_than_anybody_looks_at(void)
{
    int numbers[300];
    for (int i = 0; i < 300; i++)
        numbers[i] = 1000 + i;
    a_peer_that_is_inspected();
    add_digests(numbers, 300);
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
    CU_ASSERT_EQUAL(mismatch_count, 257);
}

static void test_peer__a_snapshot_taken_where_it_was_not_sent(void)
{
    static const int64_t POSITIONS[] = {-1, 1, INT64_MAX};
    for (size_t i = 0; i < sizeof POSITIONS / sizeof POSITIONS[0]; i++) {
        Cpts__V1__SyncAck ack = CPTS__V1__SYNC_ACK__INIT;
        Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
        a_peer();
        add_hello();
        add_resume();
        add_silence();
        ack.position = POSITIONS[i];
        ack.snapshot_chunk_count = 1;
        frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_ACK;
        frame.ack = &ack;
        add(&frame);
        CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
    }
}

static void test_peer__an_entry_out_of_its_turn(void)
{
    a_peer();
    add_hello();
    add_resume();
    add_urgent_entry();
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
}

static void test_peer__numbers_that_cannot_be_counted_on(void)
{
    a_peer();
    hello.epoch = INT32_MAX;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer();
    hello.head_position = INT64_MAX;
    add_hello();
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
    a_peer();
    add_hello();
    add_resume();
    add_batch(0, INT64_MAX, false);
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
}

static void test_peer__who_only_takes_tells_nothing(void)
{
    a_peer();
    scope = "cpts:0190a000-0000-7000-8000-00000000000c";
    add_hello();
    add_resume();
    add_batch(0, 1, false);
    CU_ASSERT_TRUE(ends_with("FRAME_UNEXPECTED"));
}

static void test_peer__who_only_takes_has_no_digests(void)
{
    a_peer();
    options.is_replica = true;
    silence_count = 1;
    add_hello();
    add_resume();
    add_request(0, 0);
    CU_ASSERT_TRUE(ends_with("CONNECTION_FAILED"));
    CU_ASSERT_EQUAL(digest_count, 1);
}

static bool ends_after_request(int32_t first, int32_t count, const char *reason)
{
    a_peer();
    add_hello();
    add_resume();
    add_request(first, count);
    return ends_with(reason);
}

static void test_peer__digests_of_buckets_that_there_are_not(void)
{
    CU_ASSERT_TRUE(ends_after_request(192, 64, "CONNECTION_FAILED"));
    CU_ASSERT_TRUE(ends_after_request(193, 64, "MALFORMED_MESSAGE"));
    CU_ASSERT_TRUE(ends_after_request(256, 0, "MALFORMED_MESSAGE"));
    CU_ASSERT_TRUE(ends_after_request(-1, 1, "MALFORMED_MESSAGE"));
    CU_ASSERT_TRUE(ends_after_request(0, INT32_MAX, "MALFORMED_MESSAGE"));
    CU_ASSERT_TRUE(ends_after_request(1, INT32_MIN, "MALFORMED_MESSAGE"));
}

static void test_peer__a_gap_in_positions(void)
{
    a_peer();
    add_hello();
    add_resume();
    add_batch(4, 5, false);
    CU_ASSERT_TRUE(ends_with("GAP"));
}

static void test_peer__more_than_its_credit(void)
{
    a_peer();
    options.credit_changes = 1;
    add_hello();
    add_resume();
    add_batch(0, 0, false);
    add_batch(0, 0, false);
    CU_ASSERT_TRUE(ends_with("CREDIT_EXCEEDED"));
}

static void test_peer__bytes_that_are_no_frame(void)
{
    a_peer();
    add_hello();
    add_resume();
    frames[1][0] = 0xff;
    CU_ASSERT_TRUE(ends_with("MALFORMED_MESSAGE"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_peer__who_keeps_to_the_rules_is_heard_to_the_end),
    UNIT_TEST(test_peer__the_point_that_is_signed_is_of_the_stores_own_chain),
    UNIT_TEST(test_peer__what_it_has_signed_is_not_signed_again),
    UNIT_TEST(test_peer__a_signed_point_before_the_first),
    UNIT_TEST(test_peer__a_protocol_that_is_not_spoken),
    UNIT_TEST(test_peer__a_hello_without_an_epoch_or_credit),
    UNIT_TEST(test_peer__frames_before_their_time),
    UNIT_TEST(test_peer__a_repair_that_nobody_asked_for),
    UNIT_TEST(test_peer__what_is_urgent_comes_between_parts_of_a_repair),
    UNIT_TEST(test_peer__a_batch_of_two_kinds),
    UNIT_TEST(test_peer__positions_and_epochs_without_a_next_one),
    UNIT_TEST(test_peer__more_images_than_a_batch_may_have),
    UNIT_TEST(test_peer__parts_are_counted_where_both_sides_number_them),
    UNIT_TEST(test_peer__an_image_that_nobody_asked_for),
    UNIT_TEST(test_peer__digests_out_of_order_or_of_other_buckets),
    UNIT_TEST(test_peer__more_that_differs_than_anybody_looks_at),
    UNIT_TEST(test_peer__a_snapshot_taken_where_it_was_not_sent),
    UNIT_TEST(test_peer__an_entry_out_of_its_turn),
    UNIT_TEST(test_peer__numbers_that_cannot_be_counted_on),
    UNIT_TEST(test_peer__who_only_takes_tells_nothing),
    UNIT_TEST(test_peer__who_only_takes_has_no_digests),
    UNIT_TEST(test_peer__digests_of_buckets_that_there_are_not),
    UNIT_TEST(test_peer__a_gap_in_positions),
    UNIT_TEST(test_peer__more_than_its_credit),
    UNIT_TEST(test_peer__bytes_that_are_no_frame),
};

UNIT_MAIN("sync peer")
