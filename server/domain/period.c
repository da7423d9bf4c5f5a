/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/period.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/calendar.h"

#define MONTHS_A_YEAR 12

/* What may follow the year: how it is marked, how many there are of it. */
static const struct {
    char mark;
    int count;
} PARTS[] = {{'S', 2}, {'T', 4}};

/* Number of the part of the year after "YYYY-", and of months it has.
 * @return false when it is none. */
static bool read_part(const char *text, int *ret_number, int *ret_months)
{
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        int number = text[1] - '0';
        if (text[0] != PARTS[i].mark || text[2] != '\0' || number < 1 || number > PARTS[i].count)
            continue;
        *ret_number = number;
        *ret_months = MONTHS_A_YEAR / PARTS[i].count;
        return true;
    }
    if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]) || text[2] != '\0')
        return false;
    *ret_number = (text[0] - '0') * 10 + (text[1] - '0');
    *ret_months = 1;
    return *ret_number >= 1 && *ret_number <= MONTHS_A_YEAR;
}

/* Writes a date; a struct period holds any that this file makes. */
static void write_date(int year, int month, int day, char text[PERIOD_DATE_BYTES])
{
    char longest[3 * PERIOD_DATE_BYTES];
    snprintf(longest, sizeof longest, "%04d-%02d-%02d", year, month, day);
    memcpy(text, longest, PERIOD_DATE_BYTES - 1);
    text[PERIOD_DATE_BYTES - 1] = '\0';
}

bool period_parse(const char *text, struct period *ret_period)
{
    int number = 1;
    int months = MONTHS_A_YEAR;
    int day = 31;
    struct period period;
    if (strspn(text, "0123456789") != 4 || (text[4] != '\0' && text[4] != '-') ||
        (text[4] == '-' && (strlen(text) != 7 || !read_part(text + 5, &number, &months))))
        return false;
    int year = (int)strtol(text, NULL, 10);
    int last_month = number * months;
    write_date(year, last_month - months + 1, 1, period.first_on);
    if (!calendar_is_date(period.first_on))
        return false;
    /* The latest day that is a date of the calendar. */
    do
        write_date(year, last_month, day, period.last_on);
    while (!calendar_is_date(period.last_on) && --day > 0);
    *ret_period = period;
    return true;
}
