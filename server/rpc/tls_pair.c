/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/tls_pair.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <string.h>
#include <time.h>

#include "wire/error.h"

/* The three texts, parsed. */
struct pair {
    X509_STORE *authorities;
    STACK_OF(X509) * chain; /* without the leaf */
    X509 *leaf;
    EVP_PKEY *key;
};

static BIO *open_text(const char *text)
{
    return BIO_new_mem_buf(text, (int)strlen(text));
}

static X509_STORE *read_authorities(const char *pem)
{
    X509_STORE *store = X509_STORE_new();
    BIO *source = open_text(pem);
    X509 *certificate = NULL;
    int count = 0;
    while (store != NULL && source != NULL &&
           (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
    }
    BIO_free(source);
    if (count > 0)
        return store;
    X509_STORE_free(store);
    return NULL;
}

static void read_chain(struct pair *pair, const char *pem)
{
    BIO *source = open_text(pem);
    X509 *certificate = NULL;
    pair->chain = sk_X509_new_null();
    while (source != NULL && pair->chain != NULL &&
           (certificate = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL) {
        if (pair->leaf == NULL)
            pair->leaf = certificate;
        else if (sk_X509_push(pair->chain, certificate) == 0)
            X509_free(certificate);
    }
    BIO_free(source);
}

/* No passphrase is ever asked for. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static void pair_open(struct pair *pair, const char *ca_pem, const char *certificate_pem,
                      const char *key_pem)
{
    *pair = (struct pair){.authorities = read_authorities(ca_pem)};
    read_chain(pair, certificate_pem);
    BIO *source = open_text(key_pem);
    pair->key = source == NULL ? NULL : PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL);
    BIO_free(source);
}

static void pair_close(struct pair *pair)
{
    X509_STORE_free(pair->authorities);
    sk_X509_pop_free(pair->chain, X509_free);
    X509_free(pair->leaf);
    EVP_PKEY_free(pair->key);
    ERR_clear_error();
}

static cpts_status verify(const struct pair *pair, struct cpts_error *err)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (context == NULL ||
        X509_STORE_CTX_init(context, pair->authorities, pair->leaf, pair->chain) != 1) {
        X509_STORE_CTX_free(context);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to check the certificate");
    }
    cpts_status status = CPTS_OK;
    if (X509_verify_cert(context) != 1)
        status = error_set(err, REASON_CONFIGURATION_INVALID,
                           "the server's certificate is not usable: %s",
                           X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    return status;
}

static cpts_status check(const struct pair *pair, int64_t *ret_not_after, struct cpts_error *err)
{
    if (pair->authorities == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID, "the CA file holds no certificate");
    if (pair->leaf == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the certificate file holds no certificate");
    if (pair->key == NULL || X509_check_private_key(pair->leaf, pair->key) != 1)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the key is not the certificate's, or cannot be read");
    struct tm utc;
    cpts_status status = verify(pair, err);
    if (status == CPTS_OK && ASN1_TIME_to_tm(X509_get0_notAfter(pair->leaf), &utc) != 1)
        status = error_set(err, REASON_CONFIGURATION_INVALID, "the certificate has no end date");
    if (status == CPTS_OK)
        *ret_not_after = timegm(&utc);
    return status;
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
