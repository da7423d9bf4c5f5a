/* SPDX-License-Identifier: Apache-2.0 */
#include "base/packet.h"

#include <stdlib.h>

struct packet *packet_new(size_t byte_count)
{
    struct packet *packet = malloc(sizeof *packet + byte_count);
    if (packet == NULL)
        return NULL;
    atomic_init(&packet->reference_count, 1);
    packet->byte_count = byte_count;
    return packet;
}

struct packet *packet_ref(struct packet *packet)
{
    atomic_fetch_add_explicit(&packet->reference_count, 1, memory_order_relaxed);
    return packet;
}

void packet_unref(struct packet *packet)
{
    if (packet != NULL &&
        atomic_fetch_sub_explicit(&packet->reference_count, 1, memory_order_acq_rel) == 1)
        free(packet);
}
