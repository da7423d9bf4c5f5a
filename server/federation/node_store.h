/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_NODE_STORE_H
#define FEDERATION_NODE_STORE_H

/**
 * @file
 * The store of a node as the engine of cpts/sync.h drives it: the statements
 * sql/query/federation_*.sql over a connection of its own.
 *
 * Threads: node_store_stop() from any; the rest, and the functions of the table, from
 * one.
 */

#include <cpts/sync_store.h>

#include "wire/signature.h"

struct node_store;
struct snapshot_memory;

/** What signs the checkpoints of this node's chain. */
struct checkpoint_signer {
    /** Without a key nothing is signed. */
    bool has_key;
    uint8_t secret[SIGNATURE_SECRET_BYTES];
    uint8_t key[SIGNATURE_KEY_BYTES];
};

/** All borrowed for the store's life. */
struct node_store_options {
    /** libpq connection string. */
    const char *conninfo;
    /** Name of this node, for example `region/11`, and its identity. */
    const char *node;
    const char *principal;
    const struct checkpoint_signer *signer;
    struct snapshot_memory *snapshots;
};

/** New store; connects when it is asked something.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status node_store_open(const struct node_store_options *options,
                                            struct node_store **ret_store, struct cpts_error *err);

/** The functions over it; borrows @p store. */
struct cpts_sync_store node_store_table(struct node_store *store);

/** This node as its database has it. */
struct node_store_self {
    int32_t epoch;
    /** Why it takes no commands of its own: "" = it does. */
    char read_only[32];
};
CPTS_MUST_CHECK cpts_status node_store_self(struct node_store *store,
                                            struct node_store_self *ret_self,
                                            struct cpts_error *err);

/** Ends whatever it waits for; everything then fails with SHUTTING_DOWN. */
void node_store_stop(struct node_store *store);

/** NULL is fine. */
void node_store_close(struct node_store *store);

#endif
