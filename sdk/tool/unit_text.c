/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LENGTH (UNIT_CODE_BYTES - 1)
#define SHARE_LENGTH_MAX 20

static bool is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static bool is_code(const char *text)
{
    for (int i = 0; i < CODE_LENGTH; i++) {
        bool is_corsican = i == 1 && text[0] == '2' && (text[1] == 'A' || text[1] == 'B');
        if (!is_digit(text[i]) && !is_corsican)
            return false;
    }
    return true;
}

/* Plain decimals only: no exponent, no hexadecimal, no "inf". */
static bool read_share(const char *text, size_t length, double *ret_share)
{
    char copy[SHARE_LENGTH_MAX + 1];
    if (length == 0 || length > SHARE_LENGTH_MAX || !is_digit(text[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(text[i]) && text[i] != '.')
            return false;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    char *end = NULL;
    double share = strtod(copy, &end);
    if (*end != '\0' || !(share > 0 && share <= 1))
        return false;
    *ret_share = share;
    return true;
}

enum unit_problem unit_text_read(const char *text, size_t length, char ret_code[UNIT_CODE_BYTES],
                                 double *ret_share)
{
    double share = 1;
    if (length < CODE_LENGTH || !is_code(text))
        return UNIT_CODE_MALFORMED;
    if (length > CODE_LENGTH) {
        if (text[CODE_LENGTH] != ':')
            return UNIT_CODE_MALFORMED;
        if (!read_share(text + CODE_LENGTH + 1, length - CODE_LENGTH - 1, &share))
            return UNIT_SHARE_MALFORMED;
    }
    memcpy(ret_code, text, CODE_LENGTH);
    ret_code[CODE_LENGTH] = '\0';
    *ret_share = share;
    return UNIT_FINE;
}

const char *unit_problem_text(enum unit_problem problem)
{
    return problem == UNIT_SHARE_MALFORMED
               ? "the share is not a number above 0 and up to 1, like 0.5"
               : "not an INSEE code of five characters, like 75111 or 2A004";
}
