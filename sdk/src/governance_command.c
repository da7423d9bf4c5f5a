/* SPDX-License-Identifier: Apache-2.0 */
/* Members, seats and adhesion: what changes them. */
#include <cpts/governance_async.h>
#include <cpts/v1/governance.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status take_members(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__RecordMembersResponse *response =
        (const Cpts__V1__RecordMembersResponse *)answer->message;
    struct cpts_members_outcome *outcome = answer->result;
    *outcome = (struct cpts_members_outcome){.version = response->version,
                                             .log_position = response->log_position,
                                             .replayed = response->replayed,
                                             .added_count = response->added_count,
                                             .changed_count = response->changed_count,
                                             .unchanged_count = response->unchanged_count,
                                             .message = answer->message};
    return CPTS_OK;
}

static void deliver_members(const struct completion *completion)
{
    ((cpts_members_outcome_callback *)completion->callback)(completion->status, completion->result,
                                                            &completion->err, completion->data);
}

static const struct exchange MEMBERS = {.operation = OPERATION_MEMBERS_RECORD,
                                        .response = &cpts__v1__record_members_response__descriptor,
                                        .result_bytes = sizeof(struct cpts_members_outcome),
                                        .take = take_members};

static Cpts__V1__Member **member_list(const struct cpts_member *from, size_t count,
                                      struct arena *arena)
{
    Cpts__V1__Member **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__Member *members = arena_alloc(arena, (count + 1) * sizeof *members);
    if (list == NULL || members == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &members[i];
        cpts__v1__member__init(list[i]);
        list[i]->rpps = cpts_convert__text(from[i].rpps);
        list[i]->finess = cpts_convert__text(from[i].finess);
        list[i]->siret = cpts_convert__text(from[i].siret);
        list[i]->category = cpts_convert__text(from[i].category);
        list[i]->college = (Cpts__V1__College)from[i].college;
        list[i]->voice = (Cpts__V1__Voice)from[i].voice;
        list[i]->joined_on = cpts_convert__text(from[i].joined_on);
        list[i]->left_on = cpts_convert__text(from[i].left_on);
    }
    return list;
}

static cpts_status members_in(const struct command_call *command,
                              const struct cpts_members_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordMembersRequest request = CPTS__V1__RECORD_MEMBERS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.members = member_list(change->members, change->member_count, command->arena);
    request.n_members = change->member_count;
    request.restates = change->restates;
    if (request.members == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &MEMBERS, &request.base, err);
}

static cpts_status make_members(cpts_client *client, const struct cpts_members_change *change,
                                uint8_t *command_id, const struct launch *launch,
                                struct cpts_error *err)
{
    struct cpts_members_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = members_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_members_record(cpts_client *client, const struct cpts_members_change *change,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_members_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_members(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_members_record_start(cpts_client *client, const struct cpts_members_change *change,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_members_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_members, ret_call);
    return make_members(client, change, command_id, &launch, err);
}

static const struct exchange END = {.operation = OPERATION_MEMBERSHIP_END,
                                    .response = &cpts__v1__end_membership_response__descriptor};

static cpts_status end_in(const struct command_call *command, const struct cpts_membership_end *end,
                          struct cpts_error *err)
{
    Cpts__V1__EndMembershipRequest request = CPTS__V1__END_MEMBERSHIP_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(end->id);
    request.expected_version = end->expected_version;
    request.rpps = cpts_convert__text(end->rpps);
    request.finess = cpts_convert__text(end->finess);
    request.siret = cpts_convert__text(end->siret);
    request.left_on = cpts_convert__text(end->left_on);
    return cpts_command__make(command, &END, &request.base, err);
}

static cpts_status make_end(cpts_client *client, const struct cpts_membership_end *end,
                            uint8_t *command_id, const struct launch *launch,
                            struct cpts_error *err)
{
    struct cpts_membership_end own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, end, err);
    if (status == CPTS_OK)
        status = end_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_membership_end(cpts_client *client, const struct cpts_membership_end *end,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_end(client, end, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_membership_end_start(cpts_client *client, const struct cpts_membership_end *end,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_end(client, end, command_id, &launch, err);
}

static const struct exchange SEAT = {.operation = OPERATION_REPRESENTATIVE_RECORD,
                                     .response =
                                         &cpts__v1__record_representative_response__descriptor};

static cpts_status seat_in(const struct command_call *command,
                           const struct cpts_representative_change *change, struct cpts_error *err)
{
    const struct cpts_representative *from = &change->seat;
    Cpts__V1__Representative seat = CPTS__V1__REPRESENTATIVE__INIT;
    seat.representative_id = cpts_convert__text(from->representative_id);
    seat.association = cpts_convert__text(from->association);
    seat.approval_reference = cpts_convert__text(from->approval_reference);
    seat.designated_on = cpts_convert__text(from->designated_on);
    seat.designation_reference = cpts_convert__text(from->designation_reference);
    seat.trained_on = cpts_convert__text(from->trained_on);
    seat.voice = (Cpts__V1__Voice)from->voice;
    seat.seated_on = cpts_convert__text(from->seated_on);
    seat.left_on = cpts_convert__text(from->left_on);
    Cpts__V1__RecordRepresentativeRequest request = CPTS__V1__RECORD_REPRESENTATIVE_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.representative = &seat;
    return cpts_command__make(command, &SEAT, &request.base, err);
}

static cpts_status make_seat(cpts_client *client, const struct cpts_representative_change *change,
                             uint8_t *command_id, const struct launch *launch,
                             struct cpts_error *err)
{
    struct cpts_representative_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = seat_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_representative_record(cpts_client *client,
                                       const struct cpts_representative_change *change,
                                       uint8_t *command_id, int32_t timeout_ms,
                                       struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_seat(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_representative_record_start(cpts_client *client,
                                             const struct cpts_representative_change *change,
                                             uint8_t *command_id, const struct cpts_async *async,
                                             cpts_outcome_callback *callback, uint64_t *ret_call,
                                             struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_seat(client, change, command_id, &launch, err);
}

static const struct exchange ADHESION = {.operation = OPERATION_ADHESION_RECORD,
                                         .response =
                                             &cpts__v1__record_adhesion_response__descriptor};

static cpts_status adhesion_in(const struct command_call *command,
                               const struct cpts_adhesion_change *change, struct cpts_error *err)
{
    Cpts__V1__Adhesion adhesion = CPTS__V1__ADHESION__INIT;
    adhesion.adherent_count = change->adhesion.adherent_count;
    adhesion.professional_count = change->adhesion.professional_count;
    adhesion.counted_on = cpts_convert__text(change->adhesion.counted_on);
    adhesion.source = cpts_convert__text(change->adhesion.source);
    Cpts__V1__RecordAdhesionRequest request = CPTS__V1__RECORD_ADHESION_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.adhesion = &adhesion;
    return cpts_command__make(command, &ADHESION, &request.base, err);
}

static cpts_status make_adhesion(cpts_client *client, const struct cpts_adhesion_change *change,
                                 uint8_t *command_id, const struct launch *launch,
                                 struct cpts_error *err)
{
    struct cpts_adhesion_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = adhesion_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_adhesion_record(cpts_client *client, const struct cpts_adhesion_change *change,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_adhesion(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_adhesion_record_start(cpts_client *client,
                                       const struct cpts_adhesion_change *change,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_adhesion(client, change, command_id, &launch, err);
}

char *cpts_members_outcome_json(const struct cpts_members_outcome *outcome, int indent_spaces)
{
    return cpts_convert__json(outcome->message, indent_spaces);
}

void cpts_members_outcome_free(struct cpts_members_outcome *outcome)
{
    cpts_exchange__release(outcome);
}
