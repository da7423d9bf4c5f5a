/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/enrolment_token.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "cpts-enrol.1."
#define PREFIX_BYTES (sizeof PREFIX - 1)
#define BASE64 sodium_base64_VARIANT_URLSAFE_NO_PADDING
/* Characters of 32 bytes in base64 without padding. */
#define PART_CHARACTERS 43

_Static_assert(sizeof PREFIX + 2 * PART_CHARACTERS + 1 == ENROLMENT_TOKEN_BYTES, "the text's size");

void enrolment_token_mint(struct enrolment_token *token)
{
    randombytes_buf(token->secret, sizeof token->secret);
}

void enrolment_token_format(const struct enrolment_token *token,
                            char ret_text[ENROLMENT_TOKEN_BYTES])
{
    char secret[PART_CHARACTERS + 1];
    char authority[PART_CHARACTERS + 1];
    sodium_bin2base64(secret, sizeof secret, token->secret, sizeof token->secret, BASE64);
    sodium_bin2base64(authority, sizeof authority, token->authority, sizeof token->authority,
                      BASE64);
    snprintf(ret_text, ENROLMENT_TOKEN_BYTES, PREFIX "%s.%s", secret, authority);
    sodium_memzero(secret, sizeof secret);
}

static bool read_part(const char *text, uint8_t ret_bytes[DIGEST_BYTES])
{
    size_t byte_count = 0;
    return sodium_base642bin(ret_bytes, DIGEST_BYTES, text, PART_CHARACTERS, NULL, &byte_count,
                             NULL, BASE64) == 0 &&
           byte_count == DIGEST_BYTES;
}

bool enrolment_token_parse(const char *text, struct enrolment_token *ret_token)
{
    struct enrolment_token token;
    const char *secret = text + PREFIX_BYTES;
    bool is_token = strlen(text) == ENROLMENT_TOKEN_BYTES - 1 &&
                    memcmp(text, PREFIX, PREFIX_BYTES) == 0 && secret[PART_CHARACTERS] == '.' &&
                    read_part(secret, token.secret) &&
                    read_part(secret + PART_CHARACTERS + 1, token.authority);
    if (is_token)
        *ret_token = token;
    sodium_memzero(&token, sizeof token);
    return is_token;
}

void enrolment_token_hash(const struct enrolment_token *token, uint8_t ret_hash[DIGEST_BYTES])
{
    crypto_hash_sha256(ret_hash, token->secret, sizeof token->secret);
}

void enrolment_token_erase(struct enrolment_token *token)
{
    sodium_memzero(token, sizeof *token);
}
