/* SPDX-License-Identifier: Apache-2.0 */
/* ListMembers, ListRepresentatives and ListMemberCategories. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/governance.pb-c.h"
#include "domain/member.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* What both lists of one CPTS begin with. */
enum target_column { OUTCOME, TARGET_VERSION, FIRST };

/* Columns of member_list.sql. */
enum member_column {
    IDENTIFIER = FIRST,
    CATEGORY,
    MEMBER_COLLEGE,
    MEMBER_VOICE,
    JOINED_ON,
    MEMBER_LEFT_ON,
    RECORDED,
    MEMBERS_KNOWN_AT,
};

/* Columns of representative_list.sql. */
enum seat_column {
    SEAT_ID = FIRST,
    ASSOCIATION,
    APPROVAL,
    DESIGNATED_ON,
    DESIGNATION,
    TRAINED_ON,
    SEAT_VOICE,
    SEATED_ON,
    SEAT_LEFT_ON,
};

/* Columns of member_category_list.sql. */
enum category_column {
    KIND,
    CODE,
    LABEL,
    COMPOSITION,
    NATIONAL_CODE,
    SOURCE,
    CONFIDENCE,
    VALID_FROM,
    VALID_TO,
};

static const struct listing_rule PAGES = {LISTING_BY_KEY, 100, 1000, "known_at"};

/* The outcome of the first row. */
static cpts_status check_target(const struct rows *rows, struct cpts_error *err)
{
    const char *outcome = rows_count(rows) == 0 ? "" : rows_text(rows, 0, OUTCOME);
    if (strcmp(outcome, "OK") == 0)
        return CPTS_OK;
    if (strcmp(outcome, "OUT_OF_SCOPE") == 0)
        return error_set(err, REASON_OUT_OF_SCOPE,
                         "this identity may not see who the members of that CPTS are");
    return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
}

static cpts_status check_list(const Cpts__V1__ListMembersRequest *request, struct cpts_error *err)
{
    if ((int)request->college < 0 || (int)request->college >= COLLEGE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "college", "not a college");
    return CPTS_OK;
}

cpts_status member_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListMembersRequest *request = message;
    uint8_t id[16];
    const char *as_of = NULL;
    struct listing *listing = NULL;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = check_list(request, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &PAGES, &request->base, as_of, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    call->query = query_new(call->arena, STATEMENT_MEMBER_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, listing->known_at);
    query_text(call->query, college_code((int)request->college));
    listing_bind(call, listing);
    return CPTS_OK;
}

static Cpts__V1__Member *read_member(struct call *call, const struct rows *rows, int row)
{
    struct member_numbers numbers;
    Cpts__V1__Member *member = request_message(call, &cpts__v1__member__descriptor);
    if (member == NULL)
        return NULL;
    member_numbers_read(rows_text(rows, row, IDENTIFIER), &numbers);
    member->rpps = (char *)numbers.rpps;
    member->finess = (char *)numbers.finess;
    member->siret = (char *)numbers.siret;
    member->category = (char *)rows_text(rows, row, CATEGORY);
    member->college = (Cpts__V1__College)college_find(rows_text(rows, row, MEMBER_COLLEGE));
    member->voice = (Cpts__V1__Voice)voice_find(rows_text(rows, row, MEMBER_VOICE));
    member->joined_on = (char *)rows_text(rows, row, JOINED_ON);
    member->left_on = (char *)rows_text(rows, row, MEMBER_LEFT_ON);
    member->recorded_at = request_timestamp(call, rows_time_us(rows, row, RECORDED));
    return member->recorded_at == NULL ? NULL : member;
}

static int count_found(const struct rows *rows, int column)
{
    return rows_is_null(rows, 0, column) ? 0 : rows_count(rows);
}

cpts_status member_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    cpts_status status = check_target(rows, err);
    if (status != CPTS_OK)
        return status;
    int found = count_found(rows, IDENTIFIER);
    listing_read_instant(listing, rows, MEMBERS_KNOWN_AT);
    int count = listing_count(listing, found);
    Cpts__V1__ListMembersResponse *response =
        request_message(call, &cpts__v1__list_members_response__descriptor);
    Cpts__V1__Member **members = arena_alloc(call->arena, (size_t)(count + 1) * sizeof(void *));
    if (response == NULL || members == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        members[row] = read_member(call, rows, row);
        if (members[row] == NULL)
            return request_no_memory(err);
    }
    response->members = members;
    response->n_members = (size_t)count;
    response->version = (int32_t)rows_int(rows, 0, TARGET_VERSION);
    call->response = &response->base;
    return listing_next(call, listing, found,
                        rows_text(rows, count == 0 ? 0 : count - 1, IDENTIFIER),
                        &response->next_page_token, err);
}

cpts_status representative_list_begin(struct call *call, const void *message,
                                      struct cpts_error *err)
{
    const Cpts__V1__ListRepresentativesRequest *request = message;
    uint8_t id[16];
    const char *as_of = NULL;
    const char *known_at = NULL;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_REPRESENTATIVE_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    return CPTS_OK;
}

static Cpts__V1__Representative *read_seat(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Representative *seat = request_message(call, &cpts__v1__representative__descriptor);
    if (seat == NULL)
        return NULL;
    seat->representative_id = (char *)rows_text(rows, row, SEAT_ID);
    seat->association = (char *)rows_text(rows, row, ASSOCIATION);
    seat->approval_reference = (char *)rows_text(rows, row, APPROVAL);
    seat->designated_on = (char *)rows_text(rows, row, DESIGNATED_ON);
    seat->designation_reference = (char *)rows_text(rows, row, DESIGNATION);
    seat->trained_on = (char *)rows_text(rows, row, TRAINED_ON);
    seat->voice = (Cpts__V1__Voice)voice_find(rows_text(rows, row, SEAT_VOICE));
    seat->seated_on = (char *)rows_text(rows, row, SEATED_ON);
    seat->left_on = (char *)rows_text(rows, row, SEAT_LEFT_ON);
    return seat;
}

cpts_status representative_list_finish(struct call *call, const struct rows *rows,
                                       struct cpts_error *err)
{
    cpts_status status = check_target(rows, err);
    if (status != CPTS_OK)
        return status;
    int count = count_found(rows, SEAT_ID);
    Cpts__V1__ListRepresentativesResponse *response =
        request_message(call, &cpts__v1__list_representatives_response__descriptor);
    Cpts__V1__Representative **seats =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(void *));
    if (response == NULL || seats == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        seats[row] = read_seat(call, rows, row);
        if (seats[row] == NULL)
            return request_no_memory(err);
    }
    response->representatives = seats;
    response->n_representatives = (size_t)count;
    response->version = (int32_t)rows_int(rows, 0, TARGET_VERSION);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status member_category_list_begin(struct call *call, const void *message,
                                       struct cpts_error *err)
{
    (void)message;
    call->query = query_new(call->arena, STATEMENT_MEMBER_CATEGORY_LIST);
    return call->query == NULL ? request_no_memory(err) : CPTS_OK;
}

static Cpts__V1__MemberCategory *read_category(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__MemberCategory *category =
        request_message(call, &cpts__v1__member_category__descriptor);
    if (category == NULL)
        return NULL;
    category->code = (char *)rows_text(rows, row, CODE);
    category->label = (char *)rows_text(rows, row, LABEL);
    category->composition_code = (char *)rows_text(rows, row, COMPOSITION);
    category->national_code = (char *)rows_text(rows, row, NATIONAL_CODE);
    category->source = (char *)rows_text(rows, row, SOURCE);
    category->confidence = (char *)rows_text(rows, row, CONFIDENCE);
    category->valid_from = (char *)rows_text(rows, row, VALID_FROM);
    category->valid_to = (char *)rows_text(rows, row, VALID_TO);
    return category;
}

cpts_status member_category_list_finish(struct call *call, const struct rows *rows,
                                        struct cpts_error *err)
{
    size_t room = (size_t)rows_count(rows) + 1;
    Cpts__V1__ListMemberCategoriesResponse *response =
        request_message(call, &cpts__v1__list_member_categories_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->professions = arena_alloc(call->arena, room * sizeof(void *));
    response->structure_kinds = arena_alloc(call->arena, room * sizeof(void *));
    if (response->professions == NULL || response->structure_kinds == NULL)
        return request_no_memory(err);
    for (int row = 0; row < rows_count(rows); row++) {
        Cpts__V1__MemberCategory *category = read_category(call, rows, row);
        if (category == NULL)
            return request_no_memory(err);
        if (strcmp(rows_text(rows, row, KIND), "PROFESSION") == 0)
            response->professions[response->n_professions++] = category;
        else
            response->structure_kinds[response->n_structure_kinds++] = category;
    }
    call->response = &response->base;
    return CPTS_OK;
}
