/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/achievement.h"

#include <stdbool.h>
#include <string.h>

/* Whether it holds on the last day before @p end. */
static bool holds_before(const struct achievement_span *valid, const char *end)
{
    return strcmp(valid->from, end) < 0 && (valid->to[0] == '\0' || strcmp(valid->to, end) >= 0);
}

static const struct achievement_definition *definition_of(const struct achievement *achievement,
                                                          const struct achievement_value *value)
{
    for (size_t i = 0; i < achievement->definition_count; i++) {
        const struct achievement_definition *definition = &achievement->definitions[i];
        if (definition->indicator == value->indicator &&
            holds_before(&definition->valid, value->period.to))
            return definition;
    }
    return NULL;
}

/* Whether @p one holds since later than @p other, or was recorded later. */
static bool is_newer(const struct achievement_table *one, const struct achievement_table *other)
{
    int order = strcmp(one->valid.from, other->valid.from);
    return order != 0 ? order > 0 : one->version > other->version;
}

static const struct achievement_table *table_of(const struct achievement *achievement,
                                                const struct achievement_value *value)
{
    const struct achievement_table *found = NULL;
    for (size_t i = 0; i < achievement->table_count; i++) {
        const struct achievement_table *table = &achievement->tables[i];
        if (table->indicator == value->indicator && holds_before(&table->valid, value->period.to) &&
            (found == NULL || is_newer(table, found)))
            found = table;
    }
    return found;
}

/* Whether the period of @p one goes before the other's. */
static bool goes_before(const struct achievement_span *one, const struct achievement_span *other)
{
    int order = strcmp(one->to, other->to);
    return order != 0 ? order > 0 : strcmp(one->from, other->from) < 0;
}

/* Whether a value of the same indicator goes before that one and counts. */
static bool is_replaced(const struct achievement *achievement, size_t index)
{
    const struct achievement_value *value = &achievement->values[index];
    for (size_t i = 0; i < achievement->value_count; i++) {
        const struct achievement_value *other = &achievement->values[i];
        if (i != index && other->indicator == value->indicator &&
            goes_before(&other->period, &value->period) &&
            definition_of(achievement, other) != NULL && table_of(achievement, other) != NULL)
            return true;
    }
    return false;
}

static void add(const char *mission, int64_t cents, struct achieved_fact *facts, size_t *count)
{
    size_t i = 0;
    while (i < *count && strcmp(facts[i].mission, mission) != 0)
        i++;
    if (i == *count)
        facts[(*count)++] = (struct achieved_fact){mission, 0};
    facts[i].cents += cents;
}

size_t achievement_add_up(const struct achievement *achievement, struct achieved_fact *ret_facts)
{
    size_t count = 0;
    for (size_t i = 0; i < achievement->value_count; i++) {
        const struct achievement_value *value = &achievement->values[i];
        const struct achievement_definition *definition = definition_of(achievement, value);
        const struct achievement_table *table = table_of(achievement, value);
        if (definition == NULL || table == NULL || is_replaced(achievement, i))
            continue;
        size_t step = indicator_step(definition->direction, table->thresholds,
                                     table->threshold_count, value->value_millionths);
        add(definition->mission, indicator_amount_cents(table->thresholds, step), ret_facts,
            &count);
    }
    return count;
}
