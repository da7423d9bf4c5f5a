/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/admission.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/slice.h>
#include <string.h>

#include "base/call.h"
#include "base/method.h"
#include "rpc/behalf_metadata.h"
#include "rpc/call_transport.h"
#include "rpc/peer.h"
#include "wire/error.h"

/* Joins a message of several slices; the usual one is read where it lies. */
static cpts_status join_slices(struct incoming_message *message, struct cpts_error *err)
{
    grpc_byte_buffer_reader reader;
    if (!grpc_byte_buffer_reader_init(&reader, message->payload))
        return error_set(err, REASON_MALFORMED_MESSAGE, "The message cannot be read");
    message->joined = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    return CPTS_OK;
}

cpts_status admission_read(struct incoming_message *message, int byte_count_max,
                           struct cpts_error *err)
{
    grpc_byte_buffer *payload = message->payload;
    if (payload == NULL)
        return error_set(err, REASON_MALFORMED_MESSAGE, "The call carries no message");
    /* Never inflated here: a megabyte can hold a gigabyte of zeros. */
    if (payload->data.raw.compression != GRPC_COMPRESS_NONE)
        return error_set(err, REASON_MALFORMED_MESSAGE, "Compressed messages are not accepted");
    if (grpc_byte_buffer_length(payload) > (size_t)byte_count_max)
        return error_set(err, REASON_MESSAGE_TOO_LARGE, "A message has at most %d bytes here",
                         byte_count_max);
    const grpc_slice_buffer *slices = &payload->data.raw.slice_buffer;
    const grpc_slice *slice = slices->count == 1 ? &slices->slices[0] : &message->joined;
    if (slices->count > 1) {
        cpts_status status = join_slices(message, err);
        if (status != CPTS_OK)
            return status;
    }
    message->bytes = GRPC_SLICE_START_PTR(*slice);
    message->byte_count = GRPC_SLICE_LENGTH(*slice);
    return CPTS_OK;
}

static bool may_be_newcomer(grpc_call *core_call, const struct call *call)
{
    return call->method != NULL && (call->method->roles & ROLE_NEWCOMER) != 0 &&
           !peer_has_certificate(core_call);
}

cpts_status admission_certified(const struct transport *transport, grpc_call *core_call,
                                struct call *call)
{
    if (transport->options->insecure || peer_has_certificate(core_call))
        return CPTS_OK;
    return error_set(&call->error, REASON_NO_IDENTITY,
                     "Without a certificate nothing but Enroll may be called");
}

cpts_status admission_identify(const struct transport *transport, grpc_call *core_call,
                               struct call *call)
{
    const struct rpc_options *options = transport->options;
    if (options->insecure) {
        call->principal = options->insecure_principal;
        return CPTS_OK;
    }
    if (may_be_newcomer(core_call, call)) {
        call->principal = (struct principal){.roles = ROLE_NEWCOMER};
        peer_address_read(core_call, call->principal.uri);
        return CPTS_OK;
    }
    char uri[PRINCIPAL_URI_BYTES];
    struct peer_rules rules = {options, transport->certificates};
    cpts_status status = peer_uri_read(core_call, &rules, uri, &call->error);
    if (status != CPTS_OK)
        return status;
    return options->identify(options->context, uri, &call->principal, &call->error);
}

/* On whose behalf. */

static const struct {
    const char *key; /* as cpts/forward.h says */
    size_t offset;
    size_t byte_count;
} BEHALF[] = {
    {"cpts-on-behalf", offsetof(struct behalf_metadata, identity), PRINCIPAL_URI_BYTES},
    {"cpts-on-behalf-roles", offsetof(struct behalf_metadata, roles), BEHALF_ROLES_BYTES},
    {"cpts-on-behalf-scope", offsetof(struct behalf_metadata, scope), PRINCIPAL_SCOPE_BYTES},
};

/* @return false when it is said twice, or too long. */
static bool take_value(const grpc_metadata *pair, struct behalf_metadata *behalf)
{
    for (size_t i = 0; i < sizeof BEHALF / sizeof BEHALF[0]; i++) {
        char *to = (char *)behalf + BEHALF[i].offset;
        size_t byte_count = GRPC_SLICE_LENGTH(pair->value);
        if (grpc_slice_str_cmp(pair->key, BEHALF[i].key) != 0)
            continue;
        if (to[0] != '\0' || byte_count >= BEHALF[i].byte_count)
            return false;
        memcpy(to, GRPC_SLICE_START_PTR(pair->value), byte_count);
    }
    return true;
}

cpts_status admission_behalf(const struct transport *transport, const grpc_metadata_array *metadata,
                             struct call *call)
{
    const struct rpc_options *options = transport->options;
    struct behalf_metadata behalf = {0};
    bool is_well = true;
    for (size_t i = 0; i < metadata->count && is_well; i++)
        is_well = take_value(&metadata->metadata[i], &behalf);
    if (!is_well)
        return error_set(&call->error, REASON_FIELD_INVALID,
                         "the metadata say twice or too long on whose behalf the call is");
    if (behalf.identity[0] == '\0')
        return CPTS_OK;
    if (options->speak_for == NULL)
        return error_set(&call->error, REASON_ROLE_NOT_ALLOWED,
                         "this node takes no calls on behalf of others");
    return options->speak_for(options->context, &behalf, &call->principal, &call->error);
}
