/* SPDX-License-Identifier: Apache-2.0 */
/* One thread with one pipelined connection. The write lane has one, the read
 * lane a few, with batches of up to 128 and two of them under way; the slow lane
 * has a few with one call at a time. */
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "store/connection.h"
#include "store/lane_internal.h"
#include "store/sqlstate.h"

#define NS_PER_MS INT64_C(1000000)
/** Sessions that may be lost under one call before it is given up: a statement
 * that crashes the database shall not do so until its deadline. */
#define LOSSES_MAX 5
/** How long a writing batch may wait for company while another is under way;
 * and the longest sleep that not every new call ends, for the sake of their
 * deadlines. */
#define COMPANY_NS (50 * NS_PER_MS)
/** Beyond the server's own limits, how long it may say nothing at all. */
#define SILENCE_GRACE_MS 5000
#define TICKETS_MAX (LANE_DEPTH * BATCH_CALLS_MAX)
/** Those under way, and one that is over while its calls are answered. */
#define BATCH_SLOTS (LANE_DEPTH + 1)

struct worker {
    struct lane *lane;
    pthread_t thread;
    struct connection connection;
    int depth;
    int calls_max;
    /** Batches under way: batches[front] first. */
    struct batch batches[BATCH_SLOTS];
    int front;
    int in_flight;
    /** Durable, its calls not answered yet; NULL when there is none. */
    struct batch *durable;
    /** When the last batch was sent. */
    int64_t sent_ns;
    /** Calls to be sent again, each alone, before any new one. No new call is
     * taken while there are some, hence never more than fit. */
    struct ticket redo[TICKETS_MAX];
    int redo_count;
    /** When the database last answered, or was asked while it had nothing to do. */
    int64_t heard_ns;
    bool session_is_useless;
};

static struct batch *batch_at(struct worker *worker, int index)
{
    return &worker->batches[(worker->front + index) % BATCH_SLOTS];
}

/** Whether calls are told only what is durable. */
static bool is_kept(const struct lane *lane)
{
    return lane->manner.writes || lane->manner.records;
}

static bool is_ready(const struct worker *worker)
{
    return worker->connection.state == CONNECTION_READY;
}

static void redo_later(struct worker *worker, const struct ticket *ticket)
{
    worker->redo[worker->redo_count++] = *ticket;
}

static struct ticket redo_pop(struct worker *worker)
{
    struct ticket ticket = worker->redo[0];
    worker->redo_count--;
    memmove(&worker->redo[0], &worker->redo[1],
            (size_t)worker->redo_count * sizeof worker->redo[0]);
    return ticket;
}

/** The session under a ticket is gone: it is asked again in the next one, in
 * which a command that had been committed answers REPLAYED. */
static void redo_after_loss(struct worker *worker, struct ticket *ticket, bool in_doubt)
{
    ticket->in_doubt = ticket->in_doubt || in_doubt;
    ticket->losses++;
    if (ticket->losses <= LOSSES_MAX)
        redo_later(worker, ticket);
    else if (ticket->in_doubt)
        lane_answer_unknown(worker->lane, ticket->call);
    else
        lane_answer_reason(worker->lane, ticket->call, REASON_DATABASE_UNAVAILABLE,
                           "the connection to the database broke several times");
}

/** No PIPELINE_SYNC means that the outcome is unknown, whatever the rows said. */
static void lose_session(struct worker *worker, const char *reason, int64_t now_ns)
{
    bool was_ready = is_ready(worker);
    connection_lose(&worker->connection, reason, now_ns);
    if (!was_ready)
        return;
    atomic_fetch_sub(&worker->lane->connected_count, 1);
    worker->session_is_useless = false;
    for (; worker->in_flight > 0; worker->in_flight--) {
        struct batch *batch = batch_at(worker, 0);
        bool in_doubt = worker->lane->manner.writes && batch->is_complete;
        for (int i = 0; i < batch->ticket_count; i++) {
            if (batch->tickets[i].call != NULL)
                redo_after_loss(worker, &batch->tickets[i], in_doubt);
        }
        batch_reset(batch);
        worker->front = (worker->front + 1) % BATCH_SLOTS;
    }
    call_queue_pass_on(worker->lane->queue);
}

/** Fills an empty batch. @return false when there is nothing to send. */
static bool fill_batch(struct worker *worker, struct batch *batch)
{
    if (worker->redo_count > 0) {
        batch->tickets[batch->ticket_count++] = redo_pop(worker);
        return true;
    }
    struct call *call =
        call_queue_take(worker->lane->queue, worker->calls_max, batch_weigh, BATCH_BYTES_MAX);
    while (call != NULL) {
        struct call *next = call->next;
        call->next = NULL;
        batch->tickets[batch->ticket_count++] = (struct ticket){.call = call};
        call = next;
    }
    return batch->ticket_count > 0;
}

/** Calls that make another batch worth its while now. Every writing batch costs
 * the disk a flush, which those that come meanwhile share when they wait. */
static int wanted_calls(const struct worker *worker, int64_t now_ns)
{
    bool waits = worker->lane->manner.writes && worker->in_flight > 0 &&
                 now_ns < worker->sent_ns + COMPANY_NS;
    return waits ? worker->calls_max : 1;
}

static bool has_batch(const struct worker *worker, int64_t now_ns)
{
    return worker->redo_count > 0 ||
           call_queue_length(worker->lane->queue) >= wanted_calls(worker, now_ns);
}

/** Keeps the pipeline full. */
static void send_batches(struct worker *worker, int64_t now_ns)
{
    bool sent = false;
    while (worker->in_flight < worker->depth && has_batch(worker, now_ns)) {
        struct batch *batch = batch_at(worker, worker->in_flight);
        if (!fill_batch(worker, batch))
            break;
        if (worker->in_flight == 0)
            worker->heard_ns = now_ns;
        worker->in_flight++;
        worker->sent_ns = now_ns;
        sent = true;
        atomic_fetch_add(&worker->lane->batches, 1);
        if (!batch_send(batch, worker->connection.pg, &worker->lane->manner)) {
            lose_session(worker, NULL, now_ns);
            return;
        }
    }
    if (sent && !connection_flush(&worker->connection))
        lose_session(worker, NULL, now_ns);
}

/** A call whose statement, sent alone or with an unusable prologue, failed. An
 * error tells that this attempt did nothing; about an earlier one in doubt it
 * tells nothing. */
static void refuse(struct worker *worker, struct ticket *ticket, const PGresult *error)
{
    const char *field;
    const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
    enum reason reason = sqlstate_reason(sqlstate == NULL ? "" : sqlstate, NULL, &field);
    if (!ticket->in_doubt)
        lane_answer_error(worker->lane, ticket->call, error);
    else if (reason_retryable(reason))
        redo_after_loss(worker, ticket, true);
    else
        lane_answer_unknown(worker->lane, ticket->call);
}

/** A batch that failed did nothing at all: its calls are redone one by one, so
 * that only those at fault are refused. When the lock or the head of the log
 * could not be had, each alone would wait as long in vain: all are refused. */
static void settle_failure(struct worker *worker, struct batch *batch)
{
    const char *sqlstate = PQresultErrorField(batch->error, PG_DIAG_SQLSTATE);
    bool needs_session =
        sqlstate != NULL && sqlstate_needs_new_session(sqlstate, is_kept(worker->lane));
    bool is_final = batch->ticket_count == 1 || batch->error_step < STEP_SCOPE;
    worker->session_is_useless = worker->session_is_useless || needs_session;
    if (!is_final && !needs_session)
        atomic_fetch_add(&worker->lane->batches_retried, 1);
    for (int i = 0; i < batch->ticket_count; i++) {
        struct ticket *ticket = &batch->tickets[i];
        if (ticket->call == NULL)
            continue;
        if (needs_session)
            redo_after_loss(worker, ticket, false);
        else if (is_final)
            refuse(worker, ticket, batch->error);
        else
            redo_later(worker, ticket);
    }
}

static void answer_durable(struct worker *worker)
{
    struct batch *batch = worker->durable;
    worker->durable = NULL;
    for (int i = 0; batch != NULL && i < batch->ticket_count; i++) {
        PGresult *result = batch->results[i];
        batch->results[i] = NULL;
        if (batch->tickets[i].call != NULL)
            lane_answer_rows(worker->lane, &batch->tickets[i], result);
    }
    if (batch != NULL)
        batch_reset(batch);
}

/** The Sync of the first batch was answered: it is durable, or did nothing. Its
 * calls are answered once the next batch was sent: the database shall not idle
 * meanwhile. */
static void settle_batch(struct worker *worker)
{
    struct batch *batch = batch_at(worker, 0);
    worker->front = (worker->front + 1) % BATCH_SLOTS;
    worker->in_flight--;
    answer_durable(worker);
    if (batch->error == NULL) {
        worker->durable = batch;
        return;
    }
    settle_failure(worker, batch);
    batch_reset(batch);
}

/** Rows of a read are true whatever becomes of its batch: they leave at once. */
static void answer_read(struct worker *worker, struct batch *batch, int call_index)
{
    PGresult *result = batch->results[call_index];
    if (result == NULL)
        return;
    batch->results[call_index] = NULL;
    lane_answer_rows(worker->lane, &batch->tickets[call_index], result);
    batch->tickets[call_index].call = NULL;
}

static void take_result(struct worker *worker, PGresult *result)
{
    struct batch *batch = batch_at(worker, 0);
    enum batch_step step = batch_receive(batch, result);
    if (step == STEP_CALL && !is_kept(worker->lane))
        answer_read(worker, batch, batch->call_next - 1);
    if (batch_is_over(batch))
        settle_batch(worker);
}

/** Takes what has come. Answers that arrived before the connection broke are
 * still read, hence the status is looked at last. */
static void receive(struct worker *worker, int64_t now_ns)
{
    PGconn *pg = worker->connection.pg;
    int nulls_in_a_row = 0;
    (void)PQconsumeInput(pg);
    while (worker->in_flight > 0 && nulls_in_a_row < 2 && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        nulls_in_a_row = result == NULL ? nulls_in_a_row + 1 : 0;
        if (result != NULL) {
            worker->heard_ns = now_ns;
            take_result(worker, result);
        }
    }
    if (PQstatus(pg) == CONNECTION_BAD || !connection_flush(&worker->connection))
        lose_session(worker, NULL, now_ns);
    else if (worker->session_is_useless)
        lose_session(worker, "the session's statements are out of date", now_ns);
}

static int64_t silence_end_ns(const struct worker *worker)
{
    const struct lane_options *options = &worker->lane->options;
    int64_t silence_ms = (int64_t)options->statement_timeout_ms + options->lock_timeout_ms;
    if (!is_ready(worker) || worker->in_flight == 0)
        return INT64_MAX;
    return worker->heard_ns + (silence_ms + SILENCE_GRACE_MS) * NS_PER_MS;
}

static void expire(struct worker *worker, int64_t now_ns)
{
    int kept = 0;
    for (int i = 0; i < worker->redo_count; i++) {
        if (worker->redo[i].call->deadline_ns > now_ns)
            worker->redo[kept++] = worker->redo[i];
        else
            lane_answer_expired(worker->lane, &worker->redo[i]);
    }
    worker->redo_count = kept;
    struct call *call = call_queue_take_expired(worker->lane->queue, now_ns);
    while (call != NULL) {
        struct call *next = call->next;
        lane_answer_expired(worker->lane, &(struct ticket){.call = call});
        call = next;
    }
    if (now_ns >= silence_end_ns(worker))
        lose_session(worker, "the database is silent", now_ns);
}

static bool is_over(struct worker *worker, int64_t now_ns)
{
    int64_t closing_ns = atomic_load(&worker->lane->closing_ns);
    if (closing_ns == INT64_MAX)
        return false;
    bool is_idle = worker->in_flight == 0 && worker->redo_count == 0 &&
                   call_queue_length(worker->lane->queue) == 0;
    return is_idle || now_ns >= closing_ns;
}

/** The next moment at which something is due without any event. */
static int64_t next_moment_ns(struct worker *worker, bool any_call_wakes, int64_t now_ns)
{
    int64_t moments[] = {call_queue_earliest_ns(worker->lane->queue),
                         atomic_load(&worker->lane->closing_ns), silence_end_ns(worker),
                         is_ready(worker) ? INT64_MAX : worker->connection.wake_ns,
                         any_call_wakes ? INT64_MAX : now_ns + COMPANY_NS};
    int64_t next_ns = INT64_MAX;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++)
        next_ns = moments[i] < next_ns ? moments[i] : next_ns;
    for (int i = 0; i < worker->redo_count; i++) {
        int64_t deadline_ns = worker->redo[i].call->deadline_ns;
        next_ns = deadline_ns < next_ns ? deadline_ns : next_ns;
    }
    return next_ns;
}

static int poll_until(struct pollfd *descriptors, nfds_t count, int64_t moment_ns, int64_t now_ns)
{
    int64_t left_ms = (moment_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS;
    if (moment_ns == INT64_MAX)
        return poll(descriptors, count, -1);
    left_ms = left_ms < 0 ? 0 : left_ms;
    return poll(descriptors, count, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
}

/** Sleeps until the socket, the queue or the clock has something.
 * @return what poll gave for the socket. */
static short wait_for_events(struct worker *worker)
{
    struct call_queue *queue = worker->lane->queue;
    bool wants_calls = is_ready(worker) && worker->in_flight < worker->depth;
    bool is_closing = atomic_load(&worker->lane->closing_ns) != INT64_MAX;
    int64_t now_ns = clock_monotonic_ns();
    int wanted = wanted_calls(worker, now_ns);
    bool is_asleep = wants_calls && !is_closing && call_queue_fall_asleep(queue, wanted);
    if (wants_calls && !is_closing && !is_asleep)
        return 0;
    struct pollfd descriptors[2] = {
        {.fd = connection_socket(&worker->connection), .events = worker->connection.events},
        {.fd = is_asleep ? call_queue_event(queue) : -1, .events = POLLIN},
    };
    int ready = poll_until(descriptors, 2, next_moment_ns(worker, is_asleep && wanted == 1, now_ns),
                           now_ns);
    if (is_asleep)
        call_queue_wake_up(queue, ready > 0 && descriptors[1].revents != 0);
    return ready > 0 ? descriptors[0].revents : 0;
}

/** Answers whatever the lane's close left. */
static void give_up(struct worker *worker)
{
    struct lane *lane = worker->lane;
    const char *const sentence = "the server is shutting down";
    for (int index = 0; index < worker->in_flight; index++) {
        struct batch *batch = batch_at(worker, index);
        for (int i = 0; i < batch->ticket_count; i++) {
            batch->tickets[i].in_doubt = batch->tickets[i].in_doubt || lane->manner.writes;
            if (batch->tickets[i].call != NULL)
                redo_later(worker, &batch->tickets[i]);
        }
        batch_reset(batch);
    }
    for (int i = 0; i < worker->redo_count; i++) {
        if (worker->redo[i].in_doubt)
            lane_answer_unknown(lane, worker->redo[i].call);
        else
            lane_answer_reason(lane, worker->redo[i].call, REASON_SHUTTING_DOWN, sentence);
    }
    struct call *call;
    while ((call = call_queue_take(lane->queue, 1, batch_weigh, 0)) != NULL)
        lane_answer_reason(lane, call, REASON_SHUTTING_DOWN, sentence);
}

static void *worker_run(void *argument)
{
    struct worker *worker = argument;
    struct lane *lane = worker->lane;
    bool was_connected = false;
    short revents = 0;
    for (;;) {
        int64_t now_ns = clock_monotonic_ns();
        if (is_ready(worker) && revents != 0) {
            receive(worker, now_ns);
        } else if (connection_step(&worker->connection, revents, now_ns)) {
            atomic_fetch_add(&lane->connected_count, 1);
            atomic_fetch_add(&lane->reconnects, was_connected ? 1 : 0);
            was_connected = true;
        }
        now_ns = clock_monotonic_ns();
        expire(worker, now_ns);
        if (is_ready(worker))
            send_batches(worker, now_ns);
        answer_durable(worker);
        if (is_over(worker, now_ns))
            break;
        revents = wait_for_events(worker);
    }
    if (is_ready(worker))
        atomic_fetch_sub(&lane->connected_count, 1);
    give_up(worker);
    connection_done(&worker->connection);
    return NULL;
}

struct worker *worker_start(struct lane *lane, int depth, int calls_max)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return NULL;
    const struct connection_options options = {
        .conninfo = lane->options.conninfo,
        .application_name = lane->application_name,
        .statement_timeout_ms = lane->options.statement_timeout_ms,
        .lock_timeout_ms = lane->options.lock_timeout_ms,
        .read_only = !is_kept(lane),
        .by_key = lane->options.kind != LANE_SLOW,
    };
    worker->lane = lane;
    worker->depth = depth;
    worker->calls_max = calls_max;
    connection_init(&worker->connection, &options);
    if (lane_thread_start(&worker->thread, lane->application_name, worker_run, worker) != 0) {
        free(worker);
        return NULL;
    }
    return worker;
}

void worker_join(struct worker *worker)
{
    if (worker == NULL)
        return;
    pthread_join(worker->thread, NULL);
    free(worker);
}
