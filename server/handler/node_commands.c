/* SPDX-License-Identifier: Apache-2.0 */
/* SuspendNode, ResumeNode and RaiseNodeEpoch. */
#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "domain/identity_card.h"
#include "domain/node_address.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define REASON_CHARACTERS_MAX 200

/* A decision about a node, as its statement has it. */
struct node_decision {
    const char *command_id;
    const ProtobufCMessage *content;
    const char *node;
    const char *step;
    const char *reason;
    int epoch_seen;
};

static cpts_status check_node(const char *node, struct cpts_error *err)
{
    if (node[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "node", "region/ and an INSEE code");
    return node_name_region(node) != NULL
               ? CPTS_OK
               : error_set_field(err, REASON_FIELD_INVALID, "node", "region/ and an INSEE code");
}

static cpts_status decide(struct call *call, const struct node_decision *decision,
                          Cpts__V1__Change *change, struct cpts_error *err)
{
    uint8_t id[16];
    uuid_derive("cpts.node", decision->node, id);
    const struct command command = {STATEMENT_NODE_DECIDE, decision->command_id, decision->content,
                                    id, change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_text(call->query, decision->node);
    query_text(call->query, decision->step);
    query_text(call->query, decision->reason);
    query_int(call->query, decision->epoch_seen);
    return CPTS_OK;
}

cpts_status node_suspend_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SuspendNodeRequest *request = message;
    Cpts__V1__NodeSuspended suspended = CPTS__V1__NODE_SUSPENDED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    cpts_status status = check_node(request->node, err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->reason, REASON_CHARACTERS_MAX, true, "reason", err);
    if (status != CPTS_OK)
        return status;
    suspended.node = request->node;
    suspended.reason = request->reason;
    change.event_case = CPTS__V1__CHANGE__EVENT_NODE_SUSPENDED;
    change.node_suspended = &suspended;
    const struct node_decision decision = {.command_id = request->command_id,
                                           .content = &request->base,
                                           .node = request->node,
                                           .step = "SUSPEND",
                                           .reason = request->reason};
    return decide(call, &decision, &change, err);
}

cpts_status node_suspend_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__suspend_node_response__descriptor, err);
}

cpts_status node_resume_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ResumeNodeRequest *request = message;
    Cpts__V1__NodeResumed resumed = CPTS__V1__NODE_RESUMED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    cpts_status status = check_node(request->node, err);
    if (status != CPTS_OK)
        return status;
    resumed.node = request->node;
    change.event_case = CPTS__V1__CHANGE__EVENT_NODE_RESUMED;
    change.node_resumed = &resumed;
    const struct node_decision decision = {.command_id = request->command_id,
                                           .content = &request->base,
                                           .node = request->node,
                                           .step = "RESUME",
                                           .reason = ""};
    return decide(call, &decision, &change, err);
}

cpts_status node_resume_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__resume_node_response__descriptor, err);
}

cpts_status node_epoch_raise_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RaiseNodeEpochRequest *request = message;
    Cpts__V1__NodeEpochRaised raised = CPTS__V1__NODE_EPOCH_RAISED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    cpts_status status = check_node(request->node, err);
    if (status == CPTS_OK && request->expected_epoch < 1)
        status = error_set_field(err, REASON_FIELD_INVALID, "expected_epoch", "from 1");
    if (status == CPTS_OK)
        status = cpts_text_check(request->reason, REASON_CHARACTERS_MAX, true, "reason", err);
    if (status != CPTS_OK)
        return status;
    raised.node = request->node;
    raised.former_epoch = request->expected_epoch;
    raised.reason = request->reason;
    change.event_case = CPTS__V1__CHANGE__EVENT_NODE_EPOCH_RAISED;
    change.node_epoch_raised = &raised;
    const struct node_decision decision = {.command_id = request->command_id,
                                           .content = &request->base,
                                           .node = request->node,
                                           .step = "EPOCH",
                                           .reason = request->reason,
                                           .epoch_seen = request->expected_epoch};
    return decide(call, &decision, &change, err);
}

cpts_status node_epoch_raise_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__raise_node_epoch_response__descriptor, err);
}
