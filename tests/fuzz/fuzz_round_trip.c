/* SPDX-License-Identifier: Apache-2.0 */
/* A message of a peer as JSON and back. Two things have no JSON form, and are
 * the only ones that may change: a time outside the years 1 to 9999 (written as
 * null, read as absent), and a path of a field mask that is empty or has a
 * comma. So the second text is compared with the third. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/arena.h"
#include "wire/json.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)1024 * 1024)
#define SECOND_BUDGET_BYTES (16 * BUDGET_BYTES)

/* What was written may be refused for such a field mask, and for its depth:
 * a list and its element are two levels of JSON and one of messages. */
static bool is_known_limit(const struct cpts_error *err)
{
    return strcmp(err->reason, "MESSAGE_TOO_DEEP") == 0 || strcmp(err->field, "updateMask") == 0;
}

/* The text of @p message once read again, from malloc; NULL at a known limit. */
static char *pass(const ProtobufCMessage *message, struct arena *arena,
                  ProtobufCMessage **ret_again)
{
    struct cpts_error err = {0};
    char *text = json_write(message, 0);
    REQUIRE(text != NULL && wire_is_utf8((const uint8_t *)text, strlen(text)));
    cpts_status status = json_read(message->descriptor, text, strlen(text), arena, ret_again, &err);
    REQUIRE(status == CPTS_OK || is_known_limit(&err));
    if (status == CPTS_OK)
        return text;
    free(text);
    return NULL;
}

static void require_round_trip(const ProtobufCMessage *message)
{
    struct arena *arena = arena_new(SECOND_BUDGET_BYTES);
    ProtobufCMessage *second = NULL;
    ProtobufCMessage *third = NULL;
    char *first_text = pass(message, arena, &second);
    if (first_text != NULL) {
        char *second_text = pass(second, arena, &third);
        REQUIRE(second_text != NULL);
        char *third_text = json_write(third, 0);
        REQUIRE(third_text != NULL && strcmp(second_text, third_text) == 0);
        REQUIRE(strstr(first_text, ":null") != NULL || strcmp(first_text, second_text) == 0);
        free(third_text);
        free(second_text);
    }
    free(first_text);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return 0;
    const ProtobufCMessageDescriptor *type = fuzz_type(bytes[0]);
    struct arena *arena = arena_new(BUDGET_BYTES);
    ProtobufCMessage *message = NULL;
    if (fuzz_type_has_json(type) &&
        wire_unpack(type, bytes + 1, byte_count - 1, arena, &message, NULL) == CPTS_OK)
        require_round_trip(message);
    arena_free(arena);
    return 0;
}
