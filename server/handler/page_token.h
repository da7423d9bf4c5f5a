/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_PAGE_TOKEN_H
#define HANDLER_PAGE_TOKEN_H

/**
 * @file
 * Page tokens: where a listing goes on, the instant it shows, and a print of
 * its filter, so that a token never continues another listing. Opaque to
 * callers; not a secret and not an authority.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_FILTER_BYTES 8

struct arena;

struct page_token {
    int64_t known_at_us; /**< instant of the listing */
    uint8_t last_id[16]; /**< the last row given */
    uint8_t filter[PAGE_FILTER_BYTES];
};

/** Text of a token in @p arena; NULL when the arena is full. */
char *page_token_format(const struct page_token *token, struct arena *arena);

/** @return false, output untouched, when @p text is not a token. */
bool page_token_parse(const char *text, struct page_token *ret_token);

#endif
