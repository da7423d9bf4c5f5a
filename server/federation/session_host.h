/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_SESSION_HOST_H
#define FEDERATION_SESSION_HOST_H

/**
 * @file
 * Serves those who dial: a thread a session, so many at once. A peer has one session:
 * another one of the same name ends the one before.
 *
 * Threads: any.
 */

#include "federation/federation_face.h"
#include "federation/node_store.h"

struct session_host;

/** @param store  Copied; what it points to lasts as long as the host. */
CPTS_MUST_CHECK cpts_status session_host_open(const struct node_store_options *store,
                                              const struct cpts_sync_options *sync,
                                              int32_t session_count_max,
                                              struct session_host **ret_host,
                                              struct cpts_error *err);

/** @param scope  What the peer may see. */
CPTS_MUST_CHECK cpts_status session_host_serve(struct session_host *host, const char *node,
                                               const char *scope, struct frame_link **ret_link,
                                               struct cpts_error *err);

/** The log has grown. */
void session_host_wake(struct session_host *host);
/** As federation_verify(). */
int session_host_verify(struct session_host *host, const char *node, unsigned wishes);
/** As federation_read_peers(). */
int session_host_read(struct session_host *host, struct federation_peer *peers, int peers_max);

/** Ends every session soon. */
void session_host_stop(struct session_host *host);
/** Ends them and waits. NULL is fine. */
void session_host_close(struct session_host *host);

#endif
