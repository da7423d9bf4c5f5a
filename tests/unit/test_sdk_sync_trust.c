/* SPDX-License-Identifier: Apache-2.0 */
/* What a session makes of a peer that is not what it was, or not what it says. */
#include "support/unit.h"
#include "sync_pair.h"

static struct pair pair;

static void a_met_pair(void)
{
    pair_init(&pair);
    pair_record(&pair.region, 1, "{\"a\": 1}");
    pair_record(&pair.region, 2, "{\"b\": 1}");
    pair_record_national(&pair, 10, NULL);
    pair_record_national(&pair, 11, "52");
    pair_run(&pair);
}

static size_t national_alarms(enum cpts_sync_alarm alarm)
{
    return cpts_testing_store__count_alarms(&pair.national, alarm);
}

static size_t region_alarms(enum cpts_sync_alarm alarm)
{
    return cpts_testing_store__count_alarms(&pair.region, alarm);
}

static struct testing_entry *last_entry(struct testing_store *store)
{
    struct testing_entry *entries = store->entries.items;
    return &entries[store->entries.count - 1];
}

static void test_trust__a_broken_chain_is_told_and_images_go_on(void)
{
    a_met_pair();
    size_t entries = pair.national.entries.count;
    pair_record(&pair.region, 1, "{\"a\": 2}");
    last_entry(&pair.region)->entry.hash[0] ^= 1;
    pair_record(&pair.region, 2, "{\"b\": 2}");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(pair_is_equal(&pair, true));
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHAIN_BROKEN), 1);
    CU_ASSERT_TRUE(pair.national.entries.count < entries + 2);
    pair_done(&pair);
}

static void test_trust__what_is_out_of_scope_is_parked_and_the_rest_goes_on(void)
{
    char id[CPTS_UUID_TEXT_BYTES];
    a_met_pair();
    pair_record(&pair.region, 3, "{\"a\": 2}");
    struct testing_aggregate *forged =
        cpts_testing_store__find(&pair.region, "CPTS", pair_id(3, id));
    snprintf(forged->region, sizeof forged->region, "%s", "52");
    pair_record(&pair.region, 2, "{\"b\": 2}");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_OUT_OF_SCOPE), 1);
    CU_ASSERT_EQUAL(pair.national.parked.count, 1);
    CU_ASSERT_PTR_NULL(cpts_testing_store__find(&pair.national, "CPTS", id));
    CU_ASSERT_EQUAL(cpts_testing_store__find(&pair.national, "CPTS", pair_id(2, id))->version, 2);
    pair_done(&pair);
}

static void test_trust__a_new_lead_region_of_its_own_is_stored(void)
{
    char id[CPTS_UUID_TEXT_BYTES];
    a_met_pair();
    pair_record(&pair.region, 1, "{\"a\": 2}");
    struct testing_aggregate *moved =
        cpts_testing_store__find(&pair.region, "CPTS", pair_id(1, id));
    snprintf(moved->region, sizeof moved->region, "%s", "52");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_OUT_OF_SCOPE), 0);
    CU_ASSERT_EQUAL(cpts_testing_store__find(&pair.national, "CPTS", id)->version, 2);
    pair_done(&pair);
}

static void test_trust__what_is_out_of_scope_in_a_snapshot_is_marked_too(void)
{
    char id[CPTS_UUID_TEXT_BYTES];
    pair_init(&pair);
    pair_record(&pair.region, 1, "{\"a\": 1}");
    pair_record(&pair.region, 2, "{\"b\": 1}");
    struct testing_aggregate *forged =
        cpts_testing_store__find(&pair.region, "CPTS", pair_id(1, id));
    snprintf(forged->region, sizeof forged->region, "%s", "52");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_OUT_OF_SCOPE), 1);
    CU_ASSERT_EQUAL(pair.national.parked.count, 1);
    CU_ASSERT_PTR_NULL(cpts_testing_store__find(&pair.national, "CPTS", id));
    CU_ASSERT_PTR_NOT_NULL(cpts_testing_store__find(&pair.national, "CPTS", pair_id(2, id)));
    pair_done(&pair);
}

static void test_trust__a_node_from_an_old_backup_gets_its_own_back(void)
{
    static struct testing_store backup;
    a_met_pair();
    CU_ASSERT_TRUE(cpts_testing_store__copy(&backup, &pair.region));
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair_record(&pair.region, 3, "{\"c\": 1}");
    pair_run(&pair);
    cpts_testing_store__done(&pair.region);
    pair.region = backup;
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "NODE_RESTORED");
    CU_ASSERT_EQUAL(pair.region.self.epoch, 2);
    CU_ASSERT_EQUAL(pair.region.self.head_position, 4);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_FENCED), 1);
    CU_ASSERT_EQUAL(region_alarms(CPTS_SYNC_ALARM_RESTORED), 1);
    pair_record(&pair.region, 3, "{\"c\": 2}");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(pair_is_equal(&pair, true));
    CU_ASSERT_FALSE(pair.region.is_read_only);
    pair_done(&pair);
}

static void test_trust__a_node_that_wrote_another_history_keeps_it_apart(void)
{
    static struct testing_store backup;
    a_met_pair();
    CU_ASSERT_TRUE(cpts_testing_store__copy(&backup, &pair.region));
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair_run(&pair);
    cpts_testing_store__done(&pair.region);
    pair.region = backup;
    pair_record(&pair.region, 2, "{\"other\": 1}");
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "NODE_RESTORED");
    CU_ASSERT_EQUAL(pair.region.forked.count, 1);
    CU_ASSERT_EQUAL(pair.region.self.head_position, 3);
    CU_ASSERT_EQUAL(
        memcmp(pair.region.self.head_hash,
               cpts_testing_store__cursor(&pair.national, "region/11")->cursor.origin_hash, 32),
        0);
    pair_done(&pair);
}

static void test_trust__another_history_that_is_shorter_is_found_as_well(void)
{
    static struct testing_store backup;
    a_met_pair();
    CU_ASSERT_TRUE(cpts_testing_store__copy(&backup, &pair.region));
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair_record(&pair.region, 3, "{\"c\": 1}");
    pair_run(&pair);
    cpts_testing_store__done(&pair.region);
    pair.region = backup;
    pair_record(&pair.region, 2, "{\"other\": 1}");
    pair_run(&pair);
    CU_ASSERT_STRING_EQUAL(pair.sides[0].err.reason, "NODE_RESTORED");
    CU_ASSERT_EQUAL(pair.region.forked.count, 1);
    CU_ASSERT_EQUAL(pair.region.self.head_position, 4);
    CU_ASSERT_EQUAL(region_alarms(CPTS_SYNC_ALARM_CHAIN_BROKEN), 0);
    pair_done(&pair);
}

static void test_trust__the_national_node_from_an_old_backup_gets_its_own_back(void)
{
    static struct testing_store backup;
    char id[CPTS_UUID_TEXT_BYTES];
    a_met_pair();
    CU_ASSERT_TRUE(cpts_testing_store__copy(&backup, &pair.national));
    pair_record_national(&pair, 10, NULL);
    pair_record_national(&pair, 12, NULL);
    pair_run(&pair);
    cpts_testing_store__done(&pair.national);
    pair.national = backup;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(pair.national.self.epoch, 2);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_RESTORED), 1);
    CU_ASSERT_EQUAL(cpts_testing_store__find(&pair.national, "REFERENCE", pair_id(10, id))->version,
                    2);
    CU_ASSERT_PTR_NOT_NULL(cpts_testing_store__find(&pair.national, "REFERENCE", pair_id(12, id)));
    CU_ASSERT_TRUE(pair_is_equal(&pair, false));
    CU_ASSERT_EQUAL(cpts_testing_store__cursor(&pair.region, "national")->cursor.epoch, 2);
    pair_done(&pair);
}

static bool is_compared(const struct pair_side *side)
{
    return pair_is_caught_up(side) && side->status.received.verified_us > 0;
}

static bool is_compared_again(const struct pair_side *side)
{
    return is_compared(side) && side->status.received.verified_us > side->side.verified_us;
}

static void run_comparing(unsigned wish)
{
    pair.sides[1].wish = wish;
    pair.sides[1].enough = is_compared;
    pair_run(&pair);
}

static void test_trust__what_is_equal_is_found_equal(void)
{
    a_met_pair();
    run_comparing(CPTS_SYNC_VERIFY);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(pair.sides[1].status.received.digest_mismatch_count, 0);
    CU_ASSERT_EQUAL(pair.national.alarms.count, 0);
    pair_done(&pair);
}

static void tamper(void)
{
    char id[CPTS_UUID_TEXT_BYTES];
    struct testing_aggregate *one =
        cpts_testing_store__find(&pair.national, "CPTS", pair_id(1, id));
    one->row.body[2] = 'z';
    struct testing_aggregate *other =
        cpts_testing_store__find(&pair.national, "CPTS", pair_id(2, id));
    snprintf(other->id, sizeof other->id, "%s", pair_id(3, id));
}

static void test_trust__what_differs_is_told_and_left(void)
{
    a_met_pair();
    tamper();
    run_comparing(CPTS_SYNC_VERIFY);
    CU_ASSERT_EQUAL(pair.sides[1].status.received.digest_mismatch_count, 3);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_DIGEST_MISMATCH), 3);
    CU_ASSERT_FALSE(pair_is_equal(&pair, true));
    pair_done(&pair);
}

static void test_trust__what_differs_is_repaired_from_its_owner(void)
{
    a_met_pair();
    tamper();
    run_comparing(CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(pair.sides[1].status.received.digest_mismatch_count, 0);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_DIGEST_MISMATCH), 3);
    CU_ASSERT_TRUE(pair_is_equal(&pair, true));
    pair_done(&pair);
}

static void test_trust__a_log_that_grows_is_compared_in_slices(void)
{
    a_met_pair();
    tamper();
    pair.region.quiet_buckets = 64;
    run_comparing(CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(pair.region.entries.count > 4); /* it grew in vain */
    CU_ASSERT_EQUAL(pair.sides[1].status.received.digest_mismatch_count, 0);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_DIGEST_MISMATCH), 3);
    pair.region.quiet_buckets = 0;
    CU_ASSERT_TRUE(pair_is_equal(&pair, true));
    pair_done(&pair);
}

static void test_trust__what_differs_in_several_slices_is_counted(void)
{
    a_met_pair();
    tamper();
    pair.region.quiet_buckets = 1;
    run_comparing(CPTS_SYNC_VERIFY);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(pair.sides[1].status.received.digest_mismatch_count, 3);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_DIGEST_MISMATCH), 3);
    pair_done(&pair);
}

static void test_trust__what_is_overdue_is_compared_in_the_next_session(void)
{
    const int64_t day_us = INT64_C(86400) * 1000 * 1000;
    a_met_pair();
    int64_t now_us = cpts_ticks__wall_us();
    pair.sides[1].side.verified_us = now_us - day_us / 2;
    pair_run(&pair);
    CU_ASSERT_EQUAL(pair.sides[1].status.received.verified_us, now_us - day_us / 2);
    pair.sides[1].side.verified_us = now_us - day_us;
    pair.sides[1].enough = is_compared_again;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_TRUE(pair.sides[1].status.received.verified_us >= now_us);
    pair_done(&pair);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_trust__a_broken_chain_is_told_and_images_go_on),
    UNIT_TEST(test_trust__what_is_out_of_scope_is_parked_and_the_rest_goes_on),
    UNIT_TEST(test_trust__a_new_lead_region_of_its_own_is_stored),
    UNIT_TEST(test_trust__what_is_out_of_scope_in_a_snapshot_is_marked_too),
    UNIT_TEST(test_trust__a_node_from_an_old_backup_gets_its_own_back),
    UNIT_TEST(test_trust__a_node_that_wrote_another_history_keeps_it_apart),
    UNIT_TEST(test_trust__another_history_that_is_shorter_is_found_as_well),
    UNIT_TEST(test_trust__the_national_node_from_an_old_backup_gets_its_own_back),
    UNIT_TEST(test_trust__what_is_equal_is_found_equal),
    UNIT_TEST(test_trust__what_differs_is_told_and_left),
    UNIT_TEST(test_trust__what_differs_is_repaired_from_its_owner),
    UNIT_TEST(test_trust__a_log_that_grows_is_compared_in_slices),
    UNIT_TEST(test_trust__what_differs_in_several_slices_is_counted),
    UNIT_TEST(test_trust__what_is_overdue_is_compared_in_the_next_session),
};

UNIT_MAIN("sync trust")
