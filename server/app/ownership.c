/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ownership.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "cpts/v1/change.pb-c.h"
#include "handler/referral_parts.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/failpoint.h"
#include "wire/hexadecimal.h"
#include "wire/uuid.h"

#define ROUND_NS 500000000L
#define NS_PER_S 1000000000L
/* Rows that a search gives of each of its eight parts. */
#define ROWS_A_PART 40
#define TASKS_MAX (8 * ROWS_A_PART)
/* After so many rounds releases are looked at from the first on again: what was parked
 * when it was released is confirmed then. */
#define ROUNDS_ANEW 1200
#define WORD_BYTES 16
#define NODE_BYTES 64
#define NAME_BYTES 160
#define HASH_BYTES 32
/* Two UUIDs. */
#define PART_NAME_BYTES (2 * UUID_TEXT_BYTES)

/* Columns of ownership_find.sql. */
enum column { STEP, KIND, AGGREGATE_ID, EPOCH, NODE, OTHER_ID, POSITION, SHA256 };

/* Something to do. */
struct task {
    char step[WORD_BYTES];
    char kind[WORD_BYTES];
    char aggregate_id[UUID_TEXT_BYTES];
    int epoch;
    char node[NODE_BYTES];
    char other_id[UUID_TEXT_BYTES]; /* of DELIVER the assignment, of ATTACH the referral */
    int64_t position;
    uint8_t sha256[HASH_BYTES];
};

struct ownership {
    struct errand_node node;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop_asked;
    bool stopping;
    bool failing;
    /* Releases up to here are confirmed, or were not for this node. */
    int64_t confirmed_position;
    int rounds;
    /* The round. */
    struct task tasks[TASKS_MAX];
    struct errand errands[TASKS_MAX];
    int task_count;
};

#define COPY(to, from) snprintf((to), sizeof(to), "%s", (from))

static void take_found(const struct rows *rows, void *context)
{
    struct ownership *ownership = context;
    for (int row = 0; row < rows_count(rows) && row < TASKS_MAX; row++) {
        struct task *task = &ownership->tasks[ownership->task_count++];
        COPY(task->step, rows_text(rows, row, STEP));
        COPY(task->kind, rows_text(rows, row, KIND));
        COPY(task->aggregate_id, rows_text(rows, row, AGGREGATE_ID));
        task->epoch = (int)rows_int(rows, row, EPOCH);
        COPY(task->node, rows_text(rows, row, NODE));
        COPY(task->other_id, rows_text(rows, row, OTHER_ID));
        task->position = rows_int(rows, row, POSITION);
        if (!hexadecimal_read(rows_text(rows, row, SHA256), task->sha256, HASH_BYTES))
            memset(task->sha256, 0, HASH_BYTES);
    }
}

/* What each step is for the log. */
static void begin_step(struct ownership *ownership, struct errand *errand, const struct task *task,
                       Cpts__V1__Change *change)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s/%s/%s/%d", task->step, task->aggregate_id, task->node,
             task->epoch);
    const struct errand_order order = {.statement = STATEMENT_OWNERSHIP_STEP,
                                       .method = "/cpts.v1.Ownership/Step",
                                       .space = "cpts.ownership",
                                       .name = name,
                                       .aggregate_id = task->aggregate_id,
                                       .change = change};
    if (!errand_begin(errand, &ownership->node, &order))
        return;
    query_text(errand->call.query, task->step);
    query_text(errand->call.query, task->kind);
    query_int(errand->call.query, task->epoch);
    query_text(errand->call.query, task->node);
}

static void begin_release(struct ownership *ownership, struct errand *errand, struct task *task)
{
    Cpts__V1__OwnershipReleased released = CPTS__V1__OWNERSHIP_RELEASED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    released.aggregate_kind = task->kind;
    released.from_node = (char *)ownership->node.node;
    released.to_node = task->node;
    released.epoch = task->epoch + 1;
    change.event_case = CPTS__V1__CHANGE__EVENT_OWNERSHIP_RELEASED;
    change.ownership_released = &released;
    begin_step(ownership, errand, task, &change);
}

static void begin_take(struct ownership *ownership, struct errand *errand, struct task *task)
{
    bool is_confirmation = strcmp(task->step, "CONFIRM") == 0;
    Cpts__V1__OwnershipTaken taken = CPTS__V1__OWNERSHIP_TAKEN__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    taken.aggregate_kind = task->kind;
    taken.from_node = task->node;
    taken.epoch = is_confirmation ? task->epoch : task->epoch + 1;
    change.event_case = CPTS__V1__CHANGE__EVENT_OWNERSHIP_TAKEN;
    change.ownership_taken = &taken;
    begin_step(ownership, errand, task, &change);
}

static void begin_hand_over(struct ownership *ownership, struct errand *errand, struct task *task)
{
    uint8_t id[16];
    char name[NAME_BYTES];
    Cpts__V1__RegionHandedOver handed = CPTS__V1__REGION_HANDED_OVER__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    handed.node = task->node;
    handed.node_epoch = task->epoch;
    change.event_case = CPTS__V1__CHANGE__EVENT_REGION_HANDED_OVER;
    change.region_handed_over = &handed;
    uuid_derive("cpts.node", task->node, id);
    uuid_format(id, task->aggregate_id);
    /* Once an enrolment or a resumption: their position tells them apart. */
    snprintf(name, sizeof name, "HAND_OVER/%s/%lld", task->node, (long long)task->position);
    const struct errand_order order = {.statement = STATEMENT_OWNERSHIP_STEP,
                                       .method = "/cpts.v1.Ownership/HandOver",
                                       .space = "cpts.ownership",
                                       .name = name,
                                       .aggregate_id = task->aggregate_id,
                                       .change = &change};
    if (!errand_begin(errand, &ownership->node, &order))
        return;
    query_text(errand->call.query, task->step);
    query_text(errand->call.query, task->kind);
    query_int(errand->call.query, task->epoch);
    query_text(errand->call.query, task->node);
}

/* What is one of a referral's is named with it: such ids are minted by CPTS. */
static const char *part_name(char ret_name[PART_NAME_BYTES], const char *referral_id,
                             const char *id)
{
    snprintf(ret_name, PART_NAME_BYTES, "%s/%s", referral_id, id);
    return ret_name;
}

static void begin_delivery(struct ownership *ownership, struct errand *errand, struct task *task)
{
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    acted.event = CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_DELIVER;
    acted.assignment_id = task->other_id;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = &acted;
    char name[PART_NAME_BYTES];
    const struct errand_order order = {.statement = STATEMENT_REFERRAL_DELIVER,
                                       .method = "/cpts.v1.Ownership/Deliver",
                                       .space = "cpts.referral_delivery",
                                       .name = part_name(name, task->aggregate_id, task->other_id),
                                       .aggregate_id = task->aggregate_id,
                                       .change = &change};
    if (!errand_begin(errand, &ownership->node, &order))
        return;
    query_text(errand->call.query, task->other_id);
    step_bind(&errand->call, REFERRAL_DELIVER);
}

static void begin_attach(struct ownership *ownership, struct errand *errand, struct task *task)
{
    Cpts__V1__ReferralAttached attached = CPTS__V1__REFERRAL_ATTACHED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    attached.referral_id = task->other_id;
    attached.sha256 = (ProtobufCBinaryData){HASH_BYTES, task->sha256};
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ATTACHED;
    change.referral_attached = &attached;
    char name[PART_NAME_BYTES];
    const struct errand_order order = {.statement = STATEMENT_ATTACHMENT_LOG,
                                       .method = "/cpts.v1.Ownership/Attach",
                                       .space = "cpts.referral_attachment",
                                       .name = part_name(name, task->other_id, task->aggregate_id),
                                       .aggregate_id = task->aggregate_id,
                                       .change = &change};
    if (errand_begin(errand, &ownership->node, &order))
        query_text(errand->call.query, task->other_id);
}

/* What becomes of each referral has an entry of its own, which the statement makes. */
static void begin_follow(struct ownership *ownership, struct errand *errand, struct task *task)
{
    char name[NAME_BYTES];
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    acted.event = CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_HAND_OVER;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = &acted;
    snprintf(name, sizeof name, "FOLLOW/%s", task->aggregate_id);
    const struct errand_order order = {.statement = STATEMENT_ENDING_FOLLOW,
                                       .method = "/cpts.v1.Ownership/Follow",
                                       .space = "cpts.ownership",
                                       .name = name,
                                       .aggregate_id = task->aggregate_id,
                                       .change = &change};
    if (!errand_begin(errand, &ownership->node, &order))
        return;
}

static const struct {
    const char *step;
    void (*begin)(struct ownership *ownership, struct errand *errand, struct task *task);
} STEPS[] = {
    {"HAND_OVER", begin_hand_over}, {"RELEASE", begin_release},  {"TAKE", begin_take},
    {"CONFIRM", begin_take},        {"DELIVER", begin_delivery}, {"ATTACH", begin_attach},
    {"FOLLOW", begin_follow},
};

static void begin(struct ownership *ownership, struct errand *errand, struct task *task)
{
    *errand = (struct errand){.status = CPTS_INTERNAL};
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        if (strcmp(STEPS[i].step, task->step) == 0)
            STEPS[i].begin(ownership, errand, task);
    }
}

/* Where the next search for releases begins: the last that was found with those before,
 * once all of them had their effect. */
static void move_position(struct ownership *ownership)
{
    for (int i = 0; i < ownership->task_count; i++) {
        const struct task *task = &ownership->tasks[i];
        if (strcmp(task->step, "CONFIRM") != 0)
            continue;
        if (!ownership->errands[i].effect)
            return;
        ownership->confirmed_position = task->position;
    }
}

static cpts_status find(struct ownership *ownership, struct cpts_error *err)
{
    struct errand_node node = ownership->node;
    ownership->task_count = 0;
    if (ownership->rounds++ % ROUNDS_ANEW == 0)
        ownership->confirmed_position = 0;
    node.has_find_argument = true;
    node.find_argument = ownership->confirmed_position;
    return errand_find(&node, STATEMENT_OWNERSHIP_FIND, ROWS_A_PART, take_found, ownership, err);
}

/* @return how many steps had their effect. */
static int run_round(struct ownership *ownership, struct cpts_error *err)
{
    int effect_count = 0;
    cpts_status status = find(ownership, err);
    if (status == CPTS_OK && ownership->task_count > 0) {
        for (int i = 0; i < ownership->task_count; i++)
            begin(ownership, &ownership->errands[i], &ownership->tasks[i]);
        FAILPOINT("ownership/before_step");
        status = errands_run(&ownership->node, ownership->errands, ownership->task_count,
                             &effect_count, err);
        FAILPOINT("ownership/after_step");
        move_position(ownership);
    }
    if ((status != CPTS_OK) != ownership->failing)
        log_write(status == CPTS_OK ? LOG_NOTICE : LOG_WARNING, "app", "owners change %s %s",
                  status == CPTS_OK ? "again" : "later:", status == CPTS_OK ? "" : err->message);
    ownership->failing = status != CPTS_OK;
    return effect_count;
}

static bool is_stopping(struct ownership *ownership)
{
    pthread_mutex_lock(&ownership->lock);
    bool stopping = ownership->stopping;
    pthread_mutex_unlock(&ownership->lock);
    return stopping;
}

/* @return true when asked to stop. */
static bool wait_for_round(struct ownership *ownership)
{
    struct timespec until;
    int waited = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ROUND_NS;
    until.tv_sec += until.tv_nsec / NS_PER_S;
    until.tv_nsec %= NS_PER_S;
    pthread_mutex_lock(&ownership->lock);
    while (!ownership->stopping && waited == 0)
        waited = pthread_cond_timedwait(&ownership->stop_asked, &ownership->lock, &until);
    bool stopping = ownership->stopping;
    pthread_mutex_unlock(&ownership->lock);
    return stopping;
}

static void *run(void *context)
{
    struct ownership *ownership = context;
    for (;;) {
        struct cpts_error err = {0};
        bool is_more = run_round(ownership, &err) > 0;
        if (is_more ? is_stopping(ownership) : wait_for_round(ownership))
            return NULL;
    }
}

static void release(struct ownership *ownership)
{
    pthread_cond_destroy(&ownership->stop_asked);
    pthread_mutex_destroy(&ownership->lock);
    free(ownership);
}

cpts_status ownership_start(const struct errand_node *node, struct ownership **ret_ownership,
                            struct cpts_error *err)
{
    pthread_condattr_t attributes;
    struct ownership *ownership = calloc(1, sizeof *ownership);
    if (ownership == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the owners of records");
    ownership->node = *node;
    pthread_mutex_init(&ownership->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&ownership->stop_asked, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&ownership->thread, NULL, run, ownership) != 0) {
        release(ownership);
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for the owners of records");
    }
    *ret_ownership = ownership;
    return CPTS_OK;
}

void ownership_stop(struct ownership *ownership)
{
    if (ownership == NULL)
        return;
    pthread_mutex_lock(&ownership->lock);
    ownership->stopping = true;
    pthread_cond_signal(&ownership->stop_asked);
    pthread_mutex_unlock(&ownership->lock);
    pthread_join(ownership->thread, NULL);
    release(ownership);
}
