/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_SENDER_H
#define SDK_SYNC_SENDER_H

/**
 * @file
 * Frames on their way out: a lane for acknowledgements, one for what is urgent, one for
 * what has an order; and the credit that the other side gave. Data wait for credit; what has no
 * data does not.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sync_lane {
    /** No data: acknowledgements, requests. */
    SYNC_LANE_CONTROL = 0,
    SYNC_LANE_URGENT = 1,
    SYNC_LANE_ORDERED = 2
};

#define SYNC_LANE_COUNT 3

struct sync_parcel {
    struct sync_parcel *next;
    uint8_t *bytes;
    size_t byte_count;
    /** Changes that it is charged; its bytes count when it has data. */
    int32_t change_count;
    bool has_data;
};

struct sync_queue {
    struct sync_parcel *first;
    struct sync_parcel *last;
};

struct sync_sender {
    struct sync_queue lanes[SYNC_LANE_COUNT];
    /** What waits, data or not: a peer that asks on and gives no credit makes it grow. */
    size_t queued_bytes;
    int64_t credit_bytes;
    int64_t credit_changes;
    /** What was sent in all. */
    int64_t sent_bytes;
};

void cpts_sync_sender__done(struct sync_sender *sender);

/** Puts a frame at the end of a lane. @param bytes  From malloc; taken over, also on
 * failure. @return false when memory is out. */
bool cpts_sync_sender__push(struct sync_sender *sender, enum sync_lane lane,
                            const struct sync_parcel *parcel);

/** Adds to the credit, up to a bound. */
void cpts_sync_sender__grant(struct sync_sender *sender, int64_t changes, int64_t bytes);

/** The next frame that may be sent now, taken out and charged; NULL: there is none.
 * Release it with parcel_free(). */
struct sync_parcel *cpts_sync_sender__pop(struct sync_sender *sender);

void cpts_sync_sender__parcel_free(struct sync_parcel *parcel);

/** Whether pop() would give one. */
bool cpts_sync_sender__has_ready(const struct sync_sender *sender);

/** Whether nothing waits in the lane of what has an order. */
bool cpts_sync_sender__is_idle(const struct sync_sender *sender);

#endif
