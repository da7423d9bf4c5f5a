/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_REFERRAL_ATTACH_H
#define TOOL_REFERRAL_ATTACH_H

/**
 * @file
 * Attachments of a referral on their way out: sealed and kept in the folder of what
 * was sealed until the node has all of them, so that a broken transfer goes on.
 *
 * Threads: one thread at a time.
 */

#include <cpts/attachment.h>

#include "referral_run.h"

/** Seals and keeps every --attach FILE, and mentions them in @p text.
 * @param ret_whole  Release with cpts_text_free(). @return an exit code. */
int referral_attach_mention(struct referral_run *run, const char *referral_id,
                            struct cpts_bytes text, struct cpts_text **ret_whole);

/** Sends what is missing of the attachments that are kept, and forgets them then.
 * @return an exit code. */
int referral_attach_upload(struct referral_run *run, const char *referral_id);

#endif
