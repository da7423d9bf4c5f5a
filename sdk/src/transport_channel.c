/* SPDX-License-Identifier: Apache-2.0 */
#include "transport_channel.h"

#include <grpc/grpc_security.h>
#include <stdio.h>

#include "transport.h"
#include "wire/error.h"

#define RECONNECT_FIRST_MS 200
#define RECONNECT_MAX_MS 5000
#define METADATA_BYTES_MAX (16 * 1024)
#define ARGS_MAX 16
/* What a peer may send ahead on a call that nobody reads. The core would let it
 * grow with the connection's speed, to tens of megabytes. */
#define LOOKAHEAD_BYTES (1024 * 1024)

/* Calls go to the addresses in turn, to those only that say they serve
 * (grpc.health.v1 Watch; an address without that method counts as serving). */
#define BALANCED                                                                                   \
    "{\"loadBalancingConfig\":[{\"round_robin\":{}}],\"healthCheckConfig\":{\"serviceName\":\"\"}" \
    "}"

static grpc_arg integer_arg(const char *key, int value)
{
    grpc_arg arg = {.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
    return arg;
}

static grpc_arg string_arg(const char *key, const char *value)
{
    grpc_arg arg = {.type = GRPC_ARG_STRING, .key = (char *)key, .value.string = (char *)value};
    return arg;
}

static grpc_channel *open_channel(const struct address *address,
                                  grpc_channel_credentials *credentials)
{
    char agent[32];
    snprintf(agent, sizeof agent, "libcpts/%s", cpts_version());
    grpc_arg args[ARGS_MAX] = {
        integer_arg(GRPC_ARG_ENABLE_RETRIES, 0),
        integer_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        integer_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
        integer_arg(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, TRANSPORT_REPLY_BYTES_MAX),
        integer_arg(GRPC_ARG_MAX_METADATA_SIZE, METADATA_BYTES_MAX),
        integer_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, RECONNECT_FIRST_MS),
        integer_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, RECONNECT_MAX_MS),
        integer_arg(GRPC_ARG_HTTP2_BDP_PROBE, 0),
        integer_arg(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, LOOKAHEAD_BYTES),
        string_arg(GRPC_ARG_PRIMARY_USER_AGENT_STRING, agent),
    };
    size_t count = 10;
    if (address->server_name[0] != '\0')
        args[count++] = string_arg(GRPC_SSL_TARGET_NAME_OVERRIDE_ARG, address->server_name);
    if (address->is_list)
        args[count++] = string_arg(GRPC_ARG_SERVICE_CONFIG, BALANCED);
    /* Nobody else, such as a name server, chooses how we balance. */
    args[count++] = integer_arg(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
    grpc_channel_args list = {.num_args = count, .args = args};
    return grpc_channel_create(address->target, credentials, &list);
}

cpts_status cpts_transport__channel(const struct cpts_client_options *options,
                                    const struct address *address, const struct pem_files *pem,
                                    grpc_channel **ret_channel, struct cpts_error *err)
{
    grpc_ssl_pem_key_cert_pair pair = {.private_key = pem->key, .cert_chain = pem->certificate};
    grpc_channel_credentials *credentials =
        grpc_ssl_credentials_create(pem->ca, options->is_newcomer ? NULL : &pair, NULL, NULL);
    if (credentials == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the certificates in %s, %s and %s cannot be used together",
                         options->ca_file, options->is_newcomer ? "" : options->certificate_file,
                         options->is_newcomer ? "" : options->key_file);
    grpc_channel *channel = open_channel(address, credentials);
    grpc_channel_credentials_release(credentials);
    if (channel == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID, "no channel can be made to %s",
                         options->address);
    *ret_channel = channel;
    return CPTS_OK;
}
