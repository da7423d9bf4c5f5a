/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failure.h"

#define DIGEST_BYTES_MAX 64

static cpts_status refuse(struct cpts_error *err, const char *path, const char *why)
{
    char sentence[160];
    snprintf(sentence, sizeof sentence, "the key: %.120s", why);
    (void)failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID", sentence);
    snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return err->status;
}

cpts_status enroll_key_make(const char *path, struct cpts_error *err)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (file == NULL)
        return refuse(err, path, strerror(errno));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    bool is_written =
        key != NULL && PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    if (fflush(file) != 0 || fsync(descriptor) != 0)
        is_written = false;
    fclose(file);
    EVP_PKEY_free(key);
    if (is_written)
        return CPTS_OK;
    unlink(path);
    return refuse(err, path, "cannot be written");
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file == NULL ? NULL : PEM_read_PrivateKey(file, NULL, NULL, NULL);
    if (file != NULL)
        fclose(file);
    return key;
}

cpts_status enroll_key_request(const char *path, struct enroll_request *ret_request,
                               struct cpts_error *err)
{
    EVP_PKEY *key = read_key(path);
    X509_REQ *request = X509_REQ_new();
    uint8_t *der = NULL;
    int der_bytes = -1;
    if (key != NULL && request != NULL && X509_REQ_set_pubkey(request, key) == 1 &&
        X509_REQ_sign(request, key, EVP_sha256()) > 0)
        der_bytes = i2d_X509_REQ(request, &der);
    bool is_made = der_bytes > 0 && der_bytes <= ENROLL_REQUEST_BYTES;
    if (is_made) {
        memcpy(ret_request->der, der, (size_t)der_bytes);
        ret_request->der_bytes = (size_t)der_bytes;
    }
    OPENSSL_free(der);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_made ? CPTS_OK : refuse(err, path, "cannot be read, or signs no request");
}

/* Reads the digits of a key's secret half. */
static bool read_secret(const char *path, uint8_t ret_secret[ENROLL_CHECKPOINT_KEY_BYTES])
{
    char digits[2 * ENROLL_CHECKPOINT_KEY_BYTES + 1] = "";
    size_t byte_count = 0;
    FILE *file = fopen(path, "re");
    bool is_read = file != NULL && fgets(digits, sizeof digits, file) != NULL;
    if (file != NULL)
        fclose(file);
    is_read = is_read && OPENSSL_hexstr2buf_ex(ret_secret, ENROLL_CHECKPOINT_KEY_BYTES, &byte_count,
                                               digits, '\0') == 1;
    OPENSSL_cleanse(digits, sizeof digits);
    return is_read && byte_count == ENROLL_CHECKPOINT_KEY_BYTES;
}

static bool write_secret(const char *path, const uint8_t secret[ENROLL_CHECKPOINT_KEY_BYTES])
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    bool is_written = file != NULL;
    for (int i = 0; is_written && i < ENROLL_CHECKPOINT_KEY_BYTES; i++)
        is_written = fprintf(file, "%02x", secret[i]) == 2;
    if (file == NULL)
        return false;
    is_written =
        is_written && fputc('\n', file) != EOF && fflush(file) == 0 && fsync(descriptor) == 0;
    return fclose(file) == 0 && is_written;
}

cpts_status enroll_checkpoint_key(const char *path, uint8_t ret_key[ENROLL_CHECKPOINT_KEY_BYTES],
                                  struct cpts_error *err)
{
    uint8_t secret[ENROLL_CHECKPOINT_KEY_BYTES];
    size_t key_bytes = ENROLL_CHECKPOINT_KEY_BYTES;
    bool is_there = access(path, F_OK) == 0;
    bool is_made = is_there ? read_secret(path, secret)
                            : RAND_bytes(secret, sizeof secret) == 1 && write_secret(path, secret);
    EVP_PKEY *key =
        is_made ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof secret)
                : NULL;
    is_made = key != NULL && EVP_PKEY_get_raw_public_key(key, ret_key, &key_bytes) == 1;
    EVP_PKEY_free(key);
    OPENSSL_cleanse(secret, sizeof secret);
    ERR_clear_error();
    return is_made ? CPTS_OK : refuse(err, path, "cannot be read, or written");
}

bool enroll_request_keep(const char *path, const struct enroll_request *request)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return false;
    bool is_kept = fwrite(request->der, 1, request->der_bytes, file) == request->der_bytes;
    return fclose(file) == 0 && is_kept;
}

bool enroll_request_read(const char *path, struct enroll_request *ret_request)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    ret_request->der_bytes = fread(ret_request->der, 1, sizeof ret_request->der, file);
    fclose(file);
    return ret_request->der_bytes > 0;
}

/* UUID version 8 (RFC 9562): of the caller's own making. */
void enroll_request_id(const char *token, const struct enroll_request *request,
                       uint8_t ret_id[ENROLL_ID_BYTES])
{
    uint8_t digest[DIGEST_BYTES_MAX] = {0};
    unsigned length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
        EVP_DigestUpdate(context, token, strlen(token) + 1) == 1 &&
        EVP_DigestUpdate(context, request->der, request->der_bytes) == 1)
        EVP_DigestFinal_ex(context, digest, &length);
    EVP_MD_CTX_free(context);
    memcpy(ret_id, digest, ENROLL_ID_BYTES);
    ret_id[6] = (uint8_t)((ret_id[6] & 0x0f) | 0x80);
    ret_id[8] = (uint8_t)((ret_id[8] & 0x3f) | 0x80);
}
