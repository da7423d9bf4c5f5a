/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/maturity.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "domain/calendar.h"
#include "wire/error.h"
#include "wire/uuid.h"

cpts_status stage_successor_check(int stage, const char *successor_id, const char *own_id,
                                  const char *field, struct cpts_error *err)
{
    uint8_t successor[16];
    uint8_t own[16];
    if (stage != STAGE_FUSIONNE && successor_id[0] == '\0')
        return CPTS_OK;
    if (stage != STAGE_FUSIONNE)
        return error_set_field(err, REASON_SUCCESSOR_INVALID, field,
                               "a successor goes with FUSIONNE only");
    /* Compared as bytes: a UUID has more than one spelling. */
    bool is_own = uuid_parse(own_id, own) && uuid_parse(successor_id, successor) &&
                  memcmp(own, successor, sizeof own) == 0;
    if (is_own || !uuid_parse(successor_id, successor))
        return error_set_field(err, REASON_SUCCESSOR_INVALID, field,
                               "FUSIONNE needs the id of the CPTS that takes over");
    return CPTS_OK;
}

static cpts_status check_entry(const struct stage_entry *entries, size_t index, const char *today,
                               struct cpts_error *err)
{
    const struct stage_entry *entry = &entries[index];
    int before = index == 0 ? STAGE_NONE : entries[index - 1].stage;
    char field[CPTS_FIELD_BYTES];

    snprintf(field, sizeof field, "stages[%zu].stage", index);
    if (!stage_step_is_legal(before, entry->stage))
        return error_set_field(err, REASON_STAGE_ORDER_INVALID, field,
                               "%s cannot follow %s: stages are entered in order, none skipped",
                               stage_is_known(entry->stage) ? stage_code(entry->stage) : "this",
                               before == STAGE_NONE ? "nothing" : stage_code(before));
    snprintf(field, sizeof field, "stages[%zu].effective_on", index);
    cpts_status status = calendar_past_check(entry->effective_on, today, field, err);
    if (status != CPTS_OK)
        return status;
    if (index > 0 && strcmp(entry->effective_on, entries[index - 1].effective_on) <= 0)
        return error_set_field(err, REASON_STAGE_ORDER_INVALID, field,
                               "%s is not after %s, the date of the stage before",
                               entry->effective_on, entries[index - 1].effective_on);
    snprintf(field, sizeof field, "stages[%zu].successor_id", index);
    return stage_successor_check(entry->stage, entry->successor_id, "", field, err);
}

cpts_status stage_history_check(const struct stage_entry *entries, size_t count, const char *today,
                                struct cpts_error *err)
{
    if (count == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "stages",
                               "a CPTS begins with its first stage, EMERGENCE, and a date");
    if (count > STAGE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "stages", "at most %d stages",
                               STAGE_COUNT);
    for (size_t i = 0; i < count; i++) {
        cpts_status status = check_entry(entries, i, today, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}
