/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_REFERENCE_COPY_H
#define APP_REFERENCE_COPY_H

/**
 * @file
 * The server's copies of the reference data, read together again when one of them
 * has changed: the geographic reference, the grids and missions of the ACI, the
 * rules of the legal clocks. What a call found in an older copy stays readable:
 * copies are freed long after the last call could have seen them.
 *
 * Threads: one thread at a time; the copy itself is read-only.
 */

#include <cpts/status.h>

struct aci_grids;
struct clock_rules;
struct lane;
struct reference_copy;
struct units;

/** NULL when memory is out. */
struct reference_copy *reference_copy_new(void);
void reference_copy_free(struct reference_copy *copy);

/** Reads the reference when there is no copy yet, or something else is in force.
 * What is not usable is not read again until it changes.
 * @return as reference_load() and aci_load(); the copy stays what it was on failure. */
CPTS_MUST_CHECK cpts_status reference_copy_refresh(struct reference_copy *copy, struct lane *lane,
                                                   struct cpts_error *err);

/** Today's copies; NULL before the first refresh that went well. */
const struct units *reference_copy_units(const struct reference_copy *copy);
const struct aci_grids *reference_copy_grids(const struct reference_copy *copy);
const struct clock_rules *reference_copy_clock_rules(const struct reference_copy *copy);

#endif
