/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_convert.h"

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status cpts_referral__actor(const struct cpts_actor *actor, Cpts__V1__Actor *ret_actor,
                                 struct cpts_error *err)
{
    struct cpts_actor own;
    cpts__v1__actor__init(ret_actor);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, actor, err);
    if (status != CPTS_OK)
        return status;
    ret_actor->rpps = cpts_convert__text(own.rpps);
    ret_actor->profession = cpts_convert__text(own.profession);
    ret_actor->function = cpts_convert__text(own.function);
    ret_actor->purpose = (Cpts__V1__Purpose)own.purpose;
    return CPTS_OK;
}

static Cpts__V1__Consent *consent_of(const struct cpts_consent *from, struct arena *arena)
{
    Cpts__V1__Consent *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return NULL;
    cpts__v1__consent__init(own);
    own->given_by = cpts_convert__text(from->given_by);
    own->given_on = cpts_convert__text(from->given_on);
    own->form = cpts_convert__text(from->form);
    own->scope = cpts_convert__text(from->scope);
    return own;
}

cpts_status cpts_referral__header(const struct cpts_referral_header *header, struct arena *arena,
                                  Cpts__V1__ReferralHeader **ret_header, struct cpts_error *err)
{
    struct cpts_referral_header from;
    cpts_status status = cpts_exchange__adopt(&from, sizeof from, header, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralHeader *own = arena_alloc(arena, sizeof *own);
    Cpts__V1__Consent *consent = from.consent == NULL ? NULL : consent_of(from.consent, arena);
    if (own == NULL || (consent == NULL && from.consent != NULL))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the referral");
    cpts__v1__referral_header__init(own);
    own->use_case = (Cpts__V1__UseCase)from.use_case;
    own->urgency = (Cpts__V1__Urgency)from.urgency;
    own->profession = cpts_convert__text(from.profession);
    own->speciality = cpts_convert__text(from.speciality);
    own->unit_code = cpts_convert__text(from.unit_code);
    own->origin_id = cpts_convert__text(from.origin_id);
    own->requester_finess = cpts_convert__text(from.requester_finess);
    own->legal_basis = (Cpts__V1__LegalBasis)from.legal_basis;
    own->consent = consent;
    own->pathway_id = cpts_convert__text(from.pathway_id);
    own->pathway_step = cpts_convert__text(from.pathway_step);
    *ret_header = own;
    return CPTS_OK;
}

const enum cpts_referral_event *cpts_referral__events(const Cpts__V1__ReferralEvent *from,
                                                      size_t count, struct arena *arena)
{
    enum cpts_referral_event *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] = (enum cpts_referral_event)from[i];
    return own;
}

static bool take_consent(const Cpts__V1__Consent *from, struct arena *arena,
                         const struct cpts_consent **ret_consent)
{
    *ret_consent = NULL;
    if (from == NULL)
        return true;
    struct cpts_consent *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_consent){.given_by = from->given_by,
                                 .given_on = from->given_on,
                                 .form = from->form,
                                 .scope = from->scope};
    *ret_consent = own;
    return true;
}

/* A node that sends no header is told as one that says nothing. */
static bool take_header(const Cpts__V1__ReferralHeader *from, struct arena *arena,
                        struct cpts_referral_header *ret_header)
{
    static const Cpts__V1__ReferralHeader NOTHING = CPTS__V1__REFERRAL_HEADER__INIT;
    if (from == NULL)
        from = &NOTHING;
    *ret_header =
        (struct cpts_referral_header){.size = sizeof *ret_header,
                                      .use_case = (enum cpts_use_case)from->use_case,
                                      .urgency = (enum cpts_urgency)from->urgency,
                                      .profession = from->profession,
                                      .speciality = from->speciality,
                                      .unit_code = from->unit_code,
                                      .origin_id = from->origin_id,
                                      .requester_finess = from->requester_finess,
                                      .legal_basis = (enum cpts_legal_basis)from->legal_basis,
                                      .pathway_id = from->pathway_id,
                                      .pathway_step = from->pathway_step};
    return take_consent(from->consent, arena, &ret_header->consent);
}

static bool take_assignment(const Cpts__V1__Assignment *from, struct arena *arena,
                            struct cpts_assignment *ret_assignment)
{
    *ret_assignment = (struct cpts_assignment){
        .id = from->id,
        .destination_id = from->destination_id,
        .destination_name = from->destination_name,
        .version = from->version,
        .state = (enum cpts_assignment_state)from->state,
        .overdue_level = from->overdue_level,
        .no_show_count = from->no_show_count,
        .hop = from->hop,
        .reason = from->reason,
        .scheduled_for_us = cpts_convert__instant_us(from->scheduled_for),
        .submitted_at_us = cpts_convert__instant_us(from->submitted_at),
        .state_at_us = cpts_convert__instant_us(from->state_at),
        .allowed = cpts_referral__events(from->allowed_events, from->n_allowed_events, arena),
        .allowed_count = from->n_allowed_events,
        .entered_in_error = from->entered_in_error,
        .to_rewrap = from->to_rewrap};
    return ret_assignment->allowed != NULL;
}

static bool take_assignments(const Cpts__V1__Referral *from, struct arena *arena,
                             struct cpts_referral *referral)
{
    struct cpts_assignment *own = arena_alloc(arena, (from->n_assignments + 1) * sizeof *own);
    bool is_fine = own != NULL;
    for (size_t i = 0; is_fine && i < from->n_assignments; i++)
        is_fine = take_assignment(from->assignments[i], arena, &own[i]);
    referral->assignments = own;
    referral->assignment_count = from->n_assignments;
    return is_fine;
}

struct cpts_referral_clock cpts_referral__clock(const Cpts__V1__ReferralClock *from)
{
    return (struct cpts_referral_clock){.assignment_id = from->assignment_id,
                                        .kind = (enum cpts_referral_clock_kind)from->kind,
                                        .fire_at_us = cpts_convert__instant_us(from->fire_at),
                                        .level = from->level};
}

static bool take_clocks(const Cpts__V1__Referral *from, struct arena *arena,
                        struct cpts_referral *referral)
{
    struct cpts_referral_clock *own = arena_alloc(arena, (from->n_clocks + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_clocks; i++)
        own[i] = cpts_referral__clock(from->clocks[i]);
    referral->clocks = own;
    referral->clock_count = from->n_clocks;
    return own != NULL;
}

bool cpts_referral__take(const Cpts__V1__Referral *from, struct arena *arena,
                         struct cpts_referral *ret_referral)
{
    *ret_referral = (struct cpts_referral){
        .id = from->id,
        .version = from->version,
        .status = (enum cpts_referral_status)from->status,
        .origin_name = from->origin_name,
        .origin_region = from->origin_region,
        .custodian_id = from->custodian_id,
        .unroutable = from->unroutable,
        .entered_in_error = from->entered_in_error,
        .consent_withdrawn = from->consent_withdrawn,
        .erased = from->erased,
        .synthetic = from->synthetic,
        .created_at_us = cpts_convert__instant_us(from->created_at),
        .updated_at_us = cpts_convert__instant_us(from->updated_at),
        .reason = from->reason,
        .allowed = cpts_referral__events(from->allowed_events, from->n_allowed_events, arena),
        .allowed_count = from->n_allowed_events,
        .proposed_id = from->proposed_id,
        .successor_id = from->successor_id,
        .party = (enum cpts_party)from->party,
        .message = from,
        .to_rewrap = from->to_rewrap};
    return ret_referral->allowed != NULL &&
           take_consent(from->later_consent, arena, &ret_referral->later_consent) &&
           take_header(from->header, arena, &ret_referral->header) &&
           take_assignments(from, arena, ret_referral) && take_clocks(from, arena, ret_referral);
}
