/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_CONVERT_H
#define SDK_CONVERT_H

/**
 * @file
 * Between the caller's values and the fields of messages.
 *
 * Threads: any thread.
 */

#include <cpts/v1/stage.pb-c.h>
#include <cpts/value.h>
#include <google/protobuf/timestamp.pb-c.h>

struct Cpts__V1__Position;
struct arena;

/** The text itself, or an empty one for NULL: protobuf-c never sees NULL. */
char *cpts_convert__text(const char *text);

/** Sets @p ret_timestamp (initialised here) to an instant.
 * @return its address, or NULL for 0, which means "absent". */
Google__Protobuf__Timestamp *cpts_convert__timestamp(int64_t instant_us,
                                                     Google__Protobuf__Timestamp *ret_timestamp);

/** Microseconds since 1970 of a timestamp; 0 when it is absent. */
int64_t cpts_convert__instant_us(const Google__Protobuf__Timestamp *timestamp);

/** The stages as a message's array in @p arena; NULL when it is full. */
Cpts__V1__Stage *cpts_convert__stages(const enum cpts_stage *stages, size_t stage_count,
                                      struct arena *arena);

/** A place; CPTS_POSITION_UNSPECIFIED when it is absent. */
struct cpts_position cpts_convert__position(const struct Cpts__V1__Position *position);

/** The JSON of a message kept in a result. */
char *cpts_convert__json(const void *message, int indent_spaces);

#endif
