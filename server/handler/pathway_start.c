/* SPDX-License-Identifier: Apache-2.0 */
/* StartPathway. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/pathway.pb-c.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/identifier.h"

#define PSEUDONYM_BYTES 16
#define TEMPLATE_LENGTH_MAX 40
#define VERSION_MAX 1000000
/* Column of pathway_start.sql behind those of every command. */
#define TEMPLATE_VERSION 5

static cpts_status check_template(const Cpts__V1__StartPathwayRequest *request,
                                  struct cpts_error *err)
{
    if (request->template_[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "template", "which kind of pathway?");
    if (strlen(request->template_) > TEMPLATE_LENGTH_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "template", "at most %d characters",
                               TEMPLATE_LENGTH_MAX);
    if (request->template_version < 0 || request->template_version > VERSION_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "template_version", "from 1; 0 = now's");
    return CPTS_OK;
}

/* Random bytes cannot be checked for being random; zeros are certainly not. */
static cpts_status check_pseudonym(const ProtobufCBinaryData *pseudonym, struct cpts_error *err)
{
    static const uint8_t ZEROS[PSEUDONYM_BYTES];
    if (pseudonym->len == PSEUDONYM_BYTES && memcmp(pseudonym->data, ZEROS, sizeof ZEROS) != 0)
        return CPTS_OK;
    return error_set_field(err, REASON_FIELD_INVALID, "pseudonym", "%d random bytes",
                           PSEUDONYM_BYTES);
}

static cpts_status check(const Cpts__V1__StartPathwayRequest *request, uint8_t ret_id[16],
                         uint8_t ret_origin_id[16], struct cpts_error *err)
{
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = minted_id_read(request->pathway_id, "pathway_id", ret_id, err);
    if (status == CPTS_OK)
        status = request_uuid(request->origin_id, "origin_id", ret_origin_id, err);
    if (status == CPTS_OK)
        status = check_template(request, err);
    if (status == CPTS_OK)
        status = check_pseudonym(&request->pseudonym, err);
    if (status == CPTS_OK && request->requester_finess[0] != '\0' &&
        !identifier_is_finess(request->requester_finess))
        status = error_set_field(err, REASON_FINESS_INVALID, "requester_finess",
                                 "not a FINESS number of 9 characters");
    return status;
}

cpts_status pathway_start_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__StartPathwayRequest *request = message;
    uint8_t id[16], origin_id[16];
    cpts_status status = check(request, id, origin_id, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__PathwayStarted started = CPTS__V1__PATHWAY_STARTED__INIT;
    started.origin_id = request->origin_id;
    started.template_ = request->template_;
    started.template_version = request->template_version;
    started.requester_finess = request->requester_finess;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_PATHWAY_STARTED;
    change.pathway_started = &started;
    change.on_behalf = request->actor;
    struct command command = {.statement = STATEMENT_PATHWAY_START,
                              .command_id = request->command_id,
                              .content = &request->base,
                              .cpts_id = id,
                              .change = &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_uuid(call->query, origin_id);
    query_text(call->query, request->template_);
    query_int(call->query, request->template_version);
    query_text(call->query, request->requester_finess);
    query_bytes(call->query, request->pseudonym.data, request->pseudonym.len);
    return CPTS_OK;
}

cpts_status pathway_start_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__start_pathway_response__descriptor, err);
    if (status == CPTS_OK)
        ((Cpts__V1__StartPathwayResponse *)call->response)->template_version =
            (int32_t)rows_int(rows, 0, TEMPLATE_VERSION);
    return status;
}
