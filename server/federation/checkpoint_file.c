/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/checkpoint_file.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"

#define SEED_BYTES 32
#define SEED_DIGITS 64
#define OTHERS_MAY 077

static_assert(SEED_BYTES == crypto_sign_SEEDBYTES &&
                  SIGNATURE_KEY_BYTES == crypto_sign_PUBLICKEYBYTES &&
                  SIGNATURE_SECRET_BYTES == crypto_sign_SECRETKEYBYTES,
              "sizes of Ed25519");

static cpts_status refuse(const char *path, const char *why, struct cpts_error *err)
{
    return error_set(err, REASON_CONFIGURATION_INVALID, "[federation] checkpoint_key %.200s: %s",
                     path, why);
}

/* Reads the digits, and nothing but white space after them. */
static bool read_digits(FILE *file, char ret_digits[SEED_DIGITS + 1])
{
    char rest[8] = "";
    size_t digit_count = fread(ret_digits, 1, SEED_DIGITS, file);
    size_t rest_count = fread(rest, 1, sizeof rest - 1, file);
    ret_digits[digit_count] = '\0';
    return digit_count == SEED_DIGITS && strspn(rest, " \r\n") == rest_count;
}

static cpts_status read_seed(const char *path, uint8_t ret_seed[SEED_BYTES], struct cpts_error *err)
{
    struct stat attributes;
    char digits[SEED_DIGITS + 1];
    FILE *file = fopen(path, "re");
    if (file == NULL || fstat(fileno(file), &attributes) != 0) {
        cpts_status status = refuse(path, strerror(errno), err);
        if (file != NULL)
            fclose(file);
        return status;
    }
    bool is_secret = S_ISREG(attributes.st_mode) && (attributes.st_mode & OTHERS_MAY) == 0;
    bool is_seed =
        is_secret && read_digits(file, digits) && hexadecimal_read(digits, ret_seed, SEED_BYTES);
    sodium_memzero(digits, sizeof digits);
    fclose(file);
    if (!is_secret)
        return refuse(path, "others than its owner may read it", err);
    return is_seed ? CPTS_OK : refuse(path, "not 64 hexadecimal digits", err);
}

cpts_status checkpoint_file_read(const char *path, struct checkpoint_signer *ret_signer,
                                 struct cpts_error *err)
{
    struct checkpoint_signer signer = {.has_key = path[0] != '\0'};
    uint8_t seed[SEED_BYTES] = {0};
    char key[2 * SIGNATURE_KEY_BYTES + 1];
    if (signer.has_key) {
        if (sodium_init() < 0)
            return error_set(err, REASON_INTERNAL_ERROR, "libsodium does not start");
        cpts_status status = read_seed(path, seed, err);
        if (status != CPTS_OK)
            return status;
        (void)crypto_sign_seed_keypair(signer.key, signer.secret, seed);
        sodium_memzero(seed, sizeof seed);
        hexadecimal_write(signer.key, sizeof signer.key, key);
        log_write(LOG_NOTICE, "federation", "checkpoints are signed with the key %s", key);
    }
    *ret_signer = signer;
    return CPTS_OK;
}
