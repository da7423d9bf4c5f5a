/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_DEED_H
#define TOOL_DEED_H

/**
 * @file
 * A command of this run, from its options to its outcome.
 *
 * Threads: one thread at a time.
 */

#include <cpts/command.h>

#include "session.h"

struct deed {
    /** Past participle for the outcome's line. */
    const char *what;
    /** The CPTS; NULL when the outcome's own id is told. */
    const char *id;
    /** Version it was decided on; 0 for a creation. */
    int32_t version;
    uint8_t command_id[CPTS_UUID_BYTES];
    struct cpts_outcome *outcome;
};

/** Says that a required option is missing. @return EXIT_CODE_USAGE. */
int deed_missing(const struct arguments *arguments, const char *option);

/** A repeated command must be the same to the byte: --command-id needs
 * --version too. @return EXIT_CODE_OK or EXIT_CODE_USAGE. */
int deed_check_repetition(const struct arguments *arguments);

/** --version, or the version the node has now.
 * @return EXIT_CODE_OK, or another after saying what is wrong. */
int deed_version(struct session *session, const struct arguments *arguments, const char *id,
                 int32_t *ret_version);

/** Says how the command ended and releases its outcome.
 * @return an enum exit_code. */
int deed_finish(const struct session *session, cpts_status status, const struct deed *deed,
                const struct cpts_error *err);

#endif
