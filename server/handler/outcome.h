/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_OUTCOME_H
#define HANDLER_OUTCOME_H

/**
 * @file
 * What every command's statement answers: one row of outcome, cpts_id,
 * version, log_position, detail. The outcome is OK, REPLAYED or the name of a
 * reason.
 *
 * Threads: the lane's thread.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

struct ProtobufCMessageDescriptor;
struct call;
struct rows;

struct outcome {
    const char *cpts_id; /**< borrowed from the rows */
    int32_t version;
    int64_t log_position;
    bool replayed;
    const char *detail; /**< one more fact, what depends on the command; borrowed */
};

/** Reads the row. @return CPTS_OK for OK and REPLAYED, else the reason's code
 * with its sentence and detail. */
CPTS_MUST_CHECK cpts_status outcome_read(const struct rows *rows, struct outcome *ret_outcome,
                                         struct cpts_error *err);

/** As outcome_read(), of a statement that gives further rows behind it. */
CPTS_MUST_CHECK cpts_status outcome_first_read(const struct rows *rows, struct outcome *ret_outcome,
                                               struct cpts_error *err);

/** Says why nothing was changed: the reason that @p outcome names, with its
 * sentence. INTERNAL / INTERNAL_ERROR for one without. @param detail Copied. */
CPTS_MUST_CHECK cpts_status outcome_refuse(const char *outcome, const char *detail,
                                           struct cpts_error *err);

/** Answers a command: reads the row and sets call->response to a message of
 * @p type, with those of `id`, `version`, `log_position` and `replayed` that
 * the type has.
 * @return as outcome_read() · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status outcome_answer(struct call *call, const struct rows *rows,
                                           const struct ProtobufCMessageDescriptor *type,
                                           struct cpts_error *err);

#endif
