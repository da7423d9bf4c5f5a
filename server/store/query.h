/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

/**
 * @file
 * One statement with its parameters, bound in a call's arena.
 *
 * A parameter that cannot be bound because the arena is full marks the query
 * as failed; lane_submit() then answers OUT_OF_MEMORY, so that handlers bind
 * without checking each step.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/statement.h"

struct arena;

#define QUERY_PARAMETERS_MAX 48

struct query {
    enum statement_id statement;
    int parameter_count;
    const char *values[QUERY_PARAMETERS_MAX];
    int lengths[QUERY_PARAMETERS_MAX];
    int formats[QUERY_PARAMETERS_MAX]; /**< 0 text, 1 binary */
    struct arena *arena;
    bool failed;
};

/** New query in @p arena; NULL when the arena is full. */
struct query *query_new(struct arena *arena, enum statement_id statement);

/** Binds the next parameter: text (copied; NULL binds SQL NULL). */
void query_text(struct query *query, const char *text);
/** Binds the next parameter: bytea (copied). */
void query_bytes(struct query *query, const uint8_t *bytes, size_t byte_count);
/** Binds the next parameter: uuid from its 16 bytes (copied). */
void query_uuid(struct query *query, const uint8_t uuid[16]);
/** Binds the next parameter: an integer. */
void query_int(struct query *query, int64_t number);
/** Binds the next parameter: a boolean. */
void query_bool(struct query *query, bool truth);
/** Binds the next parameter in PostgreSQL's binary format: what was made in the query's
 * arena for it, NULL when that could not be done. */
void query_made(struct query *query, const uint8_t *binary, size_t byte_count);
/** Binds the next parameter: text[] of @p count texts, properly quoted (copied). */
void query_text_array(struct query *query, const char *const *texts, size_t count);

#endif
