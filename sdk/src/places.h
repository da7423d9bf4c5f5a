/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_PLACES_H
#define SDK_PLACES_H

/**
 * @file
 * The places of started calls: so many and no more, each call with a number
 * that no other has had.
 *
 * Threads: behind the engine's lock.
 */

#include <cpts/status.h>

struct flight;
struct place;

struct places {
    struct place *all;
    uint32_t limit;
    uint32_t taken_count;
    uint32_t first_free;
};

/** @return false when memory is out. */
CPTS_MUST_CHECK bool cpts_places__init(struct places *places, uint32_t limit);
void cpts_places__done(struct places *places);
/** Takes a place, of which one is free. @return the call's number. */
uint64_t cpts_places__take(struct places *places, struct flight *flight);
void cpts_places__give_back(struct places *places, const struct flight *flight);
/** NULL when that call has no place any more. */
struct flight *cpts_places__find(const struct places *places, uint64_t number);
/** Whoever has the place with that index, from 0; NULL when it is free. */
struct flight *cpts_places__at(const struct places *places, uint32_t index);

#endif
