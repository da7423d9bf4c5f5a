/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_PINNING_H
#define FEDERATION_PINNING_H

/**
 * @file
 * Who this node is and who is above it, in its own database: written at each start from
 * the key that signs its checkpoints and from what enrolment told. The first word about
 * the node above counts; another one later is refused, and is an alarm.
 *
 * Threads: one thread at a time, as the store.
 */

#include "federation/federation_face.h"
#include "federation/node_store.h"

/**
 * Settles both.
 *
 * @param ret_may_dial  False: [tls] ca does not hold the authority that is pinned: whoever
 *                      answers there may be anybody. The node goes on by itself.
 * @return CPTS_OK, also when something was refused (it is an alarm then, UPSTREAM_CHANGED) ·
 *         FAILED_PRECONDITION / CONFIGURATION_INVALID: the file says no pin · what a
 *         statement may end with.
 */
CPTS_MUST_CHECK cpts_status pinning_settle(struct node_store *store,
                                           const struct federation_options *options,
                                           const struct checkpoint_signer *signer,
                                           bool *ret_may_dial, struct cpts_error *err);

#endif
