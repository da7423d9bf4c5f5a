/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/server_args.h"

#include <grpc/compression.h>

#define MESSAGE_BYTES (1024 * 1024)
#define METADATA_BYTES (8 * 1024)
#define STREAMS_PER_CONNECTION 256
#define STREAMS 4096
#define MEMORY_BYTES ((size_t)64 * 1024 * 1024)
#define REQUESTS_POSTED 32

#define HANDSHAKE_MS 10000
/* The longest a revoked certificate can go on being used. */
#define CONNECTION_AGE_MS 600000
#define CONNECTION_AGE_GRACE_MS 60000
/* Clients may ask every ten seconds whether we live, also between calls. */
#define PING_INTERVAL_MS 10000
#define PING_STRIKES 2
/* We ask a silent client whether it lives, and close when it does not. */
#define KEEPALIVE_MS 60000
#define KEEPALIVE_TIMEOUT_MS 20000
#define IDENTITY_ENCODING_ONLY 1

void server_args_fill(struct rpc_limits *limits)
{
    if (limits->message_bytes == 0)
        limits->message_bytes = MESSAGE_BYTES;
    if (limits->metadata_bytes == 0)
        limits->metadata_bytes = METADATA_BYTES;
    if (limits->streams_per_connection == 0)
        limits->streams_per_connection = STREAMS_PER_CONNECTION;
    if (limits->streams == 0)
        limits->streams = STREAMS;
    if (limits->memory_bytes == 0)
        limits->memory_bytes = MEMORY_BYTES;
    if (limits->requests_posted == 0)
        limits->requests_posted = REQUESTS_POSTED;
}

static grpc_arg integer(const char *key, int value)
{
    return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
}

/* What the core takes at all; admission goes by the method. */
static int largest_message(const struct rpc_limits *limits)
{
    return limits->message_bytes > RPC_MESSAGE_BYTES_MAX ? limits->message_bytes
                                                         : RPC_MESSAGE_BYTES_MAX;
}

grpc_server *server_args_create(const struct rpc_limits *limits)
{
    grpc_resource_quota *quota = grpc_resource_quota_create("cpts");
    grpc_resource_quota_resize(quota, limits->memory_bytes);
    grpc_arg args[] = {
        {.type = GRPC_ARG_POINTER,
         .key = (char *)GRPC_ARG_RESOURCE_QUOTA,
         .value.pointer = {quota, grpc_resource_quota_arg_vtable()}},
        /* A second server on the same port must fail, not take half the calls. */
        integer(GRPC_ARG_ALLOW_REUSEPORT, 0),
        integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, largest_message(limits)),
        integer(GRPC_ARG_MAX_METADATA_SIZE, limits->metadata_bytes),
        integer(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits->streams_per_connection),
        integer(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_MS),
        integer(GRPC_ARG_MAX_CONNECTION_AGE_MS, CONNECTION_AGE_MS),
        integer(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, CONNECTION_AGE_GRACE_MS),
        integer(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, PING_INTERVAL_MS),
        integer(GRPC_ARG_HTTP2_MAX_PING_STRIKES, PING_STRIKES),
        integer(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1),
        integer(GRPC_ARG_KEEPALIVE_TIME_MS, KEEPALIVE_MS),
        integer(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, KEEPALIVE_TIMEOUT_MS),
        /* A small message can unpack to a huge one. */
        integer(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, IDENTITY_ENCODING_ONLY),
        integer(GRPC_ARG_ENABLE_PER_MESSAGE_COMPRESSION, 0),
        integer(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0),
        integer(GRPC_ARG_ENABLE_CHANNELZ, 0),
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    grpc_server *server = grpc_server_create(&list, NULL);
    grpc_resource_quota_unref(quota);
    return server;
}
