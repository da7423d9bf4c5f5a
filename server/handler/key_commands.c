/* SPDX-License-Identifier: Apache-2.0 */
/* PublishKey, RevokeKey and RevokeAuthority: signatures are checked here, against the root; the
 * rest is the statement's. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/key.pb-c.h"
#include "handler/key_directory.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_S 1000000
/* How far the clock of an authority may be ahead of ours. */
#define AHEAD_S_MAX 300
/* What the id of a region's authority is derived from. */
#define AUTHORITY_SPACE "cpts.key-authority"

/* What is put into the directory once it is recorded. */
struct packed_entry {
    uint8_t *bytes;
    size_t byte_count;
};

static cpts_status root_of(const struct call *call, const uint8_t **ret_root,
                           struct cpts_error *err)
{
    *ret_root = key_directory_root(call->service->key_directory);
    if (*ret_root == NULL)
        return error_set(err, REASON_KEY_NOT_VOUCHED,
                         "this node knows no federation root: [keys] root is not configured");
    return CPTS_OK;
}

/* Packs the entry and keeps it for the end of the call. */
static struct packed_entry *pack_entry(struct call *call, const Cpts__V1__KeyEntry *entry)
{
    struct packed_entry *packed = arena_alloc(call->arena, sizeof *packed);
    if (packed == NULL)
        return NULL;
    packed->byte_count = cpts__v1__key_entry__get_packed_size(entry);
    packed->bytes = arena_alloc(call->arena, packed->byte_count + 1);
    if (packed->bytes == NULL)
        return NULL;
    cpts__v1__key_entry__pack(entry, packed->bytes);
    call->state = packed;
    return packed;
}

/* The CPTS that the request names is the one that was signed for. */
static cpts_status check_target(const char *id, const uint8_t cpts_id[16], struct cpts_error *err)
{
    uint8_t named[16];
    cpts_status status = request_uuid(id, "id", named, err);
    if (status == CPTS_OK && memcmp(named, cpts_id, sizeof named) != 0)
        status = error_set_field(err, REASON_FIELD_INVALID, "id",
                                 "another CPTS than the one that was signed for");
    return status;
}

static cpts_status check_statement(const struct call *call,
                                   const Cpts__V1__PublishKeyRequest *request,
                                   struct key_public *ret_key, struct cpts_error *err)
{
    const uint8_t *root = NULL;
    if (request->statement == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "statement", "which key?");
    cpts_status status = root_of(call, &root, err);
    if (status == CPTS_OK)
        status = key_statement_check(root, request->statement, ret_key, err);
    if (status == CPTS_OK)
        status = check_target(request->id, ret_key->cpts_id, err);
    if (status == CPTS_OK && clock_realtime_us() / US_PER_S >= ret_key->valid_to_s)
        status = error_set_field(err, REASON_KEY_NOT_VOUCHED, "statement",
                                 "the key, or the certificate of its authority, has expired");
    if (status == CPTS_OK && key_directory_is_orphan(call->service->key_directory, ret_key->region,
                                                     ret_key->authority_serial))
        status = error_set_field(err, REASON_KEY_NOT_VOUCHED, "statement",
                                 "the key authority that signed it was revoked");
    return status;
}

static cpts_status bind_statement(struct call *call, const Cpts__V1__PublishKeyRequest *request,
                                  const struct key_public *key, struct cpts_error *err)
{
    Cpts__V1__KeyEntry entry = CPTS__V1__KEY_ENTRY__INIT;
    entry.entry_case = CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT;
    entry.statement = request->statement;
    const struct packed_entry *packed = pack_entry(call, &entry);
    if (packed == NULL)
        return request_no_memory(err);
    Cpts__V1__KeyPublished published = CPTS__V1__KEY_PUBLISHED__INIT;
    published.serial = key->serial;
    published.entry = (ProtobufCBinaryData){packed->byte_count, packed->bytes};
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_KEY_PUBLISHED;
    change.key_published = &published;
    struct command command = {STATEMENT_KEY_PUBLISH, request->command_id, &request->base,
                              key->cpts_id, &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, key->serial);
    query_text(call->query, key->region);
    query_bytes(call->query, packed->bytes, packed->byte_count);
    query_bytes(call->query, key->encryption_key, KEY_BYTES);
    query_bytes(call->query, key->signing_key, KEY_BYTES);
    query_int(call->query, key->valid_from_s);
    query_int(call->query, key->valid_to_s);
    query_int(call->query, key->authority_serial);
    query_bytes(call->query, request->statement->statement.data, request->statement->statement.len);
    return CPTS_OK;
}

cpts_status key_publish_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__PublishKeyRequest *request = message;
    struct key_public key;
    cpts_status status = check_statement(call, request, &key, err);
    return status == CPTS_OK ? bind_statement(call, request, &key, err) : status;
}

/* Puts what was recorded into the directory, so that whoever asks this server
 * next finds it. It was checked when it came; should memory be out, the copy is
 * read again within two seconds. */
static void enter(const struct call *call)
{
    const struct packed_entry *packed = call->state;
    cpts_status ignored =
        key_directory_add(call->service->key_directory, packed->bytes, packed->byte_count, NULL);
    (void)ignored;
}

cpts_status key_publish_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__publish_key_response__descriptor, err);
    if (status == CPTS_OK)
        enter(call);
    return status;
}

static cpts_status check_revocation(const struct call *call,
                                    const Cpts__V1__RevokeKeyRequest *request,
                                    struct key_revoked *ret_revoked, struct cpts_error *err)
{
    const uint8_t *root = NULL;
    if (request->revocation == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "revocation", "which key?");
    cpts_status status = root_of(call, &root, err);
    if (status == CPTS_OK)
        status = key_revocation_check(root, request->revocation, ret_revoked, err);
    if (status == CPTS_OK)
        status = check_target(request->id, ret_revoked->cpts_id, err);
    if (status == CPTS_OK &&
        ret_revoked->revoked_at_s > clock_realtime_us() / US_PER_S + AHEAD_S_MAX)
        status = error_set_field(err, REASON_DATE_IN_FUTURE, "revocation",
                                 "the revocation is dated in the future");
    return status;
}

static cpts_status bind_revocation(struct call *call, const Cpts__V1__RevokeKeyRequest *request,
                                   const struct key_revoked *revoked, struct cpts_error *err)
{
    Cpts__V1__KeyEntry entry = CPTS__V1__KEY_ENTRY__INIT;
    entry.entry_case = CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION;
    entry.revocation = request->revocation;
    const struct packed_entry *packed = pack_entry(call, &entry);
    if (packed == NULL)
        return request_no_memory(err);
    Cpts__V1__KeyRevoked change_of = CPTS__V1__KEY_REVOKED__INIT;
    change_of.serial = revoked->serial;
    change_of.entry = (ProtobufCBinaryData){packed->byte_count, packed->bytes};
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_KEY_REVOKED;
    change.key_revoked = &change_of;
    struct command command = {STATEMENT_KEY_REVOKE, request->command_id, &request->base,
                              revoked->cpts_id, &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, revoked->serial);
    query_text(call->query, revoked->region);
    query_bytes(call->query, packed->bytes, packed->byte_count);
    query_int(call->query, revoked->revoked_at_s);
    return CPTS_OK;
}

cpts_status key_revoke_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RevokeKeyRequest *request = message;
    struct key_revoked revoked;
    cpts_status status = check_revocation(call, request, &revoked, err);
    return status == CPTS_OK ? bind_revocation(call, request, &revoked, err) : status;
}

cpts_status key_revoke_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__revoke_key_response__descriptor, err);
    if (status == CPTS_OK)
        enter(call);
    return status;
}

static cpts_status check_authority(const struct call *call,
                                   const Cpts__V1__RevokeAuthorityRequest *request,
                                   struct key_authority_revoked *ret_revoked,
                                   struct cpts_error *err)
{
    const uint8_t *root = NULL;
    if (request->revocation == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "revocation", "which authority?");
    cpts_status status = root_of(call, &root, err);
    if (status == CPTS_OK)
        status = key_authority_revocation_check(root, request->revocation, ret_revoked, err);
    if (status == CPTS_OK &&
        ret_revoked->revoked_at_s > clock_realtime_us() / US_PER_S + AHEAD_S_MAX)
        status = error_set_field(err, REASON_DATE_IN_FUTURE, "revocation",
                                 "the revocation is dated in the future");
    return status;
}

static cpts_status bind_authority(struct call *call,
                                  const Cpts__V1__RevokeAuthorityRequest *request,
                                  const struct key_authority_revoked *revoked,
                                  struct cpts_error *err)
{
    uint8_t id[16];
    Cpts__V1__KeyEntry entry = CPTS__V1__KEY_ENTRY__INIT;
    entry.entry_case = CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION;
    entry.authority_revocation = request->revocation;
    const struct packed_entry *packed = pack_entry(call, &entry);
    if (packed == NULL)
        return request_no_memory(err);
    Cpts__V1__KeyAuthorityRevoked change_of = CPTS__V1__KEY_AUTHORITY_REVOKED__INIT;
    change_of.region = (char *)revoked->region;
    change_of.serial = revoked->serial;
    change_of.entry = (ProtobufCBinaryData){packed->byte_count, packed->bytes};
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_KEY_AUTHORITY_REVOKED;
    change.key_authority_revoked = &change_of;
    uuid_derive(AUTHORITY_SPACE, revoked->region, id);
    struct command command = {STATEMENT_KEY_AUTHORITY_REVOKE, request->command_id, &request->base,
                              id, &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, revoked->serial);
    query_text(call->query, revoked->region);
    query_bytes(call->query, packed->bytes, packed->byte_count);
    query_int(call->query, revoked->revoked_at_s);
    return CPTS_OK;
}

cpts_status authority_revoke_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RevokeAuthorityRequest *request = message;
    struct key_authority_revoked revoked;
    cpts_status status = check_authority(call, request, &revoked, err);
    return status == CPTS_OK ? bind_authority(call, request, &revoked, err) : status;
}

cpts_status authority_revoke_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__revoke_authority_response__descriptor, err);
    if (status == CPTS_OK)
        enter(call);
    return status;
}
