/* SPDX-License-Identifier: Apache-2.0 */
#include "kept_command.h"

#include <stdlib.h>
#include <string.h>

#include "command_call.h"
#include "cpts/v1/referral.pb-c.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

/* Both ciphertexts, ten wraps, and what protobuf needs for them. */
#define KEPT_ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define END_OF_PATH '\n'

#define KIND(event_, message)                                                                      \
    {                                                                                              \
        CPTS_REFERRAL_##event_, OPERATION_REFERRAL_##event_,                                       \
            &cpts__v1__##message##_referral_request__descriptor,                                   \
            &cpts__v1__##message##_referral_response__descriptor                                   \
    }

static const struct kept_kind KINDS[] = {
    KIND(SUBMIT, submit), KIND(REDIRECT, redirect), KIND(REASSIGN, reassign),
    KIND(REWRAP, rewrap), KIND(WIDEN, widen),
};

#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

static const char *text_of(const ProtobufCMessage *request, const char *name)
{
    const char *const *text = cpts_command__field(request, name);
    return text == NULL ? "" : *text;
}

cpts_status cpts_kept__make(enum operation operation, const ProtobufCMessage *request,
                            struct cpts_submission **ret_submission, struct cpts_error *err)
{
    const struct kept_kind *kind = KINDS;
    while (kind < KINDS + KIND_COUNT && kind->operation != operation)
        kind++;
    if (kind == KINDS + KIND_COUNT)
        return error_set(err, REASON_INTERNAL_ERROR, "that command is never kept");
    const char *path = cpts_operation__path(operation);
    size_t path_bytes = strlen(path);
    size_t byte_count = path_bytes + 1 + protobuf_c_message_get_packed_size(request);
    /* One block: the struct, then the bytes. */
    struct cpts_submission *own = calloc(1, sizeof *own + byte_count);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the submission");
    uint8_t *bytes = (uint8_t *)(own + 1);
    memcpy(bytes, path, path_bytes);
    bytes[path_bytes] = END_OF_PATH;
    protobuf_c_message_pack(request, bytes + path_bytes + 1);
    strncpy(own->referral_id, text_of(request, "referral_id"), sizeof own->referral_id - 1);
    strncpy(own->command_id, text_of(request, "command_id"), sizeof own->command_id - 1);
    own->bytes = (struct cpts_bytes){.bytes = bytes, .byte_count = byte_count};
    own->event = kind->event;
    *ret_submission = own;
    return CPTS_OK;
}

/* The kind whose path the bytes begin with, and what comes behind; NULL: none. */
static const struct kept_kind *find_kind(const struct cpts_bytes *bytes,
                                         struct cpts_bytes *ret_packed)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        const char *path = cpts_operation__path(KINDS[i].operation);
        size_t path_bytes = strlen(path);
        if (bytes->byte_count <= path_bytes || memcmp(bytes->bytes, path, path_bytes) != 0 ||
            bytes->bytes[path_bytes] != END_OF_PATH)
            continue;
        *ret_packed = (struct cpts_bytes){.bytes = bytes->bytes + path_bytes + 1,
                                          .byte_count = bytes->byte_count - path_bytes - 1};
        return &KINDS[i];
    }
    return NULL;
}

static cpts_status refuse(struct cpts_error *err)
{
    return error_set(err, REASON_MALFORMED_MESSAGE, "that is no submission");
}

cpts_status cpts_kept__read(const struct cpts_bytes *bytes, struct arena **ret_arena,
                            const struct kept_kind **ret_kind, ProtobufCMessage **ret_request,
                            struct cpts_error *err)
{
    uint8_t ignored[CPTS_UUID_BYTES];
    struct cpts_bytes packed = {0};
    ProtobufCMessage *request = NULL;
    const struct kept_kind *kind = bytes->bytes == NULL ? NULL : find_kind(bytes, &packed);
    if (kind == NULL)
        return refuse(err);
    struct arena *arena = arena_new(KEPT_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the submission");
    cpts_status status =
        wire_unpack(kind->request, packed.bytes, packed.byte_count, arena, &request, err);
    if (status == CPTS_OK && (!cpts_uuid_parse(text_of(request, "referral_id"), ignored) ||
                              !cpts_uuid_parse(text_of(request, "command_id"), ignored)))
        status = refuse(err);
    if (status != CPTS_OK) {
        arena_free(arena);
        return status;
    }
    *ret_arena = arena;
    *ret_kind = kind;
    *ret_request = request;
    return CPTS_OK;
}
