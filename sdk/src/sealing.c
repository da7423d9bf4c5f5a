/* SPDX-License-Identifier: Apache-2.0 */
#define SDK_SEALING_ITSELF
#include "sealing.h"

#include <stdalign.h>
#include <stddef.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

/* What the arena's first block may leave unused. */
#define SLACK_BYTES ((size_t)32 * 1024)

/* Stands before every result. */
struct owner {
    alignas(max_align_t) struct arena *arena;
};

void *cpts_sealing__result(size_t result_bytes, size_t budget_bytes, struct arena **ret_arena)
{
    size_t own_bytes = sizeof(struct owner) + result_bytes;
    struct arena *arena = arena_new(own_bytes + budget_bytes + SLACK_BYTES);
    struct owner *owner = arena == NULL ? NULL : arena_alloc(arena, own_bytes);
    if (owner == NULL) {
        arena_free(arena);
        return NULL;
    }
    owner->arena = arena;
    *ret_arena = arena;
    return owner + 1;
}

void cpts_sealing__free(void *result)
{
    if (result != NULL)
        arena_wipe(((struct owner *)result - 1)->arena);
}

cpts_status cpts_sealing__refuse(const char *field, const char *why, struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, field, "%s", why);
}

cpts_status cpts_sealing__no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory to seal or to open");
}

cpts_status cpts_sealing__id(const char *text, const char *field, uint8_t ret_id[16],
                             struct cpts_error *err)
{
    if (text == NULL || !uuid_parse(text, ret_id))
        return cpts_sealing__refuse(field, "a UUID is needed", err);
    return CPTS_OK;
}

cpts_status cpts_sealing__unpack(const struct cpts_bytes *bytes,
                                 const ProtobufCMessageDescriptor *type, const char *field,
                                 struct arena *arena, ProtobufCMessage **ret_message,
                                 struct cpts_error *err)
{
    if (bytes->byte_count == 0 ||
        wire_unpack(type, bytes->bytes, bytes->byte_count, arena, ret_message, NULL) != CPTS_OK)
        return cpts_sealing__refuse(field, "these bytes are not the message that is meant", err);
    return CPTS_OK;
}

struct cpts_bytes cpts_sealing__pack(const ProtobufCMessage *message, struct arena *arena)
{
    size_t byte_count = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, byte_count + 1);
    if (bytes == NULL)
        return (struct cpts_bytes){0};
    protobuf_c_message_pack(message, bytes);
    return (struct cpts_bytes){bytes, byte_count};
}
