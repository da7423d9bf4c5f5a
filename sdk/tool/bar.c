/* SPDX-License-Identifier: Apache-2.0 */
#include "bar.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EIGHTHS 8

/* Eighths of a cell, from the left. */
static const char *const PARTS[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
static const char FULL[] = "█";
static const char TRACK[] = "░";

static void write_ascii(double fraction, int cells, char *ret_text)
{
    int filled = (int)lround(fraction * cells);
    if (filled == 0 && fraction > 0)
        filled = 1;
    for (int i = 0; i < cells; i++)
        ret_text[i] = i < filled ? '#' : '.';
    ret_text[cells] = '\0';
}

static void write_blocks(double fraction, int cells, char *ret_text)
{
    int eighths = (int)lround(fraction * cells * EIGHTHS);
    if (eighths == 0 && fraction > 0)
        eighths = 1;
    char *at = ret_text;
    int cell = 0;
    for (; cell < eighths / EIGHTHS; cell++)
        at = stpcpy(at, FULL);
    if (eighths % EIGHTHS != 0) {
        at = stpcpy(at, PARTS[eighths % EIGHTHS]);
        cell++;
    }
    for (; cell < cells; cell++)
        at = stpcpy(at, TRACK);
    *at = '\0';
}

void bar_write(double fraction, int cells, bool has_unicode, char ret_text[BAR_TEXT_BYTES])
{
    double cut = fraction < 0 || isnan(fraction) ? 0 : fraction > 1 ? 1 : fraction;
    int width = cells < 0 ? 0 : cells > BAR_CELLS_MAX ? BAR_CELLS_MAX : cells;
    if (has_unicode)
        write_blocks(cut, width, ret_text);
    else
        write_ascii(cut, width, ret_text);
}

void figure_count(int64_t count, char ret_text[FIGURE_BYTES])
{
    char digits[FIGURE_BYTES];
    int length = snprintf(digits, sizeof digits, "%lld", (long long)count);
    char *at = ret_text;
    for (int i = 0; i < length; i++) {
        *at++ = digits[i];
        int left = length - 1 - i;
        if (left > 0 && left % 3 == 0 && digits[i] != '-')
            *at++ = ',';
    }
    *at = '\0';
}

double figure_fraction(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

void figure_percent(int64_t part, int64_t whole, char ret_text[FIGURE_BYTES])
{
    if (whole > 0)
        snprintf(ret_text, FIGURE_BYTES, "%.1f %%", 100 * figure_fraction(part, whole));
    else
        snprintf(ret_text, FIGURE_BYTES, "-");
}
