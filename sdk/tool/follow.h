/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FOLLOW_H
#define TOOL_FOLLOW_H

/**
 * @file
 * Following a watch line by line: where to begin, the position file, signals, the
 * end. What is watched, and how it is printed, is a subject.
 *
 * Threads: one thread at a time.
 */

#include <cpts/watch.h>

#include "arguments.h"
#include "session.h"

/** What every event has, and the event itself. */
struct follow_event {
    const void *own;
    enum cpts_watch_kind kind;
    int64_t log_position;
    int64_t instant_us;
    /** Of an interruption. */
    const char *reason;
    const char *sentence;
};

struct follow_subject {
    /** Reads the options of its own and connects. @return an exit code. */
    int (*begin)(struct session *session, const struct arguments *arguments, void *context);
    cpts_status (*open)(cpts_client *client, const struct cpts_watch_options *options,
                        void *context, cpts_watch **ret_watch, struct cpts_error *err);
    cpts_status (*next)(cpts_watch *watch, int32_t timeout_ms, void **ret_event,
                        struct cpts_error *err);
    struct follow_event (*describe)(const void *event);
    char *(*json)(const void *event, int indent_spaces);
    /** A line for people, of a change; tab-separated fields, of any event. */
    void (*print_change)(const void *event);
    void (*print_plain)(const struct follow_event *event);
    void (*free_event)(void *event);
};

/** Follows until the end that the options say, or Ctrl-C. @return an exit code. */
int follow_run(struct session *session, const struct arguments *arguments,
               const struct follow_subject *subject, void *context);

/** Prints an instant. */
void follow_print_instant(int64_t instant_us);

/** `change`, `bookmark` or `interruption`. Static text. */
const char *follow_kind_name(enum cpts_watch_kind kind);

#endif
