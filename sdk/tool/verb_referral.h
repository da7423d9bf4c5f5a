/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_VERB_REFERRAL_H
#define TOOL_VERB_REFERRAL_H

/**
 * @file
 * The verbs about referrals, and what several of them do.
 *
 * Threads: one thread at a time.
 */

#include "referral_run.h"

/** The sealed note of --note and --attach, from malloc; none without them. It is
 * kept by its command_id, and read from there when that command is repeated. */
int verb_referral_note(struct referral_run *run, struct cpts_bytes *ret_note);

/** What is sealed for recipients. */
struct referral_wrapping {
    struct referral_run *run;
    /** Keys to open with in place of the own ones, or NULL. */
    const cpts_keystore *former;
    struct cpts_sealed_recipient *recipients;
    size_t recipient_count;
    /** By verb_referral_wrap(). */
    struct cpts_sealed_letter *letter;
    struct cpts_wraps *wraps;
};

/** Seals the keys as cpts_letter_wrap(), and fills the hashes in @p turn: with
 * the seal alone where these keys made it, else with those that are
 * wrapped for them, which come with the content.
 * @return as cpts_letter_fetch() and cpts_letter_wrap(). */
cpts_status verb_referral_wrap(struct referral_wrapping *wrapping, struct cpts_referral_turn *turn,
                               struct cpts_error *err);

/** Releases what verb_referral_wrap() made. */
void verb_referral_wrap_end(struct referral_wrapping *wrapping);

/** What a step is about: of the attempt named or active, or of the referral. A
 * version that is given stays. */
void verb_referral_aim(const struct referral_run *run, enum cpts_referral_event event,
                       const char **ret_referral_id, const char **ret_assignment_id,
                       int32_t *version);

int verb_referral_find(struct session *session, const struct arguments *arguments);
int verb_referral_submit(struct session *session, const struct arguments *arguments);
int verb_referral_list(struct session *session, const struct arguments *arguments);
int verb_referral_show(struct session *session, const struct arguments *arguments);
int verb_referral_act(struct session *session, const struct arguments *arguments);
int verb_referral_turn(struct session *session, const struct arguments *arguments);
int verb_referral_rewrap(struct session *session, const struct arguments *arguments);
int verb_referral_consent(struct session *session, const struct arguments *arguments);
int verb_referral_erase(struct session *session, const struct arguments *arguments);
int verb_referral_opt_in(struct session *session, const struct arguments *arguments);
int verb_referral_parked(struct session *session, const struct arguments *arguments);
int verb_referral_reasons(struct session *session, const struct arguments *arguments);
int verb_referral_statistics(struct session *session, const struct arguments *arguments);
int verb_referral_unmet(struct session *session, const struct arguments *arguments);
int verb_referral_watch(struct session *session, const struct arguments *arguments);
int verb_referral_attach(struct session *session, const struct arguments *arguments);
int verb_referral_fetch(struct session *session, const struct arguments *arguments);

#endif
