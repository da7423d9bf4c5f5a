/* SPDX-License-Identifier: Apache-2.0 */
#include "import_update.h"

#include <stdio.h>
#include <string.h>

#define ID_SPACE "cptsctl import update"
#define NAME_BYTES 200

/* The id of the command that meets one version of the row's CPTS. */
static void identify(const struct import_row *row, int32_t version, const char *what,
                     uint8_t ret_id[CPTS_UUID_BYTES])
{
    char name[NAME_BYTES], own[CPTS_UUID_TEXT_BYTES];
    cpts_uuid_format(row->command_id, own);
    snprintf(name, sizeof name, "%s\n%s\n%d\n%s", own, row->id, version, what);
    cpts_uuid_derive(ID_SPACE, name, ret_id);
}

static cpts_status record(cpts_client *client, const struct import_row *row, size_t step,
                          int32_t *version, struct cpts_error *err)
{
    const struct cpts_stage_entry *entry = &row->stages[step];
    struct cpts_stage_change change = {.size = sizeof change,
                                       .id = row->id,
                                       .expected_version = *version,
                                       .stage = entry->stage,
                                       .effective_on = entry->effective_on};
    struct cpts_outcome *outcome = NULL;
    uint8_t id[CPTS_UUID_BYTES];
    char what[NAME_BYTES / 4];
    snprintf(what, sizeof what, "%s %s", cpts_stage_name(entry->stage), entry->effective_on);
    identify(row, *version, what, id);
    cpts_status status = cpts_registry_record_stage(client, &change, id, 0, &outcome, err);
    if (status == CPTS_OK)
        *version = outcome->version;
    cpts_outcome_free(outcome);
    return status;
}

/* A print of the territory, so that another one is another command. */
static void print_territory(const struct import_row *row, char ret_text[CPTS_UUID_TEXT_BYTES])
{
    uint8_t digest[CPTS_UUID_BYTES] = {0};
    char previous[CPTS_UUID_TEXT_BYTES], unit[NAME_BYTES / 2];
    for (size_t i = 0; i < row->creation.unit_count; i++) {
        cpts_uuid_format(digest, previous);
        snprintf(unit, sizeof unit, "%s %s:%.17g", previous, row->units[i].unit_code,
                 row->units[i].share);
        cpts_uuid_derive(ID_SPACE, unit, digest);
    }
    cpts_uuid_format(digest, ret_text);
}

static cpts_status settle(cpts_client *client, const struct import_row *row, int32_t version,
                          struct cpts_error *err)
{
    struct cpts_territory_change change = {.size = sizeof change,
                                           .id = row->id,
                                           .expected_version = version,
                                           .effective_on = row->change.territory_on,
                                           .territory = row->creation.territory,
                                           .unit_count = row->creation.unit_count};
    struct cpts_outcome *outcome = NULL;
    uint8_t id[CPTS_UUID_BYTES];
    char territory[CPTS_UUID_TEXT_BYTES], what[NAME_BYTES / 2];
    print_territory(row, territory);
    snprintf(what, sizeof what, "%s from %s", territory, row->change.territory_on);
    identify(row, version, what, id);
    cpts_status status = cpts_registry_set_territory(client, &change, id, 0, &outcome, err);
    cpts_outcome_free(outcome);
    return status;
}

cpts_status import_update_send(cpts_client *client, const struct import_row *row,
                               struct cpts_error *err)
{
    int32_t version = row->change.version;
    cpts_status status = CPTS_OK;
    for (size_t step = 0; status == CPTS_OK && step < row->change.stage_count; step++)
        status = record(client, row, step, &version, err);
    if (status == CPTS_OK && row->change.sets_territory)
        status = settle(client, row, version, err);
    return status;
}
