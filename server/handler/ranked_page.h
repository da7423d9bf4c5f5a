/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_RANKED_PAGE_H
#define HANDLER_RANKED_PAGE_H

/**
 * @file
 * Pages of a listing that is ordered by a figure it shows: the instant of the
 * first page is kept, so that a place in it is a number of rows.
 *
 * Threads: ranked_begin() the completion-queue thread, ranked_next() the lane's.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "google/protobuf/timestamp.pb-c.h"
#include "handler/page_token.h"

struct call;
struct rows;

/** Rows that a listing may be read past: more than any reference has. */
#define RANKED_OFFSET_MAX 1000000

/** What a request says about its page. */
struct ranked_request {
    /** Name of the RPC, and the request without its page: a token goes on with
     * the same listing only. */
    const char *name;
    const ProtobufCMessage *filter;
    int32_t page_size;
    int32_t page_size_default;
    int32_t page_size_max;
    const char *page_token;
    const Google__Protobuf__Timestamp *known_at;
};

/** A listing on its way. */
struct ranked_page {
    int32_t page_size;
    /** Rows before this page. */
    int64_t offset;
    struct page_token token;
    /** The instant, as text for the database. */
    const char *known_at;
};

/** Reads the page of a request. @param ret_page In the call's arena.
 * INVALID_ARGUMENT / FIELD_INVALID for the size, PAGE_TOKEN_INVALID. */
CPTS_MUST_CHECK cpts_status ranked_begin(struct call *call, const struct ranked_request *request,
                                         struct ranked_page **ret_page, struct cpts_error *err);

/** Binds the next two parameters: rows to leave out, rows at most (one more
 * than the page, to know whether there is another). */
void ranked_bind(struct call *call, const struct ranked_page *page);

/** Takes the instant of the listing from a column of its first row: when none was asked for,
 * the statement says which one it saw, and the pages after it are about that one. */
void ranked_read_instant(struct ranked_page *page, const struct rows *rows, int column);

/** Rows of this page. */
int ranked_count(const struct ranked_page *page, const struct rows *rows);

/** Token of the next page, "" on the last one; NULL when the arena is full. */
char *ranked_next(struct call *call, const struct ranked_page *page, const struct rows *rows);

#endif
