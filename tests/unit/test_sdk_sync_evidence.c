/* SPDX-License-Identifier: Apache-2.0 */
/* Signed points of a chain: made, verified, kept, missed; over sessions that break. */
#include "support/unit.h"
#include "sync_pair.h"

/* First bytes of packed frames. */
#define CHECKPOINT_KIND 0x32
#define US_PER_MS INT64_C(1000)

static struct pair pair;

/* Loses every signed point of the region. */
static enum testing_deed lose_signed(void *data, int from, const uint8_t *bytes, size_t byte_count)
{
    (void)data;
    return from == 0 && byte_count > 0 && bytes[0] == CHECKPOINT_KIND ? TESTING_DROP
                                                                      : TESTING_DELIVER;
}

static struct cpts_sync_cursor national_cursor(void)
{
    struct cpts_sync_cursor cursor;
    struct cpts_sync_store table = cpts_testing_store__table(&pair.national);
    CU_ASSERT_EQUAL(table.cursor(table.store, "region/11", &cursor, NULL), CPTS_OK);
    return cursor;
}

/* On the thread of the national node's session. */
static bool has_all_signed(const struct pair_side *side)
{
    struct cpts_sync_cursor cursor;
    (void)side->table.cursor(side->store, "region/11", &cursor, NULL);
    return pair_is_caught_up(side) && cursor.origin_position > 0 &&
           cursor.signed_position == cursor.origin_position;
}

static bool is_told(const struct pair_side *side)
{
    return pair_is_caught_up(side) && side->store->alarms.count > 0;
}

static size_t national_alarms(enum cpts_sync_alarm alarm)
{
    return cpts_testing_store__count_alarms(&pair.national, alarm);
}

/* The region's two records are at the national node, and signed. */
static void a_signed_pair(void)
{
    pair_init(&pair);
    pair_record(&pair.region, 1, "{\"a\": 1}");
    pair_record(&pair.region, 2, "{\"b\": 1}");
    pair.sides[1].enough = has_all_signed;
    pair_run(&pair);
    pair.sides[1].enough = NULL;
    CU_ASSERT_EQUAL(national_cursor().signed_position, 2);
}

/* One more is stored there; the session ended before its signed point came. */
static void a_broken_pair(void)
{
    a_signed_pair();
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair.filter = lose_signed;
    pair_run(&pair);
    CU_ASSERT_EQUAL(national_cursor().origin_position, 3);
    CU_ASSERT_EQUAL(national_cursor().signed_position, 2);
}

static void test_evidence__a_signed_point_is_verified_and_kept(void)
{
    a_signed_pair();
    for (int i = 0; i < SYNC_CHECKPOINT_CHANGES; i++)
        pair_record(&pair.region, 1, "{\"a\": 2}");
    pair.sides[1].enough = has_all_signed;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_cursor().signed_position, 2 + SYNC_CHECKPOINT_CHANGES);
    CU_ASSERT_EQUAL(national_cursor().unsigned_since_us, 0);
    CU_ASSERT_EQUAL(pair.national.alarms.count, 0);
    pair_done(&pair);
}

static void test_evidence__a_point_that_another_signed_is_told_and_not_kept(void)
{
    a_signed_pair();
    pair_record(&pair.region, 1, "{\"a\": 2}");
    pair.region.secret[0] ^= 1;
    pair.sides[1].enough = is_told;
    pair_run(&pair);
    CU_ASSERT_EQUAL(national_cursor().signed_position, 2);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHECKPOINT_BAD), 1);
    CU_ASSERT_TRUE(pair_is_equal(&pair, true));
    pair_done(&pair);
}

static void test_evidence__what_a_broken_session_left_unsigned_is_signed_by_the_next(void)
{
    a_broken_pair();
    pair.filter = NULL;
    pair.sides[1].enough = has_all_signed;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_cursor().signed_position, 3);
    CU_ASSERT_EQUAL(pair.region.self.head_position, 3);
    CU_ASSERT_EQUAL(pair.national.alarms.count, 0);
    pair_done(&pair);
}

static void test_evidence__what_is_signed_is_not_signed_again(void)
{
    a_signed_pair();
    size_t kept = pair.national.checkpoints.count;
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(pair.national.checkpoints.count, kept);
    pair_done(&pair);
}

/* As if it had been stored so long ago. */
static void age(int64_t age_ms)
{
    struct testing_entry *entries = pair.national.entries.items;
    for (size_t i = 0; i < pair.national.entries.count; i++)
        entries[i].stored_us -= age_ms * US_PER_MS;
}

static void test_evidence__who_sends_on_unsigned_in_short_sessions_is_told(void)
{
    a_broken_pair();
    age(SYNC_CHECKPOINT_LATE_MS);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHECKPOINT_LATE), 0);
    pair_record(&pair.region, 2, "{\"b\": 2}");
    pair_run(&pair);
    CU_ASSERT_TRUE(pair_ended_well(&pair));
    CU_ASSERT_EQUAL(national_cursor().signed_position, 2);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHECKPOINT_LATE), 1);
    pair_done(&pair);
}

/* What the sink thinks of a cursor when a session begins. */
static struct sync_session session;

static void begin(int64_t signed_position, int64_t age_ms)
{
    session = (struct sync_session){.peer_node = "region/11"};
    session.store = pair.sides[1].table;
    session.sink.state = SYNC_SINK_STREAMS;
    session.sink.chain.position = 9;
    session.sink.cursor.signed_position = signed_position;
    session.sink.cursor.unsigned_since_us =
        age_ms == 0 ? 0 : cpts_ticks__wall_us() - age_ms * US_PER_MS;
    cpts_sync_evidence__begin(&session);
}

/* Milliseconds until it is late, rounded to seconds; -1: never. */
static int64_t due_s(void)
{
    int64_t due_ms = cpts_sync_evidence__due_ms(&session);
    return due_ms == INT64_MAX ? -1 : (due_ms - cpts_ticks__ms() + 500) / 1000;
}

static void test_evidence__lateness_counts_over_sessions(void)
{
    const int64_t late_s = SYNC_CHECKPOINT_LATE_MS / 1000,
                  grace_s = SYNC_CHECKPOINT_GRACE_MS / 1000;
    const struct {
        int64_t signed_position;
        int64_t age_ms;
        int64_t due_s;
    } ROWS[] = {{9, 0, -1},         {9, 60000, -1},      {0, 0, late_s},     {8, 1000, late_s - 1},
                {8, 4000, grace_s}, {8, 60000, grace_s}, {8, -60000, late_s}};
    pair_init(&pair);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        begin(ROWS[i].signed_position, ROWS[i].age_ms);
        CU_ASSERT_EQUAL(due_s(), ROWS[i].due_s);
    }
    begin(8, 60000);
    session.sink.state = SYNC_SINK_STAGES;
    CU_ASSERT_EQUAL(due_s(), -1);
    begin(8, 60000);
    session.source.resume.kind = CPTS_SYNC_FENCED;
    CU_ASSERT_EQUAL(due_s(), -1);
    pair_done(&pair);
}

static void test_evidence__changes_that_nobody_signs_are_told_once(void)
{
    pair_init(&pair);
    begin(8, 0);
    CU_ASSERT_EQUAL(cpts_sync_evidence__step(&session, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHECKPOINT_LATE), 0);
    session.sink.unsigned_since_ms -= SYNC_CHECKPOINT_LATE_MS;
    CU_ASSERT_EQUAL(cpts_sync_evidence__step(&session, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_sync_evidence__step(&session, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(national_alarms(CPTS_SYNC_ALARM_CHECKPOINT_LATE), 1);
    pair_done(&pair);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_evidence__a_signed_point_is_verified_and_kept),
    UNIT_TEST(test_evidence__a_point_that_another_signed_is_told_and_not_kept),
    UNIT_TEST(test_evidence__what_a_broken_session_left_unsigned_is_signed_by_the_next),
    UNIT_TEST(test_evidence__what_is_signed_is_not_signed_again),
    UNIT_TEST(test_evidence__who_sends_on_unsigned_in_short_sessions_is_told),
    UNIT_TEST(test_evidence__lateness_counts_over_sessions),
    UNIT_TEST(test_evidence__changes_that_nobody_signs_are_told_once),
};

UNIT_MAIN("sync evidence")
