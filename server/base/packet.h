/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PACKET_H
#define BASE_PACKET_H

/**
 * @file
 * A packed message that many streams send: packed once, counted, never copied.
 *
 * Threads: the count any thread; the bytes are written by who makes it, before
 * anybody else sees it.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct packet {
    _Atomic int reference_count;
    size_t byte_count;
    uint8_t bytes[];
};

/** New packet of @p byte_count bytes to be filled in, one reference; NULL when
 * memory is out. */
struct packet *packet_new(size_t byte_count);

/** One more reference. @return @p packet. */
struct packet *packet_ref(struct packet *packet);

/** One reference less; the last one releases it. NULL is fine. */
void packet_unref(struct packet *packet);

#endif
