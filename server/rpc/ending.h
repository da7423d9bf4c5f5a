/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_ENDING_H
#define RPC_ENDING_H

/**
 * @file
 * How a call that failed is told: status, sentence, and the details that say
 * more than these (`grpc-status-details-bin`); and the log's line about it.
 *
 * Threads: one at a time for one ending.
 */

#include <cpts/status.h>
#include <grpc/grpc.h>

struct arena;

/** What a status op borrows until its batch has come back. */
struct ending {
    grpc_slice details;
    grpc_slice message;
    grpc_metadata metadata;
};

/** Empty, to be used again and again. */
void ending_init(struct ending *ending);

/** Gives @p op, a GRPC_OP_SEND_STATUS_FROM_SERVER, what @p error says. The
 * details are left out when @p arena (NULL is fine) has no room for them. */
void ending_fill(struct ending *ending, const struct cpts_error *error, struct arena *arena,
                 grpc_op *op);

/** Releases what it holds; empty again. */
void ending_clear(struct ending *ending);

/** Logs a failed call, once. */
void ending_log(const char *method_name, const struct cpts_error *error);

#endif
