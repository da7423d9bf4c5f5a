/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_IDENTITY_LANE_H
#define FEDERATION_IDENTITY_LANE_H

/**
 * @file
 * A thread of a regional node that asks the one above, every two seconds, who of the
 * region may call here, stores it, and tells which certificates were revoked here. Apart
 * from the session: neither a snapshot nor a backlog delays it.
 *
 * Threads: open and close from one.
 */

#include "federation/node_store.h"

struct federation;
struct identity_lane;
struct upstream;

/** All borrowed for the lane's life. */
struct identity_lane_options {
    struct node_store_options store;
    /** A reference to the node above, or NULL: nobody is dialled now. */
    struct upstream *(*take)(struct federation *federation);
    struct federation *federation;
};

/** Starts asking. @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status identity_lane_open(const struct identity_lane_options *options,
                                               struct identity_lane **ret_lane,
                                               struct cpts_error *err);

/** Ends the thread. NULL is fine. */
void identity_lane_close(struct identity_lane *lane);

#endif
