/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: for a token, and after one's own. */
#include <cpts/enrolment.h>
#include <cpts/v1/enrolment.pb-c.h>
#include <string.h>

#include "command_call.h"
#include "convert.h"
#include "wire/enrolment_token.h"
#include "wire/error.h"

#define CHECKPOINT_KEY_BYTES 32

bool cpts_enrolment_token_authority(const char *token, uint8_t ret_sha256[CPTS_AUTHORITY_BYTES])
{
    struct enrolment_token parsed;
    if (token == NULL || !enrolment_token_parse(token, &parsed))
        return false;
    memcpy(ret_sha256, parsed.authority, CPTS_AUTHORITY_BYTES);
    enrolment_token_erase(&parsed);
    return true;
}

static cpts_status fill(const struct answer *answer, const Cpts__V1__IssuedCertificate *from,
                        bool replayed, struct cpts_error *err)
{
    if (from == NULL)
        return error_set(err, REASON_INTERNAL_ERROR, "the answer holds no certificate");
    *(struct cpts_certificate *)answer->result =
        (struct cpts_certificate){.certificate = from->certificate,
                                  .authorities = from->authorities,
                                  .identity = from->identity,
                                  .serial = from->serial,
                                  .expires_at_us = cpts_convert__instant_us(from->expires_at),
                                  .port = from->port,
                                  .replayed = replayed,
                                  .above_node = "",
                                  .message = answer->message};
    return CPTS_OK;
}

static void fill_above(struct cpts_certificate *certificate, const Cpts__V1__NodeAbove *above)
{
    certificate->above_node = above->node;
    certificate->above_epoch = above->epoch;
    certificate->node_epoch = above->node_epoch;
    if (above->checkpoint_key.len == CHECKPOINT_KEY_BYTES)
        certificate->above_key = above->checkpoint_key.data;
}

static cpts_status take_enrolled(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__EnrollResponse *from = (const Cpts__V1__EnrollResponse *)answer->message;
    cpts_status status = fill(answer, from->certificate, from->replayed, err);
    if (status == CPTS_OK && from->above != NULL)
        fill_above((struct cpts_certificate *)answer->result, from->above);
    return status;
}

static cpts_status take_renewed(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__RenewCertificateResponse *from =
        (const Cpts__V1__RenewCertificateResponse *)answer->message;
    return fill(answer, from->certificate, from->replayed, err);
}

static void deliver(const struct completion *completion)
{
    ((cpts_certificate_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static const struct exchange ENROLL = {.operation = OPERATION_CERTIFICATE_ENROLL,
                                       .response = &cpts__v1__enroll_response__descriptor,
                                       .result_bytes = sizeof(struct cpts_certificate),
                                       .take = take_enrolled};
static const struct exchange RENEW = {.operation = OPERATION_CERTIFICATE_RENEW,
                                      .response = &cpts__v1__renew_certificate_response__descriptor,
                                      .result_bytes = sizeof(struct cpts_certificate),
                                      .take = take_renewed};

static ProtobufCBinaryData request_of(const struct cpts_certificate_wish *wish)
{
    return (ProtobufCBinaryData){wish->request == NULL ? 0 : wish->request_bytes,
                                 (uint8_t *)wish->request};
}

static cpts_status enroll_in(const struct command_call *command,
                             const struct cpts_certificate_wish *wish, struct cpts_error *err)
{
    Cpts__V1__EnrollRequest request = CPTS__V1__ENROLL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.token = cpts_convert__text(wish->token);
    request.certificate_request = request_of(wish);
    if (wish->checkpoint_key != NULL)
        request.checkpoint_key =
            (ProtobufCBinaryData){CHECKPOINT_KEY_BYTES, (uint8_t *)wish->checkpoint_key};
    return cpts_command__make(command, &ENROLL, &request.base, err);
}

static cpts_status renew_in(const struct command_call *command,
                            const struct cpts_certificate_wish *wish, struct cpts_error *err)
{
    Cpts__V1__RenewCertificateRequest request = CPTS__V1__RENEW_CERTIFICATE_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.certificate_request = request_of(wish);
    return cpts_command__make(command, &RENEW, &request.base, err);
}

/* Either of the two above. */
typedef cpts_status asking(const struct command_call *command,
                           const struct cpts_certificate_wish *wish, struct cpts_error *err);

static cpts_status make(asking *ask, struct command_call *command,
                        const struct cpts_certificate_wish *wish, uint8_t *command_id,
                        struct cpts_error *err)
{
    struct cpts_certificate_wish own;
    cpts_status status = cpts_command__begin(command, command_id, &own, sizeof own, wish, err);
    if (status == CPTS_OK)
        status = ask(command, &own, err);
    cpts_command__done(command);
    return status;
}

cpts_status cpts_certificate_enroll(cpts_client *client, const struct cpts_certificate_wish *wish,
                                    uint8_t *command_id, int32_t timeout_ms,
                                    struct cpts_certificate **ret_certificate,
                                    struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make(enroll_in, &command, wish, command_id, err);
    if (status == CPTS_OK)
        *ret_certificate = result;
    return status;
}

cpts_status cpts_certificate_enroll_start(cpts_client *client,
                                          const struct cpts_certificate_wish *wish,
                                          uint8_t *command_id, const struct cpts_async *async,
                                          cpts_certificate_callback *callback, uint64_t *ret_call,
                                          struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make(enroll_in, &command, wish, command_id, err);
}

cpts_status cpts_certificate_renew(cpts_client *client, const struct cpts_certificate_wish *wish,
                                   uint8_t *command_id, int32_t timeout_ms,
                                   struct cpts_certificate **ret_certificate,
                                   struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    struct command_call command = {.client = client, .launch = &launch};
    cpts_status status = make(renew_in, &command, wish, command_id, err);
    if (status == CPTS_OK)
        *ret_certificate = result;
    return status;
}

cpts_status cpts_certificate_renew_start(cpts_client *client,
                                         const struct cpts_certificate_wish *wish,
                                         uint8_t *command_id, const struct cpts_async *async,
                                         cpts_certificate_callback *callback, uint64_t *ret_call,
                                         struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    struct command_call command = {.client = client, .launch = &launch};
    return make(renew_in, &command, wish, command_id, err);
}

char *cpts_certificate_json(const struct cpts_certificate *certificate, int indent_spaces)
{
    return cpts_convert__json(certificate->message, indent_spaces);
}

void cpts_certificate_free(struct cpts_certificate *certificate)
{
    cpts_exchange__release(certificate);
}
