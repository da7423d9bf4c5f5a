/* SPDX-License-Identifier: Apache-2.0 */
#include "app/referral_clocks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cpts/v1/change.pb-c.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/referral_step.h"
#include "wire/uuid.h"

#define NS_PER_US 1000LL
#define NS_PER_S 1000000000LL
#define LOOK_AGAIN_US 500000LL
#define LEVEL_MAX 3
#define CODE_BYTES 16
#define WRAP_HASH_BYTES 32
#define NAME_BYTES 160
#define NO_ASSIGNMENT "00000000-0000-0000-0000-000000000000"

/* Columns of referral_clock_find.sql. */
enum column {
    REFERRAL_ID,
    ASSIGNMENT_ID,
    KIND,
    LEVEL,
    FIRE_AT,
    WAIT,
    NEXT_ID,
    NEXT_CPTS,
    NEXT_HASH
};

/* A clock that is due. */
struct due {
    char referral_id[UUID_TEXT_BYTES];
    char assignment_id[UUID_TEXT_BYTES];
    char kind[CODE_BYTES];
    int level;
    int64_t fire_at_us;
    int64_t wait_us;
    char next_id[UUID_TEXT_BYTES];
    char next_cpts[UUID_TEXT_BYTES];
    uint8_t next_hash[WRAP_HASH_BYTES];
};

struct referral_clocks {
    struct errand_node node;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop_asked;
    bool stopping;
    bool failing;
    struct clock_figures figures;
    /* The round: what was found, when, and an errand for each. */
    struct due dues[ERRANDS_MAX];
    struct errand errands[ERRANDS_MAX];
    int due_count;
    int64_t found_ns;
    int64_t look_again_us;
};

#define COPY(to, from) snprintf((to), sizeof(to), "%s", (from))

static void take_due(const struct rows *rows, int row, struct due *due)
{
    COPY(due->referral_id, rows_text(rows, row, REFERRAL_ID));
    COPY(due->assignment_id, rows_text(rows, row, ASSIGNMENT_ID));
    COPY(due->kind, rows_text(rows, row, KIND));
    due->level = (int)rows_int(rows, row, LEVEL);
    due->fire_at_us = rows_int(rows, row, FIRE_AT);
    due->wait_us = rows_int(rows, row, WAIT);
    COPY(due->next_id, rows_text(rows, row, NEXT_ID));
    COPY(due->next_cpts, rows_text(rows, row, NEXT_CPTS));
    if (!hexadecimal_read(rows_text(rows, row, NEXT_HASH), due->next_hash, sizeof due->next_hash))
        due->next_id[0] = '\0';
}

static void take_found(const struct rows *rows, void *context)
{
    struct referral_clocks *clocks = context;
    for (int row = 0; row < rows_count(rows) && row < ERRANDS_MAX; row++) {
        int64_t wait_us = rows_int(rows, row, WAIT);
        if (wait_us > 0) {
            clocks->look_again_us = wait_us;
            return;
        }
        take_due(rows, row, &clocks->dues[clocks->due_count++]);
    }
}

static bool is_widen(const struct due *due)
{
    return referral_clock_find(due->kind) == REFERRAL_CLOCK_WIDEN;
}

/* The level that the clock reaches; a WIDEN one has none. */
static int level_reached(const struct due *due)
{
    if (is_widen(due))
        return 0;
    return due->level < LEVEL_MAX ? due->level + 1 : LEVEL_MAX;
}

static void fire(struct referral_clocks *clocks, struct errand *errand, const struct due *due)
{
    char name[NAME_BYTES];
    bool is_own = strcmp(due->assignment_id, NO_ASSIGNMENT) == 0;
    Cpts__V1__RecipientFact next = CPTS__V1__RECIPIENT_FACT__INIT;
    Cpts__V1__RecipientFact *nexts[] = {&next};
    next.assignment_id = (char *)due->next_id;
    next.cpts_id = (char *)due->next_cpts;
    next.wrap_sha256 = (ProtobufCBinaryData){sizeof due->next_hash, (uint8_t *)due->next_hash};
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    acted.event = is_widen(due) ? CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_WIDEN
                                : CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_OVERDUE;
    acted.assignment_id = is_own ? "" : (char *)due->assignment_id;
    acted.clock = (Cpts__V1__ReferralClockKind)referral_clock_find(due->kind);
    acted.level = level_reached(due);
    acted.n_next = due->next_id[0] != '\0';
    acted.next = nexts;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = &acted;
    snprintf(name, sizeof name, "%s/%s/%s/%lld/%d", due->referral_id, due->assignment_id, due->kind,
             (long long)due->fire_at_us, due->level);
    const struct errand_order order = {.statement = STATEMENT_REFERRAL_CLOCK_RAISE,
                                       .method = "/cpts.v1.ReferralClock/Fire",
                                       .space = "cpts.referral_clock",
                                       .name = name,
                                       .aggregate_id = due->referral_id,
                                       .change = &change};
    if (!errand_begin(errand, &clocks->node, &order))
        return;
    query_text(errand->call.query, due->assignment_id);
    query_text(errand->call.query, due->kind);
    query_int(errand->call.query, due->fire_at_us);
    query_int(errand->call.query, level_reached(due));
    query_text(errand->call.query, due->next_id[0] == '\0' ? NULL : due->next_id);
}

static void count_fired(struct referral_clocks *clocks, int fired_count)
{
    int64_t took_us = (clock_monotonic_ns() - clocks->found_ns) / NS_PER_US;
    pthread_mutex_lock(&clocks->lock);
    for (int i = 0; i < clocks->due_count; i++) {
        int64_t lateness_us = took_us - clocks->dues[i].wait_us;
        if (!clocks->errands[i].effect)
            continue;
        clocks->figures.last_lateness_us = lateness_us;
        if (lateness_us > clocks->figures.worst_lateness_us)
            clocks->figures.worst_lateness_us = lateness_us;
    }
    clocks->figures.fired_count += fired_count;
    pthread_mutex_unlock(&clocks->lock);
}

/* Finds and fires once. @return how many had an effect. */
static int run_round(struct referral_clocks *clocks, struct cpts_error *err)
{
    int fired_count = 0;
    clocks->due_count = 0;
    clocks->look_again_us = LOOK_AGAIN_US;
    clocks->found_ns = clock_monotonic_ns();
    cpts_status status = errand_find(&clocks->node, STATEMENT_REFERRAL_CLOCK_FIND, ERRANDS_MAX,
                                     take_found, clocks, err);
    if (status == CPTS_OK && clocks->due_count > 0) {
        for (int i = 0; i < clocks->due_count; i++)
            fire(clocks, &clocks->errands[i], &clocks->dues[i]);
        status = errands_run(&clocks->node, clocks->errands, clocks->due_count, &fired_count, err);
        count_fired(clocks, fired_count);
    }
    if ((status != CPTS_OK) != clocks->failing)
        log_write(
            status == CPTS_OK ? LOG_NOTICE : LOG_WARNING, "app", "clocks of referrals %s %s",
            status == CPTS_OK ? "fire again" : "wait:", status == CPTS_OK ? "" : err->message);
    clocks->failing = status != CPTS_OK;
    return fired_count;
}

/* Until the next clock is due. @return true when asked to stop. */
static bool wait_for_next(struct referral_clocks *clocks)
{
    int64_t until_ns = clock_monotonic_ns() + clocks->look_again_us * NS_PER_US;
    struct timespec until = {.tv_sec = until_ns / NS_PER_S, .tv_nsec = until_ns % NS_PER_S};
    int waited = 0;
    pthread_mutex_lock(&clocks->lock);
    while (!clocks->stopping && waited == 0)
        waited = pthread_cond_timedwait(&clocks->stop_asked, &clocks->lock, &until);
    bool stopping = clocks->stopping;
    pthread_mutex_unlock(&clocks->lock);
    return stopping;
}

static bool is_stopping(struct referral_clocks *clocks)
{
    pthread_mutex_lock(&clocks->lock);
    bool stopping = clocks->stopping;
    pthread_mutex_unlock(&clocks->lock);
    return stopping;
}

/* A full round that fired is followed by another one at once: what is late comes in
 * batches. One without effect waits, so that a clock that cannot fire is no busy loop. */
static void *run(void *context)
{
    struct referral_clocks *clocks = context;
    for (;;) {
        struct cpts_error err = {0};
        int fired_count = run_round(clocks, &err);
        bool is_more = clocks->due_count == ERRANDS_MAX && fired_count > 0;
        if (is_more ? is_stopping(clocks) : wait_for_next(clocks))
            return NULL;
    }
}

cpts_status referral_clocks_start(const struct errand_node *node,
                                  struct referral_clocks **ret_clocks, struct cpts_error *err)
{
    pthread_condattr_t attributes;
    struct referral_clocks *clocks = calloc(1, sizeof *clocks);
    if (clocks == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the clocks of referrals");
    clocks->node = *node;
    pthread_mutex_init(&clocks->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&clocks->stop_asked, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&clocks->thread, NULL, run, clocks) != 0) {
        pthread_cond_destroy(&clocks->stop_asked);
        pthread_mutex_destroy(&clocks->lock);
        free(clocks);
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for the clocks of referrals");
    }
    *ret_clocks = clocks;
    return CPTS_OK;
}

void referral_clocks_read(struct referral_clocks *clocks, struct clock_figures *ret_figures)
{
    *ret_figures = (struct clock_figures){0};
    if (clocks == NULL)
        return;
    pthread_mutex_lock(&clocks->lock);
    *ret_figures = clocks->figures;
    pthread_mutex_unlock(&clocks->lock);
}

void referral_clocks_stop(struct referral_clocks *clocks)
{
    if (clocks == NULL)
        return;
    pthread_mutex_lock(&clocks->lock);
    clocks->stopping = true;
    pthread_cond_signal(&clocks->stop_asked);
    pthread_mutex_unlock(&clocks->lock);
    pthread_join(clocks->thread, NULL);
}

void referral_clocks_free(struct referral_clocks *clocks)
{
    if (clocks == NULL)
        return;
    pthread_cond_destroy(&clocks->stop_asked);
    pthread_mutex_destroy(&clocks->lock);
    free(clocks);
}
