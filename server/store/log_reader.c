/* SPDX-License-Identifier: Apache-2.0 */
#include "store/log_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "store/inquiry.h"
#include "store/lane_internal.h"
#include "store/result.h"
#include "wire/error.h"

#define ANSWER_TIMEOUT_MS 10000
#define NUMBER_BYTES 24
#define READ_PARAMETERS 6

struct log_reader {
    struct log_reader_options options;
    struct inquiry inquiry;
    pthread_t thread;
};

/** Asks for something that gives nothing worth reading. */
static bool command(struct log_reader *reader, enum statement_id statement, const char *parameter)
{
    PGresult *rows = NULL;
    bool is_done =
        inquiry_ask(&reader->inquiry, statement, &parameter, parameter == NULL ? 0 : 1, &rows);
    PQclear(rows);
    return is_done;
}

/** Whether the log has grown since the last time. */
static bool take_notifications(struct log_reader *reader)
{
    bool grew = false;
    for (PGnotify *notification = PQnotifies(reader->inquiry.connection.pg); notification != NULL;
         notification = PQnotifies(reader->inquiry.connection.pg)) {
        grew = true;
        PQfreemem(notification);
    }
    return grew;
}

/** @return false when the session is lost. */
static bool read_log(struct log_reader *reader, const struct log_question *question)
{
    char after[NUMBER_BYTES], span[NUMBER_BYTES], row_count[NUMBER_BYTES], byte_count[NUMBER_BYTES];
    snprintf(after, sizeof after, "%lld", (long long)question->after);
    snprintf(span, sizeof span, "%lld", (long long)question->span);
    snprintf(row_count, sizeof row_count, "%d", question->row_count_max);
    snprintf(byte_count, sizeof byte_count, "%lld", (long long)question->byte_count_max);
    const char *values[READ_PARAMETERS] = {after,
                                           span,
                                           row_count,
                                           byte_count,
                                           question->region,
                                           question->audience ? "true" : "false"};
    PGresult *result = NULL;
    if (!inquiry_ask(&reader->inquiry, STATEMENT_LOG_READ, values, READ_PARAMETERS, &result))
        return false;
    const struct rows rows = {.result = result};
    reader->options.take(reader->options.context, &rows);
    PQclear(result);
    return true;
}

/** @return false when the session is lost. */
static bool sleep_until_grown(struct log_reader *reader, int wait_ms, bool *ret_grew)
{
    inquiry_wait(&reader->inquiry, wait_ms);
    if (PQconsumeInput(reader->inquiry.connection.pg) != 1) {
        connection_lose(&reader->inquiry.connection, NULL, clock_monotonic_ns());
        return false;
    }
    *ret_grew = take_notifications(reader);
    return true;
}

/** Reads until the session is lost or the reader stopped. */
static void serve_session(struct log_reader *reader)
{
    const struct log_reader_options *options = &reader->options;
    bool grew = true; /* what came before LISTEN was not told */
    bool is_alive = command(reader, STATEMENT_SESSION_SCOPE, "*") &&
                    command(reader, STATEMENT_LOG_LISTEN, NULL);
    while (is_alive && !atomic_load(&reader->inquiry.is_stopped)) {
        struct log_question question;
        int wait_ms = 0;
        if (options->choose(options->context, grew, &question, &wait_ms)) {
            is_alive = read_log(reader, &question);
            grew = is_alive && take_notifications(reader);
        } else {
            is_alive = sleep_until_grown(reader, wait_ms, &grew);
        }
    }
}

static void *run(void *argument)
{
    struct log_reader *reader = argument;
    while (inquiry_become_ready(&reader->inquiry))
        serve_session(reader);
    return NULL;
}

cpts_status log_reader_open(const struct log_reader_options *options,
                            struct log_reader **ret_reader, struct cpts_error *err)
{
    const struct connection_options connection = {
        .conninfo = options->conninfo,
        .application_name = "cptsd feed",
        .statement_timeout_ms = ANSWER_TIMEOUT_MS,
        .lock_timeout_ms = ANSWER_TIMEOUT_MS,
        .read_only = true,
        .by_key = true,
    };
    struct log_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL || !inquiry_init(&reader->inquiry, &connection, ANSWER_TIMEOUT_MS)) {
        free(reader);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to read the log");
    }
    reader->options = *options;
    reader->inquiry.wants_binary = true;
    if (lane_thread_start(&reader->thread, connection.application_name, run, reader) != 0) {
        inquiry_done(&reader->inquiry);
        free(reader);
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread to read the log");
    }
    *ret_reader = reader;
    return CPTS_OK;
}

void log_reader_wake(struct log_reader *reader)
{
    inquiry_wake(&reader->inquiry);
}

void log_reader_close(struct log_reader *reader)
{
    if (reader == NULL)
        return;
    inquiry_stop(&reader->inquiry);
    pthread_join(reader->thread, NULL);
    inquiry_done(&reader->inquiry);
    free(reader);
}
