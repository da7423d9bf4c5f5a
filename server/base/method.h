/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_METHOD_H
#define BASE_METHOD_H

/**
 * @file
 * One row per RPC: the table of methods is the server's list of abilities.
 *
 * Threads: constants.
 */

#include <cpts/status.h>
#include <stdint.h>

struct ProtobufCMessageDescriptor;
struct call;
struct rows;
struct stream_handler;

/** Where a method's statement runs. */
enum lane_kind {
    LANE_NONE, /**< nowhere: `begin` answers by itself */
    LANE_READ,
    LANE_WRITE,
    LANE_SLOW,
    /** A read whose statement also records who read: answered once that is durable. */
    LANE_TRACE,
};

#define LANE_KIND_COUNT (LANE_TRACE + 1)

struct method {
    /** "/cpts.v1.RegistryService/GetCpts" */
    const char *name;
    const struct ProtobufCMessageDescriptor *request;
    const struct ProtobufCMessageDescriptor *response;
    enum lane_kind lane;
    /** Roles that may call; the rest is decided on the row. */
    uint32_t roles;
    /** Checks the request and binds call->query (or, on LANE_NONE, sets
     * call->response). Completion-queue thread; never blocks. */
    cpts_status (*begin)(struct call *call, const void *request, struct cpts_error *err);
    /** Turns rows into call->response, or into a failure. Lane thread. */
    cpts_status (*finish)(struct call *call, const struct rows *rows, struct cpts_error *err);
    /** NULL for a unary method. Else the messages come from here once `begin` (on
     * LANE_NONE) or `finish` has set call->state (base/stream.h). */
    const struct stream_handler *stream;
    /** NULL for a method of one statement. Else takes the rows of the first, sets
     * call->query to a second one, which runs on the write lane, and whose rows go to
     * `finish`. For what cannot be written before the first answer is known. Lane
     * thread. */
    cpts_status (*then)(struct call *call, const struct rows *rows, struct cpts_error *err);
};

/** A list of methods, ended by its count. */
struct method_table {
    const struct method *methods;
    int method_count;
};

#endif
