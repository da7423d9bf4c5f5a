/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/territory_async.h>
#include <cpts/v1/territory.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static const struct cpts_mapped_claim *claims(const Cpts__V1__TerritoryMapping *from,
                                              struct arena *arena)
{
    struct cpts_mapped_claim *own = arena_alloc(arena, (from->n_claims + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_claims; i++)
        own[i] = (struct cpts_mapped_claim){.old_code = from->claims[i]->old_code,
                                            .old_share = from->claims[i]->old_share,
                                            .code = from->claims[i]->code,
                                            .share = from->claims[i]->share};
    return own;
}

static bool fill_mapping(struct cpts_territory_mapping *mapping,
                         const Cpts__V1__TerritoryMapping *from, struct arena *arena)
{
    *mapping = (struct cpts_territory_mapping){
        .cpts_id = from->cpts_id,
        .name = from->name,
        .version = from->version,
        .claims = claims(from, arena),
        .claim_count = from->n_claims,
        .population_before = from->population_before,
        .population_after = from->population_after,
        .new_contacts = (const char *const *)from->new_contacts,
        .contact_count = from->n_new_contacts,
        .not_owned = from->not_owned,
        .synthetic = from->synthetic,
        .share_excess = from->share_excess,
    };
    return mapping->claims != NULL;
}

static bool fill(struct cpts_unit_merge_report *report, const Cpts__V1__MergeUnitsResponse *from,
                 struct arena *arena)
{
    struct cpts_territory_mapping *own = arena_alloc(arena, (from->n_mappings + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_mappings; i++) {
        if (!fill_mapping(&own[i], from->mappings[i], arena))
            return false;
    }
    *report = (struct cpts_unit_merge_report){
        .reference_version = from->reference_version,
        .log_position = from->log_position,
        .replayed = from->replayed,
        .applied_count = from->applied_count,
        .already_applied_count = from->already_applied_count,
        .mappings = own,
        .mapping_count = from->n_mappings,
        .message = from,
    };
    return true;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    return fill(answer->result, (const Cpts__V1__MergeUnitsResponse *)answer->message,
                answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static const struct exchange MERGE = {.operation = OPERATION_TERRITORY_MERGE,
                                      .response = &cpts__v1__merge_units_response__descriptor,
                                      .result_bytes = sizeof(struct cpts_unit_merge_report),
                                      .take = take};

static Cpts__V1__UnitMerger **mergers(const struct cpts_unit_merge *merge, struct arena *arena)
{
    size_t count = merge->merger_count;
    Cpts__V1__UnitMerger **list = arena_alloc(arena, (count + 1) * sizeof(Cpts__V1__UnitMerger *));
    Cpts__V1__UnitMerger *own = arena_alloc(arena, (count + 1) * sizeof *own);
    if (list == NULL || own == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct cpts_unit_merger *from = &merge->mergers[i];
        list[i] = &own[i];
        cpts__v1__unit_merger__init(list[i]);
        list[i]->n_old_codes = from->old_code_count;
        list[i]->old_codes = (char **)from->old_codes;
        list[i]->code = cpts_convert__text(from->code);
        list[i]->name = cpts_convert__text(from->name);
        list[i]->population_count = from->population_count;
    }
    return list;
}

static cpts_status merge_in(const struct command_call *command, const struct cpts_unit_merge *merge,
                            struct cpts_error *err)
{
    Cpts__V1__MergeUnitsRequest request = CPTS__V1__MERGE_UNITS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.effective_on = cpts_convert__text(merge->effective_on);
    request.vintage = merge->vintage;
    request.source = cpts_convert__text(merge->source);
    request.n_mergers = merge->merger_count;
    request.mergers = mergers(merge, command->arena);
    request.preview = merge->preview;
    if (request.mergers == NULL)
        return no_memory(err);
    return cpts_command__make(command, &MERGE, &request.base, err);
}

static void deliver_run(const struct completion *completion)
{
    ((cpts_unit_merge_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status run(cpts_client *client, const struct cpts_unit_merge *merge,
                       uint8_t *command_id, const struct launch *launch, struct cpts_error *err)
{
    struct cpts_unit_merge own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, merge, err);
    if (status == CPTS_OK)
        status = merge_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_territory_merge(cpts_client *client, const struct cpts_unit_merge *merge,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_unit_merge_report **ret_report, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = run(client, merge, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_report = result;
    return status;
}

cpts_status cpts_territory_merge_start(cpts_client *client, const struct cpts_unit_merge *merge,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_unit_merge_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_run, ret_call);
    return run(client, merge, command_id, &launch, err);
}

char *cpts_unit_merge_report_json(const struct cpts_unit_merge_report *report, int indent_spaces)
{
    return cpts_convert__json(report->message, indent_spaces);
}

void cpts_unit_merge_report_free(struct cpts_unit_merge_report *report)
{
    cpts_exchange__release(report);
}
