/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_SESSION_H
#define TOOL_SESSION_H

/**
 * @file
 * One run of cptsctl: how to print, whom to ask, how to fail.
 *
 * Threads: one thread at a time, except `client`.
 */

#include <cpts/outbox.h>

#include "arguments.h"
#include "profile.h"
#include "terminal.h"

enum form { FORM_OWN, FORM_IS_JSON, FORM_IS_CSV, FORM_IS_PLAIN };

struct session {
    struct terminal terminal;
    enum form form;
    bool is_quiet;
    /** Deadline of a call, milliseconds; 0 = not given. */
    int32_t timeout_ms;
    /** Set by session_connect(). */
    struct profile profile;
    cpts_client *client;
    /** Of the profile; NULL when it names none. */
    cpts_outbox *outbox;
};

/** Reads the options every command has.
 * @return EXIT_CODE_OK, or EXIT_CODE_USAGE after saying what is wrong. */
int session_begin(struct session *session, const struct arguments *arguments);

/** Finds the profile and makes the client.
 * @param retry_max  As struct cpts_client_options; 0 = the default.
 * @return EXIT_CODE_OK, or another after saying what is wrong. */
int session_connect(struct session *session, const struct arguments *arguments, int32_t retry_max);

/** Its two steps, which say nothing: finds the profile's path (false when it is
 * nowhere said), reads it and makes the client. */
bool session_locate(struct session *session, const struct arguments *arguments);
CPTS_MUST_CHECK cpts_status session_open(struct session *session, int32_t retry_max,
                                         struct cpts_error *err);

void session_end(struct session *session);

/** Says on stderr that the words are wrong, and where help is.
 * @return EXIT_CODE_USAGE. */
__attribute__((format(printf, 2, 3))) int usage_error(const struct command_row *command,
                                                      const char *format, ...);

/** Remarks on stderr that nothing was found as known at an instant: a report of
 * zeros would else look like a fact. Silent for 0, the present. */
void session_remark_unknown(const struct session *session, int64_t known_at_us);

/** Prints JSON on stdout and releases it. @return EXIT_CODE_OK, or
 * EXIT_CODE_ERROR for NULL (memory is out). */
int print_json(char *text);

#endif
