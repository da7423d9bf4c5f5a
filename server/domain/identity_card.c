/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/identity_card.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "wire/error.h"

#define FINESS_LENGTH 9
#define DIGITS "0123456789"

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

cpts_status cpts_name_check(const char *name, struct cpts_error *err)
{
    if (name[strspn(name, " ")] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "name", "a CPTS has a name");
    if (count_characters(name) > CPTS_NAME_CHARACTERS_MAX || has_control(name))
        return error_set_field(err, REASON_FIELD_INVALID, "name",
                               "at most %d characters, none of control", CPTS_NAME_CHARACTERS_MAX);
    return CPTS_OK;
}

cpts_status cpts_finess_check(const char *finess, struct cpts_error *err)
{
    if (finess[0] == '\0')
        return CPTS_OK;
    size_t letters = strncmp(finess, "2A", 2) == 0 || strncmp(finess, "2B", 2) == 0 ? 2 : 0;
    if (strlen(finess) != FINESS_LENGTH ||
        strspn(finess + letters, DIGITS) != FINESS_LENGTH - letters)
        return error_set_field(err, REASON_FIELD_INVALID, "finess",
                               "a FINESS number is 9 characters, digits (or 2A, 2B first)");
    return CPTS_OK;
}

cpts_status cpts_website_check(const char *website, struct cpts_error *err)
{
    if (website[0] == '\0')
        return CPTS_OK;
    bool web = strncmp(website, "https://", 8) == 0 || strncmp(website, "http://", 7) == 0;
    if (!web || strchr(website, ' ') != NULL || has_control(website) ||
        count_characters(website) > CPTS_WEBSITE_CHARACTERS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "website",
                               "an http or https address of at most %d characters",
                               CPTS_WEBSITE_CHARACTERS_MAX);
    return CPTS_OK;
}
