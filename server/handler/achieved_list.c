/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/achieved_list.h"

#include <stdlib.h>
#include <string.h>

#include "domain/achievement.h"
#include "domain/decimal.h"
#include "handler/word_list.h"
#include "wire/arena.h"

#define WORDS_MAX 6

/* The elements of a list, which is copied. */
struct elements {
    const char **texts;
    size_t count;
};

static bool split(const char *list, struct arena *arena, struct elements *ret_elements)
{
    size_t room = 1;
    for (const char *at = strchr(list, ','); at != NULL; at = strchr(at + 1, ','))
        room++;
    char *text = arena_copy(arena, list, strlen(list));
    const char **texts = arena_alloc(arena, room * sizeof(const char *));
    if (text == NULL || texts == NULL)
        return false;
    *ret_elements = (struct elements){texts, word_list_split(text, ',', texts, room)};
    return true;
}

/* Words of an element, of which there are @p least or, with an end, one more:
 * without, that word is "". */
static bool read_words(const char *element, size_t least, bool may_end, const char **ret_words)
{
    size_t count = word_list_split((char *)element, ' ', ret_words, WORDS_MAX + 1);
    if (may_end && count == least)
        ret_words[count++] = "";
    return count == least + may_end;
}

static bool read_whole(const char *text, int64_t *ret_number)
{
    char *end = NULL;
    *ret_number = strtoll(text, &end, 10);
    return end != text && *end == '\0';
}

/* What the readers of elements need: where to look an indicator up, first behind
 * the one found last, because lists tend to have the same order. */
struct lookup {
    const struct achieved_definitions *definitions;
    size_t next;
};

/* @return the number of an indicator; -1 when it is not defined. */
static int number_of(struct lookup *lookup, const char *code)
{
    size_t count = lookup->definitions->count;
    for (size_t i = 0; i < count; i++) {
        size_t at = (lookup->next + i) % count;
        if (strcmp(lookup->definitions->codes[at], code) != 0)
            continue;
        lookup->next = at + 1;
        return lookup->definitions->items[at].indicator;
    }
    return -1;
}

static bool read_definition(const char *element, struct achievement_definition *ret_definition,
                            const char **ret_code)
{
    const char *words[WORDS_MAX + 1];
    if (!read_words(element, 4, true, words))
        return false;
    *ret_code = words[0];
    *ret_definition = (struct achievement_definition){
        .mission = words[1],
        .direction = indicator_direction_find(words[2]),
        .valid = {words[3], words[4]},
    };
    return ret_definition->direction != 0;
}

static bool read_value(const char *element, struct lookup *lookup,
                       struct achievement_value *ret_value)
{
    const char *words[WORDS_MAX + 1];
    if (!read_words(element, 4, false, words))
        return false;
    *ret_value = (struct achievement_value){.indicator = number_of(lookup, words[0]),
                                            .period = {words[1], words[2]}};
    return decimal_parse(words[3], &ret_value->value_millionths);
}

static bool read_thresholds(const char *values_text, const char *amounts_text,
                            struct achievement_table *table)
{
    const char *values[INDICATOR_THRESHOLDS_MAX + 1];
    const char *amounts[INDICATOR_THRESHOLDS_MAX + 1];
    size_t most = INDICATOR_THRESHOLDS_MAX + 1;
    size_t count = word_list_split((char *)values_text, ';', values, most);
    if (count == 0 || count == most ||
        word_list_split((char *)amounts_text, ';', amounts, most) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!decimal_parse(values[i], &table->thresholds[i].value_millionths) ||
            !read_whole(amounts[i], &table->thresholds[i].amount_cents))
            return false;
    }
    table->threshold_count = count;
    return true;
}

static bool read_table(const char *element, struct lookup *lookup,
                       struct achievement_table *ret_table)
{
    const char *words[WORDS_MAX + 1];
    if (!read_words(element, 5, true, words))
        return false;
    *ret_table = (struct achievement_table){.indicator = number_of(lookup, words[0]),
                                            .valid = {words[1], words[5]}};
    return read_whole(words[2], &ret_table->version) &&
           read_thresholds(words[3], words[4], ret_table);
}

bool achieved_definitions_read(const char *list, struct arena *arena,
                               struct achieved_definitions *ret_definitions)
{
    struct elements elements;
    if (!split(list, arena, &elements))
        return false;
    struct achievement_definition *items = arena_alloc(arena, (elements.count + 1) * sizeof *items);
    const char **codes = arena_alloc(arena, (elements.count + 1) * sizeof(const char *));
    if (items == NULL || codes == NULL)
        return false;
    struct achieved_definitions definitions = {items, codes, 0};
    for (size_t i = 0; i < elements.count; i++) {
        struct lookup lookup = {&definitions, 0};
        if (!read_definition(elements.texts[i], &items[i], &codes[i]))
            return false;
        int number = number_of(&lookup, codes[i]);
        items[i].indicator = number < 0 ? (int)i : number;
        definitions.count++;
    }
    *ret_definitions = definitions;
    return true;
}

static bool read_values(const char *list, struct lookup lookup, struct arena *arena,
                        struct achievement *achievement)
{
    struct elements elements;
    if (!split(list, arena, &elements))
        return false;
    struct achievement_value *values = arena_alloc(arena, (elements.count + 1) * sizeof *values);
    for (size_t i = 0; values != NULL && i < elements.count; i++) {
        if (!read_value(elements.texts[i], &lookup, &values[i]))
            return false;
    }
    achievement->values = values;
    achievement->value_count = elements.count;
    return values != NULL;
}

static bool read_tables(const char *list, struct lookup lookup, struct arena *arena,
                        struct achievement *achievement)
{
    struct elements elements;
    if (!split(list, arena, &elements))
        return false;
    struct achievement_table *tables = arena_alloc(arena, (elements.count + 1) * sizeof *tables);
    for (size_t i = 0; tables != NULL && i < elements.count; i++) {
        if (!read_table(elements.texts[i], &lookup, &tables[i]))
            return false;
    }
    achievement->tables = tables;
    achievement->table_count = elements.count;
    return tables != NULL;
}

bool achieved_list_read(const char *values, const char *tables,
                        const struct achieved_definitions *definitions, struct arena *arena,
                        struct entitlement_facts *ret_facts)
{
    struct lookup lookup = {definitions, 0};
    struct achievement achievement = {.definitions = definitions->items,
                                      .definition_count = definitions->count};
    if (!read_values(values, lookup, arena, &achievement) ||
        !read_tables(tables, lookup, arena, &achievement))
        return false;
    struct achieved_fact *facts = arena_alloc(arena, (achievement.value_count + 1) * sizeof *facts);
    if (facts == NULL)
        return false;
    ret_facts->achieved_count = achievement_add_up(&achievement, facts);
    ret_facts->achieved = facts;
    return true;
}
