/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/json_parts.h"

#define NANOS_MAX 999999999
#define TIMESTAMP_SECONDS_MIN (-62135596800LL) /* 0001-01-01T00:00:00Z */
#define TIMESTAMP_SECONDS_MAX 253402300799LL   /* 9999-12-31T23:59:59Z */
#define DURATION_SECONDS_MAX 315576000000LL    /* 10,000 years */
#define DURATION_DIGITS_MAX 12

/* "", ".123", ".123456" or ".123456789". */
static void format_decimals(int32_t nanos, char ret_text[11])
{
    int digits = nanos % 1000 != 0 ? 9 : nanos % 1000000 != 0 ? 6 : 3;
    snprintf(ret_text, 11, ".%09d", (int)nanos);
    ret_text[nanos == 0 ? 0 : digits + 1] = '\0';
}

/* Reads up to digits_max digits, at least digits_min, and steps over them. */
static bool parse_digits(const char **at, int digits_min, int digits_max, int64_t *ret_number)
{
    int64_t number = 0;
    int digits = 0;
    while (digits < digits_max && **at >= '0' && **at <= '9') {
        number = number * 10 + (**at - '0');
        (*at)++;
        digits++;
    }
    *ret_number = number;
    return digits >= digits_min;
}

/* Reads an optional fraction of 1 to 9 digits. */
static bool parse_decimals(const char **at, int32_t *ret_nanos)
{
    *ret_nanos = 0;
    if (**at != '.')
        return true;
    const char *start = ++*at;
    int64_t number;
    if (!parse_digits(at, 1, 9, &number))
        return false;
    for (int digits = (int)(*at - start); digits < 9; digits++)
        number *= 10;
    *ret_nanos = (int32_t)number;
    return true;
}

bool json_timestamp_format(int64_t seconds, int32_t nanos, char ret_text[JSON_TIME_BYTES])
{
    if (seconds < TIMESTAMP_SECONDS_MIN || seconds > TIMESTAMP_SECONDS_MAX || nanos < 0 ||
        nanos > NANOS_MAX)
        return false;
    time_t time = seconds;
    struct tm utc;
    char decimals[11];
    gmtime_r(&time, &utc);
    format_decimals(nanos, decimals);
    snprintf(ret_text, JSON_TIME_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", utc.tm_year + 1900,
             utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, decimals);
    return true;
}

/* Reads two digits in min..max and the separator after them (0: none). */
static bool parse_pair(const char **at, int min, int max, char separator, int *ret_number)
{
    int64_t number;
    if (!parse_digits(at, 2, 2, &number) || number < min || number > max)
        return false;
    *ret_number = (int)number;
    return separator == '\0' || *(*at)++ == separator;
}

/* Reads `Z` or `+hh:mm`, and nothing may follow. */
static bool parse_offset(const char *at, int64_t *ret_seconds)
{
    *ret_seconds = 0;
    if (strcmp(at, "Z") == 0)
        return true;
    int sign = *at == '+' ? 1 : -1;
    int hours;
    int minutes;
    if (*at != '+' && *at != '-')
        return false;
    at++;
    if (!parse_pair(&at, 0, 23, ':', &hours) || !parse_pair(&at, 0, 59, '\0', &minutes))
        return false;
    *ret_seconds = sign * (hours * 3600 + minutes * 60);
    return *at == '\0';
}

/* Seconds since 1970 of a valid date and time; false for 31 February. */
static bool to_seconds(const struct tm *parts, int64_t *ret_seconds)
{
    struct tm normal = *parts;
    time_t seconds = timegm(&normal);
    *ret_seconds = seconds;
    return normal.tm_mday == parts->tm_mday && normal.tm_mon == parts->tm_mon;
}

bool json_timestamp_parse(const char *text, int64_t *ret_seconds, int32_t *ret_nanos)
{
    struct tm parts = {0};
    int64_t year;
    int64_t seconds;
    int64_t offset;
    int32_t nanos;
    const char *at = text;
    if (!parse_digits(&at, 4, 4, &year) || year < 1 || *at++ != '-' ||
        !parse_pair(&at, 1, 12, '-', &parts.tm_mon) ||
        !parse_pair(&at, 1, 31, 'T', &parts.tm_mday) ||
        !parse_pair(&at, 0, 23, ':', &parts.tm_hour) ||
        !parse_pair(&at, 0, 59, ':', &parts.tm_min) || !parse_pair(&at, 0, 59, '\0', &parts.tm_sec))
        return false;
    parts.tm_year = (int)year - 1900;
    parts.tm_mon--;
    if (!parse_decimals(&at, &nanos) || !parse_offset(at, &offset) || !to_seconds(&parts, &seconds))
        return false;
    seconds -= offset;
    if (seconds < TIMESTAMP_SECONDS_MIN || seconds > TIMESTAMP_SECONDS_MAX)
        return false;
    *ret_seconds = seconds;
    *ret_nanos = nanos;
    return true;
}

bool json_duration_format(int64_t seconds, int32_t nanos, char ret_text[JSON_TIME_BYTES])
{
    if (seconds < -DURATION_SECONDS_MAX || seconds > DURATION_SECONDS_MAX || nanos < -NANOS_MAX ||
        nanos > NANOS_MAX || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
        return false;
    char decimals[11];
    bool negative = seconds < 0 || nanos < 0;
    format_decimals(nanos < 0 ? -nanos : nanos, decimals);
    snprintf(ret_text, JSON_TIME_BYTES, "%s%lld%ss", negative ? "-" : "",
             (long long)(seconds < 0 ? -seconds : seconds), decimals);
    return true;
}

bool json_duration_parse(const char *text, int64_t *ret_seconds, int32_t *ret_nanos)
{
    const char *at = text;
    int sign = *at == '-' ? -1 : 1;
    int64_t seconds;
    int32_t nanos;
    if (*at == '-')
        at++;
    if (!parse_digits(&at, 1, DURATION_DIGITS_MAX, &seconds) || seconds > DURATION_SECONDS_MAX ||
        !parse_decimals(&at, &nanos) || strcmp(at, "s") != 0)
        return false;
    *ret_seconds = sign * seconds;
    *ret_nanos = sign * nanos;
    return true;
}
