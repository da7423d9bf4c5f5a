/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/member.h"

#include <stdio.h>
#include <string.h>

#include "domain/calendar.h"
#include "wire/error.h"
#include "wire/identifier.h"

#define FIELD_BYTES 64

static const char *const COLLEGES[COLLEGE_COUNT] = {
    [COLLEGE_NONE] = "",
    [COLLEGE_PROFESSIONAL] = "PROFESSIONAL",
    [COLLEGE_PARTNER] = "PARTNER",
};

static const char *const VOICES[VOICE_COUNT] = {
    [VOICE_NONE] = "",
    [VOICE_DELIBERATIVE] = "DELIBERATIVE",
    [VOICE_CONSULTATIVE] = "CONSULTATIVE",
};

/* The three kinds of numbers, by the first character of an identifier. */
static const struct number_row {
    char prefix;
    bool (*is_valid)(const char *text);
    const char *field;
    enum reason reason;
    const char *sentence;
} NUMBERS[] = {
    {'8', identifier_is_rpps, "rpps", REASON_RPPS_INVALID,
     "an RPPS number is 11 digits, the last one their key"},
    {'1', identifier_is_finess, "finess", REASON_FINESS_INVALID,
     "a FINESS number is 9 characters, digits (or 2A, 2B first)"},
    {'3', identifier_is_siret, "siret", REASON_SIRET_INVALID,
     "a SIRET number is 14 digits with the keys of SIREN and establishment"},
};

#define NUMBER_COUNT (sizeof NUMBERS / sizeof NUMBERS[0])

const char *college_code(int college)
{
    return college > COLLEGE_NONE && college < COLLEGE_COUNT ? COLLEGES[college] : "";
}

const char *voice_code(int voice)
{
    return voice > VOICE_NONE && voice < VOICE_COUNT ? VOICES[voice] : "";
}

static int find(const char *const *codes, int count, const char *code)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(codes[i], code) == 0)
            return i;
    }
    return 0;
}

int college_find(const char *code)
{
    return find(COLLEGES, COLLEGE_COUNT, code);
}

int voice_find(const char *code)
{
    return find(VOICES, VOICE_COUNT, code);
}

cpts_status member_identify(const struct member_numbers *numbers, const char *prefix,
                            char ret_identifier[MEMBER_IDENTIFIER_BYTES], struct cpts_error *err)
{
    const char *const texts[NUMBER_COUNT] = {numbers->rpps, numbers->finess, numbers->siret};
    char field[FIELD_BYTES];
    size_t given = NUMBER_COUNT;
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (texts[i][0] == '\0')
            continue;
        snprintf(field, sizeof field, "%s%s", prefix, NUMBERS[i].field);
        if (given != NUMBER_COUNT)
            return error_set_field(err, REASON_FIELD_INVALID, field,
                                   "a member has one number: RPPS, FINESS or SIRET");
        given = i;
        if (!NUMBERS[i].is_valid(texts[i]))
            return error_set_field(err, NUMBERS[i].reason, field, "%s", NUMBERS[i].sentence);
    }
    if (given == NUMBER_COUNT) {
        snprintf(field, sizeof field, "%srpps", prefix);
        return error_set_field(err, REASON_FIELD_REQUIRED, field,
                               "who is it? Its RPPS, FINESS or SIRET number");
    }
    snprintf(ret_identifier, MEMBER_IDENTIFIER_BYTES, "%c%s", NUMBERS[given].prefix, texts[given]);
    return CPTS_OK;
}

void member_numbers_read(const char *identifier, struct member_numbers *ret_numbers)
{
    const char **const numbers[NUMBER_COUNT] = {&ret_numbers->rpps, &ret_numbers->finess,
                                                &ret_numbers->siret};
    *ret_numbers = (struct member_numbers){"", "", ""};
    for (size_t i = 0; i < NUMBER_COUNT; i++) {
        if (identifier[0] == NUMBERS[i].prefix)
            *numbers[i] = identifier + 1;
    }
}

cpts_status member_days_check(const struct member_days *days, const char *prefix, const char *today,
                              struct cpts_error *err)
{
    char field[FIELD_BYTES];
    snprintf(field, sizeof field, "%s%s", prefix, days->from_field);
    cpts_status status = calendar_past_check(days->from, today, field, err);
    if (status != CPTS_OK || days->to[0] == '\0')
        return status;
    snprintf(field, sizeof field, "%s%s", prefix, days->to_field);
    status = calendar_past_check(days->to, today, field, err);
    if (status == CPTS_OK && strcmp(days->to, days->from) <= 0)
        return error_set_field(err, REASON_FIELD_INVALID, field, "%s is not after %s", days->to,
                               days->from);
    return status;
}

cpts_status adhesion_check(int32_t adherent_count, int32_t professional_count,
                           struct cpts_error *err)
{
    if (professional_count < 1)
        return error_set_field(err, REASON_ADHESION_INVALID, "adhesion.professional_count",
                               "of how many professionals? At least 1");
    if (adherent_count < 0 || adherent_count > professional_count)
        return error_set_field(err, REASON_ADHESION_INVALID, "adhesion.adherent_count",
                               "%d of %d is no count of members", (int)adherent_count,
                               (int)professional_count);
    return CPTS_OK;
}
