/* SPDX-License-Identifier: Apache-2.0 */
/* page_token_parse() of any text, and every token that can be given. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "handler/page_token.h"
#include "wire/arena.h"

#define BUDGET_BYTES ((size_t)4096)
/* Sixteen digits: the year 2286. */
#define INSTANT_LIMIT_US INT64_C(10000000000000000)

static bool is_same(const struct page_token *one, const struct page_token *other)
{
    return one->known_at_us == other->known_at_us &&
           memcmp(one->last_id, other->last_id, sizeof one->last_id) == 0 &&
           memcmp(one->filter, other->filter, sizeof one->filter) == 0;
}

static void require_travels(const struct page_token *token)
{
    struct arena *arena = arena_new(BUDGET_BYTES);
    struct page_token seen;
    char *text = page_token_format(token, arena);
    REQUIRE(text != NULL && page_token_parse(text, &seen) && is_same(token, &seen));
    arena_free(arena);
}

static void parse(const uint8_t *bytes, size_t byte_count)
{
    struct page_token before;
    memset(&before, 0xee, sizeof before);
    struct page_token token = before;
    char *text = malloc(byte_count + 1);
    REQUIRE(text != NULL);
    memcpy(text, bytes, byte_count);
    text[byte_count] = '\0';
    if (page_token_parse(text, &token))
        require_travels(&token);
    else
        REQUIRE(is_same(&token, &before));
    free(text);
}

static void format(const uint8_t *bytes)
{
    struct page_token token;
    uint64_t instant;
    memcpy(&instant, bytes, sizeof instant);
    token.known_at_us = (int64_t)(instant % (uint64_t)INSTANT_LIMIT_US);
    memcpy(token.last_id, bytes + sizeof instant, sizeof token.last_id);
    memcpy(token.filter, bytes + sizeof instant + sizeof token.last_id, sizeof token.filter);
    require_travels(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    parse(bytes, byte_count);
    if (byte_count >= sizeof(uint64_t) + 16 + PAGE_FILTER_BYTES)
        format(bytes);
    return 0;
}
