/* SPDX-License-Identifier: Apache-2.0 */
/* A call with many messages both ways, over mutual TLS: what one side has no room for
 * stays with the other one, and nothing is lost or out of order. */
#include <cpts/v1/federation.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/call.h"
#include "base/method.h"
#include "base/packet.h"
#include "base/stream.h"
#include "handle.h"
#include "integration/sdk_peer.h"
#include "support/unit.h"
#include "transport_duplex.h"
#include "wire/error.h"

#define CLOSE_GRACE_NS (10LL * 1000 * 1000 * 1000)
#define PATIENCE_S 30
#define PATIENCE_MS (PATIENCE_S * 1000)
#define BARRIER_CALLS 100
#define INBOX_BYTES ((size_t)256 * 1024)
#define MESSAGE_BYTES ((size_t)64 * 1024)
#define MANY 2000
/* What may be in buffers on the way, messages: far less than what is to be sent. */
#define BUFFERED_MAX (MANY / 2)

static struct fixture fixture;
static struct rpc_client *health;
static cpts_client *client;
static struct transport_duplex *duplex;
static struct cpts_error error;

/* The server's side of the one stream; under the mutex. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct stream *stream_here;
/* Messages taken, and whether each was the one after that before it. */
static int taken_count;
static bool is_in_order;
/* What take() says; and whether there is room again before it has said so. */
static bool is_full, makes_room_at_once;
static int to_send, sent_count;
static bool is_withdrawn, is_waiting;

static bool take(struct stream *stream, const uint8_t *bytes, size_t byte_count,
                 const struct cpts_error *why)
{
    (void)why;
    pthread_mutex_lock(&mutex);
    stream_here = stream;
    if (bytes != NULL) {
        is_in_order = is_in_order && byte_count == 1 && bytes[0] == (uint8_t)taken_count;
        taken_count++;
    }
    if (bytes != NULL && is_full && makes_room_at_once)
        stream->take_more(stream);
    bool has_room = !is_full;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return has_room;
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    enum stream_step step = STREAM_WAIT;
    pthread_mutex_lock(&mutex);
    stream_here = stream;
    if (is_withdrawn) {
        (void)error_set(err, REASON_SHUTTING_DOWN, "the stream ends");
        step = STREAM_END;
    } else if (sent_count < to_send) {
        ret_message->packet = packet_new(MESSAGE_BYTES);
        memset(ret_message->packet->bytes, sent_count & 0xff, MESSAGE_BYTES);
        sent_count++;
        step = STREAM_SEND;
    }
    is_waiting = step == STREAM_WAIT;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    return step;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    (void)stream;
    (void)why;
    pthread_mutex_lock(&mutex);
    bool was_waiting = is_waiting;
    is_withdrawn = true;
    is_waiting = false;
    pthread_mutex_unlock(&mutex);
    return was_waiting;
}

static void leave(struct stream *stream)
{
    (void)stream;
    pthread_mutex_lock(&mutex);
    stream_here = NULL;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static const struct stream_handler HANDLER = {
    .next = next, .take = take, .withdraw = withdraw, .end = leave};

static cpts_status begin_stream(struct call *call, const void *request, struct cpts_error *err)
{
    (void)request;
    (void)err;
    call->state = &fixture;
    return CPTS_OK;
}

static const struct method METHODS[] = {
    {.name = "/cpts.v1.FederationService/Sync",
     .roles = ROLE_ANY,
     .begin = begin_stream,
     .request = &cpts__v1__sync_frame__descriptor,
     .response = &cpts__v1__sync_frame__descriptor,
     .stream = &HANDLER},
};
static const struct method_table TABLE = {METHODS, 1};

static void dispatch(struct call *call, void *context)
{
    (void)context;
    call->reply(call, call->method->begin(call, NULL, &call->error));
}

static cpts_status identify(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err)
{
    (void)context;
    (void)err;
    snprintf(ret_principal->uri, sizeof ret_principal->uri, "%s", uri);
    ret_principal->roles = ROLE_NATIONAL_NODE;
    return CPTS_OK;
}

static void begin(void)
{
    static char address[32];
    taken_count = sent_count = to_send = 0;
    is_in_order = true;
    is_full = makes_room_at_once = is_withdrawn = is_waiting = false;
    fixture_options(&fixture);
    fixture.options.methods = &TABLE;
    fixture.options.dispatch = dispatch;
    fixture.options.identify = identify;
    if (rpc_server_open(&fixture.options, &fixture.server, &error) != CPTS_OK)
        abort();
    rpc_server_health_set(fixture.server, true);
    health = fixture_client(&fixture, "national");
    snprintf(address, sizeof address, "127.0.0.1:%d", rpc_server_port(fixture.server));
    struct cpts_client_options options = peer_options(address);
    client = peer_client(&options);
    CU_ASSERT_EQUAL_FATAL(cpts_transport__duplex_open(client->transport, OPERATION_FEDERATION_SYNC,
                                                      INBOX_BYTES, &duplex, &error),
                          CPTS_OK);
}

static void end(void)
{
    cpts_transport__duplex_close(duplex, 0);
    cpts_client_close(client, 0);
    rpc_client_close(health);
    rpc_server_close(fixture.server, CLOSE_GRACE_NS);
    CU_ASSERT_PTR_NULL(stream_here);
}

static void send_messages(int first, int count)
{
    for (int i = 0; i < count; i++) {
        uint8_t byte = (uint8_t)(first + i);
        CU_ASSERT_EQUAL(cpts_transport__duplex_send(duplex, &byte, 1, &error), CPTS_OK);
    }
}

/* Waits until so many were taken; how many were. */
static int await_taken(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&mutex);
    while (taken_count < count && pthread_cond_timedwait(&changed, &mutex, &until) == 0) {
    }
    int found = taken_count;
    pthread_mutex_unlock(&mutex);
    return found;
}

static int read_count(const int *count)
{
    pthread_mutex_lock(&mutex);
    int found = *count;
    pthread_mutex_unlock(&mutex);
    return found;
}

/* The server's thread has done everything that was there before. */
static void pass_barrier(void)
{
    struct rpc_reply reply;
    for (int i = 0; i < BARRIER_CALLS; i++) {
        fixture_call(health, METHOD_HEALTH, "", &reply);
        CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    }
}

/* From now on the server takes one message and no more. */
static void fill_up(bool with_room_at_once)
{
    pthread_mutex_lock(&mutex);
    is_full = true;
    makes_room_at_once = with_room_at_once;
    pthread_mutex_unlock(&mutex);
}

/* The server sends so many as soon as something came. */
static void have_sent(int count)
{
    pthread_mutex_lock(&mutex);
    to_send = count;
    pthread_mutex_unlock(&mutex);
}

static void make_room(int times)
{
    pthread_mutex_lock(&mutex);
    is_full = false;
    for (int i = 0; i < times; i++)
        stream_here->take_more(stream_here);
    pthread_mutex_unlock(&mutex);
}

static void test_duplex__what_the_node_has_no_room_for_stays_with_the_client(void)
{
    begin();
    fill_up(false);
    send_messages(0, 4);
    CU_ASSERT_EQUAL(await_taken(1), 1);
    pass_barrier();
    CU_ASSERT_EQUAL(read_count(&taken_count), 1);
    make_room(1);
    CU_ASSERT_EQUAL(await_taken(4), 4);
    CU_ASSERT_TRUE(is_in_order);
    end();
}

static void test_duplex__room_for_one_is_room_for_one(void)
{
    begin();
    fill_up(false);
    send_messages(0, 3);
    CU_ASSERT_EQUAL(await_taken(1), 1);
    make_room(1);
    fill_up(false);
    CU_ASSERT_TRUE(await_taken(2) >= 2);
    make_room(1);
    CU_ASSERT_EQUAL(await_taken(3), 3);
    CU_ASSERT_TRUE(is_in_order);
    end();
}

static void test_duplex__room_that_comes_before_the_refusal_is_not_lost(void)
{
    begin();
    fill_up(true);
    send_messages(0, 5);
    CU_ASSERT_EQUAL(await_taken(5), 5);
    CU_ASSERT_TRUE(is_in_order);
    end();
}

static void test_duplex__room_that_is_told_of_often_takes_each_once(void)
{
    begin();
    send_messages(0, 1);
    CU_ASSERT_EQUAL(await_taken(1), 1);
    make_room(7);
    send_messages(1, 5);
    CU_ASSERT_EQUAL(await_taken(6), 6);
    pass_barrier();
    CU_ASSERT_EQUAL(read_count(&taken_count), 6);
    CU_ASSERT_TRUE(is_in_order);
    end();
}

/* Until the node can send no more, or has sent everything. */
static int sent_before_it_stops(void)
{
    int before = -1, now = 0;
    while (now != before && now < MANY) {
        before = now;
        pass_barrier();
        now = read_count(&sent_count);
    }
    return now;
}

static void test_duplex__what_the_client_has_no_room_for_stays_with_the_node(void)
{
    begin();
    have_sent(MANY);
    send_messages(0, 1);
    CU_ASSERT_EQUAL(await_taken(1), 1);
    CU_ASSERT_TRUE(sent_before_it_stops() < BUFFERED_MAX);
    for (int i = 0; i < MANY; i++) {
        uint8_t *bytes = NULL;
        size_t byte_count = 0;
        cpts_status status =
            cpts_transport__duplex_receive(duplex, PATIENCE_MS, &bytes, &byte_count, &error);
        bool is_next = status == CPTS_OK && bytes != NULL && byte_count == MESSAGE_BYTES &&
                       bytes[0] == (uint8_t)i && bytes[MESSAGE_BYTES - 1] == (uint8_t)i;
        free(bytes);
        CU_ASSERT_TRUE_FATAL(is_next);
    }
    end();
}

/* Sends until it cannot, on a thread of its own. */
static void *send_much(void *data)
{
    static uint8_t bytes[MESSAGE_BYTES];
    int *count = data;
    cpts_status status = CPTS_OK;
    while (status == CPTS_OK) {
        status = cpts_transport__duplex_send(duplex, bytes, sizeof bytes, &error);
        pthread_mutex_lock(&mutex);
        *count += status == CPTS_OK;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void test_duplex__who_is_in_a_hurry_does_not_wait_for_one_that_takes_nothing(void)
{
    pthread_t thread;
    uint8_t byte = 0;
    int count = 0, before = -1, now = 0;
    begin();
    fill_up(false);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, send_much, &count), 0);
    while (now != before || now == 0) {
        before = now;
        pass_barrier();
        now = read_count(&count);
    }
    cpts_transport__duplex_hurry(duplex, 10);
    pthread_join(thread, NULL);
    CU_ASSERT_TRUE(count < MANY);
    CU_ASSERT_EQUAL(error.status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "CONNECTION_FAILED");
    CU_ASSERT_STRING_EQUAL(error.message, "the other side takes no messages");
    CU_ASSERT_EQUAL(cpts_transport__duplex_send(duplex, &byte, 1, &error), CPTS_UNAVAILABLE);
    CU_ASSERT_EQUAL(read_count(&taken_count), 1);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_duplex__what_the_node_has_no_room_for_stays_with_the_client),
    UNIT_TEST(test_duplex__room_for_one_is_room_for_one),
    UNIT_TEST(test_duplex__room_that_comes_before_the_refusal_is_not_lost),
    UNIT_TEST(test_duplex__room_that_is_told_of_often_takes_each_once),
    UNIT_TEST(test_duplex__what_the_client_has_no_room_for_stays_with_the_node),
    UNIT_TEST(test_duplex__who_is_in_a_hurry_does_not_wait_for_one_that_takes_nothing),
};

UNIT_MAIN("duplex")
