/* SPDX-License-Identifier: Apache-2.0 */
/* ListAuditEntries, ListAuditLinks and GetAuditHead. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/audit.pb-c.h"
#include "cpts/v1/change.pb-c.h"
#include "domain/calendar.h"
#include "handler/actor.h"
#include "handler/enum_word.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/referral_step.h"
#include "wire/unpack.h"

#define DAYS_USUAL 30
#define LINKS_DEFAULT 500
#define LINKS_MAX 1000
#define PARTS_MAX 4

/* Columns of audit_list.sql. */
enum entry_column {
    KNOWN_AT,
    REFERRAL_SEEN,
    CHAIN,
    POSITION,
    AT,
    PRINCIPAL,
    RPPS,
    PROFESSION,
    FUNCTION,
    PURPOSE,
    METHOD,
    REFERRAL_ID,
    PARTS,
    ITEMS,
    VERSION,
    BYTES,
};

/* Columns of audit_links.sql and audit_heads.sql. */
enum link_column { LINK_POSITION, LINK_PREV_HASH, LINK_BYTES, LINK_HASH, LINK_HEAD };
enum head_column { HEAD_CHAIN, HEAD_NODE, HEAD_POSITION, HEAD_HASH, HEAD_AT, HEAD_PENDING };

/* Newest first: pages go by rank, among what was recorded when the first one was read. */
static const struct listing_rule NEWEST_FIRST = {LISTING_BY_RANK, 50, 500, "known_at"};

/* Days asked for, the last 30 unless told otherwise. */
static cpts_status bind_days(struct call *call, const Cpts__V1__ListAuditEntriesRequest *request,
                             struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES], first[CALENDAR_DATE_BYTES];
    clock_today(today);
    const char *to = request->to[0] == '\0' ? today : request->to;
    if (!calendar_is_date(to))
        return error_set_field(err, REASON_FIELD_INVALID, "to", "not a date: YYYY-MM-DD");
    calendar_text(calendar_day(to) - DAYS_USUAL, first);
    const char *from = request->from[0] == '\0' ? first : request->from;
    if (!calendar_is_date(from) || strcmp(from, to) > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "from",
                               "a date, YYYY-MM-DD, not after the last one");
    query_text(call->query, from);
    query_text(call->query, to);
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

cpts_status audit_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListAuditEntriesRequest *request = message;
    struct listing *listing = NULL;
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &NEWEST_FIRST, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_AUDIT_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = listing;
    actor_bind(call, request->actor);
    status = bind_id(call, request->referral_id, "referral_id", err);
    if (status == CPTS_OK)
        status = bind_id(call, request->cpts_id, "cpts_id", err);
    query_text(call->query, enum_word(&cpts__v1__audit_chain__descriptor, (int)request->chain));
    if (status == CPTS_OK)
        status = bind_days(call, request, err);
    query_text(call->query, listing->known_at);
    listing_bind(call, listing);
    return status;
}

static bool read_reader(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__AuditEntry *entry)
{
    Cpts__V1__Actor *actor = request_message(call, &cpts__v1__actor__descriptor);
    if (actor == NULL)
        return false;
    actor->rpps = (char *)rows_text(rows, row, RPPS);
    actor->profession = (char *)rows_text(rows, row, PROFESSION);
    actor->function = (char *)rows_text(rows, row, FUNCTION);
    actor->purpose = (Cpts__V1__Purpose)actor_purpose_find(rows_text(rows, row, PURPOSE));
    entry->actor = actor;
    entry->what = (char *)rows_text(rows, row, METHOD);
    return true;
}

/* Parts are separated by commas. */
static bool read_parts(struct call *call, const char *text, Cpts__V1__AuditEntry *entry)
{
    char *copy = arena_printf(call->arena, "%s", text);
    entry->parts = arena_alloc(call->arena, PARTS_MAX * sizeof *entry->parts);
    if (copy == NULL || entry->parts == NULL)
        return false;
    char *rest = NULL;
    for (char *part = strtok_r(copy, ",", &rest); part != NULL && entry->n_parts < PARTS_MAX;
         part = strtok_r(NULL, ",", &rest))
        entry->parts[entry->n_parts++] = part;
    return true;
}

/* Who acted, and which step it was, stand in the change; its kind is said of one that is
 * not understood. */
static bool read_change(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__AuditEntry *entry)
{
    ProtobufCBinaryData bytes = {0};
    ProtobufCMessage *message = NULL;
    entry->what = (char *)rows_text(rows, row, METHOD);
    if (!request_bytes(call, rows_text(rows, row, BYTES), &bytes))
        return false;
    if (wire_unpack(&cpts__v1__change__descriptor, bytes.data, bytes.len, call->arena, &message,
                    NULL) != CPTS_OK)
        return true;
    const Cpts__V1__Change *change = (const Cpts__V1__Change *)message;
    entry->actor = change->on_behalf;
    if (change->event_case == CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED)
        entry->what = (char *)referral_event_code((int)change->referral_acted->event);
    return true;
}

static Cpts__V1__AuditEntry *read_entry(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__AuditEntry *entry = request_message(call, &cpts__v1__audit_entry__descriptor);
    if (entry == NULL)
        return NULL;
    entry->chain = (Cpts__V1__AuditChain)enum_word_find(&cpts__v1__audit_chain__descriptor,
                                                        rows_text(rows, row, CHAIN));
    entry->position = rows_int(rows, row, POSITION);
    entry->at = request_timestamp(call, rows_time_us(rows, row, AT));
    entry->principal = (char *)rows_text(rows, row, PRINCIPAL);
    entry->referral_id = (char *)rows_text(rows, row, REFERRAL_ID);
    entry->item_count = (int32_t)rows_int(rows, row, ITEMS);
    entry->version = (int32_t)rows_int(rows, row, VERSION);
    bool is_read = entry->chain == CPTS__V1__AUDIT_CHAIN__AUDIT_CHAIN_READS;
    bool is_whole =
        entry->at != NULL && (is_read ? read_reader(call, rows, row, entry) &&
                                            read_parts(call, rows_text(rows, row, PARTS), entry)
                                      : read_change(call, rows, row, entry));
    return is_whole ? entry : NULL;
}

cpts_status audit_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    if (rows_count(rows) == 0 || !rows_bool(rows, 0, REFERRAL_SEEN))
        return error_set_field(err, REASON_REFERRAL_NOT_FOUND, "referral_id",
                               "no referral of yours has this id");
    listing_read_instant(listing, rows, KNOWN_AT);
    int found = rows_is_null(rows, 0, CHAIN) ? 0 : rows_count(rows);
    int count = listing_count(listing, found);
    Cpts__V1__ListAuditEntriesResponse *response =
        request_message(call, &cpts__v1__list_audit_entries_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->entries = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->entries);
    for (int row = 0; response->entries != NULL && row < count; row++) {
        response->entries[row] = read_entry(call, rows, row);
        if (response->entries[row] == NULL)
            return request_no_memory(err);
        response->n_entries++;
    }
    if (response->entries == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return listing_next(call, listing, found, NULL, &response->next_page_token, err);
}

cpts_status audit_links_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListAuditLinksRequest *request = message;
    const char *chain = enum_word(&cpts__v1__audit_chain__descriptor, (int)request->chain);
    if (chain[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "chain", "READS or ACTS");
    if (request->after_position < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "after_position", "from 0");
    if (request->page_size < 0 || request->page_size > LINKS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", LINKS_MAX);
    call->query = query_new(call->arena, STATEMENT_AUDIT_LINKS);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, chain);
    query_text(call->query,
               request->origin_node[0] == '\0' ? call->service->node : request->origin_node);
    query_int(call->query, request->after_position);
    query_int(call->query, request->page_size == 0 ? LINKS_DEFAULT : request->page_size);
    return CPTS_OK;
}

cpts_status audit_links_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__ListAuditLinksResponse *response =
        request_message(call, &cpts__v1__list_audit_links_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->links = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->links);
    for (int row = 0; response->links != NULL && row < count; row++) {
        Cpts__V1__AuditLink *link = request_message(call, &cpts__v1__audit_link__descriptor);
        if (link == NULL ||
            !request_bytes(call, rows_text(rows, row, LINK_PREV_HASH), &link->prev_hash) ||
            !request_bytes(call, rows_text(rows, row, LINK_BYTES), &link->bytes) ||
            !request_bytes(call, rows_text(rows, row, LINK_HASH), &link->hash))
            return request_no_memory(err);
        link->position = rows_int(rows, row, LINK_POSITION);
        response->head_position = rows_int(rows, row, LINK_HEAD);
        response->links[response->n_links++] = link;
    }
    if (response->links == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status audit_head_begin(struct call *call, const void *message, struct cpts_error *err)
{
    (void)message;
    call->query = query_new(call->arena, STATEMENT_AUDIT_HEADS);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    return CPTS_OK;
}

cpts_status audit_head_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__GetAuditHeadResponse *response =
        request_message(call, &cpts__v1__get_audit_head_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->heads = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->heads);
    for (int row = 0; response->heads != NULL && row < count; row++) {
        Cpts__V1__AuditHead *head = request_message(call, &cpts__v1__audit_head__descriptor);
        if (head == NULL || !request_bytes(call, rows_text(rows, row, HEAD_HASH), &head->hash))
            return request_no_memory(err);
        head->chain = (Cpts__V1__AuditChain)enum_word_find(&cpts__v1__audit_chain__descriptor,
                                                           rows_text(rows, row, HEAD_CHAIN));
        head->origin_node = (char *)rows_text(rows, row, HEAD_NODE);
        head->position = rows_int(rows, row, HEAD_POSITION);
        head->at = request_timestamp(call, rows_time_us(rows, row, HEAD_AT));
        response->pending_count = rows_int(rows, row, HEAD_PENDING);
        response->heads[response->n_heads++] = head;
    }
    if (response->heads == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
