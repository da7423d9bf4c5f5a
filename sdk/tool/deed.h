/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_DEED_H
#define TOOL_DEED_H

/**
 * @file
 * What every verb that changes something shares: the version it was decided on,
 * its id, how its outcome is told.
 *
 * Threads: one thread at a time.
 */

#include <cpts/command.h>

#include "arguments.h"
#include "session.h"

/** A command of this run, from its options to its outcome. */
struct deed {
    /** Past participle for the outcome's line. */
    const char *what;
    /** The CPTS; NULL for a creation. */
    const char *id;
    /** Version it was decided on; 0 for a creation. */
    int32_t version;
    uint8_t command_id[CPTS_UUID_BYTES];
    struct cpts_outcome *outcome;
};

/** Says that an option is missing. @return EXIT_CODE_USAGE. */
int deed_missing(const struct arguments *arguments, const char *option);

/** --version, or the version the node has now. @return an exit code. */
int deed_version(struct session *session, const struct arguments *arguments, const char *id,
                 int32_t *ret_version);

/** A repeated command must be the same to the byte: --command-id needs
 * --version. @return EXIT_CODE_OK, or EXIT_CODE_USAGE after saying so. */
int deed_check_repetition(const struct arguments *arguments);

/** Prints outcome or failure, warnings on stderr, and releases the outcome.
 * @return an exit code. */
int deed_finish(const struct session *session, cpts_status status, const struct deed *deed,
                const struct cpts_error *err);

#endif
