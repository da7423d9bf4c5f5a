/* SPDX-License-Identifier: Apache-2.0 */
/* ListEnrolments. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/enrolment.pb-c.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of enrolment_list.sql. */
enum enrolment_column {
    ID,
    IDENTITY,
    ROLES,
    SCOPE,
    NOTE,
    STATE,
    CREATED_BY,
    CREATED_AT,
    EXPIRES_AT,
    USED_AT,
    SERIAL,
    REVOKED_REASON,
    NODE_ADDRESS,
};

/* By their number in EnrolmentState. */
static const char *const STATES[] = {"", "OPEN", "USED", "EXPIRED", "REVOKED"};

#define STATE_COUNT ((int)(sizeof STATES / sizeof STATES[0]))

cpts_status enrolment_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListEnrolmentsRequest *request = message;
    struct listing *listing = NULL;
    if ((int)request->state < 0 || (int)request->state >= STATE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "state", "not a state");
    cpts_status status = listing_begin(call, &LISTING_PRESENT, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    call->query = query_new(call->arena, STATEMENT_ENROLMENT_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    listing_bind(call, listing);
    query_text(call->query, STATES[request->state]);
    return CPTS_OK;
}

static Cpts__V1__EnrolmentState state_of(const char *name)
{
    int state = STATE_COUNT - 1;
    while (state > 0 && strcmp(STATES[state], name) != 0)
        state--;
    return (Cpts__V1__EnrolmentState)state;
}

static Cpts__V1__Enrolment *read_enrolment(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Enrolment *enrolment = request_message(call, &cpts__v1__enrolment__descriptor);
    char **roles = NULL;
    int role_count = enrolment == NULL ? -1 : rows_array(rows, row, ROLES, call->arena, &roles);
    if (role_count < 0)
        return NULL;
    enrolment->id = (char *)rows_text(rows, row, ID);
    enrolment->identity = (char *)rows_text(rows, row, IDENTITY);
    enrolment->roles = roles;
    enrolment->n_roles = (size_t)role_count;
    enrolment->scope = (char *)rows_text(rows, row, SCOPE);
    enrolment->note = (char *)rows_text(rows, row, NOTE);
    enrolment->state = state_of(rows_text(rows, row, STATE));
    enrolment->created_by = (char *)rows_text(rows, row, CREATED_BY);
    enrolment->certificate_serial = (char *)rows_text(rows, row, SERIAL);
    enrolment->revoked_reason = (char *)rows_text(rows, row, REVOKED_REASON);
    enrolment->node_address = (char *)rows_text(rows, row, NODE_ADDRESS);
    enrolment->created_at = request_timestamp(call, rows_time_us(rows, row, CREATED_AT));
    enrolment->expires_at = request_timestamp(call, rows_time_us(rows, row, EXPIRES_AT));
    bool is_used = !rows_is_null(rows, row, USED_AT);
    if (is_used)
        enrolment->used_at = request_timestamp(call, rows_time_us(rows, row, USED_AT));
    bool is_fine = enrolment->created_at != NULL && enrolment->expires_at != NULL &&
                   is_used == (enrolment->used_at != NULL);
    return is_fine ? enrolment : NULL;
}

cpts_status enrolment_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    struct listing *listing = call->state;
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListEnrolmentsResponse *response =
        request_message(call, &cpts__v1__list_enrolments_response__descriptor);
    Cpts__V1__Enrolment **enrolments =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__Enrolment *));
    if (response == NULL || enrolments == NULL)
        return request_no_memory(err);
    response->enrolments = enrolments;
    for (int row = 0; row < count; row++) {
        enrolments[row] = read_enrolment(call, rows, row);
        if (enrolments[row] == NULL)
            return request_no_memory(err);
        response->n_enrolments++;
    }
    call->response = &response->base;
    const char *last = count > 0 ? enrolments[count - 1]->id : "";
    return listing_next(call, listing, rows_count(rows), last, &response->next_page_token, err);
}
