/* SPDX-License-Identifier: Apache-2.0 */
#include "wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_fold.h"
#include "suggest.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NUMBER_BYTES 32
#define NO_BREAK_SPACE "\xC2\xA0"
#define NARROW_SPACE "\xE2\x80\xAF"

/* Folded (name_fold_words). Published by DGOS, FCPTS and ARS, see
 * sql/reference/maturity_stages.csv; the rest is what lists shorten them to. */
static const struct {
    const char *wording;
    enum cpts_stage stage;
} STAGES[] = {
    {"emergence", CPTS_STAGE_EMERGENCE},
    {"0 emergence", CPTS_STAGE_EMERGENCE},
    {"en emergence", CPTS_STAGE_EMERGENCE},
    {"emergent", CPTS_STAGE_EMERGENCE},
    {"emergence pre projet initiative", CPTS_STAGE_EMERGENCE},
    {"initiative", CPTS_STAGE_EMERGENCE},
    {"initiative reperee", CPTS_STAGE_EMERGENCE},
    {"ideation", CPTS_STAGE_EMERGENCE},
    {"pre projet", CPTS_STAGE_EMERGENCE},
    {"en phase de pre projet", CPTS_STAGE_EMERGENCE},
    {"en projet", CPTS_STAGE_EMERGENCE},
    {"projet", CPTS_STAGE_EMERGENCE},
    {"projet de cpts", CPTS_STAGE_EMERGENCE},
    {"projet en emergence", CPTS_STAGE_EMERGENCE},
    {"lettre d intention", CPTS_STAGE_LETTRE_INTENTION},
    {"1 lettre intention", CPTS_STAGE_LETTRE_INTENTION},
    {"lettre intention", CPTS_STAGE_LETTRE_INTENTION},
    {"li", CPTS_STAGE_LETTRE_INTENTION},
    {"li validee", CPTS_STAGE_LETTRE_INTENTION},
    {"lettre d intention validee", CPTS_STAGE_LETTRE_INTENTION},
    {"lettre d intention validee projet de sante en redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"lettre d intention validee construisent leur projet de sante", CPTS_STAGE_LETTRE_INTENTION},
    {"lettre d intention seule validee", CPTS_STAGE_LETTRE_INTENTION},
    {"en cours de creation", CPTS_STAGE_LETTRE_INTENTION},
    {"en cours de creation lettre d intention seule validee", CPTS_STAGE_LETTRE_INTENTION},
    {"redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"en redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"en cours de redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"projet de sante en redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"projet de sante en cours de redaction", CPTS_STAGE_LETTRE_INTENTION},
    {"conception", CPTS_STAGE_LETTRE_INTENTION},
    {"projet valide", CPTS_STAGE_PROJET_VALIDE},
    {"2 projet valide", CPTS_STAGE_PROJET_VALIDE},
    {"projet de sante valide", CPTS_STAGE_PROJET_VALIDE},
    {"projet de sante valide aci en negociation", CPTS_STAGE_PROJET_VALIDE},
    {"projet de sante valide en negociation de l aci", CPTS_STAGE_PROJET_VALIDE},
    {"prochainement en fonctionnement", CPTS_STAGE_PROJET_VALIDE},
    {"prochainement en fonctionnement li et projet valides", CPTS_STAGE_PROJET_VALIDE},
    {"valide", CPTS_STAGE_PROJET_VALIDE},
    {"validee", CPTS_STAGE_PROJET_VALIDE},
    {"contractualisation", CPTS_STAGE_PROJET_VALIDE},
    {"aci en negociation", CPTS_STAGE_PROJET_VALIDE},
    {"aci", CPTS_STAGE_ACI_SIGNE},
    {"3 aci signe", CPTS_STAGE_ACI_SIGNE},
    {"aci signe", CPTS_STAGE_ACI_SIGNE},
    {"aci signee", CPTS_STAGE_ACI_SIGNE},
    {"aci valide", CPTS_STAGE_ACI_SIGNE},
    {"aci signe en fonctionnement", CPTS_STAGE_ACI_SIGNE},
    {"contrat aci signe", CPTS_STAGE_ACI_SIGNE},
    {"contrat aci cpts signe", CPTS_STAGE_ACI_SIGNE},
    {"signataire", CPTS_STAGE_ACI_SIGNE},
    {"signataire aci", CPTS_STAGE_ACI_SIGNE},
    {"signataire de l aci", CPTS_STAGE_ACI_SIGNE},
    {"en fonctionnement", CPTS_STAGE_ACI_SIGNE},
    {"en fonctionnement aci valide", CPTS_STAGE_ACI_SIGNE},
    {"active", CPTS_STAGE_ACI_SIGNE},
    {"actives", CPTS_STAGE_ACI_SIGNE},
    {"operationnelle", CPTS_STAGE_ACI_SIGNE},
    {"abandonne", CPTS_STAGE_ABANDONNE},
    {"projet abandonne", CPTS_STAGE_ABANDONNE},
    {"dissoute", CPTS_STAGE_DISSOUS},
    {"non renouvele", CPTS_STAGE_NON_RENOUVELE},
    {"aci non renouvele", CPTS_STAGE_NON_RENOUVELE},
    {"fusionnee", CPTS_STAGE_FUSIONNE},
};

bool wording_stage(const char *text, enum cpts_stage *ret_stage)
{
    char folded[FOLD_BYTES];
    name_fold_words(text, folded);
    for (size_t i = 0; i < COUNT(STAGES); i++) {
        if (strcmp(folded, STAGES[i].wording) != 0)
            continue;
        *ret_stage = STAGES[i].stage;
        return true;
    }
    return cpts_stage_parse(text, ret_stage);
}

const char *wording_stage_near(const char *text)
{
    char folded[FOLD_BYTES];
    const char *wordings[COUNT(STAGES)];
    name_fold_words(text, folded);
    for (size_t i = 0; i < COUNT(STAGES); i++)
        wordings[i] = STAGES[i].wording;
    return suggest_nearest(folded, wordings, COUNT(STAGES));
}

/* Up to @p digits_max digits at @p *text, which moves on; -1 without any. */
static int read_digits(const char **text, size_t digits_max, size_t *ret_count)
{
    int number = 0;
    size_t count = strspn(*text, "0123456789");
    *ret_count = count;
    if (count == 0 || count > digits_max)
        return -1;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (*text)[i] - '0';
    *text += count;
    return number;
}

/* Nothing, or the time of the day. */
static bool is_end(const char *text)
{
    text += strspn(text, " ");
    return *text == '\0' || *text == 'T' || *text == 'Z' || strspn(text, "0123456789") > 0;
}

/* The numbers of a date, in the order they are written. */
struct date_parts {
    int part[3];
    size_t digits[3];
    size_t count;
};

static bool read_parts(const char *text, struct date_parts *ret_parts)
{
    struct date_parts parts = {.count = 0};
    text += strspn(text, " ");
    while (parts.count < 3) {
        parts.part[parts.count] = read_digits(&text, 4, &parts.digits[parts.count]);
        if (parts.part[parts.count++] < 0)
            return false;
        if (parts.count == 3 || *text == '\0')
            break;
        if (strchr("/-.", *text++) == NULL)
            return false;
    }
    *ret_parts = parts;
    return is_end(text);
}

enum date_problem wording_date(const char *text, char ret_date[WORDING_DATE_BYTES])
{
    struct date_parts parts;
    char date[3 * NUMBER_BYTES];
    if (!read_parts(text, &parts))
        return DATE_MALFORMED;
    bool is_year_first = parts.digits[0] == 4;
    bool is_year_last = !is_year_first && parts.digits[parts.count - 1] == 4;
    if (parts.count < 3)
        return is_year_first || is_year_last ? DATE_WITHOUT_DAY : DATE_MALFORMED;
    if (!is_year_first && parts.digits[2] == 2)
        return DATE_SHORT_YEAR;
    if (!is_year_first && !is_year_last)
        return DATE_MALFORMED;
    snprintf(date, sizeof date, "%04d-%02d-%02d", parts.part[is_year_first ? 0 : 2], parts.part[1],
             parts.part[is_year_first ? 2 : 0]);
    if (!cpts_date_is_valid(date))
        return DATE_MALFORMED;
    memcpy(ret_date, date, WORDING_DATE_BYTES);
    return DATE_FINE;
}

const char *wording_date_problem(enum date_problem problem)
{
    switch (problem) {
    case DATE_WITHOUT_DAY:
        return "a date needs its day, like 31/12/2023";
    case DATE_SHORT_YEAR:
        return "a date needs all four digits of its year, like 31/12/2023";
    default:
        return "not a date like 31/12/2023 or 2023-12-31";
    }
}

/* Bytes of a space that groups digits, 0 for none. */
static size_t space_bytes(const char *text)
{
    if (*text == ' ')
        return 1;
    if (strncmp(text, NO_BREAK_SPACE, strlen(NO_BREAK_SPACE)) == 0)
        return strlen(NO_BREAK_SPACE);
    return strncmp(text, NARROW_SPACE, strlen(NARROW_SPACE)) == 0 ? strlen(NARROW_SPACE) : 0;
}

bool wording_number(const char *text, double *ret_number)
{
    char plain[NUMBER_BYTES];
    size_t length = 0;
    bool is_percent = false;
    for (size_t step = 1; *text != '\0'; text += step) {
        step = space_bytes(text);
        if (step > 0)
            continue;
        step = 1;
        if (is_percent || length + 1 >= sizeof plain)
            return false;
        is_percent = *text == '%';
        if (!is_percent && strchr("0123456789.,", *text) == NULL)
            return false;
        if (!is_percent)
            plain[length++] = *text == ',' ? '.' : *text;
    }
    plain[length] = '\0';
    char *end = NULL;
    double number = strtod(plain, &end);
    if (length == 0 || *end != '\0' || plain[0] == '.')
        return false;
    *ret_number = is_percent ? number / 100 : number;
    return true;
}
