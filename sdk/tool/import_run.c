/* SPDX-License-Identifier: Apache-2.0 */
#include "import_run.h"

#include <stdio.h>

#include "crew.h"
#include "import_update.h"

/* What the threads share. */
struct run {
    cpts_client *client;
    struct import *import;
    /** Next row that nobody has taken; behind the crew's lock. */
    size_t next;
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

static void send_row(struct crew *crew, struct run *run, struct import_row *row)
{
    struct cpts_error err;
    cpts_status status = carry_out(run, row, &err);
    if (status == CPTS_OK)
        return;
    if (crew_must_stop(&err)) {
        row->state = status == CPTS_UNKNOWN ? IMPORT_UNKNOWN : IMPORT_WAITING;
        crew_stop(crew, &err);
        return;
    }
    import_row_refuse(row, COLUMN_COUNT, err.reason, "%s", err.message);
    if (row->problem != NULL)
        *row->problem = err;
}

/* The next row. */
static size_t send_next(struct crew *crew, void *job)
{
    struct run *run = job;
    pthread_mutex_lock(&crew->lock);
    size_t index = run->next++;
    pthread_mutex_unlock(&crew->lock);
    if (index >= run->import->row_count)
        return 0;
    struct import_row *row = &run->import->rows[index];
    if (row->state == IMPORT_WAITING)
        send_row(crew, run, row);
    pthread_mutex_lock(&crew->lock);
    crew->refused += row->state == IMPORT_REFUSED;
    pthread_mutex_unlock(&crew->lock);
    return 1;
}

void import_run(const struct session *session, struct import *import, int job_count,
                struct cpts_error *ret_stop)
{
    struct run run = {.client = session->client, .import = import};
    struct crew crew = {.step = send_next, .job = &run};
    crew_run(&crew, session, import->row_count, job_count);
    *ret_stop = crew.stop;
}
