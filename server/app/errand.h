/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_ERRAND_H
#define APP_ERRAND_H

/**
 * @file
 * Commands of the server itself: what it finds to do, and does once, whatever is
 * restarted and however many servers share the database. The id of such a command
 * is derived from what it is about, and its statement does only what is not done:
 * the effect is had once, also when it is asked for twice.
 *
 * Threads: one thread at a time for one array of errands, not the completion
 * queue's nor a lane's.
 */

#include <cpts/status.h>
#include <semaphore.h>
#include <stdbool.h>

#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "store/statement.h"

struct lane;
struct rows;

/** Errands that are run together at most: a batch of the write lane or two. */
#define ERRANDS_MAX 64

/** On whose account. */
struct errand_node {
    /** Name of this node, for example `national`. */
    const char *node;
    const char *trust_domain;
    /** Reads what there is to do. */
    struct lane *find_lane;
    /** Writes. */
    struct lane *write_lane;
    /** The statement that finds has a $3, which is that. */
    bool has_find_argument;
    int64_t find_argument;
};

/** One command. */
struct errand {
    struct call call;
    cpts_status status;
    /** It had its effect now: its statement answered OK. */
    bool effect;
    sem_t *answered;
};

/** What makes an errand. Strings are borrowed for the call. */
struct errand_order {
    enum statement_id statement;
    /** What is hashed as the method of the command. */
    const char *method;
    /** Space and name that its id is derived from. */
    const char *space;
    const char *name;
    const char *aggregate_id;
    /** Its event is set; the rest is filled in. */
    Cpts__V1__Change *change;
};

/** Asks what there is to do: a statement with $1 = this node, $2 = @p count_max.
 * @param take  Called once with the rows, on the lane's thread.
 * @return CPTS_OK, or why there are no rows. */
CPTS_MUST_CHECK cpts_status errand_find(const struct errand_node *node, enum statement_id statement,
                                        int count_max,
                                        void (*take)(const struct rows *rows, void *context),
                                        void *context, struct cpts_error *err);

/** Begins an errand: packs the change and binds the first six parameters, which
 * all such statements share: principal, command_id, content hash, aggregate, this
 * node, bytes of the change. The caller binds the rest to `call.query`.
 * @return false without memory: the errand has no effect, and none is lost. */
CPTS_MUST_CHECK bool errand_begin(struct errand *errand, const struct errand_node *node,
                                  const struct errand_order *order);

/** Sends all that begun, in their order, waits, and frees what they held.
 * @param ret_effect_count  Those that had their effect now.
 * @return CPTS_OK, or why the first one that failed did; it is to be found again. */
CPTS_MUST_CHECK cpts_status errands_run(const struct errand_node *node, struct errand *errands,
                                        int count, int *ret_effect_count, struct cpts_error *err);

#endif
