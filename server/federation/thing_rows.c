/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/thing_rows.h"

#include <string.h>

#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

enum thing_column {
    WHAT,
    KIND,
    ID,
    VERSION,
    EPOCH,
    NODE,
    REGION,
    FIRST,
    LAST,
    RECORDED_AT,
    EVENT,
    ACTOR,
    COMMAND_ID,
    SCHEMA_VERSION,
    CONTENT_HASH,
    PREV_HASH,
    HASH,
    BYTES,
    BODY
};

/* What a row is about, as its first column says. */
#define HEAD 'H'
#define ENTRY 'E'
#define WITHHELD 'W'
#define IMAGE 'I'
#define ROW 'R'

/* What LAST says of an image. */
enum image_word { PUBLIC_ONLY = 1, AGAIN = 2 };

struct counts {
    size_t entries;
    size_t withheld;
    size_t images;
    size_t rows;
};

/* A reading on its way. */
struct reading {
    const struct rows *rows;
    struct arena *arena;
    struct things things;
    struct cpts_sync_row *image_rows; /* all of them; an image has its part */
    size_t image_row_count;
    bool is_full; /* memory is out */
};

static char what(const struct rows *rows, int row)
{
    return rows_text(rows, row, WHAT)[0];
}

static struct counts count_things(const struct rows *rows)
{
    struct counts counts = {0};
    for (int row = 0; row < rows_count(rows); row++) {
        counts.entries += what(rows, row) == ENTRY;
        counts.withheld += what(rows, row) == WITHHELD;
        counts.images += what(rows, row) == IMAGE;
        counts.rows += what(rows, row) == ROW;
    }
    return counts;
}

static bool make_room(struct reading *reading)
{
    const struct counts counts = count_things(reading->rows);
    struct things *things = &reading->things;
    struct arena *arena = reading->arena;
    things->entries = arena_alloc(arena, (counts.entries + 1) * sizeof *things->entries);
    things->withheld = arena_alloc(arena, (counts.withheld + 1) * sizeof *things->withheld);
    things->images = arena_alloc(arena, (counts.images + 1) * sizeof *things->images);
    reading->image_rows = arena_alloc(arena, (counts.rows + 1) * sizeof *reading->image_rows);
    return things->entries != NULL && things->withheld != NULL && things->images != NULL &&
           reading->image_rows != NULL;
}

static void read_hash(const struct rows *rows, int row, int column,
                      uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    size_t byte_count = 0;
    const uint8_t *bytes = rows_bytes(rows, row, column, &byte_count);
    if (bytes != NULL && byte_count == CPTS_SYNC_HASH_BYTES)
        memcpy(ret_hash, bytes, CPTS_SYNC_HASH_BYTES);
}

static struct cpts_bytes read_bytes(const struct rows *rows, int row, int column)
{
    struct cpts_bytes bytes = {0};
    bytes.bytes = rows_bytes(rows, row, column, &bytes.byte_count);
    return bytes;
}

static const char *read_uuid(struct reading *reading, int row, int column)
{
    char *text = arena_alloc(reading->arena, UUID_TEXT_BYTES);
    if (text == NULL)
        reading->is_full = true;
    else
        rows_uuid(reading->rows, row, column, text);
    return text;
}

static void take_head(struct reading *reading, int row)
{
    struct thing_head *head = &reading->things.head;
    const struct rows *rows = reading->rows;
    head->word = rows_text(rows, row, KIND);
    head->first = rows_int(rows, row, FIRST);
    head->last = rows_int(rows, row, LAST);
    head->count = (int32_t)rows_int(rows, row, VERSION);
    head->epoch = (int32_t)rows_int(rows, row, EPOCH);
    read_hash(rows, row, HASH, head->hash);
}

static void take_entry(struct reading *reading, int row)
{
    const struct rows *rows = reading->rows;
    struct things *things = &reading->things;
    struct cpts_sync_entry *entry = &things->entries[things->entry_count++];
    *entry = (struct cpts_sync_entry){
        .position = rows_int(rows, row, FIRST),
        .origin_node = rows_text(rows, row, NODE),
        .origin_position = rows_int(rows, row, LAST),
        .epoch = (int32_t)rows_int(rows, row, EPOCH),
        .aggregate_kind = rows_text(rows, row, KIND),
        .aggregate_id = read_uuid(reading, row, ID),
        .version = (int32_t)rows_int(rows, row, VERSION),
        .kind = rows_text(rows, row, EVENT),
        .recorded_at_us = rows_int(rows, row, RECORDED_AT),
        .actor = rows_text(rows, row, ACTOR),
        .command_id = read_uuid(reading, row, COMMAND_ID),
        .content_hash = read_bytes(rows, row, CONTENT_HASH),
        .schema_version = (int32_t)rows_int(rows, row, SCHEMA_VERSION),
        .lead_region = rows_text(rows, row, REGION),
        .bytes = read_bytes(rows, row, BYTES),
    };
    read_hash(rows, row, PREV_HASH, entry->prev_hash);
    read_hash(rows, row, HASH, entry->hash);
}

static void take_withheld(struct reading *reading, int row)
{
    struct things *things = &reading->things;
    struct cpts_sync_withheld *withheld = &things->withheld[things->withheld_count++];
    withheld->first = rows_int(reading->rows, row, FIRST);
    withheld->last = rows_int(reading->rows, row, LAST);
    read_hash(reading->rows, row, HASH, withheld->hash);
}

static void take_image(struct reading *reading, int row)
{
    const struct rows *rows = reading->rows;
    struct things *things = &reading->things;
    things->images[things->image_count++] = (struct cpts_sync_image){
        .aggregate_kind = rows_text(rows, row, KIND),
        .aggregate_id = read_uuid(reading, row, ID),
        .version = (int32_t)rows_int(rows, row, VERSION),
        .epoch = (int32_t)rows_int(rows, row, EPOCH),
        .owner_node = rows_text(rows, row, NODE),
        .lead_region = rows_text(rows, row, REGION),
        .since_version = (int32_t)rows_int(rows, row, FIRST),
        .public_only = (rows_int(rows, row, LAST) & PUBLIC_ONLY) != 0,
        .again = (rows_int(rows, row, LAST) & AGAIN) != 0,
        .rows = reading->image_rows + reading->image_row_count,
    };
}

/* A row of the image before it. */
static void take_row(struct reading *reading, int row)
{
    const struct rows *rows = reading->rows;
    struct things *things = &reading->things;
    const char *body = rows_text(rows, row, BODY);
    if (things->image_count == 0)
        return;
    things->images[things->image_count - 1].row_count++;
    reading->image_rows[reading->image_row_count++] = (struct cpts_sync_row){
        .kind = rows_text(rows, row, KIND),
        .body = {(const uint8_t *)body, (size_t)rows_byte_count(rows, row, BODY)},
        .recorded_from_us = rows_int(rows, row, FIRST),
        .recorded_to_us = rows_int(rows, row, LAST),
    };
}

static const struct {
    char what;
    void (*take)(struct reading *reading, int row);
} THINGS[] = {
    {HEAD, take_head},   {ENTRY, take_entry}, {WITHHELD, take_withheld},
    {IMAGE, take_image}, {ROW, take_row},
};

static bool take_thing(struct reading *reading, int row)
{
    for (size_t i = 0; i < sizeof THINGS / sizeof THINGS[0]; i++) {
        if (THINGS[i].what == what(reading->rows, row)) {
            THINGS[i].take(reading, row);
            return true;
        }
    }
    return false;
}

cpts_status things_read(const struct rows *rows, struct arena *arena, struct things *ret_things,
                        struct cpts_error *err)
{
    struct reading reading = {.rows = rows, .arena = arena};
    if (rows_count(rows) == 0 || what(rows, 0) != HEAD)
        return error_set(err, REASON_INTERNAL_ERROR, "a reading of the log has no head");
    if (!make_room(&reading))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a batch");
    for (int row = 0; row < rows_count(rows); row++) {
        if (!take_thing(&reading, row))
            return error_set(err, REASON_INTERNAL_ERROR, "row %d of a reading is unknown", row);
    }
    if (reading.is_full)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a batch");
    *ret_things = reading.things;
    return CPTS_OK;
}
