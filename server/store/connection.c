/* SPDX-License-Identifier: Apache-2.0 */
#include "store/connection.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/statement.h"

#define NS_PER_MS INT64_C(1000000)
/** One attempt, from the first packet to the last prepared statement. */
#define ATTEMPT_TIMEOUT_NS (5000 * NS_PER_MS)
/** Delays double from the first to the last, each cut at random to between
 * half and all of itself. */
#define DELAY_FIRST_MS 50
#define DELAY_LAST_MS 2000
#define DELAY_DOUBLINGS_MAX 6
#define MILLISECONDS_BYTES 16

/** What the server says beside its answers goes to the log. */
static void receive_notice(void *argument, const PGresult *notice)
{
    (void)argument;
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
    bool warns = severity != NULL && strcmp(severity, "WARNING") == 0;
    log_write(warns ? LOG_WARNING : LOG_DEBUG, "store", "database: %s",
              message == NULL ? "notice" : message);
}

void connection_init(struct connection *connection, const struct connection_options *options)
{
    *connection = (struct connection){.options = *options, .state = CONNECTION_DOWN};
}

int connection_socket(const struct connection *connection)
{
    return connection->pg == NULL ? -1 : PQsocket(connection->pg);
}

static int64_t choose_delay_ns(int failures)
{
    int doublings = failures > DELAY_DOUBLINGS_MAX ? DELAY_DOUBLINGS_MAX : failures;
    uint32_t delay_ms = (uint32_t)DELAY_FIRST_MS << doublings;
    if (delay_ms > DELAY_LAST_MS)
        delay_ms = DELAY_LAST_MS;
    return (delay_ms / 2 + arc4random_uniform(delay_ms / 2 + 1)) * NS_PER_MS;
}

void connection_lose(struct connection *connection, const char *reason, int64_t now_ns)
{
    static struct log_limit limit;
    char message[256] = "out of memory";
    if (reason == NULL && connection->pg != NULL)
        reason = PQerrorMessage(connection->pg);
    if (reason != NULL)
        snprintf(message, sizeof message, "%s", reason);
    message[strcspn(message, "\n")] = '\0';
    log_write_limited(&limit, LOG_WARNING, "store", "%s: no connection to the database: %s",
                      connection->options.application_name, message);
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->events = 0;
    connection->state = CONNECTION_DOWN;
    connection->wake_ns = now_ns + choose_delay_ns(connection->failures);
    connection->failures++;
}

void connection_done(struct connection *connection)
{
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->state = CONNECTION_DOWN;
}

bool connection_flush(struct connection *connection)
{
    int left = PQflush(connection->pg);
    connection->events = left == 1 ? POLLIN | POLLOUT : POLLIN;
    return left >= 0;
}

static void begin_connecting(struct connection *connection, int64_t now_ns)
{
    const char *const keywords[] = {"dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {connection->options.conninfo,
                                  connection->options.application_name, "UTF8", NULL};
    connection->pg = PQconnectStartParams(keywords, values, 1);
    if (connection->pg == NULL || PQstatus(connection->pg) == CONNECTION_BAD) {
        connection_lose(connection, NULL, now_ns);
        return;
    }
    PQsetNoticeReceiver(connection->pg, receive_notice, NULL);
    connection->state = CONNECTION_CONNECTING;
    connection->wake_ns = now_ns + ATTEMPT_TIMEOUT_NS;
    connection->events = POLLOUT;
}

static bool send_settings(struct connection *connection)
{
    const struct connection_options *options = &connection->options;
    char statement_timeout[MILLISECONDS_BYTES];
    char lock_timeout[MILLISECONDS_BYTES];
    snprintf(statement_timeout, sizeof statement_timeout, "%d", options->statement_timeout_ms);
    snprintf(lock_timeout, sizeof lock_timeout, "%d", options->lock_timeout_ms);
    const char *values[] = {statement_timeout,
                            lock_timeout,
                            statement_timeout,
                            options->read_only ? "on" : "off",
                            options->by_key ? "force_generic_plan" : "force_custom_plan",
                            options->by_key ? "off" : "on"};
    return PQsendQueryParams(connection->pg, statement_table[STATEMENT_SESSION_BEGIN].text, 6, NULL,
                             values, NULL, NULL, 0) == 1;
}

/** Settings and every statement, in one round trip. A plan lives as long as the
 * session: one that was made while a table was empty would go on reading the
 * whole of it, hence enable_seqscan. */
static bool begin_preparing(struct connection *connection)
{
    PGconn *pg = connection->pg;
    const int send_bytes = CONNECTION_SEND_BYTES;
    (void)setsockopt(PQsocket(pg), SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    if (PQsetnonblocking(pg, 1) != 0 || PQenterPipelineMode(pg) != 1 || !send_settings(connection))
        return false;
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        if (PQsendPrepare(pg, statement_table[i].name, statement_table[i].text, 0, NULL) != 1)
            return false;
    }
    connection->state = CONNECTION_PREPARING;
    connection->prepared_count = -1; /* the settings are answered first */
    return PQpipelineSync(pg) == 1 && connection_flush(connection);
}

static void step_connecting(struct connection *connection, int64_t now_ns)
{
    switch (PQconnectPoll(connection->pg)) {
    case PGRES_POLLING_READING:
        connection->events = POLLIN;
        break;
    case PGRES_POLLING_WRITING:
        connection->events = POLLOUT;
        break;
    case PGRES_POLLING_OK:
        if (!begin_preparing(connection))
            connection_lose(connection, NULL, now_ns);
        break;
    default:
        connection_lose(connection, NULL, now_ns);
        break;
    }
}

/** Names the statement that the server refuses: the schema is not the server's. */
static void lose_unprepared(struct connection *connection, const PGresult *error, int64_t now_ns)
{
    char reason[256];
    int index = connection->prepared_count;
    bool is_named = index >= 0 && index < STATEMENT_COUNT;
    snprintf(reason, sizeof reason, "%s%s%s", is_named ? statement_table[index].name : "",
             is_named ? ": " : "", PQresultErrorMessage(error));
    connection_lose(connection, reason, now_ns);
}

/** Reads the answers to begin_preparing(); the first error is told and ends it. */
static void read_prepared(struct connection *connection, int64_t now_ns)
{
    int nulls_in_a_row = 0;
    while (nulls_in_a_row < 2 && !PQisBusy(connection->pg)) {
        PGresult *result = PQgetResult(connection->pg);
        ExecStatusType status = result == NULL ? PGRES_EMPTY_QUERY : PQresultStatus(result);
        nulls_in_a_row = result == NULL ? nulls_in_a_row + 1 : 0;
        if (status == PGRES_FATAL_ERROR) {
            lose_unprepared(connection, result, now_ns);
            PQclear(result);
            return;
        }
        PQclear(result);
        connection->prepared_count += result == NULL ? 0 : 1;
        if (status == PGRES_PIPELINE_SYNC) {
            connection->state = CONNECTION_READY;
            connection->failures = 0;
            connection->events = POLLIN;
            return;
        }
    }
    if (PQstatus(connection->pg) == CONNECTION_BAD)
        connection_lose(connection, NULL, now_ns);
}

static void step_preparing(struct connection *connection, int64_t now_ns)
{
    if (PQconsumeInput(connection->pg) != 1 || !connection_flush(connection))
        connection_lose(connection, NULL, now_ns);
    else
        read_prepared(connection, now_ns);
}

bool connection_step(struct connection *connection, short revents, int64_t now_ns)
{
    if (connection->state == CONNECTION_READY)
        return false;
    if (connection->state == CONNECTION_DOWN) {
        if (now_ns >= connection->wake_ns)
            begin_connecting(connection, now_ns);
        return false;
    }
    if (revents != 0 && connection->state == CONNECTION_CONNECTING)
        step_connecting(connection, now_ns);
    else if (revents != 0)
        step_preparing(connection, now_ns);
    else if (now_ns >= connection->wake_ns)
        connection_lose(connection, "the attempt took too long", now_ns);
    return connection->state == CONNECTION_READY;
}
