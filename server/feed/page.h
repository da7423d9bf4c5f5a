/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_PAGE_H
#define FEED_PAGE_H

/**
 * @file
 * What an answer of the log becomes: a part, packed, which then goes into the
 * ring, or into the page of one subscriber.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "feed/ring.h"

struct arena;
struct feed_options;
struct log_question;
struct packet;
struct rows;

/** One part of the log, packed; all zeros is empty. */
struct part {
    struct ring_entry *entries;
    int64_t *positions;
    int count;
    int64_t byte_count; /**< of the changes as they are stored */
    int64_t head;
    /** Everything up to here is in the part, or not for whom it was asked. */
    int64_t end;
    bool is_whole; /**< nothing was left out for lack of memory */
};

struct page_entry {
    struct packet *packet;
    int64_t position;
};

/** What one subscriber is told next. */
struct page {
    int entry_count;
    int entry_next;
    /** Everything up to here has been looked at. */
    int64_t end;
    struct page_entry entries[];
};

/** Packs the answer to @p question, whose head is @p part's already.
 * @param arena  Has the part's lists; NULL: memory is out. */
void part_read(const struct feed_options *options, const struct log_question *question,
               const struct rows *rows, struct arena *arena, struct part *part);

/** Releases what nobody has taken from a part. */
void part_drop(struct part *part);

/** Moves what a part has to tell @p filter (ring.h) into a page; NULL when memory is out, or had
 * been before anything was in the part. */
struct page *page_make(struct part *part, const char *filter);

/** Releases the rest of a page; NULL is fine. */
void page_free(struct page *page);

#endif
