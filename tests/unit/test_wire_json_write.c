/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/v1/change.pb-c.h>
#include <cpts/v1/coverage.pb-c.h>
#include <cpts/v1/reference.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/descriptor.pb-c.h>
#include <google/rpc/error_details.pb-c.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "wire/json.h"

static void assert_json(const void *message, const char *expected)
{
    char *text = json_write(message, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    if (strcmp(text, expected) != 0)
        printf("\n  wrote    %s\n  expected %s\n", text, expected);
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void test_json_write__names_are_lower_camel_and_defaults_are_there(void)
{
    Cpts__V1__Region region = CPTS__V1__REGION__INIT;
    region.code = (char *)"01";
    region.name = (char *)"Guadeloupe \"971\"";
    region.department_count = 1;
    assert_json(&region, "{\"code\":\"01\",\"name\":\"Guadeloupe \\\"971\\\"\",\"zone\":\"\","
                         "\"departmentCount\":1,\"communeCount\":0,\"populationCount\":0,"
                         "\"ownerNode\":\"\"}");
}

static void test_json_write__long_integers_are_strings(void)
{
    Cpts__V1__UpdateCptsResponse response = CPTS__V1__UPDATE_CPTS_RESPONSE__INIT;
    response.version = -1;
    response.log_position = INT64_MIN;
    response.replayed = 1;
    assert_json(&response,
                "{\"version\":-1,\"logPosition\":\"-9223372036854775808\",\"replayed\":true}");
}

static void test_json_write__enums_have_names_when_they_are_known(void)
{
    Cpts__V1__StageFact fact = CPTS__V1__STAGE_FACT__INIT;
    fact.stage = CPTS__V1__STAGE__STAGE_ACI_SIGNE;
    assert_json(&fact, "{\"stage\":\"STAGE_ACI_SIGNE\",\"effectiveOn\":\"\",\"successorId\":\"\"}");
    fact.stage = (Cpts__V1__Stage)99;
    assert_json(&fact, "{\"stage\":99,\"effectiveOn\":\"\",\"successorId\":\"\"}");
}

static void test_json_write__an_unset_oneof_is_left_out(void)
{
    Cpts__V1__CptsUpdated updated = CPTS__V1__CPTS_UPDATED__INIT;
    assert_json(&updated, "{}");
    updated._finess_case = CPTS__V1__CPTS_UPDATED___FINESS_FINESS;
    updated.finess = (char *)"";
    assert_json(&updated, "{\"finess\":\"\"}");
}

static void test_json_write__the_set_member_of_a_oneof_is_there(void)
{
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    Cpts__V1__CptsUpdated updated = CPTS__V1__CPTS_UPDATED__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_UPDATED;
    change.cpts_updated = &updated;
    assert_json(&change, "{\"schemaVersion\":0,\"aggregateId\":\"\",\"actor\":\"\","
                         "\"commandId\":\"\",\"cptsUpdated\":{}}");
}

static void test_json_write__doubles_are_as_short_as_they_can_be(void)
{
    Cpts__V1__UnitFact unit = CPTS__V1__UNIT_FACT__INIT;
    unit.share = 0.1;
    assert_json(&unit, "{\"unitCode\":\"\",\"share\":0.1}");
    unit.share = 0.1 + 0.2;
    assert_json(&unit, "{\"unitCode\":\"\",\"share\":0.30000000000000004}");
    unit.share = 1;
    assert_json(&unit, "{\"unitCode\":\"\",\"share\":1.0}");
}

static void test_json_write__special_doubles_are_strings(void)
{
    Cpts__V1__UnitFact unit = CPTS__V1__UNIT_FACT__INIT;
    unit.share = (double)NAN;
    assert_json(&unit, "{\"unitCode\":\"\",\"share\":\"NaN\"}");
    unit.share = -(double)INFINITY;
    assert_json(&unit, "{\"unitCode\":\"\",\"share\":\"-Infinity\"}");
}

static void test_json_write__times_are_rfc_3339(void)
{
    Cpts__V1__GetCptsRequest request = CPTS__V1__GET_CPTS_REQUEST__INIT;
    Google__Protobuf__Timestamp at = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    request.known_at = &at;
    at.seconds = 1782856800;
    assert_json(&request, "{\"id\":\"\",\"asOf\":\"\",\"knownAt\":\"2026-06-30T22:00:00Z\"}");
    at.nanos = 120000000;
    assert_json(&request, "{\"id\":\"\",\"asOf\":\"\",\"knownAt\":\"2026-06-30T22:00:00.120Z\"}");
    at.nanos = 1000;
    assert_json(&request,
                "{\"id\":\"\",\"asOf\":\"\",\"knownAt\":\"2026-06-30T22:00:00.000001Z\"}");
    at.nanos = 1;
    assert_json(&request,
                "{\"id\":\"\",\"asOf\":\"\",\"knownAt\":\"2026-06-30T22:00:00.000000001Z\"}");
    at.seconds = INT64_MAX;
    assert_json(&request, "{\"id\":\"\",\"asOf\":\"\",\"knownAt\":null}");
}

static void test_json_write__durations_are_seconds(void)
{
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    retry.retry_delay = &delay;
    assert_json(&retry, "{\"retryDelay\":\"0s\"}");
    delay.seconds = 3;
    delay.nanos = 500000000;
    assert_json(&retry, "{\"retryDelay\":\"3.500s\"}");
    delay.seconds = 0;
    delay.nanos = -1000;
    assert_json(&retry, "{\"retryDelay\":\"-0.000001s\"}");
}

static void test_json_write__a_field_mask_is_one_string(void)
{
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char *paths[] = {(char *)"name", (char *)"lead_region", (char *)"a_b.c_d"};
    assert_json(&mask, "\"\"");
    mask.n_paths = 3;
    mask.paths = paths;
    assert_json(&mask, "\"name,leadRegion,aB.cD\"");
}

/* A path comes from a peer: it may be of any length and in any script. */
static void test_json_write__a_long_path_of_a_field_mask_is_whole(void)
{
    enum { ACCENTS = 300 };
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    char path[2 * ACCENTS + 1] = "";
    char expected[2 * ACCENTS + 3];
    char *paths[] = {path};
    for (size_t i = 0; i < ACCENTS; i++)
        memcpy(path + 2 * i, "é", 3);
    snprintf(expected, sizeof expected, "\"%s\"", path);
    mask.n_paths = 1;
    mask.paths = paths;
    assert_json(&mask, expected);
}

static void test_json_write__a_map_is_an_object(void)
{
    Google__Rpc__ErrorInfo__MetadataEntry entry = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&entry};
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    entry.key = (char *)"detail";
    entry.value = (char *)"region/11";
    info.n_metadata = 1;
    info.metadata = entries;
    assert_json(&info, "{\"reason\":\"\",\"domain\":\"\",\"metadata\":{\"detail\":\"region/11\"}}");
}

static void test_json_write__bytes_are_base64_and_optional_is_optional(void)
{
    Google__Protobuf__UninterpretedOption option = GOOGLE__PROTOBUF__UNINTERPRETED_OPTION__INIT;
    assert_json(&option, "{\"name\":[]}");
    option.has_string_value = 1;
    option.string_value = (ProtobufCBinaryData){4, (uint8_t *)"\xff\xfe\x00\x01"};
    option.has_positive_int_value = 1;
    option.positive_int_value = UINT64_MAX;
    assert_json(&option, "{\"name\":[],\"positiveIntValue\":\"18446744073709551615\","
                         "\"stringValue\":\"//4AAQ==\"}");
}

static void test_json_write__coverage_in_full(void)
{
    Cpts__V1__StageCount count = CPTS__V1__STAGE_COUNT__INIT;
    Cpts__V1__StageCount *counts[] = {&count};
    Cpts__V1__RegionCoverage region = CPTS__V1__REGION_COVERAGE__INIT;
    Cpts__V1__RegionCoverage *regions[] = {&region};
    Cpts__V1__Stage stage_set[] = {CPTS__V1__STAGE__STAGE_ACI_SIGNE};
    Cpts__V1__GetCoverageResponse response = CPTS__V1__GET_COVERAGE_RESPONSE__INIT;
    count.stage = CPTS__V1__STAGE__STAGE_ACI_SIGNE;
    count.count = 449;
    region.region = (char *)"11";
    region.name = (char *)"Île-de-France";
    response.project_count = 449;
    response.target_count = 1000;
    response.n_stages = 1;
    response.stages = counts;
    response.n_stage_set = 1;
    response.stage_set = stage_set;
    response.definition = CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_ACI_SIGNED;
    response.n_regions = 1;
    response.regions = regions;
    assert_json(&response,
                "{\"projectCount\":449,\"targetCount\":1000,"
                "\"stages\":[{\"stage\":\"STAGE_ACI_SIGNE\",\"count\":449}],"
                "\"populationCovered\":0,\"populationTotal\":0,\"asOf\":\"\","
                "\"stageSet\":[\"STAGE_ACI_SIGNE\"],"
                "\"definition\":\"COVERAGE_DEFINITION_ACI_SIGNED\",\"definitions\":[],"
                "\"regions\":[{\"region\":\"11\",\"name\":\"Île-de-France\",\"projectCount\":0,"
                "\"stages\":[],\"populationCovered\":0,\"populationTotal\":0}],"
                "\"synthetic\":false,\"populationVintage\":0,\"lastStageOn\":\"\"}");
}

static void test_json_write__indents_when_asked(void)
{
    Cpts__V1__CptsPublicationSet set = CPTS__V1__CPTS_PUBLICATION_SET__INIT;
    Cpts__V1__StageCount count = CPTS__V1__STAGE_COUNT__INIT;
    char *text = json_write(&count.base, 2);
    CU_ASSERT_STRING_EQUAL(text, "{\n  \"stage\": \"STAGE_UNSPECIFIED\",\n  \"count\": 0\n}");
    free(text);
    text = json_write(&set.base, 2);
    CU_ASSERT_STRING_EQUAL(text, "{}");
    free(text);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_json_write__names_are_lower_camel_and_defaults_are_there),
    UNIT_TEST(test_json_write__long_integers_are_strings),
    UNIT_TEST(test_json_write__enums_have_names_when_they_are_known),
    UNIT_TEST(test_json_write__an_unset_oneof_is_left_out),
    UNIT_TEST(test_json_write__the_set_member_of_a_oneof_is_there),
    UNIT_TEST(test_json_write__doubles_are_as_short_as_they_can_be),
    UNIT_TEST(test_json_write__special_doubles_are_strings),
    UNIT_TEST(test_json_write__times_are_rfc_3339),
    UNIT_TEST(test_json_write__durations_are_seconds),
    UNIT_TEST(test_json_write__a_field_mask_is_one_string),
    UNIT_TEST(test_json_write__a_long_path_of_a_field_mask_is_whole),
    UNIT_TEST(test_json_write__a_map_is_an_object),
    UNIT_TEST(test_json_write__bytes_are_base64_and_optional_is_optional),
    UNIT_TEST(test_json_write__coverage_in_full),
    UNIT_TEST(test_json_write__indents_when_asked),
};

UNIT_MAIN("wire/json_write")
