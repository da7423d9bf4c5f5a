/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/**
 * @file
 * The log: one JSON object a line on standard error (RFC 5424 levels), for
 * journald and collectors. Never any personal data.
 *
 * Threads: any thread; a line is written whole.
 */

#include <cpts/status.h>

enum log_level { LOG_ERROR = 3, LOG_WARNING = 4, LOG_NOTICE = 5, LOG_INFO = 6, LOG_DEBUG = 7 };

/** Lines above @p level are dropped; LOG_INFO at first. */
void log_level_set(enum log_level level);

/** Writes one line: time, level, module ("rpc"), message. Cut at 2,000 bytes. */
void log_write(enum log_level level, const char *module, const char *format, ...) CPTS_PRINTF(3, 4);

/** As log_write(), but at most once a second per call site: `static struct
 * log_limit limit;` is the site. Says how many were left out. */
struct log_limit {
    _Atomic int64_t last_ns;
    _Atomic int64_t left_out;
};
void log_write_limited(struct log_limit *limit, enum log_level level, const char *module,
                       const char *format, ...) CPTS_PRINTF(4, 5);

#endif
