/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed, for how long, and with which authority; requests are made here. */
#include "issuing/issuer.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "issuing/certificate_request.h"
#include "support/unit.h"

#define DAY_S 86400
#define URI "spiffe://cpts.test/user/01890a5d-ac96-774b-bcce-b302099a8057"

static char folder[] = "/tmp/cpts-issuing-XXXXXX";

static const char *path(const char *name)
{
    static char paths[8][128];
    static int next;
    char *text = paths[next++ % 8];
    snprintf(text, sizeof paths[0], "%s/%s", folder, name);
    return text;
}

static void add(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

static void save(const char *name, X509 *certificate, EVP_PKEY *key)
{
    char file_name[64];
    snprintf(file_name, sizeof file_name, "%s.pem", name);
    FILE *file = fopen(path(file_name), "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    snprintf(file_name, sizeof file_name, "%s.key", name);
    file = fopen(path(file_name), "w");
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
}

/* A certificate NAME.pem that lives so many days; its own issuer, or below another. */
static X509 *make(const char *name, const char *constraints, int days, X509 *above,
                  EVP_PKEY *above_key, EVP_PKEY **ret_key)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2L * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (long)days * DAY_S);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(above == NULL ? certificate : above));
    X509_set_pubkey(certificate, key);
    add(certificate, NID_basic_constraints, constraints);
    add(certificate, NID_key_usage, "critical,keyCertSign");
    X509_sign(certificate, above_key == NULL ? key : above_key, EVP_sha256());
    save(name, certificate, key);
    *ret_key = key;
    return certificate;
}

static void setup(void)
{
    EVP_PKEY *root_key, *key;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    X509 *root = make("root", "critical,CA:TRUE", 3650, NULL, NULL, &root_key);
    X509_free(make("middle", "critical,CA:TRUE", 3650, root, root_key, &key));
    EVP_PKEY_free(key);
    X509_free(make("short", "critical,CA:TRUE", 10, root, root_key, &key));
    EVP_PKEY_free(key);
    X509_free(make("dead", "critical,CA:TRUE", -1, root, root_key, &key));
    EVP_PKEY_free(key);
    X509_free(make("node", "critical,CA:FALSE", 90, root, root_key, &key));
    EVP_PKEY_free(key);
    X509_free(make("stranger", "critical,CA:TRUE", 90, NULL, NULL, &key));
    EVP_PKEY_free(key);
    EVP_PKEY_free(root_key);
    X509_free(root);
}

static void teardown(void)
{
    static const char *const NAMES[] = {"root", "middle", "short", "dead", "node", "stranger"};
    char name[64];
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        snprintf(name, sizeof name, "%s.pem", NAMES[i]);
        unlink(path(name));
        snprintf(name, sizeof name, "%s.key", NAMES[i]);
        unlink(path(name));
    }
    rmdir(folder);
}

static cpts_status open_issuer(const char *name, int days, struct issuer **issuer,
                               struct cpts_error *err)
{
    char certificate[64];
    char key[64];
    snprintf(certificate, sizeof certificate, "%s.pem", name);
    snprintf(key, sizeof key, "%s.key", name);
    struct issuer_paths paths = {.certificate = path(certificate),
                                 .key = path(key),
                                 .authorities = path("root.pem"),
                                 .node_certificate = path("node.pem"),
                                 .believed = path("root.pem")};
    return issuer_open(&paths, days, issuer, err);
}

static struct certificate_request *make_request(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *request = X509_REQ_new();
    uint8_t *der = NULL;
    struct certificate_request *read = NULL;
    X509_REQ_set_pubkey(request, key);
    X509_REQ_sign(request, key, EVP_sha256());
    int bytes = i2d_X509_REQ(request, &der);
    CU_ASSERT_EQUAL_FATAL(certificate_request_read(der, (size_t)bytes, &read, NULL), CPTS_OK);
    OPENSSL_free(der);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    return read;
}

static cpts_status sign_with(const char *name, int days, struct issued *issued,
                             struct cpts_error *err)
{
    struct issuer *issuer = NULL;
    struct certificate_request *request = make_request();
    CU_ASSERT_EQUAL_FATAL(open_issuer(name, days, &issuer, NULL), CPTS_OK);
    cpts_status status = issuer_sign(issuer, URI, NULL, request, (int64_t)time(NULL), issued, err);
    certificate_request_free(request);
    issuer_close(issuer);
    return status;
}

static int certificates_in(const char *pem)
{
    int count = 0;
    for (const char *at = pem; (at = strstr(at, "BEGIN CERTIFICATE")) != NULL; at++)
        count++;
    return count;
}

static void test_issuer__a_certificate_lives_as_long_as_said(void)
{
    struct issued issued = {0};
    int64_t now_s = time(NULL);
    CU_ASSERT_EQUAL_FATAL(sign_with("root", 30, &issued, NULL), CPTS_OK);
    CU_ASSERT_TRUE(issued.not_after_s - now_s >= 30 * DAY_S);
    CU_ASSERT_TRUE(issued.not_after_s - now_s < 30 * DAY_S + 60);
    CU_ASSERT_TRUE(issued.not_before_s < now_s - 240);
    CU_ASSERT_EQUAL(strlen(issued.serial), 32);
    CU_ASSERT_EQUAL(certificates_in(issued.pem), 1);
    issued_done(&issued);
}

static void test_issuer__never_beyond_its_own_end(void)
{
    struct issued issued = {0};
    CU_ASSERT_EQUAL_FATAL(sign_with("short", 90, &issued, NULL), CPTS_OK);
    CU_ASSERT_TRUE(issued.not_after_s - (int64_t)time(NULL) <= 10 * DAY_S);
    CU_ASSERT_EQUAL(certificates_in(issued.pem), 2);
    issued_done(&issued);
}

static void test_issuer__an_expired_one_offers_nothing(void)
{
    struct issued issued = {.not_after_s = 7};
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(sign_with("dead", 90, &issued, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "ENROLMENT_NOT_OFFERED");
    CU_ASSERT_EQUAL(issued.not_after_s, 7);
}

static void test_issuer__two_certificates_have_two_numbers(void)
{
    struct issued one = {0};
    struct issued other = {0};
    CU_ASSERT_EQUAL_FATAL(sign_with("middle", 90, &one, NULL), CPTS_OK);
    CU_ASSERT_EQUAL_FATAL(sign_with("middle", 90, &other, NULL), CPTS_OK);
    CU_ASSERT_STRING_NOT_EQUAL(one.serial, other.serial);
    CU_ASSERT_NOT_EQUAL(memcmp(one.key_sha256, other.key_sha256, sizeof one.key_sha256), 0);
    issued_done(&one);
    issued_done(&other);
}

static void test_issuer__what_cannot_sign_is_refused_at_the_start(void)
{
    static const char *const BAD[] = {"node", "stranger", "absent"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct issuer *issuer = NULL;
        struct cpts_error err = {0};
        CU_ASSERT_EQUAL(open_issuer(BAD[i], 90, &issuer, &err), CPTS_FAILED_PRECONDITION);
        CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
        CU_ASSERT_PTR_NULL(issuer);
    }
}

/* Opens the root with one path changed. */
static cpts_status open_with(const char *key, const char *authorities, struct cpts_error *err)
{
    struct issuer *issuer = NULL;
    struct issuer_paths paths = {.certificate = path("root.pem"),
                                 .key = path(key),
                                 .authorities = path(authorities),
                                 .node_certificate = path("node.pem"),
                                 .believed = path("root.pem")};
    cpts_status status = issuer_open(&paths, 90, &issuer, err);
    CU_ASSERT_PTR_NULL(issuer);
    issuer_close(issuer);
    return status;
}

static void test_issuer__key_and_authorities_must_fit(void)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(open_with("middle.key", "root.pem", &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "issuer_key"));
    CU_ASSERT_EQUAL(open_with("root.key", "stranger.pem", &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, "authorities"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(setup),
    UNIT_TEST(test_issuer__a_certificate_lives_as_long_as_said),
    UNIT_TEST(test_issuer__never_beyond_its_own_end),
    UNIT_TEST(test_issuer__an_expired_one_offers_nothing),
    UNIT_TEST(test_issuer__two_certificates_have_two_numbers),
    UNIT_TEST(test_issuer__what_cannot_sign_is_refused_at_the_start),
    UNIT_TEST(test_issuer__key_and_authorities_must_fit),
    UNIT_TEST(teardown),
};

UNIT_MAIN("issuing/issuer")
