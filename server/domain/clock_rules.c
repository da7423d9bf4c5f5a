/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/clock_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/uuid.h"

#define SEED_BYTES 256
/* Of every date. */
#define FIRST_DAY "1900-01-01"

struct clock_rules {
    struct clock_rule rows[CLOCK_RULES_MAX];
    size_t count;
};

struct clock_rules *clock_rules_new(void)
{
    return calloc(1, sizeof(struct clock_rules));
}

void clock_rules_free(struct clock_rules *rules)
{
    free(rules);
}

bool clock_rules_add(struct clock_rules *rules, const struct clock_rule *rule)
{
    if (rules->count == CLOCK_RULES_MAX || rule->kind[0] == '\0' || rule->months < 1)
        return false;
    rules->rows[rules->count++] = *rule;
    return true;
}

size_t clock_rules_count(const struct clock_rules *rules)
{
    return rules->count;
}

void clock_id_make(const char *due_on, const char *kind, const char *mission,
                   const struct clock_seed *seed, uint8_t ret_id[16])
{
    char name[SEED_BYTES];
    uint32_t day = (uint32_t)(calendar_day(due_on) - calendar_day(FIRST_DAY));
    snprintf(name, sizeof name, "%s %s %s %s", seed->cpts_id, seed->command_id, kind, mission);
    uuid_derive("cpts.clock", name, ret_id);
    for (int i = 0; i < 4; i++)
        ret_id[i] = (uint8_t)(day >> (24 - 8 * i));
}

size_t clock_rules_start(const struct clock_rules *rules, const char *kind, const char *started_on,
                         const struct clock_seed *seed, struct clock clocks[CLOCKS_MAX],
                         size_t count)
{
    for (size_t i = 0; i < rules->count && count < CLOCKS_MAX; i++) {
        const struct clock_rule *rule = &rules->rows[i];
        if (strcmp(rule->kind, kind) != 0 || strcmp(rule->valid_from, started_on) > 0 ||
            strcmp(rule->valid_to, started_on) <= 0)
            continue;
        struct clock *clock = &clocks[count++];
        clock->kind = rule->kind;
        clock->mission = rule->mission;
        calendar_add_months(started_on, rule->months, clock->due_on);
        clock_id_make(clock->due_on, clock->kind, clock->mission, seed, clock->id);
    }
    return count;
}
