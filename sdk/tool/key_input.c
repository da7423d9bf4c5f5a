/* SPDX-License-Identifier: Apache-2.0 */
#include "key_input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "failure.h"

#define DOCUMENT_BYTES_MAX 65536

static const char *or_variable(const char *given, const char *variable)
{
    const char *value = given != NULL ? given : getenv(variable);
    return value == NULL || value[0] == '\0' ? NULL : value;
}

int key_store_path(struct session *session, const struct arguments *arguments,
                   const char **ret_path)
{
    struct cpts_error err;
    const char *path = or_variable(arguments_value(arguments, "store"), "CPTS_KEY_STORE");
    if (path == NULL && session_locate(session, arguments) &&
        (session->profile.address[0] != '\0' || profile_read(&session->profile, &err) == CPTS_OK) &&
        session->profile.keystore[0] != '\0')
        path = session->profile.keystore;
    if (path == NULL)
        return usage_error(arguments->command,
                           "no --store: neither CPTS_KEY_STORE nor keystore of a profile is set");
    *ret_path = path;
    return EXIT_CODE_OK;
}

/* One line without its end. @return false when there is none, or it is too long. */
static bool read_line(FILE *stream, char ret_line[KEY_PASSPHRASE_BYTES])
{
    if (fgets(ret_line, KEY_PASSPHRASE_BYTES, stream) == NULL)
        return false;
    size_t length = strcspn(ret_line, "\r\n");
    bool is_whole = ret_line[length] != '\0' || feof(stream);
    ret_line[length] = '\0';
    return is_whole;
}

static int read_passphrase_file(const char *path, char ret_passphrase[KEY_PASSPHRASE_BYTES])
{
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        fprintf(stderr, "cptsctl: %s: %s\n", path, strerror(errno));
        return EXIT_CODE_ERROR;
    }
    (void)setvbuf(stream, NULL, _IONBF, 0);
    bool is_read = read_line(stream, ret_passphrase);
    fclose(stream);
    if (is_read)
        return EXIT_CODE_OK;
    fprintf(stderr, "cptsctl: %s: no passphrase on its first line\n", path);
    return EXIT_CODE_ERROR;
}

/* Asks at the terminal, whatever the standard streams are, without showing it. */
static bool ask(const char *prompt, char ret_passphrase[KEY_PASSPHRASE_BYTES])
{
    struct termios shown;
    FILE *terminal = fopen("/dev/tty", "r+e");
    if (terminal == NULL)
        return false;
    bool is_terminal = tcgetattr(fileno(terminal), &shown) == 0;
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (is_terminal)
        (void)tcsetattr(fileno(terminal), TCSAFLUSH, &hidden);
    fprintf(terminal, "%s: ", prompt);
    fflush(terminal);
    (void)setvbuf(terminal, NULL, _IONBF, 0);
    bool is_read = read_line(terminal, ret_passphrase);
    if (is_terminal)
        (void)tcsetattr(fileno(terminal), TCSAFLUSH, &shown);
    fputc('\n', terminal);
    fclose(terminal);
    return is_read;
}

int key_passphrase(const struct session *session, const struct arguments *arguments,
                   const char *option, bool is_new, char ret_passphrase[KEY_PASSPHRASE_BYTES])
{
    char again[KEY_PASSPHRASE_BYTES];
    const char *path = or_variable(arguments_value(arguments, option), "CPTS_KEY_PASSPHRASE_FILE");
    if (path != NULL)
        return read_passphrase_file(path, ret_passphrase);
    if (!is_new && session->profile.passphrase_file[0] != '\0')
        return read_passphrase_file(session->profile.passphrase_file, ret_passphrase);
    if (!ask(is_new ? "New passphrase" : "Passphrase", ret_passphrase))
        return usage_error(arguments->command, "no --%s, and no terminal to ask at", option);
    if (!is_new)
        return EXIT_CODE_OK;
    bool is_same = ask("Once more", again) && strcmp(again, ret_passphrase) == 0;
    explicit_bzero(again, sizeof again);
    if (is_same)
        return EXIT_CODE_OK;
    fputs("cptsctl: the two are different: nothing was done\n", stderr);
    return EXIT_CODE_ERROR;
}

int key_store_open(struct session *session, const struct arguments *arguments,
                   enum cpts_keystore_kind kind, cpts_keystore **ret_store)
{
    static const char *const WHOSE[] = {"", "a CPTS", "a key authority", "the federation root"};
    char passphrase[KEY_PASSPHRASE_BYTES];
    struct cpts_error err;
    const char *path = NULL;
    int code = key_store_path(session, arguments, &path);
    if (code == EXIT_CODE_OK)
        code = key_passphrase(session, arguments, "passphrase-file", false, passphrase);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_keystore_open(path, passphrase, ret_store, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    if (status != CPTS_OK)
        return failure_print(&err);
    if (kind == CPTS_KEYSTORE_UNSPECIFIED || cpts_keystore_kind_of(*ret_store) == kind)
        return EXIT_CODE_OK;
    cpts_keystore_close(*ret_store);
    *ret_store = NULL;
    return usage_error(arguments->command, "%s has not the keys of %s", path, WHOSE[kind]);
}

int key_document_load(const char *path, char **ret_document)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *stream = is_input ? stdin : fopen(path, "re");
    char *text = malloc(DOCUMENT_BYTES_MAX + 1);
    if (stream == NULL || text == NULL) {
        fprintf(stderr, "cptsctl: %s: %s\n", path, strerror(errno));
        free(text);
        if (stream != NULL && !is_input)
            fclose(stream);
        return EXIT_CODE_ERROR;
    }
    size_t length = fread(text, 1, DOCUMENT_BYTES_MAX, stream);
    text[length] = '\0';
    if (!is_input)
        fclose(stream);
    *ret_document = text;
    return EXIT_CODE_OK;
}

int key_document_write(const struct arguments *arguments, char *document)
{
    const char *path = arguments_value(arguments, "out");
    FILE *stream = path == NULL ? stdout : fopen(path, "we");
    bool is_written = stream != NULL && fputs(document, stream) >= 0;
    if (stream != NULL && path != NULL && fclose(stream) != 0)
        is_written = false;
    cpts_string_free(document);
    if (is_written)
        return EXIT_CODE_OK;
    fprintf(stderr, "cptsctl: %s: %s\n", path == NULL ? "the output" : path, strerror(errno));
    return EXIT_CODE_ERROR;
}
