/* SPDX-License-Identifier: Apache-2.0 */
#include "member_field.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const NAMES[MEMBER_FIELD_COUNT] = {
    [TARGET_CPTS] = "cpts",           [TARGET_CPTS_FINESS] = "cpts_finess",
    [TARGET_CPTS_NAME] = "cpts_name", [TARGET_REGION] = "region",
    [MEMBER_RPPS] = "rpps",           [MEMBER_FINESS] = "finess",
    [MEMBER_SIRET] = "siret",         [MEMBER_NUMBER] = "number",
    [MEMBER_CATEGORY] = "category",   [MEMBER_COLLEGE] = "college",
    [MEMBER_VOICE] = "voice",         [MEMBER_JOINED_ON] = "joined_on",
    [MEMBER_LEFT_ON] = "left_on",
};

/* Headings, folded (name_fold_words). */
static const struct import_heading HEADINGS[] = {
    IMPORT_TARGET_HEADINGS,
    {"rpps", MEMBER_RPPS, SURE},
    {"n rpps", MEMBER_RPPS, SURE},
    {"no rpps", MEMBER_RPPS, SURE},
    {"num rpps", MEMBER_RPPS, SURE},
    {"numero rpps", MEMBER_RPPS, SURE},
    {"identifiant rpps", MEMBER_RPPS, SURE},
    {"identifiant pp", MEMBER_RPPS, LIKELY},
    {"identification nationale pp", MEMBER_RPPS, LIKELY},
    {"finess", MEMBER_FINESS, LIKELY},
    {"n finess", MEMBER_FINESS, LIKELY},
    {"no finess", MEMBER_FINESS, LIKELY},
    {"num finess", MEMBER_FINESS, LIKELY},
    {"numero finess", MEMBER_FINESS, LIKELY},
    {"finess structure", MEMBER_FINESS, SURE},
    {"finess geographique", MEMBER_FINESS, SURE},
    {"siret", MEMBER_SIRET, SURE},
    {"n siret", MEMBER_SIRET, SURE},
    {"no siret", MEMBER_SIRET, SURE},
    {"numero siret", MEMBER_SIRET, SURE},
    {"number", MEMBER_NUMBER, LIKELY},
    {"identifiant", MEMBER_NUMBER, LIKELY},
    {"identifiant national", MEMBER_NUMBER, SURE},
    {"numero", MEMBER_NUMBER, VAGUE},
    {"category", MEMBER_CATEGORY, SURE},
    {"categorie", MEMBER_CATEGORY, LIKELY},
    {"profession", MEMBER_CATEGORY, SURE},
    {"code profession", MEMBER_CATEGORY, LIKELY},
    {"libelle profession", MEMBER_CATEGORY, LIKELY},
    {"profession ou type de structure", MEMBER_CATEGORY, SURE},
    {"type de structure", MEMBER_CATEGORY, LIKELY},
    {"type structure", MEMBER_CATEGORY, LIKELY},
    {"type", MEMBER_CATEGORY, VAGUE},
    {"college", MEMBER_COLLEGE, SURE},
    {"voix", MEMBER_VOICE, SURE},
    {"voice", MEMBER_VOICE, SURE},
    {"type de voix", MEMBER_VOICE, SURE},
    {"droit de vote", MEMBER_VOICE, LIKELY},
    {"joined on", MEMBER_JOINED_ON, SURE},
    {"date adhesion", MEMBER_JOINED_ON, SURE},
    {"date d adhesion", MEMBER_JOINED_ON, SURE},
    {"adhesion", MEMBER_JOINED_ON, VAGUE},
    {"adherent depuis", MEMBER_JOINED_ON, SURE},
    {"date d entree", MEMBER_JOINED_ON, LIKELY},
    {"date entree", MEMBER_JOINED_ON, LIKELY},
    {"depuis", MEMBER_JOINED_ON, VAGUE},
    {"left on", MEMBER_LEFT_ON, SURE},
    {"date de depart", MEMBER_LEFT_ON, SURE},
    {"date depart", MEMBER_LEFT_ON, SURE},
    {"date de sortie", MEMBER_LEFT_ON, SURE},
    {"date sortie", MEMBER_LEFT_ON, SURE},
    {"date de fin d adhesion", MEMBER_LEFT_ON, SURE},
    {"fin adhesion", MEMBER_LEFT_ON, LIKELY},
};

static const char *find_missing(const int *column)
{
    if (column[MEMBER_RPPS] < 0 && column[MEMBER_FINESS] < 0 && column[MEMBER_SIRET] < 0 &&
        column[MEMBER_NUMBER] < 0)
        return "no column is an RPPS, FINESS or SIRET number: say which, --map rpps=COLUMN";
    if (column[MEMBER_CATEGORY] < 0)
        return "no column is the profession or kind of structure: say which, "
               "--map category=COLUMN";
    return NULL;
}

const struct import_field_set MEMBER_FIELDS = {
    .names = NAMES,
    .count = MEMBER_FIELD_COUNT,
    .headings = HEADINGS,
    .heading_count = COUNT(HEADINGS),
    .find_missing = find_missing,
};

const char *member_field_name(int field)
{
    return NAMES[field];
}
