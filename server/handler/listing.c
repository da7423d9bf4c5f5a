/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/listing.h"

#include <string.h>

#include "base/call.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_SECOND 1000000
#define NS_PER_US 1000
/* A rank stands in the last bytes of the token's id. */
#define RANK_BYTES 8

const struct listing_rule LISTING_USUAL = {LISTING_BY_ID, 50, 500, "known_at"};
const struct listing_rule LISTING_PRESENT = {LISTING_BY_ID, 50, 500, NULL};

/* Where a message has a field; NULL when it has none of this name. */
static void *field_of(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    return field == NULL ? NULL : (char *)message + field->offset;
}

/* A print of everything but the page: a token goes on with the same listing only. */
static bool print_filter(struct call *call, const ProtobufCMessage *request, const char *as_of,
                         uint8_t ret_filter[PAGE_FILTER_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    ProtobufCMessage *filter = arena_alloc(call->arena, request->descriptor->sizeof_message);
    if (filter == NULL)
        return false;
    memcpy(filter, request, request->descriptor->sizeof_message);
    *(int32_t *)field_of(filter, "page_size") = 0;
    *(const char **)field_of(filter, "page_token") = protobuf_c_empty_string;
    const char **date = field_of(filter, "as_of");
    if (date != NULL)
        *date = as_of;
    uint8_t *bytes = arena_alloc(call->arena, protobuf_c_message_get_packed_size(filter) + 1);
    if (bytes == NULL)
        return false;
    digest_command(request->descriptor->name, bytes, protobuf_c_message_pack(filter, bytes),
                   digest);
    memcpy(ret_filter, digest, PAGE_FILTER_BYTES);
    return true;
}

static void write_rank(int64_t rank, uint8_t ret_id[16])
{
    memset(ret_id, 0, 16);
    for (int i = 0; i < RANK_BYTES; i++)
        ret_id[15 - i] = (uint8_t)(rank >> (8 * i));
}

/* -1 when it is none. */
static int64_t read_rank(const uint8_t id[16])
{
    uint64_t rank = 0;
    for (int i = 16 - RANK_BYTES; i < 16; i++)
        rank = rank << 8 | id[i];
    return rank >= 1 && rank <= LISTING_RANK_MAX ? (int64_t)rank : -1;
}

/* Whether the token's place is one of the rule's kind. */
static bool read_place(struct listing *listing)
{
    switch (listing->rule->place) {
    case LISTING_BY_RANK:
        listing->rank = read_rank(listing->token.last_id);
        return listing->rank > 0;
    case LISTING_BY_KEY:
        return memchr(listing->token.last_id, '\0', LISTING_KEY_BYTES) != NULL;
    case LISTING_BY_ID:
        break;
    }
    return true;
}

static cpts_status read_token(struct call *call, const ProtobufCMessage *request, const char *as_of,
                              struct listing *listing, struct cpts_error *err)
{
    uint8_t filter[PAGE_FILTER_BYTES];
    const char *text = *(const char **)field_of(request, "page_token");
    if (!print_filter(call, request, as_of, filter))
        return request_no_memory(err);
    if (text[0] == '\0') {
        memcpy(listing->token.filter, filter, sizeof filter);
        return CPTS_OK;
    }
    if (!page_token_parse(text, &listing->token) ||
        memcmp(listing->token.filter, filter, sizeof filter) != 0 || !read_place(listing))
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    return CPTS_OK;
}

static cpts_status read_instant(struct call *call, const ProtobufCMessage *request,
                                struct listing *listing, struct cpts_error *err)
{
    const char *checked = NULL;
    if (listing->rule->instant_field == NULL)
        return CPTS_OK;
    const Google__Protobuf__Timestamp *instant =
        *(Google__Protobuf__Timestamp **)field_of(request, listing->rule->instant_field);
    cpts_status status = request_known_at(call, instant, &checked, err);
    if (status == CPTS_OK)
        listing->token.known_at_us =
            instant == NULL ? REQUEST_LATEST_US
                            : instant->seconds * US_PER_SECOND + instant->nanos / NS_PER_US;
    return status;
}

cpts_status listing_begin(struct call *call, const struct listing_rule *rule,
                          const ProtobufCMessage *request, const char *as_of,
                          struct listing **ret_listing, struct cpts_error *err)
{
    int32_t page_size = *(int32_t *)field_of(request, "page_size");
    struct listing *listing = arena_alloc(call->arena, sizeof *listing);
    if (page_size < 0 || page_size > rule->page_size_max)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d",
                               (int)rule->page_size_max);
    if (listing == NULL)
        return request_no_memory(err);
    *listing = (struct listing){.rule = rule,
                                .page_size = page_size == 0 ? rule->page_size_default : page_size};
    cpts_status status = read_instant(call, request, listing, err);
    if (status == CPTS_OK)
        status = read_token(call, request, as_of, listing, err);
    if (status != CPTS_OK)
        return status;
    listing->known_at = request_instant_text(call, listing->token.known_at_us);
    if (listing->known_at == NULL)
        return request_no_memory(err);
    *ret_listing = listing;
    return CPTS_OK;
}

void listing_bind(struct call *call, const struct listing *listing)
{
    switch (listing->rule->place) {
    case LISTING_BY_ID:
        query_uuid(call->query, listing->token.last_id);
        break;
    case LISTING_BY_KEY:
        query_text(call->query, (const char *)listing->token.last_id);
        break;
    case LISTING_BY_RANK:
        query_int(call->query, listing->rank);
        break;
    }
    query_int(call->query, listing->page_size + 1);
}

void listing_read_instant(struct listing *listing, const struct rows *rows, int column)
{
    if (rows_count(rows) > 0)
        listing->token.known_at_us = rows_time_us(rows, 0, column);
}

int listing_count(const struct listing *listing, int row_count)
{
    return row_count > listing->page_size ? listing->page_size : row_count;
}

/* Where the page after this one begins. @return false when @p last is none. */
static bool write_place(struct listing *listing, const char *last)
{
    uint8_t *place = listing->token.last_id;
    if (listing->rule->place == LISTING_BY_ID)
        return uuid_parse(last, place);
    if (listing->rule->place == LISTING_BY_RANK) {
        write_rank(listing->rank + listing->page_size, place);
        return true;
    }
    if (strlen(last) >= LISTING_KEY_BYTES)
        return false;
    memset(place, 0, LISTING_KEY_BYTES);
    memcpy(place, last, strlen(last));
    return true;
}

cpts_status listing_next(struct call *call, struct listing *listing, int row_count,
                         const char *last, char **ret_token, struct cpts_error *err)
{
    if (row_count <= listing->page_size)
        return CPTS_OK;
    if (!write_place(listing, last))
        return error_set(err, REASON_INTERNAL_ERROR, "the database gave an id that is none");
    char *token = page_token_format(&listing->token, call->arena);
    if (token == NULL)
        return request_no_memory(err);
    *ret_token = token;
    return CPTS_OK;
}
