/* SPDX-License-Identifier: Apache-2.0 */
/* What is sealed, of any bytes: nothing verifies, nothing opens, nothing breaks. */
#include <stdlib.h>
#include <string.h>

#include "cpts/v1/key.pb-c.h"
#include "fuzz.h"
#include "wire/arena.h"
#include "wire/attachment_stream.h"
#include "wire/envelope.h"
#include "wire/key_chain.h"
#include "wire/unpack.h"

#define BUDGET_BYTES ((size_t)4 * 1024 * 1024)

/* No bytes made up here are signed with, or sealed under, these. */
static const uint8_t KEY[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static ProtobufCMessage *take(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                              size_t byte_count, struct arena *arena)
{
    ProtobufCMessage *message = NULL;
    return wire_unpack(type, bytes, byte_count, arena, &message, NULL) == CPTS_OK ? message : NULL;
}

static void read_parts(const Cpts__V1__SealedParts *parts, struct arena *arena)
{
    const Cpts__V1__ReferralHeader header = CPTS__V1__REFERRAL_HEADER__INIT;
    const struct envelope_place place = {.part = ENVELOPE_OFFER};
    struct envelope_attempt attempt = {{0}, {0}, {0}, {0}};
    struct envelope_text text = {0};
    REQUIRE(envelope_referral_verify(KEY, &header, parts, KEY, &attempt, NULL) != CPTS_OK);
    REQUIRE(envelope_part_open(&place, &parts->offer, KEY, arena, &text, NULL) != CPTS_OK);
    REQUIRE(text.bytes == NULL);
}

static void read_wrap(const Cpts__V1__KeyWrap *wrap)
{
    const struct envelope_attempt attempt = {{0}, {0}, {0}, {0}};
    struct envelope_pair pair;
    uint8_t key[ENVELOPE_KEY_BYTES];
    memcpy(pair.public_key, KEY, sizeof KEY);
    memcpy(pair.secret_key, KEY, sizeof KEY);
    REQUIRE(envelope_wrap_verify(&attempt, wrap, KEY, NULL) != CPTS_OK);
    REQUIRE(envelope_key_unwrap(&wrap->offer_key, &pair, key, NULL) != CPTS_OK);
}

static void read_note(const Cpts__V1__SealedNote *note, struct arena *arena)
{
    const struct envelope_note_place place = {{0}, {0}};
    struct envelope_text text = {0};
    REQUIRE(envelope_note_verify(&place, note, KEY, NULL) != CPTS_OK);
    REQUIRE(envelope_note_open(KEY, note, KEY, arena, &text, NULL) != CPTS_OK);
    REQUIRE(text.bytes == NULL);
}

static void read_entry(const Cpts__V1__KeyEntry *entry)
{
    struct key_public key;
    struct key_revoked revoked;
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT) {
        REQUIRE(key_statement_check(KEY, entry->statement, &key, NULL) != CPTS_OK);
        if (key_statement_read(entry->statement, &key, NULL) == CPTS_OK)
            REQUIRE(key.serial > 0 && key.valid_from_s < key.valid_to_s);
    }
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION)
        REQUIRE(key_revocation_check(KEY, entry->revocation, &revoked, NULL) != CPTS_OK);
    struct key_authority_revoked authority;
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION)
        REQUIRE(key_authority_revocation_check(KEY, entry->authority_revocation, &authority,
                                               NULL) != CPTS_OK);
}

static void read_file(const uint8_t *bytes, size_t byte_count)
{
    const struct attachment_place place = {{0}, {0}, {0}};
    size_t opened = 0;
    uint8_t *file = malloc(byte_count + 1);
    REQUIRE(file != NULL);
    REQUIRE(attachment_open(&place, bytes, byte_count, file, &opened, NULL) != CPTS_OK);
    free(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    struct arena *arena = arena_new(BUDGET_BYTES);
    REQUIRE(arena != NULL);
    const ProtobufCMessage *parts =
        take(&cpts__v1__sealed_parts__descriptor, bytes, byte_count, arena);
    const ProtobufCMessage *wrap = take(&cpts__v1__key_wrap__descriptor, bytes, byte_count, arena);
    const ProtobufCMessage *note =
        take(&cpts__v1__sealed_note__descriptor, bytes, byte_count, arena);
    const ProtobufCMessage *entry =
        take(&cpts__v1__key_entry__descriptor, bytes, byte_count, arena);
    if (parts != NULL)
        read_parts((const Cpts__V1__SealedParts *)parts, arena);
    if (wrap != NULL)
        read_wrap((const Cpts__V1__KeyWrap *)wrap);
    if (note != NULL)
        read_note((const Cpts__V1__SealedNote *)note, arena);
    if (entry != NULL)
        read_entry((const Cpts__V1__KeyEntry *)entry);
    read_file(bytes, byte_count);
    arena_free(arena);
    return 0;
}
