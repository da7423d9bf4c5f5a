/* SPDX-License-Identifier: Apache-2.0 */
#include "member_send.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "import_run.h"
#include "progress.h"

/* Longest text of a member in a command's name, bytes. */
#define LINE_TEXT_BYTES 128
#define COMMAND_SPACE "cpts members import"

/* What the threads share; all of it behind the lock, but for the lines of the
 * CPTS that a thread has taken. */
struct run {
    cpts_client *client;
    struct member_import *import;
    bool restates;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /** Where the next CPTS begins. */
    size_t next;
    size_t done, refused;
    bool is_stopped;
    int threads_left;
    struct member_totals totals;
    struct cpts_error stop;
};

/* Members that go together: indexes of lines. */
struct batch {
    size_t lines[CPTS_MEMBERS_MAX];
    size_t count;
};

struct member_range member_range_next(const struct member_import *import, size_t first)
{
    struct member_range range = {first, first};
    if (first >= import->line_count || import->lines[import->order[first]].cpts == TARGET_NONE)
        return (struct member_range){import->line_count, import->line_count};
    size_t cpts = import->lines[import->order[first]].cpts;
    while (range.end < import->line_count && import->lines[import->order[range.end]].cpts == cpts)
        range.end++;
    return range;
}

/* Whether the next command would fail for the same reason. */
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

/* The command's id comes from all that it says: the same import repeats the
 * same commands. @return false when memory is out. */
static bool name_command(const struct run *run, const struct cpts_members_change *change,
                         uint8_t ret_id[CPTS_UUID_BYTES])
{
    size_t room = (change->member_count + 1) * LINE_TEXT_BYTES, length = 0;
    char *text = malloc(room);
    if (text == NULL)
        return false;
    length = (size_t)snprintf(text, room, "%s %d\n", change->id, run->restates);
    for (size_t i = 0; i < change->member_count; i++) {
        const struct cpts_member *member = &change->members[i];
        const char *number = member->rpps;
        if (number == NULL)
            number = member->finess == NULL ? member->siret : member->finess;
        length += (size_t)snprintf(text + length, LINE_TEXT_BYTES, "%s %s %d %d %s %s\n", number,
                                   member->category, (int)member->college, (int)member->voice,
                                   member->joined_on, member->left_on);
    }
    cpts_uuid_derive(COMMAND_SPACE, text, ret_id);
    free(text);
    return true;
}

static cpts_status no_memory(struct cpts_error *err)
{
    memset(err, 0, sizeof *err);
    err->status = CPTS_RESOURCE_EXHAUSTED;
    snprintf(err->reason, sizeof err->reason, "OUT_OF_MEMORY");
    snprintf(err->message, sizeof err->message, "no memory for a command");
    return err->status;
}

static cpts_status record(struct run *run, const struct batch *batch, const char *cpts_id,
                          struct cpts_members_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_member members[CPTS_MEMBERS_MAX];
    uint8_t command_id[CPTS_UUID_BYTES];
    for (size_t i = 0; i < batch->count; i++)
        members[i] = member_line_value(&run->import->lines[batch->lines[i]]);
    const struct cpts_members_change change = {.size = sizeof change,
                                               .id = cpts_id,
                                               .members = members,
                                               .member_count = batch->count,
                                               .restates = run->restates};
    if (!name_command(run, &change, command_id))
        return no_memory(err);
    return cpts_members_record(run->client, &change, command_id, 0, ret_outcome, err);
}

static void set_states(struct run *run, const struct batch *batch, enum member_state state)
{
    for (size_t i = 0; i < batch->count; i++)
        run->import->lines[batch->lines[i]].state = state;
}

static void refuse(struct run *run, size_t line, const struct cpts_error *err)
{
    /* A field of the command's own, "members[17].rpps", is one of the line's. */
    static const char *const FIELDS[] = {"rpps",    "finess", "siret",     "category",
                                         "college", "voice",  "joined_on", "left_on"};
    const char *dot = strrchr(err->field, '.');
    const char *field = "";
    for (size_t i = 0; dot != NULL && i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        if (strcmp(dot + 1, FIELDS[i]) == 0)
            field = FIELDS[i];
    }
    pthread_mutex_lock(&run->lock);
    member_line_refuse(
        run->import, line, field,
        import_pool_copy(&run->import->findings.pool, err->reason, strlen(err->reason)), NULL, "%s",
        err->message);
    run->refused++;
    pthread_mutex_unlock(&run->lock);
}

/* The member that a field names, "members[17].rpps"; SIZE_MAX for none. */
static size_t member_of(const char *field)
{
    static const char FIRST[] = "members[";
    char *end = NULL;
    if (strncmp(field, FIRST, sizeof FIRST - 1) != 0)
        return SIZE_MAX;
    unsigned long index = strtoul(field + sizeof FIRST - 1, &end, 10);
    return *end == ']' ? (size_t)index : SIZE_MAX;
}

/* Takes what the node refused out of the batch: one member, or all. */
static void take_refused(struct run *run, struct batch *batch, const struct cpts_error *err)
{
    size_t index = member_of(err->field);
    if (index < batch->count) {
        refuse(run, batch->lines[index], err);
        memmove(&batch->lines[index], &batch->lines[index + 1],
                (batch->count - index - 1) * sizeof batch->lines[0]);
        batch->count--;
        return;
    }
    for (size_t i = 0; i < batch->count; i++)
        refuse(run, batch->lines[i], err);
    batch->count = 0;
}

static void stop(struct run *run, const struct cpts_error *err)
{
    pthread_mutex_lock(&run->lock);
    run->is_stopped = true;
    if (run->stop.status == CPTS_OK)
        run->stop = *err;
    pthread_mutex_unlock(&run->lock);
}

static void add_totals(struct run *run, const struct cpts_members_outcome *outcome)
{
    pthread_mutex_lock(&run->lock);
    run->totals.added += (size_t)outcome->added_count;
    run->totals.changed += (size_t)outcome->changed_count;
    run->totals.unchanged += (size_t)outcome->unchanged_count;
    pthread_mutex_unlock(&run->lock);
}

/* @return false when no other command should be sent. */
static bool send_batch(struct run *run, struct batch *batch, const char *cpts_id)
{
    while (batch->count > 0) {
        struct cpts_members_outcome *outcome = NULL;
        struct cpts_error err;
        cpts_status status = record(run, batch, cpts_id, &outcome, &err);
        if (status == CPTS_OK && outcome != NULL) {
            set_states(run, batch, outcome->replayed ? MEMBER_REPLAYED : MEMBER_RECORDED);
            add_totals(run, outcome);
            cpts_members_outcome_free(outcome);
            return true;
        }
        if (is_general(&err)) {
            set_states(run, batch, status == CPTS_UNKNOWN ? MEMBER_UNKNOWN : MEMBER_WAITING);
            stop(run, &err);
            return false;
        }
        take_refused(run, batch, &err);
    }
    return true;
}

/* The lines of one CPTS, wave after wave. */
static void send_range(struct run *run, struct member_range range)
{
    struct batch batch = {.count = 0};
    const struct member_import *import = run->import;
    size_t cpts = import->lines[import->order[range.first]].cpts;
    const char *cpts_id = import->registry->known[cpts].id;
    int wave = 0;
    for (size_t i = range.first; i < range.end; i++) {
        const struct member_line *line = &import->lines[import->order[i]];
        bool is_full = batch.count == CPTS_MEMBERS_MAX || line->wave != wave;
        if (is_full && !send_batch(run, &batch, cpts_id))
            return;
        if (is_full)
            batch.count = 0;
        wave = line->wave;
        if (line->state == MEMBER_WAITING)
            batch.lines[batch.count++] = import->order[i];
    }
    (void)send_batch(run, &batch, cpts_id);
}

/* Takes the next CPTS. @return an empty range when there is none. */
static struct member_range take(struct run *run)
{
    pthread_mutex_lock(&run->lock);
    struct member_range range = member_range_next(run->import, run->next);
    if (run->is_stopped)
        range.end = range.first;
    run->next = range.end;
    pthread_mutex_unlock(&run->lock);
    return range;
}

static void *work(void *data)
{
    struct run *run = data;
    struct member_range range = take(run);
    while (range.first < range.end) {
        send_range(run, range);
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

void member_send(const struct session *session, struct member_import *import, bool restates,
                 int job_count, struct member_totals *ret_totals, struct cpts_error *ret_stop)
{
    pthread_t threads[IMPORT_JOBS_MAX];
    struct run run = {.client = session->client, .import = import, .restates = restates};
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
        (void)no_memory(&run.stop);
    watch(&run, &progress);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    progress_end(&progress);
    pthread_cond_destroy(&run.changed);
    pthread_mutex_destroy(&run.lock);
    *ret_totals = run.totals;
    *ret_stop = run.stop;
}
