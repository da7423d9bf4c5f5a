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

/* Days from 1970-01-01 to the first of March of a year, which begins its year
 * here: the leap day is the last one. */
static int32_t first_of_march(int32_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400 - 719468;
}

int32_t calendar_day(const char *text)
{
    int year = number(text, 4);
    int month = number(text + 5, 2);
    int32_t march_year = month < 3 ? year - 1 : year;
    int32_t from_march = month < 3 ? month + 9 : month - 3;
    return first_of_march(march_year) + (153 * from_march + 2) / 5 + number(text + 8, 2) - 1;
}

static void write_date(int year, int month, int day, char ret_text[CALENDAR_DATE_BYTES])
{
    char text[40];
    snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    memcpy(ret_text, text, CALENDAR_DATE_BYTES - 1);
    ret_text[CALENDAR_DATE_BYTES - 1] = '\0';
}

void calendar_text(int32_t day, char ret_text[CALENDAR_DATE_BYTES])
{
    static const char FIRST[] = "1900-01-01";
    static const char LAST[] = "2200-12-31";
    if (day <= calendar_day(FIRST) || day >= calendar_day(LAST)) {
        memcpy(ret_text, day <= 0 ? FIRST : LAST, CALENDAR_DATE_BYTES);
        return;
    }
    int32_t year = 1970 + day / 365 + 1;
    while (first_of_march(year) > day)
        year--;
    int32_t rest = day - first_of_march(year);
    int32_t from_march = (5 * rest + 2) / 153;
    int32_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    write_date(month < 3 ? year + 1 : year, month, rest - (153 * from_march + 2) / 5 + 1, ret_text);
}

void calendar_add_months(const char *text, int32_t months, char ret_text[CALENDAR_DATE_BYTES])
{
    int32_t month = (number(text, 4)) * 12 + number(text + 5, 2) - 1 + months;
    if (month / 12 > YEAR_MAX) {
        write_date(YEAR_MAX, 12, 31, ret_text);
        return;
    }
    int day = number(text + 8, 2);
    int last = days_of_month(month / 12, month % 12 + 1);
    write_date(month / 12, month % 12 + 1, day > last ? last : day, ret_text);
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
