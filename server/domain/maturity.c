/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/maturity.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "domain/calendar.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define LIVE_SOURCES {"EMERGENCE", "LETTRE_INTENTION", "PROJET_VALIDE", "ACI_SIGNE"}, 4

static const struct {
    const char *code;
    const char *sources[STAGE_LIVE_COUNT];
    size_t source_count;
} STAGES[STAGE_COUNT + 1] = {
    [STAGE_NONE] = {"", {NULL}, 0},
    [STAGE_EMERGENCE] = {"EMERGENCE", {NULL}, 0},
    [STAGE_LETTRE_INTENTION] = {"LETTRE_INTENTION", {"EMERGENCE"}, 1},
    [STAGE_PROJET_VALIDE] = {"PROJET_VALIDE", {"LETTRE_INTENTION"}, 1},
    [STAGE_ACI_SIGNE] = {"ACI_SIGNE", {"PROJET_VALIDE"}, 1},
    [STAGE_ABANDONNE] = {"ABANDONNE", LIVE_SOURCES},
    [STAGE_FUSIONNE] = {"FUSIONNE", LIVE_SOURCES},
    [STAGE_DISSOUS] = {"DISSOUS", LIVE_SOURCES},
    [STAGE_NON_RENOUVELE] = {"NON_RENOUVELE", {"ACI_SIGNE"}, 1},
};

bool stage_is_known(int stage)
{
    return stage > STAGE_NONE && stage <= STAGE_COUNT;
}

bool stage_is_live(int stage)
{
    return stage > STAGE_NONE && stage <= STAGE_LIVE_COUNT;
}

const char *stage_code(int stage)
{
    return stage_is_known(stage) ? STAGES[stage].code : "";
}

enum stage stage_find(const char *code)
{
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        if (strcmp(STAGES[stage].code, code) == 0)
            return (enum stage)stage;
    }
    return STAGE_NONE;
}

size_t stage_sources(int stage, const char *const **ret_sources)
{
    if (!stage_is_known(stage))
        stage = STAGE_NONE;
    *ret_sources = STAGES[stage].sources;
    return STAGES[stage].source_count;
}

bool stage_step_is_legal(int current, int next)
{
    if (current == STAGE_NONE)
        return next == STAGE_EMERGENCE;
    const char *const *sources = NULL;
    size_t count = stage_sources(next, &sources);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sources[i], stage_code(current)) == 0)
            return true;
    }
    return false;
}

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
