/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/command.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/field_mask.pb-c.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

/* A territory of 2000 units takes some 150 KB. */
#define REQUEST_ARENA_BYTES ((size_t)4 * 1024 * 1024)
#define UPDATE_FIELDS 3

/* What the four commands share. */
struct command {
    cpts_client *client;
    const char *method;
    const ProtobufCMessageDescriptor *response;
    int32_t timeout_ms;
    struct arena *arena;
    /** In the arena of the request. */
    char id[CPTS_UUID_TEXT_BYTES];
};

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the command");
}

/* Adopts the caller's struct and settles the id; ends with command_done(). */
static cpts_status command_begin(struct command *command, uint8_t *command_id, void *own,
                                 size_t own_bytes, const void *from, struct cpts_error *err)
{
    static const uint8_t UNSET[CPTS_UUID_BYTES];
    uint8_t minted[CPTS_UUID_BYTES] = {0};
    error_clear(err);
    if (from == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no command");
    cpts_status status = cpts_exchange__adopt(own, own_bytes, from, err);
    if (status != CPTS_OK)
        return status;
    uint8_t *id = command_id == NULL ? minted : command_id;
    if (memcmp(id, UNSET, sizeof UNSET) == 0)
        cpts_uuid_mint(id);
    cpts_uuid_format(id, command->id);
    command->arena = arena_new(REQUEST_ARENA_BYTES);
    return command->arena == NULL ? no_memory(err) : CPTS_OK;
}

static void command_done(struct command *command)
{
    arena_free(command->arena);
}

static cpts_status command_run(const struct command *command, const ProtobufCMessage *request,
                               struct answer *ret_answer, struct cpts_error *err)
{
    struct exchange exchange = {.method = command->method,
                                .request = request,
                                .response = command->response,
                                .result_bytes = sizeof(struct cpts_outcome),
                                .timeout_ms = command->timeout_ms,
                                .is_command = true};
    cpts_status status = cpts_exchange__run(command->client, &exchange, ret_answer, err);
    if (status == CPTS_OK) {
        struct cpts_outcome *outcome = ret_answer->result;
        outcome->id = "";
        outcome->message = ret_answer->message;
    }
    return status;
}

static bool fill_warnings(const struct answer *answer, Cpts__V1__Warning *const *from,
                          size_t warning_count)
{
    struct cpts_outcome *outcome = answer->result;
    struct cpts_warning *warnings =
        arena_alloc(answer->arena, (warning_count + 1) * sizeof *warnings);
    if (warnings == NULL)
        return false;
    for (size_t i = 0; i < warning_count; i++)
        warnings[i] = (struct cpts_warning){
            .reason = from[i]->reason, .message = from[i]->message, .field = from[i]->field};
    outcome->warnings = warnings;
    outcome->warning_count = warning_count;
    return true;
}

/* A command that was carried out is never reported as failed for want of
 * memory for its warnings. */
static void take_outcome(const struct answer *answer, Cpts__V1__Warning *const *warnings,
                         size_t warning_count, struct cpts_outcome **ret_outcome)
{
    (void)!fill_warnings(answer, warnings, warning_count);
    *ret_outcome = answer->result;
}

static Cpts__V1__StageEntry **stage_entries(const struct cpts_stage_entry *from, size_t count,
                                            struct arena *arena)
{
    Cpts__V1__StageEntry **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__StageEntry *entries = arena_alloc(arena, (count + 1) * sizeof *entries);
    if (list == NULL || entries == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &entries[i];
        cpts__v1__stage_entry__init(list[i]);
        list[i]->stage = (Cpts__V1__Stage)from[i].stage;
        list[i]->effective_on = cpts_convert__text(from[i].effective_on);
        list[i]->successor_id = cpts_convert__text(from[i].successor_id);
    }
    return list;
}

static Cpts__V1__TerritoryUnit **territory_units(const struct cpts_territory_unit *from,
                                                 size_t count, struct arena *arena)
{
    Cpts__V1__TerritoryUnit **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__TerritoryUnit *units = arena_alloc(arena, (count + 1) * sizeof *units);
    if (list == NULL || units == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &units[i];
        cpts__v1__territory_unit__init(list[i]);
        list[i]->unit_code = cpts_convert__text(from[i].unit_code);
        list[i]->share = from[i].share;
    }
    return list;
}

static cpts_status create_in(const struct command *command, const struct cpts_creation *creation,
                             struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    Cpts__V1__CreateCptsRequest request = CPTS__V1__CREATE_CPTS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.name = cpts_convert__text(creation->name);
    request.lead_region = cpts_convert__text(creation->lead_region);
    request.synthetic = creation->synthetic;
    request.finess = cpts_convert__text(creation->finess);
    request.website = cpts_convert__text(creation->website);
    request.stages = stage_entries(creation->stages, creation->stage_count, command->arena);
    request.n_stages = creation->stage_count;
    request.territory = territory_units(creation->territory, creation->unit_count, command->arena);
    request.n_territory = creation->unit_count;
    if (request.stages == NULL || request.territory == NULL)
        return no_memory(err);
    struct answer answer = {0};
    cpts_status status = command_run(command, &request.base, &answer, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__CreateCptsResponse *response =
        (const Cpts__V1__CreateCptsResponse *)answer.message;
    struct cpts_outcome *outcome = answer.result;
    outcome->id = response->id;
    outcome->version = response->version;
    outcome->log_position = response->log_position;
    outcome->replayed = response->replayed;
    take_outcome(&answer, response->warnings, response->n_warnings, ret_outcome);
    return CPTS_OK;
}

cpts_status cpts_registry_create(cpts_client *client, const struct cpts_creation *creation,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_creation own = {0};
    struct command command = {.client = client,
                              .method = "/cpts.v1.RegistryService/CreateCpts",
                              .response = &cpts__v1__create_cpts_response__descriptor,
                              .timeout_ms = timeout_ms};
    cpts_status status = command_begin(&command, command_id, &own, sizeof own, creation, err);
    if (status == CPTS_OK)
        status = create_in(&command, &own, ret_outcome, err);
    command_done(&command);
    return status;
}

static void mask_add(Google__Protobuf__FieldMask *mask, const char *path, const char *value,
                     char **ret_field)
{
    if (value == NULL)
        return;
    mask->paths[mask->n_paths++] = (char *)path;
    *ret_field = (char *)value;
}

static cpts_status update_in(const struct command *command, const struct cpts_update *update,
                             struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    char *paths[UPDATE_FIELDS];
    Google__Protobuf__FieldMask mask = GOOGLE__PROTOBUF__FIELD_MASK__INIT;
    mask.paths = paths;
    Cpts__V1__UpdateCptsRequest request = CPTS__V1__UPDATE_CPTS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(update->id);
    request.expected_version = update->expected_version;
    request.update_mask = &mask;
    mask_add(&mask, "name", update->name, &request.name);
    mask_add(&mask, "finess", update->finess, &request.finess);
    mask_add(&mask, "website", update->website, &request.website);
    struct answer answer = {0};
    cpts_status status = command_run(command, &request.base, &answer, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__UpdateCptsResponse *response =
        (const Cpts__V1__UpdateCptsResponse *)answer.message;
    struct cpts_outcome *outcome = answer.result;
    outcome->version = response->version;
    outcome->log_position = response->log_position;
    outcome->replayed = response->replayed;
    take_outcome(&answer, NULL, 0, ret_outcome);
    return CPTS_OK;
}

cpts_status cpts_registry_update(cpts_client *client, const struct cpts_update *update,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_update own = {0};
    struct command command = {.client = client,
                              .method = "/cpts.v1.RegistryService/UpdateCpts",
                              .response = &cpts__v1__update_cpts_response__descriptor,
                              .timeout_ms = timeout_ms};
    cpts_status status = command_begin(&command, command_id, &own, sizeof own, update, err);
    if (status == CPTS_OK)
        status = update_in(&command, &own, ret_outcome, err);
    command_done(&command);
    return status;
}

static cpts_status record_in(const struct command *command, const struct cpts_stage_change *change,
                             struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    Cpts__V1__RecordStageRequest request = CPTS__V1__RECORD_STAGE_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.stage = (Cpts__V1__Stage)change->stage;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.successor_id = cpts_convert__text(change->successor_id);
    struct answer answer = {0};
    cpts_status status = command_run(command, &request.base, &answer, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__RecordStageResponse *response =
        (const Cpts__V1__RecordStageResponse *)answer.message;
    struct cpts_outcome *outcome = answer.result;
    outcome->version = response->version;
    outcome->log_position = response->log_position;
    outcome->replayed = response->replayed;
    take_outcome(&answer, NULL, 0, ret_outcome);
    return CPTS_OK;
}

cpts_status cpts_registry_record_stage(cpts_client *client, const struct cpts_stage_change *change,
                                       uint8_t *command_id, int32_t timeout_ms,
                                       struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_stage_change own = {0};
    struct command command = {.client = client,
                              .method = "/cpts.v1.RegistryService/RecordStage",
                              .response = &cpts__v1__record_stage_response__descriptor,
                              .timeout_ms = timeout_ms};
    cpts_status status = command_begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = record_in(&command, &own, ret_outcome, err);
    command_done(&command);
    return status;
}

static cpts_status territory_in(const struct command *command,
                                const struct cpts_territory_change *change,
                                struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    Cpts__V1__SetTerritoryRequest request = CPTS__V1__SET_TERRITORY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.territory = territory_units(change->territory, change->unit_count, command->arena);
    request.n_territory = change->unit_count;
    if (request.territory == NULL)
        return no_memory(err);
    struct answer answer = {0};
    cpts_status status = command_run(command, &request.base, &answer, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__SetTerritoryResponse *response =
        (const Cpts__V1__SetTerritoryResponse *)answer.message;
    struct cpts_outcome *outcome = answer.result;
    outcome->version = response->version;
    outcome->log_position = response->log_position;
    outcome->replayed = response->replayed;
    take_outcome(&answer, response->warnings, response->n_warnings, ret_outcome);
    return CPTS_OK;
}

cpts_status cpts_registry_set_territory(cpts_client *client,
                                        const struct cpts_territory_change *change,
                                        uint8_t *command_id, int32_t timeout_ms,
                                        struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    struct cpts_territory_change own = {0};
    struct command command = {.client = client,
                              .method = "/cpts.v1.RegistryService/SetTerritory",
                              .response = &cpts__v1__set_territory_response__descriptor,
                              .timeout_ms = timeout_ms};
    cpts_status status = command_begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = territory_in(&command, &own, ret_outcome, err);
    command_done(&command);
    return status;
}

char *cpts_outcome_json(const struct cpts_outcome *outcome, int indent_spaces)
{
    return cpts_convert__json(outcome->message, indent_spaces);
}

void cpts_outcome_free(struct cpts_outcome *outcome)
{
    cpts_exchange__release(outcome);
}
