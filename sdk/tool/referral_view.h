/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_REFERRAL_VIEW_H
#define TOOL_REFERRAL_VIEW_H

/**
 * @file
 * Referrals as lines.
 *
 * Threads: one thread at a time.
 */

#include <cpts/referral.h>
#include <stdio.h>

/** Prints one referral for people: the order, its attempts, clocks and what may be
 * done now. Says so when it is synthetic. */
void referral_view_print(const struct cpts_referral *referral, FILE *stream);

/** Writes events, comma between, "" for none. */
void referral_view_events(const enum cpts_referral_event *events, size_t count, char *ret_text,
                          size_t text_bytes);

/** An instant as RFC 3339; "" for 0. */
void referral_view_instant(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES]);

#endif
