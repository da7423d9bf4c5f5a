/* SPDX-License-Identifier: Apache-2.0 */
#include "record_fetch.h"

#include <cpts/async.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "progress.h"

/* What the callbacks share. */
struct fetch {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /** Behind the lock. */
    size_t on_their_way;
    size_t done;
    /** The first failure; status CPTS_OK = none. */
    struct cpts_error stop;
};

/* One question and where its answer goes. */
struct question {
    struct fetch *fetch;
    struct cpts_record **ret_record;
};

static void take(cpts_status status, struct cpts_record *record, const struct cpts_error *err,
                 void *data)
{
    const struct question *question = data;
    struct fetch *fetch = question->fetch;
    *question->ret_record = record;
    pthread_mutex_lock(&fetch->lock);
    if (status != CPTS_OK && fetch->stop.status == CPTS_OK)
        fetch->stop = *err;
    fetch->on_their_way--;
    fetch->done++;
    pthread_cond_signal(&fetch->changed);
    pthread_mutex_unlock(&fetch->lock);
}

/* Waits until fewer than @p limit are on their way. @return whether to go on. */
static bool wait_below(struct fetch *fetch, size_t limit, struct progress *progress)
{
    pthread_mutex_lock(&fetch->lock);
    while (fetch->on_their_way >= limit)
        pthread_cond_wait(&fetch->changed, &fetch->lock);
    size_t done = fetch->done;
    bool is_fine = fetch->stop.status == CPTS_OK;
    pthread_mutex_unlock(&fetch->lock);
    progress_show(progress, done, 0);
    return is_fine;
}

static bool ask(struct fetch *fetch, const struct session *session, const char *id,
                const struct cpts_when *when, struct question *question)
{
    struct cpts_async async = {.size = sizeof async, .data = question};
    struct cpts_error err;
    pthread_mutex_lock(&fetch->lock);
    fetch->on_their_way++;
    pthread_mutex_unlock(&fetch->lock);
    if (cpts_registry_get_start(session->client, id, when, &async, take, NULL, &err) == CPTS_OK)
        return true;
    take(err.status, NULL, &err, question);
    return false;
}

static void ask_all(struct fetch *fetch, const struct session *session, const char *const *ids,
                    size_t count, const struct cpts_when *when, struct question *questions)
{
    struct progress progress;
    progress_begin(&progress, session, count);
    for (size_t i = 0; i < count; i++) {
        if (!wait_below(fetch, RECORD_FETCH_AT_ONCE, &progress) ||
            !ask(fetch, session, ids[i], when, &questions[i]))
            break;
    }
    (void)wait_below(fetch, 1, &progress);
    progress_end(&progress);
}

cpts_status record_fetch(const struct session *session, const char *const *ids, size_t count,
                         const struct cpts_when *when, struct cpts_record **ret_records,
                         struct cpts_error *err)
{
    struct fetch fetch = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    struct question *questions = calloc(count + 1, sizeof *questions);
    memset(ret_records, 0, count * sizeof *ret_records);
    if (questions == NULL)
        return failure_no_memory(err, "the CPTS");
    for (size_t i = 0; i < count; i++)
        questions[i] = (struct question){.fetch = &fetch, .ret_record = &ret_records[i]};
    ask_all(&fetch, session, ids, count, when, questions);
    free(questions);
    for (size_t i = 0; fetch.stop.status != CPTS_OK && i < count; i++) {
        cpts_record_free(ret_records[i]);
        ret_records[i] = NULL;
    }
    if (fetch.stop.status != CPTS_OK)
        *err = fetch.stop;
    pthread_cond_destroy(&fetch.changed);
    pthread_mutex_destroy(&fetch.lock);
    return fetch.stop.status;
}
