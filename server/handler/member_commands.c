/* SPDX-License-Identifier: Apache-2.0 */
/* RecordMembers and EndMembership. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/governance.pb-c.h"
#include "domain/member.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define PREFIX_BYTES 24
#define FIELD_BYTES 48

/* The columns of members_record.sql, as arrays. */
struct member_columns {
    const char **identifiers;
    const char **categories;
    const char **colleges;
    const char **voices;
    const char **joined;
    const char **left;
};

static cpts_status require(bool is_given, const char *prefix, const char *name,
                           const char *sentence, struct cpts_error *err)
{
    char field[FIELD_BYTES];
    snprintf(field, sizeof field, "%s%s", prefix, name);
    return is_given ? CPTS_OK : error_set_field(err, REASON_FIELD_REQUIRED, field, "%s", sentence);
}

/* Checks one member, and fills its fact of the change log. */
static cpts_status read_member(const Cpts__V1__Member *member, size_t index, const char *today,
                               Cpts__V1__MemberFact *fact, struct cpts_error *err)
{
    char prefix[PREFIX_BYTES];
    snprintf(prefix, sizeof prefix, "members[%zu].", index);
    const struct member_numbers numbers = {member->rpps, member->finess, member->siret};
    const struct member_days days = {member->joined_on, "joined_on", member->left_on, "left_on"};
    cpts_status status = member_identify(&numbers, prefix, fact->identifier, err);
    if (status == CPTS_OK)
        status = require(member->category[0] != '\0', prefix, "category",
                         "its profession, or the kind of structure", err);
    if (status == CPTS_OK)
        status = require(college_code((int)member->college)[0] != '\0', prefix, "college",
                         "in which college does it sit?", err);
    if (status == CPTS_OK)
        status = require(voice_code((int)member->voice)[0] != '\0', prefix, "voice",
                         "how does it vote?", err);
    if (status == CPTS_OK)
        status = member_days_check(&days, prefix, today, err);
    fact->category = member->category;
    fact->college = (int32_t)member->college;
    fact->voice = (int32_t)member->voice;
    fact->joined_on = member->joined_on;
    fact->left_on = member->left_on;
    return status;
}

static int compare_facts(const void *one, const void *other)
{
    const Cpts__V1__MemberFact *const *left = one, *const *right = other;
    return strcmp((*left)->identifier, (*right)->identifier);
}

/* Whether a member is named twice. */
static cpts_status check_repeated(struct call *call, Cpts__V1__MemberFact *const *facts,
                                  size_t count, struct cpts_error *err)
{
    const Cpts__V1__MemberFact **sorted = arena_alloc(call->arena, count * sizeof(void *));
    if (sorted == NULL)
        return request_no_memory(err);
    memcpy(sorted, facts, count * sizeof(void *));
    qsort(sorted, count, sizeof(void *), compare_facts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i - 1]->identifier, sorted[i]->identifier) == 0)
            return error_set_field(err, REASON_MEMBER_REPEATED, "members",
                                   "%s is named twice: one command says one thing of a member",
                                   sorted[i]->identifier + 1);
    }
    return CPTS_OK;
}

static cpts_status read_members(struct call *call, const Cpts__V1__RecordMembersRequest *request,
                                Cpts__V1__MembersRecorded *recorded, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    size_t count = request->n_members;
    clock_today(today);
    if (count == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "members", "name at least one member");
    if (count > MEMBERS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "members", "at most %d members",
                               MEMBERS_MAX);
    Cpts__V1__MemberFact **facts = arena_alloc(call->arena, count * sizeof(void *));
    for (size_t i = 0; facts != NULL && i < count; i++) {
        facts[i] = request_message(call, &cpts__v1__member_fact__descriptor);
        char *identifier = arena_alloc(call->arena, MEMBER_IDENTIFIER_BYTES);
        if (facts[i] == NULL || identifier == NULL)
            return request_no_memory(err);
        facts[i]->identifier = identifier;
        cpts_status status = read_member(request->members[i], i, today, facts[i], err);
        if (status != CPTS_OK)
            return status;
    }
    if (facts == NULL)
        return request_no_memory(err);
    recorded->members = facts;
    recorded->n_members = count;
    recorded->restates = request->restates;
    return check_repeated(call, facts, count, err);
}

static bool make_columns(struct call *call, const Cpts__V1__MembersRecorded *recorded,
                         struct member_columns *columns)
{
    const char ***const all[] = {&columns->identifiers, &columns->categories, &columns->colleges,
                                 &columns->voices,      &columns->joined,     &columns->left};
    size_t count = recorded->n_members;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        *all[i] = arena_alloc(call->arena, count * sizeof(char *));
        if (*all[i] == NULL)
            return false;
    }
    for (size_t i = 0; i < count; i++) {
        const Cpts__V1__MemberFact *fact = recorded->members[i];
        columns->identifiers[i] = fact->identifier;
        columns->categories[i] = fact->category;
        columns->colleges[i] = college_code(fact->college);
        columns->voices[i] = voice_code(fact->voice);
        columns->joined[i] = fact->joined_on;
        columns->left[i] = fact->left_on[0] == '\0' ? "infinity" : fact->left_on;
    }
    return true;
}

static cpts_status bind_members(struct call *call, int32_t expected_version,
                                const Cpts__V1__MembersRecorded *recorded, struct cpts_error *err)
{
    struct member_columns columns;
    size_t count = recorded->n_members;
    if (!make_columns(call, recorded, &columns))
        return request_no_memory(err);
    query_int(call->query, expected_version);
    query_text_array(call->query, columns.identifiers, count);
    query_text_array(call->query, columns.categories, count);
    query_text_array(call->query, columns.colleges, count);
    query_text_array(call->query, columns.voices, count);
    query_text_array(call->query, columns.joined, count);
    query_text_array(call->query, columns.left, count);
    query_bool(call->query, recorded->restates);
    return CPTS_OK;
}

cpts_status members_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordMembersRequest *request = message;
    uint8_t id[16];
    Cpts__V1__MembersRecorded recorded = CPTS__V1__MEMBERS_RECORDED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_MEMBERS_RECORDED;
    change.members_recorded = &recorded;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK && request->expected_version < 0)
        status = error_set_field(err, REASON_FIELD_INVALID, "expected_version",
                                 "a version, or 0 for whatever it is");
    if (status == CPTS_OK)
        status = read_members(call, request, &recorded, err);
    struct command command = {STATEMENT_MEMBERS_RECORD, request->command_id, &request->base, id,
                              &change};
    if (status == CPTS_OK)
        status = request_command(call, &command, err);
    return status == CPTS_OK ? bind_members(call, request->expected_version, &recorded, err)
                             : status;
}

/* "17 VALUE": which member the database refused. */
static cpts_status refuse_member(const char *detail, cpts_status status, struct cpts_error *err)
{
    char field[FIELD_BYTES];
    if (err == NULL || (strcmp(err->reason, reason_name(REASON_UNKNOWN_PROFESSION)) != 0 &&
                        strcmp(err->reason, reason_name(REASON_UNKNOWN_STRUCTURE_KIND)) != 0))
        return status;
    char *value = NULL;
    long row = strtol(detail, &value, 10);
    snprintf(field, sizeof field, "members[%ld].category", row);
    snprintf(err->field, sizeof err->field, "%s", field);
    snprintf(err->detail, sizeof err->detail, "%s", value + strspn(value, " "));
    return status;
}

cpts_status members_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    struct outcome outcome;
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return refuse_member(err == NULL ? "" : err->detail, status, err);
    Cpts__V1__RecordMembersResponse *response =
        request_message(call, &cpts__v1__record_members_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    char *at = (char *)outcome.detail;
    response->version = outcome.version;
    response->log_position = outcome.log_position;
    response->replayed = outcome.replayed;
    response->added_count = (int32_t)strtol(at, &at, 10);
    response->changed_count = (int32_t)strtol(at, &at, 10);
    response->unchanged_count = (int32_t)strtol(at, &at, 10);
    call->response = &response->base;
    return CPTS_OK;
}

static cpts_status read_end(const Cpts__V1__EndMembershipRequest *request,
                            char ret_identifier[MEMBER_IDENTIFIER_BYTES], struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    const struct member_numbers numbers = {request->rpps, request->finess, request->siret};
    const struct member_days days = {request->left_on, "left_on", "", ""};
    clock_today(today);
    cpts_status status = member_identify(&numbers, "", ret_identifier, err);
    return status == CPTS_OK ? member_days_check(&days, "", today, err) : status;
}

cpts_status membership_end_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__EndMembershipRequest *request = message;
    uint8_t id[16];
    char identifier[MEMBER_IDENTIFIER_BYTES];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = read_end(request, identifier, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__MembershipEnded ended = CPTS__V1__MEMBERSHIP_ENDED__INIT;
    ended.identifier = identifier;
    ended.left_on = request->left_on;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_MEMBERSHIP_ENDED;
    change.membership_ended = &ended;
    struct command command = {STATEMENT_MEMBERSHIP_END, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, identifier);
    query_text(call->query, request->left_on);
    return CPTS_OK;
}

cpts_status membership_end_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    struct outcome outcome;
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__EndMembershipResponse *response =
        request_message(call, &cpts__v1__end_membership_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->version = outcome.version;
    response->log_position = outcome.log_position;
    response->replayed = outcome.replayed;
    call->response = &response->base;
    return CPTS_OK;
}
