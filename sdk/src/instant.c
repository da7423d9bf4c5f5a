/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and instants of the proleptic Gregorian calendar, without libc's time
 * zones. The day count follows the usual civil-from-days arithmetic on eras of
 * 400 years, with years that begin in March. */
#include <cpts/value.h>
#include <stdio.h>
#include <string.h>

#define US_PER_SECOND INT64_C(1000000)
#define SECONDS_PER_DAY INT64_C(86400)
#define DAYS_PER_ERA INT64_C(146097)
#define DAYS_BEFORE_1970 INT64_C(719468)
#define DATE_LENGTH 10

struct civil {
    int64_t year;
    int month;
    int day;
};

/* Reads exactly `digits` digits; -1 when they are not. */
static int read_number(const char *text, int digits)
{
    int number = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int days_of_month(int64_t year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && is_leap ? 29 : DAYS[month - 1];
}

static bool read_date(const char *text, struct civil *ret_date)
{
    if (strnlen(text, DATE_LENGTH) < DATE_LENGTH || text[4] != '-' || text[7] != '-')
        return false;
    struct civil date = {read_number(text, 4), read_number(text + 5, 2), read_number(text + 8, 2)};
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > days_of_month(date.year, date.month))
        return false;
    *ret_date = date;
    return true;
}

bool cpts_date_is_valid(const char *text)
{
    struct civil date;
    return text != NULL && read_date(text, &date) && text[DATE_LENGTH] == '\0';
}

static int64_t days_since_1970(const struct civil *date)
{
    int64_t year = date->month <= 2 ? date->year - 1 : date->year;
    int64_t era = year / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date->month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date->day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_BEFORE_1970;
}

static struct civil civil_of(int64_t days)
{
    days += DAYS_BEFORE_1970;
    int64_t era = days / DAYS_PER_ERA;
    int64_t day_of_era = days % DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct civil date = {.year = year_of_era + era * 400 + (month >= 10 ? 1 : 0),
                         .month = (int)(month < 10 ? month + 3 : month - 9),
                         .day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};
    return date;
}

/* `hh:mm:ss` from the text; -1 when it is not one. */
static int64_t read_clock(const char *text)
{
    if (strnlen(text, 8) < 8 || text[2] != ':' || text[5] != ':')
        return -1;
    int hour = read_number(text, 2), minute = read_number(text + 3, 2),
        second = read_number(text + 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return -1;
    return hour * 3600 + minute * 60 + second;
}

/* The fraction after `*text`, microseconds; -1 when there is a point and no digit. */
static int64_t read_fraction(const char **text)
{
    if (**text != '.')
        return 0;
    int64_t fraction_us = 0;
    int64_t unit_us = US_PER_SECOND / 10;
    const char *at = *text + 1;
    if (*at < '0' || *at > '9')
        return -1;
    for (; *at >= '0' && *at <= '9'; at++, unit_us /= 10)
        fraction_us += (*at - '0') * unit_us;
    *text = at;
    return fraction_us;
}

/* `Z` or `+hh:mm` to the text's end, seconds east of UTC. */
static bool read_offset(const char *text, int64_t *ret_seconds)
{
    if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0') {
        *ret_seconds = 0;
        return true;
    }
    if ((text[0] != '+' && text[0] != '-') || strlen(text) != 6 || text[3] != ':')
        return false;
    int hour = read_number(text + 1, 2), minute = read_number(text + 4, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
        return false;
    *ret_seconds = (text[0] == '-' ? -1 : 1) * (hour * 3600 + minute * 60);
    return true;
}

bool cpts_instant_parse(const char *text, int64_t *ret_us)
{
    struct civil date;
    if (!read_date(text, &date) || (text[DATE_LENGTH] != 'T' && text[DATE_LENGTH] != 't'))
        return false;
    int64_t clock = read_clock(text + DATE_LENGTH + 1);
    if (clock < 0)
        return false;
    const char *rest = text + DATE_LENGTH + 9;
    int64_t fraction_us = read_fraction(&rest);
    int64_t offset = 0;
    if (fraction_us < 0 || !read_offset(rest, &offset))
        return false;
    *ret_us =
        (days_since_1970(&date) * SECONDS_PER_DAY + clock - offset) * US_PER_SECOND + fraction_us;
    return true;
}

void cpts_instant_format(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    const struct civil first = {1, 1, 1}, end = {10000, 1, 1};
    int64_t fraction_us = instant_us % US_PER_SECOND;
    if (fraction_us < 0)
        fraction_us += US_PER_SECOND;
    int64_t seconds = (instant_us - fraction_us) / US_PER_SECOND;
    ret_text[0] = '\0';
    if (seconds < days_since_1970(&first) * SECONDS_PER_DAY ||
        seconds >= days_since_1970(&end) * SECONDS_PER_DAY)
        return;
    int64_t clock = seconds % SECONDS_PER_DAY;
    if (clock < 0)
        clock += SECONDS_PER_DAY;
    struct civil date = civil_of((seconds - clock) / SECONDS_PER_DAY);
    char fraction[8] = "";
    if (fraction_us != 0)
        snprintf(fraction, sizeof fraction, ".%06d", (int)(fraction_us % US_PER_SECOND));
    snprintf(ret_text, CPTS_INSTANT_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
             (int)(date.year % 10000), date.month, date.day, (int)(clock / 3600),
             (int)(clock / 60 % 60), (int)(clock % 60), fraction);
}
