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

#define WORK_REQUEST_BYTES 512

struct work {
    /** "/cpts.v1.RegistryService/GetCpts" */
    const char *method;
    /** Packs request number @p number.
     * @return its bytes, or -1 when there is no such request. */
    ptrdiff_t (*pack)(const struct work *work, int64_t number, uint8_t bytes[WORK_REQUEST_BYTES]);
    /** get: ids that exist, one picked by the number. */
    char (*ids)[37];
    int64_t id_count;
    /** stage: CPTS first_cpts .. first_cpts + cpts_count - 1, named as
     * work_cpts_id() says, all at EMERGENCE with version 1. Number n takes CPTS
     * n % cpts_count one stage further. */
    int64_t first_cpts;
    int64_t cpts_count;
};

/** Finds the work called @p name: health, get, stage, coverage.
 * @return false when there is none. */
bool work_find(const char *name, struct work *ret_work);

/** Reads one UUID a line. @return false when there is none. */
bool work_read_ids(struct work *work, const char *path);

#endif
