/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_REFERRAL_RUN_H
#define TOOL_REFERRAL_RUN_H

/**
 * @file
 * One run of a verb about referrals: on whose behalf, which referral, with whose
 * keys. What is wrong is said here; all return an exit code.
 *
 * Threads: one thread at a time.
 */

#include <cpts/letter.h>
#include <cpts/referral_act.h>

#include "arguments.h"
#include "session.h"

struct referral_run {
    struct session *session;
    const struct arguments *arguments;
    struct cpts_actor actor;
    /** Id of the referral, the first operand; NULL for verbs about none. */
    const char *id;
    uint8_t command_id[CPTS_UUID_BYTES];
    /** --assignment, --version and --reason; NULL and 0 when not given. */
    const char *assignment_id;
    int32_t version;
    const char *reason;
    /** By referral_run_see(). */
    struct cpts_referral *seen;
    /** By referral_run_unlock(). */
    cpts_keystore *store;
};

/** Reads who asks (--rpps, --profession, --function, --purpose, else the profile)
 * and what the verb's options say, and connects. Ends with referral_run_end(). */
int referral_run_begin(struct referral_run *run, struct session *session,
                       const struct arguments *arguments);

/** Reads the referral from the node. */
int referral_run_see(struct referral_run *run);

/** Opens the own keys. */
int referral_run_unlock(struct referral_run *run);

/** Prints what an act did, or why not, and releases the outcome. @param what  A past
 * participle. */
int referral_run_finish(const struct referral_run *run, cpts_status status, const char *what,
                        struct cpts_referral_outcome *outcome, const struct cpts_error *err);

/** The folder where what was sealed is kept: --keep, else `sent` beside the profile.
 * @return false when its name is too long. */
bool referral_run_folder(const struct referral_run *run, char ret_folder[PATH_MAX]);

/** Releases all. */
void referral_run_end(struct referral_run *run);

#endif
