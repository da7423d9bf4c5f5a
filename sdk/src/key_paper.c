/* SPDX-License-Identifier: Apache-2.0 */
#include "key_paper.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/key_chain.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define DOCUMENT_BYTES_MAX 65536
#define BASE64_VARIANT sodium_base64_VARIANT_ORIGINAL
#define LINE_CHARACTERS 64
#define ARENA_BYTES ((size_t)256 * 1024)
#define US_PER_S INT64_C(1000000)

/* Titles of the lines around a document. */
static const struct {
    const char *title;
    enum cpts_key_document_kind kind;
    const ProtobufCMessageDescriptor *type;
} KINDS[] = {
    {"CPTS KEY CERTIFICATE", CPTS_KEY_DOCUMENT_CERTIFICATE,
     &cpts__v1__authority_certificate__descriptor},
    {"CPTS KEY REQUEST", CPTS_KEY_DOCUMENT_REQUEST, &cpts__v1__signed_key_request__descriptor},
    {"CPTS KEY STATEMENT", CPTS_KEY_DOCUMENT_STATEMENT,
     &cpts__v1__signed_key_statement__descriptor},
    {"CPTS KEY REVOCATION", CPTS_KEY_DOCUMENT_REVOCATION,
     &cpts__v1__signed_key_revocation__descriptor},
    {"CPTS KEY AUTHORITY REVOCATION", CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION,
     &cpts__v1__signed_authority_revocation__descriptor},
};
#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

const char *cpts_key_paper__title(enum cpts_key_document_kind kind)
{
    return KINDS[kind - 1].title;
}

static cpts_status refuse(const char *field, const char *why, struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, field, "%s", why);
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a document");
}

/* Base64 in lines of 64 between the two titles. */
static char *armour(const char *title, const uint8_t *bytes, size_t byte_count)
{
    size_t text_bytes = sodium_base64_encoded_len(byte_count, BASE64_VARIANT);
    size_t room = text_bytes + text_bytes / LINE_CHARACTERS + 2 * strlen(title) + 64;
    char *base64 = malloc(text_bytes);
    char *document = malloc(room);
    if (base64 == NULL || document == NULL) {
        free(base64);
        free(document);
        return NULL;
    }
    sodium_bin2base64(base64, text_bytes, bytes, byte_count, BASE64_VARIANT);
    int length = snprintf(document, room, "-----BEGIN %s-----\n", title);
    for (const char *at = base64; *at != '\0'; at += strnlen(at, LINE_CHARACTERS))
        length += snprintf(document + length, room - (size_t)length, "%.*s\n", LINE_CHARACTERS, at);
    snprintf(document + length, room - (size_t)length, "-----END %s-----\n", title);
    free(base64);
    return document;
}

/* Packs a message and puts it between its titles. */
cpts_status cpts_key_paper__make(enum cpts_key_document_kind kind, const ProtobufCMessage *message,
                                 char **ret_document, struct cpts_error *err)
{
    uint8_t bytes[4 * KEY_MESSAGE_BYTES_MAX];
    size_t byte_count = protobuf_c_message_get_packed_size(message);
    if (byte_count > sizeof bytes)
        return refuse("document", "it would be too long", err);
    protobuf_c_message_pack(message, bytes);
    char *document = armour(KINDS[kind - 1].title, bytes, byte_count);
    if (document == NULL)
        return no_memory(err);
    *ret_document = document;
    return CPTS_OK;
}

/* Which kind a document says it is; 0 = none. @param ret_body Behind its first line. */
static enum cpts_key_document_kind find_kind(const char *document, const char **ret_body,
                                             const char **ret_end)
{
    char line[64];
    for (size_t i = 0; i < KIND_COUNT; i++) {
        snprintf(line, sizeof line, "-----BEGIN %s-----", KINDS[i].title);
        const char *begin = strstr(document, line);
        if (begin == NULL)
            continue;
        *ret_body = begin + strlen(line);
        snprintf(line, sizeof line, "-----END %s-----", KINDS[i].title);
        *ret_end = strstr(*ret_body, line);
        return *ret_end == NULL ? CPTS_KEY_DOCUMENT_UNSPECIFIED : KINDS[i].kind;
    }
    return CPTS_KEY_DOCUMENT_UNSPECIFIED;
}

cpts_status cpts_key_paper__unpack(const char *document, enum cpts_key_document_kind *ret_kind,
                                   struct arena *arena, ProtobufCMessage **ret_message,
                                   struct cpts_error *err)
{
    const char *body = NULL;
    const char *end = NULL;
    size_t byte_count = 0;
    enum cpts_key_document_kind kind = document == NULL || strlen(document) > DOCUMENT_BYTES_MAX
                                           ? CPTS_KEY_DOCUMENT_UNSPECIFIED
                                           : find_kind(document, &body, &end);
    if (kind == CPTS_KEY_DOCUMENT_UNSPECIFIED)
        return refuse("document", "it is no document about keys", err);
    uint8_t *bytes = arena_alloc(arena, (size_t)(end - body) + 1);
    if (bytes == NULL)
        return no_memory(err);
    if (sodium_base642bin(bytes, (size_t)(end - body), body, (size_t)(end - body), " \t\r\n",
                          &byte_count, NULL, BASE64_VARIANT) != 0 ||
        wire_unpack(KINDS[kind - 1].type, bytes, byte_count, arena, ret_message, NULL) != CPTS_OK)
        return refuse("document", "it was damaged on its way", err);
    *ret_kind = kind;
    return CPTS_OK;
}

static void put_key(const struct key_public *key, struct cpts_key_document *facts)
{
    uuid_format(key->cpts_id, facts->cpts_id);
    snprintf(facts->region, sizeof facts->region, "%s", key->region);
    facts->serial = key->serial;
    memcpy(facts->encryption_key, key->encryption_key, CPTS_KEY_BYTES);
    memcpy(facts->signing_key, key->signing_key, CPTS_KEY_BYTES);
    facts->valid_from_us = key->valid_from_s * US_PER_S;
    facts->valid_to_us = key->valid_to_s * US_PER_S;
}

cpts_status cpts_key_paper__statement(const Cpts__V1__SignedKeyStatement *statement,
                                      const uint8_t *root, struct cpts_key_document *facts,
                                      struct cpts_error *err)
{
    struct key_public key;
    facts->kind = CPTS_KEY_DOCUMENT_STATEMENT;
    facts->is_vouched = root != NULL;
    cpts_status status = root == NULL ? key_statement_read(statement, &key, err)
                                      : key_statement_check(root, statement, &key, err);
    if (status == CPTS_OK)
        put_key(&key, facts);
    return status;
}

cpts_status cpts_key_paper__revocation(const Cpts__V1__SignedKeyRevocation *revocation,
                                       const uint8_t *root, struct cpts_key_document *facts,
                                       struct cpts_error *err)
{
    struct key_revoked revoked;
    facts->kind = CPTS_KEY_DOCUMENT_REVOCATION;
    facts->is_vouched = root != NULL;
    cpts_status status = root == NULL ? key_revocation_read(revocation, &revoked, err)
                                      : key_revocation_check(root, revocation, &revoked, err);
    if (status != CPTS_OK)
        return status;
    uuid_format(revoked.cpts_id, facts->cpts_id);
    snprintf(facts->region, sizeof facts->region, "%s", revoked.region);
    facts->serial = revoked.serial;
    facts->valid_from_us = revoked.revoked_at_s * US_PER_S;
    facts->reason = (enum cpts_key_revocation_reason)revoked.reason;
    return CPTS_OK;
}

cpts_status cpts_key_paper__authority(const Cpts__V1__SignedAuthorityRevocation *revocation,
                                      const uint8_t *root, struct cpts_key_document *facts,
                                      struct cpts_error *err)
{
    struct key_authority_revoked revoked;
    facts->kind = CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION;
    facts->is_vouched = root != NULL;
    cpts_status status = root == NULL
                             ? key_authority_revocation_read(revocation, &revoked, err)
                             : key_authority_revocation_check(root, revocation, &revoked, err);
    if (status != CPTS_OK)
        return status;
    snprintf(facts->region, sizeof facts->region, "%s", revoked.region);
    facts->serial = revoked.serial;
    facts->valid_from_us = revoked.revoked_at_s * US_PER_S;
    facts->reason = (enum cpts_key_revocation_reason)revoked.reason;
    return CPTS_OK;
}

static cpts_status put_certificate(const ProtobufCMessage *message, const uint8_t *root,
                                   struct cpts_key_document *facts, struct cpts_error *err)
{
    struct key_authority authority;
    const Cpts__V1__AuthorityCertificate *certificate =
        (const Cpts__V1__AuthorityCertificate *)message;
    cpts_status status = root == NULL ? key_authority_read(certificate, &authority, err)
                                      : key_authority_check(root, certificate, &authority, err);
    if (status != CPTS_OK)
        return status;
    facts->is_vouched = root != NULL;
    snprintf(facts->region, sizeof facts->region, "%s", authority.region);
    facts->serial = authority.serial;
    memcpy(facts->signing_key, authority.signing_key, CPTS_KEY_BYTES);
    facts->valid_from_us = authority.valid_from_s * US_PER_S;
    facts->valid_to_us = authority.valid_to_s * US_PER_S;
    return CPTS_OK;
}

static cpts_status put_request(const ProtobufCMessage *message, struct cpts_key_document *facts,
                               struct cpts_error *err)
{
    struct key_public key;
    cpts_status status = key_request_check((const Cpts__V1__SignedKeyRequest *)message, &key, err);
    if (status != CPTS_OK)
        return status;
    facts->is_vouched = true;
    put_key(&key, facts);
    return CPTS_OK;
}

static cpts_status put_facts(const ProtobufCMessage *message, const uint8_t *root,
                             struct cpts_key_document *facts, struct cpts_error *err)
{
    switch (facts->kind) {
    case CPTS_KEY_DOCUMENT_CERTIFICATE:
        return put_certificate(message, root, facts, err);
    case CPTS_KEY_DOCUMENT_REQUEST:
        return put_request(message, facts, err);
    case CPTS_KEY_DOCUMENT_STATEMENT:
        return cpts_key_paper__statement((const Cpts__V1__SignedKeyStatement *)message, root, facts,
                                         err);
    case CPTS_KEY_DOCUMENT_REVOCATION:
        return cpts_key_paper__revocation((const Cpts__V1__SignedKeyRevocation *)message, root,
                                          facts, err);
    case CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION:
        return cpts_key_paper__authority((const Cpts__V1__SignedAuthorityRevocation *)message, root,
                                         facts, err);
    case CPTS_KEY_DOCUMENT_UNSPECIFIED:
        break;
    }
    return refuse("document", "it is no document about keys", err);
}

cpts_status cpts_key_document_read(const char *document, const uint8_t *root,
                                   struct cpts_key_document *ret_facts, struct cpts_error *err)
{
    struct cpts_key_document facts = {.size = sizeof facts};
    ProtobufCMessage *message = NULL;
    error_clear(err);
    size_t room = ret_facts->size < sizeof facts ? ret_facts->size : sizeof facts;
    struct arena *arena = arena_new(ARENA_BYTES);
    cpts_status status = arena == NULL
                             ? no_memory(err)
                             : cpts_key_paper__unpack(document, &facts.kind, arena, &message, err);
    if (status == CPTS_OK)
        status = put_facts(message, root, &facts, err);
    if (status == CPTS_OK) {
        facts.size = room;
        memcpy(ret_facts, &facts, room);
    }
    arena_free(arena);
    return status;
}

void cpts_key_text(const uint8_t key[CPTS_KEY_BYTES], char ret_text[65])
{
    hexadecimal_write(key, CPTS_KEY_BYTES, ret_text);
}

bool cpts_key_parse(const char *text, uint8_t ret_key[CPTS_KEY_BYTES])
{
    return key_root_parse(text, ret_key);
}
