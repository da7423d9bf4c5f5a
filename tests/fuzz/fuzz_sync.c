/* SPDX-License-Identifier: Apache-2.0 */
/* A session of the federation with a peer that sends anything once it has greeted: it
 * ends with a reason, the store keeps what it had, and nothing is stored but in order. */
#include <cpts/sync.h>
#include <cpts/v1/federation.pb-c.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "testing_store.h"
#include "wire/error.h"

#define FRAME_BYTES_MAX 2048
#define HASH_BYTES 32

/* The peer: two frames of ours, then the input cut at its lengths. */
struct peer {
    const uint8_t *bytes;
    size_t byte_count;
    uint8_t selector;
    int told;
};

static cpts_status send_nowhere(void *link, const uint8_t *bytes, size_t byte_count,
                                struct cpts_error *err)
{
    (void)link;
    (void)bytes;
    (void)err;
    REQUIRE(byte_count <= CPTS_SYNC_FRAME_BYTES_MAX);
    return CPTS_OK;
}

static uint8_t *pack_hello(size_t *ret_byte_count)
{
    uint8_t hash[HASH_BYTES] = {1};
    Cpts__V1__SyncHello hello = CPTS__V1__SYNC_HELLO__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    hello.node = (char *)"region/11";
    hello.epoch = 1;
    hello.protocol_min = 1;
    hello.protocol_max = 1;
    hello.features = UINT64_MAX;
    hello.head_position = 5;
    hello.head_hash = (ProtobufCBinaryData){.len = sizeof hash, .data = hash};
    hello.credit_changes = 100;
    hello.credit_bytes = CPTS_SYNC_FRAME_BYTES_MAX;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_HELLO;
    frame.hello = &hello;
    return fuzz_pack(&frame.base, ret_byte_count);
}

static uint8_t *pack_resume(uint8_t selector, size_t *ret_byte_count)
{
    Cpts__V1__SyncResume resume = CPTS__V1__SYNC_RESUME__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    resume.kind = (Cpts__V1__SyncResumeKind)(1 + selector % 5);
    resume.epoch = 1;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_RESUME;
    frame.resume = &resume;
    return fuzz_pack(&frame.base, ret_byte_count);
}

/* The next frame of the input: two bytes of length, then that. */
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

static cpts_status receive_input(void *link, int32_t timeout_ms, uint8_t **ret_bytes,
                                 size_t *ret_byte_count, struct cpts_error *err)
{
    struct peer *peer = link;
    (void)timeout_ms;
    *ret_bytes = NULL;
    if (peer->told == 0)
        *ret_bytes = pack_hello(ret_byte_count);
    else if (peer->told == 1)
        *ret_bytes = pack_resume(peer->selector, ret_byte_count);
    else if (peer->byte_count > 2)
        *ret_bytes = cut_frame(peer, ret_byte_count);
    else
        return error_set(err, REASON_CONNECTION_FAILED, "the input ends");
    peer->told++;
    return CPTS_OK;
}

static void close_nothing(void *link, const struct cpts_error *why)
{
    (void)link;
    (void)why;
}

static void a_store(struct testing_store *store)
{
    static const struct testing_change OWN = {.kind = "REFERENCE",
                                              .id = "00000000-0000-7000-8000-000000000001",
                                              .region = "",
                                              .body = "{}"};
    cpts_testing_store__init(store, "national");
    REQUIRE(cpts_testing_store__record(store, &OWN));
}

/* What a peer can never bring about; one that resumes, not even that the chain goes back. */
static void require_sound(struct testing_store *store, bool is_resumed)
{
    const struct testing_aggregate *own =
        cpts_testing_store__find(store, "REFERENCE", "00000000-0000-7000-8000-000000000001");
    const struct testing_entry *entries = store->entries.items;
    int64_t position = 0;
    for (size_t i = 0; i < store->entries.count; i++) {
        const struct cpts_sync_entry *entry = &entries[i].entry;
        if (strcmp(entries[i].origin, "region/11") != 0)
            continue;
        REQUIRE(entry->origin_position > position);
        position = entry->origin_position;
    }
    REQUIRE(store->self.head_position == 1);
    REQUIRE(own == NULL || own->version > 0);
    REQUIRE(!is_resumed ||
            cpts_testing_store__cursor(store, "region/11")->cursor.origin_position >= position);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct testing_store store;
    struct cpts_error err = {0};
    if (byte_count == 0)
        return 0;
    struct peer peer = {.bytes = bytes + 1, .byte_count = byte_count - 1, .selector = bytes[0]};
    struct cpts_sync_link link = {
        .link = &peer, .send = send_nowhere, .receive = receive_input, .close = close_nothing};
    struct cpts_sync_side side = {
        .size = sizeof side, .peer_node = "region/11", .peer_scope = "region:11"};
    a_store(&store);
    struct cpts_sync_store table = cpts_testing_store__table(&store);
    cpts_status status = cpts_sync_session(&table, &link, NULL, &side, &err);
    REQUIRE(status != CPTS_OK && err.status == status && err.reason[0] != '\0');
    require_sound(&store, peer.selector % 5 == 0);
    cpts_testing_store__done(&store);
    return 0;
}
