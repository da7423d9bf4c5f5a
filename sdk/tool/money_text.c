/* SPDX-License-Identifier: Apache-2.0 */
#include "money_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"

#define CENTS 100
#define EURO_DIGITS_MAX 12

void money_text(const struct session *session, int64_t amount_cents, char ret_text[MONEY_BYTES])
{
    char euros[FIGURE_BYTES];
    int64_t cents = amount_cents % CENTS;
    if (session->form != FORM_OWN) {
        snprintf(ret_text, MONEY_BYTES, "%" PRId64 ".%02" PRId64, amount_cents / CENTS, cents);
        return;
    }
    figure_count(amount_cents / CENTS, euros);
    if (cents == 0)
        snprintf(ret_text, MONEY_BYTES, "%s EUR", euros);
    else
        snprintf(ret_text, MONEY_BYTES, "%s.%02" PRId64 " EUR", euros, cents);
}

bool money_read(const char *text, int64_t *ret_cents)
{
    int64_t euros = 0, cents = 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > EURO_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < digits; i++)
        euros = euros * 10 + (text[i] - '0');
    const char *rest = text + digits;
    if (*rest == '.' || *rest == ',') {
        size_t decimals = strspn(rest + 1, "0123456789");
        if (decimals == 0 || decimals > 2 || rest[1 + decimals] != '\0')
            return false;
        cents = (rest[1] - '0') * 10 + (decimals == 2 ? rest[2] - '0' : 0);
    } else if (*rest != '\0') {
        return false;
    }
    *ret_cents = euros * CENTS + cents;
    return true;
}
