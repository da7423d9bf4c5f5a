/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/ranked_page.h"

#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"

/* The place in a listing stands in the last bytes of the token's id. */
#define OFFSET_BYTES 8
#define US_PER_SECOND 1000000

static void write_offset(int64_t offset, uint8_t ret_id[16])
{
    memset(ret_id, 0, 16);
    for (int i = 0; i < OFFSET_BYTES; i++)
        ret_id[15 - i] = (uint8_t)(offset >> (8 * i));
}

static int64_t read_offset(const uint8_t id[16])
{
    int64_t offset = 0;
    for (int i = 8; i < 16; i++)
        offset = (int64_t)((uint64_t)offset << 8 | id[i]);
    return offset;
}

static bool print_filter(struct call *call, const struct ranked_request *request,
                         uint8_t ret_filter[PAGE_FILTER_BYTES])
{
    size_t byte_count = protobuf_c_message_get_packed_size(request->filter);
    uint8_t *bytes = arena_alloc(call->arena, byte_count + 1);
    uint8_t digest[DIGEST_BYTES];
    if (bytes == NULL)
        return false;
    protobuf_c_message_pack(request->filter, bytes);
    digest_command(request->name, bytes, byte_count, digest);
    memcpy(ret_filter, digest, PAGE_FILTER_BYTES);
    return true;
}

static cpts_status read_token(struct call *call, const struct ranked_request *request,
                              struct ranked_page *page, struct cpts_error *err)
{
    uint8_t filter[PAGE_FILTER_BYTES];
    if (!print_filter(call, request, filter))
        return request_no_memory(err);
    if (request->page_token[0] == '\0') {
        page->token = (struct page_token){.known_at_us = REQUEST_LATEST_US};
        if (request->known_at != NULL)
            page->token.known_at_us =
                request->known_at->seconds * US_PER_SECOND + request->known_at->nanos / 1000;
        memcpy(page->token.filter, filter, sizeof filter);
        return CPTS_OK;
    }
    bool is_token = page_token_parse(request->page_token, &page->token) &&
                    memcmp(page->token.filter, filter, sizeof filter) == 0;
    if (is_token)
        page->offset = read_offset(page->token.last_id);
    if (!is_token || page->offset < 1 || page->offset > RANKED_OFFSET_MAX)
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    return CPTS_OK;
}

cpts_status ranked_begin(struct call *call, const struct ranked_request *request,
                         struct ranked_page **ret_page, struct cpts_error *err)
{
    if (request->page_size < 0 || request->page_size > request->page_size_max)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d",
                               (int)request->page_size_max);
    const char *known_at = NULL;
    cpts_status status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    struct ranked_page *page = arena_alloc(call->arena, sizeof *page);
    if (page == NULL)
        return request_no_memory(err);
    *page = (struct ranked_page){.page_size = request->page_size == 0 ? request->page_size_default
                                                                      : request->page_size};
    status = read_token(call, request, page, err);
    if (status != CPTS_OK)
        return status;
    page->known_at = request_instant_text(call, page->token.known_at_us);
    if (page->known_at == NULL)
        return request_no_memory(err);
    *ret_page = page;
    return CPTS_OK;
}

void ranked_bind(struct call *call, const struct ranked_page *page)
{
    query_int(call->query, page->offset);
    query_int(call->query, page->page_size + 1);
}

void ranked_read_instant(struct ranked_page *page, const struct rows *rows, int column)
{
    if (rows_count(rows) > 0)
        page->token.known_at_us = rows_time_us(rows, 0, column);
}

int ranked_count(const struct ranked_page *page, const struct rows *rows)
{
    return rows_count(rows) > page->page_size ? page->page_size : rows_count(rows);
}

char *ranked_next(struct call *call, const struct ranked_page *page, const struct rows *rows)
{
    static char none[] = "";
    if (rows_count(rows) <= page->page_size)
        return none;
    struct page_token token = page->token;
    write_offset(page->offset + page->page_size, token.last_id);
    return page_token_format(&token, call->arena);
}
