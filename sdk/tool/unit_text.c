/* SPDX-License-Identifier: Apache-2.0 */
#include "unit_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A commune or an arrondissement; an IRIS. */
#define CODE_LENGTH 5
#define IRIS_LENGTH (UNIT_CODE_BYTES - 1)
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

/* Four digits behind a code. */
static bool is_iris(const char *text)
{
    for (int i = CODE_LENGTH; i < IRIS_LENGTH; i++) {
        if (!is_digit(text[i]))
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
    size_t code_length = length >= IRIS_LENGTH && is_iris(text) ? IRIS_LENGTH : CODE_LENGTH;
    if (length > code_length) {
        if (text[code_length] != ':')
            return UNIT_CODE_MALFORMED;
        if (!read_share(text + code_length + 1, length - code_length - 1, &share))
            return UNIT_SHARE_MALFORMED;
    }
    memcpy(ret_code, text, code_length);
    ret_code[code_length] = '\0';
    *ret_share = share;
    return UNIT_FINE;
}

const char *unit_problem_text(enum unit_problem problem)
{
    return problem == UNIT_SHARE_MALFORMED
               ? "the share is not a number above 0 and up to 1, like 0.5"
               : "not an INSEE code of five characters, like 75111 or 2A004, nor of an IRIS (nine)";
}
