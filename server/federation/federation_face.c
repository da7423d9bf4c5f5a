/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/federation_face.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/log.h"
#include "base/method.h"
#include "federation/checkpoint_file.h"
#include "federation/forwarding.h"
#include "federation/frame_link.h"
#include "federation/identity_lane.h"
#include "federation/pinning.h"
#include "federation/session_host.h"
#include "federation/snapshot_memory.h"
#include "federation/upstream.h"
#include "store/log_reader.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* How often the log is said to have grown when nobody was told, milliseconds. */
#define LOOK_AGAIN_MS 5000
#define NODE_PATH "/node/"
#define REGION_PREFIX "region/"
#define REGION_SCOPE "region:"
#define CPTS_SCOPE "cpts:"
#define CPTS_PREFIX "cpts/"
#define NATIONAL "national"
#define REASON_WORD_BYTES 48

struct federation {
    struct federation_options options; /* its texts are in `texts` */
    char *texts;
    char principal[PRINCIPAL_URI_BYTES];
    struct checkpoint_signer signer;
    struct snapshot_memory *snapshots;
    struct session_host *host;
    struct log_reader *reader;
    struct node_store *store; /* of who refreshes */
    _Atomic bool is_read_only;
    _Atomic int epoch;
    bool was_connected; /* the refreshing thread's own, both */
    char last_reason[REASON_WORD_BYTES];
    pthread_mutex_t mutex; /* of the upstream, which a reload replaces */
    struct upstream *upstream;
    struct forwarding *forwarding; /* NULL without an upstream, as the next */
    struct identity_lane *identities;
};

/* Copies of the texts, one after the other. */
static const char **text_at(struct federation_options *options, int index)
{
    const char **const texts[] = {
        &options->conninfo,       &options->node,        &options->trust_domain, &options->upstream,
        &options->upstream_name,  &options->ca,          &options->certificate,  &options->key,
        &options->checkpoint_key, &options->upstream_pin};
    return index < (int)(sizeof texts / sizeof texts[0]) ? texts[index] : NULL;
}

static bool copy_texts(struct federation *federation)
{
    struct federation_options *options = &federation->options;
    size_t byte_count = 1;
    for (int i = 0; text_at(options, i) != NULL; i++)
        byte_count += strlen(*text_at(options, i)) + 1;
    federation->texts = malloc(byte_count);
    if (federation->texts == NULL)
        return false;
    char *to = federation->texts;
    for (int i = 0; text_at(options, i) != NULL; i++) {
        const char **text = text_at(options, i);
        size_t text_bytes = strlen(*text) + 1;
        memcpy(to, *text, text_bytes);
        *text = to;
        to += text_bytes;
    }
    return true;
}

static struct node_store_options store_options(const struct federation *federation)
{
    return (struct node_store_options){.conninfo = federation->options.conninfo,
                                       .node = federation->options.node,
                                       .principal = federation->principal,
                                       .signer = &federation->signer,
                                       .snapshots = federation->snapshots};
}

/* The log's reader: tells the sessions, reads nothing itself. */

static bool has_upstream(const struct federation *federation)
{
    return federation->options.upstream[0] != '\0';
}

static bool choose(void *context, bool grew, struct log_question *ret_question, int *ret_wait_ms)
{
    struct federation *federation = context;
    (void)ret_question;
    *ret_wait_ms = LOOK_AGAIN_MS;
    if (!grew)
        return false;
    session_host_wake(federation->host);
    pthread_mutex_lock(&federation->mutex);
    if (federation->upstream != NULL)
        upstream_wake(federation->upstream);
    pthread_mutex_unlock(&federation->mutex);
    return false;
}

static void take(void *context, const struct rows *rows)
{
    (void)context;
    (void)rows;
}

/* Handing calls on. */

/* A worker's own reference to the node above, by the client that it was given. */
static struct upstream *take_upstream(struct federation *federation)
{
    pthread_mutex_lock(&federation->mutex);
    struct upstream *upstream = federation->upstream;
    if (upstream != NULL)
        upstream_ref(upstream);
    pthread_mutex_unlock(&federation->mutex);
    return upstream;
}

static cpts_status open_forwarding(struct federation *federation, struct cpts_error *err)
{
    const struct identity_lane_options lane = {
        .store = store_options(federation), .take = take_upstream, .federation = federation};
    const struct forwarding_options options = {
        .take = take_upstream, .context = federation, .node = federation->options.node};
    cpts_status status = forwarding_open(&options, &federation->forwarding, err);
    return status == CPTS_OK ? identity_lane_open(&lane, &federation->identities, err) : status;
}

/* NOT_OWNER tells `<node> <address>`. */
static bool is_of_upstream(const struct cpts_error *error)
{
    size_t name = strlen(NATIONAL);
    return strcmp(error->reason, "NOT_OWNER") == 0 && strncmp(error->detail, NATIONAL, name) == 0 &&
           (error->detail[name] == '\0' || error->detail[name] == ' ');
}

bool federation_forward(struct federation *federation, struct call *call)
{
    return federation->forwarding != NULL && call->method->stream == NULL &&
           is_of_upstream(&call->error) && forwarding_take(federation->forwarding, call);
}

/* Opening. */

/* Who is above may have changed: then nobody is dialled, and the node goes on by itself. */
static cpts_status dial(struct federation *federation, const struct node_store_options *store,
                        struct upstream **ret_upstream, struct cpts_error *err)
{
    bool may_dial = false;
    cpts_status status = pinning_settle(federation->store, &federation->options,
                                        &federation->signer, &may_dial, err);
    return status == CPTS_OK && may_dial
               ? upstream_open(&federation->options, store, ret_upstream, err)
               : status;
}

static cpts_status open_parts(struct federation *federation, struct cpts_error *err)
{
    const struct federation_options *options = &federation->options;
    const struct node_store_options store = store_options(federation);
    const struct log_reader_options reader = {
        .conninfo = options->conninfo, .context = federation, .choose = choose, .take = take};
    cpts_status status = checkpoint_file_read(options->checkpoint_key, &federation->signer, err);
    if (status == CPTS_OK)
        status = node_store_open(&store, &federation->store, err);
    if (status == CPTS_OK)
        status =
            session_host_open(&store, &options->sync, options->sessions, &federation->host, err);
    if (status == CPTS_OK)
        federation_refresh(federation);
    if (status == CPTS_OK)
        status = dial(federation, &store, &federation->upstream, err);
    if (status == CPTS_OK && has_upstream(federation))
        status = open_forwarding(federation, err);
    if (status == CPTS_OK)
        status = log_reader_open(&reader, &federation->reader, err);
    return status;
}

cpts_status federation_open(const struct federation_options *options,
                            struct federation **ret_federation, struct cpts_error *err)
{
    struct federation *federation = calloc(1, sizeof *federation);
    if (federation == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the federation");
    pthread_mutex_init(&federation->mutex, NULL);
    federation->options = *options;
    federation->options.sync.size = sizeof federation->options.sync;
    federation->snapshots = snapshot_memory_new();
    cpts_status status = CPTS_OK;
    if (federation->snapshots == NULL || !copy_texts(federation))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for the federation");
    snprintf(federation->principal, sizeof federation->principal, "spiffe://%s" NODE_PATH "%s",
             options->trust_domain, options->node);
    if (status == CPTS_OK)
        status = open_parts(federation, err);
    if (status == CPTS_OK)
        *ret_federation = federation;
    else
        federation_close(federation);
    return status;
}

void federation_stop(struct federation *federation)
{
    if (federation != NULL && federation->host != NULL)
        session_host_stop(federation->host);
}

void federation_close(struct federation *federation)
{
    if (federation == NULL)
        return;
    log_reader_close(federation->reader);
    identity_lane_close(federation->identities);
    forwarding_close(federation->forwarding);
    upstream_close(federation->upstream);
    session_host_close(federation->host);
    node_store_close(federation->store);
    snapshot_memory_free(federation->snapshots);
    pthread_mutex_destroy(&federation->mutex);
    free(federation->texts);
    free(federation);
}

cpts_status federation_reload(struct federation *federation, struct cpts_error *err)
{
    const struct node_store_options store = store_options(federation);
    struct upstream *fresh = NULL;
    if (!has_upstream(federation))
        return CPTS_OK;
    cpts_status status = dial(federation, &store, &fresh, err);
    if (status != CPTS_OK)
        return status;
    pthread_mutex_lock(&federation->mutex);
    struct upstream *former = federation->upstream;
    federation->upstream = fresh;
    pthread_mutex_unlock(&federation->mutex);
    upstream_close(former);
    return CPTS_OK;
}

/* Who dials. */

/* The last parts of `spiffe://<trust domain>/node/region/<INSEE>`, "" for others. */
static const char *region_node_of(const struct principal *principal)
{
    const char *path = strstr(principal->uri, NODE_PATH REGION_PREFIX);
    return path == NULL ? "" : path + strlen(NODE_PATH);
}

/* A node of a region, whose rights are that region's. */
static bool is_region_node(const struct principal *principal, char ret_node[CPTS_SYNC_NODE_BYTES])
{
    const char *node = region_node_of(principal);
    const char *region = node + strlen(REGION_PREFIX);
    size_t prefix = strlen(REGION_SCOPE);
    if ((principal->roles & ROLE_REGION_NODE) == 0 || node[0] == '\0' ||
        strncmp(principal->scope, REGION_SCOPE, prefix) != 0 ||
        strcmp(principal->scope + prefix, region) != 0)
        return false;
    snprintf(ret_node, CPTS_SYNC_NODE_BYTES, "%s", node);
    return true;
}

/* A copy of what a CPTS may see, for its own people. */
static bool is_replica(const struct principal *principal, char ret_node[CPTS_SYNC_NODE_BYTES])
{
    uint8_t id[16];
    size_t prefix = strlen(CPTS_SCOPE);
    if ((principal->roles & ROLE_CPTS_COORDINATOR) == 0 ||
        strncmp(principal->scope, CPTS_SCOPE, prefix) != 0 ||
        !uuid_parse(principal->scope + prefix, id))
        return false;
    snprintf(ret_node, CPTS_SYNC_NODE_BYTES, CPTS_PREFIX "%s", principal->scope + prefix);
    return true;
}

cpts_status federation_serve(struct federation *federation, const struct principal *principal,
                             struct frame_link **ret_link, struct cpts_error *err)
{
    char node[CPTS_SYNC_NODE_BYTES] = "";
    bool is_region = is_region_node(principal, node);
    if (!is_region && !is_replica(principal, node))
        return error_set(err, REASON_NODE_UNKNOWN, "nobody here synchronises as %.200s",
                         principal->uri);
    if (is_region && strcmp(federation->options.node, NATIONAL) != 0)
        return error_set(err, REASON_SYNC_NOT_OFFERED,
                         "regional nodes synchronise with the national one");
    return session_host_serve(federation->host, node, principal->scope, ret_link, err);
}

/* How it fares. */

int federation_read_peers(struct federation *federation, struct federation_peer *peers,
                          int peers_max)
{
    int count = 0;
    pthread_mutex_lock(&federation->mutex);
    if (federation->upstream != NULL && peers_max > 0) {
        struct federation_peer *peer = &peers[count++];
        *peer =
            (struct federation_peer){.is_upstream = true, .status = {.size = sizeof peer->status}};
        upstream_read_status(federation->upstream, &peer->status);
        snprintf(peer->node, sizeof peer->node, "%s", NATIONAL);
    }
    pthread_mutex_unlock(&federation->mutex);
    return count + session_host_read(federation->host, peers + count, peers_max - count);
}

int federation_verify(struct federation *federation, const char *node, bool repair)
{
    unsigned wishes = CPTS_SYNC_VERIFY | (repair ? CPTS_SYNC_REPAIR : 0u);
    int count = session_host_verify(federation->host, node, wishes);
    pthread_mutex_lock(&federation->mutex);
    if (federation->upstream != NULL && (node[0] == '\0' || strcmp(node, NATIONAL) == 0)) {
        upstream_verify(federation->upstream, repair);
        count++;
    }
    pthread_mutex_unlock(&federation->mutex);
    return count;
}

void federation_identify(const struct federation *federation,
                         struct federation_identity *ret_identity)
{
    *ret_identity = (struct federation_identity){.epoch = atomic_load(&federation->epoch),
                                                 .has_key = federation->signer.has_key};
    memcpy(ret_identity->checkpoint_key, federation->signer.key,
           sizeof ret_identity->checkpoint_key);
}

bool federation_is_read_only(const struct federation *federation)
{
    return atomic_load(&federation->is_read_only);
}

/* Says when the node above was reached, and when and why it no longer is. */
static void tell_upstream(struct federation *federation)
{
    struct cpts_sync_status status = {.size = sizeof status};
    struct upstream *upstream = take_upstream(federation);
    if (upstream == NULL)
        return;
    upstream_read_status(upstream, &status);
    upstream_unref(upstream);
    if (status.is_connected && !federation->was_connected)
        log_write(LOG_NOTICE, "federation", "a session with the node above has begun");
    if (!status.is_connected &&
        (federation->was_connected || strcmp(status.last_reason, federation->last_reason) != 0))
        log_write(LOG_WARNING, "federation", "no session with the node above: %s",
                  status.last_reason);
    federation->was_connected = status.is_connected;
    snprintf(federation->last_reason, sizeof federation->last_reason, "%s", status.last_reason);
}

void federation_refresh(struct federation *federation)
{
    struct node_store_self self = {.epoch = 0};
    struct cpts_error error = {0};
    tell_upstream(federation);
    if (node_store_self(federation->store, &self, &error) != CPTS_OK)
        return;
    atomic_store(&federation->epoch, self.epoch);
    const char *reason = self.read_only;
    bool is_read_only = reason[0] != '\0';
    if (is_read_only != atomic_exchange(&federation->is_read_only, is_read_only))
        log_write(is_read_only ? LOG_ERROR : LOG_NOTICE, "federation", "the node takes %s%s",
                  is_read_only ? "no commands: " : "commands", reason);
}
