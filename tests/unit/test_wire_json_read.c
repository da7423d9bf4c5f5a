/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/coverage.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"
#include "wire/json.h"

static const ProtobufCMessageDescriptor *const CREATE = &cpts__v1__create_cpts_request__descriptor;
static const ProtobufCMessageDescriptor *const OPTION =
    &google__protobuf__uninterpreted_option__descriptor;

/* One arena for all tests, made by main; read_ok and refused begin it anew. */
static struct arena *arena;

static void *read_ok(const ProtobufCMessageDescriptor *type, const char *text)
{
    ProtobufCMessage *message = NULL;
    struct cpts_error err = {0};
    arena_reset(arena);
    cpts_status status = json_read(type, text, strlen(text), arena, &message, &err);
    if (status != CPTS_OK)
        printf("\n  %s at '%s' in %s\n", err.message, err.field, text);
    CU_ASSERT_EQUAL_FATAL(status, CPTS_OK);
    return message;
}

static struct cpts_error refused(const ProtobufCMessageDescriptor *type, const char *text)
{
    ProtobufCMessage *message = (ProtobufCMessage *)&arena;
    struct cpts_error err = {0};
    arena_reset(arena);
    cpts_status status = json_read(type, text, strlen(text), arena, &message, &err);
    CU_ASSERT_NOT_EQUAL_FATAL(status, CPTS_OK);
    CU_ASSERT_EQUAL(status, err.status);
    CU_ASSERT_PTR_EQUAL(message, (ProtobufCMessage *)&arena);
    return err;
}

static void assert_refused(const ProtobufCMessageDescriptor *type, const char *text,
                           const char *reason, const char *field)
{
    struct cpts_error err = refused(type, text);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, field);
    if (strcmp(err.field, field) != 0)
        printf("\n  field '%s' in %s\n", err.field, text);
}

static void test_json_read__reads_a_whole_request(void)
{
    const Cpts__V1__CreateCptsRequest *request = read_ok(
        CREATE, "{\"commandId\": \"c\", \"name\": \"\\u00c9t\\u00e9\", \"synthetic\": true,"
                " \"stages\": [{\"stage\": \"STAGE_EMERGENCE\", \"effectiveOn\": \"2026-01-31\"},"
                "              {\"stage\": 2}],"
                " \"territory\": [{\"unitCode\": \"2A004\", \"share\": 0.25}]}");
    CU_ASSERT_STRING_EQUAL(request->command_id, "c");
    CU_ASSERT_STRING_EQUAL(request->name, "Été");
    CU_ASSERT_STRING_EQUAL(request->website, "");
    CU_ASSERT_TRUE(request->synthetic);
    CU_ASSERT_EQUAL_FATAL(request->n_stages, 2);
    CU_ASSERT_EQUAL(request->stages[0]->stage, CPTS__V1__STAGE__STAGE_EMERGENCE);
    CU_ASSERT_EQUAL((int)request->stages[1]->stage, 2);
    CU_ASSERT_EQUAL_FATAL(request->n_territory, 1);
    CU_ASSERT_EQUAL(request->territory[0]->share, 0.25);
}

static void test_json_read__takes_proto_names_and_null(void)
{
    const Cpts__V1__CreateCptsRequest *request =
        read_ok(CREATE, "{\"lead_region\": \"11\", \"name\": null, \"stages\": null}");
    CU_ASSERT_STRING_EQUAL(request->lead_region, "11");
    CU_ASSERT_STRING_EQUAL(request->name, "");
    CU_ASSERT_EQUAL(request->n_stages, 0);
}

static void test_json_read__refuses_unknown_keys_with_their_path(void)
{
    assert_refused(CREATE, "{\"nom\": 1}", "FIELD_INVALID", "nom");
    assert_refused(CREATE, "{\"territory\": [{}, {\"unit\": 1}]}", "FIELD_INVALID",
                   "territory[1].unit");
}

static void test_json_read__refuses_values_of_another_type(void)
{
    assert_refused(CREATE, "{\"name\": 5}", "FIELD_INVALID", "name");
    assert_refused(CREATE, "{\"synthetic\": 1}", "FIELD_INVALID", "synthetic");
    assert_refused(CREATE, "{\"stages\": {}}", "FIELD_INVALID", "stages");
    assert_refused(CREATE, "{\"stages\": [[]]}", "FIELD_INVALID", "stages[0]");
    assert_refused(CREATE, "{\"stages\": [null]}", "FIELD_INVALID", "stages[0]");
    assert_refused(CREATE, "{\"stages\": [{\"stage\": \"EMERGENCE\"}]}", "FIELD_INVALID",
                   "stages[0].stage");
    assert_refused(CREATE, "[]", "FIELD_INVALID", "");
}

static void test_json_read__refuses_what_is_not_json(void)
{
    assert_refused(CREATE, "", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{\"name\":", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{} {}", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{\"name\": \"\xff\"}", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{\"name\": \"a\\u0000b\"}", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{\"name\": \"a\", \"name\": \"b\"}", "MALFORMED_MESSAGE", "");
    assert_refused(CREATE, "{\"name\": \"\\", "MALFORMED_MESSAGE", "");
}

static void test_json_read__integers_keep_their_range(void)
{
    const ProtobufCMessageDescriptor *type = &cpts__v1__update_cpts_response__descriptor;
    const Cpts__V1__UpdateCptsResponse *response =
        read_ok(type, "{\"version\": \"-2147483648\", \"logPosition\": 9223372036854775807}");
    CU_ASSERT_EQUAL(response->version, INT32_MIN);
    CU_ASSERT_EQUAL(response->log_position, INT64_MAX);
    response = read_ok(type, "{\"version\": 7.0, \"logPosition\": \"-9223372036854775808\"}");
    CU_ASSERT_EQUAL(response->version, 7);
    CU_ASSERT_EQUAL(response->log_position, INT64_MIN);
    assert_refused(type, "{\"version\": 2147483648}", "FIELD_INVALID", "version");
    assert_refused(type, "{\"version\": 7.5}", "FIELD_INVALID", "version");
    assert_refused(type, "{\"version\": \" 7\"}", "FIELD_INVALID", "version");
    assert_refused(type, "{\"version\": \"+7\"}", "FIELD_INVALID", "version");
    assert_refused(type, "{\"version\": \"\"}", "FIELD_INVALID", "version");
    assert_refused(type, "{\"logPosition\": \"9223372036854775808\"}", "FIELD_INVALID",
                   "logPosition");
    assert_refused(type, "{\"logPosition\": 1e19}", "FIELD_INVALID", "logPosition");
}

static void test_json_read__unsigned_integers_keep_their_range(void)
{
    const Google__Protobuf__UninterpretedOption *option =
        read_ok(OPTION, "{\"positiveIntValue\": \"18446744073709551615\"}");
    CU_ASSERT_TRUE(option->has_positive_int_value);
    CU_ASSERT_EQUAL(option->positive_int_value, UINT64_MAX);
    CU_ASSERT_FALSE(option->has_double_value);
    assert_refused(OPTION, "{\"positiveIntValue\": \"18446744073709551616\"}", "FIELD_INVALID",
                   "positiveIntValue");
    assert_refused(OPTION, "{\"positiveIntValue\": -1}", "FIELD_INVALID", "positiveIntValue");
    assert_refused(OPTION, "{\"positiveIntValue\": \"-1\"}", "FIELD_INVALID", "positiveIntValue");
}

static double read_share(const char *text)
{
    char json[64];
    snprintf(json, sizeof json, "{\"share\": %s}", text);
    const Cpts__V1__UnitFact *unit = read_ok(&cpts__v1__unit_fact__descriptor, json);
    return unit->share;
}

static void test_json_read__doubles_may_be_texts(void)
{
    CU_ASSERT_EQUAL(read_share("1"), 1.0);
    CU_ASSERT_EQUAL(read_share("\"2.5e-1\""), 0.25);
    CU_ASSERT_TRUE(isnan(read_share("\"NaN\"")));
    CU_ASSERT_EQUAL(read_share("\"-Infinity\""), -(double)INFINITY);
    const ProtobufCMessageDescriptor *type = &cpts__v1__unit_fact__descriptor;
    assert_refused(type, "{\"share\": \"nan\"}", "FIELD_INVALID", "share");
    assert_refused(type, "{\"share\": \"0x1p3\"}", "FIELD_INVALID", "share");
    assert_refused(type, "{\"share\": \"1e999\"}", "FIELD_INVALID", "share");
    assert_refused(type, "{\"share\": \"\"}", "FIELD_INVALID", "share");
}

static void test_json_read__bytes_take_both_alphabets(void)
{
    static const char *const TEXTS[] = {"\"//4AAQ==\"", "\"//4AAQ\"", "\"__4AAQ==\"", "\"__4AAQ\""};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"stringValue\": %s}", TEXTS[i]);
        const Google__Protobuf__UninterpretedOption *option = read_ok(OPTION, json);
        CU_ASSERT_EQUAL_FATAL(option->string_value.len, 4);
        CU_ASSERT_EQUAL(memcmp(option->string_value.data, "\xff\xfe\x00\x01", 4), 0);
    }
    assert_refused(OPTION, "{\"stringValue\": \"//4A!Q==\"}", "FIELD_INVALID", "stringValue");
}

static void test_json_read__a_oneof_has_one_member(void)
{
    const ProtobufCMessageDescriptor *type = &cpts__v1__change__descriptor;
    const Cpts__V1__Change *change = read_ok(type, "{\"cptsUpdated\": {\"name\": \"\"}}");
    CU_ASSERT_EQUAL_FATAL(change->event_case, CPTS__V1__CHANGE__EVENT_CPTS_UPDATED);
    CU_ASSERT_EQUAL(change->cpts_updated->_name_case, CPTS__V1__CPTS_UPDATED___NAME_NAME);
    CU_ASSERT_EQUAL(change->cpts_updated->_finess_case, 0);
    change = read_ok(type, "{\"cptsUpdated\": {}, \"cptsCreated\": null}");
    CU_ASSERT_EQUAL(change->event_case, CPTS__V1__CHANGE__EVENT_CPTS_UPDATED);
    assert_refused(type, "{\"cptsUpdated\": {}, \"cptsCreated\": {}}", "FIELD_INVALID",
                   "cptsCreated");
}

static void test_json_read__a_field_mask_becomes_paths(void)
{
    const ProtobufCMessageDescriptor *type = &cpts__v1__update_cpts_request__descriptor;
    const Cpts__V1__UpdateCptsRequest *request =
        read_ok(type, "{\"updateMask\": \"name,leadRegion\"}");
    CU_ASSERT_EQUAL_FATAL(request->update_mask->n_paths, 2);
    CU_ASSERT_STRING_EQUAL(request->update_mask->paths[0], "name");
    CU_ASSERT_STRING_EQUAL(request->update_mask->paths[1], "lead_region");
    request = read_ok(type, "{\"updateMask\": \"\"}");
    CU_ASSERT_EQUAL(request->update_mask->n_paths, 0);
    assert_refused(type, "{\"updateMask\": \"lead_region\"}", "FIELD_INVALID", "updateMask");
    assert_refused(type, "{\"updateMask\": \"name,\"}", "FIELD_INVALID", "updateMask");
    assert_refused(type, "{\"updateMask\": {\"paths\": []}}", "FIELD_INVALID", "updateMask");
}

static void test_json_read__refuses_what_it_does_not_support(void)
{
    assert_refused(&google__rpc__error_info__descriptor, "{\"metadata\": {}}", "FIELD_INVALID",
                   "metadata");
    assert_refused(&google__rpc__status__descriptor, "{\"details\": [{}]}", "FIELD_INVALID",
                   "details[0]");
}

static void test_json_read__bounds_depth_and_number_of_values(void)
{
    char *text = malloc(1000000);
    memset(text, '[', 100000);
    text[100000] = '\0';
    assert_refused(CREATE, text, "MESSAGE_TOO_DEEP", "");
    memset(text, ',', 999999);
    text[0] = '[';
    text[999999] = '\0';
    assert_refused(CREATE, text, "MESSAGE_TOO_COMPLEX", "");
    snprintf(text, 1000, "{\"name\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"}");
    const Cpts__V1__CreateCptsRequest *request = read_ok(CREATE, text);
    CU_ASSERT_EQUAL(request->name[41], '"');
    free(text);
}

static void test_json_read__says_when_the_arena_is_full(void)
{
    struct arena *small = arena_new(256);
    ProtobufCMessage *message = NULL;
    struct cpts_error err;
    static const char TEXT[] = "{\"territory\": [{}, {}, {}, {}, {}, {}, {}, {}, {}, {}]}";
    CU_ASSERT_EQUAL(json_read(CREATE, TEXT, strlen(TEXT), small, &message, &err),
                    CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_COMPLEX");
    CU_ASSERT_PTR_NULL(message);
    arena_free(small);
}

static void test_json_read__brings_back_what_was_written(void)
{
    const ProtobufCMessageDescriptor *type = &cpts__v1__get_coverage_response__descriptor;
    static const char TEXT[] =
        "{\"projectCount\":449,\"targetCount\":1000,"
        "\"stages\":[{\"stage\":\"STAGE_ACI_SIGNE\",\"count\":449}],"
        "\"populationCovered\":1,\"populationTotal\":2,\"asOf\":\"2026-06-30\","
        "\"knownAt\":\"2026-06-30T22:00:00.123456Z\",\"stageSet\":[\"STAGE_ACI_SIGNE\",99],"
        "\"definition\":\"COVERAGE_DEFINITION_CUSTOM\",\"definitions\":[],\"regions\":[],"
        "\"synthetic\":true,\"populationVintage\":2026,\"lastStageOn\":\"\"}";
    char *again = json_write(read_ok(type, TEXT), 0);
    CU_ASSERT_STRING_EQUAL(again, TEXT);
    free(again);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_json_read__reads_a_whole_request),
    UNIT_TEST(test_json_read__takes_proto_names_and_null),
    UNIT_TEST(test_json_read__refuses_unknown_keys_with_their_path),
    UNIT_TEST(test_json_read__refuses_values_of_another_type),
    UNIT_TEST(test_json_read__refuses_what_is_not_json),
    UNIT_TEST(test_json_read__integers_keep_their_range),
    UNIT_TEST(test_json_read__unsigned_integers_keep_their_range),
    UNIT_TEST(test_json_read__doubles_may_be_texts),
    UNIT_TEST(test_json_read__bytes_take_both_alphabets),
    UNIT_TEST(test_json_read__a_oneof_has_one_member),
    UNIT_TEST(test_json_read__a_field_mask_becomes_paths),
    UNIT_TEST(test_json_read__refuses_what_it_does_not_support),
    UNIT_TEST(test_json_read__bounds_depth_and_number_of_values),
    UNIT_TEST(test_json_read__says_when_the_arena_is_full),
    UNIT_TEST(test_json_read__brings_back_what_was_written),
};

int main(int argc, char **argv)
{
    arena = arena_new((size_t)1024 * 1024);
    int code =
        unit_main("wire/json_read", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    arena_free(arena);
    return code;
}
