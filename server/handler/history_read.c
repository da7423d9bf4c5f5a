/* SPDX-License-Identifier: Apache-2.0 */
/* GetHistory. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/history.pb-c.h"
#include "domain/maturity.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define ENTRIES_MAX 2000

/* Columns of cpts_history.sql. */
enum history_column {
    WHAT,
    VERSION,
    VALID_FROM,
    VALID_TO,
    RECORDED_FROM,
    RECORDED_TO,
    STAGE,
    SUCCESSOR,
    LEAD_REGION,
    UNITS,
    POPULATION,
    NAME,
    FINESS,
    WEBSITE,
    KIND,
    ACTOR,
    REASON,
    EVIDENCE,
};

static const struct {
    const char *what;
    Cpts__V1__HistorySubject subject;
} SUBJECTS[] = {
    {"STAGE", CPTS__V1__HISTORY_SUBJECT__HISTORY_SUBJECT_STAGE},
    {"TERRITORY", CPTS__V1__HISTORY_SUBJECT__HISTORY_SUBJECT_TERRITORY},
    {"CARD", CPTS__V1__HISTORY_SUBJECT__HISTORY_SUBJECT_CARD},
};

cpts_status history_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetHistoryRequest *request = message;
    const char *as_of = NULL;
    const char *known_at = NULL;
    uint8_t id[16];
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK && request->as_of[0] != '\0')
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CPTS_HISTORY);
    if (call->query == NULL)
        return request_no_memory(err);
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    query_int(call->query, ENTRIES_MAX + 1);
    return CPTS_OK;
}

static Cpts__V1__ChangeNote *read_note(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__ChangeNote *note = request_message(call, &cpts__v1__change_note__descriptor);
    if (note == NULL)
        return NULL;
    note->version = (int32_t)rows_int(rows, row, VERSION);
    note->kind = (char *)rows_text(rows, row, KIND);
    note->actor = (char *)rows_text(rows, row, ACTOR);
    note->reason = (char *)rows_text(rows, row, REASON);
    note->evidence = (char *)rows_text(rows, row, EVIDENCE);
    note->recorded_at = request_timestamp(call, rows_time_us(rows, row, RECORDED_FROM));
    return note->recorded_at == NULL ? NULL : note;
}

static void read_what(const struct rows *rows, int row, Cpts__V1__HistoryEntry *entry)
{
    for (size_t i = 0; i < sizeof SUBJECTS / sizeof SUBJECTS[0]; i++) {
        if (strcmp(SUBJECTS[i].what, rows_text(rows, row, WHAT)) == 0)
            entry->subject = SUBJECTS[i].subject;
    }
    entry->valid_from = (char *)rows_text(rows, row, VALID_FROM);
    entry->valid_to = (char *)rows_text(rows, row, VALID_TO);
    entry->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, STAGE));
    entry->successor_id = (char *)rows_text(rows, row, SUCCESSOR);
    entry->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    entry->unit_count = (int32_t)rows_int(rows, row, UNITS);
    entry->population_count = (int32_t)rows_int(rows, row, POPULATION);
    entry->name = (char *)rows_text(rows, row, NAME);
    entry->finess = (char *)rows_text(rows, row, FINESS);
    entry->website = (char *)rows_text(rows, row, WEBSITE);
}

static Cpts__V1__HistoryEntry *read_entry(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__HistoryEntry *entry = request_message(call, &cpts__v1__history_entry__descriptor);
    if (entry == NULL)
        return NULL;
    read_what(rows, row, entry);
    entry->change = read_note(call, rows, row);
    entry->recorded_from = request_timestamp(call, rows_time_us(rows, row, RECORDED_FROM));
    if (entry->change == NULL || entry->recorded_from == NULL)
        return NULL;
    if (rows_is_null(rows, row, RECORDED_TO))
        return entry;
    entry->recorded_to = request_timestamp(call, rows_time_us(rows, row, RECORDED_TO));
    return entry->recorded_to == NULL ? NULL : entry;
}

cpts_status history_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int count = rows_count(rows) > ENTRIES_MAX ? ENTRIES_MAX : rows_count(rows);
    if (count == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id",
                               "no CPTS has this id, or nothing was believed of it then");
    Cpts__V1__GetHistoryResponse *response =
        request_message(call, &cpts__v1__get_history_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->entries = arena_alloc(call->arena, (size_t)count * sizeof *response->entries);
    if (response->entries == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        response->entries[row] = read_entry(call, rows, row);
        if (response->entries[row] == NULL)
            return request_no_memory(err);
    }
    response->n_entries = (size_t)count;
    response->is_cut = rows_count(rows) > ENTRIES_MAX;
    call->response = &response->base;
    return CPTS_OK;
}
