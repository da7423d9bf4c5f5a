/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_MISSION_STATUS_H
#define DOMAIN_MISSION_STATUS_H

/**
 * @file
 * The missions of a CPTS: where each stands, which step is legal, and the plan
 * of objectives and actions behind it.
 *
 * A mission is planned, then started, then deployed; it may be stopped at any
 * of them and taken up again. It is carried while started or deployed: then the
 * ACI pays its parts.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>

/** Numbers of cpts.v1.MissionStatus. */
enum mission_status {
    MISSION_NONE = 0,
    MISSION_PLANNED = 1,
    MISSION_STARTED = 2,
    MISSION_DEPLOYED = 3,
    MISSION_STOPPED = 4,
};
#define MISSION_STATUS_COUNT 4

/** Bytes of a mission's code with its final NUL. */
#define MISSION_CODE_BYTES 41
/** A plan holds at most so many texts, each of so many characters (not bytes). */
#define MISSION_OBJECTIVES_MAX 10
#define MISSION_ACTIONS_MAX 30
#define MISSION_TEXT_CHARACTERS_MAX 500

/** One line of a mission's history. */
struct mission_step {
    const char *mission;
    enum mission_status status;
    const char *on; /**< ISO 8601 date from which it holds */
};

/** Code of a status as in the database, "STARTED"; "" when there is none. */
const char *mission_status_code(int status);

/** Status of a code, MISSION_NONE when there is none. */
enum mission_status mission_status_find(const char *code);

/** Codes of the statuses from which @p status may be entered; "" is having none.
 * @param ret_sources  Static texts, 0..4 of them. @return how many. */
size_t mission_status_sources(int status, const char *const **ret_sources);

/** Kinds of legal clocks of a mission that stop when it enters @p status; nothing
 * else stops them. cpts.mission_clock_follow() knows the same by status.
 * @param ret_kinds  Static texts, 0..2 of them. @return how many. */
size_t mission_status_clocks(int status, const char *const **ret_kinds);

/** Whether a mission is carried: started or deployed. */
bool mission_is_carried(enum mission_status status);

/** Checks a mission's code by shape. INVALID_ARGUMENT / FIELD_REQUIRED,
 * FIELD_INVALID, field `mission`. */
CPTS_MUST_CHECK cpts_status mission_code_check(const char *code, struct cpts_error *err);

/** Checks the texts of a plan: at most @p max, each of 1..500 characters.
 * @param field  `objectives` or `actions`.
 * INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID, field `field[i]`. */
CPTS_MUST_CHECK cpts_status mission_texts_check(char *const *texts, size_t count, size_t max,
                                                const char *field, struct cpts_error *err);

/** Days in [from, to) on which @p mission was carried.
 * @param steps  Every step, by date; of two on one date the last one counts.
 * @param from, to  ISO 8601 dates; to is the first day that does not count. */
int mission_days(const struct mission_step *steps, size_t step_count, const char *mission,
                 const char *from, const char *to);

/** Where a mission stands at the end of a day, or, when @p is_before, before it
 * begins; MISSION_NONE before its first step. */
enum mission_status mission_status_at(const struct mission_step *steps, size_t step_count,
                                      const char *mission, const char *date, bool is_before);

#endif
