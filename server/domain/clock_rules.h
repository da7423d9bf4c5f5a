/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_CLOCK_RULES_H
#define DOMAIN_CLOCK_RULES_H

/**
 * @file
 * Legal clocks: the server's copy of how long each runs, and the clocks that a
 * date starts. Built once at start, then read-only.
 *
 * Threads: building, one thread; reading, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/calendar.h"

#define CLOCK_CODE_BYTES 48
/** Most rules, and most clocks that one command starts. */
#define CLOCK_RULES_MAX 200
#define CLOCKS_MAX 32

/** One row of cpts.clock_rule. */
struct clock_rule {
    char kind[CLOCK_CODE_BYTES];
    char mission[CLOCK_CODE_BYTES];
    char valid_from[CALENDAR_DATE_BYTES];
    /** "infinity" sorts behind every date. */
    char valid_to[CALENDAR_DATE_BYTES];
    int months;
};

/** A clock that starts. Texts are the rule's. */
struct clock {
    uint8_t id[16];
    const char *kind;
    const char *mission;
    char due_on[CALENDAR_DATE_BYTES];
};

struct clock_rules;

struct clock_rules *clock_rules_new(void);
void clock_rules_free(struct clock_rules *rules);

/** @return false when there are too many, or a text is too long. */
bool clock_rules_add(struct clock_rules *rules, const struct clock_rule *rule);

size_t clock_rules_count(const struct clock_rules *rules);

/** What makes a clock's id: the same for a command that is repeated. */
struct clock_seed {
    const char *cpts_id;
    const char *command_id;
};

/**
 * The clocks that @p started_on starts: one for each rule of @p kind in force on
 * that date, hence one a mission. Appends to @p clocks, which holds @p count.
 * @return the new count, at most CLOCKS_MAX.
 */
size_t clock_rules_start(const struct clock_rules *rules, const char *kind, const char *started_on,
                         const struct clock_seed *seed, struct clock clocks[CLOCKS_MAX],
                         size_t count);

/** Id of a clock: four bytes of its due date (days since 1900, big-endian), so
 * that ids sort by it, then twelve derived from the seed; UUID version 8. */
void clock_id_make(const char *due_on, const char *kind, const char *mission,
                   const struct clock_seed *seed, uint8_t ret_id[16]);

#endif
