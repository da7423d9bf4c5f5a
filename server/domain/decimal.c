/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WHOLE_DIGITS_MAX 12
#define FRACTION_DIGITS_MAX 6

/* Digits at *text, added to *number; moves *text behind them.
 * @return how many, at most @p most. */
static int read_digits(const char **text, int most, int64_t *number)
{
    int count = 0;
    for (; count < most && **text >= '0' && **text <= '9'; count++, (*text)++)
        *number = *number * 10 + (**text - '0');
    return count;
}

bool decimal_parse(const char *text, int64_t *ret_millionths)
{
    bool negative = text[0] == '-';
    const char *rest = text + negative;
    int64_t number = 0;
    int fraction_digits = 0;
    if (read_digits(&rest, WHOLE_DIGITS_MAX, &number) == 0)
        return false;
    if (*rest == '.') {
        rest++;
        fraction_digits = read_digits(&rest, FRACTION_DIGITS_MAX, &number);
        if (fraction_digits == 0)
            return false;
    }
    if (*rest != '\0')
        return false;
    for (; fraction_digits < FRACTION_DIGITS_MAX; fraction_digits++)
        number *= 10;
    *ret_millionths = negative ? -number : number;
    return true;
}

void decimal_format(int64_t millionths, char *text)
{
    int64_t whole = millionths / DECIMAL_ONE;
    int64_t fraction = millionths % DECIMAL_ONE;
    const char *sign = millionths < 0 ? "-" : "";
    whole = whole < 0 ? -whole : whole;
    fraction = fraction < 0 ? -fraction : fraction;
    int length = snprintf(text, DECIMAL_BYTES, "%s%" PRId64 ".%06" PRId64, sign, whole, fraction);
    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[length - 1] = '\0';
}
