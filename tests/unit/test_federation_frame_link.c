/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/frame_link.h"

#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "support/unit.h"
#include "wire/error.h"

#define FRAME_BYTES 1000
#define NO_TIME_MS 0
#define PATIENCE_MS 20000

/* A transport that does what it is told. */
static struct stream stream;
static struct cpts_sync_link face;
static struct frame_link *link_of_test;
static int resumed_count;
static int asked_count;

static void resume(struct stream *resumed)
{
    (void)resumed;
    resumed_count++;
}

static void take_more(struct stream *asked)
{
    (void)asked;
    asked_count++;
}

static void begin(void)
{
    link_of_test = frame_link_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(link_of_test);
    stream = (struct stream){.state = link_of_test, .resume = resume, .take_more = take_more};
    face = frame_link_face(link_of_test);
    resumed_count = asked_count = 0;
}

static void end(void)
{
    frame_link_stream.end(&stream);
    frame_link_unref(link_of_test);
}

static bool hear(size_t byte_count)
{
    static uint8_t bytes[CPTS_SYNC_FRAME_BYTES_MAX];
    return frame_link_stream.take(&stream, bytes, byte_count, NULL);
}

/* What the transport would send. */
static enum stream_step next(struct cpts_error *err)
{
    struct stream_message message = {0};
    enum stream_step step = frame_link_stream.next(&stream, &message, err);
    packet_unref(message.packet);
    return step;
}

static cpts_status receive(size_t *ret_byte_count, struct cpts_error *err)
{
    uint8_t *bytes = NULL;
    cpts_status status = face.receive(face.link, NO_TIME_MS, &bytes, ret_byte_count, err);
    free(bytes);
    return status;
}

static void test_frame_link__frames_come_in_order(void)
{
    size_t byte_count = 0;
    begin();
    CU_ASSERT_TRUE(hear(1));
    CU_ASSERT_TRUE(hear(2));
    CU_ASSERT_EQUAL(receive(&byte_count, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(byte_count, 1);
    CU_ASSERT_EQUAL(receive(&byte_count, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(byte_count, 2);
    CU_ASSERT_EQUAL(receive(&byte_count, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(byte_count, 0);
    end();
}

static void test_frame_link__full_queue_leaves_the_rest_with_the_client(void)
{
    size_t byte_count = 0;
    int count = 1;
    begin();
    while (hear(CPTS_SYNC_FRAME_BYTES_MAX))
        count++;
    CU_ASSERT_TRUE((int64_t)count * CPTS_SYNC_FRAME_BYTES_MAX > 16 * 1024 * 1024);
    CU_ASSERT_TRUE((int64_t)count * CPTS_SYNC_FRAME_BYTES_MAX < 64 * 1024 * 1024);
    CU_ASSERT_EQUAL(asked_count, 0);
    CU_ASSERT_EQUAL(receive(&byte_count, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(asked_count, 1);
    CU_ASSERT_EQUAL(receive(&byte_count, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(asked_count, 1);
    end();
}

static void test_frame_link__what_waits_is_sent_when_the_transport_asks(void)
{
    static const uint8_t FRAME[FRAME_BYTES];
    begin();
    (void)hear(1);
    CU_ASSERT_EQUAL(face.send(face.link, FRAME, sizeof FRAME, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(resumed_count, 0);
    CU_ASSERT_EQUAL(next(NULL), STREAM_SEND);
    CU_ASSERT_EQUAL(next(NULL), STREAM_WAIT);
    CU_ASSERT_EQUAL(face.send(face.link, FRAME, sizeof FRAME, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(resumed_count, 1);
    end();
}

static void test_frame_link__closed_it_ends_after_what_was_sent(void)
{
    static const uint8_t FRAME[FRAME_BYTES];
    struct cpts_error why = {0}, err = {0};
    begin();
    (void)hear(1);
    (void)error_set(&why, REASON_NODE_FENCED, "as asked");
    CU_ASSERT_EQUAL(face.send(face.link, FRAME, sizeof FRAME, NULL), CPTS_OK);
    face.close(face.link, &why);
    CU_ASSERT_EQUAL(next(&err), STREAM_SEND);
    CU_ASSERT_EQUAL(next(&err), STREAM_END);
    CU_ASSERT_EQUAL(err.status, CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "NODE_FENCED");
    end();
}

static void test_frame_link__client_that_has_gone_is_told_after_its_frames(void)
{
    size_t byte_count = 0;
    struct cpts_error err = {0};
    begin();
    (void)hear(7);
    CU_ASSERT_FALSE(frame_link_stream.take(&stream, NULL, 0, NULL));
    CU_ASSERT_EQUAL(receive(&byte_count, &err), CPTS_OK);
    CU_ASSERT_EQUAL(byte_count, 7);
    CU_ASSERT_EQUAL(receive(&byte_count, &err), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONNECTION_FAILED");
    CU_ASSERT_EQUAL(face.send(face.link, (const uint8_t *)"x", 1, &err), CPTS_UNAVAILABLE);
    end();
}

static void test_frame_link__message_that_is_refused_ends_it_with_its_reason(void)
{
    size_t byte_count = 0;
    struct cpts_error why = {0}, err = {0};
    begin();
    (void)hear(1);
    (void)error_set(&why, REASON_MESSAGE_TOO_LARGE, "too large");
    CU_ASSERT_FALSE(frame_link_stream.take(&stream, NULL, 0, &why));
    (void)receive(&byte_count, &err);
    CU_ASSERT_EQUAL(receive(&byte_count, &err), CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "MESSAGE_TOO_LARGE");
    end();
}

static void test_frame_link__draining_ends_it_at_once(void)
{
    struct cpts_error err = {0};
    size_t byte_count = 0;
    begin();
    (void)hear(1);
    CU_ASSERT_EQUAL(next(NULL), STREAM_WAIT);
    CU_ASSERT_TRUE(frame_link_stream.withdraw(&stream, STREAM_IS_DRAINING));
    CU_ASSERT_EQUAL(next(&err), STREAM_END);
    CU_ASSERT_STRING_EQUAL(err.reason, "SHUTTING_DOWN");
    CU_ASSERT_EQUAL(receive(&byte_count, &err), CPTS_OK);
    CU_ASSERT_EQUAL(receive(&byte_count, &err), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(err.reason, "SHUTTING_DOWN");
    end();
}

static void test_frame_link__woken_it_gives_nothing_once(void)
{
    uint8_t *bytes = (uint8_t *)"untouched";
    size_t byte_count = 1;
    begin();
    (void)hear(3);
    (void)receive(&byte_count, NULL);
    face.wake(face.link);
    CU_ASSERT_EQUAL(face.receive(face.link, PATIENCE_MS, &bytes, &byte_count, NULL), CPTS_OK);
    CU_ASSERT_PTR_NULL(bytes);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_frame_link__frames_come_in_order),
    UNIT_TEST(test_frame_link__full_queue_leaves_the_rest_with_the_client),
    UNIT_TEST(test_frame_link__what_waits_is_sent_when_the_transport_asks),
    UNIT_TEST(test_frame_link__closed_it_ends_after_what_was_sent),
    UNIT_TEST(test_frame_link__client_that_has_gone_is_told_after_its_frames),
    UNIT_TEST(test_frame_link__message_that_is_refused_ends_it_with_its_reason),
    UNIT_TEST(test_frame_link__draining_ends_it_at_once),
    UNIT_TEST(test_frame_link__woken_it_gives_nothing_once),
};

UNIT_MAIN("federation/frame_link")
