/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/failure_limit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 1024
#define WHO_BYTES 128

/* Someone's failures, as the instant at which they are all forgiven: each adds a
 * period to it. A place whose instant has passed is free. */
struct place {
    char who[WHO_BYTES];
    int64_t forgiven_ns;
};

struct failure_limit {
    pthread_mutex_t mutex;
    struct place places[PLACES];
};

struct failure_limit *failure_limit_new(void)
{
    struct failure_limit *limit = calloc(1, sizeof *limit);
    if (limit != NULL)
        pthread_mutex_init(&limit->mutex, NULL);
    return limit;
}

void failure_limit_free(struct failure_limit *limit)
{
    if (limit == NULL)
        return;
    pthread_mutex_destroy(&limit->mutex);
    free(limit);
}

static struct place *find(struct failure_limit *limit, const char *who)
{
    for (int i = 0; i < PLACES; i++) {
        if (strncmp(limit->places[i].who, who, WHO_BYTES - 1) == 0)
            return &limit->places[i];
    }
    return NULL;
}

/* The place that is forgiven first. */
static struct place *least(struct failure_limit *limit)
{
    struct place *found = &limit->places[0];
    for (int i = 1; i < PLACES; i++) {
        if (limit->places[i].forgiven_ns < found->forgiven_ns)
            found = &limit->places[i];
    }
    return found;
}

int64_t failure_limit_wait_ns(struct failure_limit *limit, const char *who, int64_t now_ns)
{
    pthread_mutex_lock(&limit->mutex);
    const struct place *place = find(limit, who);
    int64_t forgiven_ns = place == NULL ? 0 : place->forgiven_ns;
    pthread_mutex_unlock(&limit->mutex);
    int64_t wait_ns = forgiven_ns - (FAILURE_LIMIT_COUNT - 1) * FAILURE_LIMIT_PERIOD_NS - now_ns;
    return wait_ns > 0 ? wait_ns : 0;
}

void failure_limit_count(struct failure_limit *limit, const char *who, int64_t now_ns)
{
    pthread_mutex_lock(&limit->mutex);
    struct place *place = find(limit, who);
    if (place == NULL) {
        place = least(limit);
        snprintf(place->who, sizeof place->who, "%s", who);
        place->forgiven_ns = now_ns;
    }
    if (place->forgiven_ns < now_ns)
        place->forgiven_ns = now_ns;
    place->forgiven_ns += FAILURE_LIMIT_PERIOD_NS;
    pthread_mutex_unlock(&limit->mutex);
}
