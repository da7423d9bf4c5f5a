/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_REFERRAL_WATCH_H
#define CPTS_REFERRAL_WATCH_H

/**
 * @file
 * What happens to the referrals in which the caller takes part, as it happens: a
 * watch as those of cpts/watch.h, which goes on by itself, brings every step once
 * and in order, and is closed and asked for its place with the same functions.
 *
 * An event says that something happened and what; cpts_referral_get() says the
 * rest. The audit trail has one entry for each stream.
 *
 * Threads: as cpts/watch.h.
 */

#include <cpts/referral.h>
#include <cpts/watch.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One event. Texts live as long as it; those that say nothing are empty. */
struct cpts_referral_news {
    enum cpts_watch_kind kind;
    /** As in struct cpts_watch_event. */
    int64_t log_position;
    int64_t instant_us;

    /* Of a change. */
    const char *referral_id;
    /** Version of the referral after it. */
    int32_t version;
    /** UNSPECIFIED with the erasure of the sealed parts, or a step newer than this
     * library. */
    enum cpts_referral_event event;
    /** Empty for a step of the referral itself. */
    const char *assignment_id;
    /** 1..3, with OVERDUE. */
    int32_t overdue_level;
    /** Its sealed parts were destroyed. */
    bool erased;

    /* Of an interruption: what broke it. */
    const char *reason;
    const char *sentence;

    /** The library's own. */
    const void *message;
};

/** As cpts_watch_callback. */
typedef void cpts_referral_watch_callback(cpts_watch *watch, struct cpts_referral_news *news,
                                          const struct cpts_error *err, void *data);

struct cpts_referral_watch_options {
    size_t size;
    /** Required. */
    const struct cpts_actor *actor;
    /** Where to begin, what waits at most, for how long; without region and
     * callback, which are refused. NULL = all zero. */
    const struct cpts_watch_options *pace;
    /** NULL: events wait for cpts_referral_watch_next(). `data` and `release` are
     * those of `pace`. */
    cpts_referral_watch_callback *callback;
};

/** As cpts_watch_open(); INVALID_ARGUMENT / ACTOR_INVALID comes as the watch's end. */
CPTS_API CPTS_MUST_CHECK cpts_status
cpts_referral_watch_open(cpts_client *client, const struct cpts_referral_watch_options *options,
                         cpts_watch **ret_watch, struct cpts_error *err);

/** As cpts_watch_next(), which does not take these. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_watch_next(cpts_watch *watch, int32_t timeout_ms,
                                                              struct cpts_referral_news **ret_news,
                                                              struct cpts_error *err);

/** As cpts_watch_event_json() (`cpts.v1.WatchReferralsResponse`). */
CPTS_API char *cpts_referral_news_json(const struct cpts_referral_news *news, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_referral_news_free(struct cpts_referral_news *news);

#ifdef __cplusplus
}
#endif
#endif
