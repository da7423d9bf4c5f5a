/* SPDX-License-Identifier: Apache-2.0 */
#include "crew.h"

#include <string.h>

#include "failure.h"
#include "progress.h"

bool crew_must_stop(const struct cpts_error *err)
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

void crew_stop(struct crew *crew, const struct cpts_error *err)
{
    pthread_mutex_lock(&crew->lock);
    crew->is_stopped = true;
    if (crew->stop.status == CPTS_OK)
        crew->stop = *err;
    pthread_mutex_unlock(&crew->lock);
}

static void *work(void *data)
{
    struct crew *crew = data;
    size_t done = 1;
    pthread_mutex_lock(&crew->lock);
    while (done > 0 && !crew->is_stopped) {
        pthread_mutex_unlock(&crew->lock);
        done = crew->step(crew, crew->job);
        pthread_mutex_lock(&crew->lock);
        crew->done += done;
        pthread_cond_signal(&crew->changed);
    }
    crew->threads_left--;
    pthread_cond_signal(&crew->changed);
    pthread_mutex_unlock(&crew->lock);
    return NULL;
}

/* Draws until every thread has ended. */
static void watch(struct crew *crew, struct progress *progress)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->threads_left > 0) {
        pthread_cond_wait(&crew->changed, &crew->lock);
        size_t done = crew->done, refused = crew->refused;
        pthread_mutex_unlock(&crew->lock);
        progress_show(progress, done, refused);
        pthread_mutex_lock(&crew->lock);
    }
    pthread_mutex_unlock(&crew->lock);
}

void crew_run(struct crew *crew, const struct session *session, size_t total, int thread_count)
{
    pthread_t threads[CREW_THREADS_MAX];
    struct progress progress;
    int started = 0;
    pthread_mutex_init(&crew->lock, NULL);
    pthread_cond_init(&crew->changed, NULL);
    progress_begin(&progress, session, total);
    /* The lock is held until every thread is counted. */
    pthread_mutex_lock(&crew->lock);
    while (started < thread_count && pthread_create(&threads[started], NULL, work, crew) == 0)
        started++;
    crew->threads_left = started;
    pthread_mutex_unlock(&crew->lock);
    if (started == 0)
        (void)failure_no_memory(&crew->stop, "a thread");
    watch(crew, &progress);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_end(&progress);
    pthread_cond_destroy(&crew->changed);
    pthread_mutex_destroy(&crew->lock);
}
