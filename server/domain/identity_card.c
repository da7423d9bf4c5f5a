/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/identity_card.h"

#include <stddef.h>
#include <string.h>

#include "wire/error.h"
#include "wire/identifier.h"

#define RNA_DIGITS 9
#define DIGITS "0123456789"

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* C0, DEL, and C1, which are C2 80 to C2 9F in UTF-8. */
static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)text[0];
        if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && (unsigned char)text[1] < 0xA0))
            return true;
    }
    return false;
}

/* What follows the scheme of an http or https address; NULL without one. */
static const char *after_scheme(const char *address)
{
    if (strncmp(address, "https://", 8) == 0)
        return address + 8;
    return strncmp(address, "http://", 7) == 0 ? address + 7 : NULL;
}

cpts_status cpts_text_check(const char *text, int max, bool is_required, const char *field,
                            struct cpts_error *err)
{
    if (is_required && text[strspn(text, " ")] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "a text is needed");
    if (count_characters(text) > (size_t)max || has_control(text))
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "at most %d characters, none of control", max);
    return CPTS_OK;
}

cpts_status cpts_name_check(const char *name, struct cpts_error *err)
{
    return cpts_text_check(name, CPTS_NAME_CHARACTERS_MAX, true, "name", err);
}

cpts_status cpts_finess_check(const char *finess, struct cpts_error *err)
{
    if (finess[0] == '\0')
        return CPTS_OK;
    if (!identifier_is_finess(finess))
        return error_set_field(err, REASON_FIELD_INVALID, "finess",
                               "a FINESS number is 9 characters, digits (or 2A, 2B first)");
    return CPTS_OK;
}

cpts_status cpts_website_check(const char *website, struct cpts_error *err)
{
    if (website[0] == '\0')
        return CPTS_OK;
    const char *rest = after_scheme(website);
    if (rest == NULL || rest[0] == '\0' || strchr(website, ' ') != NULL || has_control(website) ||
        count_characters(website) > CPTS_WEBSITE_CHARACTERS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "website",
                               "an http or https address of at most %d characters",
                               CPTS_WEBSITE_CHARACTERS_MAX);
    return CPTS_OK;
}

cpts_status cpts_rna_check(const char *rna, const char *field, struct cpts_error *err)
{
    if (rna[0] == '\0')
        return CPTS_OK;
    if (rna[0] != 'W' || strlen(rna) != 1 + RNA_DIGITS || strspn(rna + 1, DIGITS) != RNA_DIGITS)
        return error_set_field(err, REASON_FIELD_INVALID, field, "an RNA number is W and 9 digits");
    return CPTS_OK;
}

cpts_status cpts_siret_check(const char *siret, const char *field, struct cpts_error *err)
{
    if (siret[0] == '\0')
        return CPTS_OK;
    if (!identifier_is_siret(siret))
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "a SIRET is 14 digits, with the keys of SIREN and establishment");
    return CPTS_OK;
}
