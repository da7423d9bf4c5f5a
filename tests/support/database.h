/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_SUPPORT_DATABASE_H
#define TESTS_SUPPORT_DATABASE_H

/**
 * @file
 * A database for one test file, and a whole cluster for tests that crash it.
 *
 * The cluster of a test run is named by CPTS_TEST_SOCKET and CPTS_TEST_PORT and
 * holds the database `cpts_template` with the schema and the reference data.
 *
 * Threads: one thread at a time.
 */

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#define DATABASE_NAME_BYTES 64
#define DATABASE_CONNINFO_BYTES 1024

struct database {
    char name[DATABASE_NAME_BYTES];
    /** As postgres, who is not subject to row-level security. */
    char admin_conninfo[DATABASE_CONNINFO_BYTES];
    /** As cpts_app, which the server logs in as. */
    char app_conninfo[DATABASE_CONNINFO_BYTES];
    /** A session as postgres; NULL after a failure. */
    PGconn *admin;
};

/** Creates a database of its own from cpts_template and connects to it.
 * @return false, having told why, when that failed. */
bool database_create(struct database *database);

/** Drops it, with whoever is still connected. */
void database_drop(struct database *database);

/** New session as postgres (as cpts_app when @p is_app); never NULL: a failure
 * is told, and the process ends. */
PGconn *database_connect(const struct database *database, bool is_app);

/** Reconnects database->admin when it broke. @return false when it cannot yet. */
bool database_reconnect(struct database *database);

/** Runs @p sql as postgres; a failure is told and fails the running test. */
void database_execute(struct database *database, const char *sql);

/** First cell of @p sql as a number, as postgres; INT64_MIN and a failed test
 * when that cannot be had. */
int64_t database_number(struct database *database, const char *sql);

/** A cluster of its own, with a database, in a temporary directory. */
struct private_cluster {
    char directory[128];
    struct database database;
};

/** Creates and starts it. @return false, having told why, when that failed. */
bool private_cluster_create(struct private_cluster *cluster);

/** Starts it again, and reconnects the admin session. */
bool private_cluster_start(struct private_cluster *cluster);

/** Ends it at once and without a checkpoint, as `pg_ctl stop -m immediate`
 * does; waits until it is gone. */
bool private_cluster_crash(struct private_cluster *cluster);

/** Stops it and removes its directory. */
void private_cluster_remove(struct private_cluster *cluster);

#endif
