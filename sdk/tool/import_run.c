/* SPDX-License-Identifier: Apache-2.0 */
#include "import_run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "import_update.h"
#include "progress.h"

/* What the threads share. */
struct run {
    cpts_client *client;
    struct import *import;
    /** Next row that nobody has taken. */
    atomic_size_t next;
    atomic_bool is_stopped;
    pthread_mutex_t lock;
    /** Behind the lock: rows that are over, what stopped the run, threads left. */
    size_t done;
    size_t refused;
    int threads_left;
    struct cpts_error stop;
    pthread_cond_t changed;
};

struct import_totals import_count(const struct import *import)
{
    struct import_totals totals = {0};
    size_t *const counters[] = {
        [IMPORT_WAITING] = &totals.waiting,     [IMPORT_CREATED] = &totals.created,
        [IMPORT_REPLAYED] = &totals.replayed,   [IMPORT_REFUSED] = &totals.refused,
        [IMPORT_UNKNOWN] = &totals.unknown,     [IMPORT_UNCHANGED] = &totals.unchanged,
        [IMPORT_DIFFERENT] = &totals.different, [IMPORT_UPDATED] = &totals.updated};
    for (size_t i = 0; i < import->row_count; i++)
        ++*counters[import->rows[i].state];
    return totals;
}

/* Whether the next row would fail for the same reason. */
static bool is_general(const struct cpts_error *err)
{
    switch (failure_exit_code(err)) {
    case EXIT_CODE_UNAVAILABLE:
    case EXIT_CODE_UNKNOWN:
        return true;
    case EXIT_CODE_DENIED:
        return strcmp(err->reason, "OUT_OF_SCOPE") != 0;
    default:
        return err->status == CPTS_UNIMPLEMENTED;
    }
}

/* Creates the CPTS, or changes the one that is there. */
static cpts_status carry_out(struct run *run, struct import_row *row, struct cpts_error *err)
{
    struct cpts_outcome *outcome = NULL;
    if (row->change.version > 0) {
        cpts_status status = import_update_send(run->client, row, err);
        if (status == CPTS_OK)
            row->state = IMPORT_UPDATED;
        return status;
    }
    cpts_status status =
        cpts_registry_create(run->client, &row->creation, row->command_id, 0, &outcome, err);
    if (status == CPTS_OK) {
        row->state = outcome->replayed ? IMPORT_REPLAYED : IMPORT_CREATED;
        snprintf(row->id, sizeof row->id, "%s", outcome->id);
        cpts_outcome_free(outcome);
    }
    return status;
}

/* Sends a row. @return false when no other row should be sent. */
static bool send_row(struct run *run, struct import_row *row)
{
    struct cpts_error err;
    cpts_status status = carry_out(run, row, &err);
    if (status == CPTS_OK)
        return true;
    if (is_general(&err)) {
        row->state = status == CPTS_UNKNOWN ? IMPORT_UNKNOWN : IMPORT_WAITING;
        pthread_mutex_lock(&run->lock);
        if (run->stop.status == CPTS_OK)
            run->stop = err;
        pthread_mutex_unlock(&run->lock);
        return false;
    }
    import_row_refuse(row, COLUMN_COUNT, err.reason, "%s", err.message);
    if (row->problem != NULL)
        *row->problem = err;
    return true;
}

static void note(struct run *run, const struct import_row *row)
{
    pthread_mutex_lock(&run->lock);
    run->done++;
    run->refused += row->state == IMPORT_REFUSED;
    pthread_cond_signal(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

static void *work(void *data)
{
    struct run *run = data;
    while (!atomic_load(&run->is_stopped)) {
        size_t index = atomic_fetch_add(&run->next, 1);
        if (index >= run->import->row_count)
            break;
        struct import_row *row = &run->import->rows[index];
        if (row->state == IMPORT_WAITING && !send_row(run, row))
            atomic_store(&run->is_stopped, true);
        note(run, row);
    }
    /* The lock is held until every thread is counted. */
    pthread_mutex_lock(&run->lock);
    run->threads_left--;
    pthread_cond_signal(&run->changed);
    pthread_mutex_unlock(&run->lock);
    return NULL;
}

/* Draws until every thread has ended. */
static void watch(struct run *run, struct progress *progress)
{
    pthread_mutex_lock(&run->lock);
    while (run->threads_left > 0) {
        pthread_cond_wait(&run->changed, &run->lock);
        size_t done = run->done, refused = run->refused;
        pthread_mutex_unlock(&run->lock);
        progress_show(progress, done, refused);
        pthread_mutex_lock(&run->lock);
    }
    pthread_mutex_unlock(&run->lock);
}

static void out_of_threads(struct run *run)
{
    run->stop.status = CPTS_RESOURCE_EXHAUSTED;
    snprintf(run->stop.reason, sizeof run->stop.reason, "OUT_OF_MEMORY");
    snprintf(run->stop.message, sizeof run->stop.message, "no thread can be started");
}

void import_run(const struct session *session, struct import *import, int job_count,
                struct cpts_error *ret_stop)
{
    pthread_t threads[IMPORT_JOBS_MAX];
    struct run run = {.client = session->client, .import = import};
    struct progress progress;
    int started = 0;
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    progress_begin(&progress, session, import->row_count);
    pthread_mutex_lock(&run.lock);
    while (started < job_count && pthread_create(&threads[started], NULL, work, &run) == 0)
        started++;
    run.threads_left = started;
    pthread_mutex_unlock(&run.lock);
    if (started == 0)
        out_of_threads(&run);
    watch(&run, &progress);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_end(&progress);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    *ret_stop = run.stop;
}
