/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/achieved_list.h"

#include <stdlib.h>
#include <string.h>

#include "domain/decimal.h"
#include "domain/indicator_step.h"
#include "handler/word_list.h"
#include "wire/arena.h"

/* Words of an element. */
enum word {
    MISSION,
    DIRECTION,
    VALUE,
    THRESHOLDS,
    AMOUNTS,
    WORD_COUNT,
};

static bool read_cents(const char *text, int64_t *ret_cents)
{
    char *end = NULL;
    *ret_cents = strtoll(text, &end, 10);
    return end != text && *end == '\0';
}

/* @return how many lines the step table has; 0 when it is not one. */
static size_t read_table(const char *const *words, struct indicator_threshold *ret_lines)
{
    const char *values[INDICATOR_THRESHOLDS_MAX + 1];
    const char *amounts[INDICATOR_THRESHOLDS_MAX + 1];
    size_t most = INDICATOR_THRESHOLDS_MAX + 1;
    size_t count = word_list_split((char *)words[THRESHOLDS], ';', values, most);
    if (count == most || word_list_split((char *)words[AMOUNTS], ';', amounts, most) != count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (!decimal_parse(values[i], &ret_lines[i].value_millionths) ||
            !read_cents(amounts[i], &ret_lines[i].amount_cents))
            return 0;
    }
    return count;
}

/* Adds to what the mission has already. */
static void add(struct achieved_fact *facts, size_t *count, const char *mission, int64_t cents)
{
    size_t i = 0;
    while (i < *count && strcmp(facts[i].mission, mission) != 0)
        i++;
    if (i == *count)
        facts[(*count)++] = (struct achieved_fact){mission, 0};
    facts[i].cents += cents;
}

/* One element: what the value is worth goes to its mission. */
static bool add_element(char *element, struct achieved_fact *facts, size_t *count)
{
    const char *words[WORD_COUNT + 1];
    struct indicator_threshold lines[INDICATOR_THRESHOLDS_MAX];
    int64_t value = 0;
    if (word_list_split(element, ' ', words, WORD_COUNT + 1) != WORD_COUNT)
        return false;
    enum indicator_direction direction = indicator_direction_find(words[DIRECTION]);
    size_t line_count = read_table(words, lines);
    if (direction == 0 || line_count == 0 || !decimal_parse(words[VALUE], &value))
        return false;
    size_t step = indicator_step(direction, lines, line_count, value);
    add(facts, count, words[MISSION], indicator_amount_cents(lines, step));
    return true;
}

bool achieved_list_read(const char *list, struct arena *arena, struct entitlement_facts *ret_facts)
{
    size_t room = 1;
    for (const char *at = list; *at != '\0'; at++)
        room += *at == ',';
    char *text = arena_copy(arena, list, strlen(list));
    const char **elements = arena_alloc(arena, room * sizeof(const char *));
    struct achieved_fact *facts = arena_alloc(arena, room * sizeof *facts);
    if (text == NULL || elements == NULL || facts == NULL)
        return false;
    size_t element_count = word_list_split(text, ',', elements, room);
    size_t count = 0;
    for (size_t i = 0; i < element_count; i++) {
        if (!add_element((char *)elements[i], facts, &count))
            return false;
    }
    ret_facts->achieved = facts;
    ret_facts->achieved_count = count;
    return true;
}
