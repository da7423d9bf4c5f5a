/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_QUERY_ARRAY_H
#define STORE_QUERY_ARRAY_H

/**
 * @file
 * One member of an array of structs as one array parameter of a statement: what goes
 * to `unnest` column by column. In PostgreSQL's binary format, so that nothing is
 * quoted and bytes stay bytes.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct query;

/** What a member is, and the array that is made of it. */
enum query_member {
    MEMBER_TEXT,       /**< `const char *`, not NULL: text[] */
    MEMBER_TEXT_CELL,  /**< struct query_cell: text[] */
    MEMBER_BYTES_CELL, /**< struct query_cell: bytea[] */
    MEMBER_HASH,       /**< 32 bytes: bytea[] */
    MEMBER_UUID,       /**< `const char *`, the text of a UUID: uuid[] */
    MEMBER_INT,        /**< int32_t: int[] */
    MEMBER_LONG,       /**< int64_t: bigint[] */
    MEMBER_BOOL,       /**< bool: boolean[] */
};

#define QUERY_MEMBER_KINDS (MEMBER_BOOL + 1)
#define QUERY_HASH_BYTES 32

/** Some bytes of somebody; NULL with 0 bytes is fine. */
struct query_cell {
    const uint8_t *bytes;
    size_t byte_count;
};

/**
 * Binds the next parameter (copied).
 *
 * @param first  The member of the first struct; not looked at when there is none.
 * @param stride_bytes  From one struct to the next.
 */
void query_members(struct query *query, enum query_member member, const void *first,
                   size_t stride_bytes, size_t count);

/** Whether every one of these members (MEMBER_UUID) is the text of a UUID: what is not
 * makes query_members() fail. */
bool query_are_uuids(const void *first, size_t stride_bytes, size_t count);

#endif
