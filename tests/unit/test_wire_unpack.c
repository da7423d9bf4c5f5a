/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/coverage.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)8 * 1024 * 1024)

static const ProtobufCMessageDescriptor *const CREATE = &cpts__v1__create_cpts_request__descriptor;
/* The only recursive type at hand. */
static const ProtobufCMessageDescriptor *const NESTED =
    &google__protobuf__descriptor_proto__descriptor;

/* Unpacks into an arena of its own and expects a refusal that leaves the
 * output alone. */
static struct cpts_error refused(const ProtobufCMessageDescriptor *type, const void *bytes,
                                 size_t byte_count)
{
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = (ProtobufCMessage *)&arena;
    struct cpts_error err;
    cpts_status status = wire_unpack(type, bytes, byte_count, arena, &message, &err);
    CU_ASSERT_NOT_EQUAL_FATAL(status, CPTS_OK);
    CU_ASSERT_EQUAL(status, err.status);
    CU_ASSERT_PTR_EQUAL(message, (ProtobufCMessage *)&arena);
    CU_ASSERT_EQUAL(wire_unpack(type, bytes, byte_count, arena, &message, NULL), status);
    arena_free(arena);
    return err;
}

static void assert_refused(const ProtobufCMessageDescriptor *type, const char *bytes,
                           size_t byte_count, const char *reason)
{
    struct cpts_error err = refused(type, bytes, byte_count);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
}

static bool accepted(const ProtobufCMessageDescriptor *type, const void *bytes, size_t byte_count)
{
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    cpts_status status = wire_unpack(type, bytes, byte_count, arena, &message, NULL);
    arena_free(arena);
    return status == CPTS_OK;
}

/* `levels` messages, each inside the one before, in `room` bytes; returns
 * where they begin. Field 3 of DescriptorProto is nested_type. */
static const uint8_t *nest(uint8_t *room, size_t room_bytes, int levels, size_t *ret_bytes)
{
    size_t at = room_bytes;
    for (int i = 0; i < levels; i++) {
        size_t inner = room_bytes - at;
        uint8_t length[5];
        int digits = 0;
        do {
            length[digits++] = (uint8_t)((inner & 0x7f) | (inner > 0x7f ? 0x80 : 0));
            inner >>= 7;
        } while (inner > 0);
        at -= (size_t)digits;
        memcpy(room + at, length, (size_t)digits);
        room[--at] = 3 << 3 | PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    }
    *ret_bytes = room_bytes - at;
    return room + at;
}

static void test_unpack__takes_what_protobuf_packed(void)
{
    Cpts__V1__StageEntry stage = CPTS__V1__STAGE_ENTRY__INIT;
    Cpts__V1__StageEntry *stages[] = {&stage, &stage};
    Cpts__V1__CreateCptsRequest request = CPTS__V1__CREATE_CPTS_REQUEST__INIT;
    stage.stage = CPTS__V1__STAGE__STAGE_EMERGENCE;
    stage.effective_on = (char *)"2026-01-31";
    request.name = (char *)"CPTS de l'Été";
    request.synthetic = 1;
    request.n_stages = 2;
    request.stages = stages;
    uint8_t bytes[256];
    size_t byte_count = cpts__v1__create_cpts_request__pack(&request, bytes);

    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    CU_ASSERT_EQUAL_FATAL(wire_unpack(CREATE, bytes, byte_count, arena, &message, NULL), CPTS_OK);
    const Cpts__V1__CreateCptsRequest *seen = (const Cpts__V1__CreateCptsRequest *)message;
    CU_ASSERT_STRING_EQUAL(seen->name, "CPTS de l'Été");
    CU_ASSERT_TRUE(seen->synthetic);
    CU_ASSERT_EQUAL_FATAL(seen->n_stages, 2);
    CU_ASSERT_STRING_EQUAL(seen->stages[1]->effective_on, "2026-01-31");
    CU_ASSERT_STRING_EQUAL(seen->finess, "");
    arena_free(arena);
}

static void test_unpack__takes_the_empty_message(void)
{
    CU_ASSERT_TRUE(accepted(CREATE, NULL, 0));
}

static void test_unpack__keeps_what_it_does_not_know(void)
{
    /* field 1000: varint 5; stage 99 of an entry */
    static const char BYTES[] = "\xc0\x3e\x05\x22\x02\x08\x63";
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    CU_ASSERT_EQUAL_FATAL(
        wire_unpack(CREATE, (const uint8_t *)BYTES, sizeof BYTES - 1, arena, &message, NULL),
        CPTS_OK);
    CU_ASSERT_EQUAL(message->n_unknown_fields, 1);
    CU_ASSERT_EQUAL((int)((Cpts__V1__CreateCptsRequest *)message)->stages[0]->stage, 99);
    uint8_t again[64];
    CU_ASSERT_EQUAL(protobuf_c_message_pack(message, again), sizeof BYTES - 1);
    arena_free(arena);
}

static void test_unpack__the_last_member_of_a_oneof_wins(void)
{
    /* CptsUpdated of a Change: name = "a", name = "b" */
    static const char BYTES[] = "\x5a\x06\x0a\x01"
                                "a\x0a\x01"
                                "b";
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    CU_ASSERT_EQUAL_FATAL(wire_unpack(&cpts__v1__change__descriptor, (const uint8_t *)BYTES,
                                      sizeof BYTES - 1, arena, &message, NULL),
                          CPTS_OK);
    const Cpts__V1__Change *change = (const Cpts__V1__Change *)message;
    CU_ASSERT_EQUAL_FATAL(change->event_case, CPTS__V1__CHANGE__EVENT_CPTS_UPDATED);
    CU_ASSERT_STRING_EQUAL(change->cpts_updated->name, "b");
    CU_ASSERT_EQUAL(change->cpts_updated->_finess_case, 0);
    arena_free(arena);
}

static void test_unpack__reads_lists_packed_and_not(void)
{
    /* stages of a GetCoverageRequest: packed [1, 4], then 2 alone */
    static const char BYTES[] = "\x2a\x02\x01\x04\x28\x02";
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    CU_ASSERT_EQUAL_FATAL(wire_unpack(&cpts__v1__get_coverage_request__descriptor,
                                      (const uint8_t *)BYTES, sizeof BYTES - 1, arena, &message,
                                      NULL),
                          CPTS_OK);
    const Cpts__V1__GetCoverageRequest *request = (const Cpts__V1__GetCoverageRequest *)message;
    CU_ASSERT_EQUAL_FATAL(request->n_stages, 3);
    CU_ASSERT_EQUAL((int)request->stages[1], 4);
    CU_ASSERT_EQUAL((int)request->stages[2], 2);
    arena_free(arena);
}

static void test_unpack__refuses_bytes_that_are_no_message(void)
{
    assert_refused(CREATE, "\xff", 1, "MALFORMED_MESSAGE");                     /* tag cut */
    assert_refused(CREATE, "\x00\x00", 2, "MALFORMED_MESSAGE");                 /* field 0 */
    assert_refused(CREATE, "\x0a", 1, "MALFORMED_MESSAGE");                     /* no length */
    assert_refused(CREATE, "\x0a\x05\x61\x62", 4, "MALFORMED_MESSAGE");         /* too short */
    assert_refused(CREATE, "\x28\xff", 2, "MALFORMED_MESSAGE");                 /* varint cut */
    assert_refused(CREATE, "\x8d\x3f\x01\x02", 4, "MALFORMED_MESSAGE");         /* 32 bits cut */
    assert_refused(CREATE, "\x89\x3f\x01\x02\x03", 5, "MALFORMED_MESSAGE");     /* 64 bits cut */
    assert_refused(CREATE, "\xff\xff\xff\xff\x7f\x01", 6, "MALFORMED_MESSAGE"); /* field 2^32 */
}

static void test_unpack__refuses_a_varint_of_eleven_bytes(void)
{
    static const char BYTES[] = "\x28\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01";
    assert_refused(CREATE, BYTES, sizeof BYTES - 1, "MALFORMED_MESSAGE");
}

static void test_unpack__refuses_lengths_beyond_the_end(void)
{
    assert_refused(CREATE, "\x0a\xff\xff\xff\xff\x0f", 6, "MALFORMED_MESSAGE");
    assert_refused(CREATE, "\x0a\xff\xff\xff\xff\x7f", 6, "MALFORMED_MESSAGE");
    assert_refused(CREATE, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, "MALFORMED_MESSAGE");
    assert_refused(CREATE, "\xc2\x3e\x80\x80\x80\x80\x08", 7, "MALFORMED_MESSAGE");
}

static void test_unpack__refuses_groups(void)
{
    assert_refused(CREATE, "\xc3\x3e\xc4\x3e", 4, "MALFORMED_MESSAGE");
    assert_refused(CREATE, "\xc4\x3e", 2, "MALFORMED_MESSAGE");
    assert_refused(CREATE, "\xc6\x3e", 2, "MALFORMED_MESSAGE"); /* wire type 6 */
}

static void test_unpack__refuses_a_field_of_another_type(void)
{
    struct cpts_error err = refused(CREATE, "\x22\x02\x0a\x00", 4); /* stages[0].stage as text */
    CU_ASSERT_STRING_EQUAL(err.reason, "MALFORMED_MESSAGE");
    CU_ASSERT_STRING_EQUAL(err.field, "stages[0].stage");
    assert_refused(CREATE, "\x08\x01", 2, "MALFORMED_MESSAGE");
}

static void test_unpack__refuses_packed_lists_that_are_cut(void)
{
    const ProtobufCMessageDescriptor *type = &cpts__v1__get_coverage_request__descriptor;
    struct cpts_error err = refused(type, "\x2a\x02\x01\x80", 4);
    CU_ASSERT_STRING_EQUAL(err.reason, "MALFORMED_MESSAGE");
    CU_ASSERT_STRING_EQUAL(err.field, "stages[0]");
}

static void test_unpack__refuses_texts_that_are_not_utf8(void)
{
    struct cpts_error err = refused(CREATE, "\x12\x02\xc3(", 4);
    CU_ASSERT_STRING_EQUAL(err.reason, "INVALID_UTF8");
    CU_ASSERT_STRING_EQUAL(err.field, "name");
    err = refused(CREATE,
                  "\x12\x03"
                  "a\0b",
                  5);
    CU_ASSERT_STRING_EQUAL(err.reason, "INVALID_UTF8");
}

static void test_unpack__names_the_field_at_fault(void)
{
    /* territory[0] = {}, territory[1].unit_code = "\xff" */
    struct cpts_error err = refused(CREATE, "\x2a\x00\x2a\x03\x0a\x01\xff", 7);
    CU_ASSERT_STRING_EQUAL(err.reason, "INVALID_UTF8");
    CU_ASSERT_STRING_EQUAL(err.field, "territory[1].unit_code");
}

static void test_unpack__nesting_ends_at_the_limit(void)
{
    uint8_t room[1024];
    size_t byte_count;
    const uint8_t *bytes = nest(room, sizeof room, WIRE_DEPTH_MAX, &byte_count);
    CU_ASSERT_TRUE(accepted(NESTED, bytes, byte_count));
    bytes = nest(room, sizeof room, WIRE_DEPTH_MAX + 1, &byte_count);
    struct cpts_error err = refused(NESTED, bytes, byte_count);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_DEEP");
    CU_ASSERT_EQUAL(strncmp(err.field, "nested_type[0].nested_type[0].", 30), 0);
    CU_ASSERT_EQUAL(strlen(err.field), CPTS_FIELD_BYTES - 1);
}

static void test_unpack__survives_20000_levels(void)
{
    size_t room_bytes = (size_t)100 * 1024;
    uint8_t *room = malloc(room_bytes);
    size_t byte_count;
    const uint8_t *bytes = nest(room, room_bytes, 20000, &byte_count);
    struct cpts_error err = refused(NESTED, bytes, byte_count);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_DEEP");
    free(room);
}

/* 750,000 empty territory units would be 60 MB of C structures. */
static void test_unpack__a_flood_of_empty_messages_meets_the_budget(void)
{
    size_t byte_count = (size_t)1500 * 1000;
    uint8_t *bytes = malloc(byte_count);
    for (size_t i = 0; i < byte_count; i += 2)
        memcpy(bytes + i, "\x2a\x00", 2);
    struct cpts_error err = refused(CREATE, bytes, byte_count);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_COMPLEX");
    CU_ASSERT_EQUAL(err.status, CPTS_RESOURCE_EXHAUSTED);
    free(bytes);
}

/* Merging the same sub-message again and again copies what was there. */
static void test_unpack__a_flood_of_merges_meets_the_budget(void)
{
    size_t byte_count = (size_t)300 * 1000;
    uint8_t *bytes = malloc(byte_count);
    for (size_t i = 0; i < byte_count; i += 6)
        memcpy(bytes + i, "\x6a\x04\x12\x02\x0a\x00", 6);
    struct cpts_error err = refused(&cpts__v1__change__descriptor, bytes, byte_count);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_COMPLEX");
    free(bytes);
}

static cpts_status find_event(const char *bytes, size_t byte_count, struct wire_part *ret_part,
                              struct cpts_error *err)
{
    return wire_find_oneof(&cpts__v1__change__descriptor, (const uint8_t *)bytes, byte_count,
                           ret_part, err);
}

static void test_find_oneof__the_last_member_counts(void)
{
    /* actor "x", cpts_created, field 99, then cpts_updated whose length has two bytes */
    static const char BYTES[] = "\x1a\x01x\x52\x00\x98\x06\x01\x5a\x83\x00\x0a\x01y\x22\x01z";
    struct wire_part part = {0};
    CU_ASSERT_EQUAL_FATAL(find_event(BYTES, sizeof BYTES - 1, &part, NULL), CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(part.field->id, CPTS__V1__CHANGE__EVENT_CPTS_UPDATED);
    CU_ASSERT_PTR_EQUAL(part.bytes, (const uint8_t *)BYTES + 11);
    CU_ASSERT_EQUAL(part.byte_count, 3);
    CU_ASSERT_EQUAL(part.prefix_byte_count, 2);
}

static void test_find_oneof__none_is_no_field(void)
{
    struct wire_part part = {.byte_count = 7};
    CU_ASSERT_EQUAL(find_event("\x1a\x01x", 3, &part, NULL), CPTS_OK);
    CU_ASSERT_PTR_NULL(part.field);
    CU_ASSERT_EQUAL(find_event("", 0, &part, NULL), CPTS_OK);
    CU_ASSERT_PTR_NULL(part.field);
}

static void assert_no_event(const char *bytes, size_t byte_count, const char *reason)
{
    struct wire_part part = {.byte_count = 7};
    struct cpts_error err;
    CU_ASSERT_EQUAL(find_event(bytes, byte_count, &part, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_EQUAL(part.byte_count, 7);
}

static void test_find_oneof__checks_everything_in_the_message(void)
{
    assert_no_event("\x52\x00\x1a\x01\xff", 5, "INVALID_UTF8");
    assert_no_event("\x52\x03\x0a\x01\x80", 5, "INVALID_UTF8");
    assert_no_event("\x52\x02\x0a\x01", 4, "MALFORMED_MESSAGE");
    assert_no_event("\x52\x09x", 3, "MALFORMED_MESSAGE");
    assert_no_event("\x50\x01", 2, "MALFORMED_MESSAGE");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_unpack__takes_what_protobuf_packed),
    UNIT_TEST(test_unpack__takes_the_empty_message),
    UNIT_TEST(test_unpack__keeps_what_it_does_not_know),
    UNIT_TEST(test_unpack__the_last_member_of_a_oneof_wins),
    UNIT_TEST(test_unpack__reads_lists_packed_and_not),
    UNIT_TEST(test_unpack__refuses_bytes_that_are_no_message),
    UNIT_TEST(test_unpack__refuses_a_varint_of_eleven_bytes),
    UNIT_TEST(test_unpack__refuses_lengths_beyond_the_end),
    UNIT_TEST(test_unpack__refuses_groups),
    UNIT_TEST(test_unpack__refuses_a_field_of_another_type),
    UNIT_TEST(test_unpack__refuses_packed_lists_that_are_cut),
    UNIT_TEST(test_unpack__refuses_texts_that_are_not_utf8),
    UNIT_TEST(test_unpack__names_the_field_at_fault),
    UNIT_TEST(test_unpack__nesting_ends_at_the_limit),
    UNIT_TEST(test_unpack__survives_20000_levels),
    UNIT_TEST(test_unpack__a_flood_of_empty_messages_meets_the_budget),
    UNIT_TEST(test_unpack__a_flood_of_merges_meets_the_budget),
    UNIT_TEST(test_find_oneof__the_last_member_counts),
    UNIT_TEST(test_find_oneof__none_is_no_field),
    UNIT_TEST(test_find_oneof__checks_everything_in_the_message),
};

UNIT_MAIN("wire/unpack")
