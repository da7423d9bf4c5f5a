/* SPDX-License-Identifier: Apache-2.0 */
/* A CPTS' own copy of what it may see, in the file FILE: brought up to date when the node is
 * there, read without it. For a store of your own in its place: cpts/sync_store.h, and
 * conformance.c to judge it.
 *
 *   replica HOST:PORT CA.pem CERTIFICATE.pem KEY.pem FILE
 */
#include <cpts/node.h>
#include <cpts/replica.h>
#include <cpts/sync.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 20000

static bool print(const struct cpts_replica_aggregate *one, void *data)
{
    (void)data;
    printf("%-10s %s version %d%s%s\n", one->aggregate_kind, one->aggregate_id, one->version,
           one->public_only ? ", the public part" : "", one->parked);
    return true;
}

/* The node says who it is, and whose certificate this is: `cpts:<uuid>`. */
static cpts_status follow(cpts_client *client, const char *path, struct cpts_error *err)
{
    struct cpts_node_status *node = NULL;
    cpts_replica *replica = NULL;
    cpts_sync *sync = NULL;
    struct cpts_sync_store store;
    char own[CPTS_SYNC_NODE_BYTES];
    cpts_status status = cpts_node_status(client, 0, &node, err);
    if (status != CPTS_OK)
        return status;
    snprintf(own, sizeof own, "cpts/%s", strchr(node->scope, ':') ? node->scope + 5 : "");
    struct cpts_replica_options file = {.size = sizeof file, .path = path, .node = own};
    file.checkpoint_key = node->checkpoint_key; /* better the above_key of the enrolment, kept */
    struct cpts_sync_options options = {
        .size = sizeof options, .is_replica = true, .peer_node = node->node};
    status = cpts_replica_open(&file, &replica, err);
    if (status == CPTS_OK) {
        cpts_replica_store(replica, &store);
        status = cpts_sync_open(client, &store, &options, &sync, err);
    }
    if (status == CPTS_OK)
        status = cpts_sync_wait(sync, PATIENCE_MS, err);
    cpts_sync_close(sync); /* before what it uses */
    cpts_replica_close(replica);
    cpts_node_status_free(node);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: replica HOST:PORT CA CERTIFICATE KEY FILE\n");
        return 2;
    }
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = argv[1],
                                          .ca_file = argv[2],
                                          .certificate_file = argv[3],
                                          .key_file = argv[4]};
    struct cpts_replica_options file = {.size = sizeof file, .path = argv[5]};
    struct cpts_error err;
    cpts_client *client = NULL;
    cpts_replica *replica = NULL;
    if (cpts_client_open(&options, &client, &err) != CPTS_OK ||
        follow(client, argv[5], &err) != CPTS_OK)
        fprintf(stderr, "not up to date: %s: %s\n", err.reason, err.message);
    cpts_client_close(client, 0);
    cpts_status status = cpts_replica_open(&file, &replica, &err);
    if (status == CPTS_OK)
        status = cpts_replica_list(replica, NULL, print, NULL, &err);
    if (status != CPTS_OK)
        fprintf(stderr, "%s: %s\n", err.reason, err.message);
    cpts_replica_close(replica);
    return status == CPTS_OK ? 0 : 1;
}
