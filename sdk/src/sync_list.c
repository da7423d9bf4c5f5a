/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_list.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 16

void *cpts_sync_list__add(struct sync_list *list, size_t item_bytes)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? CAPACITY_FIRST : list->capacity * 2;
        void *items = reallocarray(list->items, capacity, item_bytes);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    char *item = (char *)list->items + list->count++ * item_bytes;
    return memset(item, 0, item_bytes);
}

void cpts_sync_list__empty(struct sync_list *list)
{
    list->count = 0;
}

void cpts_sync_list__done(struct sync_list *list)
{
    free(list->items);
    *list = (struct sync_list){0};
}
