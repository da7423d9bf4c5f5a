/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_TESTING_H
#define CPTS_TESTING_H

/**
 * @file
 * A node inside the library, in memory, for whoever writes a store (cpts/sync_store.h)
 * and wants to know whether it keeps its promises, without any node: the hub speaks the
 * protocol of nodes and makes the faults that networks and nodes make.
 *
 * Threads: a hub is used by one thread at a time; it has one of its own while something
 * is synchronised.
 */

#include <cpts/sync_store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cpts_testing_hub cpts_testing_hub;

/** What goes wrong in the next session. */
enum cpts_testing_fault {
    CPTS_TESTING_NO_FAULT = 0,
    /** The hub's connection ends when an acknowledgement comes, which is lost. */
    CPTS_TESTING_LOST_ACK = 1,
    /** Each batch comes twice. */
    CPTS_TESTING_DUPLICATE = 2,
    /** Two batches come in the wrong order. */
    CPTS_TESTING_REORDER = 3,
    /** A batch is lost on the way. */
    CPTS_TESTING_LOSE = 4,
    /** The hub has another epoch than before. */
    CPTS_TESTING_EPOCH_CHANGE = 5,
    /** The hub no longer knows the store's place in its log. */
    CPTS_TESTING_MUST_SNAPSHOT = 6,
    /** Each frame takes `amount` milliseconds. */
    CPTS_TESTING_SLOW = 7,
    /** The connection ends after `amount` bytes of the hub. */
    CPTS_TESTING_CUT = 8
};

/** Who the hub is for. Zero everywhere but in `size` = the defaults. */
struct cpts_testing_options {
    size_t size;
    /** Name of the store's node; NULL = `region/11`. */
    const char *node;
    /** What it may see; NULL = `region:11`. */
    const char *scope;
    /** The store only takes (cpts_sync_options.is_replica). */
    bool is_replica;
};

/** Makes a hub, the node `national` with an empty log.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_testing_hub_open(
    const struct cpts_testing_options *options, cpts_testing_hub **ret_hub, struct cpts_error *err);
/** NULL is fine. */
CPTS_API void cpts_testing_hub_close(cpts_testing_hub *hub);

/** A change at the hub: the next version of an aggregate, which is one row. */
struct cpts_testing_change {
    size_t size;
    /** For example `CPTS`; at most 31 characters. */
    const char *aggregate_kind;
    const char *aggregate_id;
    /** For example `cpts`. */
    const char *row_kind;
    /** A JSON object. */
    const char *body;
};

/** Makes a change at the hub. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_testing_hub_record(
    cpts_testing_hub *hub, const struct cpts_testing_change *change, struct cpts_error *err);

/** What goes wrong in the next session. @param amount  See the fault. */
CPTS_API void cpts_testing_hub_fault(cpts_testing_hub *hub, enum cpts_testing_fault fault,
                                     int64_t amount);

/** The public key that the hub signs its checkpoints with: what the store's
 * checkpoint_key() is to give for `national`. */
CPTS_API void cpts_testing_hub_key(const cpts_testing_hub *hub, uint8_t ret_key[32]);

/**
 * One session between store and hub, on the caller's thread, until both have everything.
 *
 * @return CPTS_OK · how the session ended · DEADLINE_EXCEEDED / SYNC_NOT_CAUGHT_UP.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_testing_hub_session(cpts_testing_hub *hub,
                                                              const struct cpts_sync_store *store,
                                                              int32_t timeout_ms,
                                                              struct cpts_error *err);

/** Whether the store has what the hub says it should have, by its own digests. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_testing_hub_compare(cpts_testing_hub *hub,
                                                              const struct cpts_sync_store *store,
                                                              bool *ret_is_equal,
                                                              struct cpts_error *err);

/** A store to be judged. */
struct cpts_testing_subject {
    size_t size;
    void *data;
    /** Opens it; the first time empty, then with what is durable: as after a loss of
     * power. */
    cpts_status (*open)(void *data, struct cpts_sync_store *ret_store, struct cpts_error *err);
    /** Takes away everything that is not durable. */
    void (*close)(void *data);
    /** From now on its database takes @p commit_count more commits, and then fails
     * whatever is to be written; -1 = never again, which is told between close() and the
     * next open(). NULL: that is not tried. */
    void (*fail_after)(void *data, int32_t commit_count);
    /** Changes something of its own (change @p number, from 1). NULL: a pure sink. */
    cpts_status (*record)(void *data, int32_t number, struct cpts_error *err);
    /** Kinds that it knows; NULL = `CPTS` and `cpts`. */
    const char *aggregate_kind;
    const char *row_kind;
    /** As for a hub. */
    struct cpts_testing_options options;
};

enum cpts_testing_verdict {
    CPTS_TESTING_NOT_TRIED = 0,
    CPTS_TESTING_KEPT = 1,
    CPTS_TESTING_BROKEN = 2
};

#define CPTS_TESTING_RULES_MAX 32

/** What became of one rule. */
struct cpts_testing_finding {
    /** Stable word, and what is asked of a store. Static texts. */
    const char *rule;
    const char *promise;
    /** What to look at when it is broken. Static text. */
    const char *advice;
    enum cpts_testing_verdict verdict;
    /** What was seen. */
    char detail[160];
};

/** What a store keeps and what it does not. */
struct cpts_testing_report {
    size_t size;
    int32_t finding_count;
    int32_t broken_count;
    struct cpts_testing_finding findings[CPTS_TESTING_RULES_MAX];
};

/**
 * Runs a store against the hub through all faults.
 *
 * @param ret_report  Set on CPTS_OK, whatever it says: look at broken_count.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status
cpts_testing_conformance(const struct cpts_testing_subject *subject,
                         struct cpts_testing_report *ret_report, struct cpts_error *err);

#ifdef __cplusplus
}
#endif

#endif
