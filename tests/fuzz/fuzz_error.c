/* SPDX-License-Identifier: Apache-2.0 */
/* error_unpack() of any google.rpc.Status: texts that every language takes, and
 * what was read travels on whole. */
#include <string.h>

#include "fuzz.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)64 * 1024)
#define STATUS_COUNT 17

/* Terminated within its room, and UTF-8. */
static bool is_text(const char *text, size_t room_bytes)
{
    size_t length = strnlen(text, room_bytes);
    return length < room_bytes && wire_is_utf8((const uint8_t *)text, length);
}

static void require_sound(const struct cpts_error *err)
{
    REQUIRE(is_text(err->reason, sizeof err->reason));
    REQUIRE(is_text(err->message, sizeof err->message));
    REQUIRE(is_text(err->field, sizeof err->field));
    REQUIRE(is_text(err->detail, sizeof err->detail));
    REQUIRE(err->retry_after_ms >= 0);
}

static void require_travels(const struct cpts_error *err)
{
    struct arena *arena = arena_new(BUDGET_BYTES);
    struct cpts_error seen;
    size_t byte_count = 0;
    uint8_t *bytes = error_pack(err, arena, &byte_count);
    REQUIRE(bytes != NULL);
    error_unpack(&seen, err->status, NULL, bytes, byte_count);
    REQUIRE(strcmp(seen.reason, err->reason) == 0 && strcmp(seen.message, err->message) == 0);
    REQUIRE(strcmp(seen.field, err->field) == 0 && strcmp(seen.detail, err->detail) == 0);
    REQUIRE(seen.retry_after_ms == err->retry_after_ms);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return 0;
    cpts_status status = (cpts_status)(1 + bytes[0] % (STATUS_COUNT - 1));
    struct cpts_error err;
    memset(&err, 0xee, sizeof err);
    error_unpack(&err, status, bytes[0] < 128 ? NULL : "caf\xe9", bytes + 1, byte_count - 1);
    REQUIRE(err.status == status);
    require_sound(&err);
    require_travels(&err);
    return 0;
}
