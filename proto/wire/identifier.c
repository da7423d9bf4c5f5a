/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/identifier.h"

#include <stddef.h>
#include <string.h>

#define DIGITS "0123456789"
#define RPPS_LENGTH 11
#define FINESS_LENGTH 9
#define SIREN_LENGTH 9
#define SIRET_LENGTH 14
#define SIREN_LA_POSTE "356000000"
#define LA_POSTE_DIVISOR 5

static bool has_digits(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, DIGITS) == length;
}

/* Luhn: every second digit from the right is doubled, its own digits added. */
static bool has_luhn_key(const char *digits, size_t length)
{
    int sum = 0;
    for (size_t i = 0; i < length; i++) {
        int digit = digits[length - 1 - i] - '0';
        if (i % 2 == 1)
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0;
}

static int digit_sum(const char *digits)
{
    int sum = 0;
    for (; *digits != '\0'; digits++)
        sum += *digits - '0';
    return sum;
}

bool identifier_is_rpps(const char *text)
{
    return has_digits(text, RPPS_LENGTH) && has_luhn_key(text, RPPS_LENGTH);
}

bool identifier_is_finess(const char *text)
{
    size_t letters = strncmp(text, "2A", 2) == 0 || strncmp(text, "2B", 2) == 0 ? 2 : 0;
    return strlen(text) == FINESS_LENGTH &&
           strspn(text + letters, DIGITS) == FINESS_LENGTH - letters;
}

bool identifier_is_siret(const char *text)
{
    if (!has_digits(text, SIRET_LENGTH) || !has_luhn_key(text, SIREN_LENGTH))
        return false;
    if (has_luhn_key(text, SIRET_LENGTH))
        return true;
    return strncmp(text, SIREN_LA_POSTE, SIREN_LENGTH) == 0 &&
           digit_sum(text) % LA_POSTE_DIVISOR == 0;
}
