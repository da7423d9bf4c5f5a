/* SPDX-License-Identifier: Apache-2.0 */
#include "store/watchdog.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/connection.h"
#include "store/lane_internal.h"
#include "store/statement.h"

#define NS_PER_MS INT64_C(1000000)
/** Looks within one limit. Two that saw the same wait tell its length without
 * comparing clocks. */
#define LOOKS_PER_LIMIT 4
#define LOOK_INTERVAL_LEAST_MS 20
#define STALL_BYTES 256
#define ANSWER_TIMEOUT_MS 5000

struct watchdog {
    struct lane *lane;
    pthread_t thread;
    struct connection connection;
    int stop_event;
    /** The wait seen last, and since when; empty when there was none. */
    char stall[STALL_BYTES];
    int64_t stall_since_ns;
};

/** Sleeps until the socket has something or @p timeout_ms passed.
 * @return what poll gave for the socket; -1 when the watch is to end. */
static int wait_for_socket(struct watchdog *watchdog, int64_t timeout_ms)
{
    struct pollfd descriptors[2] = {
        {.fd = connection_socket(&watchdog->connection), .events = watchdog->connection.events},
        {.fd = watchdog->stop_event, .events = POLLIN},
    };
    timeout_ms = timeout_ms < 0 ? 0 : timeout_ms;
    int ready = poll(descriptors, 2, timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms);
    if (ready > 0 && descriptors[1].revents != 0)
        return -1;
    return ready > 0 ? descriptors[0].revents : 0;
}

/** @return false when the watch is to end. */
static bool become_ready(struct watchdog *watchdog)
{
    struct connection *connection = &watchdog->connection;
    int revents = 0;
    while (connection->state != CONNECTION_READY) {
        int64_t now_ns = clock_monotonic_ns();
        if (connection_step(connection, (short)revents, now_ns))
            break;
        revents = wait_for_socket(watchdog, (connection->wake_ns - now_ns) / NS_PER_MS + 1);
        if (revents < 0)
            return false;
    }
    return true;
}

/** Reads what has come of one statement and its Sync into @p ret_rows.
 * @return true when that was all. */
static bool read_answer(PGconn *pg, PGresult **ret_rows)
{
    int nulls_in_a_row = 0;
    while (nulls_in_a_row < 2 && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        ExecStatusType status = result == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(result);
        nulls_in_a_row = result == NULL ? nulls_in_a_row + 1 : 0;
        if (status == PGRES_TUPLES_OK && *ret_rows == NULL)
            *ret_rows = result;
        else
            PQclear(result);
        if (status == PGRES_PIPELINE_SYNC)
            return true;
    }
    return false;
}

static bool send_question(struct watchdog *watchdog, enum statement_id statement,
                          const char *parameter)
{
    PGconn *pg = watchdog->connection.pg;
    return PQsendQueryPrepared(pg, statement_table[statement].name, parameter == NULL ? 0 : 1,
                               &parameter, NULL, NULL, 0) == 1 &&
           PQpipelineSync(pg) == 1 && connection_flush(&watchdog->connection);
}

/** Asks one statement. @return its rows, or NULL when it failed, the connection
 * broke or the watch is to end. */
static PGresult *ask(struct watchdog *watchdog, enum statement_id statement, const char *parameter)
{
    struct connection *connection = &watchdog->connection;
    int64_t end_ns = clock_monotonic_ns() + ANSWER_TIMEOUT_MS * NS_PER_MS;
    PGresult *rows = NULL;
    bool is_alive = send_question(watchdog, statement, parameter);
    while (is_alive && !read_answer(connection->pg, &rows)) {
        int64_t now_ns = clock_monotonic_ns();
        int revents = wait_for_socket(watchdog, (end_ns - now_ns) / NS_PER_MS + 1);
        is_alive = revents >= 0 && now_ns < end_ns && PQconsumeInput(connection->pg) == 1 &&
                   connection_flush(connection);
    }
    if (is_alive)
        return rows;
    PQclear(rows);
    connection_lose(connection, NULL, clock_monotonic_ns());
    return NULL;
}

static void end_stall(struct watchdog *watchdog)
{
    PGresult *rows = ask(watchdog, STATEMENT_STALL_END, watchdog->stall);
    if (rows != NULL && PQntuples(rows) > 0) {
        atomic_fetch_add(&watchdog->lane->stalls_ended, 1);
        log_write(LOG_WARNING, "store",
                  "ended session %s (%s): it held the log's lock while waiting for its client",
                  PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 1));
    }
    PQclear(rows);
    watchdog->stall[0] = '\0';
}

static void look(struct watchdog *watchdog)
{
    PGresult *rows = ask(watchdog, STATEMENT_STALL_FIND, NULL);
    const char *stall = rows != NULL && PQntuples(rows) > 0 ? PQgetvalue(rows, 0, 0) : "";
    int64_t now_ns = clock_monotonic_ns();
    int64_t limit_ns = watchdog->lane->options.stall_limit_ms * NS_PER_MS;
    bool is_same = stall[0] != '\0' && strcmp(stall, watchdog->stall) == 0;
    if (!is_same) {
        snprintf(watchdog->stall, sizeof watchdog->stall, "%s", stall);
        watchdog->stall_since_ns = now_ns;
    }
    PQclear(rows);
    if (is_same && now_ns - watchdog->stall_since_ns >= limit_ns)
        end_stall(watchdog);
}

static void *watchdog_run(void *argument)
{
    struct watchdog *watchdog = argument;
    struct pollfd stop = {.fd = watchdog->stop_event, .events = POLLIN};
    int interval_ms = watchdog->lane->options.stall_limit_ms / LOOKS_PER_LIMIT;
    if (interval_ms < LOOK_INTERVAL_LEAST_MS)
        interval_ms = LOOK_INTERVAL_LEAST_MS;
    while (become_ready(watchdog)) {
        look(watchdog);
        if (poll(&stop, 1, interval_ms) > 0)
            break;
    }
    connection_done(&watchdog->connection);
    return NULL;
}

struct watchdog *watchdog_start(struct lane *lane)
{
    struct watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (watchdog == NULL)
        return NULL;
    const struct connection_options options = {
        .conninfo = lane->options.conninfo,
        .application_name = "cptsd watch",
        .statement_timeout_ms = ANSWER_TIMEOUT_MS,
        .lock_timeout_ms = ANSWER_TIMEOUT_MS,
        .read_only = true,
    };
    watchdog->lane = lane;
    connection_init(&watchdog->connection, &options);
    watchdog->stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watchdog->stop_event < 0 || lane_thread_start(&watchdog->thread, options.application_name,
                                                      watchdog_run, watchdog) != 0) {
        if (watchdog->stop_event >= 0)
            close(watchdog->stop_event);
        free(watchdog);
        return NULL;
    }
    return watchdog;
}

void watchdog_stop(struct watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    (void)eventfd_write(watchdog->stop_event, 1);
    pthread_join(watchdog->thread, NULL);
    close(watchdog->stop_event);
    free(watchdog);
}
