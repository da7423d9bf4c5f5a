/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query_array.h"

#include <stdbool.h>
#include <string.h>

#include "store/query.h"
#include "wire/arena.h"
#include "wire/uuid.h"

/* Of an array with one dimension: dimensions, flags, type, count, first index. */
#define HEADER_BYTES 20
#define LENGTH_BYTES 4
#define UUID_BYTES 16
#define LONG_BYTES 8
#define INT_BYTES 4

/* Where an array is written. */
struct writing {
    uint8_t *to;
};

static void write_int(struct writing *writing, uint32_t number)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *writing->to++ = (uint8_t)(number >> shift);
}

static void write_bytes(struct writing *writing, const void *bytes, size_t byte_count)
{
    if (byte_count > 0)
        memcpy(writing->to, bytes, byte_count);
    writing->to += byte_count;
}

static const char *text_of(const void *member)
{
    const char *text;
    memcpy(&text, member, sizeof text);
    return text;
}

static struct query_cell cell_of(const void *member)
{
    struct query_cell cell;
    memcpy(&cell, member, sizeof cell);
    return cell;
}

static size_t measure_text(const void *member)
{
    return strlen(text_of(member));
}

static size_t measure_cell(const void *member)
{
    return cell_of(member).byte_count;
}

static bool write_text(struct writing *writing, const void *member, size_t byte_count)
{
    write_bytes(writing, text_of(member), byte_count);
    return true;
}

static bool write_cell(struct writing *writing, const void *member, size_t byte_count)
{
    write_bytes(writing, cell_of(member).bytes, byte_count);
    return true;
}

static bool write_plain(struct writing *writing, const void *member, size_t byte_count)
{
    write_bytes(writing, member, byte_count);
    return true;
}

static bool write_uuid(struct writing *writing, const void *member, size_t byte_count)
{
    uint8_t uuid[UUID_BYTES];
    if (!uuid_parse(text_of(member), uuid))
        return false;
    write_bytes(writing, uuid, byte_count);
    return true;
}

static bool write_number(struct writing *writing, const void *member, size_t byte_count)
{
    (void)byte_count;
    int32_t number;
    memcpy(&number, member, sizeof number);
    write_int(writing, (uint32_t)number);
    return true;
}

static bool write_long(struct writing *writing, const void *member, size_t byte_count)
{
    (void)byte_count;
    int64_t number;
    memcpy(&number, member, sizeof number);
    write_int(writing, (uint32_t)((uint64_t)number >> 32));
    write_int(writing, (uint32_t)number);
    return true;
}

/* Type of the elements (pg_type.oid, fixed for built-in types), their size unless it is
 * measured, and how one is written. */
static const struct {
    uint32_t type;
    size_t byte_count;
    size_t (*measure)(const void *member);
    bool (*write)(struct writing *writing, const void *member, size_t byte_count);
} KINDS[QUERY_MEMBER_KINDS] = {
    [MEMBER_TEXT] = {.type = 25, .measure = measure_text, .write = write_text},
    [MEMBER_TEXT_CELL] = {.type = 25, .measure = measure_cell, .write = write_cell},
    [MEMBER_BYTES_CELL] = {.type = 17, .measure = measure_cell, .write = write_cell},
    [MEMBER_HASH] = {.type = 17, .byte_count = QUERY_HASH_BYTES, .write = write_plain},
    [MEMBER_UUID] = {.type = 2950, .byte_count = UUID_BYTES, .write = write_uuid},
    [MEMBER_INT] = {.type = 23, .byte_count = INT_BYTES, .write = write_number},
    [MEMBER_LONG] = {.type = 20, .byte_count = LONG_BYTES, .write = write_long},
    [MEMBER_BOOL] = {.type = 16, .byte_count = 1, .write = write_plain},
};

static size_t size_of(enum query_member kind, const void *member)
{
    return KINDS[kind].measure == NULL ? KINDS[kind].byte_count : KINDS[kind].measure(member);
}

static const void *nth(const void *first, size_t stride_bytes, size_t index)
{
    return (const char *)first + index * stride_bytes;
}

static size_t measure_array(enum query_member kind, const void *first, size_t stride_bytes,
                            size_t count)
{
    size_t byte_count = HEADER_BYTES;
    for (size_t i = 0; i < count; i++)
        byte_count += LENGTH_BYTES + size_of(kind, nth(first, stride_bytes, i));
    return byte_count;
}

static void write_header(struct writing *writing, enum query_member kind, size_t count)
{
    write_int(writing, count > 0 ? 1 : 0);
    write_int(writing, 0);
    write_int(writing, KINDS[kind].type);
    write_int(writing, (uint32_t)count);
    write_int(writing, 1);
}

void query_members(struct query *query, enum query_member member, const void *first,
                   size_t stride_bytes, size_t count)
{
    size_t byte_count = measure_array(member, first, stride_bytes, count);
    uint8_t *array = arena_alloc(query->arena, byte_count);
    bool is_well = array != NULL && count <= INT32_MAX;
    struct writing writing = {.to = array};
    if (is_well)
        write_header(&writing, member, count);
    for (size_t i = 0; i < count && is_well; i++) {
        const void *one = nth(first, stride_bytes, i);
        size_t one_bytes = size_of(member, one);
        write_int(&writing, (uint32_t)one_bytes);
        is_well = KINDS[member].write(&writing, one, one_bytes);
    }
    /* An empty array has no dimension: nothing of one follows its type. */
    query_made(query, is_well ? array : NULL,
               count > 0 ? byte_count : byte_count - 2 * LENGTH_BYTES);
}

bool query_are_uuids(const void *first, size_t stride_bytes, size_t count)
{
    uint8_t uuid[UUID_BYTES];
    for (size_t i = 0; i < count; i++) {
        if (!uuid_parse(text_of(nth(first, stride_bytes, i)), uuid))
            return false;
    }
    return true;
}
