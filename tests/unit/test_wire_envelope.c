/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"
#include "wire/attachment_stream.h"
#include "wire/envelope.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/uuid.h"

/* Known answers stand in vectors/envelope.json; tests/unit/envelope_vectors.py
 * checks them with another implementation. Random numbers come from a fixed
 * stream here, so that the file comes out the same each time. */
#define VECTORS "/tests/unit/vectors/envelope.json"
#define VECTOR_BYTES_MAX 65536
#define ORIGIN "0198c0de-0000-7000-8000-00000000000a"
#define DESTINATION "0198c0de-0000-7000-8000-00000000000b"
#define REFERRAL "0198c0de-0000-7000-8000-0000000000aa"
#define ASSIGNMENT "0198c0de-0000-7000-8000-0000000000bb"
#define NOTE "0198c0de-0000-7000-8000-0000000000cc"
#define ATTACHMENT "0198c0de-0000-7000-8000-0000000000dd"

/* Everything of one referral. */
struct scene {
    struct arena *arena;
    uint8_t referral_id[16];
    struct envelope_pair origin;
    struct envelope_pair destination;
    uint8_t signing_key[32];
    uint8_t signing_secret[64];
    uint8_t offer_key[32];
    uint8_t content_key[32];
    Cpts__V1__ReferralHeader header;
    Cpts__V1__Consent consent;
    Cpts__V1__SealedParts parts;
    Cpts__V1__KeyWrap wrap;
    uint8_t wrapped[2][ENVELOPE_WRAPPED_BYTES];
    struct envelope_attempt attempt;
    struct envelope_note_place note_place;
    Cpts__V1__SealedNote note;
    Cpts__V1__NoteKey note_key;
    Cpts__V1__NoteKey *note_keys[1];
    uint8_t note_wrapped[ENVELOPE_WRAPPED_BYTES];
};

static uint32_t stream_count;

static const char *stream_name(void)
{
    return "fixed";
}

static void stream_fill(void *const bytes, const size_t byte_count)
{
    uint8_t seed[randombytes_SEEDBYTES] = {0};
    memcpy(seed, &stream_count, sizeof stream_count);
    stream_count++;
    randombytes_buf_deterministic(bytes, byte_count, seed);
}

static uint32_t stream_random(void)
{
    uint32_t number = 0;
    stream_fill(&number, sizeof number);
    return number;
}

static void use_fixed_stream(void)
{
    static randombytes_implementation fixed = {
        .implementation_name = stream_name, .random = stream_random, .buf = stream_fill};
    stream_count = 0;
    randombytes_set_implementation(&fixed);
    CU_ASSERT_TRUE_FATAL(sodium_init() >= 0);
}

static void fill_header(struct scene *scene)
{
    cpts__v1__referral_header__init(&scene->header);
    cpts__v1__consent__init(&scene->consent);
    scene->header.use_case = CPTS__V1__USE_CASE__USE_CASE_SNP;
    scene->header.urgency = CPTS__V1__URGENCY__URGENCY_WITHIN_24H;
    scene->header.profession = "MEDECIN";
    scene->header.unit_code = "92020";
    scene->header.origin_id = ORIGIN;
    scene->header.legal_basis = CPTS__V1__LEGAL_BASIS__LEGAL_BASIS_PARTAGE;
    scene->header.consent = &scene->consent;
    scene->consent.given_by = "PATIENT";
    scene->consent.given_on = "2026-11-20";
    scene->consent.form = "ORAL";
    scene->consent.scope = "soins non programmés";
}

static void seal_part(struct scene *scene, enum envelope_part part, const char *words)
{
    bool is_offer = part == ENVELOPE_OFFER;
    struct envelope_place place = {.part = part};
    const struct envelope_text text = {(const uint8_t *)words, strlen(words)};
    memcpy(place.referral_id, scene->referral_id, 16);
    uuid_parse(ORIGIN, place.origin_id);
    CU_ASSERT_EQUAL_FATAL(
        envelope_part_seal(&place, &text, is_offer ? scene->offer_key : scene->content_key,
                           scene->arena, is_offer ? &scene->parts.offer : &scene->parts.content,
                           NULL),
        CPTS_OK);
}

static void seal_parts(struct scene *scene)
{
    cpts__v1__sealed_parts__init(&scene->parts);
    envelope_key_derive(scene->origin.secret_key, ENVELOPE_OFFER, scene->referral_id,
                        scene->offer_key);
    envelope_key_derive(scene->origin.secret_key, ENVELOPE_CONTENT, scene->referral_id,
                        scene->content_key);
    seal_part(scene, ENVELOPE_OFFER, "Femme, 50 ans environ, fièvre depuis deux jours");
    seal_part(scene, ENVELOPE_CONTENT, "Patiente fictive ; adresse fictive");
    scene->parts.key_serial = 1;
    CU_ASSERT_EQUAL_FATAL(envelope_referral_sign(scene->referral_id, &scene->header,
                                                 scene->signing_secret, scene->arena, &scene->parts,
                                                 NULL),
                          CPTS_OK);
}

static void make_wrap(struct scene *scene)
{
    cpts__v1__key_wrap__init(&scene->wrap);
    memcpy(scene->attempt.referral_id, scene->referral_id, 16);
    uuid_parse(ASSIGNMENT, scene->attempt.assignment_id);
    envelope_hash(scene->parts.offer.data, scene->parts.offer.len, scene->attempt.offer_sha256);
    envelope_hash(scene->parts.content.data, scene->parts.content.len,
                  scene->attempt.content_sha256);
    envelope_key_wrap(scene->offer_key, scene->destination.public_key, scene->wrapped[0]);
    envelope_key_wrap(scene->content_key, scene->destination.public_key, scene->wrapped[1]);
    scene->wrap.cpts_id = DESTINATION;
    scene->wrap.key_serial = 2;
    scene->wrap.offer_key = (ProtobufCBinaryData){ENVELOPE_WRAPPED_BYTES, scene->wrapped[0]};
    scene->wrap.content_key = (ProtobufCBinaryData){ENVELOPE_WRAPPED_BYTES, scene->wrapped[1]};
    scene->wrap.wrapped_by = ORIGIN;
    scene->wrap.wrapped_by_serial = 1;
    CU_ASSERT_EQUAL_FATAL(envelope_wrap_sign(&scene->attempt, scene->signing_secret, scene->arena,
                                             &scene->wrap, NULL),
                          CPTS_OK);
}

static void make_note(struct scene *scene)
{
    uint8_t key[ENVELOPE_KEY_BYTES];
    static const char WORDS[] = "Vue ce jour, traitement donné";
    const struct envelope_text text = {(const uint8_t *)WORDS, strlen(WORDS)};
    cpts__v1__sealed_note__init(&scene->note);
    cpts__v1__note_key__init(&scene->note_key);
    memcpy(scene->note_place.referral_id, scene->referral_id, 16);
    uuid_parse(ASSIGNMENT, scene->note_place.assignment_id);
    scene->note.id = NOTE;
    scene->note.author_id = ORIGIN;
    scene->note.key_serial = 1;
    envelope_key_make(key);
    CU_ASSERT_EQUAL_FATAL(
        envelope_note_seal(scene->referral_id, &text, key, scene->arena, &scene->note, NULL),
        CPTS_OK);
    envelope_key_wrap(key, scene->destination.public_key, scene->note_wrapped);
    scene->note_key.cpts_id = DESTINATION;
    scene->note_key.key_serial = 2;
    scene->note_key.key = (ProtobufCBinaryData){ENVELOPE_WRAPPED_BYTES, scene->note_wrapped};
    scene->note_keys[0] = &scene->note_key;
    scene->note.keys = scene->note_keys;
    scene->note.n_keys = 1;
    CU_ASSERT_EQUAL_FATAL(envelope_note_sign(&scene->note_place, scene->signing_secret,
                                             scene->arena, &scene->note, NULL),
                          CPTS_OK);
}

static struct scene *set_scene(void)
{
    static struct scene scene;
    memset(&scene, 0, sizeof scene);
    use_fixed_stream();
    scene.arena = arena_new((size_t)4 * 1024 * 1024);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene.arena);
    uuid_parse(REFERRAL, scene.referral_id);
    crypto_box_keypair(scene.origin.public_key, scene.origin.secret_key);
    crypto_box_keypair(scene.destination.public_key, scene.destination.secret_key);
    crypto_sign_keypair(scene.signing_key, scene.signing_secret);
    fill_header(&scene);
    seal_parts(&scene);
    make_wrap(&scene);
    make_note(&scene);
    return &scene;
}

static struct envelope_place place_of(const struct scene *scene, enum envelope_part part)
{
    struct envelope_place place = {.part = part};
    memcpy(place.referral_id, scene->referral_id, 16);
    uuid_parse(ORIGIN, place.origin_id);
    return place;
}

/* Whether a call was refused for that reason. */
static void assert_refused(cpts_status status, const struct cpts_error *err, const char *reason)
{
    CU_ASSERT_NOT_EQUAL(status, CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err->reason, reason);
}

struct writer {
    char *text;
    size_t length;
};

static void put(struct writer *writer, const char *name, const uint8_t *bytes, size_t byte_count)
{
    writer->length += (size_t)sprintf(writer->text + writer->length, "  \"%s\": \"", name);
    hexadecimal_write(bytes, byte_count, writer->text + writer->length);
    writer->length += byte_count * 2;
    writer->length += (size_t)sprintf(writer->text + writer->length, "\",\n");
}

static void put_data(struct writer *writer, const char *name, const ProtobufCBinaryData *data)
{
    put(writer, name, data->data, data->len);
}

static void put_attachment(struct writer *writer, const struct scene *scene)
{
    static const char WORDS[] = "%PDF-1.4 fictif";
    struct attachment_place place = {0};
    uint8_t hash[32];
    size_t sealed_bytes = attachment_sealed_bytes(strlen(WORDS));
    uint8_t *sealed = malloc(sealed_bytes);
    memcpy(place.referral_id, scene->referral_id, 16);
    uuid_parse(ATTACHMENT, place.attachment_id);
    envelope_key_make(place.key);
    CU_ASSERT_EQUAL(attachment_seal(&place, (const uint8_t *)WORDS, strlen(WORDS), sealed, NULL),
                    CPTS_OK);
    envelope_hash(sealed, sealed_bytes, hash);
    put(writer, "attachment_key", place.key, sizeof place.key);
    put(writer, "attachment_head", sealed, 24);
    put(writer, "attachment_sha256", hash, sizeof hash);
    free(sealed);
}

static char *write_vectors(const struct scene *scene)
{
    struct writer writer = {.text = malloc(VECTOR_BYTES_MAX)};
    writer.length = (size_t)sprintf(writer.text, "{\n");
    put(&writer, "origin_secret", scene->origin.secret_key, 32);
    put(&writer, "destination_secret", scene->destination.secret_key, 32);
    put(&writer, "signing_seed", scene->signing_secret, 32);
    put_data(&writer, "offer", &scene->parts.offer);
    put_data(&writer, "content", &scene->parts.content);
    put_data(&writer, "referral_signature", &scene->parts.signature);
    put_data(&writer, "wrapped_offer_key", &scene->wrap.offer_key);
    put_data(&writer, "wrapped_content_key", &scene->wrap.content_key);
    put_data(&writer, "wrap_signature", &scene->wrap.signature);
    put_data(&writer, "note", &scene->note.ciphertext);
    put_data(&writer, "wrapped_note_key", &scene->note_key.key);
    put_data(&writer, "note_signature", &scene->note.signature);
    put_attachment(&writer, scene);
    writer.length += (size_t)sprintf(writer.text + writer.length,
                                     "  \"made_by\": \"tests/unit/test_wire_envelope.c\"\n}\n");
    return writer.text;
}

static void test_envelope__gives_the_known_answers(void)
{
    char path[4096];
    const char *source = getenv("CPTS_TEST_SOURCE");
    char *expected = calloc(1, VECTOR_BYTES_MAX);
    struct scene *scene = set_scene();
    char *vectors = write_vectors(scene);
    snprintf(path, sizeof path, "%s%s", source == NULL ? "." : source, VECTORS);
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        size_t length = fread(expected, 1, VECTOR_BYTES_MAX - 1, file);
        CU_ASSERT_TRUE(length > 0);
        fclose(file);
    }
    CU_ASSERT_STRING_EQUAL(vectors, expected);
    if (strcmp(vectors, expected) != 0)
        printf("%s should be:\n%s", path, vectors);
    free(vectors);
    free(expected);
    arena_free(scene->arena);
}

static void open_and_compare(struct scene *scene, enum envelope_part part, const uint8_t *key,
                             const char *words)
{
    struct envelope_place place = place_of(scene, part);
    struct envelope_text text = {0};
    CU_ASSERT_EQUAL_FATAL(
        envelope_part_open(&place,
                           part == ENVELOPE_OFFER ? &scene->parts.offer : &scene->parts.content,
                           key, scene->arena, &text, NULL),
        CPTS_OK);
    CU_ASSERT_EQUAL(text.byte_count, strlen(words));
    CU_ASSERT_EQUAL(memcmp(text.bytes, words, strlen(words)), 0);
}

static void test_envelope__a_recipient_opens_both_parts(void)
{
    struct scene *scene = set_scene();
    struct envelope_attempt attempt = {0};
    uint8_t key[32];
    memcpy(attempt.assignment_id, scene->attempt.assignment_id, sizeof attempt.assignment_id);
    CU_ASSERT_EQUAL(envelope_referral_verify(scene->referral_id, &scene->header, &scene->parts,
                                             scene->signing_key, &attempt, NULL),
                    CPTS_OK);
    CU_ASSERT_EQUAL(memcmp(&attempt, &scene->attempt, sizeof attempt), 0);
    CU_ASSERT_EQUAL(envelope_wrap_verify(&scene->attempt, &scene->wrap, scene->signing_key, NULL),
                    CPTS_OK);
    CU_ASSERT_EQUAL(envelope_key_unwrap(&scene->wrap.offer_key, &scene->destination, key, NULL),
                    CPTS_OK);
    open_and_compare(scene, ENVELOPE_OFFER, key, "Femme, 50 ans environ, fièvre depuis deux jours");
    CU_ASSERT_EQUAL(envelope_key_unwrap(&scene->wrap.content_key, &scene->destination, key, NULL),
                    CPTS_OK);
    open_and_compare(scene, ENVELOPE_CONTENT, key, "Patiente fictive ; adresse fictive");
    arena_free(scene->arena);
}

static void test_envelope__a_wrap_is_verified_while_the_content_key_is_withheld(void)
{
    struct scene *scene = set_scene();
    scene->wrap.content_key = (ProtobufCBinaryData){0};
    CU_ASSERT_EQUAL(envelope_wrap_verify(&scene->attempt, &scene->wrap, scene->signing_key, NULL),
                    CPTS_OK);
    arena_free(scene->arena);
}

/* Every byte of a ciphertext flipped once, and it does not open any more. */
static void test_envelope__no_byte_of_a_part_can_be_changed(void)
{
    struct scene *scene = set_scene();
    struct envelope_place place = place_of(scene, ENVELOPE_OFFER);
    for (size_t i = 0; i < scene->parts.offer.len; i++) {
        struct envelope_text text = {0};
        struct cpts_error err = {0};
        scene->parts.offer.data[i] ^= 1;
        assert_refused(envelope_part_open(&place, &scene->parts.offer, scene->offer_key,
                                          scene->arena, &text, &err),
                       &err, "CONTENT_INVALID");
        CU_ASSERT_PTR_NULL(text.bytes);
        scene->parts.offer.data[i] ^= 1;
    }
    arena_free(scene->arena);
}

static void test_envelope__a_part_belongs_to_its_referral_origin_and_side(void)
{
    struct scene *scene = set_scene();
    for (int i = 0; i < 3; i++) {
        struct envelope_place place = place_of(scene, i == 0 ? ENVELOPE_CONTENT : ENVELOPE_OFFER);
        struct envelope_text text = {0};
        struct cpts_error err = {0};
        place.referral_id[0] ^= (uint8_t)(i == 1);
        place.origin_id[15] ^= (uint8_t)(i == 2);
        assert_refused(envelope_part_open(&place, &scene->parts.offer, scene->offer_key,
                                          scene->arena, &text, &err),
                       &err, "CONTENT_INVALID");
    }
    arena_free(scene->arena);
}

static void check_referral(const struct scene *scene, const char *what)
{
    const struct envelope_attempt untouched = {0};
    struct envelope_attempt attempt = {0};
    struct cpts_error err = {0};
    cpts_status status = envelope_referral_verify(scene->referral_id, &scene->header, &scene->parts,
                                                  scene->signing_key, &attempt, &err);
    if (status == CPTS_OK)
        printf("accepted with another %s\n", what);
    assert_refused(status, &err, "SIGNATURE_INVALID");
    CU_ASSERT_EQUAL(memcmp(&attempt, &untouched, sizeof attempt), 0);
}

static void test_envelope__no_field_of_a_header_can_be_changed(void)
{
    static const char *const TEXTS[] = {"profession",  "speciality",       "unit_code",
                                        "origin_id",   "requester_finess", "pathway_id",
                                        "pathway_step"};
    struct scene *scene = set_scene();
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(
            &cpts__v1__referral_header__descriptor, TEXTS[i]);
        char **member = (char **)(void *)((char *)&scene->header + field->offset);
        char *own = *member;
        *member = "x";
        check_referral(scene, TEXTS[i]);
        *member = own;
    }
    scene->header.urgency = CPTS__V1__URGENCY__URGENCY_ROUTINE;
    check_referral(scene, "urgency");
    fill_header(scene);
    scene->header.use_case = CPTS__V1__USE_CASE__USE_CASE_PARCOURS;
    check_referral(scene, "use_case");
    fill_header(scene);
    scene->header.legal_basis = CPTS__V1__LEGAL_BASIS__LEGAL_BASIS_ECHANGE;
    check_referral(scene, "legal_basis");
    fill_header(scene);
    scene->consent.scope = "autre";
    check_referral(scene, "consent.scope");
    fill_header(scene);
    scene->header.consent = NULL;
    check_referral(scene, "consent");
    arena_free(scene->arena);
}

static void test_envelope__a_signature_is_of_its_ids_serial_and_parts(void)
{
    struct scene *scene = set_scene();
    scene->parts.key_serial = 2;
    check_referral(scene, "serial");
    scene->parts.key_serial = 1;
    scene->referral_id[3] ^= 1;
    check_referral(scene, "referral");
    scene->referral_id[3] ^= 1;
    scene->parts.offer.data[700] ^= 1;
    check_referral(scene, "offer");
    scene->parts.offer.data[700] ^= 1;
    scene->parts.content.data[700] ^= 1;
    check_referral(scene, "content");
    scene->parts.content.data[700] ^= 1;
    scene->parts.signature.data[10] ^= 1;
    check_referral(scene, "signature");
    scene->parts.signature.data[10] ^= 1;
    scene->signing_key[0] ^= 1;
    check_referral(scene, "key");
    arena_free(scene->arena);
}

static void check_wrap(const struct scene *scene, const char *reason)
{
    struct cpts_error err = {0};
    assert_refused(envelope_wrap_verify(&scene->attempt, &scene->wrap, scene->signing_key, &err),
                   &err, reason);
}

static void test_envelope__no_field_of_a_wrap_can_be_changed(void)
{
    struct scene *scene = set_scene();
    uint8_t *hashes[] = {scene->attempt.referral_id,  scene->attempt.assignment_id,
                         scene->attempt.offer_sha256, scene->attempt.content_sha256,
                         scene->wrap.offer_key.data,  scene->wrap.signature.data};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        hashes[i][5] ^= 1;
        check_wrap(scene, "SIGNATURE_INVALID");
        hashes[i][5] ^= 1;
    }
    scene->wrap.cpts_id = ORIGIN;
    check_wrap(scene, "SIGNATURE_INVALID");
    scene->wrap.cpts_id = DESTINATION;
    scene->wrap.wrapped_by = DESTINATION;
    check_wrap(scene, "SIGNATURE_INVALID");
    scene->wrap.wrapped_by = ORIGIN;
    scene->wrap.key_serial++;
    check_wrap(scene, "SIGNATURE_INVALID");
    scene->wrap.key_serial--;
    scene->wrap.wrapped_by_serial++;
    check_wrap(scene, "SIGNATURE_INVALID");
    scene->wrap.wrapped_by_serial--;
    scene->wrap.content_key.data[0] ^= 1;
    check_wrap(scene, "NOT_SEALED_FOR_RECIPIENT");
    scene->wrap.content_key.data[0] ^= 1;
    scene->wrap.offer_key.len = 0;
    check_wrap(scene, "NOT_SEALED_FOR_RECIPIENT");
    arena_free(scene->arena);
}

static void test_envelope__a_wrapped_key_is_for_one_recipient(void)
{
    struct scene *scene = set_scene();
    struct cpts_error err = {0};
    uint8_t key[32];
    assert_refused(envelope_key_unwrap(&scene->wrap.offer_key, &scene->origin, key, &err), &err,
                   "NOT_SEALED_FOR_RECIPIENT");
    scene->wrapped[0][79] ^= 1;
    assert_refused(envelope_key_unwrap(&scene->wrap.offer_key, &scene->destination, key, &err),
                   &err, "NOT_SEALED_FOR_RECIPIENT");
    arena_free(scene->arena);
}

static void check_note(const struct scene *scene, const char *reason)
{
    struct cpts_error err = {0};
    assert_refused(envelope_note_verify(&scene->note_place, &scene->note, scene->signing_key, &err),
                   &err, reason);
}

static void test_envelope__no_field_of_a_note_can_be_changed(void)
{
    struct scene *scene = set_scene();
    uint8_t *bytes[] = {scene->note_place.referral_id, scene->note_place.assignment_id,
                        scene->note.ciphertext.data, scene->note_wrapped,
                        scene->note.signature.data};
    CU_ASSERT_EQUAL(
        envelope_note_verify(&scene->note_place, &scene->note, scene->signing_key, NULL), CPTS_OK);
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        bytes[i][7] ^= 1;
        check_note(scene, "SIGNATURE_INVALID");
        bytes[i][7] ^= 1;
    }
    scene->note.id = REFERRAL;
    check_note(scene, "SIGNATURE_INVALID");
    scene->note.id = NOTE;
    scene->note.author_id = DESTINATION;
    check_note(scene, "SIGNATURE_INVALID");
    scene->note.author_id = ORIGIN;
    scene->note_key.key_serial = 1;
    check_note(scene, "SIGNATURE_INVALID");
    scene->note_key.key_serial = 2;
    scene->note_key.cpts_id = ORIGIN;
    check_note(scene, "SIGNATURE_INVALID");
    scene->note.n_keys = 0;
    check_note(scene, "NOT_SEALED_FOR_RECIPIENT");
    arena_free(scene->arena);
}

static void test_envelope__lengths_tell_a_size_class_only(void)
{
    static const struct {
        size_t text;
        size_t sealed;
    } CLASSES[] = {{0, 1024}, {951, 1024}, {952, 2048}, {1975, 2048}, {1976, 4096}, {65463, 65536}};
    struct scene *scene = set_scene();
    struct envelope_place place = place_of(scene, ENVELOPE_OFFER);
    uint8_t *bytes = calloc(1, ENVELOPE_OFFER_BYTES_MAX);
    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++) {
        const struct envelope_text text = {bytes, CLASSES[i].text};
        struct envelope_text opened = {0};
        ProtobufCBinaryData sealed = {0};
        CU_ASSERT_EQUAL_FATAL(
            envelope_part_seal(&place, &text, scene->offer_key, scene->arena, &sealed, NULL),
            CPTS_OK);
        CU_ASSERT_EQUAL(sealed.len, CLASSES[i].sealed);
        CU_ASSERT_EQUAL(
            envelope_part_open(&place, &sealed, scene->offer_key, scene->arena, &opened, NULL),
            CPTS_OK);
        CU_ASSERT_EQUAL(opened.byte_count, CLASSES[i].text);
    }
    free(bytes);
    arena_free(scene->arena);
}

static void test_envelope__too_long_a_text_is_refused(void)
{
    struct scene *scene = set_scene();
    struct envelope_place place = place_of(scene, ENVELOPE_OFFER);
    uint8_t *bytes = calloc(1, ENVELOPE_OFFER_BYTES_MAX);
    const struct envelope_text text = {bytes, ENVELOPE_TEXT_BYTES_MAX(65536) + 1};
    ProtobufCBinaryData sealed = {0};
    struct cpts_error err = {0};
    assert_refused(envelope_part_seal(&place, &text, scene->offer_key, scene->arena, &sealed, &err),
                   &err, "CONTENT_TOO_LARGE");
    CU_ASSERT_PTR_NULL(sealed.data);
    free(bytes);
    arena_free(scene->arena);
}

static void test_envelope__a_server_refuses_what_is_not_padded_or_too_large(void)
{
    struct scene *scene = set_scene();
    struct envelope_attempt attempt = {0};
    struct cpts_error err = {0};
    scene->parts.offer.len--;
    assert_refused(envelope_referral_verify(scene->referral_id, &scene->header, &scene->parts,
                                            scene->signing_key, &attempt, &err),
                   &err, "CONTENT_INVALID");
    CU_ASSERT_STRING_EQUAL(err.field, "parts.offer");
    scene->parts.offer.len = ENVELOPE_OFFER_BYTES_MAX * 2;
    assert_refused(envelope_referral_verify(scene->referral_id, &scene->header, &scene->parts,
                                            scene->signing_key, &attempt, &err),
                   &err, "CONTENT_TOO_LARGE");
    arena_free(scene->arena);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_envelope__gives_the_known_answers),
    UNIT_TEST(test_envelope__a_recipient_opens_both_parts),
    UNIT_TEST(test_envelope__a_wrap_is_verified_while_the_content_key_is_withheld),
    UNIT_TEST(test_envelope__no_byte_of_a_part_can_be_changed),
    UNIT_TEST(test_envelope__a_part_belongs_to_its_referral_origin_and_side),
    UNIT_TEST(test_envelope__no_field_of_a_header_can_be_changed),
    UNIT_TEST(test_envelope__a_signature_is_of_its_ids_serial_and_parts),
    UNIT_TEST(test_envelope__no_field_of_a_wrap_can_be_changed),
    UNIT_TEST(test_envelope__a_wrapped_key_is_for_one_recipient),
    UNIT_TEST(test_envelope__no_field_of_a_note_can_be_changed),
    UNIT_TEST(test_envelope__lengths_tell_a_size_class_only),
    UNIT_TEST(test_envelope__too_long_a_text_is_refused),
    UNIT_TEST(test_envelope__a_server_refuses_what_is_not_padded_or_too_large),
};

UNIT_MAIN("wire/envelope")
