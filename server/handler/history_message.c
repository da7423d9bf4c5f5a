/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/history_message.h"

#include "base/call.h"
#include "base/clock.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status stage_entries_read(struct call *call, Cpts__V1__StageEntry *const *stages,
                               size_t stage_count, struct stage_entry **ret_entries,
                               struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    if (stage_count > STAGE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "stages", "at most %d stages",
                               STAGE_COUNT);
    struct stage_entry *entries = arena_alloc(call->arena, (stage_count + 1) * sizeof *entries);
    if (entries == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the stages");
    for (size_t i = 0; i < stage_count; i++)
        entries[i] = (struct stage_entry){
            .stage = (int)stages[i]->stage,
            .effective_on = stages[i]->effective_on,
            .successor_id = stages[i]->successor_id,
        };
    cpts_status status = stage_history_check(entries, stage_count, today, err);
    if (status == CPTS_OK)
        *ret_entries = entries;
    return status;
}

Cpts__V1__StageFact **stage_entry_facts(struct call *call, const struct stage_entry *entries,
                                        size_t count)
{
    Cpts__V1__StageFact **facts =
        arena_alloc(call->arena, (count + 1) * sizeof(Cpts__V1__StageFact *));
    for (size_t i = 0; facts != NULL && i < count; i++) {
        facts[i] = request_message(call, &cpts__v1__stage_fact__descriptor);
        if (facts[i] == NULL)
            return NULL;
        facts[i]->stage = (Cpts__V1__Stage)entries[i].stage;
        facts[i]->effective_on = (char *)entries[i].effective_on;
        facts[i]->successor_id = (char *)entries[i].successor_id;
    }
    return facts;
}

void stage_entries_bind(struct call *call, const struct stage_entry *entries, size_t count)
{
    const char *codes[STAGE_COUNT];
    const char *dates[STAGE_COUNT];
    const char *successors[STAGE_COUNT];
    for (size_t i = 0; i < count; i++) {
        codes[i] = stage_code(entries[i].stage);
        dates[i] = entries[i].effective_on;
        successors[i] = entries[i].successor_id;
    }
    query_text_array(call->query, codes, count);
    query_text_array(call->query, dates, count);
    query_text_array(call->query, successors, count);
}
