/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_SERVER_ARGS_H
#define RPC_SERVER_ARGS_H

/**
 * @file
 * What the core is told about what a peer may do.
 *
 * Threads: one thread at a time.
 */

#include <grpc/grpc.h>

#include "rpc/server.h"

/** Replaces zeros by the defaults. */
void server_args_fill(struct rpc_limits *limits);

/** A core server with these limits. */
grpc_server *server_args_create(const struct rpc_limits *limits);

#endif
