/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_LISTING_H
#define HANDLER_LISTING_H

/**
 * @file
 * Listings in pages: the size asked for and the token, which goes on with the
 * same listing at the same instant only.
 *
 * Threads: the completion-queue thread, then the lane's.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "handler/page_token.h"

struct call;
struct rows;

#define PAGE_SIZE_DEFAULT 50
#define PAGE_SIZE_MAX 500

/** What a listing's second half needs to know. */
struct listing {
    int32_t page_size;
    struct page_token token;
};

/** What a page was asked for with. */
struct listing_request {
    const char *name;
    /** The request without its page: a print of it ties the token to it. */
    const ProtobufCMessage *filter;
    int32_t page_size;
    const char *page_token;
    const Google__Protobuf__Timestamp *known_at;
};

/** Reads size and token. @param ret_listing  In the call's arena.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID, PAGE_TOKEN_INVALID ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status listing_begin(struct call *call, const struct listing_request *request,
                                          struct listing **ret_listing, struct cpts_error *err);

/** Takes the instant of the listing from a column of its first row: when none was asked for,
 * the statement says which one it saw, and the pages after it are about that one. */
void listing_read_instant(struct listing *listing, const struct rows *rows, int column);

/** Rows of this page out of @p row_count; one more was asked for. */
int listing_count(const struct listing *listing, int row_count);

/** Token of the page after the one that ends with @p last_id, in the arena.
 * @return CPTS_OK · INTERNAL / INTERNAL_ERROR · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status listing_next(struct call *call, struct listing *listing,
                                         const char *last_id, char **ret_token,
                                         struct cpts_error *err);

#endif
