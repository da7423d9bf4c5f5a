/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_UPSTREAM_H
#define FEDERATION_UPSTREAM_H

/**
 * @file
 * The node above, as any client of the public SDK reaches it: a client, and the engine
 * over it that dials as long as this node runs.
 *
 * Threads: open and close from one, the rest from any.
 */

#include "federation/federation_face.h"
#include "federation/node_store.h"

struct upstream;

/** @param options  Borrowed for the call. */
CPTS_MUST_CHECK cpts_status upstream_open(const struct federation_options *options,
                                          const struct node_store_options *store,
                                          struct upstream **ret_upstream, struct cpts_error *err);

/** One more reference: what upstream_close() closes lasts until the last is given back. */
void upstream_ref(struct upstream *upstream);
void upstream_unref(struct upstream *upstream);

/** The client; as long as a reference. */
cpts_client *upstream_client(struct upstream *upstream);

/** The log has grown. */
void upstream_wake(struct upstream *upstream);
void upstream_verify(struct upstream *upstream, bool repair);
void upstream_read_status(struct upstream *upstream, struct cpts_sync_status *ret_status);

/** Ends the session, and one reference. NULL is fine. */
void upstream_close(struct upstream *upstream);

#endif
