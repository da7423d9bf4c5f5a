/* SPDX-License-Identifier: Apache-2.0 */
#include "statistics.h"

#include <stdio.h>
#include <string.h>

static void add(atomic_uint_fast64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, memory_order_relaxed);
}

void cpts_statistics__init(struct statistics *statistics)
{
    pthread_mutex_init(&statistics->lock, NULL);
}

void cpts_statistics__done(struct statistics *statistics)
{
    pthread_mutex_destroy(&statistics->lock);
}

/* NULL when there are more addresses than places. */
static struct statistics_peer *find_peer(struct statistics *statistics, const char *address)
{
    for (size_t i = 0; i < statistics->peer_count; i++) {
        if (strcmp(statistics->peers[i].address, address) == 0)
            return &statistics->peers[i];
    }
    if (statistics->peer_count == ADDRESS_COUNT_MAX)
        return NULL;
    struct statistics_peer *peer = &statistics->peers[statistics->peer_count++];
    snprintf(peer->address, sizeof peer->address, "%s", address);
    return peer;
}

void cpts_statistics__attempt(struct statistics *statistics,
                              const struct statistics_attempt *attempt)
{
    struct statistics_calls *calls = &statistics->calls[attempt->operation];
    add(&calls->attempts, 1);
    add(&calls->bytes_sent, attempt->bytes_sent);
    add(&calls->bytes_received, attempt->bytes_received);
    if (attempt->peer[0] == '\0')
        return;
    pthread_mutex_lock(&statistics->lock);
    struct statistics_peer *peer = find_peer(statistics, attempt->peer);
    if (peer != NULL) {
        peer->attempts++;
        peer->unavailable += attempt->status == CPTS_UNAVAILABLE;
    }
    pthread_mutex_unlock(&statistics->lock);
}

void cpts_statistics__call(struct statistics *statistics, enum operation operation,
                           cpts_status status, int64_t latency_us, int32_t attempt_count)
{
    struct statistics_calls *calls = &statistics->calls[operation];
    add(&calls->by_status[status], 1);
    add(&calls->retries, attempt_count > 1 ? (uint64_t)attempt_count - 1 : 0);
    cpts_latency__record(&calls->latency, latency_us);
}

size_t cpts_statistics__peers(struct statistics *statistics,
                              struct statistics_peer ret_peers[ADDRESS_COUNT_MAX])
{
    pthread_mutex_lock(&statistics->lock);
    size_t count = statistics->peer_count;
    memcpy(ret_peers, statistics->peers, sizeof statistics->peers);
    pthread_mutex_unlock(&statistics->lock);
    return count;
}
