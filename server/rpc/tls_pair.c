/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/tls_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "wire/error.h"

/* The three texts, parsed. */
struct pair {
    bool has_authorities;
    X509 *leaf;
    EVP_PKEY *key;
};

static BIO *open_text(const char *text)
{
    return BIO_new_mem_buf(text, (int)strlen(text));
}

/* The first certificate of a text, NULL when there is none. */
static X509 *read_first(const char *pem)
{
    BIO *source = open_text(pem);
    X509 *certificate = source == NULL ? NULL : PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    return certificate;
}

static bool has_certificate(const char *pem)
{
    X509 *certificate = read_first(pem);
    X509_free(certificate);
    return certificate != NULL;
}

/* No passphrase is ever asked for; OpenSSL's pem_password_cb has these types. */
// NOLINTNEXTLINE(readability-non-const-parameter)
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static void pair_open(struct pair *pair, const char *ca_pem, const char *certificate_pem,
                      const char *key_pem)
{
    *pair = (struct pair){.has_authorities = has_certificate(ca_pem),
                          .leaf = read_first(certificate_pem)};
    BIO *source = open_text(key_pem);
    pair->key = source == NULL ? NULL : PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL);
    BIO_free(source);
}

static void pair_close(struct pair *pair)
{
    X509_free(pair->leaf);
    EVP_PKEY_free(pair->key);
    ERR_clear_error();
}

/* X509_cmp_time() is 0 when a date cannot be read. */
static bool is_current(const X509 *leaf)
{
    time_t now = time(NULL);
    return X509_cmp_time(X509_get0_notBefore(leaf), &now) < 0 &&
           X509_cmp_time(X509_get0_notAfter(leaf), &now) > 0;
}

static cpts_status check(const struct pair *pair, int64_t *ret_not_after, struct cpts_error *err)
{
    struct tm utc;
    if (!pair->has_authorities)
        return error_set(err, REASON_CONFIGURATION_INVALID, "the CA file holds no certificate");
    if (pair->leaf == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the certificate file holds no certificate");
    if (pair->key == NULL || X509_check_private_key(pair->leaf, pair->key) != 1)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the key is not the certificate's, or cannot be read");
    if (!is_current(pair->leaf) || ASN1_TIME_to_tm(X509_get0_notAfter(pair->leaf), &utc) != 1)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the certificate has expired, or is not valid yet");
    *ret_not_after = timegm(&utc);
    return CPTS_OK;
}

cpts_status tls_pair_check(const char *ca_pem, const char *certificate_pem, const char *key_pem,
                           int64_t *ret_not_after, struct cpts_error *err)
{
    struct pair pair;
    pair_open(&pair, ca_pem, certificate_pem, key_pem);
    cpts_status status = check(&pair, ret_not_after, err);
    pair_close(&pair);
    return status;
}
