/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_CREW_H
#define TOOL_CREW_H

/**
 * @file
 * Threads that send the pieces of one import, several at once: the node commits
 * the commands that wait together with one flush of its disk.
 *
 * Threads: crew_run() uses its own and returns when they have ended; the rest is
 * for those threads.
 */

#include <pthread.h>

#include "session.h"

#define CREW_THREADS_DEFAULT 16
#define CREW_THREADS_MAX 64

struct crew {
    /** Also of what the threads share beside the crew; taken for moments only. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /** Rows that are over, and those of them that the node refused. */
    size_t done, refused;
    int threads_left;
    bool is_stopped;
    /** What stopped it; status CPTS_OK = nothing. */
    struct cpts_error stop;
    /** Takes a piece and does it. @return how many rows it was; 0 = none is left. */
    size_t (*step)(struct crew *crew, void *job);
    void *job;
};

/** Lets @p thread_count threads do steps until none is left or one has stopped
 * them, and shows the progress.
 * @param crew  Its step and job are set.
 * @param total  Rows of all steps. */
void crew_run(struct crew *crew, const struct session *session, size_t total, int thread_count);

/** No step begins any more. The first error stays. */
void crew_stop(struct crew *crew, const struct cpts_error *err);

/** Whether every other piece would fail for the same reason: no connection, no
 * permission. */
bool crew_must_stop(const struct cpts_error *err);

#endif
