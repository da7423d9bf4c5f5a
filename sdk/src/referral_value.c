/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/referral_value.h>
#include <ctype.h>
#include <string.h>

#include "wire/referral_step.h"

#define LENGTH(names) ((int)(sizeof(names) / sizeof(names)[0]))
#define WORD_BYTES 40

static const char *const USE_CASES[] = {"", "SNP", "MEDECIN_TRAITANT", "PARCOURS"};
static const char *const URGENCIES[] = {"", "VITAL", "WITHIN_24H", "PRIORITY", "ROUTINE"};
static const char *const LEGAL_BASES[] = {"", "ECHANGE", "PARTAGE"};
static const char *const PARTIES[] = {"", "ORIGIN", "DESTINATION", "SERVER", "DESK"};
static const char *const PURPOSES[] = {"", "CARE", "COORDINATION", "DESK", "MAINTENANCE"};

static const char *name_at(const char *const *names, int count, int at)
{
    return at >= 0 && at < count ? names[at] : "";
}

/* The word as the tables write it; "" for what is longer than all of them. */
static void fold(const char *text, char ret_word[WORD_BYTES])
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length >= WORD_BYTES)
        length = 0;
    for (size_t i = 0; i < length; i++)
        ret_word[i] =
            (char)(text[i] == '-' || text[i] == ' ' ? '_' : toupper((unsigned char)text[i]));
    ret_word[length] = '\0';
}

/* The number of a name, 0 when there is none. */
static int find(const char *const *names, int count, const char *text)
{
    char word[WORD_BYTES];
    fold(text, word);
    for (int number = 1; number < count; number++) {
        if (strcmp(names[number], word) == 0)
            return number;
    }
    return 0;
}

const char *cpts_use_case_name(enum cpts_use_case use_case)
{
    return name_at(USE_CASES, LENGTH(USE_CASES), (int)use_case);
}

const char *cpts_urgency_name(enum cpts_urgency urgency)
{
    return name_at(URGENCIES, LENGTH(URGENCIES), (int)urgency);
}

const char *cpts_legal_basis_name(enum cpts_legal_basis basis)
{
    return name_at(LEGAL_BASES, LENGTH(LEGAL_BASES), (int)basis);
}

const char *cpts_referral_status_name(enum cpts_referral_status status)
{
    return referral_status_code((int)status);
}

const char *cpts_assignment_state_name(enum cpts_assignment_state state)
{
    return assignment_state_code((int)state);
}

const char *cpts_referral_event_name(enum cpts_referral_event event)
{
    return referral_event_code((int)event);
}

const char *cpts_party_name(enum cpts_party party)
{
    return name_at(PARTIES, LENGTH(PARTIES), (int)party);
}

const char *cpts_referral_clock_name(enum cpts_referral_clock_kind kind)
{
    return referral_clock_code((int)kind);
}

const char *cpts_purpose_name(enum cpts_purpose purpose)
{
    return name_at(PURPOSES, LENGTH(PURPOSES), (int)purpose);
}

bool cpts_use_case_parse(const char *text, enum cpts_use_case *ret_use_case)
{
    int number = find(USE_CASES, LENGTH(USE_CASES), text);
    if (number > 0)
        *ret_use_case = (enum cpts_use_case)number;
    return number > 0;
}

bool cpts_urgency_parse(const char *text, enum cpts_urgency *ret_urgency)
{
    int number = find(URGENCIES, LENGTH(URGENCIES), text);
    if (number > 0)
        *ret_urgency = (enum cpts_urgency)number;
    return number > 0;
}

bool cpts_legal_basis_parse(const char *text, enum cpts_legal_basis *ret_basis)
{
    int number = find(LEGAL_BASES, LENGTH(LEGAL_BASES), text);
    if (number > 0)
        *ret_basis = (enum cpts_legal_basis)number;
    return number > 0;
}

bool cpts_referral_event_parse(const char *text, enum cpts_referral_event *ret_event)
{
    char word[WORD_BYTES];
    fold(text, word);
    int number = referral_event_find(word);
    if (number > 0)
        *ret_event = (enum cpts_referral_event)number;
    return number > 0;
}

bool cpts_purpose_parse(const char *text, enum cpts_purpose *ret_purpose)
{
    int number = find(PURPOSES, LENGTH(PURPOSES), text);
    if (number > 0)
        *ret_purpose = (enum cpts_purpose)number;
    return number > 0;
}
