/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/health.h"

#include <grpc/health/v1/health.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/method.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

static bool has_service(const struct health *health, const char *name, size_t name_bytes)
{
    for (int i = 0; i < health->service_count; i++) {
        const struct health_service *service = &health->services[i];
        if (service->name_bytes == name_bytes && memcmp(service->name, name, name_bytes) == 0)
            return true;
    }
    return false;
}

/* The part between the slashes of "/package.Service/Method". */
static struct health_service service_of(const char *method_name)
{
    const char *name = method_name[0] == '/' ? method_name + 1 : method_name;
    return (struct health_service){name, strcspn(name, "/")};
}

cpts_status health_init(struct health *health, const struct method_table *methods,
                        struct cpts_error *err)
{
    size_t service_max = (size_t)methods->method_count + 1;
    health->services = calloc(service_max, sizeof *health->services);
    if (health->services == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the list of services");
    atomic_init(&health->serving, false);
    health->services[0] = service_of(HEALTH_CHECK_METHOD);
    health->service_count = 1;
    for (int i = 0; i < methods->method_count; i++) {
        struct health_service service = service_of(methods->methods[i].name);
        if (!has_service(health, service.name, service.name_bytes))
            health->services[health->service_count++] = service;
    }
    return CPTS_OK;
}

void health_done(struct health *health)
{
    free(health->services);
    health->services = NULL;
    health->service_count = 0;
}

void health_serving_set(struct health *health, bool serving)
{
    atomic_store(&health->serving, serving);
}

static cpts_status refuse_service(struct cpts_error *err)
{
    error_clear(err);
    err->status = CPTS_NOT_FOUND;
    snprintf(err->message, sizeof err->message, "%s", "unknown service");
    return CPTS_NOT_FOUND;
}

cpts_status health_check(const struct health *health, struct call *call)
{
    ProtobufCMessage *message;
    cpts_status status =
        wire_unpack(&grpc__health__v1__health_check_request__descriptor, call->request_bytes,
                    call->request_byte_count, call->arena, &message, &call->error);
    if (status != CPTS_OK)
        return status;
    const char *service = ((Grpc__Health__V1__HealthCheckRequest *)message)->service;
    size_t service_bytes = strlen(service);
    if (service_bytes > 0 && !has_service(health, service, service_bytes))
        return refuse_service(&call->error);
    Grpc__Health__V1__HealthCheckResponse *response = arena_alloc(call->arena, sizeof *response);
    if (response == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "no memory for the answer");
    grpc__health__v1__health_check_response__init(response);
    response->status = atomic_load(&health->serving)
                           ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
                           : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING;
    call->response = &response->base;
    return CPTS_OK;
}
