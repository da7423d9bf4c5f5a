/* SPDX-License-Identifier: Apache-2.0 */
#include "member_line.h"

#include <string.h>

#include "member_field.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CANDIDATE_BYTES 256

static const struct member_reference *reference_of(const struct fact_import *import)
{
    return import->reference;
}

/* One of the columns of numbers; @return whether its cell says something. */
static bool read_number(const struct fact_reading *reading, struct member_fact *fact, int field,
                        int kind, const char *reason)
{
    char identifier[MEMBER_IDENTIFIER_BYTES];
    const char *cell = fact_cell(reading, field);
    if (cell[0] == '\0')
        return false;
    enum number_problem problem = member_wording_number(cell, kind, identifier);
    if (problem == NUMBER_INVALID) {
        fact_refuse(reading, field, reason, NULL,
                    "\"%.40s\" is no such number, or its key is wrong", cell);
    } else if (fact->identifier[0] != '\0' && strcmp(fact->identifier, identifier) != 0) {
        fact_refuse(reading, field, "SEVERAL_NUMBERS", NULL, "the line has two numbers: %s and %s",
                    fact->identifier + 1, identifier + 1);
    } else {
        memcpy(fact->identifier, identifier, sizeof identifier);
        if (problem == NUMBER_PADDED)
            fact_note(reading, field, "ZERO_ADDED",
                      "read as the FINESS number %s: its first zero was missing", identifier + 1);
    }
    return true;
}

static void read_numbers(const struct fact_reading *reading, struct member_fact *fact)
{
    static const struct {
        int field;
        int kind;
        const char *reason;
    } NUMBERS[] = {{MEMBER_RPPS, NUMBER_RPPS, "RPPS_INVALID"},
                   {MEMBER_FINESS, NUMBER_FINESS, "FINESS_INVALID"},
                   {MEMBER_SIRET, NUMBER_SIRET, "SIRET_INVALID"},
                   {MEMBER_NUMBER, 0, "NUMBER_INVALID"}};
    bool is_given = false;
    for (size_t i = 0; i < COUNT(NUMBERS); i++)
        is_given |=
            read_number(reading, fact, NUMBERS[i].field, NUMBERS[i].kind, NUMBERS[i].reason);
    if (!is_given)
        fact_refuse(reading, MEMBER_NUMBER, "NUMBER_MISSING", NULL,
                    "no RPPS, FINESS or SIRET number");
}

static void read_category(const struct fact_reading *reading, struct member_fact *fact)
{
    const struct member_lexicon *lexicon = &reference_of(reading->import)->lexicon;
    const char *cell = fact_cell(reading, MEMBER_CATEGORY);
    const char *other = NULL;
    bool is_person = fact->identifier[0] == NUMBER_RPPS;
    if (cell[0] == '\0') {
        fact_refuse(reading, MEMBER_CATEGORY, "CATEGORY_MISSING", NULL,
                    "no profession or kind of structure");
        return;
    }
    fact->category = member_lexicon_find(lexicon, cell, is_person, &other);
    if (fact->category == NULL) {
        const char *near = member_lexicon_near(lexicon, cell, is_person);
        fact_refuse(reading, MEMBER_CATEGORY,
                    is_person ? "UNKNOWN_PROFESSION" : "UNKNOWN_STRUCTURE_KIND", near,
                    "\"%.60s\" is no %s", cell, is_person ? "profession" : "kind of structure");
    } else if (other != NULL) {
        char candidates[CANDIDATE_BYTES];
        snprintf(candidates, sizeof candidates, "%s; %s", fact->category, other);
        fact_refuse(reading, MEMBER_CATEGORY, "CATEGORY_AMBIGUOUS", candidates,
                    "\"%.60s\" could be several", cell);
    }
}

static void read_college_and_voice(const struct fact_reading *reading, struct member_fact *fact)
{
    const char *college = fact_cell(reading, MEMBER_COLLEGE);
    const char *voice = fact_cell(reading, MEMBER_VOICE);
    fact->college =
        fact->identifier[0] == NUMBER_RPPS ? CPTS_COLLEGE_PROFESSIONAL : CPTS_COLLEGE_PARTNER;
    fact->voice = reference_of(reading->import)->voice;
    if (college[0] != '\0' && !member_wording_college(college, &fact->college))
        fact_refuse(reading, MEMBER_COLLEGE, "COLLEGE_UNKNOWN", NULL, "\"%.60s\" is no college",
                    college);
    if (voice[0] != '\0' && !member_wording_voice(voice, &fact->voice))
        fact_refuse(reading, MEMBER_VOICE, "VOICE_UNKNOWN", NULL, "\"%.60s\" is no voice", voice);
    if (fact->voice == CPTS_VOICE_UNSPECIFIED)
        fact_refuse(reading, MEMBER_VOICE, "VOICE_MISSING", NULL, "deliberative or consultative?");
}

static void read_date(const struct fact_reading *reading, int field,
                      char ret_date[WORDING_DATE_BYTES])
{
    const char *cell = fact_cell(reading, field);
    if (cell[0] == '\0')
        return;
    enum date_problem problem = wording_date(cell, ret_date);
    if (problem != DATE_FINE)
        fact_refuse(reading, field, "DATE_INVALID", NULL, "\"%.40s\": %s", cell,
                    wording_date_problem(problem));
    else if (strcmp(ret_date, reference_of(reading->import)->today) > 0)
        fact_refuse(reading, field, "DATE_IN_FUTURE", NULL, "%s is in the future", ret_date);
}

static void read_dates(const struct fact_reading *reading, struct member_fact *fact)
{
    const char *joined_on = reference_of(reading->import)->joined_on;
    if (joined_on != NULL)
        snprintf(fact->joined_on, sizeof fact->joined_on, "%s", joined_on);
    read_date(reading, MEMBER_JOINED_ON, fact->joined_on);
    read_date(reading, MEMBER_LEFT_ON, fact->left_on);
    if (fact_is_refused(reading))
        return;
    if (fact->joined_on[0] == '\0')
        fact_refuse(reading, MEMBER_JOINED_ON, "JOINED_MISSING", NULL, "no date of joining");
    else if (fact->left_on[0] != '\0' && strcmp(fact->left_on, fact->joined_on) <= 0)
        fact_refuse(reading, MEMBER_LEFT_ON, "LEFT_BEFORE_JOINED", NULL, "%s is not after %s",
                    fact->left_on, fact->joined_on);
}

void member_line_read(const struct fact_reading *reading, void *data)
{
    struct member_fact *fact = data;
    read_numbers(reading, fact);
    if (fact->identifier[0] != '\0')
        read_category(reading, fact);
    read_college_and_voice(reading, fact);
    read_dates(reading, fact);
}

int member_line_compare(const void *one, const void *other)
{
    const struct member_fact *left = one, *right = other;
    int order = strcmp(left->identifier, right->identifier);
    return order != 0 ? order : strcmp(left->joined_on, right->joined_on);
}

bool member_has_same_place(const struct member_fact *one, const struct member_fact *other)
{
    return strcmp(one->category, other->category) == 0 && one->college == other->college &&
           one->voice == other->voice;
}

enum fact_relation member_line_relate(const void *one, void *other)
{
    const struct member_fact *before = one, *fact = other;
    if (strcmp(before->identifier, fact->identifier) != 0)
        return FACT_IS_APART;
    if (strcmp(before->joined_on, fact->joined_on) == 0 &&
        strcmp(before->left_on, fact->left_on) == 0 && member_has_same_place(before, fact))
        return FACT_IS_AGAIN;
    bool is_over = before->left_on[0] != '\0' && strcmp(before->left_on, fact->joined_on) <= 0;
    return is_over ? FACT_IS_LATER : FACT_IS_CONTRARY;
}

void member_line_describe(const void *data, char ret_text[FACT_TEXT_BYTES])
{
    const struct member_fact *fact = data;
    snprintf(ret_text, FACT_TEXT_BYTES, "%s %s %d %d %s %s", fact->identifier, fact->category,
             (int)fact->college, (int)fact->voice, fact->joined_on, fact->left_on);
}

void member_line_name(const void *data, char ret_text[FACT_TEXT_BYTES])
{
    const struct member_fact *fact = data;
    snprintf(ret_text, FACT_TEXT_BYTES, "%s",
             fact->identifier[0] == '\0' ? "" : fact->identifier + 1);
}
