/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_DIALOGUE_H
#define STORE_DIALOGUE_H

/**
 * @file
 * A connection of one thread, which waits for each answer: for work that takes longer
 * than a call may, and is nobody's call. It acts with scope `*`, as the node.
 *
 * Threads: dialogue_stop() from any, the rest from one.
 */

#include <cpts/status.h>
#include <stdbool.h>

struct dialogue;
struct query;
struct rows;

struct dialogue_options {
    /** libpq connection string; borrowed for the dialogue's life, all of them. */
    const char *conninfo;
    /** Name in pg_stat_activity. */
    const char *name;
    /** Name of this node: whose log it writes. */
    const char *node;
    /** On whose behalf it acts, a SPIFFE URI. */
    const char *principal;
};

/** New dialogue; connects at the first question.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status dialogue_open(const struct dialogue_options *options,
                                          struct dialogue **ret_dialogue, struct cpts_error *err);

/** How a statement is to run. */
enum dialogue_manner {
    /** By itself. */
    DIALOGUE_ALONE,
    /** As a writer of the log: behind its lock, and its listeners are woken. */
    DIALOGUE_LOGGED,
};

/**
 * Asks, in a transaction of its own, and waits until it is committed.
 *
 * @param query  May be released after it.
 * @param ret_rows  In binary format; valid until the next question or the end. NULL = not
 *                  wanted.
 * @return CPTS_OK · UNAVAILABLE / DATABASE_UNAVAILABLE, DATABASE_BUSY,
 *         SHUTTING_DOWN: whether it was done is not known · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY · what the SQL error means (store/sqlstate.h): nothing was done.
 */
CPTS_MUST_CHECK cpts_status dialogue_ask(struct dialogue *dialogue, const struct query *query,
                                         enum dialogue_manner manner, const struct rows **ret_rows,
                                         struct cpts_error *err);

/** From now on nothing waits any more, and everything says SHUTTING_DOWN. */
void dialogue_stop(struct dialogue *dialogue);

/** NULL is fine. */
void dialogue_close(struct dialogue *dialogue);

#endif
