/* SPDX-License-Identifier: Apache-2.0 */
#include "figure_wording.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "name_fold.h"

#define WHOLE_DIGITS_MAX 12
#define DECIMALS_MAX 6
#define WORDS_MAX 3
#define YEAR_FIRST 1900
#define YEAR_LAST 2200
#define WEEK_LAST 53

/* Digits, and the place of the point; spaces of any kind are left out. */
struct digits {
    char whole[WHOLE_DIGITS_MAX + 1];
    char decimals[DECIMALS_MAX + 1];
    bool is_negative, has_point;
};

/* Bytes of a space: ASCII, no-break (2), narrow no-break (3); 0 = none. */
static size_t space_bytes(const char *text)
{
    if (*text == ' ')
        return 1;
    if (strncmp(text, "\xC2\xA0", 2) == 0)
        return 2;
    return strncmp(text, "\xE2\x80\xAF", 3) == 0 ? 3 : 0;
}

static bool add_digit(char *text, size_t most, char digit)
{
    size_t length = strlen(text);
    if (length == most)
        return false;
    text[length] = digit;
    text[length + 1] = '\0';
    return true;
}

static bool take(struct digits *digits, char character, bool is_first)
{
    if (isdigit((unsigned char)character))
        return digits->has_point ? add_digit(digits->decimals, DECIMALS_MAX, character)
                                 : add_digit(digits->whole, WHOLE_DIGITS_MAX, character);
    if (character == '-' && is_first)
        return digits->is_negative = true;
    if ((character != ',' && character != '.') || digits->has_point || digits->whole[0] == '\0')
        return false;
    return digits->has_point = true;
}

static void write_decimal(const struct digits *digits, char ret_decimal[FIGURE_DECIMAL_BYTES])
{
    const char *whole = digits->whole;
    size_t decimals = strlen(digits->decimals);
    while (whole[0] == '0' && whole[1] != '\0')
        whole++;
    while (decimals > 0 && digits->decimals[decimals - 1] == '0')
        decimals--;
    bool is_zero = strcmp(whole, "0") == 0 && decimals == 0;
    snprintf(ret_decimal, FIGURE_DECIMAL_BYTES, "%s%s%s%.*s",
             digits->is_negative && !is_zero ? "-" : "", whole, decimals > 0 ? "." : "",
             (int)decimals, digits->decimals);
}

bool figure_decimal(const char *text, char ret_decimal[FIGURE_DECIMAL_BYTES])
{
    struct digits digits = {.whole = ""};
    char folded[FOLD_BYTES];
    bool is_first = true, is_over = false;
    name_fold_words(text, folded);
    if (strcmp(folded, "oui") == 0 || strcmp(folded, "non") == 0) {
        snprintf(ret_decimal, FIGURE_DECIMAL_BYTES, "%d", folded[0] == 'o');
        return true;
    }
    for (size_t step = 1; *text != '\0'; text += step) {
        step = space_bytes(text);
        if (step > 0)
            continue;
        step = 1;
        if (is_over)
            return false;
        is_over = *text == '%';
        if (!is_over && !take(&digits, *text, is_first))
            return false;
        is_first = false;
    }
    if (digits.whole[0] == '\0' || (digits.has_point && digits.decimals[0] == '\0'))
        return false;
    write_decimal(&digits, ret_decimal);
    return true;
}

/* The words of a text; @return how many, WORDS_MAX + 1 for too many. */
static size_t split(const char *text, char folded[FOLD_BYTES], char *words[WORDS_MAX])
{
    size_t count = 0;
    char *rest = NULL;
    name_fold_words(text, folded);
    for (char *word = strtok_r(folded, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (count < WORDS_MAX)
            words[count] = word;
        count++;
    }
    return count;
}

/* @return the number that a text of digits is, or -1. */
static int number_of(const char *text, size_t digits_min, size_t digits_max)
{
    size_t length = strlen(text);
    if (length < digits_min || length > digits_max || strspn(text, "0123456789") != length)
        return -1;
    return (int)strtol(text, NULL, 10);
}

static bool is_year(int number)
{
    return number >= YEAR_FIRST && number <= YEAR_LAST;
}

/* The year among two words, and the other word. */
static const char *find_year(char *const words[2], int *ret_year)
{
    for (int i = 0; i < 2; i++) {
        *ret_year = number_of(words[i], 4, 4);
        if (is_year(*ret_year))
            return words[1 - i];
    }
    return NULL;
}

bool figure_period(const char *text, char ret_period[FIGURE_PERIOD_BYTES])
{
    char folded[FOLD_BYTES], *words[WORDS_MAX];
    int year = 0;
    size_t count = split(text, folded, words);
    if (count == 1 && is_year(number_of(words[0], 4, 4))) {
        snprintf(ret_period, FIGURE_PERIOD_BYTES, "%.4s", words[0]);
        return true;
    }
    const char *part = count == 2 ? find_year(words, &year) : NULL;
    if (part == NULL)
        return false;
    int month = number_of(part, 1, 2);
    if (month >= 1 && month <= 12)
        snprintf(ret_period, FIGURE_PERIOD_BYTES, "%04u-%02u", (unsigned)year % 10000,
                 (unsigned)month % 100);
    else if ((part[0] == 's' && part[1] >= '1' && part[1] <= '2' && part[2] == '\0') ||
             (part[0] == 't' && part[1] >= '1' && part[1] <= '4' && part[2] == '\0'))
        snprintf(ret_period, FIGURE_PERIOD_BYTES, "%04u-%c%c", (unsigned)year % 10000,
                 toupper(part[0]), part[1]);
    else
        return false;
    return true;
}

bool figure_week(const char *text, char ret_week[FIGURE_WEEK_BYTES])
{
    char folded[FOLD_BYTES], *words[WORDS_MAX];
    int year = 0;
    size_t count = split(text, folded, words);
    /* "semaine 7 2024": the first word says what the second is. */
    if (count == 3 && (strcmp(words[0], "semaine") == 0 || strcmp(words[0], "week") == 0)) {
        words[0] = words[1];
        words[1] = words[2];
        count = 2;
    }
    const char *part = count == 2 ? find_year(words, &year) : NULL;
    if (part == NULL)
        return false;
    int week = number_of(part + (part[0] == 's' || part[0] == 'w'), 1, 2);
    if (week < 1 || week > WEEK_LAST)
        return false;
    snprintf(ret_week, FIGURE_WEEK_BYTES, "%04u-W%02u", (unsigned)year % 10000,
             (unsigned)week % 100);
    return true;
}
