/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl key root, authority, generate, rotate, certify, request, sign, revoke,
 * backup, restore, inspect: what needs no node. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "input.h"
#include "key_input.h"
#include "key_view.h"
#include "session.h"

#define KEY_TEXT_BYTES 65
#define DAYS_MAX 1830
#define REGION_CHARACTERS_MAX 3

/* Tells a key on stdout: its public halves and the fingerprint to compare. */
static int print_key(const struct session *session, const cpts_keystore *store, size_t index,
                     const char *what)
{
    struct cpts_keystore_key key;
    struct cpts_key_document facts = {.size = sizeof facts};
    cpts_keystore_key_at(store, index, &key);
    facts.serial = key.serial;
    memcpy(facts.encryption_key, key.encryption_key, CPTS_KEY_BYTES);
    memcpy(facts.signing_key, key.signing_key, CPTS_KEY_BYTES);
    snprintf(facts.cpts_id, sizeof facts.cpts_id, "%s",
             cpts_keystore_kind_of(store) == CPTS_KEYSTORE_CPTS ? cpts_keystore_owner(store) : "");
    snprintf(facts.region, sizeof facts.region, "%.7s",
             cpts_keystore_kind_of(store) == CPTS_KEYSTORE_CPTS ? "" : cpts_keystore_owner(store));
    return key_view_print(session, what, &facts);
}

/* Makes a store; @p owner NULL for the root. */
static int create(struct session *session, const struct arguments *arguments,
                  enum cpts_keystore_kind kind, const char *owner, const char *what)
{
    char passphrase[KEY_PASSPHRASE_BYTES];
    struct cpts_error err;
    cpts_keystore *store = NULL;
    const char *path = NULL;
    int code = key_store_path(session, arguments, &path);
    if (code == EXIT_CODE_OK)
        code = key_passphrase(session, arguments, "passphrase-file", true, passphrase);
    if (code != EXIT_CODE_OK)
        return code;
    struct cpts_keystore_creation creation = {.size = sizeof creation,
                                              .path = path,
                                              .passphrase = passphrase,
                                              .kind = kind,
                                              .owner = owner};
    cpts_status status = cpts_keystore_create(&creation, &store, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    if (status != CPTS_OK)
        return failure_print(&err);
    code = print_key(session, store, 0, what);
    cpts_keystore_close(store);
    return code;
}

/* The root's public key alone goes to --out, as nodes and clients pin it. */
static int write_root(const struct arguments *arguments, const cpts_keystore *store)
{
    struct cpts_keystore_key key;
    char text[KEY_TEXT_BYTES];
    char *document = malloc(2 * KEY_TEXT_BYTES);
    if (document == NULL)
        return EXIT_CODE_ERROR;
    cpts_keystore_key_at(store, 0, &key);
    cpts_key_text(key.signing_key, text);
    snprintf(document, (size_t)2 * KEY_TEXT_BYTES, "%s\n", text);
    return key_document_write(arguments, document);
}

int verb_key_root(struct session *session, const struct arguments *arguments)
{
    cpts_keystore *store = NULL;
    int code = EXIT_CODE_OK;
    if (!arguments_has(arguments, "again"))
        code = create(session, arguments, CPTS_KEYSTORE_ROOT, NULL, "Federation root");
    if (code != EXIT_CODE_OK || !arguments_has(arguments, "out"))
        return code;
    code = key_store_open(session, arguments, CPTS_KEYSTORE_ROOT, &store);
    if (code == EXIT_CODE_OK)
        code = write_root(arguments, store);
    cpts_keystore_close(store);
    return code;
}

int verb_key_authority(struct session *session, const struct arguments *arguments)
{
    return create(session, arguments, CPTS_KEYSTORE_AUTHORITY, arguments->operands[0],
                  "Key authority");
}

int verb_key_generate(struct session *session, const struct arguments *arguments)
{
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    return code == EXIT_CODE_OK ? create(session, arguments, CPTS_KEYSTORE_CPTS, id, "Key") : code;
}

int verb_key_rotate(struct session *session, const struct arguments *arguments)
{
    cpts_keystore *store = NULL;
    struct cpts_error err;
    int32_t serial = 0;
    int code = key_store_open(session, arguments, CPTS_KEYSTORE_CPTS, &store);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_keystore_generate(store, &serial, &err) != CPTS_OK)
        code = failure_print(&err);
    else
        code = print_key(session, store, cpts_keystore_key_count(store) - 1, "Key");
    cpts_keystore_close(store);
    return code;
}

static int finish(const struct arguments *arguments, cpts_status status, char *document,
                  const struct cpts_error *err)
{
    return status == CPTS_OK ? key_document_write(arguments, document) : failure_print(err);
}

/* --since DATE, midnight UTC. */
static int read_since(const struct arguments *arguments, int64_t *ret_since_s)
{
    const char *text = NULL;
    struct tm day = {0};
    int code = input_date(arguments, "since", &text);
    if (code == EXIT_CODE_OK && text != NULL && strptime(text, "%Y-%m-%d", &day) != NULL)
        *ret_since_s = (int64_t)timegm(&day);
    return code;
}

int verb_key_certify(struct session *session, const struct arguments *arguments)
{
    uint8_t key[CPTS_KEY_BYTES];
    struct cpts_key_certification certification = {.size = sizeof certification,
                                                   .region = arguments->operands[0],
                                                   .serial = 1,
                                                   .signing_key = key};
    struct cpts_error err;
    cpts_keystore *store = NULL;
    char *document = NULL;
    if (!cpts_key_parse(arguments->operands[1], key))
        return usage_error(arguments->command, "%s is no public key: 64 hexadecimal digits",
                           arguments->operands[1]);
    int code = input_number(arguments, "serial", 1, INT32_MAX, &certification.serial);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "days", 1, DAYS_MAX, &certification.valid_days);
    if (code == EXIT_CODE_OK)
        code = read_since(arguments, &certification.valid_from_s);
    if (code == EXIT_CODE_OK)
        code = key_store_open(session, arguments, CPTS_KEYSTORE_ROOT, &store);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_key_certify(store, &certification, &document, &err);
    cpts_keystore_close(store);
    return finish(arguments, status, document, &err);
}

int verb_key_request(struct session *session, const struct arguments *arguments)
{
    struct cpts_key_request request = {.size = sizeof request,
                                       .region = arguments_value(arguments, "region"),
                                       .device_label = arguments_value(arguments, "device")};
    struct cpts_error err;
    cpts_keystore *store = NULL;
    char *document = NULL;
    if (request.region == NULL)
        return usage_error(arguments->command, "--region is missing");
    int code = input_number(arguments, "serial", 1, INT32_MAX, &request.serial);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "days", 1, DAYS_MAX, &request.valid_days);
    if (code == EXIT_CODE_OK)
        code = key_store_open(session, arguments, CPTS_KEYSTORE_CPTS, &store);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_key_request(store, &request, &document, &err);
    cpts_keystore_close(store);
    return finish(arguments, status, document, &err);
}

/* --certificate FILE, which an authority signs with. */
static int load_certificate(const struct arguments *arguments, char **ret_certificate)
{
    const char *path = arguments_value(arguments, "certificate");
    if (path == NULL)
        return usage_error(arguments->command, "--certificate is missing");
    return key_document_load(path, ret_certificate);
}

/* What is about to be signed, for who compares it with the CPTS. */
static void remark_fingerprint(const struct session *session, const char *request)
{
    char fingerprint[CPTS_KEY_FINGERPRINT_BYTES];
    struct cpts_key_document facts = {.size = sizeof facts};
    if (session->is_quiet || cpts_key_document_read(request, NULL, &facts, NULL) != CPTS_OK)
        return;
    cpts_key_fingerprint(facts.encryption_key, facts.signing_key, fingerprint);
    fprintf(stderr, "signed: serial %d of CPTS %s, fingerprint %s: compare it with them\n",
            facts.serial, facts.cpts_id, fingerprint);
}

int verb_key_sign(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    cpts_keystore *store = NULL;
    int32_t days = 0;
    char *request = NULL;
    char *certificate = NULL;
    char *document = NULL;
    int code = input_number(arguments, "days", 1, DAYS_MAX, &days);
    if (code == EXIT_CODE_OK)
        code = load_certificate(arguments, &certificate);
    if (code == EXIT_CODE_OK)
        code = key_document_load(arguments->operands[0], &request);
    if (code == EXIT_CODE_OK)
        code = key_store_open(session, arguments, CPTS_KEYSTORE_AUTHORITY, &store);
    if (code == EXIT_CODE_OK) {
        cpts_status status = cpts_key_sign(store, certificate, request, days, &document, &err);
        if (status == CPTS_OK)
            remark_fingerprint(session, request);
        code = finish(arguments, status, document, &err);
    }
    cpts_keystore_close(store);
    free(certificate);
    free(request);
    return code;
}

/* The root revokes a region's authority. */
static int revoke_authority(struct session *session, const struct arguments *arguments)
{
    struct cpts_key_authority_revocation revocation = {.size = sizeof revocation,
                                                       .region = arguments->operands[0]};
    struct cpts_error err;
    cpts_keystore *store = NULL;
    char *document = NULL;
    int code = input_number(arguments, "serial", 1, INT32_MAX, &revocation.serial);
    if (code == EXIT_CODE_OK && revocation.serial == 0)
        code = usage_error(arguments->command, "--serial is missing");
    if (code == EXIT_CODE_OK && arguments_has(arguments, "certificate"))
        code = usage_error(arguments->command, "--certificate is for keys of a CPTS");
    if (code == EXIT_CODE_OK)
        code = key_view_reason(arguments, &revocation.reason);
    if (code == EXIT_CODE_OK)
        code = key_store_open(session, arguments, CPTS_KEYSTORE_ROOT, &store);
    if (code == EXIT_CODE_OK) {
        cpts_status status =
            cpts_key_sign_authority_revocation(store, &revocation, &document, &err);
        code = finish(arguments, status, document, &err);
    }
    cpts_keystore_close(store);
    return code;
}

int verb_key_revoke(struct session *session, const struct arguments *arguments)
{
    if (strlen(arguments->operands[0]) <= REGION_CHARACTERS_MAX)
        return revoke_authority(session, arguments);
    struct cpts_key_revocation revocation = {.size = sizeof revocation};
    struct cpts_error err;
    cpts_keystore *store = NULL;
    char *certificate = NULL;
    char *document = NULL;
    int code = input_id(arguments, 0, &revocation.cpts_id);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "serial", 1, INT32_MAX, &revocation.serial);
    if (code == EXIT_CODE_OK && revocation.serial == 0)
        code = usage_error(arguments->command, "--serial is missing");
    if (code == EXIT_CODE_OK)
        code = key_view_reason(arguments, &revocation.reason);
    if (code == EXIT_CODE_OK)
        code = load_certificate(arguments, &certificate);
    if (code == EXIT_CODE_OK)
        code = key_store_open(session, arguments, CPTS_KEYSTORE_AUTHORITY, &store);
    if (code == EXIT_CODE_OK) {
        cpts_status status =
            cpts_key_sign_revocation(store, certificate, &revocation, &document, &err);
        code = finish(arguments, status, document, &err);
    }
    cpts_keystore_close(store);
    free(certificate);
    return code;
}

/* Copies the store to another file under a passphrase of its own. */
static int copy(struct session *session, const struct arguments *arguments,
                const cpts_keystore *store, const char *path)
{
    char passphrase[KEY_PASSPHRASE_BYTES];
    struct cpts_error err;
    int code = key_passphrase(session, arguments, "new-passphrase-file", true, passphrase);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_keystore_backup(store, path, passphrase, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    if (status != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON) {
        json_t *object =
            json_pack("{s:s,s:i}", "path", path, "keyCount", (int)cpts_keystore_key_count(store));
        char *text = object == NULL ? NULL : json_dumps(object, JSON_INDENT(2));
        json_decref(object);
        return print_json(text);
    }
    printf("%zu keys in %s\n", cpts_keystore_key_count(store), path);
    return EXIT_CODE_OK;
}

int verb_key_backup(struct session *session, const struct arguments *arguments)
{
    cpts_keystore *store = NULL;
    int code = key_store_open(session, arguments, CPTS_KEYSTORE_UNSPECIFIED, &store);
    if (code == EXIT_CODE_OK)
        code = copy(session, arguments, store, arguments->operands[0]);
    cpts_keystore_close(store);
    return code;
}

int verb_key_restore(struct session *session, const struct arguments *arguments)
{
    char passphrase[KEY_PASSPHRASE_BYTES];
    struct cpts_error err;
    cpts_keystore *store = NULL;
    const char *path = NULL;
    int code = key_store_path(session, arguments, &path);
    if (code == EXIT_CODE_OK)
        code = key_passphrase(session, arguments, "passphrase-file", false, passphrase);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_keystore_open(arguments->operands[0], passphrase, &store, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    if (status != CPTS_OK)
        return failure_print(&err);
    code = copy(session, arguments, store, path);
    cpts_keystore_close(store);
    return code;
}

/* The pinned root, for who wants a document checked. */
static int read_root(const struct arguments *arguments, uint8_t key[CPTS_KEY_BYTES],
                     const uint8_t **ret_root)
{
    const char *path = arguments_value(arguments, "root");
    char *text = NULL;
    if (path == NULL)
        path = getenv("CPTS_KEY_ROOT");
    if (path == NULL || path[0] == '\0')
        return EXIT_CODE_OK;
    int code = key_document_load(path, &text);
    if (code == EXIT_CODE_OK && !cpts_key_parse(text, key))
        code = usage_error(arguments->command, "%s has no root's public key", path);
    if (code == EXIT_CODE_OK)
        *ret_root = key;
    free(text);
    return code;
}

int verb_key_inspect(struct session *session, const struct arguments *arguments)
{
    uint8_t key[CPTS_KEY_BYTES];
    const uint8_t *root = NULL;
    struct cpts_key_document facts = {.size = sizeof facts};
    struct cpts_error err;
    char *document = NULL;
    int code = read_root(arguments, key, &root);
    if (code == EXIT_CODE_OK)
        code = key_document_load(arguments->operands[0], &document);
    if (code == EXIT_CODE_OK) {
        code = cpts_key_document_read(document, root, &facts, &err) == CPTS_OK
                   ? key_view_print(session, key_view_kind(facts.kind), &facts)
                   : failure_print(&err);
    }
    free(document);
    return code;
}
