/* SPDX-License-Identifier: Apache-2.0 */
/* Batches in parts and whole again, the chain they belong to, the lanes they leave by. */
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "sync_assembly.h"
#include "sync_chain.h"
#include "sync_frame.h"
#include "sync_parts.h"
#include "sync_sender.h"
#include "wire/digest.h"
#include "wire/error.h"

#define PARTS_MAX 64
#define ENTRIES 5
#define ROWS 40

static uint8_t *parts[PARTS_MAX];
static size_t part_bytes[PARTS_MAX];
static int32_t part_changes[PARTS_MAX];
static size_t part_count;
static struct sync_assembly assembly;

static cpts_status keep(void *data, const Cpts__V1__SyncFrame *frame, int32_t change_count,
                        struct cpts_error *err)
{
    (void)data;
    part_changes[part_count] = change_count;
    cpts_status status =
        cpts_sync_frame__pack(frame, &parts[part_count], &part_bytes[part_count], err);
    part_count += status == CPTS_OK;
    return status;
}

static void forget(void)
{
    while (part_count > 0)
        free(parts[--part_count]);
    cpts_sync_assembly__done(&assembly);
}

static struct cpts_sync_entry entries[ENTRIES];
static struct cpts_sync_row rows[ROWS];
static struct cpts_sync_image images[2];

/* Entries of a chain, an image of many rows and one of none. */
static struct cpts_sync_batch a_batch(void)
{
    static const uint8_t TEXT[] = "happened";
    uint8_t hash[CPTS_SYNC_HASH_BYTES] = {0};
    for (int i = 0; i < ENTRIES; i++) {
        entries[i] = (struct cpts_sync_entry){.position = i + 1,
                                              .origin_node = "region/11",
                                              .origin_position = i + 1,
                                              .aggregate_kind = "CPTS",
                                              .aggregate_id = "a",
                                              .kind = "CHANGED",
                                              .recorded_at_us = 1700000000000000 + i,
                                              .bytes = {.bytes = TEXT, .byte_count = 8}};
        memcpy(entries[i].prev_hash, hash, sizeof hash);
        digest_change(entries[i].prev_hash, i + 1, TEXT, 8, hash);
        memcpy(entries[i].hash, hash, sizeof hash);
    }
    for (int i = 0; i < ROWS; i++)
        rows[i] = (struct cpts_sync_row){.kind = i < ROWS / 2 ? "one" : "two",
                                         .body = {.bytes = (const uint8_t *)"{}", .byte_count = 2},
                                         .recorded_from_us = i < ROWS / 2 ? 0 : i,
                                         .recorded_to_us = i < ROWS / 2 ? 0 : INT64_MAX};
    images[0] = (struct cpts_sync_image){.aggregate_kind = "CPTS",
                                         .aggregate_id = "a",
                                         .version = 5,
                                         .owner_node = "region/11",
                                         .rows = rows,
                                         .row_count = ROWS};
    images[1] = (struct cpts_sync_image){
        .aggregate_kind = "CPTS", .aggregate_id = "b", .owner_node = "region/11"};
    return (struct cpts_sync_batch){.after = 0,
                                    .upto = 5,
                                    .head = 7,
                                    .entries = entries,
                                    .entry_count = ENTRIES,
                                    .images = images,
                                    .image_count = 2};
}

static void cut(const struct cpts_sync_batch *batch, size_t aim_bytes)
{
    const struct sync_parts into = {.aim_bytes = aim_bytes, .emit = keep};
    CU_ASSERT_EQUAL(cpts_sync_parts__batch(&into, batch, NULL), CPTS_OK);
}

/* Adds a part that was cut. */
static cpts_status add(size_t index, bool *ret_is_whole, struct cpts_error *err)
{
    struct sync_part part = {.byte_count = part_bytes[index]};
    const Cpts__V1__SyncFrame *frame = NULL;
    cpts_status status =
        cpts_sync_frame__read(parts[index], part_bytes[index], &part.arena, &frame, err);
    if (status != CPTS_OK)
        return status;
    return cpts_sync_assembly__add_batch(&assembly, &part, frame->batch, ret_is_whole, err);
}

/* The same of a chunk. */
static cpts_status add_chunk(size_t index, bool *ret_is_whole, struct cpts_error *err)
{
    struct sync_part part = {.byte_count = part_bytes[index]};
    const Cpts__V1__SyncFrame *frame = NULL;
    cpts_status status =
        cpts_sync_frame__read(parts[index], part_bytes[index], &part.arena, &frame, err);
    if (status != CPTS_OK)
        return status;
    return cpts_sync_assembly__add_chunk(&assembly, &part, frame->snapshot, ret_is_whole, err);
}

static void test_frame__a_batch_in_parts_is_the_same_again(void)
{
    bool is_whole = false;
    struct cpts_sync_batch batch = a_batch();
    cut(&batch, 700);
    CU_ASSERT_TRUE(part_count > 4);
    CU_ASSERT_EQUAL(part_changes[0], ENTRIES);
    CU_ASSERT_EQUAL(part_changes[1], 0);
    for (size_t i = 0; i < part_count; i++) {
        CU_ASSERT_FALSE(is_whole);
        CU_ASSERT_EQUAL(add(i, &is_whole, NULL), CPTS_OK);
    }
    CU_ASSERT_TRUE(is_whole);
    const struct cpts_sync_batch *again = &assembly.batch;
    CU_ASSERT_EQUAL(again->upto, 5);
    CU_ASSERT_EQUAL(again->head, 7);
    CU_ASSERT_EQUAL(again->entry_count, ENTRIES);
    CU_ASSERT_EQUAL(again->entries[3].recorded_at_us, 1700000000000003);
    CU_ASSERT_EQUAL(again->image_count, 2);
    CU_ASSERT_EQUAL(again->images[0].row_count, ROWS);
    CU_ASSERT_STRING_EQUAL(again->images[0].rows[ROWS - 1].kind, "two");
    CU_ASSERT_EQUAL(again->images[0].rows[ROWS - 1].recorded_to_us, INT64_MAX);
    CU_ASSERT_EQUAL(again->images[0].rows[0].recorded_from_us, 0);
    CU_ASSERT_EQUAL(again->images[1].row_count, 0);
    forget();
}

/* Adds the parts of a batch of a sender who numbers them, in that order; the reason of
 * the refusal, "" = all were taken. */
static const char *add_in_order(const size_t *order, size_t count)
{
    static struct cpts_error err;
    bool is_whole = false;
    struct cpts_sync_batch batch = a_batch();
    cut(&batch, 700);
    assembly.is_numbered = true;
    error_clear(&err);
    for (size_t i = 0; i < count && err.status == CPTS_OK; i++)
        (void)add(order[i], &is_whole, &err);
    assembly.is_numbered = false;
    forget();
    return err.reason;
}

static void test_frame__a_part_that_is_missing_repeated_or_swapped_is_refused(void)
{
    CU_ASSERT_STRING_EQUAL(add_in_order((const size_t[]){0, 1, 2}, 3), "");
    CU_ASSERT_STRING_EQUAL(add_in_order((const size_t[]){0, 2}, 2), "GAP");
    CU_ASSERT_STRING_EQUAL(add_in_order((const size_t[]){1, 0}, 2), "GAP");
    CU_ASSERT_STRING_EQUAL(add_in_order((const size_t[]){0, 0}, 2), "FRAME_UNEXPECTED");
    CU_ASSERT_STRING_EQUAL(add_in_order((const size_t[]){0, 1, 1}, 3), "FRAME_UNEXPECTED");
}

static void test_frame__a_chunk_is_numbered_like_a_batch(void)
{
    struct cpts_error err = {0};
    bool is_whole = false;
    const struct sync_parts into = {.aim_bytes = 700, .emit = keep};
    (void)a_batch();
    const struct cpts_sync_chunk chunk = {
        .snapshot_id = "s", .epoch = 1, .last = true, .images = images, .image_count = 2};
    CU_ASSERT_EQUAL(cpts_sync_parts__chunk(&into, &chunk, NULL), CPTS_OK);
    CU_ASSERT_TRUE(part_count > 2);
    assembly.is_numbered = true;
    for (size_t i = 0; i < part_count; i++)
        CU_ASSERT_EQUAL(add_chunk(i, &is_whole, &err), CPTS_OK);
    CU_ASSERT_TRUE(is_whole);
    cpts_sync_assembly__reset(&assembly);
    CU_ASSERT_EQUAL(add_chunk(0, &is_whole, &err), CPTS_OK);
    CU_ASSERT_EQUAL(add_chunk(2, &is_whole, &err), CPTS_ABORTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "GAP");
    cpts_sync_assembly__reset(&assembly);
    CU_ASSERT_EQUAL(add_chunk(0, &is_whole, &err), CPTS_OK);
    CU_ASSERT_EQUAL(add_chunk(0, &is_whole, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "FRAME_UNEXPECTED");
    assembly.is_numbered = false;
    forget();
}

static void test_frame__a_part_of_another_batch_is_refused(void)
{
    bool is_whole = false;
    struct cpts_error err;
    struct cpts_sync_batch batch = a_batch();
    cut(&batch, 700);
    size_t other = part_count;
    batch.upto = 6;
    cut(&batch, 700);
    CU_ASSERT_EQUAL(add(0, &is_whole, &err), CPTS_OK);
    CU_ASSERT_EQUAL(add(other, &is_whole, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "FRAME_UNEXPECTED");
    forget();
}

static void test_frame__an_image_without_its_end_is_refused(void)
{
    bool is_whole = false;
    struct cpts_error err = {0};
    struct cpts_sync_batch batch = a_batch();
    batch.entry_count = 0;
    cut(&batch, 400);
    CU_ASSERT_TRUE(part_count > 2);
    CU_ASSERT_EQUAL(add(0, &is_whole, &err), CPTS_OK);
    CU_ASSERT_EQUAL(add(part_count - 1, &is_whole, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "FRAME_UNEXPECTED");
    forget();
}

static void test_frame__a_row_beyond_a_frame_is_refused(void)
{
    struct cpts_error err = {0};
    struct cpts_sync_batch batch = a_batch();
    const struct sync_parts into = {.emit = keep};
    uint8_t *body = malloc(CPTS_SYNC_FRAME_BYTES_MAX);
    memset(body, 'x', CPTS_SYNC_FRAME_BYTES_MAX);
    rows[3].body = (struct cpts_bytes){.bytes = body, .byte_count = CPTS_SYNC_FRAME_BYTES_MAX};
    CU_ASSERT_EQUAL(cpts_sync_parts__batch(&into, &batch, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "FRAME_TOO_LARGE");
    free(body);
    forget();
}

static void walk(struct sync_chain *chain, struct sync_chain_walk *ret_walk)
{
    cpts_sync_chain__walk(chain, entries, ENTRIES, NULL, 0, ret_walk);
}

static void test_frame__a_chain_that_holds_goes_to_its_end(void)
{
    struct sync_chain chain = {.node = "region/11"};
    struct sync_chain_walk seen;
    (void)a_batch();
    walk(&chain, &seen);
    CU_ASSERT_EQUAL(seen.gap_at + seen.broken_at, 0);
    CU_ASSERT_PTR_NULL(seen.forged);
    CU_ASSERT_EQUAL(chain.position, ENTRIES);
    CU_ASSERT_EQUAL(memcmp(chain.hash, entries[ENTRIES - 1].hash, sizeof chain.hash), 0);
}

static void test_frame__what_is_missing_broken_or_forged_in_a_chain_is_told(void)
{
    struct sync_chain chain = {.node = "region/11"}, other = chain, third = chain;
    struct sync_chain_walk seen;
    (void)a_batch();
    entries[2].bytes.byte_count = 7;
    walk(&chain, &seen);
    CU_ASSERT_EQUAL(seen.broken_at, 3);
    CU_ASSERT_EQUAL(entries[2].refused, CPTS_SYNC_ALARM_CHAIN_BROKEN);
    CU_ASSERT_EQUAL(entries[3].refused, CPTS_SYNC_ALARM_NONE);
    (void)a_batch();
    entries[1].origin_node = "region/52";
    walk(&other, &seen);
    CU_ASSERT_PTR_EQUAL(seen.forged, &entries[1]);
    CU_ASSERT_EQUAL(seen.gap_at, 2);
    (void)a_batch();
    third.position = 2;
    memcpy(third.hash, entries[1].hash, sizeof third.hash);
    walk(&third, &seen);
    CU_ASSERT_EQUAL(seen.gap_at + seen.broken_at, 0);
    CU_ASSERT_EQUAL(entries[0].refused, CPTS_SYNC_ALARM_GAP);
    CU_ASSERT_EQUAL(entries[1].refused, CPTS_SYNC_ALARM_GAP);
    CU_ASSERT_EQUAL(entries[2].refused, CPTS_SYNC_ALARM_NONE);
    CU_ASSERT_EQUAL(third.position, ENTRIES);
}

static void test_frame__a_chain_with_holes_goes_on_behind_them_and_never_back(void)
{
    struct sync_chain chain = {.node = "region/11", .has_holes = true};
    struct sync_chain_walk seen;
    (void)a_batch();
    cpts_sync_chain__walk(&chain, entries + 1, 1, NULL, 0, &seen);
    cpts_sync_chain__walk(&chain, entries + 4, 1, NULL, 0, &seen);
    CU_ASSERT_EQUAL(seen.gap_at + seen.broken_at, 0);
    CU_ASSERT_EQUAL(chain.position, 5);
    cpts_sync_chain__walk(&chain, entries + 2, 1, NULL, 0, &seen);
    CU_ASSERT_EQUAL(entries[2].refused, CPTS_SYNC_ALARM_GAP);
    CU_ASSERT_EQUAL(entries[4].refused, CPTS_SYNC_ALARM_NONE);
    (void)a_batch();
    entries[3].hash[0] ^= 1;
    chain.position = 0;
    cpts_sync_chain__walk(&chain, entries + 3, 1, NULL, 0, &seen);
    CU_ASSERT_EQUAL(seen.broken_at, 4);
}

static void test_frame__runs_that_the_chain_has_passed_are_left_out(void)
{
    struct sync_chain chain = {.node = "region/11", .position = 5};
    struct cpts_sync_withheld runs[] = {{.first = 1, .last = 3, .hash = {9}},
                                        {.first = 4, .last = 8, .hash = {8}},
                                        {.first = 6, .last = 7, .hash = {7}}};
    struct sync_chain_walk seen;
    cpts_sync_chain__walk(&chain, NULL, 0, runs, 3, &seen);
    CU_ASSERT_EQUAL(seen.withheld_count, 1);
    CU_ASSERT_EQUAL(runs[0].first, 6);
    CU_ASSERT_EQUAL(chain.position, 7);
    CU_ASSERT_EQUAL(chain.hash[0], 7);
}

static void test_frame__a_withheld_run_is_part_of_the_chain(void)
{
    struct sync_chain chain = {.node = "region/11"};
    struct sync_chain_walk seen;
    (void)a_batch();
    struct cpts_sync_withheld run = {.first = 1, .last = 3};
    memcpy(run.hash, entries[2].hash, sizeof run.hash);
    cpts_sync_chain__walk(&chain, entries + 3, 2, &run, 1, &seen);
    CU_ASSERT_EQUAL(seen.gap_at + seen.broken_at, 0);
    CU_ASSERT_EQUAL(seen.withheld_count, 1);
    CU_ASSERT_EQUAL(chain.position, ENTRIES);
}

static void push(struct sync_sender *sender, enum sync_lane lane, size_t byte_count, bool has_data)
{
    struct sync_parcel parcel = {.bytes = malloc(byte_count),
                                 .byte_count = byte_count,
                                 .change_count = has_data ? 1 : 0,
                                 .has_data = has_data};
    CU_ASSERT_TRUE(cpts_sync_sender__push(sender, lane, &parcel));
}

/* The size of the next frame that leaves; 0 = none may. */
static size_t pop(struct sync_sender *sender)
{
    struct sync_parcel *parcel = cpts_sync_sender__pop(sender);
    size_t byte_count = parcel == NULL ? 0 : parcel->byte_count;
    cpts_sync_sender__parcel_free(parcel);
    return byte_count;
}

static void test_frame__data_wait_for_credit_and_nothing_else_does(void)
{
    struct sync_sender sender = {0};
    push(&sender, SYNC_LANE_ORDERED, 30, true);
    push(&sender, SYNC_LANE_URGENT, 20, true);
    push(&sender, SYNC_LANE_CONTROL, 10, false);
    CU_ASSERT_EQUAL(pop(&sender), 10);
    CU_ASSERT_EQUAL(pop(&sender), 0);
    cpts_sync_sender__grant(&sender, 2, 49);
    CU_ASSERT_EQUAL(pop(&sender), 20);
    CU_ASSERT_EQUAL(pop(&sender), 0);
    cpts_sync_sender__grant(&sender, 0, 1);
    CU_ASSERT_EQUAL(pop(&sender), 30);
    CU_ASSERT_EQUAL(sender.credit_bytes, 0);
    CU_ASSERT_EQUAL(sender.credit_changes, 0);
    cpts_sync_sender__done(&sender);
}

static void test_frame__whatever_waits_takes_room(void)
{
    struct sync_sender sender = {0};
    push(&sender, SYNC_LANE_ORDERED, 30, true);
    size_t with_data = sender.queued_bytes;
    push(&sender, SYNC_LANE_ORDERED, 10, false);
    CU_ASSERT_TRUE(with_data >= 30);
    CU_ASSERT_TRUE(sender.queued_bytes >= with_data + 10);
    cpts_sync_sender__grant(&sender, 1, 30);
    CU_ASSERT_EQUAL(pop(&sender), 30);
    CU_ASSERT_EQUAL(pop(&sender), 10);
    CU_ASSERT_EQUAL(sender.queued_bytes, 0);
    cpts_sync_sender__done(&sender);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_frame__a_batch_in_parts_is_the_same_again),
    UNIT_TEST(test_frame__a_part_that_is_missing_repeated_or_swapped_is_refused),
    UNIT_TEST(test_frame__a_chunk_is_numbered_like_a_batch),
    UNIT_TEST(test_frame__a_part_of_another_batch_is_refused),
    UNIT_TEST(test_frame__an_image_without_its_end_is_refused),
    UNIT_TEST(test_frame__a_row_beyond_a_frame_is_refused),
    UNIT_TEST(test_frame__a_chain_that_holds_goes_to_its_end),
    UNIT_TEST(test_frame__what_is_missing_broken_or_forged_in_a_chain_is_told),
    UNIT_TEST(test_frame__a_chain_with_holes_goes_on_behind_them_and_never_back),
    UNIT_TEST(test_frame__runs_that_the_chain_has_passed_are_left_out),
    UNIT_TEST(test_frame__a_withheld_run_is_part_of_the_chain),
    UNIT_TEST(test_frame__data_wait_for_credit_and_nothing_else_does),
    UNIT_TEST(test_frame__whatever_waits_takes_room),
};

UNIT_MAIN("sync frame")
