/* SPDX-License-Identifier: Apache-2.0 */
/* node renew: another certificate for a region's node, in the place of the one it has. */
#include <cpts/enrolment.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "durable_file.h"
#include "enroll_key.h"
#include "failure.h"
#include "session.h"

#define JSON_INDENT 2
#define US_PER_S INT64_C(1000000)

/* The files of the profile, and those that take their place. A run that was cut off left
 * the new certificate alone when the new key is in place already. */
struct renewal {
    struct session *session;
    char fresh_key[PATH_MAX];
    char fresh_certificate[PATH_MAX];
};

static cpts_status refuse_file(struct cpts_error *err, const char *path, const char *why)
{
    (void)failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID", why);
    snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return err->status;
}

static bool name_files(struct renewal *renewal)
{
    const struct profile *profile = &renewal->session->profile;
    int key = snprintf(renewal->fresh_key, PATH_MAX, "%s.next", profile->key);
    int certificate =
        snprintf(renewal->fresh_certificate, PATH_MAX, "%s.next", profile->certificate);
    return key > 0 && key < PATH_MAX && certificate > 0 && certificate < PATH_MAX;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm utc;
    return ASN1_TIME_to_tm(time, &utc) == 1 ? (int64_t)timegm(&utc) : 0;
}

/* From when on the certificate is to be renewed: two thirds of its life. */
static bool read_due(const char *path, int64_t *ret_due_s)
{
    FILE *file = fopen(path, "re");
    X509 *leaf = file == NULL ? NULL : PEM_read_X509(file, NULL, NULL, NULL);
    if (file != NULL)
        fclose(file);
    ERR_clear_error();
    if (leaf == NULL)
        return false;
    int64_t from_s = seconds_of(X509_get0_notBefore(leaf));
    *ret_due_s = from_s + (seconds_of(X509_get0_notAfter(leaf)) - from_s) / 3 * 2;
    X509_free(leaf);
    return true;
}

/* Puts the new pair in the place of the old one; what reads between the two steps finds
 * a key that is not the certificate's, and keeps what it has. */
static cpts_status replace(const struct renewal *renewal, struct cpts_error *err)
{
    const struct profile *profile = &renewal->session->profile;
    if (access(renewal->fresh_key, F_OK) == 0 && rename(renewal->fresh_key, profile->key) != 0)
        return refuse_file(err, profile->key, strerror(errno));
    if (rename(renewal->fresh_certificate, profile->certificate) != 0)
        return refuse_file(err, profile->certificate, strerror(errno));
    return CPTS_OK;
}

/* What a run that was cut off left. */
static cpts_status finish_former(const struct renewal *renewal, struct cpts_error *err)
{
    bool has_key = access(renewal->fresh_key, F_OK) == 0;
    bool has_certificate = access(renewal->fresh_certificate, F_OK) == 0;
    if (has_certificate && !has_key)
        return replace(renewal, err);
    if ((has_key && unlink(renewal->fresh_key) != 0) ||
        (has_certificate && unlink(renewal->fresh_certificate) != 0))
        return refuse_file(err, renewal->fresh_key, strerror(errno));
    return CPTS_OK;
}

/* The new key is of whom the old one is: the server reads it. */
static cpts_status make_key(const struct renewal *renewal, struct cpts_error *err)
{
    struct stat former;
    const char *key = renewal->session->profile.key;
    if (stat(key, &former) != 0)
        return refuse_file(err, key, strerror(errno));
    cpts_status status = enroll_key_make(renewal->fresh_key, err);
    if (status == CPTS_OK && chown(renewal->fresh_key, former.st_uid, former.st_gid) != 0)
        status = refuse_file(err, renewal->fresh_key, strerror(errno));
    return status;
}

static cpts_status ask(const struct renewal *renewal, struct cpts_certificate **ret_certificate,
                       struct cpts_error *err)
{
    struct enroll_request request;
    uint8_t command_id[CPTS_UUID_BYTES];
    cpts_status status = enroll_key_request(renewal->fresh_key, &request, err);
    if (status != CPTS_OK)
        return status;
    const struct cpts_certificate_wish wish = {
        .size = sizeof wish, .request = request.der, .request_bytes = request.der_bytes};
    enroll_request_id("", &request, command_id);
    return cpts_certificate_renew(renewal->session->client, &wish, command_id, 0, ret_certificate,
                                  err);
}

static cpts_status renew(const struct renewal *renewal, struct cpts_certificate **ret_certificate,
                         struct cpts_error *err)
{
    cpts_status status = session_open(renewal->session, 0, err);
    if (status == CPTS_OK)
        status = make_key(renewal, err);
    if (status == CPTS_OK)
        status = ask(renewal, ret_certificate, err);
    if (status != CPTS_OK)
        return status;
    const char *pem = (*ret_certificate)->certificate;
    if (!durable_file_write(
            renewal->fresh_certificate,
            (struct cpts_bytes){.bytes = (const uint8_t *)pem, .byte_count = strlen(pem)},
            S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH))
        return refuse_file(err, renewal->fresh_certificate, strerror(errno));
    return replace(renewal, err);
}

static int tell(const struct session *session, const struct cpts_certificate *certificate)
{
    char until[CPTS_INSTANT_TEXT_BYTES];
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_certificate_json(certificate, JSON_INDENT));
    cpts_instant_format(certificate->expires_at_us, until);
    if (!session->is_quiet)
        printf("%s\n  certificate  %s, until %s\nSend SIGHUP to cptsd: it reads it then.\n",
               certificate->identity, certificate->serial, until);
    return EXIT_CODE_OK;
}

static int tell_early(const struct session *session, int64_t due_s)
{
    char due[CPTS_INSTANT_TEXT_BYTES];
    cpts_instant_format(due_s * US_PER_S, due);
    if (session->form == FORM_IS_JSON)
        printf("{\"renewed_from\":\"%s\"}\n", due);
    else if (!session->is_quiet)
        printf("Nothing to do before %s.\n", due);
    return EXIT_CODE_OK;
}

int verb_node_renew(struct session *session, const struct arguments *arguments)
{
    struct renewal renewal = {.session = session};
    struct cpts_certificate *certificate = NULL;
    struct cpts_error err;
    int64_t due_s = 0;
    if (!session_locate(session, arguments))
        return usage_error(arguments->command, "say where with --profile FILE");
    cpts_status status = profile_read(&session->profile, &err);
    if (status == CPTS_OK && !name_files(&renewal))
        return usage_error(arguments->command, "the path of a file is too long");
    if (status == CPTS_OK)
        status = finish_former(&renewal, &err);
    if (status == CPTS_OK && !read_due(session->profile.certificate, &due_s))
        status = refuse_file(&err, session->profile.certificate, "it holds no certificate");
    if (status == CPTS_OK && !arguments_has(arguments, "now") && (int64_t)time(NULL) < due_s)
        return tell_early(session, due_s);
    if (status == CPTS_OK)
        status = renew(&renewal, &certificate, &err);
    int code = status == CPTS_OK ? tell(session, certificate) : failure_print(&err);
    cpts_certificate_free(certificate);
    return code;
}
