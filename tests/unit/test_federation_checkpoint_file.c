/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/checkpoint_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/unit.h"
#include "wire/checkpoint.h"
#include "wire/hexadecimal.h"

/* The first of the test vectors of RFC 8032, 7.1. */
#define SEED "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define KEY "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

static char folder[32];
static char path[64];
static struct checkpoint_signer signer;
static struct cpts_error error;

static void write_file(const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_TRUE(fputs(text, file) >= 0);
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_EQUAL(chmod(path, mode), 0);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/checkpointXXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/key", folder);
    memset(&signer, 0x55, sizeof signer);
}

static void tear_down(void)
{
    (void)unlink(path);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

/* Refused, the file is named, and the signer is as it was. */
static bool is_refused(const char *why)
{
    struct checkpoint_signer before = signer;
    cpts_status status = checkpoint_file_read(path, &signer, &error);
    return status == CPTS_FAILED_PRECONDITION &&
           strcmp(error.reason, "CONFIGURATION_INVALID") == 0 &&
           strstr(error.message, path) != NULL && strstr(error.message, why) != NULL &&
           memcmp(&before, &signer, sizeof before) == 0;
}

static void test_checkpoint_file__a_seed_makes_the_key_that_signs(void)
{
    static const char *const TEXTS[] = {SEED, SEED "\n", SEED "\r\n", SEED "  \n"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        char key[2 * SIGNATURE_KEY_BYTES + 1];
        uint8_t hash[32] = {7}, signature[SIGNATURE_BYTES];
        const struct checkpoint_point point = {
            .node = "region/11", .position = 4, .hash = hash, .signed_at_us = 5};
        set_up();
        write_file(TEXTS[i], 0600);
        CU_ASSERT_EQUAL(checkpoint_file_read(path, &signer, &error), CPTS_OK);
        CU_ASSERT_TRUE(signer.has_key);
        hexadecimal_write(signer.key, sizeof signer.key, key);
        CU_ASSERT_STRING_EQUAL(key, KEY);
        CU_ASSERT_TRUE(checkpoint_sign(&point, signer.secret, signature));
        CU_ASSERT_TRUE(checkpoint_verify(&point, signature, signer.key));
        tear_down();
    }
}

static void test_checkpoint_file__without_a_path_nothing_is_signed(void)
{
    memset(&signer, 0x55, sizeof signer);
    CU_ASSERT_EQUAL(checkpoint_file_read("", &signer, &error), CPTS_OK);
    CU_ASSERT_FALSE(signer.has_key);
    CU_ASSERT_EQUAL(signer.secret[0], 0);
}

static void test_checkpoint_file__one_that_others_may_read_is_refused(void)
{
    static const mode_t MODES[] = {0640, 0604, 0620, 0610, 0601};
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++) {
        set_up();
        write_file(SEED "\n", MODES[i]);
        CU_ASSERT_TRUE(is_refused("others than its owner may read it"));
        tear_down();
    }
}

static void test_checkpoint_file__what_is_no_seed_is_refused(void)
{
    static const char *const TEXTS[] = {"",
                                        "\n",
                                        "9d61",
                                        SEED "0",
                                        SEED "\nmore",
                                        " " SEED,
                                        "zz61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031c"
                                        "ae7f60"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        set_up();
        write_file(TEXTS[i], 0600);
        CU_ASSERT_TRUE(is_refused("not 64 hexadecimal digits"));
        tear_down();
    }
}

static void test_checkpoint_file__what_is_not_there_or_no_file_is_refused(void)
{
    set_up();
    CU_ASSERT_TRUE(is_refused("No such file"));
    strcpy(path, folder);
    CU_ASSERT_TRUE(is_refused("others than its owner may read it"));
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_checkpoint_file__a_seed_makes_the_key_that_signs),
    UNIT_TEST(test_checkpoint_file__without_a_path_nothing_is_signed),
    UNIT_TEST(test_checkpoint_file__one_that_others_may_read_is_refused),
    UNIT_TEST(test_checkpoint_file__what_is_no_seed_is_refused),
    UNIT_TEST(test_checkpoint_file__what_is_not_there_or_no_file_is_refused),
};

UNIT_MAIN("checkpoint file")
