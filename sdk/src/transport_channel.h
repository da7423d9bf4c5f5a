/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_CHANNEL_H
#define SDK_TRANSPORT_CHANNEL_H

/**
 * @file
 * gRPC's channel of a client: addresses, balancing, health, TLS, limits.
 *
 * Threads: any thread.
 */

#include <cpts/client.h>
#include <grpc/grpc.h>

#include "address.h"
#include "pem.h"

/** Makes a channel that connects at its first call. Release it with
 * grpc_channel_destroy().
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_transport__channel(const struct cpts_client_options *options,
                                                    const struct address *address,
                                                    const struct pem_files *pem,
                                                    grpc_channel **ret_channel,
                                                    struct cpts_error *err);

#endif
