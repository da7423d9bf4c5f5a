/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_FRAME_LINK_H
#define FEDERATION_FRAME_LINK_H

/**
 * @file
 * The frames of one session, between the stream of a server (base/stream.h) and the
 * thread that serves the session (cpts/sync.h): two bounded queues. The transport's
 * thread only queues; what the session has no room for stays with the other side.
 *
 * Threads: the stream's side as base/stream.h says, the session's side from one.
 */

#include <cpts/sync.h>

#include "base/stream.h"

struct frame_link;

/** What drives the stream; its state is a frame_link, of which it ends one reference. */
extern const struct stream_handler frame_link_stream;

/** New link with two references, the stream's and the session's; NULL when memory is
 * out. */
struct frame_link *frame_link_new(void);

/** One reference less; the last one releases it. */
void frame_link_unref(struct frame_link *link);

/** The session's side; borrows @p link. After its close() nothing more may be called. */
struct cpts_sync_link frame_link_face(struct frame_link *link);

#endif
