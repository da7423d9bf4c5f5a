/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/peer_certificate.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, 64 bits: tells entries apart fast; the bytes decide. */
#define FNV_OFFSET 14695981039346656037ULL
#define FNV_PRIME 1099511628211ULL

struct entry {
    char *pem;
    size_t pem_bytes;
    struct peer_certificate certificate;
};

/* Each certificate has one place, where a later one of the same place takes over. */
struct peer_certificates {
    struct entry entries[PEER_CERTIFICATES_MAX];
};

static X509 *parse(const char *pem, size_t pem_bytes)
{
    BIO *source = pem_bytes > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)pem_bytes);
    if (source == NULL)
        return NULL;
    X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    return certificate;
}

static bool read_time(const ASN1_TIME *asn1, time_t *ret_time)
{
    struct tm utc;
    if (ASN1_TIME_to_tm(asn1, &utc) != 1)
        return false;
    *ret_time = timegm(&utc);
    return true;
}

static bool read_serial(X509 *certificate, char ret_serial[PEER_SERIAL_BYTES])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *text = number == NULL ? NULL : BN_bn2hex(number);
    bool fits = text != NULL && strlen(text) < PEER_SERIAL_BYTES;
    if (fits)
        strcpy(ret_serial, text);
    OPENSSL_free(text);
    BN_free(number);
    return fits;
}

bool peer_certificate_read(const char *pem, size_t pem_bytes,
                           struct peer_certificate *ret_certificate)
{
    struct peer_certificate read;
    X509 *certificate = parse(pem, pem_bytes);
    bool is_read = certificate != NULL && read_serial(certificate, read.serial) &&
                   read_time(X509_get0_notBefore(certificate), &read.not_before) &&
                   read_time(X509_get0_notAfter(certificate), &read.not_after);
    X509_free(certificate);
    if (is_read)
        *ret_certificate = read;
    return is_read;
}

struct peer_certificates *peer_certificates_new(void)
{
    return calloc(1, sizeof(struct peer_certificates));
}

void peer_certificates_free(struct peer_certificates *certificates)
{
    if (certificates == NULL)
        return;
    for (size_t i = 0; i < PEER_CERTIFICATES_MAX; i++)
        free(certificates->entries[i].pem);
    free(certificates);
}

static struct entry *place_of(struct peer_certificates *certificates, const char *pem,
                              size_t pem_bytes)
{
    uint64_t hash = FNV_OFFSET;
    for (size_t i = 0; i < pem_bytes; i++)
        hash = (hash ^ (unsigned char)pem[i]) * FNV_PRIME;
    return &certificates->entries[hash % PEER_CERTIFICATES_MAX];
}

const struct peer_certificate *peer_certificates_find(struct peer_certificates *certificates,
                                                      const char *pem, size_t pem_bytes)
{
    struct entry *entry = place_of(certificates, pem, pem_bytes);
    if (entry->pem != NULL && entry->pem_bytes == pem_bytes &&
        memcmp(entry->pem, pem, pem_bytes) == 0)
        return &entry->certificate;
    struct peer_certificate read;
    char *copy = malloc(pem_bytes + 1);
    if (copy == NULL || !peer_certificate_read(pem, pem_bytes, &read)) {
        free(copy);
        return NULL;
    }
    free(entry->pem);
    memcpy(copy, pem, pem_bytes);
    *entry = (struct entry){.pem = copy, .pem_bytes = pem_bytes, .certificate = read};
    return &entry->certificate;
}
