/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/key_chain.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/signature.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

/* A message of KEY_MESSAGE_BYTES_MAX bytes, unpacked. */
#define ARENA_BYTES ((size_t)256 * 1024)
#define LABEL_CHARACTERS_MAX 60

_Static_assert(KEY_BYTES == crypto_box_PUBLICKEYBYTES, "X25519 public keys have 32 bytes");
_Static_assert(KEY_BYTES == SIGNATURE_KEY_BYTES, "Ed25519 public keys have 32 bytes");

static cpts_status refuse(struct cpts_error *err, const char *sentence)
{
    return error_set(err, REASON_KEY_NOT_VOUCHED, "%s", sentence);
}

/* Unpacks what was signed; NULL when it is not such a message or not whole
 * seconds and known fields only: what one does not understand is not vouched for. */
static ProtobufCMessage *unpack(const ProtobufCMessageDescriptor *type,
                                const ProtobufCBinaryData *bytes, struct arena *arena)
{
    ProtobufCMessage *message = NULL;
    if (arena == NULL || bytes->len == 0 || bytes->len > KEY_MESSAGE_BYTES_MAX ||
        wire_unpack(type, bytes->data, bytes->len, arena, &message, NULL) != CPTS_OK)
        return NULL;
    return message->n_unknown_fields == 0 ? message : NULL;
}

static bool take_region(const char *text, char ret_region[KEY_REGION_BYTES])
{
    size_t length = strlen(text);
    if (length < 2 || length > 3)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]))
            return false;
    }
    memcpy(ret_region, text, length + 1);
    return true;
}

static bool take_key(const ProtobufCBinaryData *key, uint8_t ret_key[KEY_BYTES])
{
    if (key->len != KEY_BYTES || sodium_is_zero(key->data, KEY_BYTES))
        return false;
    memcpy(ret_key, key->data, KEY_BYTES);
    return true;
}

static bool take_period(const Google__Protobuf__Timestamp *from,
                        const Google__Protobuf__Timestamp *to, int64_t longest_s,
                        int64_t *ret_from_s, int64_t *ret_to_s)
{
    if (from == NULL || to == NULL || from->nanos != 0 || to->nanos != 0 || from->seconds < 1 ||
        to->seconds <= from->seconds || to->seconds - from->seconds > longest_s)
        return false;
    *ret_from_s = from->seconds;
    *ret_to_s = to->seconds;
    return true;
}

static bool read_authority(const ProtobufCBinaryData *bytes, struct arena *arena,
                           struct key_authority *authority)
{
    const Cpts__V1__AuthorityStatement *statement =
        (const void *)unpack(&cpts__v1__authority_statement__descriptor, bytes, arena);
    if (statement == NULL || statement->serial < 1)
        return false;
    authority->serial = statement->serial;
    return take_region(statement->region, authority->region) &&
           take_key(&statement->signing_key, authority->signing_key) &&
           take_period(statement->valid_from, statement->valid_to, KEY_AUTHORITY_VALID_S_MAX,
                       &authority->valid_from_s, &authority->valid_to_s);
}

cpts_status key_authority_read(const Cpts__V1__AuthorityCertificate *certificate,
                               struct key_authority *ret_authority, struct cpts_error *err)
{
    struct key_authority authority = {0};
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_read = read_authority(&certificate->statement, arena, &authority);
    arena_free(arena);
    if (!is_read)
        return refuse(err, "the certificate of the key authority is not one");
    *ret_authority = authority;
    return CPTS_OK;
}

cpts_status key_authority_check(const uint8_t root[KEY_BYTES],
                                const Cpts__V1__AuthorityCertificate *certificate,
                                struct key_authority *ret_authority, struct cpts_error *err)
{
    struct key_authority authority = {0};
    if (certificate == NULL)
        return refuse(err, "there is no certificate of a key authority");
    if (certificate->statement.len > KEY_MESSAGE_BYTES_MAX ||
        !signature_verify(KEY_LABEL_AUTHORITY, certificate->statement.data,
                          certificate->statement.len, &certificate->signature, root))
        return refuse(err, "the key authority is not certified by the federation root");
    cpts_status status = key_authority_read(certificate, &authority, err);
    if (status == CPTS_OK)
        *ret_authority = authority;
    return status;
}

static bool read_devices(const Cpts__V1__KeyStatement *statement)
{
    uint8_t id[16];
    if (statement->n_devices > KEY_DEVICES_MAX)
        return false;
    for (size_t i = 0; i < statement->n_devices; i++) {
        if (!uuid_parse(statement->devices[i]->device_id, id) ||
            strlen(statement->devices[i]->label) > (size_t)4 * LABEL_CHARACTERS_MAX ||
            statement->devices[i]->base.n_unknown_fields != 0)
            return false;
    }
    return true;
}

static bool read_key(const ProtobufCBinaryData *bytes, struct arena *arena, struct key_public *key)
{
    const Cpts__V1__KeyStatement *statement =
        (const void *)unpack(&cpts__v1__key_statement__descriptor, bytes, arena);
    if (statement == NULL || statement->serial < 1)
        return false;
    key->serial = statement->serial;
    return uuid_parse(statement->cpts_id, key->cpts_id) &&
           take_region(statement->region, key->region) &&
           take_key(&statement->encryption_key, key->encryption_key) &&
           take_key(&statement->signing_key, key->signing_key) &&
           take_period(statement->valid_from, statement->valid_to, KEY_STATEMENT_VALID_S_MAX,
                       &key->valid_from_s, &key->valid_to_s) &&
           read_devices(statement);
}

/* A key holds while its authority's certificate does, too. */
static void narrow(struct key_public *key, const struct key_authority *authority)
{
    if (key->valid_from_s < authority->valid_from_s)
        key->valid_from_s = authority->valid_from_s;
    if (key->valid_to_s > authority->valid_to_s)
        key->valid_to_s = authority->valid_to_s;
}

cpts_status key_statement_read(const Cpts__V1__SignedKeyStatement *statement,
                               struct key_public *ret_key, struct cpts_error *err)
{
    struct key_public key = {0};
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_read = read_key(&statement->statement, arena, &key);
    arena_free(arena);
    if (!is_read)
        return refuse(err, "the key statement is not one");
    *ret_key = key;
    return CPTS_OK;
}

cpts_status key_statement_check(const uint8_t root[KEY_BYTES],
                                const Cpts__V1__SignedKeyStatement *statement,
                                struct key_public *ret_key, struct cpts_error *err)
{
    struct key_authority authority = {0};
    struct key_public key = {0};
    if (statement == NULL)
        return refuse(err, "there is no key statement");
    cpts_status status = key_authority_check(root, statement->authority, &authority, err);
    if (status != CPTS_OK)
        return status;
    if (statement->statement.len > KEY_MESSAGE_BYTES_MAX ||
        !signature_verify(KEY_LABEL_STATEMENT, statement->statement.data, statement->statement.len,
                          &statement->signature, authority.signing_key))
        return refuse(err, "the key statement is not signed by the authority that it names");
    status = key_statement_read(statement, &key, err);
    if (status != CPTS_OK)
        return status;
    if (strcmp(key.region, authority.region) != 0)
        return refuse(err, "the authority of another region signed the key statement");
    key.authority_serial = authority.serial;
    narrow(&key, &authority);
    if (key.valid_from_s >= key.valid_to_s)
        return refuse(err, "the authority's certificate never held while the statement did");
    *ret_key = key;
    return CPTS_OK;
}

static bool read_revocation(const ProtobufCBinaryData *bytes, struct arena *arena,
                            struct key_revoked *revoked)
{
    const Cpts__V1__KeyRevocation *revocation =
        (const void *)unpack(&cpts__v1__key_revocation__descriptor, bytes, arena);
    if (revocation == NULL || revocation->serial < 1 || revocation->revoked_at == NULL ||
        revocation->revoked_at->nanos != 0 || revocation->revoked_at->seconds < 1 ||
        revocation->reason <= CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_UNSPECIFIED ||
        revocation->reason > CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_ENDED)
        return false;
    revoked->serial = revocation->serial;
    revoked->revoked_at_s = revocation->revoked_at->seconds;
    revoked->reason = (int32_t)revocation->reason;
    return uuid_parse(revocation->cpts_id, revoked->cpts_id) &&
           take_region(revocation->region, revoked->region);
}

cpts_status key_revocation_read(const Cpts__V1__SignedKeyRevocation *revocation,
                                struct key_revoked *ret_revoked, struct cpts_error *err)
{
    struct key_revoked revoked = {0};
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_read = read_revocation(&revocation->revocation, arena, &revoked);
    arena_free(arena);
    if (!is_read)
        return refuse(err, "the revocation is not one");
    *ret_revoked = revoked;
    return CPTS_OK;
}

cpts_status key_revocation_check(const uint8_t root[KEY_BYTES],
                                 const Cpts__V1__SignedKeyRevocation *revocation,
                                 struct key_revoked *ret_revoked, struct cpts_error *err)
{
    struct key_authority authority = {0};
    struct key_revoked revoked = {0};
    if (revocation == NULL)
        return refuse(err, "there is no revocation");
    cpts_status status = key_authority_check(root, revocation->authority, &authority, err);
    if (status != CPTS_OK)
        return status;
    if (revocation->revocation.len > KEY_MESSAGE_BYTES_MAX ||
        !signature_verify(KEY_LABEL_REVOCATION, revocation->revocation.data,
                          revocation->revocation.len, &revocation->signature,
                          authority.signing_key))
        return refuse(err, "the revocation is not signed by the authority that it names");
    status = key_revocation_read(revocation, &revoked, err);
    if (status != CPTS_OK)
        return status;
    if (strcmp(revoked.region, authority.region) != 0)
        return refuse(err, "the authority of another region signed the revocation");
    if (revoked.revoked_at_s < authority.valid_from_s ||
        revoked.revoked_at_s >= authority.valid_to_s)
        return refuse(err, "the authority's certificate did not hold when it revoked");
    *ret_revoked = revoked;
    return CPTS_OK;
}

static bool read_authority_revocation(const ProtobufCBinaryData *bytes, struct arena *arena,
                                      struct key_authority_revoked *revoked)
{
    const Cpts__V1__AuthorityRevocation *revocation =
        (const void *)unpack(&cpts__v1__authority_revocation__descriptor, bytes, arena);
    if (revocation == NULL || revocation->serial < 1 || revocation->revoked_at == NULL ||
        revocation->revoked_at->nanos != 0 || revocation->revoked_at->seconds < 1 ||
        revocation->reason <= CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_UNSPECIFIED ||
        revocation->reason > CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_ENDED)
        return false;
    revoked->serial = revocation->serial;
    revoked->revoked_at_s = revocation->revoked_at->seconds;
    revoked->reason = (int32_t)revocation->reason;
    return take_region(revocation->region, revoked->region);
}

cpts_status key_authority_revocation_read(const Cpts__V1__SignedAuthorityRevocation *revocation,
                                          struct key_authority_revoked *ret_revoked,
                                          struct cpts_error *err)
{
    struct key_authority_revoked revoked = {0};
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_read = read_authority_revocation(&revocation->revocation, arena, &revoked);
    arena_free(arena);
    if (!is_read)
        return refuse(err, "the revocation of a key authority is not one");
    *ret_revoked = revoked;
    return CPTS_OK;
}

cpts_status key_authority_revocation_check(const uint8_t root[KEY_BYTES],
                                           const Cpts__V1__SignedAuthorityRevocation *revocation,
                                           struct key_authority_revoked *ret_revoked,
                                           struct cpts_error *err)
{
    if (revocation == NULL)
        return refuse(err, "there is no revocation of a key authority");
    if (revocation->revocation.len > KEY_MESSAGE_BYTES_MAX ||
        !signature_verify(KEY_LABEL_AUTHORITY_REVOCATION, revocation->revocation.data,
                          revocation->revocation.len, &revocation->signature, root))
        return refuse(err, "the federation root did not sign the revocation of the key authority");
    return key_authority_revocation_read(revocation, ret_revoked, err);
}

cpts_status key_holds_check(const struct key_public *key, int64_t at_s, struct cpts_error *err)
{
    if (key->revoked_at_s != 0)
        return refuse(err, "the key was revoked");
    if (key->is_orphan)
        return refuse(err, "the key authority that vouched for the key was revoked");
    if (at_s < key->valid_from_s)
        return refuse(err, "the key is not valid yet");
    if (at_s >= key->valid_to_s)
        return refuse(err, "the key, or the certificate of its authority, has expired");
    return CPTS_OK;
}

cpts_status key_request_check(const Cpts__V1__SignedKeyRequest *request, struct key_public *ret_key,
                              struct cpts_error *err)
{
    struct key_public key = {0};
    struct arena *arena = arena_new(ARENA_BYTES);
    bool is_read = request->statement.len <= KEY_MESSAGE_BYTES_MAX &&
                   read_key(&request->statement, arena, &key);
    arena_free(arena);
    if (!is_read || !signature_verify(KEY_LABEL_REQUEST, request->statement.data,
                                      request->statement.len, &request->proof, key.signing_key))
        return error_set(err, REASON_SIGNATURE_INVALID,
                         "the request is not signed with the key that it is about");
    *ret_key = key;
    return CPTS_OK;
}

bool key_root_parse(const char *text, uint8_t ret_root[KEY_BYTES])
{
    uint8_t root[KEY_BYTES];
    size_t byte_count = 0;
    const char *end = NULL;
    text += strspn(text, " \t\r\n");
    while (*text == '#') {
        text += strcspn(text, "\n");
        text += strspn(text, " \t\r\n");
    }
    size_t digits = strspn(text, "0123456789abcdefABCDEF");
    if (digits != sizeof root * 2 ||
        sodium_hex2bin(root, sizeof root, text, digits, NULL, &byte_count, &end) != 0 ||
        byte_count != sizeof root || text[digits + strspn(text + digits, " \t\r\n")] != '\0' ||
        sodium_is_zero(root, sizeof root))
        return false;
    memcpy(ret_root, root, sizeof root);
    return true;
}
