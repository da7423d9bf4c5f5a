/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/coverage.pb-c.h>
#include <cpts/v1/lifecycle.pb-c.h>
#include <cpts/v1/reference.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/* Appended to only: the inputs of the corpora choose by number. */
static const ProtobufCMessageDescriptor *const TYPES[] = {
    &cpts__v1__create_cpts_request__descriptor,
    &cpts__v1__update_cpts_request__descriptor,
    &cpts__v1__record_stage_request__descriptor,
    &cpts__v1__set_territory_request__descriptor,
    &cpts__v1__list_cpts_request__descriptor,
    &cpts__v1__get_cpts_request__descriptor,
    &cpts__v1__get_coverage_request__descriptor,
    &cpts__v1__list_regions_request__descriptor,
    &cpts__v1__get_cpts_response__descriptor,
    &cpts__v1__get_coverage_response__descriptor,
    &cpts__v1__change__descriptor,
    &google__protobuf__descriptor_proto__descriptor, /* recursive, proto2 */
    &google__rpc__status__descriptor,                /* has Any */
    &google__rpc__error_info__descriptor,            /* has a map */
    &cpts__v1__record_filing_request__descriptor,
    &cpts__v1__get_lifecycle_response__descriptor,
    &cpts__v1__merge_cpts_request__descriptor,
};
#define TYPE_COUNT (sizeof TYPES / sizeof TYPES[0])

const ProtobufCMessageDescriptor *fuzz_type(uint8_t selector)
{
    return TYPES[selector % TYPE_COUNT];
}

bool fuzz_type_has_json(const ProtobufCMessageDescriptor *type)
{
    return type != &google__rpc__status__descriptor && type != &google__rpc__error_info__descriptor;
}

void fuzz_require(bool holds, const char *condition, const char *file, int line)
{
    if (holds)
        return;
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
    abort();
}

uint8_t *fuzz_pack(const ProtobufCMessage *message, size_t *ret_bytes)
{
    size_t size_bytes = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = malloc(size_bytes + 1);
    REQUIRE(bytes != NULL);
    *ret_bytes = protobuf_c_message_pack(message, bytes);
    REQUIRE(*ret_bytes == size_bytes);
    return bytes;
}
