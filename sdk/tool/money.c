/* SPDX-License-Identifier: Apache-2.0 */
#include "money.h"

#include <stdio.h>
#include <string.h>

#define CENTS_PER_EURO 100

static const struct {
    const char *confidence;
    const char *mark;
} MARKS[] = {
    {"CONFIRMED", ""}, {"DERIVED", "d"},     {"EXTRAPOLATED", "x"},
    {"INFERRED", "i"}, {"FROM_MEMORY", "m"}, {"UNVERIFIED", "u"},
};

void money_write(const struct session *session, int64_t cents, char ret_text[FIGURE_BYTES])
{
    const char *sign = cents < 0 ? "-" : "";
    int64_t absolute = cents < 0 ? -cents : cents;
    int64_t rest = absolute % CENTS_PER_EURO;
    char euros[FIGURE_BYTES];
    figure_count(absolute / CENTS_PER_EURO, euros);
    if (session->form != FORM_OWN)
        snprintf(ret_text, FIGURE_BYTES, "%s%lld.%02lld", sign,
                 (long long)(absolute / CENTS_PER_EURO), (long long)rest);
    else if (rest == 0)
        snprintf(ret_text, FIGURE_BYTES, "%s%.28s", sign, euros);
    else
        snprintf(ret_text, FIGURE_BYTES, "%s%.24s.%02lld", sign, euros, (long long)rest);
}

const char *money_mark(const char *confidence)
{
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        if (strcmp(MARKS[i].confidence, confidence) == 0)
            return MARKS[i].mark;
    }
    return "?";
}

const char *money_legend(void)
{
    return "Euros. No letter: confirmed by a source; d derived from confirmed figures;\n"
           "x extrapolated; i inferred by analogy; m from memory; u not verified.";
}
