/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/client.h>
#include <grpc/health/v1/health.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "handle.h"
#include "transport.h"
#include "trust.h"
#include "wire/error.h"

#define RETRY_MAX_DEFAULT 4
#define RETRY_PAUSE_DEFAULT_MS 100

static cpts_status check(const struct cpts_client_options *options, struct cpts_error *err)
{
    if (options->address == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "address", "there is no address");
    if (options->timeout_ms < 0 || options->timeout_ms > CPTS_TIMEOUT_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "timeout_ms",
                               "the deadline is not in 0..%d ms", CPTS_TIMEOUT_MAX_MS);
    if (options->retry_max < -1 || options->retry_max > RETRY_COUNT_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "retry_max",
                               "the repetitions are not in -1..%d", RETRY_COUNT_MAX);
    if (options->retry_pause_ms < 0 || options->retry_pause_ms > RETRY_PAUSE_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "retry_pause_ms",
                               "the pause is not in 0..%d ms", RETRY_PAUSE_MAX_MS);
    if (options->async_max < 0 || options->async_max > CPTS_ASYNC_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "async_max",
                               "the started calls are not in 0..%d", CPTS_ASYNC_MAX);
    if (options->delivery != CPTS_DELIVERY_THREAD && options->delivery != CPTS_DELIVERY_DESCRIPTOR)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "delivery",
                               "there is no such delivery");
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

/* Opens the parts; what was opened is closed with the client. */
static cpts_status open_parts(cpts_client *client, const struct cpts_client_options *options,
                              struct cpts_error *err)
{
    cpts_statistics__init(&client->statistics);
    apply(client, options);
    client->outbox = options->outbox;
    cpts_status status = cpts_trust__open(options, &client->trust, err);
    if (status == CPTS_OK)
        status = cpts_transport__open(options, &client->transport, err);
    if (status == CPTS_OK)
        status = cpts_engine__open(client, options, &client->engine, err);
    return status;
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
    status = open_parts(client, &own, err);
    if (status == CPTS_OK)
        *ret_client = client;
    else
        cpts_client_close(client, 0);
    return status;
}

cpts_status cpts_client_close(cpts_client *client, int32_t deadline_ms)
{
    if (client == NULL)
        return CPTS_OK;
    cpts_status status = cpts_engine__close(client->engine, deadline_ms);
    if (status == CPTS_FAILED_PRECONDITION)
        return status;
    cpts_transport__close(client->transport);
    cpts_trust__close(client->trust);
    cpts_statistics__done(&client->statistics);
    free(client);
    return status;
}

/* The result of a health check. */
struct health {
    bool is_serving;
};

static cpts_status take_health(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Grpc__Health__V1__HealthCheckResponse *response =
        (const Grpc__Health__V1__HealthCheckResponse *)answer->message;
    struct health *health = answer->result;
    health->is_serving =
        response->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    return CPTS_OK;
}

static void deliver_health(const struct completion *completion)
{
    const struct health *health = completion->result;
    ((cpts_health_callback *)completion->callback)(completion->status,
                                                   health != NULL && health->is_serving,
                                                   &completion->err, completion->data);
    cpts_exchange__release(completion->result);
}

static cpts_status make_health(cpts_client *client, const char *service,
                               const struct launch *launch, struct cpts_error *err)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    if (service != NULL)
        request.service = (char *)service;
    struct exchange exchange = {.operation = OPERATION_HEALTH,
                                .request = &request.base,
                                .response = &grpc__health__v1__health_check_response__descriptor,
                                .result_bytes = sizeof(struct health),
                                .take = take_health};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_client_health(cpts_client *client, const char *service, int32_t timeout_ms,
                               bool *ret_serving, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_health(client, service, &launch, err);
    if (status != CPTS_OK)
        return status;
    *ret_serving = ((const struct health *)result)->is_serving;
    cpts_exchange__release(result);
    return CPTS_OK;
}

cpts_status cpts_client_health_start(cpts_client *client, const char *service,
                                     const struct cpts_async *async, cpts_health_callback *callback,
                                     uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_health, ret_call);
    return make_health(client, service, &launch, err);
}

const char *cpts_version(void)
{
    return CPTS_VERSION_TEXT;
}
