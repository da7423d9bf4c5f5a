/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LOG_READER_H
#define STORE_LOG_READER_H

/**
 * @file
 * Reads the change log as it grows: one thread with one connection that is
 * woken once per transaction that appended. What to read is its owner's
 * business; when the connection breaks, the owner is asked again in the next
 * session, so that nothing is lost or repeated as long as it goes by what it
 * has taken.
 *
 * It reads with scope `*`: what its owner gives away is the owner's business.
 *
 * Threads: open and close from one; log_reader_wake() from any; `choose` and
 * `take` run on the reader's.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stdint.h>

struct log_reader;
struct rows;

/** Columns of the rows, see sql/query/log_read.sql. */
enum log_column {
    LOG_HEAD,     /**< in every row */
    LOG_POSITION, /**< NULL in the only row when nothing was found */
    LOG_AGGREGATE_KIND,
    LOG_AGGREGATE_ID,
    LOG_VERSION,
    LOG_KIND,
    LOG_RECORDED_AT,
    LOG_LEAD_REGION,
    LOG_BYTES,
    /** CPTS that are told of a referral's change, separated by spaces, a ~ before those
     * that it only touches; NULL unless asked for. */
    LOG_AUDIENCE,
};

/** A part of the log. */
struct log_question {
    /** Position after which to read. */
    int64_t after;
    /** Positions to look at, rows to give, bytes of changes to give: at most.
     * The first row comes whatever its size. Every position looked at is read:
     * a span beyond the number of rows makes sense for one region only. */
    int64_t span;
    int row_count_max;
    int64_t byte_count_max;
    /** INSEE code of a lead region, or with `audience` the id of a CPTS; "" for all.
     * Borrowed until `take`. */
    const char *region;
    /** Whether it is told who takes part in referrals. */
    bool audience;
};

struct log_reader_options {
    /** libpq connection string; borrowed for the reader's life. */
    const char *conninfo;
    /** First argument of the two below. */
    void *context;
    /**
     * What to read now. @p grew: the log has grown since the last time, or a
     * session has begun.
     * @return false when there is nothing to read for @p ret_wait_ms, unless the
     *         log grows or log_reader_wake() comes.
     */
    bool (*choose)(void *context, bool grew, struct log_question *ret_question, int *ret_wait_ms);
    /** The answer to the question that `choose` asked last, at least one row. */
    void (*take)(void *context, const struct rows *rows);
};

/** Starts reading.
 * @param ret_reader  Set on CPTS_OK only.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status log_reader_open(const struct log_reader_options *options,
                                            struct log_reader **ret_reader, struct cpts_error *err);

/** Has `choose` called soon. */
void log_reader_wake(struct log_reader *reader);

/** Ends the thread; neither `choose` nor `take` is called any more. NULL is fine. */
void log_reader_close(struct log_reader *reader);

#endif
