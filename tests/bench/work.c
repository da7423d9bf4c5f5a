/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/work.h"

#include <grpc/health/v1/health.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpts/v1/coverage.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "wire/uuid.h"

#define IDS_MAX 100000
#define STEPS 3

static ptrdiff_t pack(const ProtobufCMessage *message, uint8_t bytes[WORK_REQUEST_BYTES])
{
    if (protobuf_c_message_get_packed_size(message) > WORK_REQUEST_BYTES)
        abort();
    return (ptrdiff_t)protobuf_c_message_pack(message, bytes);
}

static ptrdiff_t pack_health(const struct work *work, int64_t number,
                             uint8_t bytes[WORK_REQUEST_BYTES])
{
    (void)work;
    (void)number;
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = "grpc.health.v1.Health";
    return pack(&request.base, bytes);
}

/* Spreads consecutive numbers over the ids (splitmix64). */
static uint64_t scatter(int64_t number)
{
    uint64_t z = (uint64_t)number + UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static ptrdiff_t pack_get(const struct work *work, int64_t number,
                          uint8_t bytes[WORK_REQUEST_BYTES])
{
    Cpts__V1__GetCptsRequest request = CPTS__V1__GET_CPTS_REQUEST__INIT;
    request.id = work->ids[scatter(number) % (uint64_t)work->id_count];
    return pack(&request.base, bytes);
}

static ptrdiff_t pack_stage(const struct work *work, int64_t number,
                            uint8_t bytes[WORK_REQUEST_BYTES])
{
    static const char *const DATES[STEPS] = {"2021-01-01", "2022-01-01", "2023-01-01"};
    int64_t step = number / work->cpts_count;
    if (step >= STEPS)
        return -1;
    char id[UUID_TEXT_BYTES];
    char command_id[UUID_TEXT_BYTES];
    uint8_t uuid[16];
    uuid_mint(uuid);
    uuid_format(uuid, command_id);
    long long cpts_number = work->first_cpts + number % work->cpts_count;
    snprintf(id, sizeof id, "00000000-0000-7000-8000-%012lld", cpts_number);
    Cpts__V1__RecordStageRequest request = CPTS__V1__RECORD_STAGE_REQUEST__INIT;
    request.command_id = command_id;
    request.id = id;
    request.expected_version = (int32_t)step + 1;
    request.stage = (Cpts__V1__Stage)(step + CPTS__V1__STAGE__STAGE_LETTRE_INTENTION);
    request.effective_on = (char *)DATES[step];
    return pack(&request.base, bytes);
}

static ptrdiff_t pack_coverage(const struct work *work, int64_t number,
                               uint8_t bytes[WORK_REQUEST_BYTES])
{
    (void)work;
    (void)number;
    Cpts__V1__GetCoverageRequest request = CPTS__V1__GET_COVERAGE_REQUEST__INIT;
    return pack(&request.base, bytes);
}

static const struct {
    const char *name;
    struct work work;
} WORKS[] = {
    {"health", {.method = "/grpc.health.v1.Health/Check", .pack = pack_health}},
    {"get", {.method = "/cpts.v1.RegistryService/GetCpts", .pack = pack_get}},
    {"stage", {.method = "/cpts.v1.RegistryService/RecordStage", .pack = pack_stage}},
    {"coverage", {.method = "/cpts.v1.CoverageService/GetCoverage", .pack = pack_coverage}},
};

bool work_find(const char *name, struct work *ret_work)
{
    for (size_t i = 0; i < sizeof WORKS / sizeof WORKS[0]; i++) {
        if (strcmp(name, WORKS[i].name) == 0) {
            *ret_work = WORKS[i].work;
            return true;
        }
    }
    return false;
}

bool work_read_ids(struct work *work, const char *path)
{
    FILE *file = fopen(path, "r");
    work->ids = calloc(IDS_MAX, sizeof *work->ids);
    if (file == NULL || work->ids == NULL)
        return false;
    while (work->id_count < IDS_MAX && fscanf(file, "%36s", work->ids[work->id_count]) == 1)
        work->id_count++;
    fclose(file);
    return work->id_count > 0;
}
