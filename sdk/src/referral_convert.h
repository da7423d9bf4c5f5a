/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_REFERRAL_CONVERT_H
#define SDK_REFERRAL_CONVERT_H

/**
 * @file
 * Between the public structs of referrals and their messages.
 *
 * Threads: any thread; an arena, one thread at a time.
 */

#include <cpts/referral.h>
#include <cpts/v1/referral.pb-c.h>

struct arena;

/** Sets @p ret_actor (initialised here). NULL gives an empty one, which the node
 * refuses. @return as cpts_exchange__adopt(). */
CPTS_MUST_CHECK cpts_status cpts_referral__actor(const struct cpts_actor *actor,
                                                 Cpts__V1__Actor *ret_actor,
                                                 struct cpts_error *err);

/** The header as a message in @p arena. @return as cpts_exchange__adopt(), and
 * RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_referral__header(const struct cpts_referral_header *header,
                                                  struct arena *arena,
                                                  Cpts__V1__ReferralHeader **ret_header,
                                                  struct cpts_error *err);

/** Fills @p ret_referral from its message; false when the arena is full. */
bool cpts_referral__take(const Cpts__V1__Referral *from, struct arena *arena,
                         struct cpts_referral *ret_referral);

struct cpts_referral_clock cpts_referral__clock(const Cpts__V1__ReferralClock *from);

/** Events of a message; NULL when the arena is full. */
const enum cpts_referral_event *cpts_referral__events(const Cpts__V1__ReferralEvent *from,
                                                      size_t count, struct arena *arena);

#endif
