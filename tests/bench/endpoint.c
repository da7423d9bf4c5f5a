/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/endpoint.h"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <stdio.h>
#include <time.h>

#define NS_PER_S 1000000000LL
#define CONNECT_DEADLINE_S 10
#define PEM_BYTES 16384

int64_t endpoint_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

bool endpoint_read_option(struct endpoint *endpoint, int letter, const char *value)
{
    switch (letter) {
    case 't':
        endpoint->target = value;
        return true;
    case 'a':
        endpoint->ca = value;
        return true;
    case 'c':
        endpoint->certificate = value;
        return true;
    case 'k':
        endpoint->key = value;
        return true;
    default:
        return false;
    }
}

static void read_pem(const char *path, char buffer[PEM_BYTES])
{
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    size_t byte_count = file == NULL ? 0 : fread(buffer, 1, PEM_BYTES - 1, file);
    if (file != NULL)
        fclose(file);
    buffer[byte_count] = '\0';
}

static grpc_channel_credentials *credentials_new(const struct endpoint *endpoint)
{
    static char ca[PEM_BYTES];
    static char certificate[PEM_BYTES];
    static char key[PEM_BYTES];
    if (endpoint->ca == NULL)
        return grpc_insecure_credentials_create();
    read_pem(endpoint->ca, ca);
    read_pem(endpoint->certificate, certificate);
    read_pem(endpoint->key, key);
    grpc_ssl_pem_key_cert_pair pair = {key, certificate};
    return grpc_ssl_credentials_create_ex(ca, &pair, NULL, NULL);
}

static grpc_channel *channel_new(const struct endpoint *endpoint)
{
    grpc_arg args[] = {
        {.type = GRPC_ARG_INTEGER,
         .key = (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL,
         .value.integer = 1},
        {.type = GRPC_ARG_INTEGER, .key = (char *)GRPC_ARG_ENABLE_RETRIES, .value.integer = 0},
    };
    grpc_channel_args list = {sizeof args / sizeof args[0], args};
    grpc_channel_credentials *credentials = credentials_new(endpoint);
    grpc_channel *channel = grpc_channel_create(endpoint->target, credentials, &list);
    grpc_channel_credentials_release(credentials);
    return channel;
}

/* Until the channel is connected; false after CONNECT_DEADLINE_S. */
static bool wait_until_ready(grpc_channel *channel, grpc_completion_queue *queue)
{
    gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                         gpr_time_from_seconds(CONNECT_DEADLINE_S, GPR_TIMESPAN));
    grpc_connectivity_state state = grpc_channel_check_connectivity_state(channel, 1);
    while (state != GRPC_CHANNEL_READY) {
        grpc_channel_watch_connectivity_state(channel, state, deadline, queue, channel);
        grpc_event event =
            grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (!event.success)
            return false;
        state = grpc_channel_check_connectivity_state(channel, 1);
    }
    return true;
}

grpc_channel *endpoint_connect(const struct endpoint *endpoint)
{
    grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
    grpc_channel *channel = channel_new(endpoint);
    bool is_ready = wait_until_ready(channel, queue);
    grpc_completion_queue_shutdown(queue);
    while (grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(queue);
    if (is_ready)
        return channel;
    grpc_channel_destroy(channel);
    return NULL;
}
