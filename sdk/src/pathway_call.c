/* SPDX-License-Identifier: Apache-2.0 */
/* Pathways: begun, read, listed; their templates. */
#include <cpts/pathway.h>
#include <cpts/v1/pathway.pb-c.h>
#include <sodium.h>
#include <string.h>

#include "command_call.h"
#include "convert.h"
#include "referral_convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static const char *const STATUSES[] = {"UNSPECIFIED", "STARTED", "ACTIVE", "COMPLETED"};
static const char *const STATES[] = {"UNSPECIFIED", "WAITING", "PROPOSED", "UNDER_WAY",
                                     "FULFILLED"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *cpts_pathway_status_name(enum cpts_pathway_status status)
{
    return (unsigned)status < COUNT(STATUSES) ? STATUSES[status] : "UNRECOGNISED";
}

const char *cpts_pathway_step_state_name(enum cpts_pathway_step_state state)
{
    return (unsigned)state < COUNT(STATES) ? STATES[state] : "UNRECOGNISED";
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static struct cpts_pathway_template_step template_step(const Cpts__V1__PathwayTemplateStep *from)
{
    return (struct cpts_pathway_template_step){.code = from->code,
                                               .label = from->label,
                                               .use_case = (enum cpts_use_case)from->use_case,
                                               .urgency = (enum cpts_urgency)from->urgency,
                                               .profession = from->profession,
                                               .speciality = from->speciality,
                                               .previous = (const char *const *)from->previous,
                                               .previous_count = from->n_previous,
                                               .delay_days = from->delay_days};
}

static bool take_step(const Cpts__V1__PathwayStep *from, struct arena *arena,
                      struct cpts_pathway_step *step)
{
    static const Cpts__V1__PathwayTemplateStep NOTHING = CPTS__V1__PATHWAY_TEMPLATE_STEP__INIT;
    struct cpts_pathway_referral *own = arena_alloc(arena, (from->n_referrals + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_referrals; i++)
        own[i] = (struct cpts_pathway_referral){
            .referral_id = from->referrals[i]->referral_id,
            .status = (enum cpts_referral_status)from->referrals[i]->status};
    *step = (struct cpts_pathway_step){
        .step = template_step(from->step == NULL ? &NOTHING : from->step),
        .state = (enum cpts_pathway_step_state)from->state,
        .proposed_on = from->proposed_on,
        .referrals = own,
        .referral_count = from->n_referrals};
    return true;
}

static bool take_one(const Cpts__V1__Pathway *from, struct arena *arena,
                     struct cpts_pathway *pathway)
{
    struct cpts_pathway_step *steps = arena_alloc(arena, (from->n_steps + 1) * sizeof *steps);
    bool is_fine = steps != NULL;
    for (size_t i = 0; is_fine && i < from->n_steps; i++)
        is_fine = take_step(from->steps[i], arena, &steps[i]);
    *pathway = (struct cpts_pathway){
        .id = from->id,
        .template_code = from->template_,
        .template_version = from->template_version,
        .label = from->label,
        .origin_id = from->origin_id,
        .origin_name = from->origin_name,
        .requester_finess = from->requester_finess,
        .pseudonym = from->pseudonym.len == CPTS_PSEUDONYM_BYTES ? from->pseudonym.data : NULL,
        .status = (enum cpts_pathway_status)from->status,
        .started_at_us = cpts_convert__instant_us(from->started_at),
        .synthetic = from->synthetic,
        .proposed_count = from->proposed_count,
        .steps = steps,
        .step_count = from->n_steps};
    return is_fine;
}

static const struct exchange BEGIN = {.operation = OPERATION_PATHWAY_START,
                                      .response = &cpts__v1__start_pathway_response__descriptor};

/* What is all zero is made here, and belongs to the command from then on. */
static void mint_missing(struct cpts_pathway_creation *creation)
{
    if (sodium_is_zero(creation->id, sizeof creation->id))
        cpts_uuid_mint(creation->id);
    if (sodium_is_zero(creation->pseudonym, sizeof creation->pseudonym))
        randombytes_buf(creation->pseudonym, sizeof creation->pseudonym);
}

static cpts_status begin_in(const struct command_call *command,
                            const struct cpts_pathway_creation *creation, struct cpts_error *err)
{
    char id[CPTS_UUID_TEXT_BYTES];
    Cpts__V1__Actor own;
    cpts_status status = cpts_referral__actor(creation->actor, &own, err);
    if (status != CPTS_OK)
        return status;
    cpts_uuid_format(creation->id, id);
    Cpts__V1__StartPathwayRequest request = CPTS__V1__START_PATHWAY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.actor = &own;
    request.pathway_id = id;
    request.origin_id = cpts_convert__text(creation->origin_id);
    request.template_ = cpts_convert__text(creation->template_code);
    request.template_version = creation->template_version;
    request.requester_finess = cpts_convert__text(creation->requester_finess);
    request.pseudonym =
        (ProtobufCBinaryData){sizeof creation->pseudonym, (uint8_t *)creation->pseudonym};
    return cpts_command__make(command, &BEGIN, &request.base, err);
}

static cpts_status make_begin(struct command_call *command, struct cpts_pathway_creation *creation,
                              uint8_t *command_id, struct cpts_error *err)
{
    struct cpts_pathway_creation own;
    cpts_status status = cpts_command__begin(command, command_id, &own, sizeof own, creation, err);
    if (status == CPTS_OK) {
        mint_missing(creation);
        memcpy(own.id, creation->id, sizeof own.id);
        memcpy(own.pseudonym, creation->pseudonym, sizeof own.pseudonym);
        status = begin_in(command, &own, err);
    }
    cpts_command__done(command);
    return status;
}

cpts_status cpts_pathway_begin(cpts_client *client, struct cpts_pathway_creation *creation,
                               uint8_t *command_id, int32_t timeout_ms,
                               struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make_begin(&command, creation, command_id, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_pathway_begin_start(cpts_client *client, struct cpts_pathway_creation *creation,
                                     uint8_t *command_id, const struct cpts_async *async,
                                     cpts_outcome_callback *callback, uint64_t *ret_call,
                                     struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make_begin(&command, creation, command_id, err);
}

static cpts_status take_pathway(const struct answer *answer, struct cpts_error *err)
{
    static const Cpts__V1__Pathway NOTHING = CPTS__V1__PATHWAY__INIT;
    const Cpts__V1__GetPathwayResponse *from =
        (const Cpts__V1__GetPathwayResponse *)answer->message;
    struct cpts_pathway *own = answer->result;
    if (!take_one(from->pathway == NULL ? &NOTHING : from->pathway, answer->arena, own))
        return no_memory(err);
    own->message = from;
    return CPTS_OK;
}

static void deliver_pathway(const struct completion *completion)
{
    ((cpts_pathway_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status make_get(cpts_client *client, const struct cpts_actor *actor, const char *id,
                            const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__Actor own;
    error_clear(err);
    cpts_status status = cpts_referral__actor(actor, &own, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetPathwayRequest request = CPTS__V1__GET_PATHWAY_REQUEST__INIT;
    request.actor = &own;
    request.pathway_id = cpts_convert__text(id);
    struct exchange exchange = {.operation = OPERATION_PATHWAY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_pathway_response__descriptor,
                                .result_bytes = sizeof(struct cpts_pathway),
                                .take = take_pathway};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_pathway_get(cpts_client *client, const struct cpts_actor *actor, const char *id,
                             int32_t timeout_ms, struct cpts_pathway **ret_pathway,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, actor, id, &launch, err);
    if (status == CPTS_OK)
        *ret_pathway = result;
    return status;
}

cpts_status cpts_pathway_get_start(cpts_client *client, const struct cpts_actor *actor,
                                   const char *id, const struct cpts_async *async,
                                   cpts_pathway_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_pathway, ret_call);
    return make_get(client, actor, id, &launch, err);
}

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListPathwaysResponse *from =
        (const Cpts__V1__ListPathwaysResponse *)answer->message;
    struct cpts_pathway *own = arena_alloc(answer->arena, (from->n_pathways + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_pathways; i++) {
        if (!take_one(from->pathways[i], answer->arena, &own[i]))
            return no_memory(err);
    }
    *(struct cpts_pathways *)answer->result =
        (struct cpts_pathways){.pathways = own,
                               .pathway_count = from->n_pathways,
                               .next_page_token = from->next_page_token,
                               .message = from};
    return own == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_pathways_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status make_list(cpts_client *client, const struct cpts_actor *actor,
                             const struct cpts_pathways_query *query, const struct launch *launch,
                             struct cpts_error *err)
{
    struct cpts_pathways_query own_query;
    Cpts__V1__Actor own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own_query, sizeof own_query, query, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(actor, &own, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListPathwaysRequest request = CPTS__V1__LIST_PATHWAYS_REQUEST__INIT;
    request.actor = &own;
    request.page_size = own_query.page_size;
    request.page_token = cpts_convert__text(own_query.page_token);
    request.proposed_only = own_query.proposed_only;
    request.template_ = cpts_convert__text(own_query.template_code);
    struct exchange exchange = {.operation = OPERATION_PATHWAY_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_pathways_response__descriptor,
                                .result_bytes = sizeof(struct cpts_pathways),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_pathway_list(cpts_client *client, const struct cpts_actor *actor,
                              const struct cpts_pathways_query *query, int32_t timeout_ms,
                              struct cpts_pathways **ret_pathways, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_list(client, actor, query, &launch, err);
    if (status == CPTS_OK)
        *ret_pathways = result;
    return status;
}

cpts_status cpts_pathway_list_start(cpts_client *client, const struct cpts_actor *actor,
                                    const struct cpts_pathways_query *query,
                                    const struct cpts_async *async,
                                    cpts_pathways_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return make_list(client, actor, query, &launch, err);
}

static bool take_template(const Cpts__V1__PathwayTemplate *from, struct arena *arena,
                          struct cpts_pathway_template *template)
{
    struct cpts_pathway_template_step *steps =
        arena_alloc(arena, (from->n_steps + 1) * sizeof *steps);
    for (size_t i = 0; steps != NULL && i < from->n_steps; i++)
        steps[i] = template_step(from->steps[i]);
    *template = (struct cpts_pathway_template){.code = from->code,
                                               .version = from->version,
                                               .label = from->label,
                                               .use = from->use,
                                               .requester_wanted = from->requester_wanted,
                                               .valid_from = from->valid_from,
                                               .steps = steps,
                                               .step_count = from->n_steps,
                                               .source = from->source,
                                               .confidence = from->confidence};
    return steps != NULL;
}

static cpts_status take_templates(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListPathwayTemplatesResponse *from =
        (const Cpts__V1__ListPathwayTemplatesResponse *)answer->message;
    struct cpts_pathway_template *own =
        arena_alloc(answer->arena, (from->n_templates + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_templates; i++) {
        if (!take_template(from->templates[i], answer->arena, &own[i]))
            return no_memory(err);
    }
    *(struct cpts_pathway_templates *)answer->result = (struct cpts_pathway_templates){
        .templates = own, .template_count = from->n_templates, .message = from};
    return own == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver_templates(const struct completion *completion)
{
    ((cpts_pathway_templates_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status make_templates(cpts_client *client, const char *as_of,
                                  const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__ListPathwayTemplatesRequest request = CPTS__V1__LIST_PATHWAY_TEMPLATES_REQUEST__INIT;
    error_clear(err);
    request.as_of = cpts_convert__text(as_of);
    struct exchange exchange = {.operation = OPERATION_PATHWAY_TEMPLATES,
                                .request = &request.base,
                                .response = &cpts__v1__list_pathway_templates_response__descriptor,
                                .result_bytes = sizeof(struct cpts_pathway_templates),
                                .take = take_templates};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_pathway_templates_list(cpts_client *client, const char *as_of, int32_t timeout_ms,
                                        struct cpts_pathway_templates **ret_templates,
                                        struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_templates(client, as_of, &launch, err);
    if (status == CPTS_OK)
        *ret_templates = result;
    return status;
}

cpts_status cpts_pathway_templates_list_start(cpts_client *client, const char *as_of,
                                              const struct cpts_async *async,
                                              cpts_pathway_templates_callback *callback,
                                              uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_templates, ret_call);
    return make_templates(client, as_of, &launch, err);
}

char *cpts_pathway_json(const struct cpts_pathway *pathway, int indent_spaces)
{
    return cpts_convert__json(pathway->message, indent_spaces);
}

char *cpts_pathways_json(const struct cpts_pathways *pathways, int indent_spaces)
{
    return cpts_convert__json(pathways->message, indent_spaces);
}

char *cpts_pathway_templates_json(const struct cpts_pathway_templates *templates, int indent_spaces)
{
    return cpts_convert__json(templates->message, indent_spaces);
}

void cpts_pathway_free(struct cpts_pathway *pathway)
{
    cpts_exchange__release(pathway);
}

void cpts_pathways_free(struct cpts_pathways *pathways)
{
    cpts_exchange__release(pathways);
}

void cpts_pathway_templates_free(struct cpts_pathway_templates *templates)
{
    cpts_exchange__release(templates);
}
