/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

/**
 * @file
 * What is asked of the server: the request number n of each kind.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORK_REQUEST_BYTES 8192

/** A put is a key of 42 bytes and its value. */
#define WORK_VALUE_BYTES_MAX 8000

/** What a kind of work needs before it can begin. */
enum work_needs { WORK_NEEDS_NOTHING, WORK_NEEDS_IDS, WORK_NEEDS_CPTS, WORK_NEEDS_REQUESTS };

/** A packed message. */
struct work_request {
    uint8_t *bytes;
    ptrdiff_t byte_count;
};

struct work {
    /** "/cpts.v1.RegistryService/GetCpts" */
    const char *method;
    /** Packs request number @p number.
     * @return its bytes, or -1 when there is no such request. */
    ptrdiff_t (*pack)(const struct work *work, int64_t number, uint8_t bytes[WORK_REQUEST_BYTES]);
    enum work_needs needs;
    /** get: ids that exist, one picked by the number. */
    char (*ids)[37];
    int64_t id_count;
    /** call: requests, one picked by the number; each: that very one. */
    struct work_request *requests;
    int64_t request_count;
    /** put: bytes of the value, at most WORK_VALUE_BYTES_MAX. */
    int value_bytes;
    /** stage: CPTS first_cpts .. first_cpts + cpts_count - 1, named as
     * sql/schema.sql says, all at EMERGENCE with version 1. Number n takes CPTS
     * n % cpts_count one stage further. */
    int64_t first_cpts;
    int64_t cpts_count;
};

/** Finds the work called @p name: health, get, stage, put, call, each.
 * @return false when there is none. */
bool work_find(const char *name, struct work *ret_work);

/** Reads one UUID a line. @return false when there is none. */
bool work_read_ids(struct work *work, const char *path);

/** Reads one request a line, in hexadecimal. @return false when there is none, or
 * one is not, or is longer than WORK_REQUEST_BYTES. */
bool work_read_requests(struct work *work, const char *path);

/** Whether it has a method and what it needs. */
bool work_is_complete(const struct work *work);

/** Releases what was read. */
void work_done(struct work *work);

#endif
