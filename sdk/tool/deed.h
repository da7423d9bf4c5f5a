/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_DEED_H
#define TOOL_DEED_H

/**
 * @file
 * A command of this run, from its options to its outcome: what the verbs that
 * change something share. What is wrong is said here; all return an exit code.
 *
 * Threads: one thread at a time.
 */

#include <cpts/command.h>

#include "arguments.h"
#include "session.h"

/** Most --document of one command. */
#define DEED_DOCUMENTS_MAX 20

struct deed {
    /** Past participle for the outcome's line. */
    const char *what;
    /** The CPTS; NULL for a creation. */
    const char *id;
    /** Version it was decided on; 0 for a creation. */
    int32_t version;
    uint8_t command_id[CPTS_UUID_BYTES];
    struct cpts_outcome *outcome;
    /** The outcome names what was made (a document, a filing). */
    bool makes_id;
};

/** Says that an option is missing. @return EXIT_CODE_USAGE. */
int deed_missing(const struct arguments *arguments, const char *option);

/** A repeated command must be the same to the byte: it needs its version too. */
int deed_check(const struct arguments *arguments);

/** --version, or the version the node has now. */
int deed_version(struct session *session, const struct arguments *arguments, const char *id,
                 int32_t *ret_version);

/** Reads the first operand (an id) and --command-id, connects and settles the
 * version. @param ret_id, ret_version  Also in the deed. */
int deed_begin(struct session *session, const struct arguments *arguments, struct deed *deed,
               const char **ret_id, int32_t *ret_version);

/** A required --on. */
int deed_date(const struct arguments *arguments, const char **ret_date);

/** Every --document ID, checked; room for DEED_DOCUMENTS_MAX. */
int deed_documents(const struct arguments *arguments, const char **ret_ids, size_t *ret_count);

/** Prints the outcome, or why there is none, and releases it. */
int deed_finish(const struct session *session, cpts_status status, const struct deed *deed,
                const struct cpts_error *err);

#endif
