/* SPDX-License-Identifier: Apache-2.0 */
#include "testing_hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exchange.h"
#include "ticks.h"
#include "wire/error.h"

#define HUB_NODE "national"
#define NODE_DEFAULT "region/11"
#define SCOPE_DEFAULT "region:11"
#define NS_PER_MS 1000000
/* First bytes of packed frames. */
#define BATCH_KIND 0x1a
#define ACK_KIND 0x22
#define BATCH_CHANGES 2

cpts_status cpts_testing_hub_open(const struct cpts_testing_options *options,
                                  cpts_testing_hub **ret_hub, struct cpts_error *err)
{
    struct cpts_testing_options own;
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, err);
    if (status != CPTS_OK)
        return status;
    const char *node = own.node == NULL ? NODE_DEFAULT : own.node;
    const char *scope = own.scope == NULL ? SCOPE_DEFAULT : own.scope;
    if (strlen(node) >= TESTING_NAME_BYTES || strlen(scope) >= TESTING_NAME_BYTES ||
        strchr(scope, ':') == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "scope",
                               "no node of that name, or no such scope");
    struct cpts_testing_hub *hub = calloc(1, sizeof *hub);
    if (hub == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a hub");
    cpts_testing_store__init(&hub->store, HUB_NODE);
    hub->store.fences = true;
    hub->is_replica = own.is_replica;
    hub->batch_changes = BATCH_CHANGES;
    snprintf(hub->node, sizeof hub->node, "%s", node);
    snprintf(hub->scope, sizeof hub->scope, "%s", scope);
    *ret_hub = hub;
    return CPTS_OK;
}

void cpts_testing_hub_close(cpts_testing_hub *hub)
{
    if (hub == NULL)
        return;
    cpts_testing_store__done(&hub->store);
    free(hub);
}

cpts_status cpts_testing_hub_record(cpts_testing_hub *hub, const struct cpts_testing_change *change,
                                    struct cpts_error *err)
{
    struct cpts_testing_change own;
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, change, err);
    if (status != CPTS_OK)
        return status;
    if (own.aggregate_kind == NULL || own.aggregate_id == NULL || own.row_kind == NULL ||
        own.body == NULL || strlen(own.aggregate_id) >= CPTS_UUID_TEXT_BYTES)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "change", "something is missing");
    struct testing_change made = {.kind = own.aggregate_kind,
                                  .id = own.aggregate_id,
                                  .region = strchr(hub->scope, ':') + 1,
                                  .row_kind = own.row_kind,
                                  .body = own.body};
    return cpts_testing_store__record(&hub->store, &made)
               ? CPTS_OK
               : error_set(err, REASON_OUT_OF_MEMORY, "no memory for a change");
}

void cpts_testing_hub_fault(cpts_testing_hub *hub, enum cpts_testing_fault fault, int64_t amount)
{
    hub->fault = fault;
    hub->amount = amount;
    hub->skip = 0;
    hub->times = fault == CPTS_TESTING_DUPLICATE ? INT32_MAX : 1;
}

void cpts_testing_hub_key(const cpts_testing_hub *hub, uint8_t ret_key[32])
{
    memcpy(ret_key, hub->store.key, sizeof hub->store.key);
}

/* What each fault does to which frames of the hub (1) or of the store (0). */
static const struct prank {
    int from;
    uint8_t kind;
    enum testing_deed deed;
} PRANKS[] = {
    [CPTS_TESTING_LOST_ACK] = {0, ACK_KIND, TESTING_CUT},
    [CPTS_TESTING_DUPLICATE] = {1, BATCH_KIND, TESTING_TWICE},
    [CPTS_TESTING_REORDER] = {1, BATCH_KIND, TESTING_LATER},
    [CPTS_TESTING_LOSE] = {1, BATCH_KIND, TESTING_DROP},
};

static enum testing_deed cut_after(cpts_testing_hub *hub, int from, size_t byte_count)
{
    if (from == 1)
        hub->amount -= (int64_t)byte_count;
    return hub->amount < 0 ? TESTING_CUT : TESTING_DELIVER;
}

static enum testing_deed meddle(void *data, int from, const uint8_t *bytes, size_t byte_count)
{
    cpts_testing_hub *hub = data;
    struct timespec pause = {.tv_nsec = (long)(hub->amount % 1000) * NS_PER_MS};
    if (hub->fault == CPTS_TESTING_CUT)
        return cut_after(hub, from, byte_count);
    if (hub->fault == CPTS_TESTING_SLOW)
        nanosleep(&pause, NULL);
    if (hub->fault == CPTS_TESTING_NO_FAULT || hub->fault >= sizeof PRANKS / sizeof PRANKS[0])
        return TESTING_DELIVER;
    const struct prank *prank = &PRANKS[hub->fault];
    if (from != prank->from || byte_count == 0 || bytes[0] != prank->kind)
        return TESTING_DELIVER;
    if (hub->skip > 0 && hub->skip-- > 0)
        return TESTING_DELIVER;
    return hub->times > 0 && hub->times-- > 0 ? prank->deed : TESTING_DELIVER;
}

/* Faults of the hub itself. */
static void prepare(cpts_testing_hub *hub)
{
    struct testing_store *store = &hub->store;
    if (hub->fault == CPTS_TESTING_EPOCH_CHANGE)
        store->self.epoch++;
    store->forgets = hub->fault == CPTS_TESTING_MUST_SNAPSHOT;
}

static unsigned attend_hub(void *data, const struct cpts_sync_status *status)
{
    cpts_testing_hub *hub = data;
    hub->hub_status = *status;
    return atomic_load(&hub->is_over) ? CPTS_SYNC_STOP : CPTS_SYNC_GO_ON;
}

static unsigned attend_store(void *data, const struct cpts_sync_status *status)
{
    cpts_testing_hub *hub = data;
    bool was_connected = hub->status.is_connected;
    bool verifies = (hub->wish & CPTS_SYNC_VERIFY) != 0;
    hub->status = *status;
    bool is_caught_up = status->caught_up_count > 0;
    if ((is_caught_up && (!verifies || status->received.verified_us > 0)) ||
        cpts_ticks__ms() > hub->until_ms)
        return CPTS_SYNC_STOP;
    return status->is_connected && !was_connected ? CPTS_SYNC_CATCH_UP | hub->wish
                                                  : CPTS_SYNC_GO_ON;
}

static void *serve(void *data)
{
    cpts_testing_hub *hub = data;
    const struct cpts_sync_store table = cpts_testing_store__table(&hub->store);
    const struct cpts_sync_link link = cpts_testing_wire__end(hub->wire, 1);
    const struct cpts_sync_options options = {.size = sizeof options,
                                              .batch_changes = hub->batch_changes};
    const struct cpts_sync_side side = {.size = sizeof side,
                                        .peer_node = hub->node,
                                        .peer_scope = hub->scope,
                                        .attend = attend_hub,
                                        .data = hub};
    hub->end = cpts_sync_session(&table, &link, &options, &side, &hub->end_error);
    return NULL;
}

static cpts_status run(cpts_testing_hub *hub, const struct cpts_sync_store *store,
                       struct cpts_error *err)
{
    pthread_t thread;
    const struct cpts_sync_link link = cpts_testing_wire__end(hub->wire, 0);
    const struct cpts_sync_options options = {.size = sizeof options,
                                              .is_replica = hub->is_replica};
    const struct cpts_sync_side side = {
        .size = sizeof side, .is_dialler = true, .attend = attend_store, .data = hub};
    atomic_store(&hub->is_over, false);
    hub->status = (struct cpts_sync_status){0};
    hub->end_error = (struct cpts_error){0};
    if (pthread_create(&thread, NULL, serve, hub) != 0)
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for a hub");
    cpts_status status = cpts_sync_session(store, &link, &options, &side, err);
    atomic_store(&hub->is_over, true);
    cpts_testing_wire__cut(hub->wire);
    pthread_join(thread, NULL);
    if (status == CPTS_OK && hub->status.caught_up_count == 0)
        return error_set(err, REASON_SYNC_NOT_CAUGHT_UP, "not caught up in time");
    return status;
}

cpts_status cpts_testing_hub_session(cpts_testing_hub *hub, const struct cpts_sync_store *store,
                                     int32_t timeout_ms, struct cpts_error *err)
{
    struct cpts_error ignored;
    error_clear(err);
    prepare(hub);
    hub->until_ms = cpts_ticks__ms() + timeout_ms;
    hub->wire = cpts_testing_wire__new(meddle, hub);
    if (hub->wire == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a session");
    cpts_status status = run(hub, store, err == NULL ? &ignored : err);
    cpts_testing_wire__free(hub->wire);
    hub->wire = NULL;
    cpts_testing_hub_fault(hub, CPTS_TESTING_NO_FAULT, 0);
    return status;
}

cpts_status cpts_testing_hub_compare(cpts_testing_hub *hub, const struct cpts_sync_store *store,
                                     bool *ret_is_equal, struct cpts_error *err)
{
    uint8_t wanted[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{0}};
    uint8_t found[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{0}};
    const struct cpts_sync_store table = cpts_testing_store__table(&hub->store);
    const struct cpts_sync_peer to = {.node = hub->node, .scope = hub->scope};
    const struct cpts_sync_peer from = {.node = HUB_NODE, .scope = "*"};
    const struct cpts_sync_digest_query as_source = {.as_source = true, .ret_digests = wanted};
    const struct cpts_sync_digest_query as_sink = {.ret_digests = found};
    int64_t position = 0;
    cpts_status status = table.digest(table.store, &to, &as_source, &position, NULL, NULL, err);
    if (status == CPTS_OK)
        status = store->digest(store->store, &from, &as_sink, &position, NULL, NULL, err);
    if (status == CPTS_OK)
        *ret_is_equal = memcmp(wanted, found, sizeof wanted) == 0;
    return status;
}
