/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_PROBE_H
#define TESTS_FAULT_PROBE_H

/**
 * @file
 * A call as a test gives it to a lane, and what became of it.
 *
 * Threads: one thread at a time owns a probe; between probe_submit() and the
 * end of probe_wait() it is the lane's.
 */

#include "base/call.h"
#include "store/lane.h"
#include "support/database.h"

/** Long enough for anything that does happen. */
#define PROBE_PATIENCE_MS 30000

struct probe {
    struct call call;
    uint8_t command_id[16];
    uint8_t cpts_id[16];
    /** What command_load.c remembers. */
    int record;
    char name[32];
    /* The answer: */
    bool is_done;
    /** How many times the lane answered; 1 in the end. */
    int answers;
    cpts_status status;
    int row_count;
    char outcome[CPTS_REASON_BYTES];
    int64_t version;
    int64_t position;
    char detail[64];
};

/** Who may do everything, and who may change records of one region only. */
extern const struct principal PROBE_NATIONAL;
extern const struct principal PROBE_REGION_11;
extern const struct principal PROBE_REGION_84;

/** Starts a call on behalf of @p principal with new ids. */
void probe_begin(struct probe *probe, const struct principal *principal, int deadline_ms);

/** Makes it a creation, led by @p region ("11"). */
void probe_create(struct probe *probe, const char *region, const char *name);
/** Makes it a change of a name; the content's hash covers all arguments. */
void probe_update(struct probe *probe, const uint8_t cpts_id[16], int64_t version,
                  const char *name);
/** Makes it a change of a territory: @p unit_count units "T00000", "T00001"... and
 * @p change_bytes of change. */
void probe_territory(struct probe *probe, const uint8_t cpts_id[16], int64_t version,
                     int unit_count, size_t change_bytes);
/** Makes it a reading of one CPTS. */
void probe_get(struct probe *probe, const uint8_t cpts_id[16]);

/** Gives it to the lane, forgetting an earlier answer. */
void probe_submit(struct probe *probe, struct lane *lane);

/** Waits for its answer. @return false when it did not come in time. */
bool probe_wait(struct probe *probe, int timeout_ms);

/** Releases its memory. */
void probe_end(struct probe *probe);

/** begin, create, submit, wait, end: the new record's id. */
void probe_make_cpts(struct lane *lane, const char *region, uint8_t ret_cpts_id[16]);

/** Waits until @p is_so says true. @return false when it did not in time. */
bool probe_eventually(bool (*is_so)(void *argument), void *argument, int timeout_ms);

/** Opens a lane; a failure ends the process. */
struct lane *probe_lane(const struct lane_options *options);

/** Waits until the lane is connected; a failure fails the test. */
void probe_wait_connected(struct lane *lane);

/** Waits until the lane has sent @p count batches since its start. */
void probe_wait_batches(struct lane *lane, int64_t count);

/** Closes a lane that has @p timeout_ms to drain. */
void probe_lane_close(struct lane *lane, int timeout_ms);

/** A session of the database's superuser that holds the log's lock. */
PGconn *probe_lock_hold(const struct database *database);
void probe_lock_release(PGconn *holder);

/** Asserts that log positions are 1..n without a gap, and that every entry has
 * exactly one stored command. */
void probe_assert_log_whole(struct database *database);

#endif
