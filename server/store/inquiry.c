/* SPDX-License-Identifier: Apache-2.0 */
#include "store/inquiry.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"

#define NS_PER_MS INT64_C(1000000)

/** What has come of one question. */
struct answer {
    PGresult *rows;
    bool failed;
};

bool inquiry_init(struct inquiry *inquiry, const struct connection_options *options,
                  int answer_timeout_ms)
{
    connection_init(&inquiry->connection, options);
    atomic_init(&inquiry->is_stopped, false);
    inquiry->answer_timeout_ms = answer_timeout_ms;
    inquiry->wants_binary = false;
    inquiry->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return inquiry->event >= 0;
}

void inquiry_done(struct inquiry *inquiry)
{
    connection_done(&inquiry->connection);
    close(inquiry->event);
}

void inquiry_wake(struct inquiry *inquiry)
{
    (void)eventfd_write(inquiry->event, 1);
}

void inquiry_stop(struct inquiry *inquiry)
{
    atomic_store(&inquiry->is_stopped, true);
    inquiry_wake(inquiry);
}

/** @return what poll gave for the socket. */
static short wait_for_socket(struct inquiry *inquiry, int64_t timeout_ms)
{
    struct pollfd descriptors[2] = {
        {.fd = connection_socket(&inquiry->connection), .events = inquiry->connection.events},
        {.fd = inquiry->event, .events = POLLIN},
    };
    timeout_ms = timeout_ms < 0 ? 0 : timeout_ms;
    int ready = poll(descriptors, 2, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
    eventfd_t ignored;
    if (ready > 0 && descriptors[1].revents != 0)
        (void)eventfd_read(inquiry->event, &ignored);
    return ready > 0 ? descriptors[0].revents : 0;
}

void inquiry_wait(struct inquiry *inquiry, int64_t timeout_ms)
{
    if (!atomic_load(&inquiry->is_stopped))
        (void)wait_for_socket(inquiry, timeout_ms);
}

/** @return false when it was stopped, or is not ready at @p end_ns. */
static bool become_ready_until(struct inquiry *inquiry, int64_t end_ns)
{
    struct connection *connection = &inquiry->connection;
    short revents = 0;
    int64_t now_ns = clock_monotonic_ns();
    while (connection->state != CONNECTION_READY && !atomic_load(&inquiry->is_stopped) &&
           now_ns < end_ns) {
        int64_t until_ns = connection->wake_ns < end_ns ? connection->wake_ns : end_ns;
        if (!connection_step(connection, revents, now_ns))
            revents = wait_for_socket(inquiry, (until_ns - now_ns) / NS_PER_MS + 1);
        now_ns = clock_monotonic_ns();
    }
    return connection->state == CONNECTION_READY && !atomic_load(&inquiry->is_stopped);
}

bool inquiry_become_ready(struct inquiry *inquiry)
{
    return become_ready_until(inquiry, INT64_MAX);
}

bool inquiry_become_ready_within(struct inquiry *inquiry, int64_t timeout_ms)
{
    return become_ready_until(inquiry, clock_monotonic_ns() + timeout_ms * NS_PER_MS);
}

/** Reads what has come of one statement and its Sync.
 * @return true when that was all. */
static bool read_answer(PGconn *pg, struct answer *answer)
{
    int nulls_in_a_row = 0;
    while (nulls_in_a_row < 2 && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        ExecStatusType status = result == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(result);
        nulls_in_a_row = result == NULL ? nulls_in_a_row + 1 : 0;
        answer->failed = answer->failed || status == PGRES_FATAL_ERROR;
        if (status == PGRES_TUPLES_OK && answer->rows == NULL)
            answer->rows = result;
        else
            PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return true;
    }
    return false;
}

static bool wait_for_answer(struct inquiry *inquiry, struct answer *answer)
{
    PGconn *pg = inquiry->connection.pg;
    int64_t end_ns = clock_monotonic_ns() + inquiry->answer_timeout_ms * NS_PER_MS;
    while (!read_answer(pg, answer)) {
        int64_t now_ns = clock_monotonic_ns();
        if (now_ns >= end_ns || atomic_load(&inquiry->is_stopped))
            return false;
        (void)wait_for_socket(inquiry, (end_ns - now_ns) / NS_PER_MS + 1);
        if (PQconsumeInput(pg) != 1 || !connection_flush(&inquiry->connection))
            return false;
    }
    return !answer->failed;
}

bool inquiry_ask(struct inquiry *inquiry, enum statement_id statement, const char *const *values,
                 int value_count, PGresult **ret_rows)
{
    PGconn *pg = inquiry->connection.pg;
    struct answer answer = {0};
    bool is_answered = PQsendQueryPrepared(pg, statement_table[statement].name, value_count, values,
                                           NULL, NULL, inquiry->wants_binary) == 1 &&
                       PQpipelineSync(pg) == 1 && connection_flush(&inquiry->connection) &&
                       wait_for_answer(inquiry, &answer);
    if (is_answered) {
        *ret_rows = answer.rows;
        return true;
    }
    PQclear(answer.rows);
    if (!atomic_load(&inquiry->is_stopped))
        connection_lose(&inquiry->connection, NULL, clock_monotonic_ns());
    return false;
}
