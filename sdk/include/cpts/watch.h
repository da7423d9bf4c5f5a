/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_WATCH_H
#define CPTS_WATCH_H

/**
 * @file
 * The changes of the registry as they happen: a stream that goes on by itself
 * after lost connections and stopped servers, at the next of several addresses
 * if there are some, and brings every change once, in the order of the node's
 * log.
 *
 * Each event has its place in that log. Whoever keeps the place of the last
 * event it has dealt with goes on there after its own end, without gap or
 * repeat.
 *
 * Events wait in a queue that is bounded in number and bytes. While it is full
 * nothing more is read (the connection may hold another megabyte): the node
 * waits, and cuts off who reads much too slowly, which the watch mends by itself.
 * Nothing is left out.
 *
 * Threads: any thread. Events come to a callback, run as those of cpts/async.h
 * (the client's event thread, or cpts_client_events_run(); one after the other,
 * never under a lock), or wait for cpts_watch_next().
 */

#include <cpts/client.h>
#include <cpts/registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A stream of events. It lasts until it is closed, even after its client. */
typedef struct cpts_watch cpts_watch;

/** What an event tells. */
enum cpts_watch_kind {
    /** One change of one CPTS. */
    CPTS_WATCH_CHANGE = 1,
    /** Everything up to here was told, or is about another region; comes when
     * the watch has caught up, then every few seconds while nothing happens. */
    CPTS_WATCH_BOOKMARK = 2,
    /** The stream is broken and could not be taken up at once; it is tried again
     * and again. Only for people: nothing is lost. */
    CPTS_WATCH_INTERRUPTION = 3
};

/** One event. Texts live as long as it; those that say nothing are empty. */
struct cpts_watch_event {
    enum cpts_watch_kind kind;
    /** Place in the node's log, from 1 (0: before the first change). To be kept
     * once the event was dealt with: it is what `after_position` wants. */
    int64_t log_position;
    /** When the change was recorded, when the node saw that the log ends here,
     * when the stream broke. */
    int64_t instant_us;

    /* Of a change. */
    const char *id;
    /** Version of the CPTS after it. */
    int32_t version;
    /** `CPTS_CREATED`, `CPTS_UPDATED`, `CPTS_STAGE_RECORDED`,
     * `CPTS_TERRITORY_SET`, `CPTS_STAGES_CORRECTED`,
     * `CPTS_TERRITORY_CORRECTED`, `CPTS_CLOCK_DUE` and what else WatchCpts names;
     * more may come. The JSON of the event has all that it tells. */
    const char *change;
    /** INSEE code of the lead region, as it was then. */
    const char *lead_region;
    /** CREATED, UPDATED: the fields that were given; NULL = was not. */
    const char *name;
    const char *finess;
    const char *website;
    /** CREATED, STAGES_CORRECTED: the history; STAGE_RECORDED: the stage entered. */
    const struct cpts_stage_entry *stages;
    size_t stage_count;
    /** CREATED, TERRITORY_SET, TERRITORY_CORRECTED: the whole territory, without
     * names. */
    const struct cpts_territory_unit *territory;
    size_t unit_count;
    /** TERRITORY_SET, TERRITORY_CORRECTED: the date from which it is valid; of
     * the latter the first date after the period, or empty. CLOCK_DUE: the due date. */
    const char *effective_on;
    const char *effective_to;
    /** STAGES_CORRECTED, TERRITORY_CORRECTED: why, and what proves it. */
    const char *correction;
    const char *evidence;
    /** CREATED: demonstration data. */
    bool synthetic;

    /* Of an interruption: what broke it. */
    const char *reason;
    const char *sentence;

    /** The library's own. */
    const void *message;
};

/** Most events that wait, and most bytes of their messages, when none are given
 * and at most; of a client, most watches that are open. */
#define CPTS_WATCH_EVENTS_DEFAULT 1024
#define CPTS_WATCH_EVENTS_MAX 65536
#define CPTS_WATCH_BYTES_DEFAULT (4 * 1024 * 1024)
#define CPTS_WATCH_BYTES_MAX (64 * 1024 * 1024)
#define CPTS_WATCH_COUNT_MAX 64

/** Takes an event: yours, to be released with cpts_watch_event_free(), at any
 * time and on any thread. The last call has none (NULL), and says in @p err why
 * the watch ended: what `cpts_watch_next()` would return. */
typedef void cpts_watch_callback(cpts_watch *watch, struct cpts_watch_event *event,
                                 const struct cpts_error *err, void *data);

/** What to watch. Zero everywhere but in `size` = everything from the first
 * change on, to be taken with cpts_watch_next(). */
struct cpts_watch_options {
    size_t size;
    /** Place after which to begin; 0 = from the first change. */
    int64_t after_position;
    /** Only what happens from now on: from the first bookmark on nothing is
     * missed. With `after_position` refused. */
    bool from_now;
    /** INSEE code of a lead region; NULL or empty = all. */
    const char *region;
    /** 1..CPTS_WATCH_EVENTS_MAX, 0 = the default. */
    int32_t events_max;
    /** 1..CPTS_WATCH_BYTES_MAX, 0 = the default. One event more may wait. */
    int32_t bytes_max;
    /** After so long without any word from the node the stream is taken up
     * again, milliseconds; 0 = 60,000. Bookmarks come more often. */
    int32_t silence_max_ms;
    /** End the watch when the node could not be reached for so long,
     * milliseconds; 0 = go on trying. */
    int32_t give_up_ms;
    /** NULL: events wait for cpts_watch_next(). */
    cpts_watch_callback *callback;
    void *data;
    /** Run with `data`, once: after the last callback, on the same thread;
     * without a callback by cpts_watch_close(). NULL = nothing. */
    void (*release)(void *data);
};

/**
 * Begins to watch; without waiting for the network.
 *
 * @param options  NULL = all zero.
 * @param ret_watch  Close it with cpts_watch_close(). A callback may run before
 *                   it is set.
 * @return CPTS_OK: begun, and `release` will run · INVALID_ARGUMENT /
 *         ARGUMENT_INVALID · RESOURCE_EXHAUSTED / TOO_MANY_CALLS: the client has
 *         CPTS_WATCH_COUNT_MAX of them · RESOURCE_EXHAUSTED / OUT_OF_MEMORY ·
 *         FAILED_PRECONDITION / CLIENT_CLOSING.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_watch_open(cpts_client *client,
                                                     const struct cpts_watch_options *options,
                                                     cpts_watch **ret_watch,
                                                     struct cpts_error *err);

/**
 * Takes the next event, waiting for it at most @p timeout_ms (0 = not at all,
 * -1 = for ever). Several threads may; each event goes to one of them.
 *
 * @param ret_event  To be released with cpts_watch_event_free().
 * @return CPTS_OK · DEADLINE_EXCEEDED / DEADLINE_PASSED: none came in time; go
 *         on · INVALID_ARGUMENT / ARGUMENT_INVALID: the watch has a callback.
 *         And the end, once all that came before was taken, every time:
 *         OUT_OF_RANGE / POSITION_AHEAD: the node's log does not reach that
 *         place (`detail`: its end): it is another node's, or the database was
 *         put back: begin again from 0 · INVALID_ARGUMENT / UNKNOWN_REGION ·
 *         PERMISSION_DENIED / UNKNOWN_IDENTITY, ROLE_NOT_ALLOWED ·
 *         UNAUTHENTICATED / NO_IDENTITY, CERTIFICATE_REVOKED ·
 *         CANCELLED / CANCELLED: the client was closed · after `give_up_ms`
 *         UNAVAILABLE / CONNECTION_FAILED and its like.
 */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_watch_next(cpts_watch *watch, int32_t timeout_ms,
                                                     struct cpts_watch_event **ret_event,
                                                     struct cpts_error *err);

/** A descriptor that poll() finds readable while cpts_watch_next() has something
 * to return, the end included. Only for that.
 * @return -1 when the watch has a callback (see cpts_client_event_fd()). */
CPTS_API int cpts_watch_event_fd(const cpts_watch *watch);

/** Place of the last event that was handed over; `after_position` before the
 * first, or -1 for `from_now`. */
CPTS_API int64_t cpts_watch_position(cpts_watch *watch);

/**
 * Ends a watch, without waiting; also one that has ended by itself, and from its
 * own callback. What waits is not handed over any more. With a callback, that
 * runs once more, soon and not from here, with CANCELLED / CANCELLED or what had
 * ended the watch before, unless its last call has been. The watch must not be
 * used any more; no thread may be in cpts_watch_next(). NULL is fine.
 *
 * cpts_client_close() ends the watches of its client: callbacks are given what
 * waits, within its deadline, then the end (CANCELLED / CANCELLED); without a
 * callback both can still be taken. They must be closed nevertheless, before or
 * after.
 */
CPTS_API void cpts_watch_close(cpts_watch *watch);

/** The event as proto3 JSON (`cpts.v1.WatchCptsResponse`); of an interruption
 * `{"interruption":{"logPosition":"…","reason":"…","message":"…"}}`. NULL when
 * memory is out. @param indent_spaces  0 = one line. Free with
 * cpts_string_free(). */
CPTS_API char *cpts_watch_event_json(const struct cpts_watch_event *event, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_watch_event_free(struct cpts_watch_event *event);

#ifdef __cplusplus
}
#endif
#endif
