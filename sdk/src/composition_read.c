/* SPDX-License-Identifier: Apache-2.0 */
/* The composition of members, and the categories they may have. */
#include <cpts/composition.h>
#include <cpts/governance_async.h>
#include <cpts/v1/governance.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static const struct cpts_composition_line *lines(const Cpts__V1__GetCompositionResponse *from,
                                                 struct arena *arena)
{
    struct cpts_composition_line *own = arena_alloc(arena, (from->n_lines + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_lines; i++) {
        const Cpts__V1__CompositionLine *one = from->lines[i];
        bool is_shown =
            one->_member_count_case == CPTS__V1__COMPOSITION_LINE___MEMBER_COUNT_MEMBER_COUNT;
        bool is_published = one->_published_percent_case ==
                            CPTS__V1__COMPOSITION_LINE___PUBLISHED_PERCENT_PUBLISHED_PERCENT;
        own[i] = (struct cpts_composition_line){
            .code = one->code,
            .label = one->label,
            .member_count = is_shown ? one->member_count : CPTS_COUNT_WITHHELD,
            .published_percent = is_published ? one->published_percent : CPTS_PERCENT_NONE,
            .published_source = one->published_source,
            .published_confidence = one->published_confidence,
        };
    }
    return own;
}

static const struct cpts_structure_count *structures(const Cpts__V1__GetCompositionResponse *from,
                                                     struct arena *arena)
{
    struct cpts_structure_count *own = arena_alloc(arena, (from->n_structures + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_structures; i++)
        own[i] =
            (struct cpts_structure_count){.code = from->structures[i]->code,
                                          .label = from->structures[i]->label,
                                          .structure_count = from->structures[i]->structure_count};
    return own;
}

static const struct cpts_adhesion *adhesion(const Cpts__V1__Adhesion *from, struct arena *arena)
{
    struct cpts_adhesion *own = arena_alloc(arena, sizeof *own);
    if (own != NULL)
        *own = (struct cpts_adhesion){.adherent_count = from->adherent_count,
                                      .professional_count = from->professional_count,
                                      .counted_on = from->counted_on,
                                      .source = from->source};
    return own;
}

static cpts_status take_composition(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetCompositionResponse *from =
        (const Cpts__V1__GetCompositionResponse *)answer->message;
    struct cpts_composition *composition = answer->result;
    bool is_shown =
        from->_member_count_case == CPTS__V1__GET_COMPOSITION_RESPONSE___MEMBER_COUNT_MEMBER_COUNT;
    *composition = (struct cpts_composition){
        .lines = lines(from, answer->arena),
        .line_count = from->n_lines,
        .member_count = is_shown ? from->member_count : CPTS_COUNT_WITHHELD,
        .structures = structures(from, answer->arena),
        .structure_count = from->n_structures,
        .cpts_count = from->cpts_count,
        .synthetic_count = from->synthetic_count,
        .adhesion = from->adhesion == NULL ? NULL : adhesion(from->adhesion, answer->arena),
        .adhesion_cpts_count = from->adhesion_cpts_count,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .message = from,
    };
    bool is_complete = composition->lines != NULL && composition->structures != NULL &&
                       (from->adhesion == NULL || composition->adhesion != NULL);
    return is_complete ? CPTS_OK : no_memory(err);
}

static void deliver_composition(const struct completion *completion)
{
    ((cpts_composition_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status make_composition(cpts_client *client, const struct cpts_composition_query *query,
                                    const struct launch *launch, struct cpts_error *err)
{
    struct cpts_composition_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetCompositionRequest request = CPTS__V1__GET_COMPOSITION_REQUEST__INIT;
    request.id = cpts_convert__text(own.id);
    request.region = cpts_convert__text(own.region);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_COMPOSITION_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_composition_response__descriptor,
                                .result_bytes = sizeof(struct cpts_composition),
                                .take = take_composition};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_composition_get(cpts_client *client, const struct cpts_composition_query *query,
                                 int32_t timeout_ms, struct cpts_composition **ret_composition,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_composition(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_composition = result;
    return status;
}

cpts_status cpts_composition_get_start(cpts_client *client,
                                       const struct cpts_composition_query *query,
                                       const struct cpts_async *async,
                                       cpts_composition_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_composition, ret_call);
    return make_composition(client, query, &launch, err);
}

static const struct cpts_member_category *categories(Cpts__V1__MemberCategory *const *from,
                                                     size_t count, struct arena *arena)
{
    struct cpts_member_category *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] = (struct cpts_member_category){.code = from[i]->code,
                                               .label = from[i]->label,
                                               .composition_code = from[i]->composition_code,
                                               .national_code = from[i]->national_code,
                                               .source = from[i]->source,
                                               .confidence = from[i]->confidence,
                                               .valid_from = from[i]->valid_from,
                                               .valid_to = from[i]->valid_to};
    return own;
}

static cpts_status take_categories(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListMemberCategoriesResponse *from =
        (const Cpts__V1__ListMemberCategoriesResponse *)answer->message;
    struct cpts_member_categories *own = answer->result;
    *own = (struct cpts_member_categories){
        .professions = categories(from->professions, from->n_professions, answer->arena),
        .profession_count = from->n_professions,
        .structure_kinds =
            categories(from->structure_kinds, from->n_structure_kinds, answer->arena),
        .structure_kind_count = from->n_structure_kinds,
        .message = from,
    };
    return own->professions == NULL || own->structure_kinds == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver_categories(const struct completion *completion)
{
    ((cpts_member_categories_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status list_categories(cpts_client *client, const struct launch *launch,
                                   struct cpts_error *err)
{
    Cpts__V1__ListMemberCategoriesRequest request = CPTS__V1__LIST_MEMBER_CATEGORIES_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_MEMBER_CATEGORIES,
                                .request = &request.base,
                                .response = &cpts__v1__list_member_categories_response__descriptor,
                                .result_bytes = sizeof(struct cpts_member_categories),
                                .take = take_categories};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_member_categories_list(cpts_client *client, int32_t timeout_ms,
                                        struct cpts_member_categories **ret_categories,
                                        struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_categories(client, &launch, err);
    if (status == CPTS_OK)
        *ret_categories = result;
    return status;
}

cpts_status cpts_member_categories_list_start(cpts_client *client, const struct cpts_async *async,
                                              cpts_member_categories_callback *callback,
                                              uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_categories, ret_call);
    return list_categories(client, &launch, err);
}

char *cpts_composition_json(const struct cpts_composition *composition, int indent_spaces)
{
    return cpts_convert__json(composition->message, indent_spaces);
}

char *cpts_member_categories_json(const struct cpts_member_categories *own, int indent_spaces)
{
    return cpts_convert__json(own->message, indent_spaces);
}

void cpts_composition_free(struct cpts_composition *composition)
{
    cpts_exchange__release(composition);
}

void cpts_member_categories_free(struct cpts_member_categories *own)
{
    cpts_exchange__release(own);
}
