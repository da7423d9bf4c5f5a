/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/packet.h"

static struct ring_entry *entry_at(const struct ring *ring, int64_t position)
{
    return &ring->entries[position % ring->entry_max];
}

static size_t weigh_packet(const struct packet *packet)
{
    return packet == NULL ? 0 : sizeof *packet + packet->byte_count;
}

static size_t weigh(const struct ring_entry *entry)
{
    size_t audience = entry->audience == NULL ? 0 : strlen(entry->audience) + 1;
    return weigh_packet(entry->packet) + weigh_packet(entry->touched) + audience;
}

bool ring_init(struct ring *ring, int64_t entry_max, size_t byte_max)
{
    *ring = (struct ring){.entry_max = entry_max, .byte_max = byte_max, .first = 1};
    ring->entries = calloc((size_t)entry_max, sizeof *ring->entries);
    return ring->entries != NULL;
}

void ring_done(struct ring *ring)
{
    if (ring->entries != NULL)
        ring_restart(ring, 0);
    free(ring->entries);
    ring->entries = NULL;
}

static void drop_oldest(struct ring *ring)
{
    struct ring_entry *oldest = entry_at(ring, ring->first);
    ring->byte_count -= weigh(oldest);
    packet_unref(oldest->packet);
    packet_unref(oldest->touched);
    oldest->packet = NULL;
    oldest->touched = NULL;
    free(oldest->audience);
    oldest->audience = NULL;
    ring->first++;
}

void ring_restart(struct ring *ring, int64_t last)
{
    while (ring->first <= ring->last)
        drop_oldest(ring);
    ring->last = last;
    ring->first = last + 1;
}

void ring_append(struct ring *ring, const struct ring_entry *entry)
{
    size_t weight = weigh(entry);
    while (ring->first <= ring->last && (ring->last - ring->first + 1 >= ring->entry_max ||
                                         ring->byte_count + weight > ring->byte_max))
        drop_oldest(ring);
    ring->last++;
    ring->byte_count += weight;
    *entry_at(ring, ring->last) = *entry;
}

/** A filter as long as a region is one, else it is the id of a CPTS. */
struct packet *ring_entry_packet(const struct ring_entry *entry, const char *filter)
{
    if (filter[0] == '\0')
        return entry->packet;
    if (strlen(filter) < RING_REGION_BYTES)
        return strcmp(filter, entry->region) == 0 ? entry->packet : NULL;
    const char *found = entry->audience == NULL ? NULL : strstr(entry->audience, filter);
    if (found == NULL)
        return NULL;
    return found > entry->audience && found[-1] == RING_TOUCHED ? entry->touched : entry->packet;
}

int64_t ring_find(const struct ring *ring, int64_t after, const char *filter)
{
    for (int64_t position = after + 1; position <= ring->last; position++) {
        if (ring_entry_packet(entry_at(ring, position), filter) != NULL)
            return position;
    }
    return 0;
}

struct packet *ring_packet(const struct ring *ring, int64_t position, const char *filter)
{
    return ring_entry_packet(entry_at(ring, position), filter);
}
