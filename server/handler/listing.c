/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/listing.h"

#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_SECOND 1000000
#define NS_PER_US 1000

/* A print of everything but the page: a token goes on with the same listing only. */
static bool print_filter(struct call *call, const struct listing_request *request,
                         uint8_t ret_filter[PAGE_FILTER_BYTES])
{
    uint8_t digest[DIGEST_BYTES];
    uint8_t *bytes =
        arena_alloc(call->arena, protobuf_c_message_get_packed_size(request->filter) + 1);
    if (bytes == NULL)
        return false;
    digest_command(request->name, bytes, protobuf_c_message_pack(request->filter, bytes), digest);
    memcpy(ret_filter, digest, PAGE_FILTER_BYTES);
    return true;
}

static cpts_status read_token(const struct listing_request *request,
                              const uint8_t filter[PAGE_FILTER_BYTES], struct page_token *token,
                              struct cpts_error *err)
{
    if (request->page_token[0] == '\0') {
        *token = (struct page_token){.known_at_us = REQUEST_LATEST_US};
        if (request->known_at != NULL)
            token->known_at_us =
                request->known_at->seconds * US_PER_SECOND + request->known_at->nanos / NS_PER_US;
        memcpy(token->filter, filter, PAGE_FILTER_BYTES);
        return CPTS_OK;
    }
    if (!page_token_parse(request->page_token, token) ||
        memcmp(token->filter, filter, PAGE_FILTER_BYTES) != 0)
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    return CPTS_OK;
}

cpts_status listing_begin(struct call *call, const struct listing_request *request,
                          struct listing **ret_listing, struct cpts_error *err)
{
    uint8_t filter[PAGE_FILTER_BYTES];
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", PAGE_SIZE_MAX);
    struct listing *listing = arena_alloc(call->arena, sizeof *listing);
    if (listing == NULL || !print_filter(call, request, filter))
        return request_no_memory(err);
    cpts_status status = read_token(request, filter, &listing->token, err);
    if (status != CPTS_OK)
        return status;
    listing->page_size = request->page_size == 0 ? PAGE_SIZE_DEFAULT : request->page_size;
    *ret_listing = listing;
    return CPTS_OK;
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

cpts_status listing_next(struct call *call, struct listing *listing, const char *last_id,
                         char **ret_token, struct cpts_error *err)
{
    if (!uuid_parse(last_id, listing->token.last_id))
        return error_set(err, REASON_INTERNAL_ERROR, "the database gave an id that is none");
    char *token = page_token_format(&listing->token, call->arena);
    if (token == NULL)
        return request_no_memory(err);
    *ret_token = token;
    return CPTS_OK;
}
