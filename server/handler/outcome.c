/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/outcome.h"

#include <protobuf-c/protobuf-c.h>
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/error.h"

enum outcome_column { OUTCOME, CPTS_ID, VERSION, LOG_POSITION, DETAIL };

/* What to tell about each refusal, and the field of the request that is meant;
 * `%s` is the statement's detail. */
static const struct {
    enum reason reason;
    const char *field;
    const char *sentence;
} SENTENCES[] = {
    {REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id%.0s"},
    {REASON_OUT_OF_SCOPE, "", "this identity may not change a CPTS of that region%.0s"},
    {REASON_NOT_OWNER, "", "another node owns this record: %s"},
    {REASON_STALE_VERSION, "expected_version",
     "the CPTS is at version %s now: read it again, then decide again"},
    {REASON_COMMAND_ID_REUSED, "command_id", "this command_id was used for another command%.0s"},
    {REASON_ILLEGAL_STAGE_STEP, "stage", "the CPTS is at %s: that step is not legal"},
    {REASON_STAGE_DATE_BEFORE_CURRENT, "effective_on",
     "the date is not after the current stage's: %s"},
    {REASON_TERRITORY_DATE_BEFORE_CREATION, "effective_on",
     "the date lies before the first stage's: %s"},
    {REASON_UNKNOWN_MISSION, "mission", "the ACI has no mission of that code on that date%.0s"},
    {REASON_ILLEGAL_MISSION_STEP, "status", "the mission is at %s: that step is not legal"},
    {REASON_MISSION_DATE_BEFORE_CURRENT, "effective_on",
     "the date lies before the mission's last status: %s"},
    {REASON_CRISIS_FACT_REPEATED, "kind", "that is recorded already%.0s"},
    {REASON_CRISIS_FACT_NOT_FOUND, "kind", "nothing of that kind is recorded on that date%.0s"},
    {REASON_CRISIS_PLAN_NOT_WRITTEN, "kind", "no crisis plan was written by that date%.0s"},
    {REASON_MERGE_NOT_CORRECTABLE, "stages",
     "the CPTS was merged and its successor took over: that is not taken back here%.0s"},
    {REASON_NOTHING_TO_CORRECT, "", "that is what is believed already%.0s"},
    {REASON_TERRITORY_SHARE_EXCEEDED, "territory",
     "shares of validated CPTS would exceed 1: %.180s"},
    {REASON_REFERENCE_CHANGED, "",
     "the reference data changed meanwhile, nothing was done: repeat the command%.0s"},
    {REASON_UNKNOWN_UNIT, "mergers", "no commune has the code %s"},
    {REASON_MERGER_INVALID, "mergers",
     "%s cannot be merged: no whole commune on that date, in another, or half of it is done"},
    {REASON_UNIT_MERGED_IN_PERIOD, "stages",
     "the territory would cross a merger of %s: end it there first, then record what follows"},
    {REASON_CPTS_ENDED, "id", "the CPTS has ended: %s"},
    {REASON_UNKNOWN_PROFESSION, "members", "no profession has this code: %s"},
    {REASON_UNKNOWN_STRUCTURE_KIND, "members", "no kind of structure has this code: %s"},
    {REASON_MEMBER_NOT_FOUND, "left_on", "it is no member of the CPTS before that date%.0s"},
    {REASON_REPRESENTATIVE_NOT_FOUND, "representative.representative_id",
     "no seat of the CPTS has this id%.0s"},
    {REASON_TOO_MANY_REPRESENTATIVES, "id", "the CPTS has all the seats it may have%.0s"},
    {REASON_UNKNOWN_INDICATOR, "indicator", "no indicator has that code on that date: %s"},
    {REASON_THRESHOLD_ORDER_INVALID, "thresholds",
     "each threshold has to be harder to reach than the one before, the way %s goes"},
    {REASON_INDICATOR_LOCKED, "values",
     "%s is locked: only an ARS corrects it, with a correction_reason"},
    {REASON_INDICATOR_STEP_ILLEGAL, "values",
     "%s: a value is submitted, then approved, then locked"},
    {REASON_EVIDENCE_MISSING, "document_ids", "documents that this needs are missing: %s"},
    {REASON_DOCUMENT_NOT_FOUND, "document_ids", "no document of the CPTS has the id %s"},
    {REASON_FILING_NOT_FOUND, "filing_id", "no filing of the CPTS for that stage has this id%.0s"},
    {REASON_FILING_ALREADY_OPEN, "filing_id", "a filing for that stage is open: %s"},
    {REASON_FILING_NOT_AT_STAGE, "target", "the CPTS is at %s: that filing is not for now"},
    {REASON_FILING_NOT_COMPLETE, "basis",
     "no filing was found complete: there is no silence to count%.0s"},
    {REASON_FILING_DATE_BEFORE_CURRENT, "effective_on",
     "the date lies before the filing's current state: %s"},
    {REASON_ILLEGAL_FILING_STEP, "state", "the filing is %s: that step is not legal"},
    {REASON_TACIT_NOT_DUE, "effective_on", "silence validates on %s, not before"},
    {REASON_MILESTONE_NOT_AT_STAGE, "kind", "the CPTS is at %s: that does not happen there"},
    {REASON_STAGE_NOT_ENTERED, "stage", "the CPTS has not entered that stage; it is at %s"},
    {REASON_IDENTITY_DATE_BEFORE_CURRENT, "effective_on",
     "the date lies before the last change of the identity: %s"},
    {REASON_SUCCESSOR_NOT_FOUND, "successor_id", "no CPTS has this id%.0s"},
    {REASON_SUCCESSOR_ENDED, "successor_id", "the CPTS that should take over has ended: %s"},
    {REASON_STALE_SUCCESSOR_VERSION, "successor_version",
     "the CPTS that takes over is at version %s now: read it again, then decide again"},
    {REASON_KEY_NOT_VOUCHED, "statement", "nobody vouches for it: %s"},
    {REASON_KEY_SERIAL_NOT_NEXT, "statement", "the last serial of the CPTS is %s"},
    {REASON_KEY_NOT_PUBLISHED, "revocation", "no key of the CPTS with the serial %s is published"},
    {REASON_KEY_REVOKED, "revocation", "the key with the serial %s is revoked already"},
    {REASON_MERGE_UNITS_NESTED, "id",
     "one of the two holds the IRIS %s and the other its commune: settle that first"},
    {REASON_REQUESTER_REQUIRED, "requester_finess",
     "an establishment asks for %s: its FINESS number is needed"},
    {REASON_UNKNOWN_PATHWAY_TEMPLATE, "template", "no template %s is in force"},
    {REASON_PATHWAY_NOT_FOUND, "header.pathway_id", "no pathway of yours has this id%.0s"},
    {REASON_UNKNOWN_PATHWAY_STEP, "header.pathway_step", "the pathway has no step %s"},
    {REASON_PATHWAY_STEP_DIFFERS, "header.use_case", "the step %s is for another use case"},
    {REASON_PATHWAY_STEP_TAKEN, "header.pathway_step", "a referral meets the step %s already"},
    {REASON_PATHWAY_STEP_WAITS, "header.pathway_step", "a step before %s is not fulfilled yet"},
    {REASON_IDENTITY_SCOPE_CONFLICT, "scope",
     "the identity has the scope %s: one holds for all its roles"},
    {REASON_IDENTITY_IS_HELD, "replaces",
     "somebody has the identity: whoever comes has to replace them%.0s"},
    {REASON_ENROLMENT_NOT_FOUND, "id", "no enrolment has this id%.0s"},
    {REASON_ENROLMENT_TOKEN_INVALID, "token", "there is no such token%.0s"},
    {REASON_ENROLMENT_USED, "", "it was used, for the certificate %s"},
    {REASON_ENROLMENT_REVOKED, "", "it was taken back%.0s"},
    {REASON_ENROLMENT_EXPIRED, "", "it is too old: ask for another%.0s"},
    {REASON_NODE_NOT_FOUND, "node", "no node is called %s"},
    {REASON_NODE_ALREADY_SUSPENDED, "node", "it is suspended: %s"},
    {REASON_NODE_NOT_SUSPENDED, "node", "it is not suspended: %s"},
    {REASON_NODE_EPOCH_STALE, "expected_epoch",
     "its epoch is %s now: read it again, then decide again"},
    {REASON_MERGE_DATE_BEFORE_TERRITORY, "effective_on",
     "the date lies before the last change of a territory: %s"},
    {REASON_REFERRAL_NOT_FOUND, "referral_id", "no referral of yours has this id%.0s"},
    {REASON_ASSIGNMENT_NOT_FOUND, "assignment_id", "no assignment of the referral has this id%.0s"},
    {REASON_WRONG_PARTY, "", "that is for another party to do%.0s"},
    {REASON_RECIPIENT_UNKNOWN, "", "no CPTS has the id %s"},
    {REASON_RECIPIENT_NOT_ELIGIBLE, "", "%s may not receive that: its stage, or it is the origin"},
    {REASON_RECIPIENT_REPEATED, "", "%s is being asked already"},
    {REASON_REDIRECT_CYCLE, "", "%s was there already: it is not asked again"},
    {REASON_REDIRECT_LIMIT, "", "a referral is redirected %s times at most"},
    {REASON_UNKNOWN_REFUSAL_REASON, "reason", "that step has no such reason%.0s"},
    {REASON_WRAP_NOT_YOURS, "", "the keys are wrapped by the origin, or by who had accepted%.0s"},
    {REASON_TOO_MANY_NOTES, "note", "a referral has %s notes at most"},
    {REASON_TOO_MANY_PARKED_ACTS, "", "%s acts wait to be resolved: resolve some first"},
    {REASON_VISIT_TOO_LATE, "scheduled_for", "so urgent a need is seen within %s hours from now"},
    {REASON_VISIT_NOT_YET, "", "the visit is still to come%.0s"},
    {REASON_NO_CANDIDATE_LEFT, "", "no candidate is left: redirect, or wait%.0s"},
    {REASON_ID_TAKEN, "", "an id that was minted is in use: mint another one%.0s"},
    {REASON_CONSENT_WITHDRAWN, "", "the consent was withdrawn%.0s"},
    {REASON_REFERRAL_IS_OPEN, "", "it is %s: only what is over is erased"},
    {REASON_REFERRAL_IS_ERASED, "", "the sealed parts were destroyed%.0s"},
    {REASON_NOT_SEALED_FOR_RECIPIENT, "", "not sealed, or not for %s"},
    {REASON_PARKED_ACT_NOT_FOUND, "id", "no parked act of yours has this id%.0s"},
    {REASON_PARKED_ACT_RESOLVED, "id", "it was resolved already%.0s"},
};

cpts_status outcome_refuse(const char *outcome, const char *detail, struct cpts_error *err)
{
    enum reason reason = reason_find(outcome);
    for (size_t i = 0; i < sizeof SENTENCES / sizeof SENTENCES[0]; i++) {
        if (SENTENCES[i].reason != reason)
            continue;
        cpts_status status =
            error_set_field(err, reason, SENTENCES[i].field, SENTENCES[i].sentence, detail);
        if (err != NULL)
            snprintf(err->detail, sizeof err->detail, "%s", detail);
        return status;
    }
    return error_set(err, REASON_INTERNAL_ERROR, "the database gave an outcome nobody knows");
}

cpts_status outcome_read(const struct rows *rows, struct outcome *ret_outcome,
                         struct cpts_error *err)
{
    if (rows_count(rows) > 1)
        return error_set(err, REASON_INTERNAL_ERROR, "a command gave several outcomes");
    return outcome_first_read(rows, ret_outcome, err);
}

cpts_status outcome_first_read(const struct rows *rows, struct outcome *ret_outcome,
                               struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set(err, REASON_INTERNAL_ERROR, "a command gave no outcome");
    const char *outcome = rows_text(rows, 0, OUTCOME);
    bool replayed = strcmp(outcome, "REPLAYED") == 0;
    if (!replayed && strcmp(outcome, "OK") != 0)
        return outcome_refuse(outcome, rows_text(rows, 0, DETAIL), err);
    *ret_outcome = (struct outcome){
        .cpts_id = rows_text(rows, 0, CPTS_ID),
        .version = (int32_t)rows_int(rows, 0, VERSION),
        .log_position = rows_int(rows, 0, LOG_POSITION),
        .replayed = replayed,
        .detail = replayed ? "" : rows_text(rows, 0, DETAIL),
    };
    return CPTS_OK;
}

/* Where a field of @p message lies; NULL when its type has none of that name. */
static void *field_of(ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    return field == NULL ? NULL : (char *)message + field->offset;
}

cpts_status outcome_answer(struct call *call, const struct rows *rows,
                           const struct ProtobufCMessageDescriptor *type, struct cpts_error *err)
{
    struct outcome outcome = {0};
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return status;
    ProtobufCMessage *message = request_message(call, type);
    if (message == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    char **id = field_of(message, "id");
    int32_t *version = field_of(message, "version");
    int64_t *log_position = field_of(message, "log_position");
    protobuf_c_boolean *replayed = field_of(message, "replayed");
    if (id != NULL)
        *id = (char *)outcome.cpts_id;
    if (version != NULL)
        *version = outcome.version;
    if (log_position != NULL)
        *log_position = outcome.log_position;
    if (replayed != NULL)
        *replayed = outcome.replayed;
    call->response = message;
    return CPTS_OK;
}
