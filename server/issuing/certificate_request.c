/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing/certificate_request.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

#define RSA_BITS_MIN 3072
#define RSA_BITS_MAX 4096
/* A greater exponent would make a stranger's signature slow to check. */
#define RSA_EXPONENT_BITS_MAX 64
#define GROUP_NAME_BYTES 32
#define FIELD "certificate_request"

static const char PEM_BEGIN[] = "-----BEGIN ";
/* What may stand behind the last line of a PEM text. */
static const char WHITE_SPACE[] = " \t\r\n";

struct certificate_request {
    X509_REQ *parsed;
};

static cpts_status refuse(enum reason reason, const char *sentence, struct cpts_error *err)
{
    return error_set_field(err, reason, FIELD, "%s", sentence);
}

static X509_REQ *read_der(const uint8_t *bytes, size_t byte_count)
{
    const uint8_t *end = bytes;
    X509_REQ *parsed = d2i_X509_REQ(NULL, &end, (long)byte_count);
    if (parsed != NULL && end == bytes + byte_count)
        return parsed;
    X509_REQ_free(parsed);
    return NULL;
}

/* Only white space is left of the source. */
static bool is_at_end(BIO *source)
{
    char character = '\0';
    while (BIO_read(source, &character, 1) == 1) {
        if (memchr(WHITE_SPACE, character, sizeof WHITE_SPACE - 1) == NULL)
            return false;
    }
    return true;
}

static X509_REQ *read_pem(const uint8_t *bytes, size_t byte_count)
{
    BIO *source = BIO_new_mem_buf(bytes, (int)byte_count);
    X509_REQ *parsed = source == NULL ? NULL : PEM_read_bio_X509_REQ(source, NULL, NULL, NULL);
    if (parsed != NULL && !is_at_end(source)) {
        X509_REQ_free(parsed);
        parsed = NULL;
    }
    BIO_free(source);
    return parsed;
}

static bool is_pem(const uint8_t *bytes, size_t byte_count)
{
    return byte_count > sizeof PEM_BEGIN && memcmp(bytes, PEM_BEGIN, sizeof PEM_BEGIN - 1) == 0;
}

static bool has_allowed_curve(EVP_PKEY *key)
{
    char group[GROUP_NAME_BYTES];
    size_t length = 0;
    return EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 &&
           (strcmp(group, "prime256v1") == 0 || strcmp(group, "secp384r1") == 0);
}

static bool has_allowed_size(EVP_PKEY *key)
{
    BIGNUM *exponent = NULL;
    int bits = EVP_PKEY_get_bits(key);
    bool is_allowed = bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX &&
                      EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                      BN_num_bits(exponent) <= RSA_EXPONENT_BITS_MAX;
    BN_free(exponent);
    return is_allowed;
}

static bool is_allowed_key(EVP_PKEY *key)
{
    int kind = EVP_PKEY_get_base_id(key);
    return (kind == EVP_PKEY_EC && has_allowed_curve(key)) ||
           (kind == EVP_PKEY_RSA && has_allowed_size(key));
}

/* The key is judged before its signature is: the work for strangers is bounded. */
static cpts_status check(X509_REQ *parsed, struct cpts_error *err)
{
    EVP_PKEY *key = parsed == NULL ? NULL : X509_REQ_get0_pubkey(parsed);
    if (key == NULL)
        return refuse(REASON_CERTIFICATE_REQUEST_INVALID,
                      "not a certificate request (PKCS #10, DER or PEM)", err);
    if (!is_allowed_key(key))
        return refuse(REASON_KEY_NOT_ALLOWED,
                      "its key is neither EC on P-256 or P-384 nor RSA of "
                      "3072 to 4096 bits",
                      err);
    if (X509_REQ_verify(parsed, key) != 1)
        return refuse(REASON_POSSESSION_NOT_PROVED, "it is not signed with its own key", err);
    return CPTS_OK;
}

cpts_status certificate_request_read(const uint8_t *bytes, size_t byte_count,
                                     struct certificate_request **ret_request,
                                     struct cpts_error *err)
{
    if (byte_count == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, FIELD,
                               "a certificate request is needed");
    if (byte_count > CERTIFICATE_REQUEST_BYTES_MAX)
        return error_set_field(err, REASON_CERTIFICATE_REQUEST_INVALID, FIELD,
                               "a request has at most %d bytes", CERTIFICATE_REQUEST_BYTES_MAX);
    struct certificate_request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a certificate request");
    request->parsed =
        is_pem(bytes, byte_count) ? read_pem(bytes, byte_count) : read_der(bytes, byte_count);
    cpts_status status = check(request->parsed, err);
    ERR_clear_error();
    if (status == CPTS_OK)
        *ret_request = request;
    else
        certificate_request_free(request);
    return status;
}

EVP_PKEY *certificate_request_key(const struct certificate_request *request)
{
    return X509_REQ_get0_pubkey(request->parsed);
}

void certificate_request_free(struct certificate_request *request)
{
    if (request == NULL)
        return;
    X509_REQ_free(request->parsed);
    free(request);
}
