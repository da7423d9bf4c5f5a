/* SPDX-License-Identifier: Apache-2.0 */
#include "testing_store.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync_session.h"
#include "ticks.h"
#include "wire/digest.h"
#include "wire/error.h"

cpts_status cpts_testing_store__no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a store");
}

bool cpts_testing_store__fails(struct testing_store *store)
{
    return store->fault_count > 0 && store->fault_count-- > 0;
}

void cpts_testing_store__init(struct testing_store *store, const char *node)
{
    *store = (struct testing_store){0};
    snprintf(store->self.node, sizeof store->self.node, "%s", node);
    store->self.epoch = 1;
    crypto_sign_keypair(store->key, store->secret);
}

void cpts_testing_store__free_aggregate(struct testing_aggregate *aggregate)
{
    free(aggregate->row.kind);
    free(aggregate->row.body);
}

static void free_aggregates(struct sync_list *list)
{
    struct testing_aggregate *aggregates = list->items;
    for (size_t i = 0; i < list->count; i++)
        cpts_testing_store__free_aggregate(&aggregates[i]);
    cpts_sync_list__done(list);
}

void cpts_testing_store__done(struct testing_store *store)
{
    free_aggregates(&store->aggregates);
    free_aggregates(&store->staged);
    cpts_sync_list__done(&store->entries);
    cpts_sync_list__done(&store->forked);
    cpts_sync_list__done(&store->cursors);
    cpts_sync_list__done(&store->alarms);
    cpts_sync_list__done(&store->parked);
    cpts_sync_list__done(&store->keys);
    cpts_sync_list__done(&store->checkpoints);
}

static bool copy_list(struct sync_list *to, const struct sync_list *from, size_t item_bytes)
{
    *to = (struct sync_list){.count = from->count, .capacity = from->count};
    to->items = calloc(from->count + 1, item_bytes);
    if (to->items != NULL && from->count > 0)
        memcpy(to->items, from->items, from->count * item_bytes);
    return to->items != NULL;
}

static bool copy_aggregates(struct sync_list *to, const struct sync_list *from)
{
    bool is_whole = copy_list(to, from, sizeof(struct testing_aggregate));
    struct testing_aggregate *aggregates = to->items;
    for (size_t i = 0; is_whole && i < to->count; i++) {
        aggregates[i].row.kind = strdup(aggregates[i].row.kind);
        aggregates[i].row.body = strdup(aggregates[i].row.body);
    }
    return is_whole;
}

bool cpts_testing_store__copy(struct testing_store *to, const struct testing_store *from)
{
    *to = *from;
    return copy_aggregates(&to->aggregates, &from->aggregates) &&
           copy_aggregates(&to->staged, &from->staged) &&
           copy_list(&to->entries, &from->entries, sizeof(struct testing_entry)) &&
           copy_list(&to->forked, &from->forked, sizeof(struct testing_entry)) &&
           copy_list(&to->cursors, &from->cursors, sizeof(struct testing_cursor)) &&
           copy_list(&to->alarms, &from->alarms, sizeof(struct testing_alarm)) &&
           copy_list(&to->parked, &from->parked, sizeof(struct testing_alarm)) &&
           copy_list(&to->keys, &from->keys, sizeof(struct testing_key)) &&
           copy_list(&to->checkpoints, &from->checkpoints, sizeof(struct cpts_sync_checkpoint));
}

struct testing_aggregate *cpts_testing_store__find(const struct testing_store *store,
                                                   const char *kind, const char *id)
{
    struct testing_aggregate *aggregates = store->aggregates.items;
    for (size_t i = 0; i < store->aggregates.count; i++) {
        if (strcmp(aggregates[i].kind, kind) == 0 && strcmp(aggregates[i].id, id) == 0)
            return &aggregates[i];
    }
    return NULL;
}

size_t cpts_testing_store__count_alarms(const struct testing_store *store,
                                        enum cpts_sync_alarm alarm)
{
    const struct testing_alarm *alarms = store->alarms.items;
    size_t count = 0;
    for (size_t i = 0; i < store->alarms.count; i++)
        count += alarms[i].alarm == alarm;
    return count;
}

bool cpts_testing_store__trust(struct testing_store *store, const struct testing_store *other)
{
    struct testing_key *key = cpts_sync_list__add(&store->keys, sizeof *key);
    if (key == NULL)
        return false;
    snprintf(key->node, sizeof key->node, "%s", other->self.node);
    memcpy(key->key, other->key, sizeof key->key);
    return true;
}

struct testing_cursor *cpts_testing_store__cursor(struct testing_store *store, const char *node)
{
    struct testing_cursor *cursors = store->cursors.items;
    for (size_t i = 0; i < store->cursors.count; i++) {
        if (strcmp(cursors[i].node, node) == 0)
            return &cursors[i];
    }
    struct testing_cursor *fresh = cpts_sync_list__add(&store->cursors, sizeof *fresh);
    if (fresh != NULL)
        snprintf(fresh->node, sizeof fresh->node, "%s", node);
    return fresh;
}

static int order(const void *one_aggregate, const void *other_aggregate)
{
    const struct testing_aggregate *one = one_aggregate, *other = other_aggregate;
    int kinds = strcmp(one->kind, other->kind);
    return kinds != 0 ? kinds : strcmp(one->id, other->id);
}

static char *copy_text(const char *text, size_t byte_count)
{
    char *copy = malloc(byte_count + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, byte_count);
    copy[byte_count] = '\0';
    return copy;
}

bool cpts_testing_store__put(struct testing_store *store, const struct cpts_sync_image *image,
                             const char *source)
{
    struct testing_aggregate *place =
        cpts_testing_store__find(store, image->aggregate_kind, image->aggregate_id);
    const struct cpts_sync_row *row = &image->rows[0];
    char *kind = image->row_count == 0 ? strdup("none") : strdup(row->kind);
    char *body = image->row_count == 0
                     ? strdup("{}")
                     : copy_text((const char *)row->body.bytes, row->body.byte_count);
    bool is_new = place == NULL;
    if (is_new)
        place = cpts_sync_list__add(&store->aggregates, sizeof *place);
    if (place == NULL || kind == NULL || body == NULL) {
        free(kind);
        free(body);
        return false;
    }
    cpts_testing_store__free_aggregate(place);
    snprintf(place->kind, sizeof place->kind, "%s", image->aggregate_kind);
    snprintf(place->id, sizeof place->id, "%s", image->aggregate_id);
    snprintf(place->owner, sizeof place->owner, "%s", image->owner_node);
    snprintf(place->region, sizeof place->region, "%s", image->lead_region);
    snprintf(place->source, sizeof place->source, "%s", source);
    place->version = image->version;
    place->epoch = image->epoch;
    place->row = (struct testing_row){.kind = kind, .body = body};
    if (is_new)
        qsort(store->aggregates.items, store->aggregates.count, sizeof *place, order);
    return true;
}

void cpts_testing_store__remove(struct testing_store *store, size_t index)
{
    struct testing_aggregate *aggregates = store->aggregates.items;
    cpts_testing_store__free_aggregate(&aggregates[index]);
    store->aggregates.count--;
    memmove(&aggregates[index], &aggregates[index + 1],
            (store->aggregates.count - index) * sizeof *aggregates);
}

struct cpts_sync_image cpts_testing_store__image(const struct testing_aggregate *aggregate,
                                                 struct cpts_sync_row *row)
{
    *row = (struct cpts_sync_row){.kind = aggregate->row.kind,
                                  .body = {.bytes = (const uint8_t *)aggregate->row.body,
                                           .byte_count = strlen(aggregate->row.body)}};
    return (struct cpts_sync_image){.aggregate_kind = aggregate->kind,
                                    .aggregate_id = aggregate->id,
                                    .version = aggregate->version,
                                    .epoch = aggregate->epoch,
                                    .owner_node = aggregate->owner,
                                    .lead_region = aggregate->region,
                                    .rows = row,
                                    .row_count = 1};
}

bool cpts_testing_store__append(struct testing_store *store, const struct cpts_sync_entry *entry)
{
    struct testing_entry *own = cpts_sync_list__add(&store->entries, sizeof *own);
    if (own == NULL)
        return false;
    own->entry = *entry;
    own->entry.position = (int64_t)store->entries.count;
    own->stored_us = cpts_ticks__wall_us();
    snprintf(own->origin, sizeof own->origin, "%s", entry->origin_node);
    snprintf(own->kind, sizeof own->kind, "%s", entry->aggregate_kind);
    snprintf(own->id, sizeof own->id, "%s", entry->aggregate_id);
    snprintf(own->region, sizeof own->region, "%s", entry->lead_region);
    snprintf(own->text, sizeof own->text, "%.*s", (int)entry->bytes.byte_count,
             (const char *)entry->bytes.bytes);
    if (strcmp(own->origin, store->self.node) != 0)
        return true;
    store->self.head_position = entry->origin_position;
    memcpy(store->self.head_hash, entry->hash, sizeof store->self.head_hash);
    return true;
}

bool cpts_testing_store__record(struct testing_store *store, const struct testing_change *change)
{
    const struct testing_aggregate *before =
        cpts_testing_store__find(store, change->kind, change->id);
    struct cpts_sync_row row = {
        .kind = change->row_kind == NULL ? "fact" : change->row_kind,
        .body = {.bytes = (const uint8_t *)change->body, .byte_count = strlen(change->body)}};
    struct cpts_sync_image image = {.aggregate_kind = change->kind,
                                    .aggregate_id = change->id,
                                    .version = before == NULL ? 1 : before->version + 1,
                                    .epoch = 1,
                                    .owner_node = store->self.node,
                                    .lead_region = change->region,
                                    .rows = &row,
                                    .row_count = 1};
    char text[64];
    int length = snprintf(text, sizeof text, "%.32s %d", change->body, image.version);
    struct cpts_sync_entry entry = {
        .origin_node = store->self.node,
        .origin_position = store->self.head_position + 1,
        .epoch = 1,
        .aggregate_kind = change->kind,
        .aggregate_id = change->id,
        .version = image.version,
        .kind = "CHANGED",
        .recorded_at_us = cpts_ticks__wall_us(),
        .lead_region = change->region,
        .bytes = {.bytes = (const uint8_t *)text, .byte_count = (size_t)length}};
    memcpy(entry.prev_hash, store->self.head_hash, sizeof entry.prev_hash);
    digest_change(entry.prev_hash, entry.origin_position, entry.bytes.bytes, entry.bytes.byte_count,
                  entry.hash);
    if (!cpts_testing_store__put(store, &image, store->self.node) ||
        !cpts_testing_store__append(store, &entry))
        return false;
    cpts_testing_store__find(store, change->kind, change->id)->is_urgent = change->is_urgent;
    return true;
}

bool cpts_testing_store__is_visible(const struct testing_store *store,
                                    const struct cpts_sync_peer *peer,
                                    const struct testing_aggregate *aggregate)
{
    if (strcmp(aggregate->owner, peer->node) == 0)
        return false;
    if (strcmp(peer->scope, "*") == 0)
        return strcmp(aggregate->owner, store->self.node) == 0;
    return strcmp(aggregate->kind, "REFERENCE") == 0 ||
           strcmp(aggregate->region, strchr(peer->scope, ':') + 1) == 0;
}

struct cpts_sync_store cpts_testing_store__table(struct testing_store *store)
{
    struct cpts_sync_store table = {.size = sizeof table, .store = store};
    cpts_testing_store__add_sink(&table);
    cpts_testing_store__add_source(&table);
    return table;
}
