/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_rule.h"

#include <stdio.h>
#include <string.h>

#include "convert.h"
#include "wire/error.h"
#include "wire/referral_step.h"

/* Where the caller's party stands towards one attempt, or the whole. */
struct stand {
    enum party party;
    bool of_referral;
    int position;
    int overdue_level;
    int32_t version;
};

static bool is_empty(const char *text)
{
    return text == NULL || text[0] == '\0';
}

static const struct referral_step *any_step(enum cpts_referral_event event)
{
    const struct referral_step *step = NULL;
    for (int party = PARTY_ORIGIN; step == NULL && party <= PARTY_COUNT; party++)
        step = referral_step_find((enum referral_event)event, (enum party)party);
    return step;
}

bool cpts_referral__is_of_whole(enum cpts_referral_event event)
{
    const struct referral_step *step = any_step(event);
    return step != NULL && step->of_referral;
}

/* How far the referral's own clock has run over; without clocks (a worklist's row
 * has none) that is the node's to say. */
static int whole_overdue_level(const struct cpts_referral *seen)
{
    for (size_t i = 0; i < seen->clock_count; i++) {
        if (seen->clocks[i].kind == CPTS_REFERRAL_CLOCK_REASSIGN)
            return (int)seen->clocks[i].level;
    }
    return 3;
}

/* `DELIVERED 4 ACCEPT,DECLINE` */
static void tell_allowed(const struct stand *stand, struct cpts_error *err)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    if (err == NULL)
        return;
    size_t count = stand->of_referral ? referral_step_allowed_whole(stand->party, stand->position,
                                                                    stand->overdue_level, events)
                                      : referral_step_allowed(stand->party, stand->position,
                                                              stand->overdue_level, events);
    const char *state = stand->of_referral ? referral_status_code(stand->position)
                                           : assignment_state_code(stand->position);
    int length = snprintf(err->detail, sizeof err->detail, "%s %d ", state, (int)stand->version);
    for (size_t i = 0; i < count && length > 0 && (size_t)length < sizeof err->detail; i++)
        length += snprintf(err->detail + length, sizeof err->detail - (size_t)length, "%s%s",
                           i == 0 ? "" : ",", referral_event_code((int)events[i]));
}

static cpts_status judge(const struct stand *stand, enum cpts_referral_event event,
                         struct cpts_error *err)
{
    const char *name = cpts_referral_event_name(event);
    const struct referral_step *step = referral_step_find((enum referral_event)event, stand->party);
    cpts_status status = CPTS_OK;
    if (step == NULL)
        status = error_set(err, REASON_WRONG_PARTY, "%s is for another party than %s", name,
                           cpts_party_name((enum cpts_party)stand->party));
    else if (!referral_step_is_legal(step, stand->position, stand->overdue_level))
        status = error_set(err, REASON_ILLEGAL_REFERRAL_ACT, "%s is not possible now", name);
    if (status != CPTS_OK)
        tell_allowed(stand, err);
    return status;
}

/* Finds the attempt, and fills the blanks. */
static cpts_status aim_at_attempt(const struct cpts_referral *seen, struct referral_target *target,
                                  struct stand *ret_stand, struct cpts_error *err)
{
    const char *id = is_empty(target->assignment_id) ? NULL : target->assignment_id;
    const struct cpts_assignment *found = cpts_referral_assignment(seen, id);
    if (found == NULL)
        return error_set(err, REASON_REFERRAL_NOT_FOUND, "the referral has no such attempt");
    target->assignment_id = found->id;
    if (target->expected_version == 0)
        target->expected_version = found->version;
    ret_stand->position = (int)found->state;
    ret_stand->overdue_level = (int)found->overdue_level;
    ret_stand->version = found->version;
    return CPTS_OK;
}

static void aim_at_whole(const struct cpts_referral *seen, struct referral_target *target,
                         struct stand *ret_stand)
{
    if (target->expected_version == 0)
        target->expected_version = seen->version;
    ret_stand->position = (int)seen->status;
    ret_stand->overdue_level = whole_overdue_level(seen);
    ret_stand->version = seen->version;
}

cpts_status cpts_referral__aim(const struct cpts_referral *seen, enum cpts_referral_event event,
                               struct referral_target *target, struct cpts_error *err)
{
    const struct referral_step *any = any_step(event);
    cpts_status status = CPTS_OK;
    if (any == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "event", "there is no step %d",
                               (int)event);
    target->referral_id = cpts_convert__text(target->referral_id);
    target->assignment_id = cpts_convert__text(target->assignment_id);
    if (seen == NULL)
        return CPTS_OK;
    struct stand stand = {.party = (enum party)seen->party, .of_referral = any->of_referral};
    if (is_empty(target->referral_id))
        target->referral_id = seen->id;
    if (any->of_referral)
        aim_at_whole(seen, target, &stand);
    else
        status = aim_at_attempt(seen, target, &stand, err);
    if (status == CPTS_OK && stand.party != PARTY_NONE)
        status = judge(&stand, event, err);
    return status;
}

cpts_status cpts_referral_may(const struct cpts_referral *seen, const char *assignment_id,
                              enum cpts_referral_event event, struct cpts_error *err)
{
    struct referral_target target = {.assignment_id = assignment_id};
    error_clear(err);
    if (seen == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no referral");
    return cpts_referral__aim(seen, event, &target, err);
}

cpts_status cpts_referral__check_needs(const struct cpts_referral *seen,
                                       enum cpts_referral_event event, bool has_reason,
                                       bool has_note, struct cpts_error *err)
{
    const struct referral_step *step =
        seen == NULL || seen->party == CPTS_PARTY_UNSPECIFIED
            ? any_step(event)
            : referral_step_find((enum referral_event)event, (enum party)seen->party);
    if (step == NULL)
        return CPTS_OK;
    const char *name = referral_event_code((int)step->event);
    if (step->reason == NEED_REQUIRED && !has_reason)
        return error_set_field(err, REASON_REFUSAL_REASON_REQUIRED, "reason",
                               "%s needs a coded reason", name);
    if (step->note == NEED_REQUIRED && !has_note)
        return error_set_field(err, REASON_FIELD_REQUIRED, "note", "%s needs a sealed note", name);
    if (step->note == NEED_THIS_OR_THAT && !has_note && !has_reason)
        return error_set_field(err, REASON_FIELD_REQUIRED, "note",
                               "%s needs a sealed note or a coded reason", name);
    return CPTS_OK;
}

cpts_status cpts_referral__check_header(const struct cpts_referral_header *header,
                                        struct cpts_error *err)
{
    if (header->urgency == CPTS_URGENCY_VITAL)
        return error_set_field(err, REASON_VITAL_URGENCY, "header.urgency",
                               "a vital emergency is not referred: call 15 or 112");
    if (header->legal_basis == CPTS_LEGAL_BASIS_UNSPECIFIED)
        return error_set_field(err, REASON_LEGAL_BASIS_REQUIRED, "header.legal_basis",
                               "the ground on which content is shown is not stated");
    if (header->legal_basis == CPTS_LEGAL_BASIS_PARTAGE && header->consent == NULL)
        return error_set_field(err, REASON_CONSENT_REQUIRED, "header.consent",
                               "a partage needs a recorded consent");
    return CPTS_OK;
}
