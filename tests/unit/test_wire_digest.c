/* SPDX-License-Identifier: Apache-2.0 */
#include <sodium.h>
#include <string.h>

#include "support/unit.h"
#include "wire/digest.h"

/* Known answers were computed with Python's hashlib, not with this code. */

static void assert_digest(const uint8_t digest[DIGEST_BYTES], const char *expected)
{
    char text[2 * DIGEST_BYTES + 1];
    sodium_bin2hex(text, sizeof text, digest, DIGEST_BYTES);
    CU_ASSERT_STRING_EQUAL(text, expected);
}

static void test_digest__the_library_is_sha256(void)
{
    uint8_t digest[DIGEST_BYTES];
    crypto_hash_sha256(digest, (const uint8_t *)"abc", 3); /* FIPS 180-4, example 1 */
    assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void test_digest__a_command_is_its_method_and_its_bytes(void)
{
    uint8_t digest[DIGEST_BYTES];
    digest_command("/cpts.v1.RegistryService/CreateCpts", (const uint8_t *)"\x0a\x01x", 3, digest);
    assert_digest(digest, "000db9fccd7c8e17650aa5cadad29c1ec57daef4cf5c9bbd49cf63ef9a6aa563");
    digest_command("", NULL, 0, digest);
    assert_digest(digest, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

static void test_digest__method_and_bytes_do_not_run_together(void)
{
    uint8_t one[DIGEST_BYTES];
    uint8_t two[DIGEST_BYTES];
    digest_command("ab", (const uint8_t *)"c", 1, one);
    digest_command("a", (const uint8_t *)"bc", 2, two);
    CU_ASSERT_NOT_EQUAL(memcmp(one, two, DIGEST_BYTES), 0);
}

static void test_digest__changes_are_chained(void)
{
    uint8_t hash[DIGEST_BYTES] = {0};
    digest_change(hash, 1, (const uint8_t *)"first", 5, hash);
    assert_digest(hash, "8667e7fc9a5b7da59e4765472e9a1c9c889c29c8b119630bb0b16eb8dab04991");
    digest_change(hash, 2, NULL, 0, hash);
    assert_digest(hash, "64743ea523694ef0bad66c10c379720fd213fec12b71930c0e8c9fb80aa9fc1a");
    digest_change(hash, INT64_MAX, (const uint8_t *)"third\0x", 7, hash);
    assert_digest(hash, "e41771b39e71966653827ed1366a415f82a3d74c6b71ec795fe07f44a0bd5826");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_digest__the_library_is_sha256),
    UNIT_TEST(test_digest__a_command_is_its_method_and_its_bytes),
    UNIT_TEST(test_digest__method_and_bytes_do_not_run_together),
    UNIT_TEST(test_digest__changes_are_chained),
};

UNIT_MAIN("wire/digest")
