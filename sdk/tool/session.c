/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"

#define TIMEOUT_MAX_SECONDS 600
_Static_assert(TIMEOUT_MAX_SECONDS * 1000 == CPTS_TIMEOUT_MAX_MS, "the longest deadline");

int usage_error(const struct command_row *command, const char *format, ...)
{
    va_list values;
    fprintf(stderr, "cptsctl %s: ", command->name);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fprintf(stderr, "\nTry: cptsctl %s --help\n", command->name);
    return EXIT_CODE_USAGE;
}

int print_json(char *text)
{
    if (text == NULL) {
        fputs("cptsctl: no memory for the JSON\n", stderr);
        return EXIT_CODE_ERROR;
    }
    puts(text);
    cpts_string_free(text);
    return EXIT_CODE_OK;
}

static int read_form(struct session *session, const struct arguments *arguments)
{
    bool is_json = arguments_has(arguments, "json"), is_csv = arguments_has(arguments, "csv"),
         is_plain = arguments_has(arguments, "plain");
    if (is_json + is_csv + is_plain > 1)
        return usage_error(arguments->command, "only one of --json, --csv and --plain");
    session->form = is_json    ? FORM_IS_JSON
                    : is_csv   ? FORM_IS_CSV
                    : is_plain ? FORM_IS_PLAIN
                               : FORM_OWN;
    return EXIT_CODE_OK;
}

static int read_timeout(struct session *session, const struct arguments *arguments)
{
    const char *text = arguments_value(arguments, "timeout");
    if (text == NULL)
        return EXIT_CODE_OK;
    char *end = NULL;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0.001 && seconds <= TIMEOUT_MAX_SECONDS))
        return usage_error(arguments->command, "--timeout %s is not in 0.001..%d seconds", text,
                           TIMEOUT_MAX_SECONDS);
    session->timeout_ms = (int32_t)lround(seconds * 1000);
    return EXIT_CODE_OK;
}

int session_begin(struct session *session, const struct arguments *arguments)
{
    memset(session, 0, sizeof *session);
    terminal_probe(&session->terminal, arguments_has(arguments, "no-color"));
    session->is_quiet = arguments_has(arguments, "quiet");
    int code = read_form(session, arguments);
    return code == EXIT_CODE_OK ? read_timeout(session, arguments) : code;
}

bool session_locate(struct session *session, const struct arguments *arguments)
{
    struct profile_places places = {.option = arguments_value(arguments, "profile"),
                                    .profile_variable = getenv("CPTS_PROFILE"),
                                    .state_variable = getenv("CPTS_STATE"),
                                    .home = getenv("HOME"),
                                    .is_root = geteuid() == 0};
    return profile_locate(&places, session->profile.path);
}

cpts_status session_open(struct session *session, int32_t retry_max, struct cpts_error *err)
{
    struct profile *profile = &session->profile;
    cpts_status status = profile_read(profile, err);
    if (status != CPTS_OK)
        return status;
    if (profile->outbox[0] != '\0') {
        struct cpts_outbox_options box = {.size = sizeof box, .path = profile->outbox};
        status = cpts_outbox_open(&box, &session->outbox, err);
        if (status != CPTS_OK)
            return status;
    }
    const char *key_root = getenv("CPTS_KEY_ROOT");
    if (key_root == NULL || key_root[0] == '\0')
        key_root = profile->key_root;
    struct cpts_client_options options = {
        .size = sizeof options,
        .address = profile->address,
        .ca_file = profile->ca,
        .certificate_file = profile->certificate,
        .key_file = profile->key,
        .server_name = profile->server_name[0] == '\0' ? NULL : profile->server_name,
        .timeout_ms = session->timeout_ms,
        .retry_max = retry_max,
        .key_root_file = key_root,
        .key_memory_file = profile->key_memory,
        .outbox = session->outbox,
    };
    return cpts_client_open(&options, &session->client, err);
}

int session_connect(struct session *session, const struct arguments *arguments, int32_t retry_max)
{
    struct cpts_error err;
    if (!session_locate(session, arguments)) {
        fputs("cptsctl: no profile: neither --profile, CPTS_PROFILE, CPTS_STATE nor HOME is set\n",
              stderr);
        return EXIT_CODE_ERROR;
    }
    cpts_status status = session_open(session, retry_max, &err);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

void session_end(struct session *session)
{
    cpts_client_close(session->client, 0);
    session->client = NULL;
    cpts_outbox_close(session->outbox);
    session->outbox = NULL;
}

void session_remark_unknown(const struct session *session, int64_t known_at_us)
{
    char instant[CPTS_INSTANT_TEXT_BYTES];
    if (known_at_us == 0 || session->is_quiet)
        return;
    cpts_instant_format(known_at_us, instant);
    fprintf(stderr, "nothing of that was known at %s\n", instant);
}
