/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/upstream.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "wire/error.h"

/* How long calls that were sent on get when the node stops, milliseconds. */
#define CLOSE_MS 2000

struct upstream {
    _Atomic int reference_count;
    cpts_client *client;
    struct node_store *store;
    cpts_sync *sync;
};

static cpts_status open_client(const struct federation_options *options, cpts_client **ret_client,
                               struct cpts_error *err)
{
    const struct cpts_client_options client = {
        .size = sizeof client,
        .address = options->upstream,
        .ca_file = options->ca,
        .certificate_file = options->certificate,
        .key_file = options->key,
        .server_name = options->upstream_name[0] == '\0' ? NULL : options->upstream_name,
        .retry_max = -1, /* whoever called us repeats */
    };
    return cpts_client_open(&client, ret_client, err);
}

cpts_status upstream_open(const struct federation_options *options,
                          const struct node_store_options *store, struct upstream **ret_upstream,
                          struct cpts_error *err)
{
    struct upstream *upstream = calloc(1, sizeof *upstream);
    if (upstream == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the node above");
    atomic_init(&upstream->reference_count, 1);
    cpts_status status = open_client(options, &upstream->client, err);
    if (status == CPTS_OK)
        status = node_store_open(store, &upstream->store, err);
    if (status == CPTS_OK) {
        const struct cpts_sync_store table = node_store_table(upstream->store);
        status = cpts_sync_open(upstream->client, &table, &options->sync, &upstream->sync, err);
    }
    if (status != CPTS_OK) {
        upstream_close(upstream);
        return status;
    }
    log_write(LOG_NOTICE, "federation", "the node above is at %s", options->upstream);
    *ret_upstream = upstream;
    return CPTS_OK;
}

void upstream_ref(struct upstream *upstream)
{
    atomic_fetch_add(&upstream->reference_count, 1);
}

void upstream_unref(struct upstream *upstream)
{
    if (atomic_fetch_sub(&upstream->reference_count, 1) > 1)
        return;
    if (upstream->client != NULL)
        (void)cpts_client_close(upstream->client, CLOSE_MS);
    free(upstream);
}

cpts_client *upstream_client(struct upstream *upstream)
{
    return upstream->client;
}

void upstream_wake(struct upstream *upstream)
{
    cpts_sync_wake(upstream->sync);
}

void upstream_verify(struct upstream *upstream, bool repair)
{
    cpts_sync_verify(upstream->sync, repair);
}

void upstream_read_status(struct upstream *upstream, struct cpts_sync_status *ret_status)
{
    cpts_sync_read_status(upstream->sync, ret_status);
}

void upstream_close(struct upstream *upstream)
{
    if (upstream == NULL)
        return;
    if (upstream->store != NULL)
        node_store_stop(upstream->store);
    cpts_sync_close(upstream->sync);
    node_store_close(upstream->store);
    upstream_unref(upstream);
}
