/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/week.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/calendar.h"

#define YEAR_FIRST 1901
#define YEAR_LAST 2199
#define WEEKS_MAX 53
/* 1970-01-01 was a Thursday: the third day after a Monday. */
#define EPOCH_WEEKDAY 3
#define DECIMAL 10

int32_t week_monday(int32_t day)
{
    int32_t weekday = (day + EPOCH_WEEKDAY) % DAYS_PER_WEEK;
    return day - (weekday < 0 ? weekday + DAYS_PER_WEEK : weekday);
}

/* The Monday of the week of 4 January. */
static int32_t first_monday(int year)
{
    char date[3 * CALENDAR_DATE_BYTES];
    snprintf(date, sizeof date, "%04d-01-04", year);
    return week_monday(calendar_day(date));
}

bool week_parse(const char *text, int32_t *ret_monday)
{
    static const char SHAPE[] = "dddd-Wdd";
    size_t i = 0;
    while (SHAPE[i] != '\0' &&
           (SHAPE[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == SHAPE[i]))
        i++;
    if (SHAPE[i] != '\0' || text[i] != '\0')
        return false;
    int year = (int)strtol(text, NULL, DECIMAL);
    int week = (int)strtol(text + strlen("2024-W"), NULL, DECIMAL);
    if (year < YEAR_FIRST || year > YEAR_LAST || week < 1 || week > WEEKS_MAX)
        return false;
    int32_t monday = first_monday(year) + (week - 1) * DAYS_PER_WEEK;
    if (monday >= first_monday(year + 1))
        return false;
    *ret_monday = monday;
    return true;
}

void week_text(int32_t day, char ret_text[WEEK_BYTES])
{
    char thursday[CALENDAR_DATE_BYTES];
    int32_t monday = week_monday(day);
    /* A week belongs to the year of its Thursday. */
    calendar_text(monday + EPOCH_WEEKDAY, thursday);
    int year = (int)strtol(thursday, NULL, DECIMAL);
    int week = (monday - first_monday(year)) / DAYS_PER_WEEK + 1;
    snprintf(ret_text, WEEK_BYTES, "%04u-W%02u", (unsigned)year % 10000, (unsigned)week % 100);
}
