/* SPDX-License-Identifier: Apache-2.0 */
/* A session of the federation with a peer that sends anything once it has greeted: it
 * ends with a reason, the store keeps what it had, and nothing is stored but in order. */
#include <cpts/sync.h>
#include <cpts/v1/federation.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "sync_frame.h"
#include "testing_store.h"
#include "wire/digest.h"
#include "wire/error.h"

#define FRAME_BYTES_MAX 2048
#define HASH_BYTES 32
#define OWN_ID "00000000-0000-7000-8000-000000000001"

/* The first byte: what the peer makes of our cursor, and what else is the case. */
#define RESUME_KINDS 5
enum manner {
    /* A region dials; it greets as it should. */
    PLAIN,
    /* The same, and its digests are wanted, and repaired by. */
    INSPECTS,
    /* We are the region, and dial the node above: it may say that we were restored. */
    DIALS,
    /* A region that says it has more of our log than there is. */
    HAS_MORE,
    /* It greets with the input, too. */
    GREETS,
    MANNERS
};

/* The peer: two frames of ours, then the input cut at its lengths. */
struct peer {
    const uint8_t *bytes;
    size_t byte_count;
    enum cpts_sync_resume_kind kind;
    enum manner manner;
    int told;
    struct testing_store *store;
    /* Of the chain that it tells, where it left the hashes to us. */
    uint8_t chain_hash[HASH_BYTES];
};

static const char *name_of(const struct peer *peer)
{
    return peer->manner == DIALS ? "national" : "region/11";
}

static cpts_status send_nowhere(void *link, const uint8_t *bytes, size_t byte_count,
                                struct cpts_error *err)
{
    (void)link;
    (void)bytes;
    (void)err;
    REQUIRE(byte_count <= CPTS_SYNC_FRAME_BYTES_MAX);
    return CPTS_OK;
}

static uint8_t *pack_hello(const struct peer *peer, size_t *ret_byte_count)
{
    uint8_t hash[HASH_BYTES] = {1};
    Cpts__V1__SyncCursor cursor = CPTS__V1__SYNC_CURSOR__INIT;
    Cpts__V1__SyncHello hello = CPTS__V1__SYNC_HELLO__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    hello.node = (char *)name_of(peer);
    hello.epoch = 1;
    hello.protocol_min = 1;
    hello.protocol_max = 1;
    hello.features = UINT64_MAX;
    hello.head_position = 5;
    hello.head_hash = (ProtobufCBinaryData){.len = sizeof hash, .data = hash};
    hello.credit_changes = 100;
    hello.credit_bytes = CPTS_SYNC_FRAME_BYTES_MAX;
    cursor.epoch = 1;
    cursor.position = 99;
    cursor.origin_position = 99;
    hello.cursor = peer->manner == HAS_MORE ? &cursor : NULL;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_HELLO;
    frame.hello = &hello;
    return fuzz_pack(&frame.base, ret_byte_count);
}

static uint8_t *pack_resume(const struct peer *peer, size_t *ret_byte_count)
{
    Cpts__V1__SyncResume resume = CPTS__V1__SYNC_RESUME__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    resume.kind = (Cpts__V1__SyncResumeKind)peer->kind;
    resume.epoch = 1;
    resume.known_position = peer->manner == DIALS ? 3 : 0;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_RESUME;
    frame.resume = &resume;
    return fuzz_pack(&frame.base, ret_byte_count);
}

/* The next piece of the input: two bytes of length, then that. */
static uint8_t *cut_frame(struct peer *peer, size_t *ret_byte_count)
{
    size_t length = ((size_t)peer->bytes[0] << 8 | peer->bytes[1]) % FRAME_BYTES_MAX;
    if (length > peer->byte_count - 2)
        length = peer->byte_count - 2;
    uint8_t *frame = malloc(length + 1);
    REQUIRE(frame != NULL);
    memcpy(frame, peer->bytes + 2, length);
    peer->bytes += 2 + length;
    peer->byte_count -= 2 + length;
    *ret_byte_count = length;
    return frame;
}

/* Hashes that the input left out are made as they must be: it cannot guess them. */

static void set_bytes(ProtobufCBinaryData *to, const uint8_t hash[HASH_BYTES])
{
    free(to->data);
    to->data = malloc(HASH_BYTES);
    REQUIRE(to->data != NULL);
    memcpy(to->data, hash, HASH_BYTES);
    to->len = HASH_BYTES;
}

static void mend_entries(struct peer *peer, Cpts__V1__SyncBatch *batch)
{
    for (size_t i = 0; i < batch->n_entries; i++) {
        Cpts__V1__SyncEntry *entry = batch->entries[i];
        if (entry->hash.len > 0)
            continue;
        set_bytes(&entry->prev_hash, peer->chain_hash);
        digest_change(peer->chain_hash, entry->origin_position, entry->bytes.data, entry->bytes.len,
                      peer->chain_hash);
        set_bytes(&entry->hash, peer->chain_hash);
    }
}

static void mend_chunk(struct peer *peer, Cpts__V1__SyncSnapshot *chunk)
{
    uint8_t hash[HASH_BYTES];
    if (chunk->sha256.len > 0)
        return;
    REQUIRE(cpts_sync_frame__hash_images(chunk->images, chunk->n_images, hash));
    set_bytes(&chunk->sha256, hash);
    if (chunk->origin_hash.len == HASH_BYTES)
        memcpy(peer->chain_hash, chunk->origin_hash.data, HASH_BYTES);
}

static void mend_digest(const struct peer *peer, Cpts__V1__SyncDigest *digest)
{
    uint8_t hash[HASH_BYTES] = {1};
    if (digest->bucket_count != 0)
        return;
    digest->position = cpts_testing_store__cursor(peer->store, name_of(peer))->cursor.position;
    digest->bucket_count = CPTS_SYNC_BUCKETS;
    if (digest->n_buckets + digest->n_aggregates > 0)
        return;
    digest->buckets = calloc(CPTS_SYNC_BUCKETS, sizeof *digest->buckets);
    REQUIRE(digest->buckets != NULL);
    digest->n_buckets = CPTS_SYNC_BUCKETS;
    for (int i = 0; i < CPTS_SYNC_BUCKETS; i++)
        set_bytes(&digest->buckets[i], hash);
}

static uint8_t *mend(struct peer *peer, uint8_t *bytes, size_t *byte_count)
{
    Cpts__V1__SyncFrame *frame = cpts__v1__sync_frame__unpack(NULL, *byte_count, bytes);
    if (frame == NULL)
        return bytes;
    if (frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_BATCH)
        mend_entries(peer, frame->batch);
    else if (frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_SNAPSHOT)
        mend_chunk(peer, frame->snapshot);
    else if (frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_DIGEST)
        mend_digest(peer, frame->digest);
    free(bytes);
    bytes = fuzz_pack(&frame->base, byte_count);
    cpts__v1__sync_frame__free_unpacked(frame, NULL);
    return bytes;
}

/* A piece of no length: nothing came in time. */
static cpts_status receive_input(void *link, int32_t timeout_ms, uint8_t **ret_bytes,
                                 size_t *ret_byte_count, struct cpts_error *err)
{
    struct peer *peer = link;
    (void)timeout_ms;
    *ret_bytes = NULL;
    if (peer->told == 0 && peer->manner != GREETS)
        *ret_bytes = pack_hello(peer, ret_byte_count);
    else if (peer->told == 1 && peer->manner != GREETS)
        *ret_bytes = pack_resume(peer, ret_byte_count);
    else if (peer->byte_count <= 2)
        return error_set(err, REASON_CONNECTION_FAILED, "the input ends");
    else
        *ret_bytes = cut_frame(peer, ret_byte_count);
    if (peer->told++ > 1 || peer->manner == GREETS)
        *ret_bytes = mend(peer, *ret_bytes, ret_byte_count);
    if (*ret_byte_count > 0)
        return CPTS_OK;
    free(*ret_bytes);
    *ret_bytes = NULL;
    return CPTS_OK;
}

static void close_nothing(void *link, const struct cpts_error *why)
{
    (void)link;
    (void)why;
}

static unsigned attend(void *data, const struct cpts_sync_status *status)
{
    const struct peer *peer = data;
    bool inspects = peer->manner == INSPECTS && status->is_connected;
    return inspects ? CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR : CPTS_SYNC_GO_ON;
}

static void a_store(const struct peer *peer)
{
    static const struct testing_change OWN = {
        .kind = "REFERENCE", .id = OWN_ID, .region = "", .body = "{}"};
    cpts_testing_store__init(peer->store, peer->manner == DIALS ? "region/11" : "national");
    REQUIRE(cpts_testing_store__record(peer->store, &OWN));
}

/* Entries of a node stand in the order of its chain, none twice. @return the last. */
static int64_t require_order(const struct testing_store *store, const char *node)
{
    const struct testing_entry *entries = store->entries.items;
    int64_t position = 0;
    for (size_t i = 0; i < store->entries.count; i++) {
        if (strcmp(entries[i].origin, node) != 0)
            continue;
        REQUIRE(entries[i].entry.origin_position > position);
        position = entries[i].entry.origin_position;
    }
    return position;
}

/* What a peer can never bring about; one that gives nothing back, not even that our own
 * log and record change; one that resumes, not even that its chain goes back. */
static void require_sound(const struct peer *peer, const struct testing_store *store)
{
    const struct testing_aggregate *own = cpts_testing_store__find(store, "REFERENCE", OWN_ID);
    bool gives_back = peer->manner == HAS_MORE || peer->manner == DIALS || peer->manner == GREETS;
    int64_t position = require_order(store, name_of(peer));
    REQUIRE(require_order(store, store->self.node) == store->self.head_position);
    REQUIRE(store->self.head_position == 1 || (gives_back && store->self.head_position >= 1));
    REQUIRE(own == NULL || own->version >= 0);
    REQUIRE(own != NULL || gives_back || peer->kind != CPTS_SYNC_RESUMED);
    REQUIRE(peer->kind != CPTS_SYNC_RESUMED || peer->manner == GREETS ||
            cpts_testing_store__cursor(peer->store, name_of(peer))->cursor.origin_position >=
                position);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct testing_store store;
    struct cpts_error err = {0};
    if (byte_count == 0)
        return 0;
    struct peer peer = {.bytes = bytes + 1,
                        .byte_count = byte_count - 1,
                        .kind = (enum cpts_sync_resume_kind)(1 + bytes[0] % RESUME_KINDS),
                        .manner = (enum manner)(bytes[0] / RESUME_KINDS % MANNERS),
                        .store = &store};
    struct cpts_sync_link link = {
        .link = &peer, .send = send_nowhere, .receive = receive_input, .close = close_nothing};
    struct cpts_sync_side side = {.size = sizeof side,
                                  .is_dialler = peer.manner == DIALS,
                                  .peer_node = name_of(&peer),
                                  .peer_scope = peer.manner == DIALS ? "*" : "region:11",
                                  .attend = attend,
                                  .data = &peer};
    a_store(&peer);
    struct cpts_sync_store table = cpts_testing_store__table(&store);
    cpts_status status = cpts_sync_session(&table, &link, NULL, &side, &err);
    REQUIRE(status != CPTS_OK && err.status == status && err.reason[0] != '\0');
    require_sound(&peer, &store);
    cpts_testing_store__done(&store);
    return 0;
}
