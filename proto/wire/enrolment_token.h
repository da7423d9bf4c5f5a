/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ENROLMENT_TOKEN_H
#define WIRE_ENROLMENT_TOKEN_H

/**
 * @file
 * The text that a newcomer is given: `cpts-enrol.1.<secret>.<authority>`, both 32
 * bytes in base64url without padding. The secret is what the node knows a hash of;
 * the authority is the SHA-256 of a certificate (its DER), by which the newcomer knows
 * the node before anything was trusted.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/digest.h"

#define ENROLMENT_SECRET_BYTES 32
/** Bytes of a token's text with its final NUL. */
#define ENROLMENT_TOKEN_BYTES 101

struct enrolment_token {
    uint8_t secret[ENROLMENT_SECRET_BYTES];
    uint8_t authority[DIGEST_BYTES];
};

/** Fills the secret with random bytes (libsodium). */
void enrolment_token_mint(struct enrolment_token *token);

void enrolment_token_format(const struct enrolment_token *token,
                            char ret_text[ENROLMENT_TOKEN_BYTES]);

/** @return false, output untouched, when @p text is not a token. */
bool enrolment_token_parse(const char *text, struct enrolment_token *ret_token);

/** What a node keeps of a token: the SHA-256 of its secret. */
void enrolment_token_hash(const struct enrolment_token *token, uint8_t ret_hash[DIGEST_BYTES]);

/** Overwrites it. */
void enrolment_token_erase(struct enrolment_token *token);

#endif
