/* SPDX-License-Identifier: Apache-2.0 */
/* What the root, an authority and a CPTS sign. */
#include <cpts/key_document.h>
#include <string.h>
#include <time.h>

#include "exchange.h"
#include "google/protobuf/timestamp.pb-c.h"
#include "key_paper.h"
#include "keystore_file.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/key_chain.h"
#include "wire/signature.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define ARENA_BYTES ((size_t)256 * 1024)
#define S_PER_DAY 86400
#define CERTIFICATE_DAYS_USUAL 1095
#define CERTIFICATE_DAYS_MAX 1830
#define STATEMENT_DAYS_USUAL 365
#define STATEMENT_DAYS_MAX 1098
/* Clocks of offices differ: a statement holds from a little before it is made. */
#define BEFORE_S 300
#define LABEL_BYTES_MAX 240
#define DEVICE_SPACE "cpts.key-device"

static cpts_status refuse(const char *field, const char *why, struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, field, "%s", why);
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a document");
}

static int64_t now_s(void)
{
    return (int64_t)time(NULL);
}

/* A document of one kind, or a refusal that says which one is needed. */
static cpts_status unpack_kind(const char *document, enum cpts_key_document_kind wanted,
                               const char *field, struct arena *arena,
                               ProtobufCMessage **ret_message, struct cpts_error *err)
{
    enum cpts_key_document_kind kind = CPTS_KEY_DOCUMENT_UNSPECIFIED;
    cpts_status status = cpts_key_paper__unpack(document, &kind, arena, ret_message, err);
    if (status == CPTS_OK && kind != wanted)
        status = error_set_field(err, REASON_ARGUMENT_INVALID, field, "a %s is needed",
                                 cpts_key_paper__title(wanted));
    return status;
}

/* Packs and signs: the two fields that every signed message has. */
static cpts_status sign(const char *label, const ProtobufCMessage *message, const uint8_t *secret,
                        struct arena *arena, ProtobufCBinaryData *ret_bytes,
                        ProtobufCBinaryData *ret_signature, struct cpts_error *err)
{
    size_t byte_count = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(arena, byte_count + 1);
    uint8_t *signature = arena_alloc(arena, SIGNATURE_BYTES);
    if (bytes == NULL || signature == NULL)
        return no_memory(err);
    protobuf_c_message_pack(message, bytes);
    if (byte_count > KEY_MESSAGE_BYTES_MAX ||
        !signature_make(label, bytes, byte_count, secret, signature))
        return refuse("document", "it would be too long", err);
    *ret_bytes = (ProtobufCBinaryData){byte_count, bytes};
    *ret_signature = (ProtobufCBinaryData){SIGNATURE_BYTES, signature};
    return CPTS_OK;
}

static Google__Protobuf__Timestamp moment(int64_t seconds)
{
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    timestamp.seconds = seconds;
    return timestamp;
}

static cpts_status check_store(const cpts_keystore *store, enum cpts_keystore_kind kind,
                               const char *why, struct cpts_error *err)
{
    error_clear(err);
    return store == NULL || store->kind != kind ? refuse("store", why, err) : CPTS_OK;
}

static int32_t days_or(int32_t days, int32_t usual)
{
    return days == 0 ? usual : days;
}

static cpts_status certify(const cpts_keystore *root,
                           const struct cpts_key_certification *certification, struct arena *arena,
                           char **ret_document, struct cpts_error *err)
{
    Google__Protobuf__Timestamp from =
        moment(certification->valid_from_s == 0 ? now_s() - BEFORE_S : certification->valid_from_s);
    Google__Protobuf__Timestamp to =
        moment(from.seconds +
               (int64_t)days_or(certification->valid_days, CERTIFICATE_DAYS_USUAL) * S_PER_DAY);
    Cpts__V1__AuthorityStatement statement = CPTS__V1__AUTHORITY_STATEMENT__INIT;
    statement.region = (char *)certification->region;
    statement.serial = certification->serial;
    statement.signing_key =
        (ProtobufCBinaryData){CPTS_KEY_BYTES, (uint8_t *)certification->signing_key};
    statement.valid_from = &from;
    statement.valid_to = &to;
    Cpts__V1__AuthorityCertificate certificate = CPTS__V1__AUTHORITY_CERTIFICATE__INIT;
    cpts_status status =
        sign(KEY_LABEL_AUTHORITY, &statement.base, cpts_keystore__find(root, 0)->signing_secret,
             arena, &certificate.statement, &certificate.signature, err);
    if (status != CPTS_OK)
        return status;
    struct key_authority ignored;
    if (key_authority_check(cpts_keystore__find(root, 0)->signing_key, &certificate, &ignored,
                            NULL) != CPTS_OK)
        return refuse("certification", "region, serial, key or days are out of range", err);
    return cpts_key_paper__make(CPTS_KEY_DOCUMENT_CERTIFICATE, &certificate.base, ret_document,
                                err);
}

cpts_status cpts_key_certify(const cpts_keystore *root,
                             const struct cpts_key_certification *certification,
                             char **ret_document, struct cpts_error *err)
{
    struct cpts_key_certification own;
    cpts_status status = check_store(root, CPTS_KEYSTORE_ROOT, "the root's keys are needed", err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&own, sizeof own, certification, err);
    if (status == CPTS_OK && (own.region == NULL || own.signing_key == NULL || own.serial < 1 ||
                              own.valid_days < 0 || own.valid_days > CERTIFICATE_DAYS_MAX ||
                              own.valid_from_s < 0 || own.valid_from_s > now_s()))
        status = refuse("certification", "region, serial, key or days are out of range", err);
    if (status != CPTS_OK)
        return status;
    struct arena *arena = arena_new(ARENA_BYTES);
    status = arena == NULL ? no_memory(err) : certify(root, &own, arena, ret_document, err);
    arena_free(arena);
    return status;
}

/* The device of a store is the same one in all its requests. */
static void describe_device(const struct cpts_key_request *request, const cpts_keystore *store,
                            char ret_id[UUID_TEXT_BYTES], Cpts__V1__KeyDevice *device)
{
    uint8_t id[16];
    uuid_derive(DEVICE_SPACE, store->path, id);
    uuid_format(id, ret_id);
    device->device_id = ret_id;
    device->label = (char *)request->device_label;
}

static cpts_status propose(const cpts_keystore *store, const struct cpts_key_request *request,
                           const struct keystore_pair *pair, struct arena *arena,
                           char **ret_document, struct cpts_error *err)
{
    char device_id[UUID_TEXT_BYTES];
    Cpts__V1__KeyDevice device = CPTS__V1__KEY_DEVICE__INIT;
    Cpts__V1__KeyDevice *devices[] = {&device};
    Google__Protobuf__Timestamp from = moment(now_s() - BEFORE_S);
    Google__Protobuf__Timestamp to = moment(
        from.seconds + (int64_t)days_or(request->valid_days, STATEMENT_DAYS_USUAL) * S_PER_DAY);
    Cpts__V1__KeyStatement statement = CPTS__V1__KEY_STATEMENT__INIT;
    statement.cpts_id = (char *)store->owner;
    statement.region = (char *)request->region;
    statement.serial = pair->serial;
    statement.encryption_key =
        (ProtobufCBinaryData){CPTS_KEY_BYTES, (uint8_t *)pair->encryption.public_key};
    statement.signing_key = (ProtobufCBinaryData){CPTS_KEY_BYTES, (uint8_t *)pair->signing_key};
    statement.valid_from = &from;
    statement.valid_to = &to;
    if (request->device_label != NULL) {
        describe_device(request, store, device_id, &device);
        statement.devices = devices;
        statement.n_devices = 1;
    }
    Cpts__V1__SignedKeyRequest proposal = CPTS__V1__SIGNED_KEY_REQUEST__INIT;
    struct key_public ignored;
    cpts_status status = sign(KEY_LABEL_REQUEST, &statement.base, pair->signing_secret, arena,
                              &proposal.statement, &proposal.proof, err);
    if (status == CPTS_OK && key_request_check(&proposal, &ignored, NULL) != CPTS_OK)
        status = refuse("request", "region, days or label are out of range", err);
    return status == CPTS_OK
               ? cpts_key_paper__make(CPTS_KEY_DOCUMENT_REQUEST, &proposal.base, ret_document, err)
               : status;
}

cpts_status cpts_key_request(const cpts_keystore *store, const struct cpts_key_request *request,
                             char **ret_document, struct cpts_error *err)
{
    struct cpts_key_request own;
    cpts_status status =
        check_store(store, CPTS_KEYSTORE_CPTS, "the keys of a CPTS are needed", err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&own, sizeof own, request, err);
    if (status != CPTS_OK)
        return status;
    const struct keystore_pair *pair =
        own.serial < 0 ? NULL : cpts_keystore__find(store, own.serial);
    if (pair == NULL || own.region == NULL || own.valid_days < 0 ||
        own.valid_days > STATEMENT_DAYS_MAX ||
        (own.device_label != NULL && strlen(own.device_label) > LABEL_BYTES_MAX))
        return refuse("request", "serial, region, days or label are out of range", err);
    struct arena *arena = arena_new(ARENA_BYTES);
    status = arena == NULL ? no_memory(err) : propose(store, &own, pair, arena, ret_document, err);
    arena_free(arena);
    return status;
}

/* The authority's certificate, which is of the key of its store. */
static cpts_status take_certificate(const cpts_keystore *authority, const char *document,
                                    struct arena *arena,
                                    Cpts__V1__AuthorityCertificate **ret_certificate,
                                    struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    ProtobufCMessage *inner = NULL;
    cpts_status status =
        unpack_kind(document, CPTS_KEY_DOCUMENT_CERTIFICATE, "certificate", arena, &message, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__AuthorityCertificate *certificate = (Cpts__V1__AuthorityCertificate *)message;
    if (wire_unpack(&cpts__v1__authority_statement__descriptor, certificate->statement.data,
                    certificate->statement.len, arena, &inner, NULL) != CPTS_OK)
        return refuse("certificate", "it was damaged on its way", err);
    const Cpts__V1__AuthorityStatement *statement = (const Cpts__V1__AuthorityStatement *)inner;
    if (strcmp(statement->region, authority->owner) != 0 ||
        statement->signing_key.len != CPTS_KEY_BYTES ||
        memcmp(statement->signing_key.data, cpts_keystore__find(authority, 0)->signing_key,
               CPTS_KEY_BYTES) != 0)
        return error_set_field(err, REASON_KEY_NOT_VOUCHED, "certificate",
                               "it is not of this authority's key");
    *ret_certificate = certificate;
    return CPTS_OK;
}

/* Reads a request whose proof holds, of the authority's own region. */
static cpts_status take_request(const cpts_keystore *authority, const char *document,
                                struct arena *arena, Cpts__V1__KeyStatement **ret_statement,
                                struct cpts_error *err)
{
    struct key_public key;
    ProtobufCMessage *message = NULL;
    ProtobufCMessage *inner = NULL;
    cpts_status status =
        unpack_kind(document, CPTS_KEY_DOCUMENT_REQUEST, "request", arena, &message, err);
    if (status == CPTS_OK)
        status = key_request_check((const Cpts__V1__SignedKeyRequest *)message, &key, err);
    if (status != CPTS_OK)
        return status;
    if (strcmp(key.region, authority->owner) != 0)
        return error_set_field(err, REASON_KEY_NOT_VOUCHED, "request",
                               "the CPTS is of another region than this authority");
    const ProtobufCBinaryData *bytes = &((const Cpts__V1__SignedKeyRequest *)message)->statement;
    status = wire_unpack(&cpts__v1__key_statement__descriptor, bytes->data, bytes->len, arena,
                         &inner, err);
    if (status == CPTS_OK)
        *ret_statement = (Cpts__V1__KeyStatement *)inner;
    return status;
}

/* Signs a statement again, as it is: the same bytes, so that it stays the same key for whoever
 * saw it before. */
static cpts_status sign_again(const cpts_keystore *authority,
                              const Cpts__V1__SignedKeyStatement *former,
                              Cpts__V1__SignedKeyStatement *vouched, struct arena *arena,
                              char **ret_document, struct cpts_error *err)
{
    struct key_public key;
    cpts_status status = key_statement_read(former, &key, err);
    if (status != CPTS_OK)
        return status;
    if (strcmp(key.region, authority->owner) != 0)
        return error_set_field(err, REASON_KEY_NOT_VOUCHED, "request",
                               "the CPTS is of another region than this authority");
    uint8_t *signature = arena_alloc(arena, SIGNATURE_BYTES);
    if (signature == NULL)
        return no_memory(err);
    if (!signature_make(KEY_LABEL_STATEMENT, former->statement.data, former->statement.len,
                        cpts_keystore__find(authority, 0)->signing_secret, signature))
        return refuse("request", "it cannot be signed", err);
    vouched->statement = former->statement;
    vouched->signature = (ProtobufCBinaryData){SIGNATURE_BYTES, signature};
    return cpts_key_paper__make(CPTS_KEY_DOCUMENT_STATEMENT, &vouched->base, ret_document, err);
}

static cpts_status sign_request(const cpts_keystore *authority, const char *certificate,
                                const char *request, int32_t valid_days, char **ret_document,
                                struct arena *arena, struct cpts_error *err)
{
    Cpts__V1__KeyStatement *statement = NULL;
    Cpts__V1__SignedKeyStatement vouched = CPTS__V1__SIGNED_KEY_STATEMENT__INIT;
    enum cpts_key_document_kind kind = CPTS_KEY_DOCUMENT_UNSPECIFIED;
    ProtobufCMessage *message = NULL;
    cpts_status status = take_certificate(authority, certificate, arena, &vouched.authority, err);
    if (status == CPTS_OK)
        status = cpts_key_paper__unpack(request, &kind, arena, &message, err);
    if (status == CPTS_OK && kind == CPTS_KEY_DOCUMENT_STATEMENT)
        return sign_again(authority, (const Cpts__V1__SignedKeyStatement *)message, &vouched, arena,
                          ret_document, err);
    if (status == CPTS_OK)
        status = take_request(authority, request, arena, &statement, err);
    if (status != CPTS_OK)
        return status;
    int64_t length_s = valid_days > 0
                           ? (int64_t)valid_days * S_PER_DAY
                           : statement->valid_to->seconds - statement->valid_from->seconds;
    Google__Protobuf__Timestamp from = moment(now_s() - BEFORE_S);
    Google__Protobuf__Timestamp to = moment(from.seconds + length_s);
    statement->valid_from = &from;
    statement->valid_to = &to;
    status = sign(KEY_LABEL_STATEMENT, &statement->base,
                  cpts_keystore__find(authority, 0)->signing_secret, arena, &vouched.statement,
                  &vouched.signature, err);
    return status == CPTS_OK
               ? cpts_key_paper__make(CPTS_KEY_DOCUMENT_STATEMENT, &vouched.base, ret_document, err)
               : status;
}

cpts_status cpts_key_sign(const cpts_keystore *authority, const char *certificate,
                          const char *request, int32_t valid_days, char **ret_document,
                          struct cpts_error *err)
{
    cpts_status status =
        check_store(authority, CPTS_KEYSTORE_AUTHORITY, "an authority's keys are needed", err);
    if (status == CPTS_OK && (valid_days < 0 || valid_days > STATEMENT_DAYS_MAX))
        status = refuse("valid_days", "0 to 1098 days", err);
    if (status != CPTS_OK)
        return status;
    struct arena *arena = arena_new(ARENA_BYTES);
    status = arena == NULL ? no_memory(err)
                           : sign_request(authority, certificate, request, valid_days, ret_document,
                                          arena, err);
    arena_free(arena);
    return status;
}

static cpts_status sign_revocation(const cpts_keystore *authority, const char *certificate,
                                   const struct cpts_key_revocation *own, struct arena *arena,
                                   char **ret_document, struct cpts_error *err)
{
    uint8_t id[16];
    char cpts_id[UUID_TEXT_BYTES];
    Google__Protobuf__Timestamp at = moment(now_s());
    Cpts__V1__KeyRevocation revocation = CPTS__V1__KEY_REVOCATION__INIT;
    Cpts__V1__SignedKeyRevocation vouched = CPTS__V1__SIGNED_KEY_REVOCATION__INIT;
    if (own->cpts_id == NULL || !uuid_parse(own->cpts_id, id) || own->serial < 1 ||
        own->reason < CPTS_KEY_COMPROMISED || own->reason > CPTS_KEY_ENDED)
        return refuse("revocation", "CPTS, serial or reason are out of range", err);
    uuid_format(id, cpts_id);
    revocation.cpts_id = cpts_id;
    revocation.region = (char *)authority->owner;
    revocation.serial = own->serial;
    revocation.revoked_at = &at;
    revocation.reason = (Cpts__V1__KeyRevocationReason)own->reason;
    cpts_status status = take_certificate(authority, certificate, arena, &vouched.authority, err);
    if (status == CPTS_OK)
        status = sign(KEY_LABEL_REVOCATION, &revocation.base,
                      cpts_keystore__find(authority, 0)->signing_secret, arena, &vouched.revocation,
                      &vouched.signature, err);
    return status == CPTS_OK ? cpts_key_paper__make(CPTS_KEY_DOCUMENT_REVOCATION, &vouched.base,
                                                    ret_document, err)
                             : status;
}

cpts_status cpts_key_sign_revocation(const cpts_keystore *authority, const char *certificate,
                                     const struct cpts_key_revocation *revocation,
                                     char **ret_document, struct cpts_error *err)
{
    struct cpts_key_revocation own;
    cpts_status status =
        check_store(authority, CPTS_KEYSTORE_AUTHORITY, "an authority's keys are needed", err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&own, sizeof own, revocation, err);
    if (status != CPTS_OK)
        return status;
    struct arena *arena = arena_new(ARENA_BYTES);
    status = arena == NULL
                 ? no_memory(err)
                 : sign_revocation(authority, certificate, &own, arena, ret_document, err);
    arena_free(arena);
    return status;
}

static cpts_status revoke_authority(const cpts_keystore *root,
                                    const struct cpts_key_authority_revocation *own,
                                    struct arena *arena, char **ret_document,
                                    struct cpts_error *err)
{
    struct key_authority_revoked ignored;
    Google__Protobuf__Timestamp at = moment(now_s());
    Cpts__V1__AuthorityRevocation revocation = CPTS__V1__AUTHORITY_REVOCATION__INIT;
    Cpts__V1__SignedAuthorityRevocation vouched = CPTS__V1__SIGNED_AUTHORITY_REVOCATION__INIT;
    revocation.region = (char *)own->region;
    revocation.serial = own->serial;
    revocation.revoked_at = &at;
    revocation.reason = (Cpts__V1__KeyRevocationReason)own->reason;
    cpts_status status = sign(KEY_LABEL_AUTHORITY_REVOCATION, &revocation.base,
                              cpts_keystore__find(root, 0)->signing_secret, arena,
                              &vouched.revocation, &vouched.signature, err);
    if (status == CPTS_OK && key_authority_revocation_read(&vouched, &ignored, NULL) != CPTS_OK)
        status = refuse("revocation", "region, serial or reason are out of range", err);
    return status == CPTS_OK ? cpts_key_paper__make(CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION,
                                                    &vouched.base, ret_document, err)
                             : status;
}

cpts_status
cpts_key_sign_authority_revocation(const cpts_keystore *root,
                                   const struct cpts_key_authority_revocation *revocation,
                                   char **ret_document, struct cpts_error *err)
{
    struct cpts_key_authority_revocation own;
    cpts_status status = check_store(root, CPTS_KEYSTORE_ROOT, "the root's keys are needed", err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&own, sizeof own, revocation, err);
    if (status == CPTS_OK && (own.region == NULL || own.serial < 1))
        status = refuse("revocation", "region, serial or reason are out of range", err);
    if (status != CPTS_OK)
        return status;
    struct arena *arena = arena_new(ARENA_BYTES);
    status =
        arena == NULL ? no_memory(err) : revoke_authority(root, &own, arena, ret_document, err);
    arena_free(arena);
    return status;
}
