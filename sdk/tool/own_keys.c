/* SPDX-License-Identifier: Apache-2.0 */
#include "own_keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "durable_file.h"
#include "failure.h"

/* A line's end, which some editors write as two bytes. */
#define END_BYTES 2

bool own_keys_passphrase(const char *file, char ret_text[CPTS_PASSPHRASE_BYTES_MAX + 1])
{
    struct cpts_bytes bytes = {0};
    if (!durable_file_read(file, CPTS_PASSPHRASE_BYTES_MAX + END_BYTES, &bytes)) {
        fprintf(stderr, "cptsctl: %s: %s\n", file, strerror(errno));
        return false;
    }
    size_t length = strcspn((const char *)bytes.bytes, "\r\n");
    bool fits = length <= CPTS_PASSPHRASE_BYTES_MAX;
    if (fits)
        snprintf(ret_text, CPTS_PASSPHRASE_BYTES_MAX + 1, "%.*s", (int)length,
                 (const char *)bytes.bytes);
    else
        fprintf(stderr, "cptsctl: %s: longer than a passphrase\n", file);
    durable_file_wipe(&bytes);
    return fits;
}

/* Asks at the terminal, without showing what is typed. */
static bool ask(const char *path, char ret_text[CPTS_PASSPHRASE_BYTES_MAX + 1])
{
    struct termios before, silent;
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        fputs("cptsctl: no passphrase: neither --passphrase-file nor the profile names a file\n",
              stderr);
        return false;
    }
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "Passphrase of %s: ", path);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    bool is_read = fgets(ret_text, CPTS_PASSPHRASE_BYTES_MAX + 1, stdin) != NULL;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    if (is_read)
        ret_text[strcspn(ret_text, "\r\n")] = '\0';
    return is_read;
}

static const char *settle(const struct arguments *arguments, const char *option,
                          const char *otherwise)
{
    const char *value = arguments_value(arguments, option);
    return value != NULL ? value : otherwise;
}

int own_keys_open(const struct session *session, const struct arguments *arguments,
                  cpts_keystore **ret_store)
{
    struct cpts_error err;
    char passphrase[CPTS_PASSPHRASE_BYTES_MAX + 1] = "";
    const char *path = settle(arguments, "keystore", session->profile.keystore);
    const char *file = settle(arguments, "passphrase-file", session->profile.passphrase_file);
    if (path[0] == '\0')
        return usage_error(arguments->command,
                           "whose keys? --keystore FILE, or keystore in the profile");
    bool is_known = file[0] == '\0' ? ask(path, passphrase) : own_keys_passphrase(file, passphrase);
    if (!is_known)
        return EXIT_CODE_ERROR;
    cpts_status status = cpts_keystore_open(path, passphrase, ret_store, &err);
    explicit_bzero(passphrase, sizeof passphrase);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}
