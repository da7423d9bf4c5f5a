/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/peer.h"

#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "rpc/peer_certificate.h"
#include "rpc/server.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define SCHEME "spiffe://"

/* What is left of a text that is being read from its beginning. */
struct rest {
    const char *text;
    size_t bytes;
};

static bool skip(struct rest *rest, const char *prefix)
{
    size_t prefix_bytes = strlen(prefix);
    if (rest->bytes < prefix_bytes || memcmp(rest->text, prefix, prefix_bytes) != 0)
        return false;
    rest->text += prefix_bytes;
    rest->bytes -= prefix_bytes;
    return true;
}

static bool is_region_code(struct rest rest)
{
    return rest.bytes == 2 && rest.text[0] >= '0' && rest.text[0] <= '9' && rest.text[1] >= '0' &&
           rest.text[1] <= '9';
}

static bool is_uuid(struct rest rest)
{
    char text[UUID_TEXT_BYTES];
    char canonical[UUID_TEXT_BYTES];
    uint8_t uuid[16];
    if (rest.bytes != sizeof text - 1)
        return false;
    memcpy(text, rest.text, rest.bytes);
    text[rest.bytes] = '\0';
    if (!uuid_parse(text, uuid))
        return false;
    uuid_format(uuid, canonical);
    return memcmp(text, canonical, sizeof text) == 0;
}

static bool is_path(struct rest rest)
{
    if (skip(&rest, "/node/national"))
        return rest.bytes == 0;
    if (skip(&rest, "/node/region/"))
        return is_region_code(rest);
    return (skip(&rest, "/cpts/") || skip(&rest, "/user/")) && is_uuid(rest);
}

cpts_status peer_uri_check(const char *uri, size_t uri_bytes, const char *trust_domain,
                           struct cpts_error *err)
{
    struct rest rest = {uri, uri_bytes};
    if (uri_bytes < PRINCIPAL_URI_BYTES && skip(&rest, SCHEME) && skip(&rest, trust_domain) &&
        is_path(rest))
        return CPTS_OK;
    return error_set(err, REASON_IDENTITY_MALFORMED,
                     "The URI of the certificate is not an identity of %s", trust_domain);
}

/* The first two values of that name; NULL for those that are missing. */
static void find_two(const grpc_auth_context *context, const char *name,
                     const grpc_auth_property *ret_found[2])
{
    grpc_auth_property_iterator iterator = grpc_auth_context_find_properties_by_name(context, name);
    ret_found[0] = grpc_auth_property_iterator_next(&iterator);
    ret_found[1] = ret_found[0] == NULL ? NULL : grpc_auth_property_iterator_next(&iterator);
}

/* Whether this connection began without a look at the certificate. */
static bool is_resumed(const grpc_auth_context *context)
{
    const grpc_auth_property *found[2];
    find_two(context, GRPC_SSL_SESSION_REUSED_PROPERTY, found);
    return found[0] == NULL || strcmp(found[0]->value, "false") != 0;
}

/* The certificate was verified when the session began; is it still good? */
static cpts_status check_certificate(const grpc_auth_context *context,
                                     const struct peer_rules *rules, struct cpts_error *err)
{
    const struct rpc_options *options = rules->options;
    bool may_be_revoked = options->any_revoked != NULL && options->any_revoked(options->context);
    if (!may_be_revoked && !is_resumed(context))
        return CPTS_OK;
    const grpc_auth_property *pem[2];
    find_two(context, GRPC_X509_PEM_CERT_PROPERTY_NAME, pem);
    const struct peer_certificate *certificate =
        pem[0] == NULL
            ? NULL
            : peer_certificates_find(rules->certificates, pem[0]->value, pem[0]->value_length);
    time_t now = time(NULL);
    if (certificate == NULL || certificate->not_before > now || certificate->not_after < now)
        return error_set(err, REASON_NO_IDENTITY,
                         "The connection has no certificate that is valid today");
    if (may_be_revoked && options->is_revoked(options->context, certificate->serial))
        return error_set(err, REASON_CERTIFICATE_REVOKED, "The certificate %s is revoked",
                         certificate->serial);
    return CPTS_OK;
}

static cpts_status read_uri(const grpc_auth_context *context, const struct peer_rules *rules,
                            char ret_uri[PRINCIPAL_URI_BYTES], struct cpts_error *err)
{
    const grpc_auth_property *uris[2];
    find_two(context, GRPC_PEER_URI_PROPERTY_NAME, uris);
    if (uris[0] == NULL)
        return error_set(err, REASON_NO_IDENTITY, "The certificate names no URI");
    if (uris[1] != NULL)
        return error_set(err, REASON_IDENTITY_NOT_UNIQUE,
                         "The certificate names more than one URI");
    cpts_status status =
        peer_uri_check(uris[0]->value, uris[0]->value_length, rules->options->trust_domain, err);
    if (status == CPTS_OK)
        status = check_certificate(context, rules, err);
    if (status == CPTS_OK) {
        memcpy(ret_uri, uris[0]->value, uris[0]->value_length);
        ret_uri[uris[0]->value_length] = '\0';
    }
    return status;
}

cpts_status peer_uri_read(grpc_call *call, const struct peer_rules *rules,
                          char ret_uri[PRINCIPAL_URI_BYTES], struct cpts_error *err)
{
    grpc_auth_context *context = grpc_call_auth_context(call);
    if (context == NULL)
        return error_set(err, REASON_NO_IDENTITY, "The connection has no certificate");
    cpts_status status = read_uri(context, rules, ret_uri, err);
    grpc_auth_context_release(context);
    return status;
}

bool peer_has_certificate(grpc_call *call)
{
    const grpc_auth_property *pem[2] = {NULL, NULL};
    grpc_auth_context *context = grpc_call_auth_context(call);
    if (context == NULL)
        return false;
    find_two(context, GRPC_X509_PEM_CERT_PROPERTY_NAME, pem);
    grpc_auth_context_release(context);
    return pem[0] != NULL;
}

void peer_address_read(grpc_call *call, char ret_address[PRINCIPAL_URI_BYTES])
{
    char *peer = grpc_call_get_peer(call);
    const char *port = peer == NULL ? NULL : strrchr(peer, ':');
    size_t bytes = port == NULL ? 0 : (size_t)(port - peer);
    if (bytes >= PRINCIPAL_URI_BYTES)
        bytes = PRINCIPAL_URI_BYTES - 1;
    if (bytes > 0)
        memcpy(ret_address, peer, bytes);
    ret_address[bytes] = '\0';
    gpr_free(peer);
}
