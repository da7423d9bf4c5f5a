/* SPDX-License-Identifier: Apache-2.0 */
/* The profile and the three files that it names. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "doctor.h"

#define DAY_S 86400
#define WARN_DAYS 30
#define SPIFFE "spiffe://"

static const char ADVICE_PROFILE[] =
    "Run deploy/quickstart, or name a profile with --profile FILE.";
static const char ADVICE_ISSUE[] = "Have the certificate issued anew: deploy/certificate issue.";
static const char ADVICE_CA[] = "Fetch the node's CA file from its operator, and name it as `ca`.";

enum doctor_grade doctor_days_left(int64_t instant_s, int64_t *ret_days)
{
    int64_t left_s = instant_s - (int64_t)time(NULL);
    *ret_days = left_s / DAY_S;
    return left_s <= 0                           ? DOCTOR_FAIL
           : left_s < (int64_t)WARN_DAYS * DAY_S ? DOCTOR_WARN
                                                 : DOCTOR_OK;
}

void doctor_profile(struct doctor *doctor, struct doctor_check *check)
{
    struct cpts_error err;
    struct session *session = doctor->session;
    if (!session_locate(session, doctor->arguments)) {
        doctor_find(check, DOCTOR_FAIL, ADVICE_PROFILE,
                    "none: neither --profile, CPTS_PROFILE, CPTS_STATE nor HOME is set");
        return;
    }
    if (profile_read(&session->profile, &err) != CPTS_OK) {
        doctor_find(check, DOCTOR_FAIL, ADVICE_PROFILE, "%s: %s", session->profile.path,
                    err.message);
        return;
    }
    doctor->facts |= FACT_PROFILE;
    doctor_find(check, DOCTOR_OK, NULL, "%s, node at %s", session->profile.path,
                session->profile.address);
}

static FILE *open_file(const char *path, struct doctor_check *check)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        doctor_find(check, DOCTOR_FAIL,
                    "Correct the path in the profile, or who may read the file.", "%s: %s", path,
                    strerror(errno));
    return file;
}

static int64_t seconds_of(const ASN1_TIME *instant)
{
    struct tm utc;
    return ASN1_TIME_to_tm(instant, &utc) == 1 ? (int64_t)timegm(&utc) : 0;
}

static bool is_early(const X509 *certificate)
{
    return seconds_of(X509_get0_notBefore(certificate)) > (int64_t)time(NULL);
}

/* How many authorities there are, and how many of them count today. */
static void count_authorities(FILE *file, int *ret_count, int *ret_current)
{
    X509 *certificate;
    while ((certificate = PEM_read_X509(file, NULL, NULL, NULL)) != NULL) {
        int64_t days;
        *ret_count += 1;
        *ret_current +=
            !is_early(certificate) &&
            doctor_days_left(seconds_of(X509_get0_notAfter(certificate)), &days) != DOCTOR_FAIL;
        X509_free(certificate);
    }
    ERR_clear_error();
}

void doctor_ca(struct doctor *doctor, struct doctor_check *check)
{
    const char *path = doctor->session->profile.ca;
    int count = 0, current_count = 0;
    FILE *file = open_file(path, check);
    if (file == NULL)
        return;
    count_authorities(file, &count, &current_count);
    fclose(file);
    if (count == 0) {
        doctor_find(check, DOCTOR_FAIL, ADVICE_CA, "%s holds no PEM certificate", path);
    } else if (current_count == 0) {
        doctor->facts |= FACT_CA;
        doctor_find(check, DOCTOR_FAIL, ADVICE_CA, "%s: no authority is valid today", path);
    } else {
        doctor->facts |= FACT_CA;
        doctor_find(check, DOCTOR_OK, NULL, "%s: %d of %d authorities valid today", path,
                    current_count, count);
    }
}

static X509 *read_leaf(const char *path, struct doctor_check *check)
{
    FILE *file = open_file(path, check);
    if (file == NULL)
        return NULL;
    X509 *leaf = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    ERR_clear_error();
    if (leaf == NULL)
        doctor_find(check, DOCTOR_FAIL, ADVICE_ISSUE, "%s holds no PEM certificate", path);
    return leaf;
}

/* The one URI that says who we are; empty when there is none or several. */
static void read_identity(X509 *leaf, char *ret_uri, size_t uri_bytes)
{
    int count = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    ret_uri[0] = '\0';
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI)
            continue;
        count++;
        snprintf(ret_uri, uri_bytes, "%.*s", ASN1_STRING_length(name->d.uniformResourceIdentifier),
                 (const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier));
    }
    GENERAL_NAMES_free(names);
    if (count != 1 || strncmp(ret_uri, SPIFFE, strlen(SPIFFE)) != 0)
        ret_uri[0] = '\0';
}

static void judge_leaf(X509 *leaf, const char *path, struct doctor_check *check)
{
    char uri[DOCTOR_HOST_BYTES];
    int64_t days = 0;
    enum doctor_grade grade = doctor_days_left(seconds_of(X509_get0_notAfter(leaf)), &days);
    read_identity(leaf, uri, sizeof uri);
    if (uri[0] == '\0')
        doctor_find(check, DOCTOR_FAIL, ADVICE_ISSUE, "%s has not exactly one %s identity", path,
                    SPIFFE);
    else if (is_early(leaf))
        doctor_find(check, DOCTOR_FAIL, "Is this machine's clock right?", "%s is not valid yet",
                    path);
    else if (grade == DOCTOR_FAIL)
        doctor_find(check, DOCTOR_FAIL, ADVICE_ISSUE, "%s expired %lld days ago", path,
                    (long long)-days);
    else
        doctor_find(check, grade, grade == DOCTOR_OK ? NULL : ADVICE_ISSUE,
                    "%s is %s, for %lld days more", path, uri, (long long)days);
}

void doctor_certificate(struct doctor *doctor, struct doctor_check *check)
{
    const char *path = doctor->session->profile.certificate;
    X509 *leaf = read_leaf(path, check);
    if (leaf == NULL)
        return;
    doctor->facts |= FACT_CERTIFICATE;
    judge_leaf(leaf, path, check);
    X509_free(leaf);
}

/* No passphrase is ever asked for; OpenSSL's pem_password_cb has these types. */
// NOLINTNEXTLINE(readability-non-const-parameter)
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer, (void)size, (void)writing, (void)context;
    return 0;
}

static EVP_PKEY *read_key(const char *path, struct doctor_check *check)
{
    FILE *file = open_file(path, check);
    if (file == NULL)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    fclose(file);
    ERR_clear_error();
    if (key == NULL)
        doctor_find(check, DOCTOR_FAIL, ADVICE_ISSUE,
                    "%s holds no PEM key, or one with a passphrase", path);
    return key;
}

static bool is_the_certificates(EVP_PKEY *key, const char *path)
{
    struct doctor_check ignored = {0};
    X509 *leaf = read_leaf(path, &ignored);
    bool is_right = leaf != NULL && X509_check_private_key(leaf, key) == 1;
    X509_free(leaf);
    ERR_clear_error();
    return is_right;
}

static bool is_open_to_others(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

void doctor_key(struct doctor *doctor, struct doctor_check *check)
{
    const struct profile *profile = &doctor->session->profile;
    EVP_PKEY *key = read_key(profile->key, check);
    if (key == NULL)
        return;
    if (!is_the_certificates(key, profile->certificate)) {
        doctor_find(
            check, DOCTOR_FAIL,
            "Certificate and key come in pairs: name both of one pair, or have it issued anew.",
            "%s is not the key of %s", profile->key, profile->certificate);
    } else {
        doctor->facts |= FACT_KEY;
        if (is_open_to_others(profile->key))
            doctor_find(check, DOCTOR_WARN, "chmod 600 it: whoever reads the key can act as you.",
                        "%s can be read by others", profile->key);
        else
            doctor_find(check, DOCTOR_OK, NULL, "%s is the certificate's", profile->key);
    }
    EVP_PKEY_free(key);
}
