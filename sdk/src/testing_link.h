/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TESTING_LINK_H
#define SDK_TESTING_LINK_H

/**
 * @file
 * Two ends of a link in memory, and somebody in between who may do anything to what
 * passes.
 *
 * Threads: each end is one thread's; wake and cut from any.
 */

#include <cpts/sync.h>

enum testing_deed {
    TESTING_DELIVER = 0,
    TESTING_DROP,
    TESTING_TWICE,
    /** After the next one of the same end. */
    TESTING_LATER,
    /** Both ends are cut, this frame is lost. */
    TESTING_CUT
};

/** Decides on a frame that end @p from (0 = who dialled) sends. Under the wire's lock. */
typedef enum testing_deed testing_filter(void *data, int from, const uint8_t *bytes,
                                         size_t byte_count);

struct testing_wire;

/** NULL when memory is out. */
struct testing_wire *cpts_testing_wire__new(testing_filter *filter, void *data);
/** An end; its close() cuts the wire. */
struct cpts_sync_link cpts_testing_wire__end(struct testing_wire *wire, int end);
void cpts_testing_wire__cut(struct testing_wire *wire);
/** Once both ends are no longer used; NULL is fine. */
void cpts_testing_wire__free(struct testing_wire *wire);

#endif
