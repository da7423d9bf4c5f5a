/* SPDX-License-Identifier: Apache-2.0 */
#include "base/call_queue.h"

#include <poll.h>
#include <pthread.h>

#include "base/call.h"
#include "support/unit.h"

#define CALLS 4
#define MANY 20000
#define GIVERS 2
#define TAKERS 2
#define PATIENCE_MS 10000

static struct call calls[CALLS];

static size_t weigh(const struct call *call)
{
    return (size_t)call->request_byte_count;
}

/** A queue with the four calls, of weights 1, 2, 3, 4 and deadlines 40, 30, 20, 10. */
static struct call_queue *start_full(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    for (int i = 0; i < CALLS; i++) {
        calls[i] = (struct call){.request_byte_count = (size_t)i + 1, .deadline_ns = 40 - 10 * i};
        CU_ASSERT_EQUAL(call_queue_give(queue, &calls[i]), CALL_QUEUED);
    }
    return queue;
}

static void end(struct call_queue *queue)
{
    while (call_queue_take(queue, 1, weigh, 0) != NULL)
        continue;
    call_queue_free(queue);
}

static void test_call_queue__gives_back_in_order(void)
{
    struct call_queue *queue = start_full();
    struct call *chain = call_queue_take(queue, CALLS, weigh, 100);
    for (int i = 0; i < CALLS; i++, chain = chain->next)
        CU_ASSERT_PTR_EQUAL_FATAL(chain, &calls[i]);
    CU_ASSERT_PTR_NULL(chain);
    CU_ASSERT_EQUAL(call_queue_length(queue), 0);
    CU_ASSERT_EQUAL(call_queue_earliest_ns(queue), INT64_MAX);
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    CU_ASSERT_PTR_EQUAL(call_queue_take(queue, 1, weigh, 0), &calls[0]);
    end(queue);
}

static void test_call_queue__takes_within_count_and_weight(void)
{
    struct call_queue *queue = start_full();
    struct call *chain = call_queue_take(queue, CALLS, weigh, 5);
    CU_ASSERT_PTR_EQUAL(chain, &calls[0]);
    CU_ASSERT_PTR_EQUAL(chain->next, &calls[1]);
    CU_ASSERT_PTR_NULL(chain->next->next);
    chain = call_queue_take(queue, 1, weigh, 100);
    CU_ASSERT_PTR_EQUAL(chain, &calls[2]);
    CU_ASSERT_PTR_NULL(chain->next);
    chain = call_queue_take(queue, CALLS, weigh, 1);
    CU_ASSERT_PTR_EQUAL(chain, &calls[3]);
    end(queue);
}

static void test_call_queue__refuses_beyond_its_length(void)
{
    struct call_queue *queue = start_full();
    struct call more = {0};
    CU_ASSERT_EQUAL(call_queue_give(queue, &more), CALL_QUEUE_FULL);
    CU_ASSERT_EQUAL(call_queue_length(queue), CALLS);
    end(queue);
}

static void test_call_queue__refuses_once_closed(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    call_queue_close(queue);
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUE_CLOSED);
    CU_ASSERT_FALSE(call_queue_fall_asleep(queue, 1));
    end(queue);
}

static void test_call_queue__takes_the_expired_from_the_middle(void)
{
    struct call_queue *queue = start_full();
    CU_ASSERT_EQUAL(call_queue_earliest_ns(queue), 10);
    CU_ASSERT_PTR_NULL(call_queue_take_expired(queue, 9));
    struct call *chain = call_queue_take_expired(queue, 20);
    CU_ASSERT_PTR_EQUAL(chain, &calls[2]);
    CU_ASSERT_PTR_EQUAL(chain->next, &calls[3]);
    CU_ASSERT_PTR_NULL(chain->next->next);
    CU_ASSERT_EQUAL(call_queue_earliest_ns(queue), 30);
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[3]), CALL_QUEUED);
    chain = call_queue_take(queue, CALLS, weigh, 100);
    CU_ASSERT_PTR_EQUAL(chain, &calls[0]);
    CU_ASSERT_PTR_EQUAL(chain->next, &calls[1]);
    CU_ASSERT_PTR_EQUAL(chain->next->next, &calls[3]);
    end(queue);
}

static bool is_signalled(struct call_queue *queue)
{
    struct pollfd descriptor = {.fd = call_queue_event(queue), .events = POLLIN};
    return poll(&descriptor, 1, 0) == 1;
}

static void test_call_queue__signals_sleepers_only(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    CU_ASSERT_FALSE(is_signalled(queue));
    CU_ASSERT_FALSE(call_queue_fall_asleep(queue, 1));
    (void)call_queue_take(queue, 1, weigh, 0);
    CU_ASSERT_TRUE(call_queue_fall_asleep(queue, 1));
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    CU_ASSERT_TRUE(is_signalled(queue));
    call_queue_wake_up(queue, true);
    CU_ASSERT_FALSE(is_signalled(queue));
    end(queue);
}

static void test_call_queue__signals_when_as_many_wait_as_wanted(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    CU_ASSERT_TRUE(call_queue_fall_asleep(queue, 2));
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    CU_ASSERT_FALSE(is_signalled(queue));
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[1]), CALL_QUEUED);
    CU_ASSERT_TRUE(is_signalled(queue));
    call_queue_wake_up(queue, true);
    CU_ASSERT_FALSE(call_queue_fall_asleep(queue, 2));
    end(queue);
}

static void test_call_queue__signal_missed_by_the_only_sleeper_is_taken_back(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    CU_ASSERT_TRUE(call_queue_fall_asleep(queue, 1));
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    call_queue_wake_up(queue, false);
    CU_ASSERT_FALSE(is_signalled(queue));
    end(queue);
}

static void test_call_queue__passes_a_signal_on(void)
{
    struct call_queue *queue = call_queue_new(CALLS);
    CU_ASSERT_TRUE(call_queue_fall_asleep(queue, 1));
    CU_ASSERT_TRUE(call_queue_fall_asleep(queue, 1));
    CU_ASSERT_EQUAL(call_queue_give(queue, &calls[0]), CALL_QUEUED);
    call_queue_wake_up(queue, true);
    CU_ASSERT_FALSE(is_signalled(queue));
    call_queue_pass_on(queue);
    CU_ASSERT_TRUE(is_signalled(queue));
    call_queue_wake_up(queue, true);
    end(queue);
}

struct traffic {
    struct call_queue *queue;
    struct call *given;
    int taken_count;
};

static void *give_many(void *argument)
{
    struct traffic *traffic = argument;
    for (int i = 0; i < MANY; i++) {
        if (call_queue_give(traffic->queue, &traffic->given[i]) != CALL_QUEUED)
            break;
    }
    return NULL;
}

static void *take_until_closed(void *argument)
{
    struct traffic *traffic = argument;
    struct pollfd descriptor = {.fd = call_queue_event(traffic->queue), .events = POLLIN};
    int ready = 1;
    while (ready == 1) {
        struct call *chain = call_queue_take(traffic->queue, 32, weigh, 100);
        for (struct call *call = chain; call != NULL; call = call->next)
            traffic->taken_count++;
        if (chain != NULL)
            continue;
        if (call_queue_fall_asleep(traffic->queue, 1)) {
            ready = poll(&descriptor, 1, PATIENCE_MS);
            call_queue_wake_up(traffic->queue, ready == 1);
        } else if (call_queue_length(traffic->queue) == 0) {
            break;
        }
    }
    return NULL;
}

static void test_call_queue__loses_no_call_and_no_wake_up_between_threads(void)
{
    static struct call given[GIVERS][MANY];
    struct call_queue *queue = call_queue_new(GIVERS * MANY);
    struct traffic traffic[GIVERS + TAKERS] = {{0}};
    pthread_t threads[GIVERS + TAKERS];
    for (int i = 0; i < GIVERS + TAKERS; i++) {
        traffic[i] = (struct traffic){.queue = queue, .given = i < GIVERS ? given[i] : NULL};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL,
                                             i < GIVERS ? give_many : take_until_closed,
                                             &traffic[i]),
                              0);
    }
    for (int i = 0; i < GIVERS; i++)
        pthread_join(threads[i], NULL);
    call_queue_close(queue);
    int taken_count = 0;
    for (int i = GIVERS; i < GIVERS + TAKERS; i++) {
        pthread_join(threads[i], NULL);
        taken_count += traffic[i].taken_count;
    }
    CU_ASSERT_EQUAL(taken_count, GIVERS * MANY);
    end(queue);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_call_queue__gives_back_in_order),
    UNIT_TEST(test_call_queue__takes_within_count_and_weight),
    UNIT_TEST(test_call_queue__refuses_beyond_its_length),
    UNIT_TEST(test_call_queue__refuses_once_closed),
    UNIT_TEST(test_call_queue__takes_the_expired_from_the_middle),
    UNIT_TEST(test_call_queue__signals_sleepers_only),
    UNIT_TEST(test_call_queue__signals_when_as_many_wait_as_wanted),
    UNIT_TEST(test_call_queue__signal_missed_by_the_only_sleeper_is_taken_back),
    UNIT_TEST(test_call_queue__passes_a_signal_on),
    UNIT_TEST(test_call_queue__loses_no_call_and_no_wake_up_between_threads),
};

UNIT_MAIN("base.call_queue")
