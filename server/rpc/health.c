/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/health.h"

#include <grpc/health/v1/health.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/method.h"
#include "base/packet.h"
#include "rpc/reflection.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
#define SERVICE_UNKNOWN GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVICE_UNKNOWN

static bool has_name(const struct health *health, const char *name, size_t name_bytes)
{
    for (int i = 0; i < health->service_count; i++) {
        const struct health_service *service = &health->services[i];
        if (service->name_bytes == name_bytes && memcmp(service->name, name, name_bytes) == 0)
            return true;
    }
    return false;
}

bool health_has_service(const struct health *health, const char *name)
{
    return name[0] == '\0' || has_name(health, name, strlen(name));
}

/* The part between the slashes of "/package.Service/Method". */
static struct health_service service_of(const char *method_name)
{
    const char *name = method_name[0] == '/' ? method_name + 1 : method_name;
    return (struct health_service){name, strcspn(name, "/")};
}

static struct packet *pack_word(Grpc__Health__V1__HealthCheckResponse__ServingStatus status)
{
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = status;
    struct packet *packet = packet_new(protobuf_c_message_get_packed_size(&response.base));
    if (packet != NULL)
        protobuf_c_message_pack(&response.base, packet->bytes);
    return packet;
}

static bool pack_words(struct health *health)
{
    health->words[HEALTH_SERVING] = pack_word(SERVING);
    health->words[HEALTH_NOT_SERVING] = pack_word(NOT_SERVING);
    health->words[HEALTH_UNKNOWN] = pack_word(SERVICE_UNKNOWN);
    for (int i = 0; i < HEALTH_WORDS; i++) {
        if (health->words[i] == NULL)
            return false;
    }
    return true;
}

cpts_status health_init(struct health *health, const struct method_table *methods,
                        struct cpts_error *err)
{
    static const char *const own[] = {HEALTH_CHECK_METHOD, REFLECTION_METHOD,
                                      REFLECTION_ALPHA_METHOD};
    size_t own_count = sizeof own / sizeof own[0];
    pthread_mutex_init(&health->mutex, NULL);
    TAILQ_INIT(&health->waiting);
    atomic_init(&health->serving, false);
    health->services = calloc((size_t)methods->method_count + own_count, sizeof *health->services);
    if (health->services == NULL || !pack_words(health))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the list of services");
    for (size_t i = 0; i < own_count; i++)
        health->services[health->service_count++] = service_of(own[i]);
    for (int i = 0; i < methods->method_count; i++) {
        struct health_service service = service_of(methods->methods[i].name);
        if (!has_name(health, service.name, service.name_bytes))
            health->services[health->service_count++] = service;
    }
    return CPTS_OK;
}

void health_done(struct health *health)
{
    for (int i = 0; i < HEALTH_WORDS; i++)
        packet_unref(health->words[i]);
    pthread_mutex_destroy(&health->mutex);
    free(health->services);
    health->services = NULL;
    health->service_count = 0;
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
    if (!health_has_service(health, service))
        return refuse_service(&call->error);
    Grpc__Health__V1__HealthCheckResponse *response = arena_alloc(call->arena, sizeof *response);
    if (response == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "no memory for the answer");
    grpc__health__v1__health_check_response__init(response);
    response->status = atomic_load(&health->serving) ? SERVING : NOT_SERVING;
    call->response = &response->base;
    return CPTS_OK;
}
