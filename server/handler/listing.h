/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_LISTING_H
#define HANDLER_LISTING_H

/**
 * @file
 * Listings in pages: the size asked for and the token, which goes on with the
 * same listing at the same instant only. The one reader of page tokens.
 *
 * Threads: the completion-queue thread, then the lane's.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdint.h>

#include "handler/page_token.h"

struct call;
struct rows;

/** Bytes of a key that a page may end with, the final NUL too. */
#define LISTING_KEY_BYTES 16
/** Rows that a listing may be read past: more than any reference has. */
#define LISTING_RANK_MAX 1000000

/** What says where the next page begins: the id of the last row (a UUID), a
 * shorter key, or how many rows came before. The last is for what is ordered by
 * a figure that it shows: the instant is kept, so that the place stays. */
enum listing_place { LISTING_BY_ID, LISTING_BY_KEY, LISTING_BY_RANK };

/** How a listing is read in pages. */
struct listing_rule {
    enum listing_place place;
    int32_t page_size_default;
    int32_t page_size_max;
    /** The request's field that says which state of knowledge is shown; NULL: each
     * page shows what is true when it is read. */
    const char *instant_field;
};

/** Of most of them: by id, 50 rows, at most 500, `known_at`. */
extern const struct listing_rule LISTING_USUAL;
/** As usual, of what is shown as it is now. */
extern const struct listing_rule LISTING_PRESENT;

/** A listing on its way. */
struct listing {
    const struct listing_rule *rule;
    int32_t page_size;
    /** Its id says where this page begins; all zero = at the beginning. */
    struct page_token token;
    /** Rows before this page, by rank. */
    int64_t rank;
    /** The instant, as text for the database. */
    const char *known_at;
};

/** Reads the page that a request asks for: its fields `page_size`, `page_token`
 * and the rule's instant. All its other fields tie the token to it, with
 * @p as_of for the field of this name.
 * @param ret_listing  In the call's arena.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID, PAGE_TOKEN_INVALID, and what
 *         request_known_at() ends with · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status listing_begin(struct call *call, const struct listing_rule *rule,
                                          const ProtobufCMessage *request, const char *as_of,
                                          struct listing **ret_listing, struct cpts_error *err);

/** Binds the next parameters: where the page begins, and how many rows at most
 * (one more than the page, to know whether there is another). */
void listing_bind(struct call *call, const struct listing *listing);

/** Takes the instant of the listing from a column of its first row: when none was asked for,
 * the statement says which one it saw, and the pages after it are about that one. */
void listing_read_instant(struct listing *listing, const struct rows *rows, int column);

/** Rows of this page out of @p row_count; one more was asked for. */
int listing_count(const struct listing *listing, int row_count);

/** Token of the page after this one, in the arena; @p ret_token untouched when
 * this is the last one.
 * @param last  Id or key of the last row of the page; not read by rank.
 * @return CPTS_OK · INTERNAL / INTERNAL_ERROR · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status listing_next(struct call *call, struct listing *listing, int row_count,
                                         const char *last, char **ret_token,
                                         struct cpts_error *err);

#endif
