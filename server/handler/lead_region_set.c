/* SPDX-License-Identifier: Apache-2.0 */
/* SetLeadRegion. */
#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/identity_card.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

#define REASON_CHARACTERS_MAX 200

static cpts_status check(const struct call *call, const Cpts__V1__SetLeadRegionRequest *request,
                         uint8_t ret_id[16], struct cpts_error *err)
{
    cpts_status status = request_target(request->id, request->expected_version, ret_id, err);
    if (status == CPTS_OK && request->new_region[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "new_region", "an INSEE code");
    if (status == CPTS_OK)
        status = filter_area_check(call, request->new_region, "", err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->reason, REASON_CHARACTERS_MAX, true, "reason", err);
    return status;
}

cpts_status lead_region_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetLeadRegionRequest *request = message;
    uint8_t id[16];
    cpts_status status = check(call, request, id, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsLeadRegionSet set = CPTS__V1__CPTS_LEAD_REGION_SET__INIT;
    set.lead_region = request->new_region;
    set.reason = request->reason;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_LEAD_REGION_SET;
    change.cpts_lead_region_set = &set;
    const struct command command = {STATEMENT_LEAD_REGION_SET, request->command_id, &request->base,
                                    id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->new_region);
    return CPTS_OK;
}

cpts_status lead_region_set_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__set_lead_region_response__descriptor, err);
}
