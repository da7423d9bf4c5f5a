/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_queue.h"

#include <stdlib.h>

void cpts_watch_queue__init(struct watch_queue *queue, size_t count_max, size_t byte_count_max)
{
    *queue = (struct watch_queue){
        .last = &queue->first, .count_max = count_max, .byte_count_max = byte_count_max};
}

struct watch_entry *cpts_watch_queue__message(uint8_t *bytes, size_t byte_count,
                                              int64_t log_position)
{
    struct watch_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) {
        free(bytes);
        return NULL;
    }
    entry->bytes = bytes;
    entry->byte_count = byte_count;
    entry->log_position = log_position;
    return entry;
}

struct watch_entry *cpts_watch_queue__interruption(const struct cpts_error *failure,
                                                   int64_t instant_us, int64_t log_position)
{
    struct watch_entry *entry = calloc(1, sizeof *entry);
    struct cpts_error *own = malloc(sizeof *own);
    if (entry == NULL || own == NULL) {
        free(entry);
        free(own);
        return NULL;
    }
    *own = *failure;
    entry->failure = own;
    entry->instant_us = instant_us;
    entry->log_position = log_position;
    return entry;
}

void cpts_watch_queue__entry_free(struct watch_entry *entry)
{
    if (entry == NULL)
        return;
    free(entry->failure);
    free(entry->bytes);
    free(entry);
}

bool cpts_watch_queue__has_room(const struct watch_queue *queue)
{
    return queue->count < queue->count_max && queue->byte_count < queue->byte_count_max;
}

void cpts_watch_queue__push(struct watch_queue *queue, struct watch_entry *entry)
{
    entry->next = NULL;
    *queue->last = entry;
    queue->last = &entry->next;
    queue->count++;
    queue->byte_count += entry->byte_count;
}

struct watch_entry *cpts_watch_queue__pop(struct watch_queue *queue)
{
    struct watch_entry *entry = queue->first;
    queue->first = entry->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    queue->count--;
    queue->byte_count -= entry->byte_count;
    return entry;
}

void cpts_watch_queue__clear(struct watch_queue *queue)
{
    while (queue->first != NULL)
        cpts_watch_queue__entry_free(cpts_watch_queue__pop(queue));
}
