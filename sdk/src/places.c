/* SPDX-License-Identifier: Apache-2.0 */
#include "places.h"

#include <stdlib.h>

#include "flight.h"

/* A call's number is its place and, above it, how often that was taken. */
#define PLACE_BITS 32

struct place {
    struct flight *flight;
    uint32_t generation;
    uint32_t next_free;
};

bool cpts_places__init(struct places *places, uint32_t limit)
{
    *places = (struct places){.all = calloc(limit, sizeof *places->all), .limit = limit};
    for (uint32_t i = 0; places->all != NULL && i < limit; i++)
        places->all[i].next_free = i + 1;
    return places->all != NULL;
}

void cpts_places__done(struct places *places)
{
    free(places->all);
    places->all = NULL;
}

uint64_t cpts_places__take(struct places *places, struct flight *flight)
{
    flight->place = places->first_free;
    struct place *place = &places->all[flight->place];
    places->first_free = place->next_free;
    place->flight = flight;
    place->generation++;
    places->taken_count++;
    return (uint64_t)place->generation << PLACE_BITS | flight->place;
}

void cpts_places__give_back(struct places *places, const struct flight *flight)
{
    struct place *place = &places->all[flight->place];
    place->flight = NULL;
    place->next_free = places->first_free;
    places->first_free = flight->place;
    places->taken_count--;
}

struct flight *cpts_places__find(const struct places *places, uint64_t number)
{
    uint64_t index = number & UINT32_MAX;
    if (index >= places->limit || places->all[index].generation != number >> PLACE_BITS)
        return NULL;
    return places->all[index].flight;
}

struct flight *cpts_places__at(const struct places *places, uint32_t index)
{
    return places->all[index].flight;
}
