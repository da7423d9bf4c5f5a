/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CERTIFICATE_ALARM_H
#define APP_CERTIFICATE_ALARM_H

/**
 * @file
 * When to warn that the server's certificate expires: at 30, 14, 7 and 1 days,
 * once a day in between, and at once for another certificate. The time is an
 * argument.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>

/** Zero it first. */
struct certificate_alarm {
    /** Certificate, and moment, of the last warning; seconds since 1970 UTC. */
    int64_t end_s;
    int64_t warned_s;
};

/** What to say. */
struct certificate_warning {
    /** Whole days left; 0 in the last one, negative once it has expired. */
    int64_t days_left;
    /** Under one day: nobody may be able to connect tomorrow. */
    bool is_urgent;
};

/** Whether to warn now.
 * @param end_s  When the certificate in use expires, seconds since 1970 UTC; 0 =
 *               there is none.
 * @param ret_warning  Set on true only. */
bool certificate_alarm_rings(struct certificate_alarm *alarm, int64_t end_s, int64_t now_s,
                             struct certificate_warning *ret_warning);

#endif
