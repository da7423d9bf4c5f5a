/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REFERRAL_STREAM_H
#define HANDLER_REFERRAL_STREAM_H

/**
 * @file
 * The messages of WatchReferrals, packed once for all who watch: what the feed of
 * referrals is opened with. They say that something happened and what, nothing
 * that not every party may know.
 *
 * Threads: the feed's reader.
 */

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct packet;
struct rows;

/** pack_change of struct feed_options. */
bool referral_watch_pack_change(const struct rows *rows, int row, struct arena *arena,
                                struct packet **ret_packet);

/** pack_touched of struct feed_options: which referral, and nothing of what happened. */
struct packet *referral_watch_pack_touched(const struct rows *rows, int row);

/** pack_bookmark of struct feed_options. */
struct packet *referral_watch_pack_bookmark(int64_t log_position, int64_t observed_us);

#endif
