/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/calendar.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "wire/error.h"

#define YEAR_MIN 1900
#define YEAR_MAX 2200

static int number(const char *digits, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!isdigit((unsigned char)digits[i]))
            return -1;
        value = value * 10 + (digits[i] - '0');
    }
    return value;
}

static int days_of_month(int year, int month)
{
    static const int DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : DAYS[month - 1];
}

bool calendar_is_date(const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    int year = number(text, 4);
    int month = number(text + 5, 2);
    int day = number(text + 8, 2);
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12)
        return false;
    return day >= 1 && day <= days_of_month(year, month);
}

cpts_status calendar_past_check(const char *text, const char *today, const char *field,
                                struct cpts_error *err)
{
    if (text[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "a date is needed, YYYY-MM-DD");
    if (!calendar_is_date(text))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not a date: YYYY-MM-DD");
    if (strcmp(text, today) > 0)
        return error_set_field(err, REASON_DATE_IN_FUTURE, field, "%s is after today, %s", text,
                               today);
    return CPTS_OK;
}

void calendar_add_months(const char *date, int months, char ret_date[CALENDAR_DATE_BYTES])
{
    int month_index = number(date, 4) * 12 + number(date + 5, 2) - 1 + months;
    unsigned year = (unsigned)month_index / 12;
    unsigned month = (unsigned)month_index % 12 + 1;
    int last = days_of_month((int)year, (int)month);
    int day = number(date + 8, 2);
    snprintf(ret_date, CALENDAR_DATE_BYTES, "%04u-%02u-%02u", year % 10000, month,
             (unsigned)(day < last ? day : last) % 100);
}

int calendar_day_number(const char *date)
{
    int year = number(date, 4);
    int month = number(date + 5, 2);
    int days = number(date + 8, 2) - 1;
    for (int before = YEAR_MIN; before < year; before++)
        days += days_of_month(before, 2) == 29 ? 366 : 365;
    for (int before = 1; before < month; before++)
        days += days_of_month(year, before);
    return days;
}
