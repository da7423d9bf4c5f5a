/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_UUID_H
#define WIRE_UUID_H

/**
 * @file
 * UUIDs: version 7 minted (RFC 9562), any version read.
 *
 * Threads: any thread; versions 7 of one process are strictly increasing.
 */

#include <stdbool.h>
#include <stdint.h>

/** Bytes of a UUID's text form with its final NUL. */
#define UUID_TEXT_BYTES 37

/** Mints a UUIDv7: 48 bits of Unix milliseconds, then a counter that never
 * goes back even when the clock does, then random bits (libsodium). */
void uuid_mint(uint8_t ret_uuid[16]);

/** The tick (milliseconds << 12 | counter) that follows @p last_tick at
 * @p now_ms: the clock's when it has moved on, else the next one. Pure; the
 * order of uuid_mint() rests on it. */
uint64_t uuid_tick_next(uint64_t last_tick, uint64_t now_ms);

/** Writes the lower-case text form. */
void uuid_format(const uint8_t uuid[16], char ret_text[UUID_TEXT_BYTES]);

/** Reads a text form (36 characters, either case).
 * @return false, output untouched, when @p text is not one. */
bool uuid_parse(const char *text, uint8_t ret_uuid[16]);

/** UUIDv5-like name-based id: SHA-256 of @p space, one zero byte and @p name,
 * cut to 16 bytes, version 8 (RFC 9562 section 5.8). Same input, same id. */
void uuid_derive(const char *space, const char *name, uint8_t ret_uuid[16]);

#endif
