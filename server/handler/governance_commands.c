/* SPDX-License-Identifier: Apache-2.0 */
/* RecordRepresentative and RecordAdhesion. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/governance.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "domain/member.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* The detail of representative_record.sql, which a replay has too. */
#define SEAT_COLUMN 4
/* Characters of a name, of a reference, and of who counted. */
#define ASSOCIATION_MAX 200
#define REFERENCE_MAX 100
#define SOURCE_MAX 200

/* A text of the seat: its value, its field and how long it may be. */
struct seat_text {
    const char *text;
    const char *field;
    int characters_max;
};

static cpts_status check_texts(const Cpts__V1__Representative *seat, struct cpts_error *err)
{
    const struct seat_text texts[] = {
        {seat->association, "representative.association", ASSOCIATION_MAX},
        {seat->approval_reference, "representative.approval_reference", REFERENCE_MAX},
        {seat->designation_reference, "representative.designation_reference", REFERENCE_MAX},
    };
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && i < sizeof texts / sizeof texts[0]; i++)
        status = cpts_text_check(texts[i].text, texts[i].characters_max, true, texts[i].field, err);
    return status;
}

static cpts_status check_dates(const Cpts__V1__Representative *seat, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    const struct member_days days = {seat->seated_on, "seated_on", seat->left_on, "left_on"};
    clock_today(today);
    cpts_status status =
        calendar_past_check(seat->designated_on, today, "representative.designated_on", err);
    if (status == CPTS_OK && seat->trained_on[0] != '\0')
        status = calendar_past_check(seat->trained_on, today, "representative.trained_on", err);
    if (status == CPTS_OK)
        status = member_days_check(&days, "representative.", today, err);
    if (status == CPTS_OK && strcmp(seat->seated_on, seat->designated_on) < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "representative.seated_on",
                               "the seat begins before the ARS designates: %s",
                               seat->designated_on);
    return status;
}

/* Checks the seat, and mints the id of a new one. */
static cpts_status read_seat(const Cpts__V1__Representative *seat, uint8_t ret_id[16],
                             struct cpts_error *err)
{
    if (seat == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "representative", "describe the seat");
    cpts_status status = CPTS_OK;
    if (seat->representative_id[0] == '\0')
        uuid_mint(ret_id);
    else
        status =
            request_uuid(seat->representative_id, "representative.representative_id", ret_id, err);
    if (status == CPTS_OK)
        status = check_texts(seat, err);
    if (status == CPTS_OK && voice_code((int)seat->voice)[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "representative.voice",
                                 "how does it vote?");
    return status == CPTS_OK ? check_dates(seat, err) : status;
}

static void tell_seat(const Cpts__V1__Representative *seat, char *id,
                      Cpts__V1__RepresentativeRecorded *recorded)
{
    recorded->representative_id = id;
    recorded->association = seat->association;
    recorded->approval_reference = seat->approval_reference;
    recorded->designated_on = seat->designated_on;
    recorded->designation_reference = seat->designation_reference;
    recorded->trained_on = seat->trained_on;
    recorded->voice = (int32_t)seat->voice;
    recorded->seated_on = seat->seated_on;
    recorded->left_on = seat->left_on;
}

static void bind_seat(struct query *query, const Cpts__V1__Representative *seat)
{
    query_bool(query, seat->representative_id[0] == '\0');
    query_text(query, seat->association);
    query_text(query, seat->approval_reference);
    query_text(query, seat->designated_on);
    query_text(query, seat->designation_reference);
    query_text(query, seat->trained_on[0] == '\0' ? NULL : seat->trained_on);
    query_text(query, voice_code((int)seat->voice));
    query_text(query, seat->seated_on);
    query_text(query, seat->left_on[0] == '\0' ? "infinity" : seat->left_on);
    query_int(query, REPRESENTATIVES_MAX);
}

cpts_status representative_record_begin(struct call *call, const void *message,
                                        struct cpts_error *err)
{
    const Cpts__V1__RecordRepresentativeRequest *request = message;
    uint8_t id[16];
    uint8_t seat_id[16];
    char seat_text[UUID_TEXT_BYTES];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = read_seat(request->representative, seat_id, err);
    if (status != CPTS_OK)
        return status;
    uuid_format(seat_id, seat_text);
    Cpts__V1__RepresentativeRecorded recorded = CPTS__V1__REPRESENTATIVE_RECORDED__INIT;
    tell_seat(request->representative, seat_text, &recorded);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REPRESENTATIVE_RECORDED;
    change.representative_recorded = &recorded;
    struct command command = {STATEMENT_REPRESENTATIVE_RECORD, request->command_id, &request->base,
                              id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_uuid(call->query, seat_id);
    bind_seat(call->query, request->representative);
    return CPTS_OK;
}

cpts_status representative_record_finish(struct call *call, const struct rows *rows,
                                         struct cpts_error *err)
{
    struct outcome outcome;
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordRepresentativeResponse *response =
        request_message(call, &cpts__v1__record_representative_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->version = outcome.version;
    response->log_position = outcome.log_position;
    response->replayed = outcome.replayed;
    response->representative_id = (char *)rows_text(rows, 0, SEAT_COLUMN);
    call->response = &response->base;
    return CPTS_OK;
}

static cpts_status check_adhesion(const Cpts__V1__Adhesion *adhesion, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    if (adhesion == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "adhesion", "how many of how many?");
    cpts_status status =
        adhesion_check(adhesion->adherent_count, adhesion->professional_count, err);
    if (status == CPTS_OK)
        status = calendar_past_check(adhesion->counted_on, today, "adhesion.counted_on", err);
    if (status == CPTS_OK)
        status = cpts_text_check(adhesion->source, SOURCE_MAX, true, "adhesion.source", err);
    return status;
}

cpts_status adhesion_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordAdhesionRequest *request = message;
    const Cpts__V1__Adhesion *adhesion = request->adhesion;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_adhesion(adhesion, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__AdhesionRecorded recorded = CPTS__V1__ADHESION_RECORDED__INIT;
    recorded.adherent_count = adhesion->adherent_count;
    recorded.professional_count = adhesion->professional_count;
    recorded.counted_on = adhesion->counted_on;
    recorded.source = adhesion->source;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_ADHESION_RECORDED;
    change.adhesion_recorded = &recorded;
    struct command command = {STATEMENT_ADHESION_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_int(call->query, adhesion->adherent_count);
    query_int(call->query, adhesion->professional_count);
    query_text(call->query, adhesion->counted_on);
    query_text(call->query, adhesion->source);
    return CPTS_OK;
}

cpts_status adhesion_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    struct outcome outcome;
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordAdhesionResponse *response =
        request_message(call, &cpts__v1__record_adhesion_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->version = outcome.version;
    response->log_position = outcome.log_position;
    response->replayed = outcome.replayed;
    call->response = &response->base;
    return CPTS_OK;
}
