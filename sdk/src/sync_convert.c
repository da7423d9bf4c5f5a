/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_convert.h"

#include <string.h>

#include "convert.h"
#include "wire/arena.h"

#define KIND_BYTES_MAX 64

ProtobufCBinaryData cpts_sync_convert__bytes(const void *bytes, size_t byte_count)
{
    return (ProtobufCBinaryData){.len = byte_count, .data = (uint8_t *)bytes};
}

static ProtobufCBinaryData hash_bytes(const uint8_t hash[CPTS_SYNC_HASH_BYTES])
{
    return cpts_sync_convert__bytes(hash, CPTS_SYNC_HASH_BYTES);
}

Google__Protobuf__Timestamp *cpts_sync_convert__instant(int64_t instant_us, struct arena *arena)
{
    Google__Protobuf__Timestamp *message = arena_alloc(arena, sizeof *message);
    return message == NULL ? NULL : cpts_convert__timestamp(instant_us, message);
}

Cpts__V1__SyncEntry *cpts_sync_convert__entry(const struct cpts_sync_entry *entry,
                                              struct arena *arena)
{
    Cpts__V1__SyncEntry *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_entry__init(message);
    message->position = entry->position;
    message->origin_node = cpts_convert__text(entry->origin_node);
    message->origin_position = entry->origin_position;
    message->epoch = entry->epoch;
    message->aggregate_kind = cpts_convert__text(entry->aggregate_kind);
    message->aggregate_id = cpts_convert__text(entry->aggregate_id);
    message->version = entry->version;
    message->kind = cpts_convert__text(entry->kind);
    message->recorded_at = cpts_sync_convert__instant(entry->recorded_at_us, arena);
    message->actor = cpts_convert__text(entry->actor);
    message->command_id = cpts_convert__text(entry->command_id);
    message->content_hash =
        cpts_sync_convert__bytes(entry->content_hash.bytes, entry->content_hash.byte_count);
    message->schema_version = entry->schema_version;
    message->lead_region = cpts_convert__text(entry->lead_region);
    message->bytes = cpts_sync_convert__bytes(entry->bytes.bytes, entry->bytes.byte_count);
    message->prev_hash = hash_bytes(entry->prev_hash);
    message->hash = hash_bytes(entry->hash);
    return message;
}

Cpts__V1__SyncWithheld *cpts_sync_convert__withheld(const struct cpts_sync_withheld *withheld,
                                                    struct arena *arena)
{
    Cpts__V1__SyncWithheld *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_withheld__init(message);
    message->first = withheld->first;
    message->last = withheld->last;
    message->hash = hash_bytes(withheld->hash);
    return message;
}

Cpts__V1__SyncImage *cpts_sync_convert__image(const struct cpts_sync_image *image,
                                              struct arena *arena)
{
    Cpts__V1__SyncImage *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_image__init(message);
    message->aggregate_kind = cpts_convert__text(image->aggregate_kind);
    message->aggregate_id = cpts_convert__text(image->aggregate_id);
    message->version = image->version;
    message->epoch = image->epoch;
    message->owner_node = cpts_convert__text(image->owner_node);
    message->lead_region = cpts_convert__text(image->lead_region);
    message->since_version = image->since_version;
    message->public_only = image->public_only;
    message->again = image->again;
    return message;
}

Cpts__V1__SyncCheckpoint *
cpts_sync_convert__checkpoint(const struct cpts_sync_checkpoint *checkpoint, struct arena *arena)
{
    Cpts__V1__SyncCheckpoint *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_checkpoint__init(message);
    message->node = (char *)checkpoint->node;
    message->position = checkpoint->position;
    message->hash = hash_bytes(checkpoint->hash);
    message->signed_at = cpts_sync_convert__instant(checkpoint->signed_at_us, arena);
    message->signature =
        cpts_sync_convert__bytes(checkpoint->signature, sizeof checkpoint->signature);
    message->key_id = cpts_sync_convert__bytes(checkpoint->key_id, sizeof checkpoint->key_id);
    return message;
}

Cpts__V1__SyncCursor *cpts_sync_convert__cursor(const struct cpts_sync_cursor *cursor,
                                                struct arena *arena)
{
    Cpts__V1__SyncCursor *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_cursor__init(message);
    message->epoch = cursor->epoch;
    message->position = cursor->position;
    message->schema_version = cursor->schema_version;
    message->origin_position = cursor->origin_position;
    message->snapshot_id = (char *)cursor->snapshot_id;
    message->snapshot_chunk_count = cursor->snapshot_chunk_count;
    message->signed_position = cursor->signed_position;
    if (cursor->epoch > 0) {
        message->scope_hash = hash_bytes(cursor->scope_hash);
        message->origin_hash = hash_bytes(cursor->origin_hash);
    }
    if (cursor->signed_point.position > 0)
        message->signed_point = cpts_sync_convert__checkpoint(&cursor->signed_point, arena);
    return message;
}

Cpts__V1__SyncAggregate *cpts_sync_convert__aggregate(const struct cpts_sync_aggregate *aggregate,
                                                      struct arena *arena)
{
    Cpts__V1__SyncAggregate *message = arena_alloc(arena, sizeof *message);
    if (message == NULL)
        return NULL;
    cpts__v1__sync_aggregate__init(message);
    message->aggregate_kind =
        arena_copy(arena, aggregate->aggregate_kind, strlen(aggregate->aggregate_kind));
    message->aggregate_id =
        arena_copy(arena, aggregate->aggregate_id, strlen(aggregate->aggregate_id));
    message->version = aggregate->version;
    uint8_t *digest = (uint8_t *)arena_copy(arena, aggregate->sha256, sizeof aggregate->sha256);
    message->sha256 = cpts_sync_convert__bytes(digest, sizeof aggregate->sha256);
    bool is_whole = message->aggregate_kind != NULL && message->aggregate_id != NULL;
    return is_whole && digest != NULL ? message : NULL;
}

bool cpts_sync_convert__is_number(int32_t number)
{
    return number >= 0 && number <= SYNC_EPOCH_MAX;
}

static bool is_key(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= KIND_BYTES_MAX;
}

bool cpts_sync_convert__is_place(int64_t position)
{
    return position >= 0 && position < INT64_MAX;
}

bool cpts_sync_convert__read_hash(const ProtobufCBinaryData *bytes,
                                  uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    memset(ret_hash, 0, CPTS_SYNC_HASH_BYTES);
    if (bytes->len == CPTS_SYNC_HASH_BYTES)
        memcpy(ret_hash, bytes->data, CPTS_SYNC_HASH_BYTES);
    return bytes->len == CPTS_SYNC_HASH_BYTES || bytes->len == 0;
}

bool cpts_sync_convert__read_text(const char *text, char *ret_text, size_t ret_bytes)
{
    size_t length = strlen(text);
    if (length >= ret_bytes)
        return false;
    memcpy(ret_text, text, length + 1);
    return true;
}

static struct cpts_bytes borrow(const ProtobufCBinaryData *bytes)
{
    return (struct cpts_bytes){.bytes = bytes->data, .byte_count = bytes->len};
}

bool cpts_sync_convert__read_entry(const Cpts__V1__SyncEntry *message,
                                   struct cpts_sync_entry *ret_entry)
{
    *ret_entry = (struct cpts_sync_entry){
        .position = message->position,
        .origin_node = message->origin_node,
        .origin_position = message->origin_position,
        .epoch = message->epoch,
        .aggregate_kind = message->aggregate_kind,
        .aggregate_id = message->aggregate_id,
        .version = message->version,
        .kind = message->kind,
        .recorded_at_us = cpts_convert__instant_us(message->recorded_at),
        .actor = message->actor,
        .command_id = message->command_id,
        .content_hash = borrow(&message->content_hash),
        .schema_version = message->schema_version,
        .lead_region = message->lead_region,
        .bytes = borrow(&message->bytes),
    };
    return is_key(message->origin_node) && is_key(message->aggregate_kind) &&
           is_key(message->aggregate_id) && is_key(message->kind) && message->position > 0 &&
           cpts_sync_convert__is_place(message->position) && message->origin_position > 0 &&
           cpts_sync_convert__is_place(message->origin_position) &&
           cpts_sync_convert__is_number(message->epoch) &&
           cpts_sync_convert__is_number(message->version) &&
           message->content_hash.len <= CPTS_SYNC_HASH_BYTES &&
           cpts_sync_convert__read_hash(&message->prev_hash, ret_entry->prev_hash) &&
           cpts_sync_convert__read_hash(&message->hash, ret_entry->hash);
}

bool cpts_sync_convert__read_withheld(const Cpts__V1__SyncWithheld *message,
                                      struct cpts_sync_withheld *ret_withheld)
{
    *ret_withheld = (struct cpts_sync_withheld){.first = message->first, .last = message->last};
    return message->first > 0 && message->last >= message->first &&
           cpts_sync_convert__is_place(message->last) &&
           cpts_sync_convert__read_hash(&message->hash, ret_withheld->hash);
}

bool cpts_sync_convert__read_image(const Cpts__V1__SyncImage *message,
                                   struct cpts_sync_image *ret_image)
{
    *ret_image = (struct cpts_sync_image){
        .aggregate_kind = message->aggregate_kind,
        .aggregate_id = message->aggregate_id,
        .version = message->version,
        .epoch = message->epoch,
        .owner_node = message->owner_node,
        .lead_region = message->lead_region,
        .since_version = message->since_version,
        .public_only = message->public_only,
        .again = message->again,
    };
    return is_key(message->aggregate_kind) && is_key(message->aggregate_id) &&
           cpts_sync_convert__is_number(message->version) &&
           cpts_sync_convert__is_number(message->epoch) &&
           cpts_sync_convert__is_number(message->since_version) &&
           strlen(message->owner_node) < CPTS_SYNC_NODE_BYTES;
}

bool cpts_sync_convert__read_checkpoint(const Cpts__V1__SyncCheckpoint *message,
                                        struct cpts_sync_checkpoint *ret_checkpoint)
{
    *ret_checkpoint =
        (struct cpts_sync_checkpoint){.position = message->position,
                                      .signed_at_us = cpts_convert__instant_us(message->signed_at)};
    if (message->signature.len != sizeof ret_checkpoint->signature ||
        message->key_id.len != sizeof ret_checkpoint->key_id)
        return false;
    memcpy(ret_checkpoint->signature, message->signature.data, sizeof ret_checkpoint->signature);
    memcpy(ret_checkpoint->key_id, message->key_id.data, sizeof ret_checkpoint->key_id);
    return message->position > 0 && cpts_sync_convert__is_place(message->position) &&
           cpts_sync_convert__read_hash(&message->hash, ret_checkpoint->hash) &&
           cpts_sync_convert__read_text(message->node, ret_checkpoint->node,
                                        sizeof ret_checkpoint->node);
}

bool cpts_sync_convert__read_cursor(const Cpts__V1__SyncCursor *message,
                                    struct cpts_sync_cursor *ret_cursor)
{
    *ret_cursor = (struct cpts_sync_cursor){0};
    if (message == NULL)
        return true;
    if (message->signed_point != NULL &&
        !cpts_sync_convert__read_checkpoint(message->signed_point, &ret_cursor->signed_point))
        return false;
    ret_cursor->epoch = message->epoch;
    ret_cursor->position = message->position;
    ret_cursor->schema_version = message->schema_version;
    ret_cursor->origin_position = message->origin_position;
    ret_cursor->snapshot_chunk_count = message->snapshot_chunk_count;
    ret_cursor->signed_position = message->signed_position;
    return cpts_sync_convert__is_number(message->epoch) &&
           cpts_sync_convert__is_place(message->position) &&
           cpts_sync_convert__is_place(message->origin_position) &&
           cpts_sync_convert__is_place(message->signed_position) &&
           cpts_sync_convert__is_number(message->snapshot_chunk_count) &&
           cpts_sync_convert__read_hash(&message->scope_hash, ret_cursor->scope_hash) &&
           cpts_sync_convert__read_hash(&message->origin_hash, ret_cursor->origin_hash) &&
           cpts_sync_convert__read_text(message->snapshot_id, ret_cursor->snapshot_id,
                                        sizeof ret_cursor->snapshot_id);
}

bool cpts_sync_convert__read_aggregate(const Cpts__V1__SyncAggregate *message,
                                       struct cpts_sync_aggregate *ret_aggregate)
{
    *ret_aggregate = (struct cpts_sync_aggregate){.version = message->version};
    return is_key(message->aggregate_kind) && is_key(message->aggregate_id) &&
           cpts_sync_convert__read_text(message->aggregate_kind, ret_aggregate->aggregate_kind,
                                        sizeof ret_aggregate->aggregate_kind) &&
           cpts_sync_convert__read_text(message->aggregate_id, ret_aggregate->aggregate_id,
                                        sizeof ret_aggregate->aggregate_id) &&
           cpts_sync_convert__read_hash(&message->sha256, ret_aggregate->sha256);
}
