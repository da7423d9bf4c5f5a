/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_LIST_H
#define SDK_SYNC_LIST_H

/**
 * @file
 * A growing array. All zero is an empty one.
 *
 * Threads: one thread at a time.
 */

#include <stddef.h>

struct sync_list {
    void *items;
    size_t count;
    size_t capacity;
};

/** A new zeroed last element, valid until the next one; NULL when memory is out. */
void *cpts_sync_list__add(struct sync_list *list, size_t item_bytes);

/** Forgets the elements and keeps the memory. */
void cpts_sync_list__empty(struct sync_list *list);

void cpts_sync_list__done(struct sync_list *list);

#endif
