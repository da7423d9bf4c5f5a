/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_SERVICE_H
#define HANDLER_SERVICE_H

/**
 * @file
 * What every handler knows apart from the call: which node this is, and the
 * reference data. Lives as long as the server.
 *
 * Threads: read-only, any thread; what `feed` points to takes care of itself.
 */

struct feed;
struct units;

struct service {
    /** Name of this node, for example `national`. */
    const char *node;
    const struct units *units;
    /** The log as a stream. */
    struct feed *feed;
};

#endif
