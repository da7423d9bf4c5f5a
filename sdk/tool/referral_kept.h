/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_REFERRAL_KEPT_H
#define TOOL_REFERRAL_KEPT_H

/**
 * @file
 * Sealed commands on the disk: kept before the first byte leaves, sent again after a
 * lost answer as the same bytes. Sealing again would give others.
 *
 * Threads: one thread at a time.
 */

#include <cpts/submission.h>
#include <limits.h>

#include "referral_run.h"

struct referral_kept {
    struct referral_run *run;
    /** Where it is; empty before it is kept. */
    char path[PATH_MAX];
};

/** A cpts_submission_keeper; @p data is a struct referral_kept. A submission is named
 * after its referral, another command after its command_id; the end of the name is the
 * verb. FAILED_PRECONDITION / CONFIGURATION_INVALID. */
cpts_status referral_kept_keep(const struct cpts_submission *submission, void *data,
                               struct cpts_error *err);

/** As referral_run_finish(), and says how to send it again when it is not known whether
 * it arrived. */
int referral_kept_finish(const struct referral_kept *kept, cpts_status status, const char *what,
                         struct cpts_referral_outcome *outcome, const struct cpts_error *err);

/** Sends what was kept once more: --again, or what is kept under --command-id.
 * @param ret_referral_id  Whose; NULL = not asked for.
 * @return true when there is such a thing: @p ret_code is how it ended. */
bool referral_kept_again(struct referral_run *run, const char *what,
                         char ret_referral_id[CPTS_UUID_TEXT_BYTES], int *ret_code);

#endif
