/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/snapshot_memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES_FIRST 64

struct remembered {
    char node[CPTS_SYNC_NODE_BYTES];
    char id[CPTS_UUID_TEXT_BYTES];
    struct snapshot_point point;
    int32_t first;
    struct snapshot_place *places; /* of the chunks after the first */
    int32_t place_count;
    int32_t place_capacity;
    uint64_t used_at; /* a count, not a time */
};

struct snapshot_memory {
    pthread_mutex_t mutex;
    uint64_t use_count;
    struct remembered peers[SNAPSHOT_PEERS_MAX];
};

struct snapshot_memory *snapshot_memory_new(void)
{
    struct snapshot_memory *memory = calloc(1, sizeof *memory);
    if (memory != NULL)
        pthread_mutex_init(&memory->mutex, NULL);
    return memory;
}

void snapshot_memory_free(struct snapshot_memory *memory)
{
    if (memory == NULL)
        return;
    for (int i = 0; i < SNAPSHOT_PEERS_MAX; i++)
        free(memory->peers[i].places);
    pthread_mutex_destroy(&memory->mutex);
    free(memory);
}

static struct remembered *find(struct snapshot_memory *memory, const char *node)
{
    for (int i = 0; i < SNAPSHOT_PEERS_MAX; i++) {
        if (strcmp(memory->peers[i].node, node) == 0)
            return &memory->peers[i];
    }
    return NULL;
}

/* The one of @p node, else the one that was not used for longest. */
static struct remembered *find_or_oldest(struct snapshot_memory *memory, const char *node)
{
    struct remembered *chosen = find(memory, node);
    if (chosen != NULL)
        return chosen;
    chosen = &memory->peers[0];
    for (int i = 1; i < SNAPSHOT_PEERS_MAX; i++) {
        if (memory->peers[i].used_at < chosen->used_at)
            chosen = &memory->peers[i];
    }
    return chosen;
}

void snapshot_memory_begin(struct snapshot_memory *memory, const char *node, const char *id,
                           int32_t first, const struct snapshot_point *point)
{
    pthread_mutex_lock(&memory->mutex);
    struct remembered *peer = find_or_oldest(memory, node);
    snprintf(peer->node, sizeof peer->node, "%s", node);
    snprintf(peer->id, sizeof peer->id, "%s", id);
    peer->point = *point;
    peer->first = first;
    peer->place_count = 0;
    peer->used_at = ++memory->use_count;
    pthread_mutex_unlock(&memory->mutex);
}

static bool grow(struct remembered *peer)
{
    int32_t capacity = peer->place_capacity == 0 ? PLACES_FIRST : 2 * peer->place_capacity;
    if (peer->place_count < peer->place_capacity)
        return true;
    struct snapshot_place *places = realloc(peer->places, (size_t)capacity * sizeof *places);
    if (places == NULL)
        return false;
    peer->places = places;
    peer->place_capacity = capacity;
    return true;
}

static bool note_locked(struct remembered *peer, int32_t chunk, const struct snapshot_place *found)
{
    int32_t place = peer == NULL ? 0 : chunk - peer->first; /* from 1 */
    if (place < 1 || place > peer->place_count + 1 || place > SNAPSHOT_CHUNKS_MAX)
        return false;
    if (place <= peer->place_count)
        return true;
    if (!grow(peer))
        return false;
    peer->places[peer->place_count++] = *found;
    return true;
}

bool snapshot_memory_note(struct snapshot_memory *memory, const char *node, int32_t chunk,
                          const struct snapshot_place *place)
{
    pthread_mutex_lock(&memory->mutex);
    bool is_noted = note_locked(find(memory, node), chunk, place);
    pthread_mutex_unlock(&memory->mutex);
    return is_noted;
}

bool snapshot_memory_find(struct snapshot_memory *memory, const char *node, const char *id,
                          int32_t chunk, struct snapshot_point *ret_point,
                          struct snapshot_place *ret_place)
{
    pthread_mutex_lock(&memory->mutex);
    struct remembered *peer = find(memory, node);
    int32_t place = peer == NULL ? 0 : chunk - peer->first;
    bool is_known =
        peer != NULL && strcmp(peer->id, id) == 0 && place >= 1 && place <= peer->place_count;
    if (is_known) {
        *ret_point = peer->point;
        *ret_place = peer->places[place - 1];
        peer->used_at = ++memory->use_count;
    }
    pthread_mutex_unlock(&memory->mutex);
    return is_known;
}
