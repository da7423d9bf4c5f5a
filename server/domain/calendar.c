/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/calendar.h"

#include <ctype.h>
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
