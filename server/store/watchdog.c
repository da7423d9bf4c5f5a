/* SPDX-License-Identifier: Apache-2.0 */
#include "store/watchdog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/inquiry.h"
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
    struct inquiry inquiry;
    /** The wait seen last, and since when; empty when there was none. */
    char stall[STALL_BYTES];
    int64_t stall_since_ns;
};

/** Asks one statement. @return its rows, or NULL when there are none to be had. */
static PGresult *ask(struct watchdog *watchdog, enum statement_id statement, const char *parameter)
{
    PGresult *rows = NULL;
    (void)inquiry_ask(&watchdog->inquiry, statement, &parameter, parameter == NULL ? 0 : 1, &rows);
    return rows;
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
    int interval_ms = watchdog->lane->options.stall_limit_ms / LOOKS_PER_LIMIT;
    if (interval_ms < LOOK_INTERVAL_LEAST_MS)
        interval_ms = LOOK_INTERVAL_LEAST_MS;
    while (inquiry_become_ready(&watchdog->inquiry)) {
        look(watchdog);
        if (watchdog->inquiry.connection.state == CONNECTION_READY)
            inquiry_wait(&watchdog->inquiry, interval_ms);
    }
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
    if (!inquiry_init(&watchdog->inquiry, &options, ANSWER_TIMEOUT_MS)) {
        free(watchdog);
        return NULL;
    }
    if (lane_thread_start(&watchdog->thread, options.application_name, watchdog_run, watchdog) !=
        0) {
        inquiry_done(&watchdog->inquiry);
        free(watchdog);
        return NULL;
    }
    return watchdog;
}

void watchdog_stop(struct watchdog *watchdog)
{
    if (watchdog == NULL)
        return;
    inquiry_stop(&watchdog->inquiry);
    pthread_join(watchdog->thread, NULL);
    inquiry_done(&watchdog->inquiry);
    free(watchdog);
}
