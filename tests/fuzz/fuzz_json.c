/* SPDX-License-Identifier: Apache-2.0 */
/* json_read() of any text: refused with a reason and untouched output, or
 * taken, and then what is written is read again and written alike. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/arena.h"
#include "wire/json.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)1024 * 1024)
#define SECOND_BUDGET_BYTES (8 * BUDGET_BYTES)

static void require_stable(const ProtobufCMessage *message)
{
    struct arena *arena = arena_new(SECOND_BUDGET_BYTES);
    ProtobufCMessage *again = NULL;
    struct cpts_error err = {0};
    char *first = json_write(message, 0);
    REQUIRE(first != NULL);
    cpts_status status = json_read(message->descriptor, first, strlen(first), arena, &again, &err);
    /* A list that was left out is written, a level deeper than what was read. */
    REQUIRE(status == CPTS_OK || strcmp(err.reason, "MESSAGE_TOO_DEEP") == 0);
    char *second = status == CPTS_OK ? json_write(again, 0) : NULL;
    REQUIRE(status != CPTS_OK || (second != NULL && strcmp(first, second) == 0));
    free(second);
    free(first);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return 0;
    const ProtobufCMessageDescriptor *type = fuzz_type(bytes[0]);
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    struct cpts_error err = {0};
    cpts_status status =
        json_read(type, (const char *)bytes + 1, byte_count - 1, arena, &message, &err);
    if (status == CPTS_OK) {
        REQUIRE(message != NULL && message->descriptor == type);
        if (fuzz_type_has_json(type))
            require_stable(message);
    } else {
        REQUIRE(message == NULL && err.status == status && err.reason[0] != '\0');
        REQUIRE(wire_is_utf8((const uint8_t *)err.message, strlen(err.message)));
        REQUIRE(wire_is_utf8((const uint8_t *)err.field, strlen(err.field)));
    }
    arena_free(arena);
    return 0;
}
