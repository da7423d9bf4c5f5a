/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_SDK_JOURNAL_H
#define TESTS_INTEGRATION_SDK_JOURNAL_H

/**
 * @file
 * The WatchCpts of the peers of sdk_peer.h: one invented log for all of them,
 * whose streams break as a test wants.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>

#include "base/stream.h"
#include "wire/reason.h"

struct call;

/** Ends a stream with OK instead of a reason. */
#define JOURNAL_ENDS_WELL REASON_COUNT

/** How every stream behaves from now on. */
struct journal_script {
    /** Last position. */
    int64_t head;
    /** A stream ends after so many messages; 0 = never. */
    int break_after;
    enum reason break_reason;
    /** A stream begins so many positions too early. */
    int repeat;
    /** Length of the name of each CPTS. */
    int name_bytes;
    /** No bookmark at the end of the log. */
    bool is_mute;
    /** What is sent is not a message. */
    bool is_garbage;
};

/** Begins anew with that script and empty counters; wakes those that wait. */
void journal_play(const struct journal_script *script);
/** Moves the end of the log, and wakes those that wait for it. */
void journal_grow(int64_t head);

/** Streams that were begun, and messages that were sent. */
int journal_stream_count(void);
int64_t journal_sent_count(void);
/** What the last stream asked for: after_position, or -1 for from_now. */
int64_t journal_asked(void);
/** Waits until no stream is open. @return false when one is for too long. */
bool journal_await_closed(void);

cpts_status journal_begin(struct call *call, const void *request, struct cpts_error *err);
extern const struct stream_handler journal_stream;

#endif
