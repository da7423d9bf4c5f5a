/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_assembly.h"

#include <inttypes.h>
#include <string.h>

#include "sync_convert.h"
#include "sync_frame.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a batch");
}

static cpts_status malformed(struct cpts_error *err, const char *what)
{
    return error_set(err, REASON_MALFORMED_MESSAGE, "%s is not what it may be", what);
}

/* Makes the arena the assembly's; first of all, so that nothing borrows in vain. */
static cpts_status take_part(struct sync_assembly *assembly, const struct sync_part *part,
                             struct cpts_error *err)
{
    struct arena **place = cpts_sync_list__add(&assembly->arenas, sizeof(struct arena *));
    if (place == NULL) {
        arena_free(part->arena);
        return no_memory(err);
    }
    *place = part->arena;
    assembly->byte_count += part->byte_count;
    assembly->unpacked_bytes += arena_used_bytes(part->arena);
    if (assembly->byte_count > CPTS_SYNC_BATCH_BYTES_MAX ||
        assembly->unpacked_bytes > SYNC_ASSEMBLY_UNPACKED_BYTES_MAX ||
        assembly->arenas.count > SYNC_ASSEMBLY_PARTS_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "a batch of more than %d bytes or %d parts",
                         CPTS_SYNC_BATCH_BYTES_MAX, SYNC_ASSEMBLY_PARTS_MAX);
    return CPTS_OK;
}

/* A part that comes twice would count twice, one that is missing would go unnoticed. */
static cpts_status take_number(struct sync_assembly *assembly, int32_t part, struct cpts_error *err)
{
    if (assembly->is_numbered && part > assembly->next_part)
        return error_set(err, REASON_GAP, "part %" PRId32 " is missing", assembly->next_part);
    if (assembly->is_numbered && part < assembly->next_part)
        return error_set(err, REASON_FRAME_UNEXPECTED, "part %" PRId32 " instead of %" PRId32, part,
                         assembly->next_part);
    assembly->next_part++;
    return CPTS_OK;
}

static cpts_status add_entries(struct sync_assembly *assembly, const Cpts__V1__SyncBatch *message,
                               struct cpts_error *err)
{
    if (assembly->entries.count + message->n_entries > CPTS_SYNC_BATCH_CHANGES_MAX ||
        assembly->withheld.count + message->n_withheld > CPTS_SYNC_BATCH_CHANGES_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "a batch of more than %d changes",
                         CPTS_SYNC_BATCH_CHANGES_MAX);
    for (size_t i = 0; i < message->n_entries; i++) {
        struct cpts_sync_entry *entry = cpts_sync_list__add(&assembly->entries, sizeof *entry);
        if (entry == NULL)
            return no_memory(err);
        if (!cpts_sync_convert__read_entry(message->entries[i], entry))
            return malformed(err, "an entry");
    }
    for (size_t i = 0; i < message->n_withheld; i++) {
        struct cpts_sync_withheld *run = cpts_sync_list__add(&assembly->withheld, sizeof *run);
        if (run == NULL)
            return no_memory(err);
        if (!cpts_sync_convert__read_withheld(message->withheld[i], run))
            return malformed(err, "a withheld run");
    }
    return CPTS_OK;
}

static cpts_status add_records(struct sync_assembly *assembly, const Cpts__V1__SyncRecords *message,
                               struct cpts_error *err)
{
    bool has_belief = message->n_recorded_from_us > 0;
    size_t beliefs = has_belief ? message->n_rows : 0;
    if (message->kind[0] == '\0' || message->n_recorded_from_us != beliefs ||
        message->n_recorded_to_us != beliefs)
        return malformed(err, "a kind of rows");
    if (assembly->rows.count + message->n_rows > SYNC_ASSEMBLY_ROWS_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "more than %zu rows", SYNC_ASSEMBLY_ROWS_MAX);
    for (size_t i = 0; i < message->n_rows; i++) {
        struct cpts_sync_row *row = cpts_sync_list__add(&assembly->rows, sizeof *row);
        if (row == NULL)
            return no_memory(err);
        row->kind = message->kind;
        row->body.bytes = (const uint8_t *)message->rows[i];
        row->body.byte_count = strlen(message->rows[i]);
        row->recorded_from_us = has_belief ? message->recorded_from_us[i] : 0;
        row->recorded_to_us = has_belief ? message->recorded_to_us[i] : 0;
    }
    return CPTS_OK;
}

static cpts_status begin_image(struct sync_assembly *assembly, const Cpts__V1__SyncImage *message,
                               struct cpts_error *err)
{
    struct cpts_sync_image *image = cpts_sync_list__add(&assembly->images, sizeof *image);
    size_t *first = cpts_sync_list__add(&assembly->first_rows, sizeof *first);
    if (image == NULL || first == NULL)
        return no_memory(err);
    *first = assembly->rows.count;
    return cpts_sync_convert__read_image(message, image) ? CPTS_OK : malformed(err, "an image");
}

/* Whether the message goes on with the image that was begun last. */
static bool is_same_image(const struct sync_assembly *assembly, const Cpts__V1__SyncImage *message)
{
    const struct cpts_sync_image *images = assembly->images.items;
    const struct cpts_sync_image *last = &images[assembly->images.count - 1];
    return strcmp(last->aggregate_id, message->aggregate_id) == 0 &&
           strcmp(last->aggregate_kind, message->aggregate_kind) == 0 &&
           last->version == message->version;
}

static cpts_status add_images(struct sync_assembly *assembly, Cpts__V1__SyncImage *const *messages,
                              size_t message_count, struct cpts_error *err)
{
    if (assembly->images.count + message_count > CPTS_SYNC_BATCH_CHANGES_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "more than %d images",
                         CPTS_SYNC_BATCH_CHANGES_MAX);
    for (size_t i = 0; i < message_count; i++) {
        const Cpts__V1__SyncImage *message = messages[i];
        cpts_status status = CPTS_OK;
        if (!assembly->image_is_open)
            status = begin_image(assembly, message, err);
        else if (!is_same_image(assembly, message))
            status = error_set(err, REASON_FRAME_UNEXPECTED, "an image does not go on");
        for (size_t j = 0; j < message->n_records && status == CPTS_OK; j++)
            status = add_records(assembly, message->records[j], err);
        if (status != CPTS_OK)
            return status;
        assembly->image_is_open = message->more;
    }
    return CPTS_OK;
}

/* Gives the images their rows, which stay where they are from now on. */
static cpts_status close_images(struct sync_assembly *assembly, struct cpts_error *err)
{
    struct cpts_sync_image *images = assembly->images.items;
    const size_t *first = assembly->first_rows.items;
    const struct cpts_sync_row *rows = assembly->rows.items;
    if (assembly->image_is_open)
        return error_set(err, REASON_FRAME_UNEXPECTED, "an image has no end");
    for (size_t i = 0; i < assembly->images.count; i++) {
        size_t end = i + 1 < assembly->images.count ? first[i + 1] : assembly->rows.count;
        images[i].row_count = end - first[i];
        images[i].rows = images[i].row_count == 0 ? NULL : &rows[first[i]];
    }
    return CPTS_OK;
}

static bool continues_batch(const struct sync_assembly *assembly,
                            const Cpts__V1__SyncBatch *message)
{
    const struct cpts_sync_batch *batch = &assembly->batch;
    return !assembly->is_open ||
           (batch->after == message->after && batch->upto == message->upto &&
            batch->urgent == message->urgent && batch->repair == message->repair &&
            batch->given_back == message->given_back);
}

static bool has_positions(const Cpts__V1__SyncBatch *message)
{
    return message->after >= 0 && message->upto >= message->after &&
           cpts_sync_convert__is_place(message->upto) && cpts_sync_convert__is_place(message->head);
}

static cpts_status close_batch(struct sync_assembly *assembly, struct cpts_error *err)
{
    struct cpts_sync_batch *batch = &assembly->batch;
    batch->entries = assembly->entries.items;
    batch->entry_count = assembly->entries.count;
    batch->withheld = assembly->withheld.items;
    batch->withheld_count = assembly->withheld.count;
    batch->images = assembly->images.items;
    batch->image_count = assembly->images.count;
    return close_images(assembly, err);
}

cpts_status cpts_sync_assembly__add_batch(struct sync_assembly *assembly,
                                          const struct sync_part *part,
                                          const Cpts__V1__SyncBatch *message, bool *ret_is_whole,
                                          struct cpts_error *err)
{
    cpts_status status = take_part(assembly, part, err);
    if (status != CPTS_OK)
        return status;
    if (!continues_batch(assembly, message) || !has_positions(message))
        return error_set(err, REASON_FRAME_UNEXPECTED, "a part of another batch");
    status = take_number(assembly, message->part, err);
    if (status != CPTS_OK)
        return status;
    assembly->batch = (struct cpts_sync_batch){.after = message->after,
                                               .upto = message->upto,
                                               .head = message->head,
                                               .urgent = message->urgent,
                                               .repair = message->repair,
                                               .given_back = message->given_back};
    assembly->is_open = message->more;
    status = add_entries(assembly, message, err);
    if (status == CPTS_OK)
        status = add_images(assembly, message->images, message->n_images, err);
    if (status == CPTS_OK && !message->more)
        status = close_batch(assembly, err);
    *ret_is_whole = !message->more;
    return status;
}

static bool continues_chunk(const struct sync_assembly *assembly,
                            const Cpts__V1__SyncSnapshot *message)
{
    return !assembly->is_open || (assembly->chunk.chunk == message->chunk &&
                                  strcmp(assembly->chunk.snapshot_id, message->snapshot_id) == 0);
}

static cpts_status read_chunk(struct sync_assembly *assembly, const Cpts__V1__SyncSnapshot *message,
                              struct cpts_error *err)
{
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
    struct cpts_sync_chunk *chunk = &assembly->chunk;
    *chunk = (struct cpts_sync_chunk){.chunk = message->chunk,
                                      .position = message->position,
                                      .epoch = message->epoch,
                                      .origin_position = message->origin_position,
                                      .last = message->last,
                                      .chunk_count = message->chunk_count};
    if (!cpts_sync_convert__read_text(message->snapshot_id, chunk->snapshot_id,
                                      sizeof chunk->snapshot_id) ||
        !cpts_sync_convert__read_hash(&message->scope_hash, chunk->scope_hash) ||
        !cpts_sync_convert__read_hash(&message->origin_hash, chunk->origin_hash) ||
        message->epoch < 1 || !cpts_sync_convert__is_number(message->epoch) ||
        !cpts_sync_convert__is_number(message->chunk) ||
        !cpts_sync_convert__is_number(message->chunk_count) ||
        !cpts_sync_convert__is_place(message->position) ||
        !cpts_sync_convert__is_place(message->origin_position))
        return malformed(err, "a chunk");
    if (!cpts_sync_frame__hash_images(message->images, message->n_images, hash))
        return no_memory(err);
    if (message->sha256.len != sizeof hash || memcmp(message->sha256.data, hash, sizeof hash) != 0)
        return malformed(err, "the hash of a chunk");
    return CPTS_OK;
}

cpts_status cpts_sync_assembly__add_chunk(struct sync_assembly *assembly,
                                          const struct sync_part *part,
                                          const Cpts__V1__SyncSnapshot *message, bool *ret_is_whole,
                                          struct cpts_error *err)
{
    cpts_status status = take_part(assembly, part, err);
    if (status != CPTS_OK)
        return status;
    if (!continues_chunk(assembly, message))
        return error_set(err, REASON_FRAME_UNEXPECTED, "a part of another chunk");
    assembly->is_open = message->more;
    status = take_number(assembly, message->part, err);
    if (status == CPTS_OK)
        status = read_chunk(assembly, message, err);
    if (status == CPTS_OK)
        status = add_images(assembly, message->images, message->n_images, err);
    if (status == CPTS_OK && !message->more)
        status = close_images(assembly, err);
    assembly->chunk.images = assembly->images.items;
    assembly->chunk.image_count = assembly->images.count;
    *ret_is_whole = !message->more;
    return status;
}

void cpts_sync_assembly__reset(struct sync_assembly *assembly)
{
    struct arena **arenas = assembly->arenas.items;
    for (size_t i = 0; i < assembly->arenas.count; i++)
        arena_free(arenas[i]);
    cpts_sync_list__empty(&assembly->arenas);
    cpts_sync_list__empty(&assembly->entries);
    cpts_sync_list__empty(&assembly->withheld);
    cpts_sync_list__empty(&assembly->images);
    cpts_sync_list__empty(&assembly->rows);
    cpts_sync_list__empty(&assembly->first_rows);
    assembly->byte_count = 0;
    assembly->unpacked_bytes = 0;
    assembly->next_part = 0;
    assembly->is_open = false;
    assembly->image_is_open = false;
}

void cpts_sync_assembly__done(struct sync_assembly *assembly)
{
    cpts_sync_assembly__reset(assembly);
    cpts_sync_list__done(&assembly->arenas);
    cpts_sync_list__done(&assembly->entries);
    cpts_sync_list__done(&assembly->withheld);
    cpts_sync_list__done(&assembly->images);
    cpts_sync_list__done(&assembly->rows);
    cpts_sync_list__done(&assembly->first_rows);
}
