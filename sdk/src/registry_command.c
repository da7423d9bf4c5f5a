/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/command.h>
#include <cpts/v1/registry.pb-c.h>
#include <google/protobuf/field_mask.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/arena.h"

#define UPDATE_FIELDS 3

static const struct exchange CREATION = {.operation = OPERATION_REGISTRY_CREATE,
                                         .response = &cpts__v1__create_cpts_response__descriptor};

static cpts_status create_in(const struct command_call *command,
                             const struct cpts_creation *creation, struct cpts_error *err)
{
    Cpts__V1__CreateCptsRequest request = CPTS__V1__CREATE_CPTS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.name = cpts_convert__text(creation->name);
    request.lead_region = cpts_convert__text(creation->lead_region);
    request.synthetic = creation->synthetic;
    request.finess = cpts_convert__text(creation->finess);
    request.website = cpts_convert__text(creation->website);
    request.stages = cpts_command__stages(creation->stages, creation->stage_count, command->arena);
    request.n_stages = creation->stage_count;
    request.territory =
        cpts_command__territory(creation->territory, creation->unit_count, command->arena);
    request.n_territory = creation->unit_count;
    if (request.stages == NULL || request.territory == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &CREATION, &request.base, err);
}

static cpts_status make_create(cpts_client *client, const struct cpts_creation *creation,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_creation own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, creation, err);
    if (status == CPTS_OK)
        status = create_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_registry_create(cpts_client *client, const struct cpts_creation *creation,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_create(client, creation, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_registry_create_start(cpts_client *client, const struct cpts_creation *creation,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_create(client, creation, command_id, &launch, err);
}

static void mask_add(Google__Protobuf__FieldMask *mask, const char *path, const char *value,
                     char **ret_field)
{
    if (value == NULL)
        return;
    mask->paths[mask->n_paths++] = (char *)path;
    *ret_field = (char *)value;
}

static const struct exchange UPDATE = {.operation = OPERATION_REGISTRY_UPDATE,
                                       .response = &cpts__v1__update_cpts_response__descriptor};

static cpts_status update_in(const struct command_call *command, const struct cpts_update *update,
                             struct cpts_error *err)
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
    return cpts_command__make(command, &UPDATE, &request.base, err);
}

static cpts_status make_update(cpts_client *client, const struct cpts_update *update,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_update own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, update, err);
    if (status == CPTS_OK)
        status = update_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_registry_update(cpts_client *client, const struct cpts_update *update,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_update(client, update, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_registry_update_start(cpts_client *client, const struct cpts_update *update,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_update(client, update, command_id, &launch, err);
}

static const struct exchange STAGE = {.operation = OPERATION_REGISTRY_RECORD_STAGE,
                                      .response = &cpts__v1__record_stage_response__descriptor};

static cpts_status record_in(const struct command_call *command,
                             const struct cpts_stage_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordStageRequest request = CPTS__V1__RECORD_STAGE_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.stage = (Cpts__V1__Stage)change->stage;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.successor_id = cpts_convert__text(change->successor_id);
    request.basis = (Cpts__V1__StageBasis)change->basis;
    request.document_ids = (char **)change->document_ids;
    request.n_document_ids = change->document_id_count;
    return cpts_command__make(command, &STAGE, &request.base, err);
}

static cpts_status make_record_stage(cpts_client *client, const struct cpts_stage_change *change,
                                     uint8_t *command_id, const struct launch *launch,
                                     struct cpts_error *err)
{
    struct cpts_stage_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = record_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_registry_record_stage(cpts_client *client, const struct cpts_stage_change *change,
                                       uint8_t *command_id, int32_t timeout_ms,
                                       struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record_stage(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_registry_record_stage_start(cpts_client *client,
                                             const struct cpts_stage_change *change,
                                             uint8_t *command_id, const struct cpts_async *async,
                                             cpts_outcome_callback *callback, uint64_t *ret_call,
                                             struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record_stage(client, change, command_id, &launch, err);
}

static const struct exchange TERRITORY = {.operation = OPERATION_REGISTRY_SET_TERRITORY,
                                          .response =
                                              &cpts__v1__set_territory_response__descriptor};

static cpts_status territory_in(const struct command_call *command,
                                const struct cpts_territory_change *change, struct cpts_error *err)
{
    Cpts__V1__SetTerritoryRequest request = CPTS__V1__SET_TERRITORY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.territory =
        cpts_command__territory(change->territory, change->unit_count, command->arena);
    request.n_territory = change->unit_count;
    if (request.territory == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &TERRITORY, &request.base, err);
}

static cpts_status make_set_territory(cpts_client *client,
                                      const struct cpts_territory_change *change,
                                      uint8_t *command_id, const struct launch *launch,
                                      struct cpts_error *err)
{
    struct cpts_territory_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = territory_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_registry_set_territory(cpts_client *client,
                                        const struct cpts_territory_change *change,
                                        uint8_t *command_id, int32_t timeout_ms,
                                        struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_set_territory(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_registry_set_territory_start(cpts_client *client,
                                              const struct cpts_territory_change *change,
                                              uint8_t *command_id, const struct cpts_async *async,
                                              cpts_outcome_callback *callback, uint64_t *ret_call,
                                              struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_set_territory(client, change, command_id, &launch, err);
}

char *cpts_outcome_json(const struct cpts_outcome *outcome, int indent_spaces)
{
    return cpts_convert__json(outcome->message, indent_spaces);
}

void cpts_outcome_free(struct cpts_outcome *outcome)
{
    cpts_exchange__release(outcome);
}
