/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_sender.h"

#include <stdlib.h>

/* More than any honest sink gives. */
#define CREDIT_MAX (INT64_C(1) << 40)

void cpts_sync_sender__parcel_free(struct sync_parcel *parcel)
{
    if (parcel == NULL)
        return;
    free(parcel->bytes);
    free(parcel);
}

void cpts_sync_sender__done(struct sync_sender *sender)
{
    for (int lane = 0; lane < SYNC_LANE_COUNT; lane++) {
        struct sync_parcel *parcel = sender->lanes[lane].first;
        while (parcel != NULL) {
            struct sync_parcel *next = parcel->next;
            cpts_sync_sender__parcel_free(parcel);
            parcel = next;
        }
        sender->lanes[lane] = (struct sync_queue){0};
    }
}

bool cpts_sync_sender__push(struct sync_sender *sender, enum sync_lane lane,
                            const struct sync_parcel *parcel)
{
    struct sync_queue *queue = &sender->lanes[lane];
    struct sync_parcel *own = malloc(sizeof *own);
    if (own == NULL) {
        free(parcel->bytes);
        return false;
    }
    *own = *parcel;
    own->next = NULL;
    if (queue->last == NULL)
        queue->first = own;
    else
        queue->last->next = own;
    queue->last = own;
    sender->queued_bytes += own->byte_count + sizeof *own;
    return true;
}

static int64_t add(int64_t credit, int64_t more)
{
    if (more <= 0)
        return credit;
    return more > CREDIT_MAX - credit ? CREDIT_MAX : credit + more;
}

void cpts_sync_sender__grant(struct sync_sender *sender, int64_t changes, int64_t bytes)
{
    sender->credit_changes = add(sender->credit_changes, changes);
    sender->credit_bytes = add(sender->credit_bytes, bytes);
}

static bool may_leave(const struct sync_sender *sender, const struct sync_parcel *parcel)
{
    return parcel != NULL &&
           (!parcel->has_data || ((int64_t)parcel->byte_count <= sender->credit_bytes &&
                                  parcel->change_count <= sender->credit_changes));
}

bool cpts_sync_sender__has_ready(const struct sync_sender *sender)
{
    for (int lane = 0; lane < SYNC_LANE_COUNT; lane++) {
        if (may_leave(sender, sender->lanes[lane].first))
            return true;
    }
    return false;
}

static struct sync_parcel *take(struct sync_sender *sender, struct sync_queue *queue)
{
    struct sync_parcel *parcel = queue->first;
    queue->first = parcel->next;
    if (queue->first == NULL)
        queue->last = NULL;
    sender->queued_bytes -= parcel->byte_count + sizeof *parcel;
    if (parcel->has_data) {
        sender->credit_bytes -= (int64_t)parcel->byte_count;
        sender->credit_changes -= parcel->change_count;
    }
    sender->sent_bytes += (int64_t)parcel->byte_count;
    return parcel;
}

struct sync_parcel *cpts_sync_sender__pop(struct sync_sender *sender)
{
    for (int lane = 0; lane < SYNC_LANE_COUNT; lane++) {
        if (may_leave(sender, sender->lanes[lane].first))
            return take(sender, &sender->lanes[lane]);
    }
    return NULL;
}

bool cpts_sync_sender__is_idle(const struct sync_sender *sender)
{
    return sender->lanes[SYNC_LANE_ORDERED].first == NULL;
}
