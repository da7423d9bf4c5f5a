/* SPDX-License-Identifier: Apache-2.0 */
#include "convert.h"

#include <cpts/v1/territory.pb-c.h>

#include "wire/arena.h"
#include "wire/json.h"

#define US_PER_SECOND INT64_C(1000000)
#define NS_PER_US 1000
/* The largest second whose microseconds an int64_t can hold. */
#define SECONDS_MAX (INT64_MAX / US_PER_SECOND - 1)

char *cpts_convert__text(const char *text)
{
    return (char *)(text == NULL ? "" : text);
}

Google__Protobuf__Timestamp *cpts_convert__timestamp(int64_t instant_us,
                                                     Google__Protobuf__Timestamp *ret_timestamp)
{
    google__protobuf__timestamp__init(ret_timestamp);
    if (instant_us == 0)
        return NULL;
    int64_t fraction_us = instant_us % US_PER_SECOND;
    if (fraction_us < 0)
        fraction_us += US_PER_SECOND;
    ret_timestamp->seconds = (instant_us - fraction_us) / US_PER_SECOND;
    ret_timestamp->nanos = (int32_t)fraction_us * NS_PER_US;
    return ret_timestamp;
}

int64_t cpts_convert__instant_us(const Google__Protobuf__Timestamp *timestamp)
{
    if (timestamp == NULL || timestamp->seconds > SECONDS_MAX || timestamp->seconds < -SECONDS_MAX)
        return 0;
    return timestamp->seconds * US_PER_SECOND + timestamp->nanos / NS_PER_US;
}

Cpts__V1__Stage *cpts_convert__stages(const enum cpts_stage *stages, size_t stage_count,
                                      struct arena *arena)
{
    Cpts__V1__Stage *own = arena_alloc(arena, (stage_count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < stage_count; i++)
        own[i] = (Cpts__V1__Stage)stages[i];
    return own;
}

struct cpts_position cpts_convert__position(const struct Cpts__V1__Position *position)
{
    if (position == NULL)
        return (struct cpts_position){0};
    return (struct cpts_position){.latitude = position->latitude,
                                  .longitude = position->longitude,
                                  .quality = (enum cpts_position_quality)position->quality};
}

char *cpts_convert__json(const void *message, int indent_spaces)
{
    return json_write(message, indent_spaces);
}
