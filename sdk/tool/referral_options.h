/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_REFERRAL_OPTIONS_H
#define TOOL_REFERRAL_OPTIONS_H

/**
 * @file
 * Option rows that the commands about referrals share.
 *
 * Threads: constants.
 */

#include "verb_referral.h"

/* clang-format off */
#define EXAMPLE_ID "0193f1a2-5a7e-7000-8000-2f3b5c1d9e40"
#define ACTOR_WORDS \
    {"rpps",     "NUMBER", false, "On whose behalf: RPPS number (profile)"}, \
    {"as",       "CODE",   false, "Profession of that number (profile)"}, \
    {"function", "TEXT",   false, "Without a RPPS number: the function, no name"}, \
    {"purpose",  "NAME",   false, "care, coordination, desk, maintenance (care)"}
#define KEY_WORDS \
    {"store",    "FILE",   false, "Own keys (profile)"}, \
    {"passphrase-file", "FILE", false, "What unlocks them, first line (asked)"}
#define KEEP {"keep", "DIR", false, "Where what was sealed is kept (sent, by the profile)"}
#define AGAIN {"again", "FILE", false, "Send what was kept once more, nothing else"}
#define ATTACH {"attach", "FILE", true, "Attach a file, up to 10 MB; 5 at most"}
#define ATTEMPT {"assignment", "ID", false, "The attempt meant (the active one)"}
#define REASON(required) {"reason", "CODE", false, "Code, see referral reasons" required}
#define NOTE_WORDS(required) \
    {"note",     "FILE",   false, "Text for the other side; - = stdin" required}, \
    ATTACH, KEEP, KEY_WORDS
#define ACT_WORDS \
    {"queued",   NULL,     false, "It waited offline: too late, it is parked"}, \
    VERSION, COMMAND_ID, ACTOR_WORDS
#define CONSENT_WORDS \
    {"consent-by", "WHO", false, "PATIENT, LEGAL_REPRESENTATIVE, TRUSTED_PERSON"}, \
    {"consent-on", "DATE", false, "When it was given"}, \
    {"consent-form", "FORM", false, "ORAL, WRITTEN, ELECTRONIC"}, \
    {"consent-scope", "TEXT", false, "What for, without identity"}
#define USE_CASE_WORD(what) {"use-case", "NAME", false, "snp, medecin-traitant, parcours" what}
/* clang-format on */

#endif
