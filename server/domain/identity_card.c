/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/identity_card.h"

#include <stddef.h>
#include <string.h>

#include "wire/error.h"
#include "wire/identifier.h"

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

bool card_text_fits(const char *text, int characters_max)
{
    return count_characters(text) <= (size_t)characters_max && !has_control(text);
}

/* What follows the scheme of an http or https address; NULL without one. */
static const char *after_scheme(const char *address)
{
    if (strncmp(address, "https://", 8) == 0)
        return address + 8;
    return strncmp(address, "http://", 7) == 0 ? address + 7 : NULL;
}

cpts_status cpts_name_check(const char *name, struct cpts_error *err)
{
    if (name[strspn(name, " ")] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "name", "a CPTS has a name");
    if (!card_text_fits(name, CPTS_NAME_CHARACTERS_MAX))
        return error_set_field(err, REASON_FIELD_INVALID, "name",
                               "at most %d characters, none of control", CPTS_NAME_CHARACTERS_MAX);
    return CPTS_OK;
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
    if (rest == NULL || rest[0] == '\0' || strchr(website, ' ') != NULL ||
        !card_text_fits(website, CPTS_WEBSITE_CHARACTERS_MAX))
        return error_set_field(err, REASON_FIELD_INVALID, "website",
                               "an http or https address of at most %d characters",
                               CPTS_WEBSITE_CHARACTERS_MAX);
    return CPTS_OK;
}
