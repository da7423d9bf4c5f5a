/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ERROR_H
#define WIRE_ERROR_H

/**
 * @file
 * Filling a struct cpts_error, and the google.rpc.Status both ends exchange.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/reason.h"

struct arena;

/** Fills @p err (NULL is fine) from the reason's row in the table of reason.h
 * and a printf sentence. @return the status of the reason, so that
 * `return error_set(err, REASON_X, "...")` is one line. */
cpts_status error_set(struct cpts_error *err, enum reason reason, const char *format, ...)
    CPTS_PRINTF(3, 4);

/** As error_set(), and names the field of the request at fault. */
cpts_status error_set_field(struct cpts_error *err, enum reason reason, const char *field,
                            const char *format, ...) CPTS_PRINTF(4, 5);

#ifdef __clang_analyzer__
/* No reason has the status CPTS_OK, which the analyzer cannot see from here. */
#define error_set(...) ((error_set)(__VA_ARGS__), CPTS_INTERNAL)
#define error_set_field(...) ((error_set_field)(__VA_ARGS__), CPTS_INTERNAL)
#endif

/** Empties @p err (status CPTS_OK); NULL is fine. */
void error_clear(struct cpts_error *err);

/** Packs @p err as google.rpc.Status with ErrorInfo (domain "cpts.fr",
 * metadata `detail` when there is one), BadRequest when a field is named and
 * RetryInfo when a delay is. In @p arena.
 * @return the bytes, @p ret_bytes long; NULL when the arena is full. */
uint8_t *error_pack(const struct cpts_error *err, struct arena *arena, size_t *ret_bytes);

/** Reads a google.rpc.Status of a peer into @p err: never fails, what cannot
 * be read leaves @p status and @p message. */
void error_unpack(struct cpts_error *err, cpts_status status, const char *message,
                  const uint8_t *details, size_t details_bytes);

#endif
