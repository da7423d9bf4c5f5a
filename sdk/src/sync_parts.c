/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_parts.h"

#include <string.h>

#include "convert.h"
#include "sync_convert.h"
#include "sync_frame.h"
#include "sync_list.h"
#include "wire/arena.h"
#include "wire/error.h"

/* What a thing takes beside its own bytes, roughly. */
#define ENTRY_BYTES 320
#define WITHHELD_BYTES 64
#define IMAGE_BYTES 192
#define ROW_BYTES 32
#define ARENA_BYTES_MAX ((size_t)256 * 1024 * 1024)

/* Of a batch or of a chunk, whichever there is. */
struct cutter {
    const struct sync_parts *parts;
    const struct cpts_sync_batch *batch;
    const struct cpts_sync_chunk *chunk;
    struct arena *arena;
    /* Pointers to messages in the arena. */
    struct sync_list entries;
    struct sync_list withheld;
    struct sync_list images;
    size_t aim_bytes;
    size_t byte_count;
    int32_t change_count;
    /* Number of the part that is next. */
    int32_t part;
};

int32_t cpts_sync_parts__change_count(const struct cpts_sync_batch *batch)
{
    if (batch->urgent || batch->repair)
        return (int32_t)batch->entry_count;
    return batch->entry_count == 0 ? 1 : (int32_t)batch->entry_count;
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a part of a batch");
}

static cpts_status emit_batch(struct cutter *cutter, bool more, struct cpts_error *err)
{
    Cpts__V1__SyncBatch message = CPTS__V1__SYNC_BATCH__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    const struct cpts_sync_batch *batch = cutter->batch;
    message.after = batch->after;
    message.upto = batch->upto;
    message.head = batch->head;
    message.urgent = batch->urgent;
    message.repair = batch->repair;
    message.given_back = batch->given_back;
    message.more = more;
    message.part = cutter->part;
    message.entries = cutter->entries.items;
    message.n_entries = cutter->entries.count;
    message.withheld = cutter->withheld.items;
    message.n_withheld = cutter->withheld.count;
    message.images = cutter->images.items;
    message.n_images = cutter->images.count;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_BATCH;
    frame.batch = &message;
    return cutter->parts->emit(cutter->parts->data, &frame, cutter->change_count, err);
}

static cpts_status emit_chunk(struct cutter *cutter, bool more, struct cpts_error *err)
{
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
    Cpts__V1__SyncSnapshot message = CPTS__V1__SYNC_SNAPSHOT__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    const struct cpts_sync_chunk *chunk = cutter->chunk;
    message.snapshot_id = (char *)chunk->snapshot_id;
    message.chunk = chunk->chunk;
    message.position = chunk->position;
    message.epoch = chunk->epoch;
    message.scope_hash = cpts_sync_convert__bytes(chunk->scope_hash, CPTS_SYNC_HASH_BYTES);
    message.origin_position = chunk->origin_position;
    message.origin_hash = cpts_sync_convert__bytes(chunk->origin_hash, CPTS_SYNC_HASH_BYTES);
    message.last = chunk->last;
    message.chunk_count = chunk->chunk_count;
    message.more = more;
    message.part = cutter->part;
    message.images = cutter->images.items;
    message.n_images = cutter->images.count;
    if (!cpts_sync_frame__hash_images(message.images, message.n_images, hash))
        return no_memory(err);
    message.sha256 = cpts_sync_convert__bytes(hash, sizeof hash);
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_SNAPSHOT;
    frame.snapshot = &message;
    return cutter->parts->emit(cutter->parts->data, &frame, 0, err);
}

static cpts_status flush(struct cutter *cutter, bool more, struct cpts_error *err)
{
    cpts_status status =
        cutter->batch != NULL ? emit_batch(cutter, more, err) : emit_chunk(cutter, more, err);
    cpts_sync_list__empty(&cutter->entries);
    cpts_sync_list__empty(&cutter->withheld);
    cpts_sync_list__empty(&cutter->images);
    arena_reset(cutter->arena);
    cutter->byte_count = 0;
    cutter->change_count = 0;
    cutter->part++;
    return status;
}

/* Puts a message into a list; NULL: there was no memory for it. */
static cpts_status put(struct sync_list *list, void *message, struct cpts_error *err)
{
    void **place = message == NULL ? NULL : cpts_sync_list__add(list, sizeof *place);
    if (place == NULL)
        return no_memory(err);
    *place = message;
    return CPTS_OK;
}

static cpts_status make_room(struct cutter *cutter, size_t byte_count, struct cpts_error *err)
{
    bool is_full = cutter->byte_count > 0 && cutter->byte_count + byte_count > cutter->aim_bytes;
    cpts_status status = is_full ? flush(cutter, true, err) : CPTS_OK;
    cutter->byte_count += byte_count;
    return status;
}

/* Begins the records of a kind, with places for `row_max` rows. */
static Cpts__V1__SyncRecords *begin_records(Cpts__V1__SyncImage *image,
                                            const struct cpts_sync_row *row, size_t row_max,
                                            struct arena *arena)
{
    Cpts__V1__SyncRecords *records = arena_alloc(arena, sizeof *records);
    if (records == NULL)
        return NULL;
    cpts__v1__sync_records__init(records);
    records->kind = cpts_convert__text(row->kind);
    records->rows = arena_alloc(arena, row_max * sizeof *records->rows);
    records->recorded_from_us = arena_alloc(arena, row_max * sizeof *records->recorded_from_us);
    records->recorded_to_us = arena_alloc(arena, row_max * sizeof *records->recorded_to_us);
    bool is_whole = records->rows != NULL && records->recorded_from_us != NULL &&
                    records->recorded_to_us != NULL;
    image->records[image->n_records++] = records;
    return is_whole ? records : NULL;
}

static bool add_row(Cpts__V1__SyncRecords *records, const struct cpts_sync_row *row,
                    struct arena *arena)
{
    char *text = arena_copy(arena, row->body.bytes, row->body.byte_count);
    if (text == NULL)
        return false;
    records->rows[records->n_rows++] = text;
    if (row->recorded_from_us == 0 && row->recorded_to_us == 0)
        return true;
    records->recorded_from_us[records->n_recorded_from_us++] = row->recorded_from_us;
    records->recorded_to_us[records->n_recorded_to_us++] = row->recorded_to_us;
    return true;
}

/* Rows of the same kind, from the first on. */
static size_t count_kind(const struct cpts_sync_row *rows, size_t row_count)
{
    size_t count = 1;
    while (count < row_count && strcmp(rows[count].kind, rows[0].kind) == 0)
        count++;
    return count;
}

/* The image with `row_count` rows from the first on. */
static Cpts__V1__SyncImage *make_image(const struct cpts_sync_image *image, size_t first,
                                       size_t row_count, struct arena *arena)
{
    Cpts__V1__SyncImage *message = cpts_sync_convert__image(image, arena);
    if (message == NULL)
        return NULL;
    message->records = arena_alloc(arena, (row_count + 1) * sizeof *message->records);
    message->more = first + row_count < image->row_count;
    if (message->records == NULL)
        return NULL;
    size_t end = first + row_count;
    for (size_t at = first; at < end;) {
        const struct cpts_sync_row *rows = &image->rows[at];
        size_t count = count_kind(rows, end - at);
        Cpts__V1__SyncRecords *records = begin_records(message, rows, count, arena);
        for (size_t i = 0; i < count; i++) {
            if (records == NULL || !add_row(records, &rows[i], arena))
                return NULL;
        }
        at += count;
    }
    return message;
}

/* Rows from `first` on that find room in a part of their own. */
static size_t count_fitting(const struct cutter *cutter, const struct cpts_sync_image *image,
                            size_t first, size_t *ret_bytes)
{
    size_t count = 0, byte_count = IMAGE_BYTES;
    while (first + count < image->row_count) {
        size_t row_bytes = image->rows[first + count].body.byte_count + ROW_BYTES;
        if (count > 0 && byte_count + row_bytes > cutter->aim_bytes)
            break;
        byte_count += row_bytes;
        count++;
    }
    *ret_bytes = byte_count;
    return count;
}

static cpts_status cut_image(struct cutter *cutter, const struct cpts_sync_image *image,
                             struct cpts_error *err)
{
    size_t first = 0;
    do {
        size_t byte_count = 0;
        size_t count = count_fitting(cutter, image, first, &byte_count);
        cpts_status status = make_room(cutter, byte_count, err);
        if (status == CPTS_OK)
            status = put(&cutter->images, make_image(image, first, count, cutter->arena), err);
        if (status != CPTS_OK)
            return status;
        first += count;
    } while (first < image->row_count);
    return CPTS_OK;
}

static cpts_status cut_entries(struct cutter *cutter, struct cpts_error *err)
{
    const struct cpts_sync_batch *batch = cutter->batch;
    cpts_status status = CPTS_OK;
    for (size_t i = 0; i < batch->withheld_count && status == CPTS_OK; i++) {
        status = make_room(cutter, WITHHELD_BYTES, err);
        if (status == CPTS_OK)
            status = put(&cutter->withheld,
                         cpts_sync_convert__withheld(&batch->withheld[i], cutter->arena), err);
    }
    for (size_t i = 0; i < batch->entry_count && status == CPTS_OK; i++) {
        const struct cpts_sync_entry *entry = &batch->entries[i];
        status = make_room(cutter, entry->bytes.byte_count + ENTRY_BYTES, err);
        if (status == CPTS_OK)
            status = put(&cutter->entries, cpts_sync_convert__entry(entry, cutter->arena), err);
    }
    return status;
}

/* Cuts all, and gives the last part. */
static cpts_status cut(struct cutter *cutter, const struct cpts_sync_image *images,
                       size_t image_count, struct cpts_error *err)
{
    cutter->aim_bytes = cutter->parts->aim_bytes == 0 ? SYNC_PART_BYTES : cutter->parts->aim_bytes;
    cutter->arena = arena_new(ARENA_BYTES_MAX);
    if (cutter->arena == NULL)
        return no_memory(err);
    cpts_status status = cutter->batch == NULL ? CPTS_OK : cut_entries(cutter, err);
    for (size_t i = 0; i < image_count && status == CPTS_OK; i++)
        status = cut_image(cutter, &images[i], err);
    if (status == CPTS_OK)
        status = flush(cutter, false, err);
    cpts_sync_list__done(&cutter->entries);
    cpts_sync_list__done(&cutter->withheld);
    cpts_sync_list__done(&cutter->images);
    arena_free(cutter->arena);
    return status;
}

cpts_status cpts_sync_parts__batch(const struct sync_parts *parts,
                                   const struct cpts_sync_batch *batch, struct cpts_error *err)
{
    struct cutter cutter = {
        .parts = parts, .batch = batch, .change_count = cpts_sync_parts__change_count(batch)};
    return cut(&cutter, batch->images, batch->image_count, err);
}

cpts_status cpts_sync_parts__chunk(const struct sync_parts *parts,
                                   const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct cutter cutter = {.parts = parts, .chunk = chunk};
    return cut(&cutter, chunk->images, chunk->image_count, err);
}
