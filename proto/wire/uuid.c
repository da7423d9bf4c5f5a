/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/uuid.h"

#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>

#define TICK_COUNTER_BITS 12
#define VERSION_BYTE 6
#define VARIANT_BYTE 8

static once_flag sodium_once = ONCE_FLAG_INIT;

static void start_sodium(void)
{
    /* Without a random source there is no unique id, and no way to go on. */
    if (sodium_init() < 0)
        abort();
}

static uint64_t realtime_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void set_version(uint8_t uuid[16], uint8_t version)
{
    uuid[VERSION_BYTE] = (uint8_t)((uuid[VERSION_BYTE] & 0x0f) | (version << 4));
    uuid[VARIANT_BYTE] = (uint8_t)((uuid[VARIANT_BYTE] & 0x3f) | 0x80);
}

uint64_t uuid_tick_next(uint64_t last_tick, uint64_t now_ms)
{
    uint64_t tick = now_ms << TICK_COUNTER_BITS;
    return tick > last_tick ? tick : last_tick + 1;
}

void uuid_mint(uint8_t ret_uuid[16])
{
    static _Atomic uint64_t newest_tick;
    call_once(&sodium_once, start_sodium);
    uint64_t last = atomic_load(&newest_tick);
    uint64_t now_ms = realtime_ms();
    uint64_t tick;
    do {
        tick = uuid_tick_next(last, now_ms);
    } while (!atomic_compare_exchange_weak(&newest_tick, &last, tick));

    uint64_t ms = tick >> TICK_COUNTER_BITS;
    for (int i = 0; i < 6; i++)
        ret_uuid[i] = (uint8_t)(ms >> (40 - 8 * i));
    ret_uuid[6] = (uint8_t)((tick >> 8) & 0x0f);
    ret_uuid[7] = (uint8_t)tick;
    randombytes_buf(ret_uuid + 8, 8);
    set_version(ret_uuid, 7);
}

/* A hyphen stands before these bytes. */
static bool hyphen_before(int byte)
{
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_format(const uint8_t uuid[16], char ret_text[UUID_TEXT_BYTES])
{
    static const char DIGITS[] = "0123456789abcdef";
    char *out = ret_text;
    for (int i = 0; i < 16; i++) {
        if (hyphen_before(i))
            *out++ = '-';
        *out++ = DIGITS[uuid[i] >> 4];
        *out++ = DIGITS[uuid[i] & 0x0f];
    }
    *out = '\0';
}

/* Value of a hexadecimal digit, or -1. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool uuid_parse(const char *text, uint8_t ret_uuid[16])
{
    if (strnlen(text, UUID_TEXT_BYTES) != UUID_TEXT_BYTES - 1)
        return false;
    uint8_t uuid[16];
    for (int i = 0; i < 16; i++) {
        if (hyphen_before(i) && *text++ != '-')
            return false;
        int high = digit_value(*text++);
        int low = digit_value(*text++);
        if (high < 0 || low < 0)
            return false;
        uuid[i] = (uint8_t)(high << 4 | low);
    }
    memcpy(ret_uuid, uuid, sizeof uuid);
    return true;
}

void uuid_derive(const char *space, const char *name, uint8_t ret_uuid[16])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)space, strlen(space) + 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)name, strlen(name));
    crypto_hash_sha256_final(&state, digest);
    memcpy(ret_uuid, digest, 16);
    set_version(ret_uuid, 8);
}
