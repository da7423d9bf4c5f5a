/* SPDX-License-Identifier: Apache-2.0 */
#include "feed/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "feed/feed.h"
#include "store/log_reader.h"
#include "store/rows.h"
#include "wire/arena.h"

/** Memory to pack one change. */
#define PACK_ARENA_BYTES ((size_t)32 * 1024 * 1024)

/** Where an answer ends: at its last row when a limit cut it, else at the end
 * of what was looked at. */
static int64_t find_end(const struct part *part, const struct log_question *question)
{
    bool is_cut =
        part->count >= question->row_count_max || part->byte_count >= question->byte_count_max;
    if (part->positions != NULL && part->count > 0 && is_cut)
        return part->positions[part->count - 1];
    int64_t end = question->after + question->span;
    if (end > part->head)
        end = part->head;
    return end > question->after ? end : question->after;
}

/** Packs what those are told that a change only touches, if there are any.
 * @return false when memory ran out. */
static bool pack_touched(const struct feed_options *options, const struct rows *rows, int row,
                         struct ring_entry *entry)
{
    if (entry->packet == NULL || options->pack_touched == NULL ||
        strchr(rows_text(rows, row, LOG_AUDIENCE), RING_TOUCHED) == NULL)
        return true;
    entry->touched = options->pack_touched(rows, row);
    if (entry->touched != NULL)
        return true;
    packet_unref(entry->packet);
    entry->packet = NULL;
    return false;
}

/** Packs every row; the packing needs @p scratch, anew for each.
 * @return false when memory ran out: the part ends before its time. */
static bool pack_rows(const struct feed_options *options, const struct rows *rows, int row_count,
                      struct arena *scratch, struct part *part)
{
    for (int row = 0; row < row_count; row++) {
        struct ring_entry *entry = &part->entries[row];
        arena_reset(scratch);
        if (!options->pack_change(rows, row, scratch, &entry->packet) ||
            !pack_touched(options, rows, row, entry))
            return false;
        snprintf(entry->region, sizeof entry->region, "%s", rows_text(rows, row, LOG_LEAD_REGION));
        entry->audience = rows_is_null(rows, row, LOG_AUDIENCE)
                              ? NULL
                              : strdup(rows_text(rows, row, LOG_AUDIENCE));
        part->positions[row] = rows_int(rows, row, LOG_POSITION);
        part->byte_count += rows_byte_count(rows, row, LOG_BYTES);
        part->count++;
    }
    return true;
}

void part_read(const struct feed_options *options, const struct log_question *question,
               const struct rows *rows, struct arena *arena, struct part *part)
{
    int row_count = rows_is_null(rows, 0, LOG_POSITION) ? 0 : rows_count(rows);
    struct arena *scratch = arena_new(PACK_ARENA_BYTES);
    *part = (struct part){.head = part->head};
    if (arena != NULL && scratch != NULL) {
        part->entries = arena_alloc(arena, ((size_t)row_count + 1) * sizeof *part->entries);
        part->positions = arena_alloc(arena, ((size_t)row_count + 1) * sizeof *part->positions);
    }
    if (part->entries != NULL && part->positions != NULL)
        part->is_whole = pack_rows(options, rows, row_count, scratch, part);
    arena_free(scratch);
    if (part->is_whole)
        part->end = find_end(part, question);
    else
        part->end = part->positions == NULL || part->count == 0 ? question->after
                                                                : part->positions[part->count - 1];
}

void part_drop(struct part *part)
{
    for (int i = 0; i < part->count; i++) {
        packet_unref(part->entries[i].packet);
        packet_unref(part->entries[i].touched);
        free(part->entries[i].audience);
    }
    part->count = 0;
}

struct page *page_make(struct part *part, const char *filter)
{
    bool is_stuck = !part->is_whole && part->count == 0;
    struct page *page =
        is_stuck ? NULL : malloc(sizeof *page + (size_t)part->count * sizeof(struct page_entry));
    if (page == NULL)
        return NULL;
    *page = (struct page){.end = part->end};
    for (int i = 0; i < part->count; i++) {
        const struct ring_entry *entry = &part->entries[i];
        struct packet *told = ring_entry_packet(entry, filter);
        if (told != NULL)
            page->entries[page->entry_count++] =
                (struct page_entry){packet_ref(told), part->positions[i]};
        packet_unref(entry->packet);
        packet_unref(entry->touched);
        free(entry->audience); /* a page is for one subscriber */
    }
    part->count = 0;
    return page;
}

void page_free(struct page *page)
{
    if (page == NULL)
        return;
    for (int i = page->entry_next; i < page->entry_count; i++)
        packet_unref(page->entries[i].packet);
    free(page);
}
