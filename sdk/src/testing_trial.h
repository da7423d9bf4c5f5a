/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TESTING_TRIAL_H
#define SDK_TESTING_TRIAL_H

/**
 * @file
 * A store on trial: what the rules of a conformance report are made of.
 *
 * Threads: one thread at a time.
 */

#include "testing_hub.h"

struct testing_trial {
    struct cpts_testing_subject subject;
    cpts_testing_hub *hub;
    struct cpts_sync_store table;
    bool is_open;
    /** Its database was told to fail. */
    bool is_failing;
    /** Changes made so far, by the hub and by the store. */
    int32_t change_count;
    int32_t own_count;
    char detail[160];
};

/** Notes what was seen. @return false, to return it. */
bool cpts_testing_trial__say(struct testing_trial *trial, const char *format, ...)
    CPTS_PRINTF(2, 3);
/** As after a loss of power. */
bool cpts_testing_trial__reopen(struct testing_trial *trial);
/** A change of aggregate @p number at the hub. */
bool cpts_testing_trial__record(struct testing_trial *trial, int32_t number);
/** A session with a fault, whatever comes of it. */
void cpts_testing_trial__suffer(struct testing_trial *trial, enum cpts_testing_fault fault,
                                int64_t amount);
/** A session without one, which has to do it. */
bool cpts_testing_trial__go(struct testing_trial *trial);
/** Whether the store has what the hub says it should have. */
bool cpts_testing_trial__is_equal(struct testing_trial *trial);
/** Its cursor; false: it does not tell. */
bool cpts_testing_trial__cursor(struct testing_trial *trial, struct cpts_sync_cursor *ret_cursor);
/** Gives the store a batch of the hub's aggregate @p number as it is, with another
 * version and body where they are given. */
bool cpts_testing_trial__apply(struct testing_trial *trial, int32_t number, int32_t version,
                               const char *body, struct cpts_sync_batch *batch,
                               struct cpts_sync_applied *ret_applied);

/** A rule: true when it is kept. */
struct testing_rule {
    const char *name;
    const char *promise;
    const char *advice;
    bool (*is_kept)(struct testing_trial *trial);
    /** Needs fail_after(); needs record(). */
    bool needs_failing;
    bool needs_own;
};

/** Rule @p index; NULL behind the last. */
const struct testing_rule *cpts_testing_rule__at(size_t index);

#endif
