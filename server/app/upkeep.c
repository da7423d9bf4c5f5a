/* SPDX-License-Identifier: Apache-2.0 */
#include "app/upkeep.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/ask.h"
#include "app/figure_release.h"
#include "base/log.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define ROUND_S 1
#define ROUNDS_A_PURGE 60
#define ROUNDS_A_RELEASE 3600
#define PERIOD_BYTES 8
#define CHAIN_TIMEOUT_MS 5000
/* Entries that one call of audit_chain.sql takes at most. */
#define CHAINED_MAX 1000
#define QUESTION_BYTES ((size_t)16 * 1024)

struct upkeep {
    struct upkeep_options options;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop_asked;
    bool stopping;
    /* The batch: what is over, and an errand for each. */
    char expired[ERRANDS_MAX][UUID_TEXT_BYTES];
    int expired_count;
    struct errand errands[ERRANDS_MAX];
};

static bool is_stopping(struct upkeep *upkeep)
{
    pthread_mutex_lock(&upkeep->lock);
    bool stopping = upkeep->stopping;
    pthread_mutex_unlock(&upkeep->lock);
    return stopping;
}

static void complain(const char *what, const struct cpts_error *err)
{
    static struct log_limit limit;
    log_write_limited(&limit, LOG_WARNING, "upkeep", "%s: %s", what, err->message);
}

static cpts_status read_count(const struct rows *rows, void *context, struct cpts_error *err)
{
    (void)err;
    *(int *)context = (int)rows_int(rows, 0, 0);
    return CPTS_OK;
}

static void chain_reads(struct upkeep *upkeep)
{
    struct cpts_error err = {0};
    int count = 0;
    do {
        if (ask(upkeep->options.trace_lane, STATEMENT_AUDIT_CHAIN, CHAIN_TIMEOUT_MS, read_count,
                &count, &err) != CPTS_OK) {
            complain("reads wait to be chained", &err);
            return;
        }
    } while (count == CHAINED_MAX && !is_stopping(upkeep));
}

static void take_expired(const struct rows *rows, void *context)
{
    struct upkeep *upkeep = context;
    for (int row = 0; row < rows_count(rows) && row < ERRANDS_MAX; row++)
        snprintf(upkeep->expired[upkeep->expired_count++], UUID_TEXT_BYTES, "%s",
                 rows_text(rows, row, 0));
}

static void erase(struct upkeep *upkeep, struct errand *errand, const char *referral_id)
{
    Cpts__V1__ReferralErased erased = CPTS__V1__REFERRAL_ERASED__INIT;
    erased.cause = "RETENTION";
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ERASED;
    change.referral_erased = &erased;
    const struct errand_order order = {.statement = STATEMENT_REFERRAL_ERASE,
                                       .method = "/cpts.v1.Referral/Retention",
                                       .space = "cpts.referral_retention",
                                       .name = referral_id,
                                       .aggregate_id = referral_id,
                                       .change = &change};
    if (errand_begin(errand, &upkeep->options.node, &order))
        query_int(errand->call.query, 0);
}

/* A batch. @return whether there may be another one. */
static bool purge(struct upkeep *upkeep)
{
    struct cpts_error err = {0};
    int erased_count = 0;
    upkeep->expired_count = 0;
    cpts_status status = errand_find(&upkeep->options.node, STATEMENT_REFERRAL_EXPIRED, ERRANDS_MAX,
                                     take_expired, upkeep, &err);
    for (int i = 0; i < upkeep->expired_count; i++)
        erase(upkeep, &upkeep->errands[i], upkeep->expired[i]);
    if (status == CPTS_OK && upkeep->expired_count > 0)
        status = errands_run(&upkeep->options.node, upkeep->errands, upkeep->expired_count,
                             &erased_count, &err);
    if (status != CPTS_OK)
        complain("referrals wait to be purged", &err);
    if (erased_count > 0)
        log_write(LOG_NOTICE, "upkeep", "%d referrals were purged: their time was over",
                  erased_count);
    return status == CPTS_OK && upkeep->expired_count == ERRANDS_MAX && erased_count > 0;
}

/* What leftover_purge.sql deleted. */
struct leftovers {
    int upload_count;
    int act_count;
};

static cpts_status read_leftovers(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct leftovers *leftovers = context;
    (void)err;
    leftovers->upload_count = (int)rows_int(rows, 0, 0);
    leftovers->act_count = (int)rows_int(rows, 0, 1);
    return CPTS_OK;
}

/* A batch. @return whether there may be another one. */
static bool purge_leftovers(struct upkeep *upkeep)
{
    struct cpts_error err = {0};
    struct leftovers leftovers = {0};
    struct arena *arena = arena_new(QUESTION_BYTES);
    struct query *query = arena == NULL ? NULL : query_new(arena, STATEMENT_LEFTOVER_PURGE);
    if (query != NULL) {
        query_int(query, upkeep->options.upload_days);
        query_int(query, upkeep->options.retention_years);
        query_int(query, ERRANDS_MAX);
        if (ask_bound(upkeep->options.trace_lane, query, CHAIN_TIMEOUT_MS, read_leftovers,
                      &leftovers, &err) != CPTS_OK)
            complain("leftovers wait to be deleted", &err);
    }
    arena_free(arena);
    if (leftovers.upload_count > 0 || leftovers.act_count > 0)
        log_write(LOG_NOTICE, "upkeep",
                  "%d unfinished uploads and %d settled parked acts were deleted",
                  leftovers.upload_count, leftovers.act_count);
    return leftovers.upload_count == ERRANDS_MAX || leftovers.act_count == ERRANDS_MAX;
}

/* A period. @return whether there may be another one. */
static bool release_figures(struct upkeep *upkeep)
{
    struct cpts_error err = {0};
    char period[PERIOD_BYTES] = "";
    if (figures_release(upkeep->options.node.find_lane, upkeep->options.trace_lane,
                        upkeep->options.threshold_count, period, &err) != CPTS_OK)
        complain("figures wait to be released", &err);
    else if (period[0] != '\0')
        log_write(LOG_NOTICE, "upkeep", "the figures of referrals of %s were released", period);
    return period[0] != '\0';
}

/* Waits for the next round. @return false when it was stopped. */
static bool wait_for_round(struct upkeep *upkeep)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ROUND_S;
    pthread_mutex_lock(&upkeep->lock);
    int waited = 0;
    while (!upkeep->stopping && waited == 0)
        waited = pthread_cond_timedwait(&upkeep->stop_asked, &upkeep->lock, &until);
    bool goes_on = !upkeep->stopping;
    pthread_mutex_unlock(&upkeep->lock);
    return goes_on;
}

static void *run(void *argument)
{
    struct upkeep *upkeep = argument;
    int round = 0;
    do {
        chain_reads(upkeep);
        if (round % ROUNDS_A_PURGE == 0) {
            while (purge(upkeep) && !is_stopping(upkeep))
                chain_reads(upkeep);
        }
        if (round % ROUNDS_A_PURGE == 0) {
            while (purge_leftovers(upkeep) && !is_stopping(upkeep))
                chain_reads(upkeep);
        }
        if (round == 0 && upkeep->options.releases_figures) {
            while (release_figures(upkeep) && !is_stopping(upkeep))
                chain_reads(upkeep);
        }
        round = (round + 1) % ROUNDS_A_RELEASE;
    } while (wait_for_round(upkeep));
    return NULL;
}

static void release(struct upkeep *upkeep)
{
    pthread_cond_destroy(&upkeep->stop_asked);
    pthread_mutex_destroy(&upkeep->lock);
    free(upkeep);
}

cpts_status upkeep_start(const struct upkeep_options *options, struct upkeep **ret_upkeep,
                         struct cpts_error *err)
{
    struct upkeep *upkeep = calloc(1, sizeof *upkeep);
    pthread_condattr_t monotonic;
    if (upkeep == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the upkeep of referrals");
    upkeep->options = *options;
    upkeep->options.node.has_find_argument = true;
    upkeep->options.node.find_argument = options->retention_years;
    pthread_mutex_init(&upkeep->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&upkeep->stop_asked, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&upkeep->thread, NULL, run, upkeep) != 0) {
        release(upkeep);
        return error_set(err, REASON_OUT_OF_MEMORY, "no thread for the upkeep of referrals");
    }
    *ret_upkeep = upkeep;
    return CPTS_OK;
}

void upkeep_stop(struct upkeep *upkeep)
{
    if (upkeep == NULL)
        return;
    pthread_mutex_lock(&upkeep->lock);
    upkeep->stopping = true;
    pthread_cond_signal(&upkeep->stop_asked);
    pthread_mutex_unlock(&upkeep->lock);
    pthread_join(upkeep->thread, NULL);
    release(upkeep);
}
