/* SPDX-License-Identifier: Apache-2.0 */
/* ExchangeIdentities: a region's node is told who may call there. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/federation.pb-c.h"
#include "domain/identity_card.h"
#include "domain/node_address.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define HASH_BYTES 32
#define REVOKED_MAX 500
#define THINGS_MAX 20000
#define SERIAL_DIGITS_MIN 2
#define SERIAL_DIGITS_MAX 64
#define TEXT_CHARACTERS_MAX 200

/* Columns of identities_exchange.sql. */
enum thing_column { WHAT, PRINCIPAL, WORD, DETAIL, VALID_FROM, VALID_TO, HASH, COUNT };

/* What the head's word refuses. */
static const struct {
    const char *word;
    enum reason reason;
    const char *sentence;
} REFUSALS[] = {
    {"NODE_UNKNOWN", REASON_NODE_UNKNOWN, "no node of a region has this identity"},
    {"NODE_SUSPENDED", REASON_NODE_SUSPENDED, "the node is suspended"},
    {"MESSAGE_TOO_LARGE", REASON_MESSAGE_TOO_LARGE, "more roles or revocations than are told"},
};

static cpts_status check_revoked(const Cpts__V1__RevokedCertificate *revoked,
                                 struct cpts_error *err)
{
    size_t digits = strspn(revoked->serial, "0123456789ABCDEF");
    if (revoked->serial[digits] != '\0' || digits < SERIAL_DIGITS_MIN || digits > SERIAL_DIGITS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "revoked.serial",
                               "2 to 64 hexadecimal digits in upper case");
    if (strlen(revoked->principal) >= PRINCIPAL_URI_BYTES)
        return error_set_field(err, REASON_FIELD_INVALID, "revoked.principal", "too long");
    return cpts_text_check(revoked->reason, TEXT_CHARACTERS_MAX, false, "revoked.reason", err);
}

static cpts_status check_request(const Cpts__V1__ExchangeIdentitiesRequest *request,
                                 struct cpts_error *err)
{
    if (request->known_hash.len != 0 && request->known_hash.len != HASH_BYTES)
        return error_set_field(err, REASON_FIELD_INVALID, "known_hash", "32 bytes, or none");
    if (request->n_revoked > REVOKED_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "revoked", "at most %d", REVOKED_MAX);
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && i < request->n_revoked; i++)
        status = check_revoked(request->revoked[i], err);
    return status;
}

/* The region's node that calls, or NULL. */
static const char *node_of(const struct principal *principal)
{
    static const char PATH[] = "/node/";
    const char *path = strstr(principal->uri, PATH);
    const char *node = path == NULL ? "" : path + sizeof PATH - 1;
    return node_name_region(node) == NULL ? NULL : node;
}

static bool bind_revoked(struct call *call, const Cpts__V1__ExchangeIdentitiesRequest *request)
{
    size_t count = request->n_revoked;
    const char **texts = arena_alloc(call->arena, (3 * count + 1) * sizeof *texts);
    if (texts == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        texts[i] = request->revoked[i]->serial;
        texts[count + i] = request->revoked[i]->principal;
        texts[2 * count + i] = request->revoked[i]->reason;
    }
    for (size_t column = 0; column < 3; column++)
        query_text_array(call->query, texts + column * count, count);
    return true;
}

cpts_status identity_exchange_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ExchangeIdentitiesRequest *request = message;
    const char *node = node_of(&call->principal);
    if (node == NULL)
        return error_set(err, REASON_NODE_UNKNOWN, "no node of a region has this identity");
    cpts_status status = check_request(request, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_IDENTITIES_EXCHANGE);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, node);
    query_bytes(call->query, request->known_hash.data, request->known_hash.len);
    if (!bind_revoked(call, request))
        return request_no_memory(err);
    query_int(call->query, THINGS_MAX);
    return CPTS_OK;
}

static Cpts__V1__IdentityRole *read_role(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__IdentityRole *role = request_message(call, &cpts__v1__identity_role__descriptor);
    if (role == NULL)
        return NULL;
    role->principal = (char *)rows_text(rows, row, PRINCIPAL);
    role->role = (char *)rows_text(rows, row, WORD);
    role->scope = (char *)rows_text(rows, row, DETAIL);
    role->valid_from = (char *)rows_text(rows, row, VALID_FROM);
    role->valid_to = (char *)rows_text(rows, row, VALID_TO);
    return role;
}

static Cpts__V1__RevokedCertificate *read_revoked(struct call *call, const struct rows *rows,
                                                  int row)
{
    Cpts__V1__RevokedCertificate *revoked =
        request_message(call, &cpts__v1__revoked_certificate__descriptor);
    if (revoked == NULL)
        return NULL;
    revoked->serial = (char *)rows_text(rows, row, WORD);
    revoked->principal = (char *)rows_text(rows, row, PRINCIPAL);
    revoked->reason = (char *)rows_text(rows, row, DETAIL);
    return revoked;
}

static bool read_things(struct call *call, const struct rows *rows,
                        Cpts__V1__ExchangeIdentitiesResponse *response)
{
    size_t room = (size_t)rows_count(rows);
    response->roles = arena_alloc(call->arena, room * sizeof *response->roles);
    response->revoked = arena_alloc(call->arena, room * sizeof *response->revoked);
    if (response->roles == NULL || response->revoked == NULL)
        return false;
    for (int row = 1; row < rows_count(rows); row++) {
        bool is_role = rows_text(rows, row, WHAT)[0] == 'R';
        void *made =
            is_role
                ? (void *)(response->roles[response->n_roles] = read_role(call, rows, row))
                : (void *)(response->revoked[response->n_revoked] = read_revoked(call, rows, row));
        if (made == NULL)
            return false;
        response->n_roles += is_role;
        response->n_revoked += !is_role;
    }
    return true;
}

cpts_status identity_exchange_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    const char *word = rows_text(rows, 0, WORD);
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++) {
        if (strcmp(REFUSALS[i].word, word) == 0)
            return error_set(err, REFUSALS[i].reason, "%s", REFUSALS[i].sentence);
    }
    Cpts__V1__ExchangeIdentitiesResponse *response =
        request_message(call, &cpts__v1__exchange_identities_response__descriptor);
    if (response == NULL || !read_things(call, rows, response) ||
        !request_bytes(call, rows_text(rows, 0, HASH), &response->hash))
        return request_no_memory(err);
    response->unchanged = strcmp(word, "UNCHANGED") == 0;
    response->refused_count = (int32_t)rows_int(rows, 0, COUNT);
    call->response = &response->base;
    return CPTS_OK;
}
