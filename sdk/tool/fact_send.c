/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_send.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "import_run.h"
#include "progress.h"

/* Others may change the CPTS meanwhile: how often its version is read again. */
#define STALE_TRIES_MAX 5

/* What the threads share; all of it behind the lock, but for the lines of the
 * CPTS that a thread has taken. */
struct run {
    cpts_client *client;
    struct fact_import *import;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /** Where the next CPTS begins. */
    size_t next;
    size_t done, refused;
    bool is_stopped;
    int threads_left;
    struct cpts_error stop;
};

/* Lines of one CPTS: places in the order. */
struct range {
    size_t first, end;
};

static struct fact_line *line_at(const struct run *run, size_t place)
{
    return &run->import->lines[run->import->order[place]];
}

static void stop(struct run *run, const struct cpts_error *err)
{
    pthread_mutex_lock(&run->lock);
    run->is_stopped = true;
    if (run->stop.status == CPTS_OK)
        run->stop = *err;
    pthread_mutex_unlock(&run->lock);
}

static void refuse(struct run *run, size_t index, const char *field, const char *reason,
                   const char *message)
{
    struct import_pool *pool = &run->import->findings.pool;
    pthread_mutex_lock(&run->lock);
    fact_line_refuse(run->import, index, import_pool_copy(pool, field, strlen(field)),
                     import_pool_copy(pool, reason, strlen(reason)), message);
    run->refused++;
    pthread_mutex_unlock(&run->lock);
}

/* Whether the next CPTS would fail for the same reason. */
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

/* --- comparing ----------------------------------------------------------------- */

static void note_change(struct run *run, size_t index, const char *text)
{
    struct fact_import *import = run->import;
    import->lines[index].is_change = true;
    pthread_mutex_lock(&run->lock);
    findings_add(&import->findings,
                 (struct finding){.kind = FINDING_CHANGE,
                                  .line = import->lines[index].line,
                                  .row = index,
                                  .field = "",
                                  .reason = "VALUE_DIFFERS"},
                 "the node has %s", text);
    pthread_mutex_unlock(&run->lock);
}

static void compare_range(struct run *run, struct range range, const void *own)
{
    const struct fact_kind *kind = run->import->kind;
    for (size_t i = range.first; i < range.end; i++) {
        char text[FACT_TEXT_BYTES] = "";
        struct fact_line *line = line_at(run, i);
        if (line->state != FACT_WAITING)
            continue;
        switch (kind->match(run->import, own, line->fact, text)) {
        case FACT_IS_SAME:
            line->state = FACT_UNCHANGED;
            break;
        case FACT_IS_CHANGE:
            note_change(run, run->import->order[i], text);
            break;
        case FACT_IS_BARRED:
            refuse(run, run->import->order[i], "", kind->barred_reason, text);
            break;
        case FACT_IS_NEW:
            break;
        }
    }
}

/* --- sending ------------------------------------------------------------------- */

/* The command's id comes from all that it says. */
static bool name_command(const struct run *run, struct fact_batch *batch)
{
    size_t room = (batch->count + 2) * FACT_TEXT_BYTES;
    char *text = malloc(room);
    if (text == NULL)
        return false;
    size_t length = (size_t)snprintf(text, room, "%s %d %s\n", batch->cpts_id, batch->version,
                                     run->import->reason == NULL ? "" : run->import->reason);
    for (size_t i = 0; i < batch->count && length < room; i++) {
        char one[FACT_TEXT_BYTES];
        run->import->kind->describe(batch->facts[i], one);
        length += (size_t)snprintf(text + length, room - length, "%s\n", one);
    }
    cpts_uuid_derive(run->import->kind->command_space, text, batch->command_id);
    free(text);
    return true;
}

static cpts_status read_version(const struct run *run, struct fact_batch *batch,
                                struct cpts_error *err)
{
    struct cpts_record *record = NULL;
    cpts_status status = cpts_registry_get(run->client, batch->cpts_id, NULL, 0, &record, err);
    if (status == CPTS_OK)
        batch->version = record->version;
    cpts_record_free(record);
    return status;
}

static cpts_status send_once(struct run *run, struct fact_batch *batch, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (int tries = 0; tries < STALE_TRIES_MAX; tries++) {
        struct cpts_outcome *outcome = NULL;
        if (!name_command(run, batch))
            return failure_no_memory(err, "a command");
        status = run->import->kind->send(run->import, run->client, batch, &outcome, err);
        if (status == CPTS_OK)
            batch->version = outcome->version;
        cpts_outcome_free(outcome);
        if (status == CPTS_OK || strcmp(err->reason, "STALE_VERSION") != 0)
            return status;
        status = read_version(run, batch, err);
        if (status != CPTS_OK)
            return status;
    }
    return status;
}

static void set_states(struct run *run, const struct fact_batch *batch, enum fact_state state)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct fact_line *line = &run->import->lines[batch->lines[i]];
        line->state = state == FACT_ADDED && line->is_change ? FACT_CHANGED : state;
    }
}

/* The part of a batch from @p first on, @p count facts. */
static struct fact_batch part_of(const struct fact_batch *batch, size_t first, size_t count)
{
    struct fact_batch part = {.cpts_id = batch->cpts_id, .version = batch->version, .count = count};
    memcpy(part.facts, &batch->facts[first], count * sizeof part.facts[0]);
    memcpy(part.lines, &batch->lines[first], count * sizeof part.lines[0]);
    return part;
}

/* Sends all, and what is refused again in halves, until what is at fault stands
 * alone. @return false when nothing else should be sent. */
static bool send_batch(struct run *run, struct fact_batch *batch)
{
    struct cpts_error err;
    if (batch->count == 0)
        return true;
    cpts_status status = send_once(run, batch, &err);
    if (status == CPTS_OK) {
        set_states(run, batch, FACT_ADDED);
        return true;
    }
    if (is_general(&err)) {
        set_states(run, batch, status == CPTS_UNKNOWN ? FACT_UNKNOWN : FACT_WAITING);
        stop(run, &err);
        return false;
    }
    if (batch->count == 1 || strcmp(err.reason, "OUT_OF_SCOPE") == 0) {
        for (size_t i = 0; i < batch->count; i++)
            refuse(run, batch->lines[i], "", err.reason, err.message);
        return true;
    }
    struct fact_batch part = part_of(batch, 0, batch->count / 2);
    if (!send_batch(run, &part))
        return false;
    int32_t version = part.version;
    part = part_of(batch, batch->count / 2, batch->count - batch->count / 2);
    part.version = version;
    bool is_fine = send_batch(run, &part);
    batch->version = part.version;
    return is_fine;
}

static void send_range(struct run *run, struct range range)
{
    size_t cpts = line_at(run, range.first)->cpts;
    struct fact_batch batch = {.cpts_id = run->import->registry.known[cpts].id,
                               .version = run->import->registry.known[cpts].version};
    for (size_t i = range.first; i < range.end; i++) {
        struct fact_line *line = line_at(run, i);
        if (line->state != FACT_WAITING)
            continue;
        if (batch.count == run->import->kind->batch_max) {
            if (!send_batch(run, &batch))
                return;
            batch.count = 0;
        }
        batch.facts[batch.count] = line->fact;
        batch.lines[batch.count++] = run->import->order[i];
    }
    (void)send_batch(run, &batch);
}

/* One CPTS: compared, then what differs is sent. */
static void work_range(struct run *run, struct range range)
{
    struct cpts_error err;
    void *own = NULL;
    size_t cpts = line_at(run, range.first)->cpts;
    cpts_status status =
        run->import->kind->fetch(run->client, run->import->registry.known[cpts].id, &own, &err);
    if (status == CPTS_OK) {
        compare_range(run, range, own);
        run->import->kind->drop(own);
        if (!run->import->is_dry)
            send_range(run, range);
    } else if (is_general(&err)) {
        stop(run, &err);
    } else {
        for (size_t i = range.first; i < range.end; i++) {
            if (line_at(run, i)->state == FACT_WAITING)
                refuse(run, run->import->order[i], "", err.reason, err.message);
        }
    }
}

/* --- threads ------------------------------------------------------------------- */

/* Takes the next CPTS. @return an empty range when there is none. */
static struct range take(struct run *run)
{
    const struct fact_import *import = run->import;
    pthread_mutex_lock(&run->lock);
    struct range range = {run->next, run->next};
    while (!run->is_stopped && range.end < import->ready_count &&
           line_at(run, range.end)->cpts == line_at(run, range.first)->cpts)
        range.end++;
    run->next = range.end;
    pthread_mutex_unlock(&run->lock);
    return range;
}

static void *work(void *data)
{
    struct run *run = data;
    struct range range = take(run);
    while (range.first < range.end) {
        work_range(run, range);
        pthread_mutex_lock(&run->lock);
        run->done += range.end - range.first;
        pthread_cond_signal(&run->changed);
        pthread_mutex_unlock(&run->lock);
        range = take(run);
    }
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

void fact_send(const struct session *session, struct fact_import *import, int job_count,
               struct cpts_error *ret_stop)
{
    pthread_t threads[IMPORT_JOBS_MAX];
    struct run run = {.client = session->client, .import = import};
    struct progress progress;
    int started = 0;
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.changed, NULL);
    progress_begin(&progress, session, import->line_count);
    pthread_mutex_lock(&run.lock);
    while (started < job_count && pthread_create(&threads[started], NULL, work, &run) == 0)
        started++;
    run.threads_left = started;
    pthread_mutex_unlock(&run.lock);
    if (started == 0)
        (void)failure_no_memory(&run.stop, "a thread");
    watch(&run, &progress);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_end(&progress);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    *ret_stop = run.stop;
}
