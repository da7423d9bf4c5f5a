/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/page_token.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/uuid.h"

/* "<microseconds, 16 digits>.<uuid>.<filter, 16 hexadecimal digits>" */
#define INSTANT_DIGITS 16
#define FILTER_DIGITS (2 * PAGE_FILTER_BYTES)
#define TOKEN_LENGTH (INSTANT_DIGITS + 1 + (UUID_TEXT_BYTES - 1) + 1 + FILTER_DIGITS)

char *page_token_format(const struct page_token *token, struct arena *arena)
{
    char id[UUID_TEXT_BYTES];
    char filter[FILTER_DIGITS + 1];
    uuid_format(token->last_id, id);
    for (int i = 0; i < PAGE_FILTER_BYTES; i++)
        snprintf(filter + (ptrdiff_t)2 * i, 3, "%02x", token->filter[i]);
    return arena_printf(arena, "%0*" PRId64 ".%s.%s", INSTANT_DIGITS, token->known_at_us, id,
                        filter);
}

static bool read_number(const char *text, size_t digits, int base, uint64_t *ret_number)
{
    char copy[INSTANT_DIGITS + 1];
    const char *allowed = base == 10 ? "0123456789" : "0123456789abcdef";
    if (strspn(text, allowed) < digits)
        return false;
    memcpy(copy, text, digits);
    copy[digits] = '\0';
    *ret_number = strtoull(copy, NULL, base);
    return true;
}

bool page_token_parse(const char *text, struct page_token *ret_token)
{
    struct page_token token;
    char id[UUID_TEXT_BYTES];
    uint64_t instant = 0;
    uint64_t filter = 0;
    if (strlen(text) != TOKEN_LENGTH || text[INSTANT_DIGITS] != '.' ||
        text[TOKEN_LENGTH - FILTER_DIGITS - 1] != '.')
        return false;
    memcpy(id, text + INSTANT_DIGITS + 1, sizeof id - 1);
    id[sizeof id - 1] = '\0';
    if (!read_number(text, INSTANT_DIGITS, 10, &instant) || !uuid_parse(id, token.last_id) ||
        !read_number(text + TOKEN_LENGTH - FILTER_DIGITS, FILTER_DIGITS, 16, &filter))
        return false;
    token.known_at_us = (int64_t)instant;
    for (int i = 0; i < PAGE_FILTER_BYTES; i++)
        token.filter[i] = (uint8_t)(filter >> (8 * (PAGE_FILTER_BYTES - 1 - i)));
    *ret_token = token;
    return true;
}
