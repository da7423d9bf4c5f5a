/* SPDX-License-Identifier: Apache-2.0 */
/* history stage, retract, territory. */
#include <cpts/history.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "input.h"
#include "session.h"

#define STAGES_MAX (INPUT_STAGES_MAX + 1)

/* A correction of stages: what the node believes, changed in one place. */
struct change {
    enum cpts_stage stage;
    /** NULL = the stage was entered by mistake. */
    const char *effective_on;
    const char *successor_id;
};

static int read_reason(const struct arguments *arguments, const char **ret_reason,
                       const char **ret_evidence)
{
    *ret_reason = arguments_value(arguments, "reason");
    *ret_evidence = arguments_value(arguments, "evidence");
    return *ret_reason == NULL ? deed_missing(arguments, "reason") : EXIT_CODE_OK;
}

/* Puts the changed stage where its rank wants it, or leaves it out.
 * @return how many entries there are then. */
static size_t apply(const struct cpts_record *record, const struct change *change,
                    struct cpts_stage_entry *ret_stages, bool *ret_was_there)
{
    size_t count = 0;
    bool is_placed = change->effective_on == NULL;
    struct cpts_stage_entry own = {.stage = change->stage,
                                   .effective_on = change->effective_on,
                                   .successor_id = change->successor_id};
    *ret_was_there = false;
    for (size_t i = 0; i < record->stage_count && i < INPUT_STAGES_MAX; i++) {
        const struct cpts_stage_entry *entry = &record->stages[i];
        if (!is_placed && entry->stage >= change->stage) {
            if (own.successor_id == NULL && entry->stage == change->stage)
                own.successor_id = entry->successor_id;
            ret_stages[count++] = own;
            is_placed = true;
        }
        if (entry->stage == change->stage)
            *ret_was_there = true;
        else
            ret_stages[count++] = *entry;
    }
    if (!is_placed)
        ret_stages[count++] = own;
    return count;
}

/* Reads what the node believes, and sends the whole history with the change in
 * it: the node checks it as a whole, and refuses when it has moved on. */
static int correct(struct session *session, const struct arguments *arguments,
                   const struct change *change, const struct cpts_stages_correction *asked,
                   struct deed *deed)
{
    struct cpts_stages_correction correction = *asked;
    struct cpts_stage_entry stages[STAGES_MAX];
    struct cpts_record *record = NULL;
    struct cpts_error err;
    bool was_there = false;
    int code = deed_version(session, arguments, correction.id, &correction.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_registry_get(session->client, correction.id, NULL, 0, &record, &err) != CPTS_OK)
        return failure_print(&err);
    correction.stages = stages;
    correction.stage_count = apply(record, change, stages, &was_there);
    if (change->effective_on == NULL && !was_there && !arguments_has(arguments, "command-id")) {
        cpts_record_free(record);
        return usage_error(arguments->command, "%s is not among the stages that are believed",
                           cpts_stage_name(change->stage));
    }
    deed->id = correction.id;
    deed->version = correction.expected_version;
    cpts_status status = cpts_history_correct_stages(session->client, &correction, deed->command_id,
                                                     0, &deed->outcome, &err);
    code = deed_finish(session, status, deed, &err);
    cpts_record_free(record);
    return code;
}

static int run(struct session *session, const struct arguments *arguments, bool is_retraction)
{
    struct cpts_stages_correction correction = {.size = sizeof correction};
    struct change change = {.successor_id = arguments_value(arguments, "successor")};
    struct deed deed = {.what = is_retraction ? "Retracted a stage of" : "Corrected the stages of"};
    int code = input_id(arguments, 0, &correction.id);
    if (code == EXIT_CODE_OK)
        code = input_stage(arguments->command, "STAGE", arguments->operands[1], &change.stage);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "on", &change.effective_on);
    if (code == EXIT_CODE_OK && !is_retraction && change.effective_on == NULL)
        code = deed_missing(arguments, "on");
    if (code == EXIT_CODE_OK)
        code = read_reason(arguments, &correction.reason, &correction.evidence);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    return code == EXIT_CODE_OK ? correct(session, arguments, &change, &correction, &deed) : code;
}

int verb_history_correct_stage(struct session *session, const struct arguments *arguments)
{
    return run(session, arguments, false);
}

int verb_history_retract_stage(struct session *session, const struct arguments *arguments)
{
    return run(session, arguments, true);
}

static int read_period(const struct arguments *arguments,
                       struct cpts_territory_correction *correction, uint8_t *command_id)
{
    bool has_units = arguments_has(arguments, "unit");
    int code = input_id(arguments, 0, &correction->id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "from", &correction->effective_from);
    if (code == EXIT_CODE_OK && correction->effective_from == NULL)
        code = deed_missing(arguments, "from");
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "to", &correction->effective_to);
    if (code == EXIT_CODE_OK && has_units == arguments_has(arguments, "none"))
        return usage_error(arguments->command, "say every --unit of the period, or --none");
    if (code == EXIT_CODE_OK)
        code = read_reason(arguments, &correction->reason, &correction->evidence);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    return code;
}

int verb_history_correct_territory(struct session *session, const struct arguments *arguments)
{
    struct cpts_territory_correction correction = {.size = sizeof correction};
    struct cpts_territory_unit *units = NULL;
    struct deed deed = {.what = "Corrected the territory of"};
    struct cpts_error err;
    int code = read_period(arguments, &correction, deed.command_id);
    if (code == EXIT_CODE_OK)
        code = input_units(arguments, &units, &correction.unit_count);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, correction.id, &correction.expected_version);
    if (code == EXIT_CODE_OK) {
        correction.territory = units;
        deed.id = correction.id;
        deed.version = correction.expected_version;
        cpts_status status = cpts_history_correct_territory(
            session->client, &correction, deed.command_id, 0, &deed.outcome, &err);
        code = deed_finish(session, status, &deed, &err);
    }
    input_units_free(units, correction.unit_count);
    return code;
}
