/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <string.h>

#include "engine.h"
#include "handle.h"

/* json_object_set_new() and its like take the value in any case, and fail when
 * it or memory is missing. */
static bool set_count(json_t *object, const char *key, uint64_t count)
{
    return json_object_set_new(object, key, json_integer((json_int_t)count)) == 0;
}

static uint64_t load(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Statuses that came, by name. */
static json_t *by_status(const struct statistics_calls *calls, uint64_t *ret_total)
{
    json_t *object = json_object();
    bool is_done = object != NULL;
    *ret_total = 0;
    for (int i = 0; i < STATISTICS_STATUS_COUNT; i++) {
        uint64_t count = load(&calls->by_status[i]);
        *ret_total += count;
        if (count > 0)
            is_done = is_done && set_count(object, cpts_status_name((cpts_status)i), count);
    }
    if (is_done)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *latency_of(const struct latency *latency)
{
    json_t *object = json_object();
    if (object != NULL && set_count(object, "p50", cpts_latency__quantile_us(latency, 50)) &&
        set_count(object, "p99", cpts_latency__quantile_us(latency, 99)) &&
        set_count(object, "max", cpts_latency__max_us(latency)))
        return object;
    json_decref(object);
    return NULL;
}

static json_t *method_of(enum operation operation, const struct statistics_calls *calls)
{
    uint64_t total = 0;
    json_t *statuses = by_status(calls, &total);
    json_t *object = json_object();
    bool is_done =
        json_object_set_new(object, "method", json_string(cpts_operation__path(operation))) == 0;
    is_done = set_count(object, "calls", total) && is_done;
    is_done = json_object_set_new(object, "byStatus", statuses) == 0 && is_done;
    is_done = set_count(object, "attempts", load(&calls->attempts)) && is_done;
    is_done = set_count(object, "retries", load(&calls->retries)) && is_done;
    is_done = set_count(object, "bytesSent", load(&calls->bytes_sent)) && is_done;
    is_done = set_count(object, "bytesReceived", load(&calls->bytes_received)) && is_done;
    is_done = json_object_set_new(object, "latencyUs", latency_of(&calls->latency)) == 0 && is_done;
    if (is_done)
        return object;
    json_decref(object);
    return NULL;
}

/* Methods that were called. */
static json_t *methods_of(const struct statistics *statistics)
{
    json_t *array = json_array();
    bool is_done = array != NULL;
    for (int i = 0; i < OPERATION_COUNT; i++) {
        const struct statistics_calls *calls = &statistics->calls[i];
        if (load(&calls->attempts) > 0)
            is_done =
                is_done && json_array_append_new(array, method_of((enum operation)i, calls)) == 0;
    }
    if (is_done)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *addresses_of(struct statistics *statistics)
{
    struct statistics_peer peers[ADDRESS_COUNT_MAX];
    size_t count = cpts_statistics__peers(statistics, peers);
    json_t *array = json_array();
    bool is_done = array != NULL;
    for (size_t i = 0; i < count && is_done; i++) {
        json_t *object = json_object();
        is_done = json_object_set_new(object, "address", json_string(peers[i].address)) == 0;
        is_done = set_count(object, "attempts", peers[i].attempts) && is_done;
        is_done = set_count(object, "unavailable", peers[i].unavailable) && is_done;
        is_done = json_array_append_new(array, object) == 0 && is_done;
    }
    if (is_done)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *connection_of(cpts_client *client)
{
    json_t *object = json_object();
    json_t *addresses = addresses_of(&client->statistics);
    bool is_done = json_object_set_new(object, "state",
                                       json_string(cpts_transport__state(client->transport))) == 0;
    is_done = json_object_set_new(object, "addresses", addresses) == 0 && is_done;
    if (is_done)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *queue_of(cpts_client *client)
{
    struct engine_depths depths;
    json_t *object = json_object();
    cpts_engine__depths(client->engine, &depths);
    if (object != NULL && set_count(object, "limit", (uint64_t)depths.limit) &&
        set_count(object, "inFlight", (uint64_t)depths.in_flight) &&
        set_count(object, "undelivered", (uint64_t)depths.undelivered) &&
        set_count(object, "refused", depths.refused) &&
        set_count(object, "watches", (uint64_t)depths.watches) &&
        set_count(object, "waitingThreads",
                  (uint64_t)atomic_load(&client->statistics.waiting_threads)))
        return object;
    json_decref(object);
    return NULL;
}

char *cpts_client_statistics_json(cpts_client *client, int indent_spaces)
{
    json_t *object = json_object();
    bool is_done = json_object_set_new(object, "version", json_string(cpts_version())) == 0;
    is_done =
        json_object_set_new(object, "methods", methods_of(&client->statistics)) == 0 && is_done;
    is_done = json_object_set_new(object, "connection", connection_of(client)) == 0 && is_done;
    is_done = json_object_set_new(object, "queue", queue_of(client)) == 0 && is_done;
    size_t indent = indent_spaces > 0 && indent_spaces <= 31 ? (size_t)indent_spaces : 0;
    char *text = is_done ? json_dumps(object, JSON_INDENT(indent)) : NULL;
    json_decref(object);
    return text;
}
