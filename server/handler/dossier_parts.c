/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/dossier_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/principal.h"
#include "cpts/v1/change.pb-c.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define DECIDERS (ROLE_OPERATOR | ROLE_ARS_AGENT | ROLE_REGION_NODE | ROLE_NATIONAL_NODE)
/* Words of one closed item: CLOCK, id, kind, mission, due date, how many; - for none. */
#define CLOSED_WORDS 6

bool is_coordinator_only(const struct call *call)
{
    return (call->principal.roles & DECIDERS) == 0;
}

cpts_status decider_check(const struct call *call, bool is_own, const char *field,
                          struct cpts_error *err)
{
    if (is_own || !is_coordinator_only(call))
        return CPTS_OK;
    return error_set_field(err, REASON_NOT_THE_DECIDER, field,
                           "that is not for the CPTS to decide: its ARS records it");
}

cpts_status document_ids_check(char *const *ids, size_t count, struct cpts_error *err)
{
    uint8_t uuids[DOCUMENT_IDS_MAX][16];
    if (count > DOCUMENT_IDS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "document_ids", "at most %d",
                               DOCUMENT_IDS_MAX);
    for (size_t i = 0; i < count; i++) {
        char field[CPTS_FIELD_BYTES];
        snprintf(field, sizeof field, "document_ids[%zu]", i);
        if (!uuid_parse(ids[i], uuids[i]))
            return error_set_field(err, REASON_FIELD_INVALID, field, "not a UUID");
        for (size_t before = 0; before < i; before++) {
            if (memcmp(uuids[before], uuids[i], sizeof uuids[i]) == 0)
                return error_set_field(err, REASON_FIELD_INVALID, field, "it is there twice");
        }
    }
    return CPTS_OK;
}

cpts_status dossier_code_check(enum dossier_class class, const char *code, bool is_required,
                               const char *field, struct cpts_error *err)
{
    if (code[0] == '\0' && !is_required)
        return CPTS_OK;
    if (code[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "a code is needed");
    if (dossier_kind_find(class, code) == NULL)
        return error_set_field(err, REASON_UNKNOWN_KIND, field, "there is no such code: '%.40s'",
                               code);
    return CPTS_OK;
}

void dossier_id_make(const char *what, const uint8_t command_id[16], uint8_t ret_id[16])
{
    char space[32];
    char name[UUID_TEXT_BYTES];
    snprintf(space, sizeof space, "cpts.%s", what);
    uuid_format(command_id, name);
    uuid_derive(space, name, ret_id);
}

struct clock_set *clock_set_make(struct call *call, const char *const *kinds, size_t kinds_max,
                                 const char *started_on, const struct clock_seed *seed)
{
    const struct clock_rules *rules = call->service->clock_rules;
    struct clock_set *set = arena_alloc(call->arena, sizeof *set);
    if (set == NULL)
        return NULL;
    set->started_on = started_on;
    for (size_t i = 0; i < kinds_max && kinds[i] != NULL; i++)
        set->count = clock_rules_start(rules, kinds[i], started_on, seed, set->clocks, set->count);
    return set;
}

void clock_set_bind(struct query *query, const struct clock_set *set)
{
    char ids[CLOCKS_MAX][UUID_TEXT_BYTES];
    const char *columns[4][CLOCKS_MAX];
    for (size_t i = 0; i < set->count; i++) {
        uuid_format(set->clocks[i].id, ids[i]);
        columns[0][i] = ids[i];
        columns[1][i] = set->clocks[i].kind;
        columns[2][i] = set->clocks[i].mission;
        columns[3][i] = set->clocks[i].due_on;
    }
    for (size_t column = 0; column < 4; column++)
        query_text_array(query, columns[column], set->count);
}

Cpts__V1__ClockFact **clock_set_facts(struct call *call, const struct clock_set *set)
{
    Cpts__V1__ClockFact **facts =
        arena_alloc(call->arena, (set->count + 1) * sizeof(Cpts__V1__ClockFact *));
    for (size_t i = 0; facts != NULL && i < set->count; i++) {
        const struct clock *clock = &set->clocks[i];
        char *id = arena_alloc(call->arena, UUID_TEXT_BYTES);
        facts[i] = request_message(call, &cpts__v1__clock_fact__descriptor);
        if (facts[i] == NULL || id == NULL)
            return NULL;
        uuid_format(clock->id, id);
        facts[i]->clock_id = id;
        facts[i]->kind = (char *)clock->kind;
        facts[i]->mission = (char *)clock->mission;
        facts[i]->started_on = (char *)set->started_on;
        facts[i]->due_on = (char *)clock->due_on;
    }
    return facts;
}

/* "CLOCK <id> <kind> <mission or -> <due>" or "FILING <id> <stage>", cut in place. */
static bool read_closed(struct call *call, char *text, Cpts__V1__ClosedItem **ret_item)
{
    char *words[CLOSED_WORDS] = {"", "", "", "", "", "0"};
    Cpts__V1__ClosedItem *item = request_message(call, &cpts__v1__closed_item__descriptor);
    if (item == NULL)
        return false;
    char *rest = NULL;
    size_t count = 0;
    for (char *word = strtok_r(text, " ", &rest); word != NULL && count < CLOSED_WORDS;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = strcmp(word, "-") == 0 ? "" : word;
    item->type = words[0];
    item->id = words[1];
    item->kind = words[2];
    item->mission = words[3];
    item->due_on = words[4];
    item->count = (int32_t)strtol(words[5], NULL, 10);
    *ret_item = item;
    return true;
}

Cpts__V1__ClosedItem **closed_items(struct call *call, const struct rows *rows, int column,
                                    size_t *ret_count)
{
    char **texts = NULL;
    int count = rows_array(rows, 0, column, call->arena, &texts);
    Cpts__V1__ClosedItem **items =
        count < 0 ? NULL
                  : arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__ClosedItem *));
    for (int i = 0; items != NULL && i < count; i++) {
        if (!read_closed(call, texts[i], &items[i]))
            return NULL;
    }
    *ret_count = count < 0 ? 0 : (size_t)count;
    return items;
}
