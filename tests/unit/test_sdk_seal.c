/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/seal.h>
#include <cpts/v1/referral.pb-c.h>
#include <cpts/v1/sealed.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/unit.h"
#include "wire/envelope.h"

#define PASSPHRASE "une phrase de passe"
#define ORIGIN "0198c0de-0000-7000-8000-00000000000a"
#define DESTINATION "0198c0de-0000-7000-8000-00000000000b"
#define THIRD "0198c0de-0000-7000-8000-00000000000c"
#define REFERRAL "0198c0de-0000-7000-8000-0000000000aa"
#define ASSIGNMENT "0198c0de-0000-7000-8000-0000000000bb"
#define NEXT "0198c0de-0000-7000-8000-0000000000bc"
#define ATTACHMENT "0198c0de-0000-7000-8000-0000000000dd"
#define OFFER "Femme, 50 ans environ"
#define CONTENT "Patiente fictive"

/* A CPTS with its store and its public key, as cpts_keys_get() gives it. */
struct member {
    char path[64];
    cpts_keystore *store;
    struct cpts_key key;
};

struct scene {
    char folder[32];
    struct member origin;
    struct member destination;
    struct member third;
    uint8_t header[256];
    struct cpts_sealed *sealed;
    Cpts__V1__SealedParts *parts;
    struct cpts_opening opening;
    uint8_t hashes[2][32];
};

static void add_member(struct scene *scene, struct member *member, const char *id, const char *name)
{
    struct cpts_keystore_creation creation = {.size = sizeof creation,
                                              .path = member->path,
                                              .passphrase = PASSPHRASE,
                                              .kind = CPTS_KEYSTORE_CPTS,
                                              .owner = id};
    struct cpts_keystore_key key;
    snprintf(member->path, sizeof member->path, "%s/%s", scene->folder, name);
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_create(&creation, &member->store, NULL), CPTS_OK);
    cpts_keystore_key_at(member->store, 0, &key);
    member->key = (struct cpts_key){.cpts_id = id, .region = "11", .serial = key.serial};
    memcpy(member->key.encryption_key, key.encryption_key, CPTS_KEY_BYTES);
    memcpy(member->key.signing_key, key.signing_key, CPTS_KEY_BYTES);
}

static struct cpts_bytes bytes_of(const void *bytes, size_t byte_count)
{
    return (struct cpts_bytes){bytes, byte_count};
}

static struct cpts_bytes words(const char *text)
{
    return bytes_of(text, strlen(text));
}

/* What a node gives of the referral: everything, for the destination. */
static void fill_opening(struct scene *scene, struct cpts_bytes header)
{
    Cpts__V1__SealedParts *parts = cpts__v1__sealed_parts__unpack(
        NULL, scene->sealed->parts.byte_count, scene->sealed->parts.bytes);
    CU_ASSERT_PTR_NOT_NULL_FATAL(parts);
    scene->parts = parts;
    envelope_hash(parts->offer.data, parts->offer.len, scene->hashes[0]);
    envelope_hash(parts->content.data, parts->content.len, scene->hashes[1]);
    scene->opening = (struct cpts_opening){
        .size = sizeof scene->opening,
        .referral_id = REFERRAL,
        .header = header,
        .key_serial = parts->key_serial,
        .signature = bytes_of(parts->signature.data, parts->signature.len),
        .offer_sha256 = bytes_of(scene->hashes[0], 32),
        .content_sha256 = bytes_of(scene->hashes[1], 32),
        .offer = bytes_of(parts->offer.data, parts->offer.len),
        .content = bytes_of(parts->content.data, parts->content.len),
        .wrap = scene->sealed->wraps[0],
        .assignment_id = ASSIGNMENT,
        .origin_key = &scene->origin.key,
        .wrapper_key = &scene->origin.key,
    };
}

static struct scene scene_of_all;

static void drop_member(struct member *member)
{
    cpts_keystore_close(member->store);
    unlink(member->path);
}

static void drop_members(void)
{
    drop_member(&scene_of_all.origin);
    drop_member(&scene_of_all.destination);
    drop_member(&scene_of_all.third);
    rmdir(scene_of_all.folder);
}

/* Stores are made once: what locks them takes its time on purpose. */
static void make_members(struct scene *scene)
{
    if (scene->folder[0] != '\0')
        return;
    snprintf(scene->folder, sizeof scene->folder, "/tmp/cpts-seal.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(scene->folder));
    atexit(drop_members);
    add_member(scene, &scene->origin, ORIGIN, "origin");
    add_member(scene, &scene->destination, DESTINATION, "destination");
    add_member(scene, &scene->third, THIRD, "third");
}

static struct scene *set_scene(void)
{
    struct scene *scene = &scene_of_all;
    Cpts__V1__ReferralHeader header = CPTS__V1__REFERRAL_HEADER__INIT;
    make_members(scene);
    header.origin_id = ORIGIN;
    header.unit_code = "92020";
    size_t header_bytes = cpts__v1__referral_header__pack(&header, scene->header);
    struct cpts_seal_recipient recipient = {ASSIGNMENT, &scene->destination.key};
    struct cpts_sealing sealing = {.size = sizeof sealing,
                                   .referral_id = REFERRAL,
                                   .header = bytes_of(scene->header, header_bytes),
                                   .offer = words(OFFER),
                                   .content = words(CONTENT),
                                   .recipients = &recipient,
                                   .recipient_count = 1};
    CU_ASSERT_EQUAL_FATAL(cpts_referral_seal(scene->origin.store, &sealing, &scene->sealed, NULL),
                          CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(scene->sealed->wrap_count, 1);
    fill_opening(scene, sealing.header);
    return scene;
}

static void clear_scene(struct scene *scene)
{
    cpts__v1__sealed_parts__free_unpacked(scene->parts, NULL);
    cpts_sealed_free(scene->sealed);
}

static void assert_text(struct cpts_bytes bytes, const char *expected)
{
    CU_ASSERT_EQUAL_FATAL(bytes.byte_count, strlen(expected));
    CU_ASSERT_EQUAL(memcmp(bytes.bytes, expected, bytes.byte_count), 0);
}

static void assert_not_opened(const struct member *member, const struct cpts_opening *opening,
                              const char *reason)
{
    struct cpts_opened *opened = NULL;
    struct cpts_error err = {0};
    CU_ASSERT_NOT_EQUAL(cpts_referral_open(member->store, opening, &opened, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_PTR_NULL(opened);
}

static void test_seal__a_destination_opens_what_it_was_sealed(void)
{
    struct scene *scene = set_scene();
    struct cpts_opened *opened = NULL;
    CU_ASSERT_EQUAL_FATAL(
        cpts_referral_open(scene->destination.store, &scene->opening, &opened, NULL), CPTS_OK);
    assert_text(opened->offer, OFFER);
    assert_text(opened->content, CONTENT);
    cpts_opened_free(opened);
    clear_scene(scene);
}

static void test_seal__nothing_is_readable_in_what_leaves(void)
{
    struct scene *scene = set_scene();
    struct cpts_bytes all[] = {scene->sealed->parts, scene->sealed->wraps[0]};
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_PTR_NULL(memmem(all[i].bytes, all[i].byte_count, OFFER, strlen(OFFER)));
        CU_ASSERT_PTR_NULL(memmem(all[i].bytes, all[i].byte_count, CONTENT, strlen(CONTENT)));
    }
    clear_scene(scene);
}

/* Before it accepts a destination is given its wrap without the content's key. */
static void test_seal__without_the_content_key_only_the_offer_opens(void)
{
    struct scene *scene = set_scene();
    uint8_t bytes[1024];
    struct cpts_opened *opened = NULL;
    Cpts__V1__KeyWrap *wrap =
        cpts__v1__key_wrap__unpack(NULL, scene->opening.wrap.byte_count, scene->opening.wrap.bytes);
    wrap->content_key.len = 0;
    scene->opening.wrap = bytes_of(bytes, cpts__v1__key_wrap__pack(wrap, bytes));
    assert_not_opened(&scene->destination, &scene->opening, "NOT_SEALED_FOR_RECIPIENT");
    scene->opening.content = bytes_of(NULL, 0);
    CU_ASSERT_EQUAL_FATAL(
        cpts_referral_open(scene->destination.store, &scene->opening, &opened, NULL), CPTS_OK);
    assert_text(opened->offer, OFFER);
    CU_ASSERT_FALSE(opened->has_content);
    cpts_opened_free(opened);
    cpts__v1__key_wrap__free_unpacked(wrap, NULL);
    clear_scene(scene);
}

static void test_seal__the_origin_opens_it_from_a_restored_store(void)
{
    struct scene *scene = set_scene();
    char path[80];
    cpts_keystore *restored = NULL;
    struct cpts_opened *opened = NULL;
    snprintf(path, sizeof path, "%s/copy", scene->folder);
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_backup(scene->origin.store, path, "another phrase", NULL),
                          CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_open(path, "another phrase", &restored, NULL), CPTS_OK);
    scene->opening.wrap = bytes_of(NULL, 0);
    scene->opening.wrapper_key = NULL;
    CU_ASSERT_EQUAL_FATAL(cpts_referral_open(restored, &scene->opening, &opened, NULL), CPTS_OK);
    assert_text(opened->content, CONTENT);
    cpts_opened_free(opened);
    cpts_keystore_close(restored);
    unlink(path);
    clear_scene(scene);
}

static void test_seal__another_cpts_opens_nothing(void)
{
    struct scene *scene = set_scene();
    assert_not_opened(&scene->third, &scene->opening, "NOT_SEALED_FOR_RECIPIENT");
    clear_scene(scene);
}

static void test_seal__what_was_changed_is_refused(void)
{
    struct scene *scene = set_scene();
    struct cpts_key other = scene->origin.key;
    scene->parts->offer.data[100] ^= 1;
    assert_not_opened(&scene->destination, &scene->opening, "CONTENT_INVALID");
    scene->parts->offer.data[100] ^= 1;
    scene->hashes[1][0] ^= 1;
    assert_not_opened(&scene->destination, &scene->opening, "SIGNATURE_INVALID");
    scene->hashes[1][0] ^= 1;
    scene->opening.assignment_id = NEXT;
    assert_not_opened(&scene->destination, &scene->opening, "SIGNATURE_INVALID");
    scene->opening.assignment_id = ASSIGNMENT;
    other.signing_key[0] ^= 1;
    scene->opening.origin_key = &other;
    assert_not_opened(&scene->destination, &scene->opening, "SIGNATURE_INVALID");
    scene->opening.origin_key = &scene->third.key;
    assert_not_opened(&scene->destination, &scene->opening, "ARGUMENT_INVALID");
    clear_scene(scene);
}

static void test_seal__a_destination_wraps_for_the_next_one(void)
{
    struct scene *scene = set_scene();
    struct cpts_packed *wrap = NULL;
    struct cpts_opened *opened = NULL;
    struct cpts_seal_recipient next = {NEXT, &scene->third.key};
    CU_ASSERT_EQUAL_FATAL(
        cpts_referral_wrap(scene->destination.store, &scene->opening, &next, &wrap, NULL), CPTS_OK);
    scene->opening.wrap = wrap->bytes;
    scene->opening.assignment_id = NEXT;
    scene->opening.wrapper_key = &scene->destination.key;
    CU_ASSERT_EQUAL_FATAL(cpts_referral_open(scene->third.store, &scene->opening, &opened, NULL),
                          CPTS_OK);
    assert_text(opened->content, CONTENT);
    cpts_opened_free(opened);
    cpts_packed_free(wrap);
    clear_scene(scene);
}

/* The third took the origin's place: who accepted seals for it, without an attempt. */
static void test_seal__an_origin_opens_what_was_sealed_for_it_since(void)
{
    struct scene *scene = set_scene();
    struct cpts_packed *wrap = NULL;
    struct cpts_opened *opened = NULL;
    struct cpts_seal_recipient origin = {"", &scene->third.key};
    struct cpts_opening opening = scene->opening;
    opening.wrap = bytes_of(NULL, 0);
    assert_not_opened(&scene->third, &opening, "NOT_SEALED_FOR_RECIPIENT");
    CU_ASSERT_EQUAL_FATAL(
        cpts_referral_wrap(scene->destination.store, &scene->opening, &origin, &wrap, NULL),
        CPTS_OK);
    opening.wrap = wrap->bytes;
    opening.wrapper_key = &scene->destination.key;
    assert_not_opened(&scene->third, &opening, "SIGNATURE_INVALID");
    opening.assignment_id = NULL;
    CU_ASSERT_EQUAL_FATAL(cpts_referral_open(scene->third.store, &opening, &opened, NULL), CPTS_OK);
    assert_text(opened->content, CONTENT);
    cpts_opened_free(opened);
    cpts_packed_free(wrap);
    clear_scene(scene);
}

/* The third took the place of a CPTS, and has its keys: it opens with them and signs itself. */
static void check_former(struct scene *scene, const struct member *former, const char *attempt)
{
    struct cpts_packed *wrap = NULL;
    struct cpts_opened *opened = NULL;
    struct cpts_seal_recipient own = {attempt, &scene->third.key};
    struct cpts_opening opening = scene->opening;
    opening.former = former->store;
    CU_ASSERT_EQUAL_FATAL(cpts_referral_wrap(scene->third.store, &opening, &own, &wrap, NULL),
                          CPTS_OK);
    opening.former = NULL;
    opening.wrap = wrap->bytes;
    opening.assignment_id = attempt;
    opening.wrapper_key = &scene->third.key;
    CU_ASSERT_EQUAL_FATAL(cpts_referral_open(scene->third.store, &opening, &opened, NULL), CPTS_OK);
    assert_text(opened->offer, OFFER);
    cpts_opened_free(opened);
    cpts_packed_free(wrap);
}

static void test_seal__a_successor_seals_for_itself_with_the_former_keys(void)
{
    struct scene *scene = set_scene();
    check_former(scene, &scene->destination, ASSIGNMENT);
    check_former(scene, &scene->origin, "");
    clear_scene(scene);
}

static void test_seal__an_old_key_still_opens_after_a_rotation(void)
{
    struct scene *scene = set_scene();
    struct cpts_opened *opened = NULL;
    int32_t serial = 0;
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_generate(scene->destination.store, &serial, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(serial, 2);
    CU_ASSERT_EQUAL_FATAL(
        cpts_referral_open(scene->destination.store, &scene->opening, &opened, NULL), CPTS_OK);
    cpts_opened_free(opened);
    clear_scene(scene);
}

/* Two handles: the later one would write the other one's key away. */
static void test_seal__a_store_that_was_written_meanwhile_is_not_written_over(void)
{
    struct scene *scene = set_scene();
    cpts_keystore *store = scene->destination.store, *other = NULL;
    struct cpts_error err = {0};
    int32_t first = 0, serial = 0;
    CU_ASSERT_EQUAL_FATAL(cpts_keystore_open(scene->destination.path, PASSPHRASE, &other, &err),
                          CPTS_OK);
    CU_ASSERT_EQUAL(cpts_keystore_generate(other, &first, &err), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_keystore_generate(store, &serial, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "KEY_STORE_INVALID");
    CU_ASSERT_EQUAL(cpts_keystore_generate(other, &serial, &err), CPTS_OK);
    CU_ASSERT_EQUAL(serial, first + 1);
    cpts_keystore_close(other);
    clear_scene(scene);
}

static void test_seal__a_note_is_read_by_both_sides_only(void)
{
    struct scene *scene = set_scene();
    const struct cpts_key *readers[] = {&scene->origin.key};
    struct cpts_packed *note = NULL;
    struct cpts_text *text = NULL;
    struct cpts_error err = {0};
    struct cpts_note_sealing sealing = {.size = sizeof sealing,
                                        .referral_id = REFERRAL,
                                        .assignment_id = ASSIGNMENT,
                                        .text = words("Vue ce jour"),
                                        .readers = readers,
                                        .reader_count = 1};
    CU_ASSERT_EQUAL_FATAL(cpts_note_seal(scene->destination.store, &sealing, &note, NULL), CPTS_OK);
    struct cpts_note_opening opening = {.size = sizeof opening,
                                        .referral_id = REFERRAL,
                                        .assignment_id = ASSIGNMENT,
                                        .note = note->bytes,
                                        .author_key = &scene->destination.key};
    const struct member *sides[] = {&scene->origin, &scene->destination};
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(cpts_note_open(sides[i]->store, &opening, &text, NULL), CPTS_OK);
        assert_text(text->bytes, "Vue ce jour");
        cpts_text_free(text);
    }
    text = NULL;
    CU_ASSERT_NOT_EQUAL(cpts_note_open(scene->third.store, &opening, &text, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "NOT_SEALED_FOR_RECIPIENT");
    opening.assignment_id = NEXT;
    CU_ASSERT_NOT_EQUAL(cpts_note_open(scene->origin.store, &opening, &text, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "SIGNATURE_INVALID");
    CU_ASSERT_PTR_NULL(text);
    cpts_packed_free(note);
    clear_scene(scene);
}

static void check_attachment(size_t byte_count)
{
    struct cpts_attachment_place place = {
        .size = sizeof place, .referral_id = REFERRAL, .attachment_id = ATTACHMENT};
    struct cpts_sealed_attachment *sealed = NULL;
    struct cpts_text *file = NULL;
    uint8_t *bytes = malloc(byte_count + 1);
    for (size_t i = 0; i < byte_count; i++)
        bytes[i] = (uint8_t)(i * 7);
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_seal(&place, bytes_of(bytes, byte_count), &sealed, NULL),
                          CPTS_OK);
    CU_ASSERT_EQUAL(sealed->chunk_count,
                    (int32_t)((sealed->ciphertext.byte_count + 524287) / 524288));
    place.key = sealed->key;
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_open(&place, sealed->ciphertext, &file, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(file->bytes.byte_count, byte_count);
    CU_ASSERT_EQUAL(memcmp(file->bytes.bytes, bytes, byte_count), 0);
    cpts_text_free(file);
    cpts_sealed_attachment_free(sealed);
    free(bytes);
}

static void test_seal__attachments_of_every_length_open(void)
{
    static const size_t LENGTHS[] = {0, 1, 65535, 65536, 524246, 524247, 524288, 1048576, 10000000};
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++)
        check_attachment(LENGTHS[i]);
}

static void test_seal__an_attachment_is_not_cut_turned_round_or_moved(void)
{
    struct cpts_attachment_place place = {
        .size = sizeof place, .referral_id = REFERRAL, .attachment_id = ATTACHMENT};
    struct cpts_sealed_attachment *sealed = NULL;
    struct cpts_text *file = NULL;
    struct cpts_error err = {0};
    uint8_t *bytes = calloc(1, 1600000);
    CU_ASSERT_EQUAL_FATAL(cpts_attachment_seal(&place, bytes_of(bytes, 1600000), &sealed, NULL),
                          CPTS_OK);
    place.key = sealed->key;
    struct cpts_bytes whole = sealed->ciphertext;
    CU_ASSERT_NOT_EQUAL(cpts_attachment_open(&place, bytes_of(whole.bytes, 1048576), &file, &err),
                        CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONTENT_INVALID");
    uint8_t *turned = malloc(whole.byte_count);
    memcpy(turned, whole.bytes, whole.byte_count);
    memcpy(turned + 524288, whole.bytes + 1048576, 524288);
    memcpy(turned + 1048576, whole.bytes + 524288, 524288);
    CU_ASSERT_NOT_EQUAL(
        cpts_attachment_open(&place, bytes_of(turned, whole.byte_count), &file, &err), CPTS_OK);
    place.attachment_id = NEXT;
    CU_ASSERT_NOT_EQUAL(cpts_attachment_open(&place, whole, &file, &err), CPTS_OK);
    CU_ASSERT_PTR_NULL(file);
    place.key = NULL;
    CU_ASSERT_NOT_EQUAL(cpts_attachment_seal(&place, bytes_of(bytes, 10000001), &sealed, &err),
                        CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONTENT_TOO_LARGE");
    cpts_sealed_attachment_free(sealed);
    free(turned);
    free(bytes);
}

static void test_seal__a_store_with_another_passphrase_stays_closed(void)
{
    struct scene *scene = set_scene();
    cpts_keystore *store = NULL;
    struct cpts_error err = {0};
    CU_ASSERT_NOT_EQUAL(cpts_keystore_open(scene->origin.path, "une autre phrase", &store, &err),
                        CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "KEY_STORE_INVALID");
    chmod(scene->origin.path, 0640);
    CU_ASSERT_NOT_EQUAL(cpts_keystore_open(scene->origin.path, PASSPHRASE, &store, &err), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(err.reason, "KEY_STORE_INVALID");
    CU_ASSERT_PTR_NULL(store);
    chmod(scene->origin.path, 0600);
    clear_scene(scene);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_seal__a_destination_opens_what_it_was_sealed),
    UNIT_TEST(test_seal__nothing_is_readable_in_what_leaves),
    UNIT_TEST(test_seal__without_the_content_key_only_the_offer_opens),
    UNIT_TEST(test_seal__the_origin_opens_it_from_a_restored_store),
    UNIT_TEST(test_seal__another_cpts_opens_nothing),
    UNIT_TEST(test_seal__what_was_changed_is_refused),
    UNIT_TEST(test_seal__a_destination_wraps_for_the_next_one),
    UNIT_TEST(test_seal__a_note_is_read_by_both_sides_only),
    UNIT_TEST(test_seal__attachments_of_every_length_open),
    UNIT_TEST(test_seal__an_attachment_is_not_cut_turned_round_or_moved),
    UNIT_TEST(test_seal__a_store_with_another_passphrase_stays_closed),
    /* The last one: it leaves another key behind. */
    UNIT_TEST(test_seal__an_origin_opens_what_was_sealed_for_it_since),
    UNIT_TEST(test_seal__a_successor_seals_for_itself_with_the_former_keys),
    UNIT_TEST(test_seal__an_old_key_still_opens_after_a_rotation),
    UNIT_TEST(test_seal__a_store_that_was_written_meanwhile_is_not_written_over),
};

UNIT_MAIN("sdk/seal")
