/* SPDX-License-Identifier: Apache-2.0 */
#include "fact_send.h"

#include <stdlib.h>
#include <string.h>

#include "crew.h"
#include "failure.h"

/* Others may change the CPTS meanwhile: how often its version is read again. */
#define STALE_TRIES_MAX 5

/* What the threads share; all of it behind the crew's lock, but for the lines of
 * the CPTS that a thread has taken. */
struct run {
    struct crew *crew;
    cpts_client *client;
    struct fact_import *import;
    /** Where the next CPTS begins. */
    size_t next;
};

/* Lines of one CPTS: places in the order. */
struct range {
    size_t first, end;
};

static struct fact_line *line_at(const struct run *run, size_t place)
{
    return &run->import->lines[run->import->order[place]];
}

static void refuse(struct run *run, size_t index, const char *field, const char *reason,
                   const char *message)
{
    struct import_pool *pool = &run->import->findings.pool;
    pthread_mutex_lock(&run->crew->lock);
    fact_line_refuse(run->import, index, import_pool_copy(pool, field, strlen(field)),
                     import_pool_copy(pool, reason, strlen(reason)), message);
    run->crew->refused++;
    pthread_mutex_unlock(&run->crew->lock);
}

/* --- comparing ----------------------------------------------------------------- */

/* What comparing found and a person should know. */
static void note(struct run *run, size_t index, struct finding finding, const char *text)
{
    struct fact_import *import = run->import;
    finding.line = import->lines[index].line;
    finding.row = index;
    finding.field = "";
    pthread_mutex_lock(&run->crew->lock);
    findings_add(&import->findings, finding, "%s%s",
                 finding.kind == FINDING_CHANGE ? "the node has " : "", text);
    pthread_mutex_unlock(&run->crew->lock);
}

static void compare_line(struct run *run, size_t index, const void *own)
{
    const struct fact_kind *kind = run->import->kind;
    struct fact_line *line = &run->import->lines[index];
    char text[FACT_TEXT_BYTES] = "";
    switch (kind->match(run->import, own, line->fact, text)) {
    case FACT_IS_SAME:
        line->state = FACT_UNCHANGED;
        return;
    case FACT_IS_BARRED:
        refuse(run, index, "", kind->barred_reason, text);
        return;
    case FACT_IS_CHANGE:
        line->is_change = true;
        note(run, index, (struct finding){.kind = FINDING_CHANGE, .reason = kind->change_reason},
             text);
        break;
    case FACT_IS_UNSEEN:
        note(run, index, (struct finding){.kind = FINDING_NOTE, .reason = "NOT_COMPARED"}, text);
        break;
    case FACT_IS_NEW:
        break;
    }
    if (run->import->is_dry)
        line->state = line->is_change ? FACT_TO_UPDATE : FACT_NEW;
}

static void compare_range(struct run *run, struct range range, const void *own)
{
    for (size_t i = range.first; i < range.end; i++) {
        if (line_at(run, i)->state == FACT_WAITING)
            compare_line(run, run->import->order[i], own);
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
    size_t length = (size_t)snprintf(text, room, "%s %d %s %d\n", batch->cpts_id, batch->version,
                                     run->import->reason == NULL ? "" : run->import->reason,
                                     run->import->restates);
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

static cpts_status send_once(struct run *run, struct fact_batch *batch,
                             struct fact_outcome *ret_outcome, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (int tries = 0; tries < STALE_TRIES_MAX; tries++) {
        if (!name_command(run, batch))
            return failure_no_memory(err, "a command");
        status = run->import->kind->send(run->import, run->client, batch, ret_outcome, err);
        if (status == CPTS_OK && batch->version > 0)
            batch->version = ret_outcome->version;
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
    for (size_t i = 0; i < batch->count; i++)
        run->import->lines[batch->lines[i]].state = state;
}

/* What the batch did, line by line where that is known, else counted. */
static void take_outcome(struct run *run, const struct fact_batch *batch,
                         const struct fact_outcome *outcome)
{
    struct fact_totals *totals = &run->import->totals;
    if (!run->import->kind->is_compared) {
        set_states(run, batch, outcome->replayed ? FACT_REPLAYED : FACT_RECORDED);
        pthread_mutex_lock(&run->crew->lock);
        totals->added += outcome->totals.added;
        totals->changed += outcome->totals.changed;
        totals->unchanged += outcome->totals.unchanged;
        pthread_mutex_unlock(&run->crew->lock);
        return;
    }
    for (size_t i = 0; i < batch->count; i++) {
        struct fact_line *line = &run->import->lines[batch->lines[i]];
        line->state = line->is_change ? FACT_CHANGED : FACT_ADDED;
    }
}

/* The item of the batch that an error's field names, "values[17].period"; none
 * = batch->count. */
static size_t item_of(const struct run *run, const struct fact_batch *batch, const char *field)
{
    const char *list = run->import->kind->list;
    size_t length = strlen(list);
    char *end = NULL;
    if (strncmp(field, list, length) != 0 || field[length] != '[')
        return batch->count;
    unsigned long index = strtoul(field + length + 1, &end, 10);
    return *end == ']' && index < batch->count ? (size_t)index : batch->count;
}

/* The table's field that an error's field ends with, or "". */
static const char *column_of(const struct run *run, const char *field)
{
    const struct import_field_set *fields = run->import->kind->fields;
    const char *dot = strrchr(field, '.');
    for (int i = 0; dot != NULL && i < fields->count; i++) {
        if (strcmp(dot + 1, fields->names[i]) == 0)
            return fields->names[i];
    }
    return "";
}

/* Whether it is about the CPTS, not about one of its lines. */
static bool is_whole(const struct cpts_error *err)
{
    static const char *const REASONS[] = {"OUT_OF_SCOPE", "CPTS_ENDED", "CPTS_NOT_FOUND"};
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++) {
        if (strcmp(err->reason, REASONS[i]) == 0)
            return true;
    }
    return false;
}

/* Takes an item out of its batch: the node does not want it. */
static void refuse_item(struct run *run, struct fact_batch *batch, size_t item,
                        const struct cpts_error *err)
{
    size_t behind = batch->count - item - 1;
    refuse(run, batch->lines[item], column_of(run, err->field), err->reason, err->message);
    memmove(&batch->facts[item], &batch->facts[item + 1], behind * sizeof batch->facts[0]);
    memmove(&batch->lines[item], &batch->lines[item + 1], behind * sizeof batch->lines[0]);
    batch->count--;
}

/* The part of a batch from @p first on, @p count facts. */
static struct fact_batch part_of(const struct fact_batch *batch, size_t first, size_t count)
{
    struct fact_batch part = {.cpts_id = batch->cpts_id, .version = batch->version, .count = count};
    memcpy(part.facts, &batch->facts[first], count * sizeof part.facts[0]);
    memcpy(part.lines, &batch->lines[first], count * sizeof part.lines[0]);
    return part;
}

static bool send_batch(struct run *run, struct fact_batch *batch);

/* Sends both halves. @return as send_batch(). */
static bool send_halves(struct run *run, struct fact_batch *batch)
{
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

/* Sends all. A line that the node names is left out, and the rest sent again;
 * when it names none, in halves, until what is at fault stands alone.
 * @return false when nothing else should be sent. */
static bool send_batch(struct run *run, struct fact_batch *batch)
{
    while (batch->count > 0) {
        struct cpts_error err;
        struct fact_outcome outcome = {.version = 0};
        cpts_status status = send_once(run, batch, &outcome, &err);
        if (status == CPTS_OK) {
            take_outcome(run, batch, &outcome);
            return true;
        }
        if (crew_must_stop(&err)) {
            set_states(run, batch, status == CPTS_UNKNOWN ? FACT_UNKNOWN : FACT_WAITING);
            crew_stop(run->crew, &err);
            return false;
        }
        size_t item = batch->count == 1 ? 0 : item_of(run, batch, err.field);
        if (item < batch->count) {
            refuse_item(run, batch, item, &err);
            continue;
        }
        if (!is_whole(&err))
            return send_halves(run, batch);
        while (batch->count > 0)
            refuse_item(run, batch, batch->count - 1, &err);
    }
    return true;
}

/* The lines of one CPTS, turn after turn. */
static void send_range(struct run *run, struct range range)
{
    const struct fact_import *import = run->import;
    const struct known *known = &import->registry.known[line_at(run, range.first)->cpts];
    struct fact_batch batch = {.cpts_id = known->id,
                               .version = import->kind->is_compared ? known->version : 0};
    int turn = 0;
    for (size_t i = range.first; i < range.end; i++) {
        struct fact_line *line = line_at(run, i);
        if (line->state != FACT_WAITING)
            continue;
        if (batch.count == import->kind->batch_max || line->turn != turn) {
            if (!send_batch(run, &batch))
                return;
            batch.count = 0;
        }
        turn = line->turn;
        batch.facts[batch.count] = line->fact;
        batch.lines[batch.count++] = import->order[i];
    }
    (void)send_batch(run, &batch);
}

/* What the node has of a CPTS, compared. @return whether it could be asked. */
static bool compare_cpts(struct run *run, struct range range)
{
    const struct fact_import *import = run->import;
    struct cpts_error err;
    void *own = NULL;
    size_t cpts = line_at(run, range.first)->cpts;
    cpts_status status =
        import->kind->fetch(run->client, import->registry.known[cpts].id, &own, &err);
    if (status == CPTS_OK) {
        compare_range(run, range, own);
        import->kind->drop(own);
        return true;
    }
    if (crew_must_stop(&err)) {
        crew_stop(run->crew, &err);
        return false;
    }
    for (size_t i = range.first; i < range.end; i++) {
        if (line_at(run, i)->state == FACT_WAITING)
            refuse(run, import->order[i], "", err.reason, err.message);
    }
    return false;
}

/* Takes the next CPTS. @return an empty range when there is none. */
static struct range take(struct run *run)
{
    const struct fact_import *import = run->import;
    pthread_mutex_lock(&run->crew->lock);
    struct range range = {run->next, run->next};
    while (range.end < import->ready_count &&
           line_at(run, range.end)->cpts == line_at(run, range.first)->cpts)
        range.end++;
    run->next = range.end;
    pthread_mutex_unlock(&run->crew->lock);
    return range;
}

/* One CPTS: compared, where that is wanted, then sent. */
static size_t send_next(struct crew *crew, void *job)
{
    struct run *run = job;
    const struct fact_import *import = run->import;
    struct range range = take(run);
    (void)crew;
    if (range.first == range.end)
        return 0;
    bool is_asked = import->is_dry || import->kind->is_compared;
    if ((!is_asked || compare_cpts(run, range)) && !import->is_dry)
        send_range(run, range);
    return range.end - range.first;
}

void fact_send(const struct session *session, struct fact_import *import, int job_count,
               struct cpts_error *ret_stop)
{
    struct crew crew = {.step = send_next};
    struct run run = {.crew = &crew, .client = session->client, .import = import};
    crew.job = &run;
    crew_run(&crew, session, import->line_count, job_count);
    *ret_stop = crew.stop;
}
