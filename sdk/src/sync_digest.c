/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/sync_digest.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

static bool is_closed(const struct cpts_sync_row *row)
{
    return row->recorded_to_us != 0 && row->recorded_to_us != INT64_MAX;
}

static int order_lines(const void *one_line, const void *other_line)
{
    const struct cpts_bytes *one = one_line, *other = other_line;
    size_t shorter = one->byte_count < other->byte_count ? one->byte_count : other->byte_count;
    int order = shorter == 0 ? 0 : memcmp(one->bytes, other->bytes, shorter);
    return order != 0
               ? order
               : (one->byte_count > other->byte_count) - (one->byte_count < other->byte_count);
}

static bool make_line(const struct cpts_sync_row *row, struct cpts_bytes *ret_line)
{
    size_t kind_bytes = strlen(row->kind), byte_count = kind_bytes + row->body.byte_count + 4;
    uint8_t *bytes = malloc(byte_count);
    if (bytes == NULL)
        return false;
    memcpy(bytes, row->kind, kind_bytes);
    bytes[kind_bytes] = '\t';
    if (row->body.byte_count > 0)
        memcpy(bytes + kind_bytes + 1, row->body.bytes, row->body.byte_count);
    memcpy(bytes + byte_count - 3, is_closed(row) ? "\t1\n" : "\t0\n", 3);
    *ret_line = (struct cpts_bytes){.bytes = bytes, .byte_count = byte_count};
    return true;
}

cpts_status cpts_sync_digest_rows(const struct cpts_sync_row *rows, size_t row_count,
                                  uint8_t ret_digest[CPTS_SYNC_HASH_BYTES], struct cpts_error *err)
{
    struct cpts_bytes *lines = calloc(row_count + 1, sizeof *lines);
    bool is_whole = lines != NULL;
    crypto_hash_sha256_state state;
    for (size_t i = 0; i < row_count && is_whole; i++)
        is_whole = make_line(&rows[i], &lines[i]);
    if (is_whole) {
        qsort(lines, row_count, sizeof *lines, order_lines);
        crypto_hash_sha256_init(&state);
        for (size_t i = 0; i < row_count; i++)
            crypto_hash_sha256_update(&state, lines[i].bytes, lines[i].byte_count);
        crypto_hash_sha256_final(&state, ret_digest);
    }
    for (size_t i = 0; lines != NULL && i < row_count; i++)
        free((uint8_t *)lines[i].bytes);
    free(lines);
    return is_whole ? CPTS_OK : error_set(err, REASON_OUT_OF_MEMORY, "no memory for a digest");
}

int32_t cpts_sync_digest_bucket(const char *aggregate_id)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)aggregate_id, strlen(aggregate_id));
    return hash[0];
}

void cpts_sync_digest_buckets(const struct cpts_sync_aggregate *aggregates, size_t aggregate_count,
                              uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES])
{
    crypto_hash_sha256_state states[CPTS_SYNC_BUCKETS];
    bool has_any[CPTS_SYNC_BUCKETS] = {false};
    for (size_t i = 0; i < aggregate_count; i++) {
        int32_t bucket = cpts_sync_digest_bucket(aggregates[i].aggregate_id);
        if (!has_any[bucket])
            crypto_hash_sha256_init(&states[bucket]);
        has_any[bucket] = true;
        crypto_hash_sha256_update(&states[bucket], aggregates[i].sha256, CPTS_SYNC_HASH_BYTES);
    }
    for (int32_t i = 0; i < CPTS_SYNC_BUCKETS; i++) {
        memset(ret_digests[i], 0, CPTS_SYNC_HASH_BYTES);
        if (has_any[i])
            crypto_hash_sha256_final(&states[i], ret_digests[i]);
    }
}
