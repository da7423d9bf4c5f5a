/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_RELAY_H
#define TESTS_FAULT_RELAY_H

/**
 * @file
 * A relay between a lane and PostgreSQL's Unix socket that can be told to keep
 * the answers back and to cut every link: what the lane then knows is exactly
 * what a broken network leaves it.
 *
 * Threads: any thread.
 */

#include "support/database.h"

struct relay;

/** Starts relaying to @p database; NULL, having told why, when it cannot.
 * @param ret_conninfo  How to reach the database through it, as cpts_app. */
struct relay *relay_start(const struct database *database,
                          char ret_conninfo[DATABASE_CONNINFO_BYTES]);

/** From now on answers are dropped; what is asked still passes. */
void relay_mute(struct relay *relay);

/** Cuts every link. New ones work, and are not muted. */
void relay_cut(struct relay *relay);

/** Ends it. */
void relay_stop(struct relay *relay);

#endif
