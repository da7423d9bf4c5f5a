/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/referral_header.h"

#include <stdatomic.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "domain/units.h"
#include "handler/actor.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "handler/service.h"
#include "wire/arena.h"
#include "wire/envelope.h"
#include "wire/error.h"
#include "wire/identifier.h"

#define CODE_LENGTH_MAX 40
#define SCOPE_LENGTH_MAX 200

/* Those who may consent, and how (Code de la santé publique, L. 1110-4, D. 1110-3-1,
 * L. 1111-6 for the trusted person). */
static const char *const GIVERS[] = {"PATIENT", "LEGAL_REPRESENTATIVE", "TRUSTED_PERSON", NULL};
static const char *const FORMS[] = {"ORAL", "WRITTEN", "ELECTRONIC", NULL};

static cpts_status check_word(const char *const *words, const char *word, const char *field,
                              struct cpts_error *err)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return CPTS_OK;
    }
    return error_set_field(err, word[0] == '\0' ? REASON_FIELD_REQUIRED : REASON_FIELD_INVALID,
                           field, "not one of the codes that there are");
}

cpts_status consent_check(const Cpts__V1__Consent *consent, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    cpts_status status = request_known(&consent->base, "consent", err);
    if (status == CPTS_OK)
        status = check_word(GIVERS, consent->given_by, "consent.given_by", err);
    if (status == CPTS_OK)
        status = calendar_past_check(consent->given_on, today, "consent.given_on", err);
    if (status == CPTS_OK)
        status = check_word(FORMS, consent->form, "consent.form", err);
    if (status == CPTS_OK)
        status = cpts_text_check(consent->scope, SCOPE_LENGTH_MAX, true, "consent.scope", err);
    return status;
}

bool consent_hash(struct call *call, const Cpts__V1__Consent *consent,
                  ProtobufCBinaryData *ret_hash)
{
    *ret_hash = (ProtobufCBinaryData){0};
    if (consent == NULL)
        return true;
    size_t byte_count = cpts__v1__consent__get_packed_size(consent);
    uint8_t *bytes = arena_alloc(call->arena, byte_count + ENVELOPE_HASH_BYTES);
    if (bytes == NULL)
        return false;
    cpts__v1__consent__pack(consent, bytes);
    envelope_hash(bytes, byte_count, bytes + byte_count);
    *ret_hash = (ProtobufCBinaryData){ENVELOPE_HASH_BYTES, bytes + byte_count};
    return true;
}

static cpts_status check_ground(const Cpts__V1__ReferralHeader *header, struct cpts_error *err)
{
    switch (header->legal_basis) {
    case CPTS__V1__LEGAL_BASIS__LEGAL_BASIS_ECHANGE:
        return header->consent == NULL
                   ? CPTS_OK
                   : error_set_field(err, REASON_FIELD_INVALID, "header.consent",
                                     "an échange has none: the patient is told and may object");
    case CPTS__V1__LEGAL_BASIS__LEGAL_BASIS_PARTAGE:
        return header->consent != NULL
                   ? consent_check(header->consent, err)
                   : error_set_field(err, REASON_CONSENT_REQUIRED, "header.consent",
                                     "a partage needs a recorded consent");
    default:
        return error_set_field(err, REASON_LEGAL_BASIS_REQUIRED, "header.legal_basis",
                               "say on what ground: échange or partage");
    }
}

static cpts_status check_urgency(const Cpts__V1__ReferralHeader *header, struct cpts_error *err)
{
    if (header->urgency == CPTS__V1__URGENCY__URGENCY_VITAL)
        return error_set_field(err, REASON_VITAL_URGENCY, "header.urgency",
                               "urgence vitale : appelez le 15 ou le 112 (vital: call 15 or 112)");
    if (enum_code(&cpts__v1__urgency__descriptor, (int)header->urgency, "URGENCY_")[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "header.urgency", "how soon?");
    if (enum_code(&cpts__v1__use_case__descriptor, (int)header->use_case, "USE_CASE_")[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "header.use_case", "what is it for?");
    return CPTS_OK;
}

/* The commune of the need: an arrondissement where there are some, never a part of one. */
static cpts_status check_unit(const struct call *call, const char *code, struct cpts_error *err)
{
    const struct units *units = atomic_load(&call->service->units);
    const struct unit *unit = units_find(units, code);
    if (unit == NULL || unit->is_part)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "header.unit_code",
                               "no commune or arrondissement has this code");
    if (units_district(units, unit) != NULL)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "header.unit_code",
                               "say which arrondissement");
    return CPTS_OK;
}

static cpts_status check_code(const char *code, size_t length_max, const char *field,
                              struct cpts_error *err)
{
    size_t length = strlen(code);
    if (length > length_max || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != length)
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "a code has capital letters, digits and _");
    return CPTS_OK;
}

static cpts_status check_pathway(const Cpts__V1__ReferralHeader *header, struct cpts_error *err)
{
    uint8_t id[16];
    if (header->pathway_id[0] == '\0')
        return header->pathway_step[0] == '\0'
                   ? CPTS_OK
                   : error_set_field(err, REASON_FIELD_REQUIRED, "header.pathway_id",
                                     "a step belongs to a pathway");
    cpts_status status = request_uuid(header->pathway_id, "header.pathway_id", id, err);
    if (status == CPTS_OK && header->pathway_step[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "header.pathway_step",
                                 "which step of the pathway?");
    if (status == CPTS_OK)
        status = check_code(header->pathway_step, CODE_LENGTH_MAX, "header.pathway_step", err);
    return status;
}

static cpts_status check_origin(const struct call *call, const Cpts__V1__ReferralHeader *header,
                                struct cpts_error *err)
{
    uint8_t origin_id[16], own_id[16];
    cpts_status status = request_uuid(header->origin_id, "header.origin_id", origin_id, err);
    if (status == CPTS_OK &&
        (!caller_cpts(call, own_id) || memcmp(own_id, origin_id, sizeof own_id) != 0))
        status = error_set_field(err, REASON_WRONG_PARTY, "header.origin_id",
                                 "a CPTS refers in its own name");
    return status;
}

cpts_status referral_header_check(const struct call *call, const Cpts__V1__ReferralHeader *header,
                                  struct cpts_error *err)
{
    if (header == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "header", "the order is missing");
    cpts_status status = request_known(&header->base, "header", err);
    if (status == CPTS_OK)
        status = check_urgency(header, err);
    if (status == CPTS_OK)
        status = check_origin(call, header, err);
    if (status == CPTS_OK)
        status = check_ground(header, err);
    if (status == CPTS_OK)
        status = check_unit(call, header->unit_code, err);
    if (status == CPTS_OK)
        status =
            check_code(header->profession, ACTOR_PROFESSION_LENGTH_MAX, "header.profession", err);
    if (status == CPTS_OK)
        status = check_code(header->speciality, CODE_LENGTH_MAX, "header.speciality", err);
    if (status == CPTS_OK && header->requester_finess[0] != '\0' &&
        !identifier_is_finess(header->requester_finess))
        status = error_set_field(err, REASON_FINESS_INVALID, "header.requester_finess",
                                 "not 9 characters of FINESS");
    return status == CPTS_OK ? check_pathway(header, err) : status;
}
