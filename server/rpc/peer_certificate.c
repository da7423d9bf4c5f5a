/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/peer_certificate.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "wire/error.h"

static X509 *read_certificate(const char *pem, size_t pem_bytes)
{
    BIO *source = pem_bytes > INT_MAX ? NULL : BIO_new_mem_buf(pem, (int)pem_bytes);
    if (source == NULL)
        return NULL;
    X509 *certificate = PEM_read_bio_X509(source, NULL, NULL, NULL);
    BIO_free(source);
    return certificate;
}

cpts_status peer_certificate_check(const char *pem, size_t pem_bytes, time_t now,
                                   struct cpts_error *err)
{
    X509 *certificate = read_certificate(pem, pem_bytes);
    /* X509_cmp_time() is 0 when a date cannot be read. */
    bool is_current = certificate != NULL &&
                      X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
                      X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0;
    X509_free(certificate);
    return is_current ? CPTS_OK
                      : error_set(err, REASON_NO_IDENTITY,
                                  "The certificate of the resumed session is not valid today");
}
