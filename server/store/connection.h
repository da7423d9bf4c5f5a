/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_CONNECTION_H
#define STORE_CONNECTION_H

/**
 * @file
 * One connection to the database that makes itself ready without blocking:
 * connect, settings, every statement prepared, pipeline mode; and again after
 * each loss, with growing random delays. (Resolving a host's name is the one
 * step that may block; a Unix socket or an address has none.)
 *
 * Threads: one thread at a time.
 */

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/** What the socket takes before a send waits, where the kernel allows it: one
 * batch of a lane that is under way and one that follows it. */
#define CONNECTION_SEND_BYTES (1024 * 1024)

enum connection_state {
    CONNECTION_DOWN,       /**< waits until wake_ns */
    CONNECTION_CONNECTING, /**< gives up at wake_ns */
    CONNECTION_PREPARING,  /**< gives up at wake_ns */
    CONNECTION_READY,
};

struct connection_options {
    /** Borrowed for the connection's life, both. */
    const char *conninfo;
    const char *application_name;
    int statement_timeout_ms;
    int lock_timeout_ms;
    bool read_only;
    /** Its statements find a few rows by key: each is planned once, and never
     * reads a whole table. Otherwise each is planned anew for its parameters. */
    bool by_key;
};

struct connection {
    struct connection_options options;
    enum connection_state state;
    /** NULL when DOWN. In pipeline mode and non-blocking when READY. */
    PGconn *pg;
    int64_t wake_ns;
    /** What to poll the socket for; kept right by step() and flush(). */
    short events;
    /** Statements that the server has prepared so far. */
    int prepared_count;
    /** Losses and failed attempts since it was last ready. */
    int failures;
};

/** DOWN, and due at once. */
void connection_init(struct connection *connection, const struct connection_options *options);

/** Does what can be done now toward READY. @p revents is what poll gave for the
 * socket. @return true when this step made it READY. */
bool connection_step(struct connection *connection, short revents, int64_t now_ns);

/** The socket, -1 when there is none. It changes: ask before each poll. */
int connection_socket(const struct connection *connection);

/** Sends what libpq holds; @return false when the connection is broken. */
bool connection_flush(struct connection *connection);

/** Drops the session; the next attempt is due after a delay. @p reason is
 * logged, NULL for what libpq says. */
void connection_lose(struct connection *connection, const char *reason, int64_t now_ns);

/** Ends it for good. */
void connection_done(struct connection *connection);

#endif
