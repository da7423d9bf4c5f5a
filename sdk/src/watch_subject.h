/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_WATCH_SUBJECT_H
#define SDK_WATCH_SUBJECT_H

/**
 * @file
 * What is watched: how one stream is asked for, and how its messages become
 * events. The rest of a watch does not know what it is about.
 *
 * Threads: constants; any thread.
 */

#include <cpts/watch.h>

#include "exchange.h"
#include "watch_queue.h"

/** What is to be known of a message before its turn comes. */
struct watch_head {
    int64_t log_position;
    bool is_bookmark;
};

/** What broke a stream. */
struct watch_break {
    int64_t log_position;
    int64_t instant_us;
    const char *reason;
    const char *sentence;
};

struct watch_subject {
    enum operation operation;
    const ProtobufCMessageDescriptor *response;
    /** Bytes of the public struct of an event. */
    size_t event_bytes;
    /** Packs the request. @param filter  What the watch was opened with.
     * @param position  Place after which to begin, or WATCH_FROM_NOW. */
    struct transport_body *(*pack)(const void *filter, int64_t position);
    /** Reads a message's head; false when it is neither change nor bookmark. */
    bool (*head)(const ProtobufCMessage *message, struct watch_head *ret_head);
    /** Fills an event from its message. */
    cpts_status (*take)(const struct answer *answer, struct cpts_error *err);
    /** Fills an event that tells of a break; texts live as long as it. */
    void (*interrupt)(void *event, const struct watch_break *what);
    /** Runs the callback by its true type. */
    void (*call)(cpts_watch *watch, exchange_callback *callback, void *event,
                 const struct cpts_error *err, void *data);
};

/** Reads a message's head, with @p scratch, which is emptied.
 * @return CPTS_OK · as wire_unpack() · INTERNAL / INTERNAL_ERROR: it is neither
 *         a change nor a bookmark. */
CPTS_MUST_CHECK cpts_status cpts_watch_subject__head(const struct watch_subject *subject,
                                                     const struct transport_reply *message,
                                                     struct arena *scratch,
                                                     struct watch_head *ret_head,
                                                     struct cpts_error *err);

/** Makes the event of an entry, which stays as it is.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_watch_subject__make(const struct watch_subject *subject,
                                                     const struct watch_entry *entry,
                                                     void **ret_event, struct cpts_error *err);

/** The JSON of an interruption; NULL when memory is out. */
char *cpts_watch_subject__break_json(const struct watch_break *what, int indent_spaces);

#endif
