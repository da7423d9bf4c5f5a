/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "support/unit.h"
#include "sync_pair.h"

/* Number of the referral that goes before what waits. */
#define URGENT 99

static struct pair pair;

static void a_pair(void)
{
    pair_init(&pair);
    pair_record(&pair.region, 1, "{\"a\": 1}");
    pair_record(&pair.region, 2, "{\"b\": 1}");
    pair_record_national(&pair, 10, NULL);
    pair_record_national(&pair, 11, "52");
    pair_record_national(&pair, 12, NULL);
}

/* One that has met already. */
static void a_met_pair(void)
{
    a_pair();
    pair_run(&pair);
}

static bool is_equal(void)
{
    return pair_is_equal(&pair, true) && pair_is_equal(&pair, false);
}

static size_t national_alarms(enum cpts_sync_alarm alarm)
{
    return cpts_testing_store__count_alarms(&pair.national, alarm);
}

static void test_session__a_new_region_gets_and_gives_everything(void)
{
    a_pair();
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    CU_ASSERT_EQUAL(pair.region.aggregates.count, 4);
    CU_ASSERT_EQUAL(pair.national.aggregates.count, 5);
    CU_ASSERT_EQUAL(pair.region.alarms.count, 0);
    CU_ASSERT_EQUAL(pair.national.alarms.count, 0);
    pair_done(&pair);
}

static void test_session__goes_on_where_it_was(void)
{
    a_met_pair();
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair_record_national(&pair, 11, "52");
    pair_record_national(&pair, 10, NULL);
    int32_t applied = pair.national.apply_count;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    CU_ASSERT_EQUAL(pair.national.apply_count, applied + 1);
    CU_ASSERT_EQUAL(pair.sides[1].status.received.snapshot_chunk_count, 0);
    CU_ASSERT_EQUAL(pair.region.alarms.count, 0);
    pair_done(&pair);
}

/* Does one deed to the frames of one kind (their first byte) that one end sends. */
struct prank {
    enum testing_deed deed;
    int from;
    uint8_t kind;
    /* Frames of that kind to let pass before, and to do it to. */
    int skip;
    int times;
};

#define BATCH_KIND 0x1a
#define ACK_KIND 0x22
#define SNAPSHOT_KIND 0x3a

static enum testing_deed play(void *data, int from, const uint8_t *bytes, size_t byte_count)
{
    struct prank *prank = data;
    if (from != prank->from || byte_count == 0 || bytes[0] != prank->kind)
        return TESTING_DELIVER;
    if (prank->skip > 0 && prank->skip-- > 0)
        return TESTING_DELIVER;
    return prank->times > 0 && prank->times-- > 0 ? prank->deed : TESTING_DELIVER;
}

static void run_with(struct prank *prank)
{
    pair.filter = play;
    pair.filter_data = prank;
    pair_run(&pair);
    pair.filter = NULL;
}

static void record_three(void)
{
    pair.sides[0].options.batch_changes = 1;
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair_record(&pair.region, 3, "{\"c\": 1}");
    pair_record(&pair.region, 2, "{\"b\": 2}");
}

static void test_session__a_batch_that_is_missing_ends_it_and_comes_again(void)
{
    struct prank prank = {TESTING_DROP, 0, BATCH_KIND, 1, 1};
    a_met_pair();
    record_three();
    run_with(&prank);
    CU_ASSERT_STRING_EQUAL(pair.sides[1].err.reason, "GAP");
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "GAP");
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_GAP), 1);
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static void test_session__batches_in_another_order_are_a_gap(void)
{
    struct prank prank = {TESTING_LATER, 0, BATCH_KIND, 0, 1};
    a_met_pair();
    record_three();
    run_with(&prank);
    CU_ASSERT_STRING_EQUAL(pair.sides[1].err.reason, "GAP");
    CU_ASSERT_EQUAL(pair.national.parked.count, 0);
    pair_run(&pair);
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static void test_session__what_comes_twice_is_stored_once(void)
{
    struct prank prank = {TESTING_TWICE, 0, BATCH_KIND, 0, 3};
    a_met_pair();
    record_three();
    size_t entries = pair.national.entries.count;
    run_with(&prank);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    CU_ASSERT_EQUAL(pair.national.entries.count, entries + 3);
    CU_ASSERT_EQUAL(pair.sides[1].status.received.absorbed_count, 3);
    pair_done(&pair);
}

static void test_session__a_lost_acknowledgement_changes_nothing(void)
{
    struct prank prank = {TESTING_CUT, 1, ACK_KIND, 0, 1};
    a_met_pair();
    record_three();
    run_with(&prank);
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

/* From the first frame of the kind after the skipped, nothing that this end sends arrives. */
static enum testing_deed fall_silent(void *data, int from, const uint8_t *bytes, size_t byte_count)
{
    struct prank *prank = data;
    if (from != prank->from)
        return TESTING_DELIVER;
    if (prank->times > 0 && byte_count > 0 && bytes[0] == prank->kind && prank->skip-- == 0)
        prank->times = 0;
    return prank->times > 0 ? TESTING_DELIVER : prank->deed;
}

static bool has_two_chunks(const struct pair_side *side)
{
    return side->side.is_dialler || side->status.received.snapshot_chunk_count >= 2;
}

static bool has_what_is_urgent(const struct pair_side *side)
{
    char id[CPTS_UUID_TEXT_BYTES];
    return side->side.is_dialler ||
           cpts_testing_store__find(side->store, "REFERRAL", pair_id(URGENT, id)) != NULL;
}

/* The region falls silent after some frames, and the session lasts until they are stored. */
static void run_silenced(uint8_t kind, int frame_count, bool (*enough)(const struct pair_side *))
{
    struct prank prank = {TESTING_DROP, 0, kind, frame_count, 1};
    pair.filter = fall_silent;
    pair.filter_data = &prank;
    pair.sides[0].enough = pair.sides[1].enough = enough;
    pair_run(&pair);
    pair.sides[0].enough = pair.sides[1].enough = NULL;
    pair.filter = NULL;
}

static void test_session__a_snapshot_that_broke_off_goes_on(void)
{
    struct prank prank = {TESTING_CUT, 0, SNAPSHOT_KIND, 3, 1};
    a_pair();
    for (int i = 20; i < 28; i++)
        pair_record(&pair.region, i, "{\"d\": 1}");
    run_silenced(SNAPSHOT_KIND, 2, has_two_chunks);
    const struct cpts_sync_cursor *cursor =
        &cpts_testing_store__cursor(&pair.national, "region/11")->cursor;
    CU_ASSERT_EQUAL(pair.national.aggregates.count, 3);
    CU_ASSERT_EQUAL(cursor->epoch, 0);
    CU_ASSERT_EQUAL(cursor->snapshot_chunk_count, 2);
    run_with(&prank);
    CU_ASSERT_EQUAL(prank.times, 1);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static void test_session__a_store_that_is_away_is_tried_again(void)
{
    a_met_pair();
    record_three();
    pair.national.fault = CPTS_UNAVAILABLE;
    pair.national.fault_count = 2;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static void test_session__a_store_that_fails_ends_it_and_nothing_is_acknowledged(void)
{
    a_met_pair();
    record_three();
    pair.national.fault = CPTS_INTERNAL;
    pair.national.fault_count = 1;
    int64_t before = cpts_testing_store__cursor(&pair.region, "national")->acknowledged;
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.sides[1].err.reason, "INTERNAL_ERROR");
    CU_ASSERT_EQUAL(cpts_testing_store__cursor(&pair.region, "national")->acknowledged, before);
    pair_run(&pair);
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static void test_session__both_may_be_full_with_little_credit(void)
{
    char *body = malloc(200001);
    a_pair();
    memset(body, 'x', 200000);
    body[200000] = '\0';
    for (int i = 0; i < 60; i++) {
        pair_record(&pair.region, 100 + i, body);
        char id[CPTS_UUID_TEXT_BYTES];
        struct testing_change change = {
            .kind = "REFERENCE", .id = pair_id(300 + i, id), .region = "", .body = body};
        (void)cpts_testing_store__record(&pair.national, &change);
    }
    pair.sides[0].options.credit_bytes = CPTS_SYNC_FRAME_BYTES_MAX;
    pair.sides[1].options.credit_bytes = CPTS_SYNC_FRAME_BYTES_MAX;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    free(body);
    pair_done(&pair);
}

static void test_session__a_row_beyond_a_frame_ends_it(void)
{
    char *body = malloc(CPTS_SYNC_FRAME_BYTES_MAX + 1);
    a_met_pair();
    memset(body, 'x', CPTS_SYNC_FRAME_BYTES_MAX);
    body[CPTS_SYNC_FRAME_BYTES_MAX] = '\0';
    pair_record(&pair.region, 100, body);
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "FRAME_TOO_LARGE");
    free(body);
    pair_done(&pair);
}

static void test_session__another_scope_is_a_snapshot(void)
{
    a_met_pair();
    pair.sides[1].side.peer_scope = "region:52";
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(pair_is_equal(&pair, false));
    CU_ASSERT_EQUAL(pair.sides[0].status.received.snapshot_chunk_count, 2);
    CU_ASSERT_EQUAL(pair.region.aggregates.count, 5);
    pair_done(&pair);
}

static void test_session__somebody_else_is_refused(void)
{
    a_pair();
    pair.sides[1].side.peer_node = "region/52";
    pair_run(&pair);
    CU_ASSERT_EQUAL(pair.sides[1].end, CPTS_PERMISSION_DENIED);
    CU_ASSERT_STRING_EQUAL(pair.sides[1].err.reason, "NODE_UNKNOWN");
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "NODE_UNKNOWN");
    CU_ASSERT_EQUAL(pair.national.apply_count, 0);
    CU_ASSERT_EQUAL(pair.region.aggregates.count, 2);
    pair_done(&pair);
}

static void test_session__older_reference_data_is_an_alarm(void)
{
    a_pair();
    pair.national.self.reference_version = 7;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_REFERENCE_BEHIND), 1);
    CU_ASSERT_EQUAL(pair.region.alarms.count, 0);
    pair_done(&pair);
}

static void test_session__what_is_urgent_goes_before_what_waits(void)
{
    char id[CPTS_UUID_TEXT_BYTES];
    a_met_pair();
    pair.sides[0].options.batch_changes = 1;
    for (int i = 20; i < 60; i++)
        pair_record(&pair.region, i, "{\"d\": 1}");
    struct testing_change change = {.kind = "REFERRAL",
                                    .id = pair_id(URGENT, id),
                                    .region = "11",
                                    .body = "{\"u\": 1}",
                                    .is_urgent = true};
    (void)cpts_testing_store__record(&pair.region, &change);
    run_silenced(BATCH_KIND, 4, has_what_is_urgent);
    CU_ASSERT_PTR_NOT_NULL(cpts_testing_store__find(&pair.national, "REFERRAL", id));
    CU_ASSERT_PTR_NULL(cpts_testing_store__find(&pair.national, "CPTS", pair_id(59, id)));
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(is_equal());
    pair_done(&pair);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_session__a_new_region_gets_and_gives_everything),
    UNIT_TEST(test_session__goes_on_where_it_was),
    UNIT_TEST(test_session__a_batch_that_is_missing_ends_it_and_comes_again),
    UNIT_TEST(test_session__batches_in_another_order_are_a_gap),
    UNIT_TEST(test_session__what_comes_twice_is_stored_once),
    UNIT_TEST(test_session__a_lost_acknowledgement_changes_nothing),
    UNIT_TEST(test_session__a_snapshot_that_broke_off_goes_on),
    UNIT_TEST(test_session__a_store_that_is_away_is_tried_again),
    UNIT_TEST(test_session__a_store_that_fails_ends_it_and_nothing_is_acknowledged),
    UNIT_TEST(test_session__both_may_be_full_with_little_credit),
    UNIT_TEST(test_session__a_row_beyond_a_frame_ends_it),
    UNIT_TEST(test_session__another_scope_is_a_snapshot),
    UNIT_TEST(test_session__somebody_else_is_refused),
    UNIT_TEST(test_session__older_reference_data_is_an_alarm),
    UNIT_TEST(test_session__what_is_urgent_goes_before_what_waits),
};

UNIT_MAIN("sync session")
