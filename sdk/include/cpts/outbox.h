/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_OUTBOX_H
#define CPTS_OUTBOX_H

/**
 * @file
 * Commands that wait for their node, in a file that outlives the process and a
 * loss of power (SQLite, WAL, synchronous=FULL).
 *
 * A client that was opened with an outbox keeps each of its commands there before
 * it is sent, with its command_id and its very bytes, sealed ones too. What the
 * node says of it is kept as well. A command of which the node said nothing ends
 * with UNAVAILABLE / COMMAND_KEPT instead of UNAVAILABLE, DEADLINE_EXCEEDED, UNKNOWN,
 * CANCELLED or a RESOURCE_EXHAUSTED that passes: it is not to be repeated,
 * cpts_outbox_send() does. While older commands wait, a
 * new one is kept behind them and not sent: commands arrive in their order.
 *
 * The box is bounded. A command that has no room is refused, OUTBOX_FULL, before
 * anything is sent; none is ever dropped. What the node refused stays, with its
 * reason, until somebody has seen to it: cpts_outbox_forget() or cpts_outbox_retry().
 *
 * Commands that were signed for a moment (enrolment) are not kept: they are sent as
 * without an outbox.
 *
 * Threads: any thread; several processes may have one box open.
 */

#include <cpts/client.h>
#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPTS_OUTBOX_COUNT_DEFAULT 10000
#define CPTS_OUTBOX_COUNT_MAX 1000000
#define CPTS_OUTBOX_BYTES_DEFAULT ((int64_t)256 * 1024 * 1024)
#define CPTS_OUTBOX_BYTES_MAX ((int64_t)16 * 1024 * 1024 * 1024)
/** Accepted commands of which the box still tells; older ones are forgotten. */
#define CPTS_OUTBOX_ACCEPTED_MAX 1000
/** Longest name of a method with its end. */
#define CPTS_OUTBOX_METHOD_BYTES 96

/** What is known of a command. */
enum cpts_outbox_state {
    CPTS_OUTBOX_UNSPECIFIED = 0,
    /** It certainly did not reach the node. */
    CPTS_OUTBOX_NOT_SENT = 1,
    /** It may have: sending it again tells. */
    CPTS_OUTBOX_POSSIBLY_ACCEPTED = 2,
    /** The node carried it out. Final. */
    CPTS_OUTBOX_ACCEPTED = 3,
    /** The node refused it, for the reason that is kept. */
    CPTS_OUTBOX_REJECTED = 4
};

/** Name of a state, for example "NOT_SENT". Static text; any value is fine. */
CPTS_API const char *cpts_outbox_state_name(enum cpts_outbox_state state);

/** Where the box is, and how much it takes. Zero = the default. */
struct cpts_outbox_options {
    size_t size;
    /** File; made with mode 0600 when it is not there. */
    const char *path;
    /** Commands that are not accepted, 1..CPTS_OUTBOX_COUNT_MAX. */
    int32_t count_max;
    /** Bytes of their requests, 1..CPTS_OUTBOX_BYTES_MAX. */
    int64_t bytes_max;
};

/** A command in the box. */
struct cpts_outbox_entry {
    /** Its place: the order in which commands are sent. */
    int64_t place;
    char command_id[CPTS_UUID_TEXT_BYTES];
    /** For example `/cpts.v1.ReferralService/SubmitReferral`. */
    char method[CPTS_OUTBOX_METHOD_BYTES];
    enum cpts_outbox_state state;
    int64_t byte_count;
    int64_t kept_at_us;
    /** When it was last tried, and settled; 0 = was not. */
    int64_t attempted_at_us;
    int64_t settled_at_us;
    int32_t attempt_count;
    /** Why it was refused, or why the last attempt came to nothing; `reason` is empty
     * when there is nothing to say. */
    struct cpts_error error;
};

/** How full it is. */
struct cpts_outbox_room {
    /** sizeof(struct cpts_outbox_room), set by who asks. */
    size_t size;
    int32_t not_sent_count;
    int32_t possibly_accepted_count;
    int32_t accepted_count;
    int32_t rejected_count;
    /** Those that take room, and how much there is of it. */
    int32_t count;
    int32_t count_max;
    int64_t byte_count;
    int64_t bytes_max;
    /** When the oldest that waits was kept; 0 = none does. */
    int64_t oldest_at_us;
};

/** What a sending did. */
struct cpts_outbox_report {
    /** sizeof(struct cpts_outbox_report), set by who asks. */
    size_t size;
    int32_t accepted_count;
    int32_t rejected_count;
    /** Still waiting. */
    int32_t left_count;
};

/** Told of each command that was settled; false ends the sending. */
typedef bool cpts_outbox_step(const struct cpts_outbox_entry *entry, void *data);

/* clang-format off */

/**
 * Opens a box, or makes it.
 *
 * @param ret_outbox  Close it with cpts_outbox_close(), after the clients that use it.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID · FAILED_PRECONDITION /
 *         LOCAL_FILE_INVALID: no box, a newer one, damaged, readable by others than its
 *         owner, not to be written (`detail`: the path) · UNAVAILABLE / LOCAL_FILE_BUSY ·
 *         RESOURCE_EXHAUSTED / LOCAL_FILE_FULL, OUT_OF_MEMORY.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_open(
    const struct cpts_outbox_options *options, cpts_outbox **ret_outbox, struct cpts_error *err);

/** NULL is fine. */
CPTS_API void cpts_outbox_close(cpts_outbox *outbox);

/**
 * Sends what waits, oldest first, until nothing does or the node says nothing.
 * @p client may be opened with this box or without any. One sending at a time: another one
 * waits for its end.
 *
 * @param timeout_ms  Of each command, 0..CPTS_TIMEOUT_MAX_MS; 0 = the client's.
 * @param step  It sends nothing from this box. NULL = nobody is told.
 * @param ret_report  Set whatever it returns. NULL is fine.
 * @return CPTS_OK: nothing waits any more · UNAVAILABLE and the like: why it stopped;
 *         what is left waits on · CANCELLED: @p step ended it · INVALID_ARGUMENT /
 *         ARGUMENT_INVALID, before anything is sent · and as cpts_outbox_list().
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_send(
    cpts_outbox *outbox, cpts_client *client, int32_t timeout_ms, cpts_outbox_step *step,
    void *data, struct cpts_outbox_report *ret_report, struct cpts_error *err);

/**
 * Tells of the commands in their order, @p state only or, with UNSPECIFIED, all.
 *
 * @param after_place  0 = from the first on.
 * @param ret_entries  @p count_max of them at most. @return as cpts_outbox_open().
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_list(
    cpts_outbox *outbox, enum cpts_outbox_state state, int64_t after_place, size_t count_max,
    struct cpts_outbox_entry *ret_entries, size_t *ret_count, struct cpts_error *err);

/** One command. @return NOT_FOUND / COMMAND_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_get(
    cpts_outbox *outbox, const char *command_id, struct cpts_outbox_entry *ret_entry,
    struct cpts_error *err);

/** How full it is. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_read_room(
    cpts_outbox *outbox, struct cpts_outbox_room *ret_room, struct cpts_error *err);

/** Forgets a command that was accepted or refused, or that was certainly not sent.
 * @return NOT_FOUND / COMMAND_NOT_FOUND · FAILED_PRECONDITION / COMMAND_POSSIBLY_ACCEPTED:
 *         send it first, to learn what became of it. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_forget(
    cpts_outbox *outbox, const char *command_id, struct cpts_error *err);

/** Has a refused command sent again, at its old place, with the same bytes.
 * @return NOT_FOUND / COMMAND_NOT_FOUND · FAILED_PRECONDITION / COMMAND_NOT_REJECTED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_outbox_retry(
    cpts_outbox *outbox, const char *command_id, struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
