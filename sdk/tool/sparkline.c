/* SPDX-License-Identifier: Apache-2.0 */
#include "sparkline.h"

#include <math.h>
#include <string.h>

#define LEVELS 8

static const char *const BLOCKS[LEVELS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
static const char *const MARKS[LEVELS] = {"_", ".", ",", "-", "=", "+", "*", "#"};

/* The value at a time within the series. */
static double value_at(const struct sparkline_point *points, size_t point_count, double time)
{
    size_t after = 0;
    while (after < point_count && points[after].time < time)
        after++;
    if (after == 0)
        return points[0].value;
    if (after == point_count)
        return points[point_count - 1].value;
    const struct sparkline_point *from = &points[after - 1];
    const struct sparkline_point *to = &points[after];
    double part = to->time > from->time ? (time - from->time) / (to->time - from->time) : 1;
    return from->value + part * (to->value - from->value);
}

static int level_of(double value, double largest)
{
    if (!(largest > 0) || !(value > 0))
        return 0;
    return (int)fmin(LEVELS - 1, floor(value / largest * LEVELS));
}

void sparkline_write(const struct sparkline_point *points, size_t point_count, int cells,
                     bool has_unicode, char ret_text[SPARKLINE_TEXT_BYTES])
{
    double largest = 0;
    char *at = ret_text;
    *at = '\0';
    if (point_count == 0)
        return;
    for (size_t i = 0; i < point_count; i++)
        largest = fmax(largest, points[i].value);
    double first = points[0].time;
    double span = points[point_count - 1].time - first;
    for (int cell = 0; cell < cells && cell < SPARKLINE_CELLS_MAX; cell++) {
        double time = cells == 1 ? first + span : first + span * cell / (cells - 1);
        int level = level_of(value_at(points, point_count, time), largest);
        at = stpcpy(at, has_unicode ? BLOCKS[level] : MARKS[level]);
    }
}
