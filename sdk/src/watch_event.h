/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_WATCH_EVENT_H
#define SDK_WATCH_EVENT_H

/**
 * @file
 * From the bytes of a watch to its events.
 *
 * Threads: any thread.
 */

#include <cpts/watch.h>

#include "watch_queue.h"

struct arena;

/** What is to be known of a message before its turn comes. */
struct watch_head {
    int64_t log_position;
    bool is_bookmark;
};

/** Reads a message's head, with @p scratch, which is emptied.
 * @return CPTS_OK · as wire_unpack() · INTERNAL / INTERNAL_ERROR: it is neither
 *         a change nor a bookmark. */
CPTS_MUST_CHECK cpts_status cpts_watch_event__head(const uint8_t *bytes, size_t byte_count,
                                                   struct arena *scratch,
                                                   struct watch_head *ret_head,
                                                   struct cpts_error *err);

/** Makes the event of an entry, which stays as it is.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_watch_event__make(const struct watch_entry *entry,
                                                   struct cpts_watch_event **ret_event,
                                                   struct cpts_error *err);

#endif
