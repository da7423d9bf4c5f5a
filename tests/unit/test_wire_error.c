/* SPDX-License-Identifier: Apache-2.0 */
#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/reason.h"
#include "wire/unpack.h"

/* Packs and unpacks: what the other end sees. */
static struct cpts_error travel(const struct cpts_error *err)
{
    struct arena *arena = arena_new(64 * 1024);
    size_t byte_count = 0;
    uint8_t *bytes = error_pack(err, arena, &byte_count);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    struct cpts_error seen;
    memset(&seen, 0xee, sizeof seen);
    error_unpack(&seen, err->status, NULL, bytes, byte_count);
    arena_free(arena);
    return seen;
}

static void test_error__set_fills_from_the_table(void)
{
    struct cpts_error err;
    memset(&err, 0xee, sizeof err);
    cpts_status status = error_set(&err, REASON_STALE_VERSION, "version is %d", 7);
    CU_ASSERT_EQUAL(status, CPTS_ABORTED);
    CU_ASSERT_EQUAL(err.status, CPTS_ABORTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "STALE_VERSION");
    CU_ASSERT_STRING_EQUAL(err.message, "version is 7");
    CU_ASSERT_STRING_EQUAL(err.field, "");
    CU_ASSERT_STRING_EQUAL(err.detail, "");
    CU_ASSERT_FALSE(err.retryable);
    CU_ASSERT_EQUAL(err.retry_after_ms, 0);
}

static void test_error__null_is_fine(void)
{
    CU_ASSERT_EQUAL(error_set(NULL, REASON_QUEUE_FULL, "full"), CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_EQUAL(error_set_field(NULL, REASON_FIELD_INVALID, "id", "bad"),
                    CPTS_INVALID_ARGUMENT);
    error_clear(NULL);
    error_unpack(NULL, CPTS_INTERNAL, NULL, NULL, 0);
}

static void test_error__a_long_sentence_is_cut_between_characters(void)
{
    struct cpts_error err;
    char sentence[400];
    for (int i = 0; i < 199; i++)
        memcpy(sentence + 2 * i + 1, "é", 2);
    sentence[0] = 'x';
    sentence[399] = '\0';
    error_set(&err, REASON_INTERNAL_ERROR, "%s", sentence);
    CU_ASSERT_EQUAL(strlen(err.message), CPTS_MESSAGE_BYTES - 1);
    error_set(&err, REASON_INTERNAL_ERROR, "%s", sentence + 1);
    CU_ASSERT_EQUAL(strlen(err.message), CPTS_MESSAGE_BYTES - 2);
    CU_ASSERT_TRUE(wire_is_utf8((const uint8_t *)err.message, strlen(err.message)));
}

static void test_error__foreign_bytes_become_question_marks(void)
{
    struct cpts_error err;
    error_set(&err, REASON_INTERNAL_ERROR, "caf\xe9 noir");
    CU_ASSERT_STRING_EQUAL(err.message, "caf? noir");
}

static void test_error__travels_whole(void)
{
    struct cpts_error err;
    error_set_field(&err, REASON_NOT_OWNER, "territory[3].unit_code", "it is elsewhere");
    strcpy(err.detail, "region/11 at 10.0.0.1:443");
    err.retry_after_ms = 61234;
    struct cpts_error seen = travel(&err);
    CU_ASSERT_EQUAL(seen.status, CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(seen.reason, "NOT_OWNER");
    CU_ASSERT_STRING_EQUAL(seen.message, "it is elsewhere");
    CU_ASSERT_STRING_EQUAL(seen.field, "territory[3].unit_code");
    CU_ASSERT_STRING_EQUAL(seen.detail, "region/11 at 10.0.0.1:443");
    CU_ASSERT_FALSE(seen.retryable);
    CU_ASSERT_EQUAL(seen.retry_after_ms, 61234);
}

static void test_error__every_reason_travels(void)
{
    for (int i = 0; i < REASON_COUNT; i++) {
        struct cpts_error err;
        error_set(&err, (enum reason)i, "sentence");
        struct cpts_error seen = travel(&err);
        CU_ASSERT_EQUAL(seen.status, err.status);
        CU_ASSERT_STRING_EQUAL(seen.reason, err.reason);
        CU_ASSERT_EQUAL(seen.retryable, err.retryable);
        CU_ASSERT_STRING_EQUAL(seen.field, "");
        CU_ASSERT_EQUAL(seen.retry_after_ms, 0);
    }
}

static void test_error__packs_the_public_types(void)
{
    struct cpts_error err;
    struct arena *arena = arena_new(64 * 1024);
    size_t byte_count = 0;
    error_set_field(&err, REASON_FIELD_INVALID, "id", "not a UUID");
    uint8_t *bytes = error_pack(&err, arena, &byte_count);
    Google__Rpc__Status *status =
        google__rpc__status__unpack(arena_allocator(arena), byte_count, bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(status);
    CU_ASSERT_EQUAL(status->code, 3);
    CU_ASSERT_STRING_EQUAL(status->message, "not a UUID");
    CU_ASSERT_EQUAL_FATAL(status->n_details, 2);
    CU_ASSERT_STRING_EQUAL(status->details[0]->type_url,
                           "type.googleapis.com/google.rpc.ErrorInfo");
    CU_ASSERT_STRING_EQUAL(status->details[1]->type_url,
                           "type.googleapis.com/google.rpc.BadRequest");
    Google__Rpc__ErrorInfo *info = google__rpc__error_info__unpack(
        arena_allocator(arena), status->details[0]->value.len, status->details[0]->value.data);
    CU_ASSERT_PTR_NOT_NULL_FATAL(info);
    CU_ASSERT_STRING_EQUAL(info->domain, "cpts.fr");
    CU_ASSERT_EQUAL(info->n_metadata, 0);
    arena_free(arena);
}

static void test_error__pack_says_when_the_arena_is_full(void)
{
    struct cpts_error err;
    struct arena *arena = arena_new(64);
    size_t byte_count = 7;
    error_set(&err, REASON_QUEUE_FULL, "full");
    CU_ASSERT_PTR_NULL(error_pack(&err, arena, &byte_count));
    CU_ASSERT_EQUAL(byte_count, 7);
    arena_free(arena);
}

static void test_error__what_cannot_be_read_leaves_status_and_message(void)
{
    struct cpts_error err;
    memset(&err, 0xee, sizeof err);
    error_unpack(&err, CPTS_UNAVAILABLE, "no route", (const uint8_t *)"\xff\xff\xff", 3);
    CU_ASSERT_EQUAL(err.status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(err.message, "no route");
    CU_ASSERT_STRING_EQUAL(err.reason, "");
    CU_ASSERT_TRUE(err.retryable);
    error_unpack(&err, CPTS_NOT_FOUND, NULL, NULL, 0);
    CU_ASSERT_STRING_EQUAL(err.message, "");
    CU_ASSERT_FALSE(err.retryable);
}

static void test_error__an_absurd_retry_delay_is_bounded(void)
{
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    delay.seconds = INT64_MAX;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    retry.retry_delay = &delay;
    uint8_t packed[64];
    Google__Protobuf__Any any = GOOGLE__PROTOBUF__ANY__INIT;
    Google__Protobuf__Any *details[] = {&any};
    any.type_url = (char *)"type.googleapis.com/google.rpc.RetryInfo";
    any.value = (ProtobufCBinaryData){google__rpc__retry_info__pack(&retry, packed), packed};
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    status.n_details = 1;
    status.details = details;
    uint8_t bytes[256];
    struct cpts_error err;
    error_unpack(&err, CPTS_UNAVAILABLE, "", bytes, google__rpc__status__pack(&status, bytes));
    CU_ASSERT_TRUE(err.retry_after_ms > 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_error__set_fills_from_the_table),
    UNIT_TEST(test_error__null_is_fine),
    UNIT_TEST(test_error__a_long_sentence_is_cut_between_characters),
    UNIT_TEST(test_error__foreign_bytes_become_question_marks),
    UNIT_TEST(test_error__travels_whole),
    UNIT_TEST(test_error__every_reason_travels),
    UNIT_TEST(test_error__packs_the_public_types),
    UNIT_TEST(test_error__pack_says_when_the_arena_is_full),
    UNIT_TEST(test_error__what_cannot_be_read_leaves_status_and_message),
    UNIT_TEST(test_error__an_absurd_retry_delay_is_bounded),
};

UNIT_MAIN("wire/error")
