/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/command.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "input.h"
#include "session.h"

/* STAGE=DATE; the date's text is the argument's own. */
static int read_stage_date(const struct command_row *command, const char *text,
                           struct cpts_stage_entry *ret_entry)
{
    char name[64];
    const char *equals = strchr(text, '=');
    if (equals == NULL || (size_t)(equals - text) >= sizeof name || !cpts_date_is_valid(equals + 1))
        return usage_error(command, "--stage %s is not STAGE=DATE, like EMERGENCE=2019-03-01",
                           text);
    snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    ret_entry->effective_on = equals + 1;
    return input_stage(command, "--stage", name, &ret_entry->stage);
}

static int read_creation(const struct arguments *arguments, struct cpts_creation *creation,
                         struct cpts_stage_entry *stages)
{
    creation->name = arguments_value(arguments, "name");
    creation->lead_region = arguments_value(arguments, "region");
    creation->finess = arguments_value(arguments, "finess");
    creation->website = arguments_value(arguments, "website");
    creation->synthetic = arguments_has(arguments, "synthetic");
    creation->stages = stages;
    creation->stage_count = arguments_count(arguments, "stage");
    if (creation->name == NULL)
        return deed_missing(arguments, "name");
    if (creation->lead_region == NULL)
        return deed_missing(arguments, "region");
    if (creation->stage_count == 0)
        return deed_missing(arguments, "stage");
    if (creation->stage_count > INPUT_STAGES_MAX)
        return usage_error(arguments->command, "more than %d times --stage", INPUT_STAGES_MAX);
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < creation->stage_count; i++)
        code =
            read_stage_date(arguments->command, arguments_nth(arguments, "stage", i), &stages[i]);
    return code;
}

int verb_cpts_create(struct session *session, const struct arguments *arguments)
{
    struct cpts_stage_entry stages[INPUT_STAGES_MAX] = {{0}};
    struct cpts_creation creation = {.size = sizeof creation};
    struct cpts_territory_unit *units = NULL;
    struct deed deed = {.what = "Created"};
    struct cpts_error err;
    int code = read_creation(arguments, &creation, stages);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = input_units(arguments, &units, &creation.unit_count);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK) {
        creation.territory = units;
        cpts_status status = cpts_registry_create(session->client, &creation, deed.command_id, 0,
                                                  &deed.outcome, &err);
        code = deed_finish(session, status, &deed, &err);
    }
    input_units_free(units, creation.unit_count);
    return code;
}

int verb_cpts_update(struct session *session, const struct arguments *arguments)
{
    struct cpts_update update = {.size = sizeof update,
                                 .name = arguments_value(arguments, "name"),
                                 .finess = arguments_value(arguments, "finess"),
                                 .website = arguments_value(arguments, "website")};
    struct deed deed = {.what = "Updated"};
    struct cpts_error err;
    if (update.name == NULL && update.finess == NULL && update.website == NULL)
        return usage_error(arguments->command, "nothing to change: --name, --finess or --website");
    int code = input_id(arguments, 0, &update.id);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, update.id, &update.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    deed.id = update.id;
    deed.version = update.expected_version;
    cpts_status status =
        cpts_registry_update(session->client, &update, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static int read_stage_change(const struct arguments *arguments, struct cpts_stage_change *change,
                             uint8_t *command_id)
{
    uint8_t successor[CPTS_UUID_BYTES];
    change->successor_id = arguments_value(arguments, "successor");
    int code = input_id(arguments, 0, &change->id);
    if (code == EXIT_CODE_OK)
        code = input_stage(arguments->command, "STAGE", arguments->operands[1], &change->stage);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "on", &change->effective_on);
    if (code == EXIT_CODE_OK && change->effective_on == NULL)
        code = deed_missing(arguments, "on");
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "successor", successor);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    return code;
}

int verb_cpts_stage(struct session *session, const struct arguments *arguments)
{
    struct cpts_stage_change change = {.size = sizeof change};
    struct deed deed = {.what = "Recorded"};
    struct cpts_error err;
    int code = read_stage_change(arguments, &change, deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    deed.id = change.id;
    deed.version = change.expected_version;
    cpts_status status = cpts_registry_record_stage(session->client, &change, deed.command_id, 0,
                                                    &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static int read_territory_change(const struct arguments *arguments,
                                 struct cpts_territory_change *change, uint8_t *command_id)
{
    int code = input_id(arguments, 0, &change->id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "on", &change->effective_on);
    if (code == EXIT_CODE_OK && change->effective_on == NULL)
        code = deed_missing(arguments, "on");
    if (code == EXIT_CODE_OK && !arguments_has(arguments, "unit"))
        code = deed_missing(arguments, "unit");
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    return code;
}

int verb_cpts_territory(struct session *session, const struct arguments *arguments)
{
    struct cpts_territory_change change = {.size = sizeof change};
    struct cpts_territory_unit *units = NULL;
    struct deed deed = {.what = "Replaced the territory of"};
    struct cpts_error err;
    int code = read_territory_change(arguments, &change, deed.command_id);
    if (code == EXIT_CODE_OK)
        code = input_units(arguments, &units, &change.unit_count);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, change.id, &change.expected_version);
    if (code == EXIT_CODE_OK) {
        change.territory = units;
        deed.id = change.id;
        deed.version = change.expected_version;
        cpts_status status = cpts_registry_set_territory(session->client, &change, deed.command_id,
                                                         0, &deed.outcome, &err);
        code = deed_finish(session, status, &deed, &err);
    }
    input_units_free(units, change.unit_count);
    return code;
}
