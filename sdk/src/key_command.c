/* SPDX-License-Identifier: Apache-2.0 */
/* PublishKey, RevokeKey and RevokeAuthority. */
#include <cpts/key_async.h>
#include <cpts/v1/key.pb-c.h>

#include "command_call.h"
#include "key_paper.h"
#include "wire/arena.h"
#include "wire/error.h"

static const struct exchange PUBLISH = {.operation = OPERATION_KEY_PUBLISH,
                                        .response = &cpts__v1__publish_key_response__descriptor};
static const struct exchange REVOKE = {.operation = OPERATION_KEY_REVOKE,
                                       .response = &cpts__v1__revoke_key_response__descriptor};
static const struct exchange REVOKE_AUTHORITY = {
    .operation = OPERATION_KEY_AUTHORITY_REVOKE,
    .response = &cpts__v1__revoke_authority_response__descriptor};

/* The document's message and the CPTS that it is about. */
static cpts_status read_document(const struct command_call *command,
                                 const struct cpts_key_publication *publication,
                                 enum cpts_key_document_kind wanted,
                                 struct cpts_key_document *facts, ProtobufCMessage **ret_message,
                                 struct cpts_error *err)
{
    enum cpts_key_document_kind kind = CPTS_KEY_DOCUMENT_UNSPECIFIED;
    cpts_status status =
        cpts_key_paper__unpack(publication->document, &kind, command->arena, ret_message, err);
    if (status == CPTS_OK && kind != wanted)
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "document", "a %s is needed",
                                 cpts_key_paper__title(wanted));
    if (status == CPTS_OK)
        status = cpts_key_document_read(publication->document, NULL, facts, err);
    return status;
}

static cpts_status publish_in(const struct command_call *command,
                              const struct cpts_key_publication *publication,
                              struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    struct cpts_key_document facts = {.size = sizeof facts};
    cpts_status status =
        read_document(command, publication, CPTS_KEY_DOCUMENT_STATEMENT, &facts, &message, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__PublishKeyRequest request = CPTS__V1__PUBLISH_KEY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = facts.cpts_id;
    request.statement = (Cpts__V1__SignedKeyStatement *)message;
    return cpts_command__make(command, &PUBLISH, &request.base, err);
}

static cpts_status revoke_in(const struct command_call *command,
                             const struct cpts_key_publication *publication, struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    struct cpts_key_document facts = {.size = sizeof facts};
    cpts_status status =
        read_document(command, publication, CPTS_KEY_DOCUMENT_REVOCATION, &facts, &message, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RevokeKeyRequest request = CPTS__V1__REVOKE_KEY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = facts.cpts_id;
    request.revocation = (Cpts__V1__SignedKeyRevocation *)message;
    return cpts_command__make(command, &REVOKE, &request.base, err);
}

static cpts_status revoke_authority_in(const struct command_call *command,
                                       const struct cpts_key_publication *publication,
                                       struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    struct cpts_key_document facts = {.size = sizeof facts};
    cpts_status status = read_document(command, publication, CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION,
                                       &facts, &message, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RevokeAuthorityRequest request = CPTS__V1__REVOKE_AUTHORITY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.revocation = (Cpts__V1__SignedAuthorityRevocation *)message;
    return cpts_command__make(command, &REVOKE_AUTHORITY, &request.base, err);
}

static cpts_status make(struct command_call *command,
                        const struct cpts_key_publication *publication, uint8_t *command_id,
                        cpts_status (*send)(const struct command_call *command,
                                            const struct cpts_key_publication *publication,
                                            struct cpts_error *err),
                        struct cpts_error *err)
{
    struct cpts_key_publication own;
    cpts_status status =
        cpts_command__begin(command, command_id, &own, sizeof own, publication, err);
    if (status == CPTS_OK)
        status = send(command, &own, err);
    cpts_command__done(command);
    return status;
}

cpts_status cpts_key_publish(cpts_client *client, const struct cpts_key_publication *publication,
                             uint8_t *command_id, int32_t timeout_ms,
                             struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make(&command, publication, command_id, publish_in, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_key_publish_start(cpts_client *client,
                                   const struct cpts_key_publication *publication,
                                   uint8_t *command_id, const struct cpts_async *async,
                                   cpts_outcome_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make(&command, publication, command_id, publish_in, err);
}

cpts_status cpts_key_revoke(cpts_client *client, const struct cpts_key_publication *publication,
                            uint8_t *command_id, int32_t timeout_ms,
                            struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make(&command, publication, command_id, revoke_in, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_key_revoke_start(cpts_client *client,
                                  const struct cpts_key_publication *publication,
                                  uint8_t *command_id, const struct cpts_async *async,
                                  cpts_outcome_callback *callback, uint64_t *ret_call,
                                  struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make(&command, publication, command_id, revoke_in, err);
}

cpts_status cpts_key_authority_revoke(cpts_client *client,
                                      const struct cpts_key_publication *publication,
                                      uint8_t *command_id, int32_t timeout_ms,
                                      struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make(&command, publication, command_id, revoke_authority_in, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_key_authority_revoke_start(cpts_client *client,
                                            const struct cpts_key_publication *publication,
                                            uint8_t *command_id, const struct cpts_async *async,
                                            cpts_outcome_callback *callback, uint64_t *ret_call,
                                            struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make(&command, publication, command_id, revoke_authority_in, err);
}
