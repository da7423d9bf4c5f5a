/* SPDX-License-Identifier: Apache-2.0 */
/* enroll and node join: a certificate for a token, or after one's own. */
#include <cpts/enrolment.h>
#include <cpts/node.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "enroll_authority.h"
#include "enroll_key.h"
#include "failure.h"
#include "key_digits.h"
#include "node_paper.h"
#include "session.h"

#define JSON_INDENT 2
#define CONNECT_TIMEOUT_SECONDS 10
#define TOKEN_LINE_BYTES 256
/* How long a new role may take to count on the node, and how often to look. */
#define WORKS_TRIES 40
#define WORKS_PAUSE_NS 250000000L

/* A run, and the files it leaves beside the profile. */
struct enrolling {
    struct session *session;
    const char *token;
    const char *address;
    const char *ca_file;
    const char *server_name;
    const char *node;
    char stem[PATH_MAX]; /* the profile's path without .ini */
    char ca[PATH_MAX];
    char key[PATH_MAX];
    char certificate[PATH_MAX];
    char request[PATH_MAX];
    struct enroll_request wish;
    /* Of a node: the file of the key of its checkpoints, and the key. */
    bool is_node;
    char checkpoint[PATH_MAX];
    char pin[PATH_MAX];
    uint8_t checkpoint_key[ENROLL_CHECKPOINT_KEY_BYTES];
    uint8_t command_id[CPTS_UUID_BYTES];
};

static cpts_status refuse_file(struct cpts_error *err, const char *path, const char *why)
{
    (void)failure_set(err, CPTS_FAILED_PRECONDITION, "CONFIGURATION_INVALID", why);
    snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return err->status;
}

static bool join(char ret_path[PATH_MAX], const char *stem, const char *ending)
{
    int length = snprintf(ret_path, PATH_MAX, "%s%s", stem, ending);
    return length > 0 && length < PATH_MAX;
}

/* Writes a file whole: under another name, then in its place. */
static cpts_status write_file(const char *path, const char *text, struct cpts_error *err)
{
    char fresh[PATH_MAX];
    FILE *file = join(fresh, path, ".new") ? fopen(fresh, "we") : NULL;
    bool is_written =
        file != NULL && fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (is_written && rename(fresh, path) == 0)
        return CPTS_OK;
    return refuse_file(err, path, strerror(errno));
}

/* The folders above a file that are not there yet, for their owner only. */
static void make_folders(const char *path)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, S_IRWXU);
        *slash = '/';
    }
}

/* Names the files: beside the profile, by its name. */
static bool settle_stem(struct enrolling *run)
{
    const char *profile = run->session->profile.path;
    size_t length = strlen(profile);
    const char *ending = length > 4 ? profile + length - 4 : "";
    if (strcmp(ending, ".ini") == 0)
        length -= 4;
    snprintf(run->stem, sizeof run->stem, "%.*s", (int)length, profile);
    return join(run->ca, run->stem, "-ca.pem") && join(run->key, run->stem, ".key") &&
           join(run->certificate, run->stem, ".pem") && join(run->request, run->stem, ".csr") &&
           join(run->checkpoint, run->stem, "-checkpoint.key") &&
           join(run->pin, run->stem, "-upstream.ini");
}

/* The profile with the files of this run. */
static cpts_status write_profile(struct enrolling *run, struct cpts_error *err)
{
    struct profile *profile = &run->session->profile;
    memcpy(profile->ca, run->ca, sizeof profile->ca);
    memcpy(profile->certificate, run->certificate, sizeof profile->certificate);
    memcpy(profile->key, run->key, sizeof profile->key);
    return profile_write(profile, err);
}

/* The authority that the token names, as a file of ours. */
static cpts_status get_authority(struct enrolling *run, struct cpts_error *err)
{
    struct enroll_authority authority = {.pem = NULL};
    (void)cpts_enrolment_token_authority(run->token, authority.sha256);
    cpts_status status =
        run->ca_file != NULL
            ? enroll_authority_read(run->ca_file, &authority, err)
            : enroll_authority_fetch(run->address, CONNECT_TIMEOUT_SECONDS, &authority, err);
    if (status == CPTS_OK)
        status = write_file(run->ca, authority.pem, err);
    free(authority.pem);
    return status;
}

/* A run that was cut off left its key and its request, which are used again. */
static cpts_status get_request(struct enrolling *run, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    if (access(run->key, F_OK) == 0 && enroll_request_read(run->request, &run->wish))
        return CPTS_OK;
    if (access(run->key, F_OK) != 0)
        status = enroll_key_make(run->key, err);
    if (status == CPTS_OK)
        status = enroll_key_request(run->key, &run->wish, err);
    if (status == CPTS_OK && !enroll_request_keep(run->request, &run->wish))
        status = refuse_file(err, run->request, "the request cannot be written");
    return status;
}

static cpts_status ask(struct enrolling *run, struct cpts_certificate **ret_certificate,
                       struct cpts_error *err)
{
    struct cpts_client_options options = {.size = sizeof options,
                                          .address = run->address,
                                          .ca_file = run->ca,
                                          .server_name = run->server_name,
                                          .timeout_ms = run->session->timeout_ms,
                                          .is_newcomer = true};
    struct cpts_certificate_wish wish = {.size = sizeof wish,
                                         .token = run->token,
                                         .request = run->wish.der,
                                         .request_bytes = run->wish.der_bytes,
                                         .checkpoint_key =
                                             run->is_node ? run->checkpoint_key : NULL};
    cpts_client *client = NULL;
    enroll_request_id(run->token, &run->wish, run->command_id);
    cpts_status status = cpts_client_open(&options, &client, err);
    if (status == CPTS_OK)
        status = cpts_certificate_enroll(client, &wish, run->command_id, 0, ret_certificate, err);
    cpts_client_close(client, 0);
    return status;
}

/* Where calls go: as told, or the same host with the port that the node named. */
static cpts_status settle_node(struct enrolling *run, int32_t port, struct cpts_error *err)
{
    struct profile *profile = &run->session->profile;
    size_t bytes = sizeof profile->address;
    int host = (int)(strrchr(run->address, ':') - run->address);
    int length = run->node != NULL
                     ? snprintf(profile->address, bytes, "%s", run->node)
                     : snprintf(profile->address, bytes, "%.*s:%d", host, run->address, port);
    int name = snprintf(profile->server_name, sizeof profile->server_name, "%s",
                        run->server_name == NULL ? "" : run->server_name);
    if ((size_t)length < bytes && (size_t)name < sizeof profile->server_name)
        return CPTS_OK;
    return failure_set(err, CPTS_INVALID_ARGUMENT, "ARGUMENT_INVALID",
                       "the node's address or name is too long");
}

/* Calls with the new certificate, until its role counts on the node. */
static cpts_status check_works(struct session *session, struct cpts_error *err)
{
    const struct timespec pause = {.tv_nsec = WORKS_PAUSE_NS};
    struct cpts_node_status *node = NULL;
    cpts_status status = session_open(session, 0, err);
    for (int i = 0; status == CPTS_OK && i < WORKS_TRIES; i++) {
        status = cpts_node_status(session->client, 0, &node, err);
        if (status != CPTS_PERMISSION_DENIED)
            break;
        if (i + 1 < WORKS_TRIES) {
            status = CPTS_OK;
            nanosleep(&pause, NULL);
        }
    }
    cpts_node_status_free(node);
    return status;
}

/* What cptsd is told of these files. */
static void tell_configuration(const struct enrolling *run,
                               const struct cpts_certificate *certificate)
{
    const struct profile *profile = &run->session->profile;
    const char *node = strstr(certificate->identity, "/node/");
    printf("For the configuration of cptsd:\n\n[node]\nname = %s\ntrust_domain = %.*s\n\n[tls]\n"
           "ca = %s\ncertificate = %s\nkey = %s\n\n[federation]\nupstream = %s\n",
           node == NULL ? "" : node + strlen("/node/"),
           node == NULL ? 0 : (int)(node - certificate->identity - (ptrdiff_t)strlen("spiffe://")),
           certificate->identity + strlen("spiffe://"), run->ca, run->certificate, run->key,
           profile->address);
    if (profile->server_name[0] != '\0')
        printf("upstream_name = %s\n", profile->server_name);
    printf("checkpoint_key = %s\nupstream_pin = %s\n", run->checkpoint, run->pin);
}

static int tell(const struct session *session, const struct cpts_certificate *certificate)
{
    char until[CPTS_INSTANT_TEXT_BYTES];
    cpts_instant_format(certificate->expires_at_us, until);
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_certificate_json(certificate, JSON_INDENT));
    if (session->is_quiet)
        printf("%s\n", certificate->identity);
    else
        printf("%s\n  certificate  %s, until %s\n  profile      %s\nThe node answers to it.\n",
               certificate->identity, certificate->serial, until, session->profile.path);
    return EXIT_CODE_OK;
}

/* Of who is no node, the node that enrolled: what it signs can be verified then. A renewal is
 * not told. A name that is none is not written: it could be lines of its own. */
static void note_node(struct enrolling *run, const struct cpts_certificate *certificate)
{
    struct profile *profile = &run->session->profile;
    const char *node = certificate->above_node;
    size_t length = strspn(node, "abcdefghijklmnopqrstuvwxyz0123456789/-");
    if (run->is_node || certificate->above_key == NULL || length == 0 || node[length] != '\0' ||
        length >= sizeof profile->node)
        return;
    memcpy(profile->node, node, length + 1);
    key_digits_write(certificate->above_key, profile->checkpoint_key);
}

static cpts_status settle(struct enrolling *run, const struct cpts_certificate *certificate,
                          struct cpts_error *err)
{
    note_node(run, certificate);
    cpts_status status = write_file(run->certificate, certificate->certificate, err);
    if (status == CPTS_OK)
        status = write_profile(run, err);
    if (status == CPTS_OK)
        status = check_works(run->session, err);
    return status;
}

static int enroll(struct enrolling *run)
{
    struct cpts_certificate *certificate = NULL;
    struct cpts_error err;
    make_folders(run->session->profile.path);
    cpts_status status = get_authority(run, &err);
    if (status == CPTS_OK)
        status = get_request(run, &err);
    if (status == CPTS_OK && run->is_node)
        status = enroll_checkpoint_key(run->checkpoint, run->checkpoint_key, &err);
    if (status == CPTS_OK)
        status = ask(run, &certificate, &err);
    if (status == CPTS_OK && run->is_node)
        status = node_paper_pin(run->pin, run->token, certificate, &err);
    if (status == CPTS_OK)
        status = settle_node(run, certificate->port, &err);
    if (status == CPTS_OK)
        status = settle(run, certificate, &err);
    int code = status == CPTS_OK ? tell(run->session, certificate) : failure_print(&err);
    if (status == CPTS_OK)
        unlink(run->request);
    if (status == CPTS_OK && run->is_node && run->session->form == FORM_OWN &&
        !run->session->is_quiet)
        tell_configuration(run, certificate);
    cpts_certificate_free(certificate);
    return code;
}

/* "-" is a line of the standard input: there the token is in no list of processes. */
static const char *read_token(const struct arguments *arguments, char line[TOKEN_LINE_BYTES])
{
    const char *token = arguments_value(arguments, "token");
    if (token == NULL || strcmp(token, "-") != 0)
        return token;
    if (fgets(line, TOKEN_LINE_BYTES, stdin) == NULL)
        return "";
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

static int check_words(const struct arguments *arguments, const struct enrolling *run)
{
    uint8_t print[CPTS_AUTHORITY_BYTES];
    if (run->token == NULL)
        return usage_error(arguments->command, "--token is missing, or --renew");
    if (run->address == NULL || strrchr(run->address, ':') == NULL)
        return usage_error(arguments->command, "--address HOST:PORT of the enrolment port");
    if (!cpts_enrolment_token_authority(run->token, print))
        return usage_error(arguments->command,
                           "that is not a token: it begins with cpts-enrol.1. and has 100 "
                           "characters");
    if (access(run->session->profile.path, F_OK) == 0)
        return usage_error(arguments->command,
                           "%s is there already: name another --profile, or --renew",
                           run->session->profile.path);
    return EXIT_CODE_OK;
}

/* The new key and certificate get names of their own; then the profile, in one step,
 * names them. What was there before stays good until its end. */
static cpts_status take_over(struct enrolling *run, const struct cpts_certificate *certificate,
                             struct cpts_error *err)
{
    char fresh[PATH_MAX];
    char ending[32];
    snprintf(ending, sizeof ending, "-%.8s", certificate->serial);
    if (!join(fresh, run->stem, ending) || !join(run->certificate, fresh, ".pem"))
        return refuse_file(err, run->stem, "the path is too long");
    char key[PATH_MAX];
    if (!join(key, fresh, ".key") || rename(run->key, key) != 0)
        return refuse_file(err, run->key, strerror(errno));
    snprintf(run->key, sizeof run->key, "%s", key);
    memcpy(run->ca, run->session->profile.ca, sizeof run->ca);
    return CPTS_OK;
}

static cpts_status renew_with(struct enrolling *run, struct cpts_certificate **ret_certificate,
                              struct cpts_error *err)
{
    struct session *session = run->session;
    struct cpts_certificate_wish wish = {.size = sizeof wish, .request = run->wish.der};
    uint8_t command_id[CPTS_UUID_BYTES];
    (void)unlink(run->key);
    cpts_status status = enroll_key_make(run->key, err);
    if (status == CPTS_OK)
        status = enroll_key_request(run->key, &run->wish, err);
    wish.request_bytes = run->wish.der_bytes;
    enroll_request_id("", &run->wish, command_id);
    if (status == CPTS_OK)
        status =
            cpts_certificate_renew(session->client, &wish, command_id, 0, ret_certificate, err);
    if (status == CPTS_OK)
        status = take_over(run, *ret_certificate, err);
    session_end(session);
    return status;
}

static int renew(struct enrolling *run, const struct arguments *arguments)
{
    struct cpts_certificate *certificate = NULL;
    struct cpts_error err;
    int code = session_connect(run->session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (!settle_stem(run) || !join(run->key, run->stem, "-next.key"))
        return usage_error(arguments->command, "the profile's path is too long");
    cpts_status status = renew_with(run, &certificate, &err);
    if (status == CPTS_OK)
        status = settle(run, certificate, &err);
    code = status == CPTS_OK ? tell(run->session, certificate) : failure_print(&err);
    cpts_certificate_free(certificate);
    return code;
}

static int run_verb(struct session *session, const struct arguments *arguments, bool is_node)
{
    char line[TOKEN_LINE_BYTES] = "";
    struct enrolling run = {.session = session,
                            .is_node = is_node,
                            .token = read_token(arguments, line),
                            .address = arguments_value(arguments, "address"),
                            .ca_file = arguments_value(arguments, "ca"),
                            .server_name = arguments_value(arguments, "server-name"),
                            .node = arguments_value(arguments, "node")};
    if (arguments_has(arguments, "renew"))
        return run.token != NULL ? usage_error(arguments->command, "--renew needs no token")
                                 : renew(&run, arguments);
    if (!session_locate(session, arguments) || !settle_stem(&run))
        return usage_error(arguments->command, "say where with --profile FILE");
    int code = check_words(arguments, &run);
    return code == EXIT_CODE_OK ? enroll(&run) : code;
}

int verb_enroll(struct session *session, const struct arguments *arguments)
{
    return run_verb(session, arguments, false);
}

int verb_node_join(struct session *session, const struct arguments *arguments)
{
    return run_verb(session, arguments, true);
}
