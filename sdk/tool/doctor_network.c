/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the node: its addresses, and a TLS handshake with each. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor.h"

#define TIMEOUT_DEFAULT_MS 5000
#define SERVER_NAMES_BYTES 256

/* What the server's certificate calls itself, for the sentence about it; written
 * by the verification of this one thread. */
static char presented[SERVER_NAMES_BYTES];

static int timeout_of(const struct doctor *doctor)
{
    return doctor->session->timeout_ms > 0 ? doctor->session->timeout_ms : TIMEOUT_DEFAULT_MS;
}

/* Splits one `host:port`, brackets around an IPv6 host. */
static bool split(const char *text, size_t length, struct doctor_address *address)
{
    const char *colon = memrchr(text, ':', length);
    if (colon == NULL)
        return false;
    size_t host_length = (size_t)(colon - text), port_length = length - host_length - 1;
    if (host_length >= 2 && text[0] == '[' && text[host_length - 1] == ']') {
        text++;
        host_length -= 2;
    }
    if (host_length == 0 || host_length >= sizeof address->host || port_length == 0 ||
        port_length >= sizeof address->port)
        return false;
    snprintf(address->host, sizeof address->host, "%.*s", (int)host_length, text);
    snprintf(address->port, sizeof address->port, "%.*s", (int)port_length, colon + 1);
    return true;
}

static bool split_all(struct doctor *doctor)
{
    const char *text = doctor->session->profile.address;
    while (doctor->address_count < DOCTOR_ADDRESS_MAX) {
        size_t length = strcspn(text, ",");
        if (!split(text, length, &doctor->addresses[doctor->address_count]))
            return false;
        doctor->address_count++;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
    return false;
}

/* @return 0, or an errno. */
static int connect_in_time(int descriptor, const struct addrinfo *to, int timeout_ms)
{
    int error = 0;
    socklen_t error_bytes = sizeof error;
    struct pollfd events = {.fd = descriptor, .events = POLLOUT};
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    if (connect(descriptor, to->ai_addr, to->ai_addrlen) != 0) {
        if (errno != EINPROGRESS)
            return errno;
        if (poll(&events, 1, timeout_ms) != 1)
            return ETIMEDOUT;
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &error_bytes);
    }
    if (error == 0)
        fcntl(descriptor, F_SETFL, 0);
    return error;
}

/* @return a descriptor, or -1 with why not. */
static int dial(const struct doctor_address *address, int timeout_ms, const char **ret_why)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
    int failure = getaddrinfo(address->host, address->port, &hints, &list);
    int descriptor = -1;
    if (failure != 0) {
        *ret_why = gai_strerror(failure);
        return -1;
    }
    for (const struct addrinfo *one = list; one != NULL && descriptor < 0; one = one->ai_next) {
        descriptor = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, 0);
        int error = descriptor < 0 ? errno : connect_in_time(descriptor, one, timeout_ms);
        if (error != 0) {
            *ret_why = strerror(error);
            if (descriptor >= 0)
                close(descriptor);
            descriptor = -1;
        }
    }
    freeaddrinfo(list);
    return descriptor;
}

void doctor_address(struct doctor *doctor, struct doctor_check *check)
{
    int reached = 0;
    if (!split_all(doctor)) {
        doctor_find(check, DOCTOR_FAIL, "Write host:port, several with commas, 16 at most.",
                    "\"%s\" is not an address", doctor->session->profile.address);
        return;
    }
    for (int i = 0; i < doctor->address_count; i++) {
        struct doctor_address *address = &doctor->addresses[i];
        const char *why = "";
        int descriptor = dial(address, timeout_of(doctor), &why);
        address->is_reached = descriptor >= 0;
        reached += address->is_reached;
        if (descriptor >= 0)
            close(descriptor);
        else
            doctor_find(check, DOCTOR_WARN, "Is the node started there, and is a firewall between?",
                        "%s port %s: %s", address->host, address->port, why);
    }
    if (reached == 0) {
        check->grade = DOCTOR_FAIL;
        return;
    }
    doctor->facts |= FACT_REACHED;
    doctor_find(check, DOCTOR_OK, NULL, "%d of %d reached", reached, doctor->address_count);
}

static int remember_names(int is_fine, X509_STORE_CTX *context)
{
    char *next = presented, *end = presented + sizeof presented;
    if (X509_STORE_CTX_get_error_depth(context) != 0)
        return is_fine;
    presented[0] = '\0';
    GENERAL_NAMES *names = X509_get_ext_d2i(X509_STORE_CTX_get_current_cert(context),
                                            NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && next < end; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        char text[INET6_ADDRSTRLEN] = "";
        if (name->type == GEN_DNS)
            next +=
                snprintf(next, (size_t)(end - next), " %.*s", ASN1_STRING_length(name->d.dNSName),
                         (const char *)ASN1_STRING_get0_data(name->d.dNSName));
        else if (name->type == GEN_IPADD &&
                 inet_ntop(ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6,
                           ASN1_STRING_get0_data(name->d.iPAddress), text, sizeof text) != NULL)
            next += snprintf(next, (size_t)(end - next), " %s", text);
    }
    GENERAL_NAMES_free(names);
    return is_fine;
}

static SSL_CTX *make_context(const struct profile *profile)
{
    static const unsigned char H2[] = {2, 'h', '2'};
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, remember_names);
    SSL_CTX_set_alpn_protos(context, H2, sizeof H2);
    if (SSL_CTX_load_verify_file(context, profile->ca) == 1 &&
        SSL_CTX_use_certificate_chain_file(context, profile->certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(context, profile->key, SSL_FILETYPE_PEM) == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}

static bool is_ip_address(const char *name)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, name, bytes) == 1 || inet_pton(AF_INET6, name, bytes) == 1;
}

static void expect_name(SSL *ssl, const char *name)
{
    if (is_ip_address(name)) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    } else {
        SSL_set1_host(ssl, name);
        SSL_set_tlsext_host_name(ssl, name);
    }
}

static const char *advice_for(long verdict)
{
    switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "Use one of those names as the address, or write it as server_name in the profile.";
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "Have the node's operator renew its certificate (and check this machine's clock).";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "Is this machine's clock right?";
    default:
        return "The profile's `ca` must be the authority of the node's certificate.";
    }
}

static void find_failure(const SSL *ssl, const char *name, struct doctor_check *check)
{
    long verdict = SSL_get_verify_result(ssl);
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
        doctor_find(check, DOCTOR_FAIL, advice_for(verdict),
                    "the server's certificate is not for %s but for%s", name, presented);
    else if (verdict != X509_V_OK)
        doctor_find(check, DOCTOR_FAIL, advice_for(verdict), "the server's certificate: %s",
                    X509_verify_cert_error_string(verdict));
    else
        doctor_find(check, DOCTOR_FAIL,
                    "The node takes no such certificate: expired, or of another authority?",
                    "%s: the handshake failed: %s", name,
                    reason != NULL ? reason : "the connection was closed, or nothing came");
}

/* Shakes hands, and reads the first byte: only then a server of TLS 1.3 has said
 * what it thinks of our certificate. */
static bool shake_hands(SSL *ssl, int descriptor, const char *name, struct doctor_check *check)
{
    char byte;
    expect_name(ssl, name);
    ERR_clear_error();
    if (SSL_set_fd(ssl, descriptor) == 1 && SSL_connect(ssl) == 1 && SSL_peek(ssl, &byte, 1) == 1) {
        doctor_find(check, DOCTOR_OK, NULL, "%s with %s, for %s", SSL_get_version(ssl),
                    SSL_get_cipher_name(ssl), name);
        return true;
    }
    find_failure(ssl, name, check);
    return false;
}

static bool try_address(const struct doctor *doctor, const struct doctor_address *address,
                        SSL_CTX *context, struct doctor_check *check)
{
    const char *why = "", *server_name = doctor->session->profile.server_name;
    int timeout_ms = timeout_of(doctor);
    struct timeval timeout = {.tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000};
    int descriptor = dial(address, timeout_ms, &why);
    SSL *ssl = SSL_new(context);
    bool is_done = false;
    if (descriptor < 0 || ssl == NULL) {
        doctor_find(check, DOCTOR_FAIL, NULL, "%s: %s", address->host, why);
    } else {
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        is_done = shake_hands(ssl, descriptor, server_name[0] != '\0' ? server_name : address->host,
                              check);
    }
    SSL_free(ssl);
    if (descriptor >= 0)
        close(descriptor);
    return is_done;
}

void doctor_tls(struct doctor *doctor, struct doctor_check *check)
{
    SSL_CTX *context = make_context(&doctor->session->profile);
    if (context == NULL) {
        doctor_find(check, DOCTOR_FAIL, "Certificate, key and CA must fit; see the checks above.",
                    "the files cannot be used together: %s",
                    ERR_reason_error_string(ERR_peek_last_error()));
        return;
    }
    for (int i = 0; i < doctor->address_count; i++) {
        if (doctor->addresses[i].is_reached &&
            try_address(doctor, &doctor->addresses[i], context, check))
            doctor->facts |= FACT_TLS;
    }
    SSL_CTX_free(context);
}
