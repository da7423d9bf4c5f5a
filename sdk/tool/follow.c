/* SPDX-License-Identifier: Apache-2.0 */
#include "follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cursor_file.h"
#include "failure.h"
#include "input.h"

/* Lines that a kill may have printed again, when the position is kept. */
#define KEEP_EVERY 256
#define NO_LIMIT 0

struct follow {
    const struct session *session;
    const struct follow_subject *subject;
    cpts_watch *watch;
    /** NULL = the position is not kept. */
    const char *path;
    int signal_fd;
    int32_t count_max;
    bool ends_at_bookmark;
    int64_t change_count;
    int64_t kept_position;
    int unkept_count;
    bool is_caught_up;
    bool is_done;
};

void follow_print_instant(int64_t instant_us)
{
    char text[CPTS_INSTANT_TEXT_BYTES];
    cpts_instant_format(instant_us, text);
    fputs(text, stdout);
}

const char *follow_kind_name(enum cpts_watch_kind kind)
{
    static const char *const KINDS[] = {[CPTS_WATCH_CHANGE] = "change",
                                        [CPTS_WATCH_BOOKMARK] = "bookmark",
                                        [CPTS_WATCH_INTERRUPTION] = "interruption"};
    return KINDS[kind];
}

/* What is not a change is a remark to people. */
static void remark(struct follow *follow, const struct follow_event *event)
{
    if (follow->session->is_quiet)
        return;
    if (event->kind == CPTS_WATCH_INTERRUPTION)
        fprintf(stderr, "cptsctl: %s: %s\n  next:   trying again; nothing is lost\n", event->reason,
                event->sentence);
    else if (!follow->is_caught_up)
        fprintf(stderr, "cptsctl: up to date at position %lld\n", (long long)event->log_position);
}

static int print_event(struct follow *follow, const struct follow_event *event)
{
    switch (follow->session->form) {
    case FORM_IS_JSON:
        return print_json(follow->subject->json(event->own, 0));
    case FORM_IS_PLAIN:
        follow->subject->print_plain(event);
        break;
    case FORM_IS_CSV:
    case FORM_OWN:
        if (event->kind == CPTS_WATCH_CHANGE)
            follow->subject->print_change(event->own);
        else
            remark(follow, event);
        break;
    }
    return EXIT_CODE_OK;
}

/* Keeps the position, once all that it stands for has left this process. */
static int keep(struct follow *follow)
{
    int64_t position = cpts_watch_position(follow->watch);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "cptsctl: cannot write: %s\n", strerror(errno));
        return EXIT_CODE_ERROR;
    }
    follow->unkept_count = 0;
    if (follow->path == NULL || position == follow->kept_position || position < 0)
        return EXIT_CODE_OK;
    if (cursor_file_write(follow->path, position) != CURSOR_OK) {
        fprintf(stderr, "cptsctl: the position cannot be kept in %s: %s\n", follow->path,
                strerror(errno));
        return EXIT_CODE_ERROR;
    }
    follow->kept_position = position;
    return EXIT_CODE_OK;
}

static int deal_with(struct follow *follow, const struct follow_event *event)
{
    int code = print_event(follow, event);
    follow->is_caught_up = event->kind == CPTS_WATCH_BOOKMARK;
    follow->change_count += event->kind == CPTS_WATCH_CHANGE;
    follow->is_done = (follow->is_caught_up && follow->ends_at_bookmark) ||
                      (follow->count_max != NO_LIMIT && follow->change_count >= follow->count_max);
    if (code == EXIT_CODE_OK && ++follow->unkept_count >= KEEP_EVERY)
        code = keep(follow);
    return code;
}

/* Deals with all that waits. */
static int drain(struct follow *follow)
{
    struct cpts_error err;
    void *own = NULL;
    cpts_status status = CPTS_OK;
    int code = EXIT_CODE_OK;
    while (code == EXIT_CODE_OK && !follow->is_done &&
           (status = follow->subject->next(follow->watch, 0, &own, &err)) == CPTS_OK) {
        struct follow_event event = follow->subject->describe(own);
        code = deal_with(follow, &event);
        follow->subject->free_event(own);
    }
    int kept = keep(follow);
    if (code != EXIT_CODE_OK || kept != EXIT_CODE_OK)
        return code != EXIT_CODE_OK ? code : kept;
    if (status == CPTS_OK || strcmp(err.reason, "DEADLINE_PASSED") == 0)
        return EXIT_CODE_OK;
    follow->is_done = true;
    return failure_print(&err);
}

static void say_where(const struct follow *follow)
{
    long long position = (long long)cpts_watch_position(follow->watch);
    if (follow->path != NULL)
        fprintf(stderr, "cptsctl: stopped after position %lld; go on with the same command\n",
                position);
    else if (position >= 0)
        fprintf(stderr, "cptsctl: stopped; go on with --after %lld\n", position);
}

static int follow_on(struct follow *follow)
{
    struct pollfd events[2] = {{.fd = cpts_watch_event_fd(follow->watch), .events = POLLIN},
                               {.fd = follow->signal_fd, .events = POLLIN}};
    int code = EXIT_CODE_OK;
    while (code == EXIT_CODE_OK && !follow->is_done) {
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return EXIT_CODE_ERROR;
        if (events[1].revents != 0) {
            say_where(follow);
            break;
        }
        code = drain(follow);
    }
    return code;
}

/* Where to begin: the file, if it is there, else what the words say. */
static int read_start(const struct arguments *arguments, struct follow *follow,
                      struct cpts_watch_options *options)
{
    int64_t position = 0;
    options->from_now = arguments_has(arguments, "from-now");
    if (arguments_has(arguments, "after") && options->from_now)
        return usage_error(arguments->command, "only one of --after and --from-now");
    int code = input_position(arguments, "after", &position);
    if (code != EXIT_CODE_OK)
        return code;
    follow->path = arguments_value(arguments, "position-file");
    follow->kept_position = -1;
    if (follow->path != NULL) {
        enum cursor_result result = cursor_file_read(follow->path, &position);
        if (result == CURSOR_FAILED || result == CURSOR_MALFORMED) {
            fprintf(stderr, "cptsctl: %s: %s\n", follow->path,
                    result == CURSOR_FAILED ? strerror(errno) : "that is not a log position");
            return EXIT_CODE_ERROR;
        }
        if (result == CURSOR_OK)
            options->from_now = false;
    }
    options->after_position = options->from_now ? 0 : position;
    return EXIT_CODE_OK;
}

static int catch_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int follow_run(struct session *session, const struct arguments *arguments,
               const struct follow_subject *subject, void *context)
{
    struct cpts_error err;
    struct follow follow = {.session = session,
                            .subject = subject,
                            .ends_at_bookmark = arguments_has(arguments, "until-bookmark")};
    struct cpts_watch_options options = {.size = sizeof options, .give_up_ms = session->timeout_ms};
    int code = read_start(arguments, &follow, &options);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "count", 1, INT32_MAX, &follow.count_max);
    if (code != EXIT_CODE_OK)
        return code;
    /* Before the library has threads, which would take the signals. */
    follow.signal_fd = catch_signals();
    code = subject->begin(session, arguments, context);
    if (code == EXIT_CODE_OK &&
        subject->open(session->client, &options, context, &follow.watch, &err) != CPTS_OK)
        code = failure_print(&err);
    if (code == EXIT_CODE_OK)
        code = follow_on(&follow);
    cpts_watch_close(follow.watch);
    close(follow.signal_fd);
    return code;
}
