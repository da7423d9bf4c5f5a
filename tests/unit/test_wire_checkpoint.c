/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/checkpoint.h"

#include <sodium.h>
#include <string.h>

#include "support/unit.h"
#include "wire/table_hash.h"

static uint8_t key[SIGNATURE_KEY_BYTES];
static uint8_t secret[SIGNATURE_SECRET_BYTES];
static const uint8_t HASH[CHECKPOINT_HASH_BYTES] = {1, 2, 3};
static const uint8_t OTHER_HASH[CHECKPOINT_HASH_BYTES] = {1, 2, 4};

static struct checkpoint_point a_point(void)
{
    const uint8_t seed[crypto_sign_SEEDBYTES] = {7};
    crypto_sign_seed_keypair(key, secret, seed);
    return (struct checkpoint_point){
        .node = "region/11", .position = 42, .hash = HASH, .signed_at_us = 1700000000000000};
}

static void test_checkpoint__a_signature_holds_for_its_point_and_key(void)
{
    struct checkpoint_point point = a_point();
    uint8_t signature[SIGNATURE_BYTES];
    CU_ASSERT_TRUE(checkpoint_sign(&point, secret, signature));
    CU_ASSERT_TRUE(checkpoint_verify(&point, signature, key));
    key[0] ^= 1;
    CU_ASSERT_FALSE(checkpoint_verify(&point, signature, key));
}

static void test_checkpoint__every_part_of_the_point_is_signed(void)
{
    struct checkpoint_point good = a_point(), bad[4] = {good, good, good, good};
    uint8_t signature[SIGNATURE_BYTES];
    CU_ASSERT_TRUE(checkpoint_sign(&good, secret, signature));
    bad[0].node = "region/12";
    bad[1].position++;
    bad[2].hash = OTHER_HASH;
    bad[3].signed_at_us++;
    for (int i = 0; i < 4; i++)
        CU_ASSERT_FALSE(checkpoint_verify(&bad[i], signature, key));
}

static void test_checkpoint__a_name_that_is_too_long_is_not_signed(void)
{
    struct checkpoint_point point = a_point();
    uint8_t signature[SIGNATURE_BYTES] = {9};
    char name[80];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    point.node = name;
    CU_ASSERT_FALSE(checkpoint_sign(&point, secret, signature));
    CU_ASSERT_EQUAL(signature[0], 9);
}

static void test_checkpoint__the_id_of_a_key_begins_its_hash(void)
{
    uint8_t id[CHECKPOINT_KEY_ID_BYTES], digest[crypto_hash_sha256_BYTES];
    (void)a_point();
    checkpoint_key_id(key, id);
    crypto_hash_sha256(digest, key, sizeof key);
    CU_ASSERT_EQUAL(memcmp(id, digest, sizeof id), 0);
}

static void test_checkpoint__tables_have_one_hash(void)
{
    uint8_t one[TABLE_HASH_BYTES], two[TABLE_HASH_BYTES] = {0};
    table_hash(one);
    CU_ASSERT_NOT_EQUAL(memcmp(one, two, sizeof one), 0);
    table_hash(two);
    CU_ASSERT_EQUAL(memcmp(one, two, sizeof one), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_checkpoint__a_signature_holds_for_its_point_and_key),
    UNIT_TEST(test_checkpoint__every_part_of_the_point_is_signed),
    UNIT_TEST(test_checkpoint__a_name_that_is_too_long_is_not_signed),
    UNIT_TEST(test_checkpoint__the_id_of_a_key_begins_its_hash),
    UNIT_TEST(test_checkpoint__tables_have_one_hash),
};

UNIT_MAIN("checkpoint")
