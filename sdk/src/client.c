/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/client.h>
#include <grpc/health/v1/health.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "handle.h"
#include "transport.h"
#include "wire/error.h"

#define RETRY_MAX_DEFAULT 4
#define RETRY_PAUSE_DEFAULT_MS 100

static cpts_status check(const struct cpts_client_options *options, struct cpts_error *err)
{
    if (options->address == NULL || strchr(options->address, ':') == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "address",
                               "the address is not host:port");
    if (options->timeout_ms < 0 || options->timeout_ms > CPTS_TIMEOUT_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "timeout_ms",
                               "the deadline is not in 0..%d ms", CPTS_TIMEOUT_MAX_MS);
    if (options->retry_max < -1 || options->retry_max > RETRY_COUNT_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "retry_max",
                               "the repetitions are not in -1..%d", RETRY_COUNT_MAX);
    if (options->retry_pause_ms < 0 || options->retry_pause_ms > RETRY_PAUSE_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "retry_pause_ms",
                               "the pause is not in 0..%d ms", RETRY_PAUSE_MAX_MS);
    return CPTS_OK;
}

static int32_t or_default(int32_t value, int32_t otherwise)
{
    return value == 0 ? otherwise : value;
}

static void apply(cpts_client *client, const struct cpts_client_options *options)
{
    client->timeout_ms = or_default(options->timeout_ms, CPTS_TIMEOUT_DEFAULT_MS);
    client->policy.pause_ms = or_default(options->retry_pause_ms, RETRY_PAUSE_DEFAULT_MS);
    client->policy.retry_max = or_default(options->retry_max, RETRY_MAX_DEFAULT);
    if (client->policy.retry_max < 0)
        client->policy.retry_max = 0;
}

cpts_status cpts_client_open(const struct cpts_client_options *options, cpts_client **ret_client,
                             struct cpts_error *err)
{
    struct cpts_client_options own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, err);
    if (status == CPTS_OK)
        status = check(&own, err);
    if (status != CPTS_OK)
        return status;
    cpts_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    apply(client, &own);
    status = cpts_transport__open(&own, &client->transport, err);
    if (status == CPTS_OK)
        *ret_client = client;
    else
        free(client);
    return status;
}

void cpts_client_close(cpts_client *client)
{
    if (client == NULL)
        return;
    cpts_transport__close(client->transport);
    free(client);
}

cpts_status cpts_client_health(cpts_client *client, const char *service, int32_t timeout_ms,
                               bool *ret_serving, struct cpts_error *err)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    if (service != NULL)
        request.service = (char *)service;
    struct exchange exchange = {.method = "/grpc.health.v1.Health/Check",
                                .request = &request.base,
                                .response = &grpc__health__v1__health_check_response__descriptor,
                                .timeout_ms = timeout_ms};
    struct answer answer;
    cpts_status status = cpts_exchange__run(client, &exchange, &answer, err);
    if (status != CPTS_OK)
        return status;
    const Grpc__Health__V1__HealthCheckResponse *response =
        (const Grpc__Health__V1__HealthCheckResponse *)answer.message;
    *ret_serving =
        response->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    cpts_exchange__release(answer.result);
    return CPTS_OK;
}

const char *cpts_version(void)
{
    return CPTS_VERSION_TEXT;
}
