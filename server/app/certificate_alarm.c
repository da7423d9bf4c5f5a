/* SPDX-License-Identifier: Apache-2.0 */
#include "app/certificate_alarm.h"

#include <stddef.h>

#define DAY_S 86400

/* Days left under which the warnings become louder; the first begins them. */
static const int64_t THRESHOLDS_DAYS[] = {30, 14, 7, 1};

#define THRESHOLD_COUNT (sizeof THRESHOLDS_DAYS / sizeof THRESHOLDS_DAYS[0])

/* How many of the thresholds so many seconds are under. */
static size_t thresholds_passed(int64_t left_s)
{
    size_t count = 0;
    while (count < THRESHOLD_COUNT && left_s < THRESHOLDS_DAYS[count] * DAY_S)
        count++;
    return count;
}

bool certificate_alarm_rings(struct certificate_alarm *alarm, int64_t end_s, int64_t now_s,
                             struct certificate_warning *ret_warning)
{
    int64_t left_s = end_s - now_s;
    size_t passed = thresholds_passed(left_s);
    if (end_s == 0 || passed == 0)
        return false;
    bool is_known = alarm->end_s == end_s;
    if (is_known && now_s < alarm->warned_s + DAY_S &&
        thresholds_passed(end_s - alarm->warned_s) == passed)
        return false;
    *alarm = (struct certificate_alarm){.end_s = end_s, .warned_s = now_s};
    *ret_warning = (struct certificate_warning){
        .days_left = left_s < 0 ? (left_s - DAY_S + 1) / DAY_S : left_s / DAY_S,
        .is_urgent = left_s < DAY_S,
    };
    return true;
}
