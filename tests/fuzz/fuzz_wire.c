/* SPDX-License-Identifier: Apache-2.0 */
/* wire_unpack() of any bytes: refused with a reason and untouched output, or
 * taken, and then what is packed again is taken again and does not change. */
#include <cpts/v1/change.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/arena.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)1024 * 1024)
#define SECOND_BUDGET_BYTES (8 * BUDGET_BYTES)

static void require_stable(const ProtobufCMessage *message)
{
    size_t first_bytes;
    size_t second_bytes;
    uint8_t *first = fuzz_pack(message, &first_bytes);
    struct arena *arena = arena_new(SECOND_BUDGET_BYTES);
    ProtobufCMessage *again = NULL;
    REQUIRE(wire_unpack(message->descriptor, first, first_bytes, arena, &again, NULL) == CPTS_OK);
    uint8_t *second = fuzz_pack(again, &second_bytes);
    REQUIRE(first_bytes == second_bytes && memcmp(first, second, first_bytes) == 0);
    free(second);
    free(first);
    arena_free(arena);
}

/* wire_find_oneof() without unpacking says what unpacking says. */
static void require_same_event(const uint8_t *bytes, size_t byte_count,
                               const ProtobufCMessage *message, struct arena *arena)
{
    struct wire_part part = {0};
    ProtobufCMessage *event = NULL;
    cpts_status status =
        wire_find_oneof(&cpts__v1__change__descriptor, bytes, byte_count, &part, NULL);
    if (message == NULL) /* refused, or larger than the arena */
        return;
    REQUIRE(status == CPTS_OK);
    unsigned number = (unsigned)((const Cpts__V1__Change *)message)->event_case;
    REQUIRE(number == (part.field == NULL ? 0 : part.field->id));
    if (part.field == NULL)
        return;
    REQUIRE(part.bytes >= bytes + part.prefix_byte_count &&
            part.bytes + part.byte_count <= bytes + byte_count);
    status = wire_unpack(part.field->descriptor, part.bytes, part.byte_count, arena, &event, NULL);
    REQUIRE(status == CPTS_OK || status == CPTS_RESOURCE_EXHAUSTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return 0;
    const ProtobufCMessageDescriptor *type = fuzz_type(bytes[0]);
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    struct cpts_error err = {0};
    cpts_status status = wire_unpack(type, bytes + 1, byte_count - 1, arena, &message, &err);
    if (status == CPTS_OK) {
        REQUIRE(message != NULL && message->descriptor == type);
        require_stable(message);
    } else {
        REQUIRE(message == NULL && err.status == status && err.reason[0] != '\0');
        REQUIRE(wire_is_utf8((const uint8_t *)err.message, strlen(err.message)));
    }
    if (type == &cpts__v1__change__descriptor)
        require_same_event(bytes + 1, byte_count - 1, message, arena);
    arena_free(arena);
    return 0;
}
