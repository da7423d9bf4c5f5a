/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/work.h"

#include <grpc/health/v1/health.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpts/v1/registry.pb-c.h"
#include "wire/uuid.h"

#define IDS_MAX 200000
#define STEPS 3
/* As large as the change that RecordStage stores. */
#define PUT_VALUE_BYTES 160

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

/* One field of a message: its tag, a length below 128 or in two bytes, bytes. */
static uint8_t *put_field(uint8_t *at, int number, const void *bytes, size_t byte_count)
{
    *at++ = (uint8_t)(number << 3 | 2);
    if (byte_count >= 128)
        *at++ = (uint8_t)(byte_count & 127) | 128;
    *at++ = (uint8_t)(byte_count >= 128 ? byte_count >> 7 : byte_count);
    memcpy(at, bytes, byte_count);
    return at + byte_count;
}

/* etcd's PutRequest: 1 = key, 2 = value. The key is new each time. */
static ptrdiff_t pack_put(const struct work *work, int64_t number,
                          uint8_t bytes[WORK_REQUEST_BYTES])
{
    char key[48];
    uint8_t value[WORK_VALUE_BYTES_MAX];
    size_t value_bytes = (size_t)work->value_bytes;
    uint8_t uuid[16];
    uuid_mint(uuid);
    memcpy(key, "/cpts/", 6);
    uuid_format(uuid, key + 6);
    for (size_t i = 0; i < value_bytes; i++)
        value[i] = (uint8_t)scatter(number + (int64_t)i);
    uint8_t *end = put_field(bytes, 1, key, strlen(key));
    end = put_field(end, 2, value, value_bytes);
    return end - bytes;
}

static ptrdiff_t copy_request(const struct work_request *request, uint8_t bytes[WORK_REQUEST_BYTES])
{
    memcpy(bytes, request->bytes, (size_t)request->byte_count);
    return request->byte_count;
}

static ptrdiff_t pack_call(const struct work *work, int64_t number,
                           uint8_t bytes[WORK_REQUEST_BYTES])
{
    return copy_request(&work->requests[scatter(number) % (uint64_t)work->request_count], bytes);
}

/* Commands made beforehand: each is sent once, in order. */
static ptrdiff_t pack_each(const struct work *work, int64_t number,
                           uint8_t bytes[WORK_REQUEST_BYTES])
{
    return number < work->request_count ? copy_request(&work->requests[number], bytes) : -1;
}

static const struct {
    const char *name;
    struct work work;
} WORKS[] = {
    {"health", {.method = "/grpc.health.v1.Health/Check", .pack = pack_health}},
    {"get",
     {.method = "/cpts.v1.RegistryService/GetCpts", .pack = pack_get, .needs = WORK_NEEDS_IDS}},
    {"stage",
     {.method = "/cpts.v1.RegistryService/RecordStage",
      .pack = pack_stage,
      .needs = WORK_NEEDS_CPTS}},
    {"put", {.method = "/etcdserverpb.KV/Put", .pack = pack_put, .value_bytes = PUT_VALUE_BYTES}},
    {"call", {.pack = pack_call, .needs = WORK_NEEDS_REQUESTS}},
    {"each", {.pack = pack_each, .needs = WORK_NEEDS_REQUESTS}},
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

/* The bytes of a line of hexadecimal digits; -1 when it is none, or too long. */
static ptrdiff_t read_hex(const char *line, uint8_t bytes[WORK_REQUEST_BYTES])
{
    size_t length = strcspn(line, "\r\n");
    if (length % 2 != 0 || length / 2 > WORK_REQUEST_BYTES)
        return -1;
    for (size_t i = 0; i < length / 2; i++) {
        char digits[3] = {line[2 * i], line[2 * i + 1], '\0'};
        char *end = digits;
        bytes[i] = (uint8_t)strtoul(digits, &end, 16);
        if (end != digits + 2)
            return -1;
    }
    return (ptrdiff_t)length / 2;
}

static bool keep_request(struct work *work, const char *line)
{
    uint8_t bytes[WORK_REQUEST_BYTES];
    ptrdiff_t byte_count = read_hex(line, bytes);
    uint8_t *kept = byte_count < 0 ? NULL : malloc((size_t)byte_count + 1);
    if (kept == NULL)
        return false;
    memcpy(kept, bytes, (size_t)byte_count);
    work->requests[work->request_count++] = (struct work_request){kept, byte_count};
    return true;
}

bool work_read_requests(struct work *work, const char *path)
{
    char line[2 * WORK_REQUEST_BYTES + 3];
    FILE *file = fopen(path, "r");
    work->requests = calloc(IDS_MAX, sizeof *work->requests);
    bool is_good = file != NULL && work->requests != NULL;
    while (is_good && work->request_count < IDS_MAX && fgets(line, sizeof line, file) != NULL)
        is_good = keep_request(work, line);
    if (file != NULL)
        fclose(file);
    return is_good && work->request_count > 0;
}

bool work_is_complete(const struct work *work)
{
    const bool HAS[] = {
        [WORK_NEEDS_NOTHING] = true,
        [WORK_NEEDS_IDS] = work->id_count > 0,
        [WORK_NEEDS_CPTS] = work->cpts_count > 0,
        [WORK_NEEDS_REQUESTS] = work->request_count > 0,
    };
    return work->method != NULL && HAS[work->needs];
}

void work_done(struct work *work)
{
    for (int64_t i = 0; i < work->request_count; i++)
        free(work->requests[i].bytes);
    free(work->requests);
    free(work->ids);
}
