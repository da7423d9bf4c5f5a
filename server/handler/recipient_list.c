/* SPDX-License-Identifier: Apache-2.0 */
/* FindRecipients. */
#include <stdatomic.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/referral.pb-c.h"
#include "domain/maturity.h"
#include "domain/units.h"
#include "handler/enum_word.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define LIMIT_DEFAULT 10
#define LIMIT_MAX 20
#define CODE_LENGTH_MAX 60

/* Columns of recipient_find.sql. */
enum recipient_column {
    USUAL_KNOWN,
    UNIT_CODE,
    UNIT_NAME,
    DEPARTMENT,
    LATITUDE,
    LONGITUDE,
    QUALITY,
    ID,
    NAME,
    STAGE,
    LEAD_REGION,
    REASON,
    REASON_LABEL,
    SHARE,
    SHARE_SUM,
    DISTANCE,
    BOTH_QUALITY,
    OBSTACLE,
    OBSTACLE_LABEL,
    SNP_SLOTS,
    PLACES,
    MONDAY,
    KEY_SERIAL,
    MEMBERS,
    SYNTHETIC,
};

/* Today's code of a commune or arrondissement. */
static cpts_status read_unit(const struct call *call, const char *text, const char **ret_code,
                             struct cpts_error *err)
{
    const struct units *units = atomic_load(&call->service->units);
    const struct unit *unit = units_find(units, text);
    if (unit == NULL)
        unit = units_find_old(units, text);
    if (unit == NULL || unit->is_part)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "unit_code",
                               "no commune or arrondissement municipal has this code");
    const struct unit *district = units_district(units, unit);
    if (district != NULL)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "unit_code",
                               "a commune of arrondissements: name one of them, %s for example",
                               district->code);
    *ret_code = unit->code;
    return CPTS_OK;
}

static cpts_status check(const Cpts__V1__FindRecipientsRequest *request, struct cpts_error *err)
{
    if (enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case)[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "use_case", "say what for");
    if (request->limit < 0 || request->limit > LIMIT_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "limit", "0 to %d", LIMIT_MAX);
    if (strlen(request->profession) > CODE_LENGTH_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "profession", "at most %d characters",
                               CODE_LENGTH_MAX);
    return CPTS_OK;
}

/* Binds an id that may be absent. */
static cpts_status bind_id(struct call *call, const char *text, const char *field,
                           struct cpts_error *err)
{
    uint8_t id[16];
    if (text[0] == '\0') {
        query_text(call->query, NULL);
        return CPTS_OK;
    }
    cpts_status status = request_uuid(text, field, id, err);
    if (status == CPTS_OK)
        query_uuid(call->query, id);
    return status;
}

cpts_status recipient_find_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__FindRecipientsRequest *request = message;
    char today[CLOCK_DATE_BYTES];
    const char *unit = NULL;
    cpts_status status = check(request, err);
    if (status == CPTS_OK)
        status = read_unit(call, request->unit_code, &unit, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_RECIPIENT_FIND);
    if (call->query == NULL)
        return request_no_memory(err);
    clock_today(today);
    query_text(call->query, unit);
    query_text(call->query, enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case));
    query_text(call->query, request->profession);
    status = bind_id(call, request->usual_cpts_id, "usual_cpts_id", err);
    if (status == CPTS_OK)
        status = bind_id(call, request->origin_id, "origin_id", err);
    query_int(call->query, request->limit == 0 ? LIMIT_DEFAULT : request->limit);
    query_text(call->query, today);
    query_int(call->query, call->service->disclosure_threshold_count);
    return status;
}

static void read_capacity(const struct rows *rows, int row, Cpts__V1__RecipientCandidate *candidate)
{
    candidate->capacity_week = (char *)rows_text(rows, row, MONDAY);
    if (!rows_is_null(rows, row, SNP_SLOTS)) {
        candidate->_snp_slot_count_case =
            CPTS__V1__RECIPIENT_CANDIDATE___SNP_SLOT_COUNT_SNP_SLOT_COUNT;
        candidate->snp_slot_count = (int32_t)rows_int(rows, row, SNP_SLOTS);
    }
    if (!rows_is_null(rows, row, PLACES)) {
        candidate->_place_count_case = CPTS__V1__RECIPIENT_CANDIDATE___PLACE_COUNT_PLACE_COUNT;
        candidate->place_count = (int32_t)rows_int(rows, row, PLACES);
    }
}

static Cpts__V1__RecipientCandidate *read_candidate(struct call *call, const struct rows *rows,
                                                    int row)
{
    Cpts__V1__RecipientCandidate *candidate =
        request_message(call, &cpts__v1__recipient_candidate__descriptor);
    if (candidate == NULL)
        return NULL;
    candidate->cpts_id = (char *)rows_text(rows, row, ID);
    candidate->name = (char *)rows_text(rows, row, NAME);
    candidate->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, STAGE));
    candidate->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    candidate->reason = (Cpts__V1__RecipientReason)enum_word_find(
        &cpts__v1__recipient_reason__descriptor, rows_text(rows, row, REASON));
    candidate->reason_label = (char *)rows_text(rows, row, REASON_LABEL);
    candidate->share = rows_double(rows, row, SHARE);
    candidate->share_sum = rows_double(rows, row, SHARE_SUM);
    candidate->distance_km = rows_double(rows, row, DISTANCE);
    candidate->position_quality = filter_position_quality(rows_text(rows, row, BOTH_QUALITY));
    candidate->obstacle = (Cpts__V1__RecipientObstacle)enum_word_find(
        &cpts__v1__recipient_obstacle__descriptor, rows_text(rows, row, OBSTACLE));
    candidate->obstacle_label = (char *)rows_text(rows, row, OBSTACLE_LABEL);
    candidate->eligible = rows_text(rows, row, OBSTACLE)[0] == '\0';
    candidate->key_serial = (int32_t)rows_int(rows, row, KEY_SERIAL);
    candidate->profession_member_count = (int32_t)rows_int(rows, row, MEMBERS);
    candidate->synthetic = rows_bool(rows, row, SYNTHETIC);
    read_capacity(rows, row, candidate);
    return candidate;
}

static bool read_candidates(struct call *call, const struct rows *rows,
                            Cpts__V1__FindRecipientsResponse *response)
{
    response->unroutable = true;
    response->candidates =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->candidates);
    for (int row = 0; response->candidates != NULL && row < rows_count(rows); row++) {
        if (rows_is_null(rows, row, ID))
            continue;
        Cpts__V1__RecipientCandidate *candidate = read_candidate(call, rows, row);
        if (candidate == NULL)
            return false;
        response->unroutable = response->unroutable && !candidate->eligible;
        response->candidates[response->n_candidates++] = candidate;
    }
    return response->candidates != NULL;
}

cpts_status recipient_find_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "unit_code", "no commune has this code");
    if (!rows_bool(rows, 0, USUAL_KNOWN))
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "usual_cpts_id", "no CPTS has this id");
    Cpts__V1__FindRecipientsResponse *response =
        request_message(call, &cpts__v1__find_recipients_response__descriptor);
    Cpts__V1__Position *position = request_message(call, &cpts__v1__position__descriptor);
    if (response == NULL || position == NULL || !read_candidates(call, rows, response))
        return request_no_memory(err);
    position->latitude = rows_double(rows, 0, LATITUDE);
    position->longitude = rows_double(rows, 0, LONGITUDE);
    position->quality = filter_position_quality(rows_text(rows, 0, QUALITY));
    response->unit_code = (char *)rows_text(rows, 0, UNIT_CODE);
    response->unit_name = (char *)rows_text(rows, 0, UNIT_NAME);
    response->department = (char *)rows_text(rows, 0, DEPARTMENT);
    response->position = position;
    call->response = &response->base;
    return CPTS_OK;
}
