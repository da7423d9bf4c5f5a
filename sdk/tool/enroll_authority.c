/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll_authority.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"

/* Pause between looks at a connection that is being made, milliseconds. */
#define NAP_MS 20

/* Whether that is the authority, and if so its PEM. */
static bool take(X509 *certificate, struct enroll_authority *authority)
{
    uint8_t print[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char *memory = NULL;
    if (X509_digest(certificate, EVP_sha256(), print, &length) != 1 ||
        length != CPTS_AUTHORITY_BYTES || memcmp(print, authority->sha256, length) != 0)
        return false;
    BIO *sink = BIO_new(BIO_s_mem());
    if (sink != NULL && PEM_write_bio_X509(sink, certificate) == 1) {
        long bytes = BIO_get_mem_data(sink, &memory);
        authority->pem = strndup(memory, (size_t)bytes);
    }
    BIO_free(sink);
    return authority->pem != NULL;
}

cpts_status enroll_authority_read(const char *path, struct enroll_authority *authority,
                                  struct cpts_error *err)
{
    BIO *source = BIO_new_file(path, "r");
    X509 *one = NULL;
    bool is_found = false;
    while (source != NULL && !is_found &&
           (one = PEM_read_bio_X509(source, NULL, NULL, NULL)) != NULL) {
        is_found = take(one, authority);
        X509_free(one);
    }
    BIO_free(source);
    ERR_clear_error();
    if (is_found)
        return CPTS_OK;
    (void)failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID",
                      "the file does not hold the authority that the token names");
    snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return err->status;
}

static bool take_from_chain(SSL *ssl, struct enroll_authority *authority)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; chain != NULL && i < sk_X509_num(chain); i++) {
        if (take(sk_X509_value(chain, i), authority))
            return true;
    }
    return false;
}

static cpts_status look_at(BIO *connection, int timeout_seconds, struct enroll_authority *authority,
                           struct cpts_error *err)
{
    SSL *ssl = NULL;
    BIO_get_ssl(connection, &ssl);
    if (ssl == NULL || BIO_do_connect_retry(connection, timeout_seconds, NAP_MS) != 1 ||
        BIO_do_handshake(connection) != 1)
        return failure_set(err, CPTS_UNAVAILABLE, "CONNECTION_FAILED",
                           "the enrolment port cannot be reached, or speaks no TLS");
    if (take_from_chain(ssl, authority))
        return CPTS_OK;
    return failure_set(err, CPTS_UNAUTHENTICATED, "AUTHORITY_UNKNOWN",
                       "that is not the node of the token: its certificate is of another "
                       "authority; the token was not sent");
}

/* No verification here: only the print counts, and gRPC verifies with what has it. */
cpts_status enroll_authority_fetch(const char *address, int timeout_seconds,
                                   struct enroll_authority *authority, struct cpts_error *err)
{
    static const unsigned char H2[] = {2, 'h', '2'};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    BIO *connection = NULL;
    if (context != NULL) {
        SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
        SSL_CTX_set_alpn_protos(context, H2, sizeof H2);
        connection = BIO_new_ssl_connect(context);
    }
    cpts_status status = CPTS_RESOURCE_EXHAUSTED;
    if (connection == NULL) {
        status = failure_no_memory(err, "a connection");
    } else {
        BIO_set_conn_hostname(connection, address);
        status = look_at(connection, timeout_seconds, authority, err);
    }
    BIO_free_all(connection);
    SSL_CTX_free(context);
    ERR_clear_error();
    return status;
}
