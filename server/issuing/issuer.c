/* SPDX-License-Identifier: Apache-2.0 */
#include "issuing/issuer.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "issuing/certificate_request.h"
#include "wire/error.h"

#define PEM_BYTES_MAX ((size_t)256 * 1024)
#define SERIAL_OCTETS 16
#define S_PER_DAY 86400
/* Clocks of newcomers may be that late, seconds. */
#define EARLIER_S 300
#define VERSION_3 2
#define NAMES_BYTES 640

/* Whom a certificate names. */
struct subject {
    const char *uri;
    const char *host; /* NULL: it only calls */
};

struct issuer {
    X509 *certificate;
    EVP_PKEY *key;
    /* PEM of the issuer and those above it, without a root; may be empty. */
    char *chain;
    char *authorities;
    uint8_t fingerprint[DIGEST_BYTES];
    int lifetime_days;
};

__attribute__((format(printf, 2, 0))) static cpts_status
refuse(struct cpts_error *err, const char *format, const char *path)
{
    return error_set(err, REASON_CONFIGURATION_INVALID, format, path);
}

/* The whole file, NULL when it cannot be read or is too large. */
static char *read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : calloc(1, PEM_BYTES_MAX + 1);
    size_t byte_count = text == NULL ? 0 : fread(text, 1, PEM_BYTES_MAX, file);
    if (file != NULL)
        fclose(file);
    if (byte_count > 0 && byte_count < PEM_BYTES_MAX)
        return text;
    free(text);
    return NULL;
}

static X509 *read_first(const char *pem)
{
    BIO *source = BIO_new_mem_buf(pem, -1);
    X509 *certificate = source == NULL ? NULL : PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    return certificate;
}

static X509 *read_certificate(const char *path)
{
    char *text = read_file(path);
    X509 *certificate = text == NULL ? NULL : read_first(text);
    free(text);
    return certificate;
}

/* No passphrase is ever asked for; OpenSSL's pem_password_cb has these types. */
// NOLINTNEXTLINE(readability-non-const-parameter)
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static EVP_PKEY *read_key(const char *path)
{
    BIO *source = BIO_new_file(path, "r");
    EVP_PKEY *key =
        source == NULL ? NULL : PEM_read_bio_PrivateKey(source, NULL, no_passphrase, NULL);
    BIO_free(source);
    return key;
}

/* Every certificate of a text, as those that are trusted. */
static X509_STORE *store_of(const char *pem)
{
    X509_STORE *store = X509_STORE_new();
    BIO *source = BIO_new_mem_buf(pem, -1);
    X509 *one = NULL;
    while (store != NULL && source != NULL &&
           (one = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL) {
        X509_STORE_add_cert(store, one);
        X509_free(one);
    }
    BIO_free(source);
    return store;
}

/* Whether @p certificate is of one of the authorities of @p pem, whatever the time is. */
static bool is_below(X509 *certificate, const char *pem)
{
    X509_STORE *store = pem == NULL ? NULL : store_of(pem);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool is_fine = store != NULL && context != NULL &&
                   X509_STORE_CTX_init(context, store, certificate, NULL) == 1;
    if (is_fine) {
        X509_STORE_CTX_set_flags(context, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
        is_fine = X509_verify_cert(context) == 1;
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    return is_fine;
}

static cpts_status read_issuer(struct issuer *issuer, const struct issuer_paths *paths,
                               struct cpts_error *err)
{
    issuer->certificate = read_certificate(paths->certificate);
    if (issuer->certificate == NULL)
        return refuse(err, "[enrolment] issuer_certificate: %s holds no certificate",
                      paths->certificate);
    if (X509_check_ca(issuer->certificate) != 1 ||
        (X509_get_key_usage(issuer->certificate) & KU_KEY_CERT_SIGN) == 0)
        return refuse(err, "[enrolment] issuer_certificate: %s may not sign certificates",
                      paths->certificate);
    issuer->key = read_key(paths->key);
    if (issuer->key == NULL || X509_check_private_key(issuer->certificate, issuer->key) != 1)
        return refuse(err, "[enrolment] issuer_key: %s cannot be read or is of another certificate",
                      paths->key);
    issuer->chain =
        X509_self_signed(issuer->certificate, 0) == 1 ? strdup("") : read_file(paths->certificate);
    return issuer->chain != NULL ? CPTS_OK
                                 : error_set(err, REASON_OUT_OF_MEMORY, "no memory for the issuer");
}

static cpts_status check_believed(const struct issuer *issuer, const struct issuer_paths *paths,
                                  struct cpts_error *err)
{
    char *believed = read_file(paths->believed);
    bool is_believed = is_below(issuer->certificate, believed);
    free(believed);
    return is_believed ? CPTS_OK
                       : refuse(err,
                                "[enrolment] issuer_certificate: [tls] ca %s does not believe "
                                "what it signs",
                                paths->believed);
}

/* The authorities that newcomers are told, and the first one's print. */
static cpts_status read_authorities(struct issuer *issuer, const struct issuer_paths *paths,
                                    struct cpts_error *err)
{
    unsigned length = 0;
    X509 *node = read_certificate(paths->node_certificate);
    issuer->authorities = read_file(paths->authorities);
    X509 *first = issuer->authorities == NULL ? NULL : read_first(issuer->authorities);
    bool is_fine = first != NULL && node != NULL && is_below(node, issuer->authorities) &&
                   X509_digest(first, EVP_sha256(), issuer->fingerprint, &length) == 1;
    X509_free(first);
    X509_free(node);
    return is_fine ? CPTS_OK
                   : refuse(err,
                            "[enrolment] authorities: %s does not begin with the authority of "
                            "the node's certificate",
                            paths->authorities);
}

cpts_status issuer_open(const struct issuer_paths *paths, int lifetime_days,
                        struct issuer **ret_issuer, struct cpts_error *err)
{
    struct issuer *issuer = calloc(1, sizeof *issuer);
    if (issuer == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the issuer");
    issuer->lifetime_days = lifetime_days;
    cpts_status status = read_issuer(issuer, paths, err);
    if (status == CPTS_OK)
        status = check_believed(issuer, paths, err);
    if (status == CPTS_OK)
        status = read_authorities(issuer, paths, err);
    ERR_clear_error();
    if (status == CPTS_OK)
        *ret_issuer = issuer;
    else
        issuer_close(issuer);
    return status;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm utc;
    return ASN1_TIME_to_tm(time, &utc) == 1 ? (int64_t)timegm(&utc) : 0;
}

/* From when to when; false when the issuer itself is not valid then. */
static bool settle_dates(const struct issuer *issuer, int64_t now_s, struct issued *issued)
{
    int64_t first_s = seconds_of(X509_get0_notBefore(issuer->certificate));
    int64_t last_s = seconds_of(X509_get0_notAfter(issuer->certificate));
    issued->not_before_s = now_s - EARLIER_S < first_s ? first_s : now_s - EARLIER_S;
    issued->not_after_s = now_s + (int64_t)issuer->lifetime_days * S_PER_DAY;
    if (issued->not_after_s > last_s)
        issued->not_after_s = last_s;
    return first_s <= now_s && now_s < last_s;
}

/* 127 random bits: the number is positive and of RFC 5280's length. */
static bool set_serial(X509 *certificate, struct issued *issued)
{
    uint8_t octets[SERIAL_OCTETS];
    if (RAND_bytes(octets, sizeof octets) != 1)
        return false;
    octets[0] = (uint8_t)((octets[0] & 0x7f) | 0x40);
    for (int i = 0; i < SERIAL_OCTETS; i++)
        snprintf(&issued->serial[2 * i], 3, "%02X", octets[i]);
    BIGNUM *number = BN_bin2bn(octets, sizeof octets, NULL);
    bool is_set =
        number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return is_set;
}

static bool set_names(X509 *certificate, const struct issuer *issuer, const char *uri)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const char *last = strrchr(uri, '/');
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                      (const unsigned char *)"CPTS federation", -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)last + 1, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate)) == 1;
}

static bool add_extension(X509 *certificate, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool is_added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return is_added;
}

/* The URI and, of who serves, its host; both without a comma or a line's end. */
static bool write_names(const struct subject *subject, char ret_names[NAMES_BYTES])
{
    const char *host = subject->host == NULL ? "" : subject->host;
    ASN1_OCTET_STRING *octets = a2i_IPADDRESS(host);
    bool is_ip = octets != NULL;
    ASN1_OCTET_STRING_free(octets);
    int length = host[0] == '\0' ? snprintf(ret_names, NAMES_BYTES, "URI:%s", subject->uri)
                                 : snprintf(ret_names, NAMES_BYTES, "URI:%s,%s:%s", subject->uri,
                                            is_ip ? "IP" : "DNS", host);
    return length > 0 && length < NAMES_BYTES;
}

/* An issuer without a key identifier cannot be named by it. */
static bool add_extensions(X509 *certificate, const struct issuer *issuer,
                           const struct subject *subject)
{
    char names[NAMES_BYTES];
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer->certificate, certificate, NULL, NULL, 0);
    return write_names(subject, names) &&
           add_extension(certificate, &context, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, &context, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, &context, NID_ext_key_usage,
                         subject->host == NULL ? "clientAuth" : "serverAuth,clientAuth") &&
           add_extension(certificate, &context, NID_subject_alt_name, names) &&
           add_extension(certificate, &context, NID_subject_key_identifier, "hash") &&
           (X509_get0_subject_key_id(issuer->certificate) == NULL ||
            add_extension(certificate, &context, NID_authority_key_identifier, "keyid"));
}

static bool hash_key(X509 *certificate, struct issued *issued)
{
    unsigned length = 0;
    uint8_t *der = NULL;
    int der_bytes = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    bool is_hashed = der_bytes > 0 && EVP_Digest(der, (size_t)der_bytes, issued->key_sha256,
                                                 &length, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return is_hashed;
}

/* The certificate and its chain as one text. */
static char *text_of(X509 *certificate, const char *chain)
{
    char *memory = NULL;
    char *text = NULL;
    BIO *sink = BIO_new(BIO_s_mem());
    if (sink != NULL && PEM_write_bio_X509(sink, certificate) == 1 && BIO_puts(sink, chain) >= 0) {
        long length = BIO_get_mem_data(sink, &memory);
        text = strndup(memory, (size_t)length);
    }
    BIO_free(sink);
    return text;
}

/* An Ed25519 key has its digest within; the others take SHA-256. */
static const EVP_MD *digest_for(const EVP_PKEY *key)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_sha256();
}

static bool fill(X509 *certificate, const struct issuer *issuer, const struct subject *subject,
                 const struct certificate_request *request, struct issued *issued)
{
    return certificate != NULL && X509_set_version(certificate, VERSION_3) == 1 &&
           set_serial(certificate, issued) && set_names(certificate, issuer, subject->uri) &&
           ASN1_TIME_set(X509_getm_notBefore(certificate), issued->not_before_s) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), issued->not_after_s) != NULL &&
           X509_set_pubkey(certificate, certificate_request_key(request)) == 1 &&
           add_extensions(certificate, issuer, subject) &&
           X509_sign(certificate, issuer->key, digest_for(issuer->key)) > 0 &&
           hash_key(certificate, issued);
}

cpts_status issuer_sign(const struct issuer *issuer, const char *uri, const char *host,
                        const struct certificate_request *request, int64_t now_s,
                        struct issued *ret_issued, struct cpts_error *err)
{
    const struct subject subject = {uri, host};
    struct issued issued = {0};
    if (!settle_dates(issuer, now_s, &issued))
        return error_set(err, REASON_ENROLMENT_NOT_OFFERED,
                         "the certificate of the issuing authority is not valid today");
    X509 *certificate = X509_new();
    if (fill(certificate, issuer, &subject, request, &issued))
        issued.pem = text_of(certificate, issuer->chain);
    X509_free(certificate);
    ERR_clear_error();
    if (issued.pem == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to sign a certificate");
    *ret_issued = issued;
    return CPTS_OK;
}

void issued_done(struct issued *issued)
{
    free(issued->pem);
    issued->pem = NULL;
}

const char *issuer_authorities(const struct issuer *issuer)
{
    return issuer->authorities;
}

void issuer_fingerprint(const struct issuer *issuer, uint8_t ret_sha256[DIGEST_BYTES])
{
    memcpy(ret_sha256, issuer->fingerprint, DIGEST_BYTES);
}

void issuer_close(struct issuer *issuer)
{
    if (issuer == NULL)
        return;
    X509_free(issuer->certificate);
    EVP_PKEY_free(issuer->key);
    free(issuer->chain);
    free(issuer->authorities);
    free(issuer);
}
