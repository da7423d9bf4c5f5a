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

/* The last day of a month: the latest that is a date. */
static void write_last_day(int year, int month, char *text)
{
    int day = 31;
    do
        snprintf(text, PERIOD_DATE_BYTES, "%04d-%02d-%02d", year % 10000, month % 100, day % 100);
    while (!calendar_is_date(text) && --day > 0);
}

bool period_parse(const char *text, struct period *ret_period)
{
    int number = 1;
    int months = MONTHS_A_YEAR;
    char first_day[PERIOD_DATE_BYTES] = "";
    if (strspn(text, "0123456789") != 4 || (text[4] != '\0' && text[4] != '-') ||
        (text[4] == '-' && (strlen(text) != 7 || !read_part(text + 5, &number, &months))))
        return false;
    int year = (int)strtol(text, NULL, 10);
    int last_month = number * months;
    snprintf(first_day, sizeof first_day, "%04d-%02d-01", year % 10000,
             (last_month - months + 1) % 100);
    if (!calendar_is_date(first_day))
        return false;
    memcpy(ret_period->first_on, first_day, sizeof first_day);
    write_last_day(year, last_month, ret_period->last_on);
    return true;
}
