/* SPDX-License-Identifier: Apache-2.0 */
#include "profile.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "key_digits.h"

_Static_assert(PROFILE_CHECKPOINT_KEY_BYTES == KEY_DIGITS_KEY_BYTES, "one size of a key");

static bool is_set(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static bool path_join(const char *folder, const char *name, char ret_path[PATH_MAX])
{
    int length = snprintf(ret_path, PATH_MAX, "%s%s", folder, name);
    return length > 0 && length < PATH_MAX;
}

bool profile_locate(const struct profile_places *places, char ret_path[PATH_MAX])
{
    if (is_set(places->option))
        return path_join(places->option, "", ret_path);
    if (is_set(places->profile_variable))
        return path_join(places->profile_variable, "", ret_path);
    if (is_set(places->state_variable))
        return path_join(places->state_variable, "/profile.ini", ret_path);
    if (places->is_root)
        return path_join("/var/lib/cpts", "/profile.ini", ret_path);
    return is_set(places->home) &&
           path_join(places->home, "/.local/state/cpts/profile.ini", ret_path);
}

__attribute__((format(printf, 4, 5))) static cpts_status refuse(const struct profile *profile,
                                                                struct cpts_error *err,
                                                                const char *field,
                                                                const char *format, ...)
{
    if (err != NULL) {
        va_list arguments;
        memset(err, 0, sizeof *err);
        err->status = CPTS_FAILED_PRECONDITION;
        snprintf(err->reason, sizeof err->reason, "CONFIGURATION_INVALID");
        snprintf(err->field, sizeof err->field, "%s", field);
        snprintf(err->detail, sizeof err->detail, "%.255s", profile->path);
        va_start(arguments, format);
        vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
    }
    return CPTS_FAILED_PRECONDITION;
}

/* A relative path starts from the profile's own folder. */
static bool set_path(const struct profile *profile, const char *value, char ret_path[PATH_MAX])
{
    char joined[PATH_MAX];
    const char *slash = strrchr(profile->path, '/');
    if (value[0] == '/' || slash == NULL)
        return path_join(value, "", ret_path);
    int length = snprintf(joined, sizeof joined, "%.*s/%s", (int)(slash - profile->path),
                          profile->path, value);
    if (length <= 0 || length >= PATH_MAX)
        return false;
    memcpy(ret_path, joined, (size_t)length + 1);
    return true;
}

static bool set_text(const char *value, char *ret_text, size_t text_bytes)
{
    int length = snprintf(ret_text, text_bytes, "%s", value);
    return length >= 0 && (size_t)length < text_bytes;
}

#define TEXT(field) offsetof(struct profile, field), sizeof((struct profile *)NULL)->field, false
#define FILE_PATH(field) offsetof(struct profile, field), PATH_MAX, true

/* The keys of the section. */
static const struct {
    const char *name;
    size_t offset;
    size_t text_bytes;
    bool is_path;
} KEYS[] = {
    {"address", TEXT(address)},
    {"server_name", TEXT(server_name)},
    {"ca", FILE_PATH(ca)},
    {"certificate", FILE_PATH(certificate)},
    {"key", FILE_PATH(key)},
    {"key_root", FILE_PATH(key_root)},
    {"key_memory", FILE_PATH(key_memory)},
    {"keystore", FILE_PATH(keystore)},
    {"passphrase_file", FILE_PATH(passphrase_file)},
    {"outbox", FILE_PATH(outbox)},
    {"rpps", TEXT(rpps)},
    {"profession", TEXT(profession)},
    {"function", TEXT(function)},
    {"purpose", TEXT(purpose)},
    {"node", TEXT(node)},
    {"checkpoint_key", TEXT(checkpoint_key)},
};

#define KEY_COUNT (sizeof KEYS / sizeof KEYS[0])

/* inih's callback: 0 stops with this line's number. Unknown keys are left to
 * newer versions. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct profile *profile = user;
    if (strcmp(section, "profile") != 0)
        return 1;
    for (size_t i = 0; i < KEY_COUNT; i++) {
        char *field = (char *)profile + KEYS[i].offset;
        if (strcmp(KEYS[i].name, name) != 0)
            continue;
        if (KEYS[i].is_path)
            return set_path(profile, value, field) ? 1 : 0;
        return set_text(value, field, KEYS[i].text_bytes) ? 1 : 0;
    }
    return 1;
}

static cpts_status check(const struct profile *profile, struct cpts_error *err)
{
    const struct {
        const char *name, *value;
    } required[] = {{"address", profile->address},
                    {"ca", profile->ca},
                    {"certificate", profile->certificate},
                    {"key", profile->key}};
    for (size_t i = 0; i < sizeof required / sizeof required[0]; i++) {
        if (required[i].value[0] == '\0')
            return refuse(profile, err, required[i].name, "the profile does not say %s",
                          required[i].name);
    }
    return CPTS_OK;
}

cpts_status profile_read(struct profile *profile, struct cpts_error *err)
{
    FILE *stream = fopen(profile->path, "re");
    if (stream == NULL)
        return refuse(profile, err, "", "the profile cannot be read: %s", strerror(errno));
    int line = ini_parse_file(stream, take_key, profile);
    fclose(stream);
    if (line != 0)
        return refuse(profile, err, "", "line %d of the profile is not `key = value`, or too long",
                      line);
    if (profile->key_memory[0] == '\0' && !set_path(profile, "key-memory", profile->key_memory))
        return refuse(profile, err, "key_memory", "the path is too long");
    return check(profile, err);
}

cpts_status profile_checkpoint_key(const struct profile *profile, bool *ret_has_key,
                                   uint8_t ret_key[PROFILE_CHECKPOINT_KEY_BYTES],
                                   struct cpts_error *err)
{
    bool has_key = is_set(profile->checkpoint_key);
    if (has_key && !key_digits_read(profile->checkpoint_key, ret_key))
        return refuse(profile, err, "checkpoint_key",
                      "checkpoint_key is not 64 hexadecimal digits");
    *ret_has_key = has_key;
    return CPTS_OK;
}

/* A path without the profile's own folder. */
static const char *path_beside(const struct profile *profile, const char *path)
{
    const char *slash = strrchr(profile->path, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - profile->path) + 1;
    bool is_beside =
        strncmp(path, profile->path, folder) == 0 && strchr(path + folder, '/') == NULL;
    return is_beside ? path + folder : path;
}

/* What is not set is left out. */
static void write_fresh(const struct profile *profile, FILE *file)
{
    fprintf(file, "; Written by cptsctl enroll.\n[profile]\naddress = %s\n", profile->address);
    fprintf(file, "ca = %s\n", path_beside(profile, profile->ca));
    fprintf(file, "certificate = %s\n", path_beside(profile, profile->certificate));
    fprintf(file, "key = %s\n", path_beside(profile, profile->key));
    if (profile->server_name[0] != '\0')
        fprintf(file, "server_name = %s\n", profile->server_name);
    if (profile->node[0] != '\0')
        fprintf(file, "node = %s\n", profile->node);
    if (profile->checkpoint_key[0] != '\0')
        fprintf(file, "checkpoint_key = %s\n", profile->checkpoint_key);
}

/* Whether a line is `name = …`. */
static bool is_key(const char *line, const char *name)
{
    size_t bytes = strlen(name);
    line += strspn(line, " \t");
    return strncmp(line, name, bytes) == 0 && line[bytes + strspn(line + bytes, " \t")] == '=';
}

/* What is there, with another certificate and another key. */
static void write_again(const struct profile *profile, FILE *before, FILE *file)
{
    char line[PATH_MAX + 64];
    while (fgets(line, sizeof line, before) != NULL) {
        if (is_key(line, "certificate"))
            fprintf(file, "certificate = %s\n", path_beside(profile, profile->certificate));
        else if (is_key(line, "key"))
            fprintf(file, "key = %s\n", path_beside(profile, profile->key));
        else
            fputs(line, file);
    }
}

static bool write_keys(const struct profile *profile, FILE *file)
{
    FILE *before = fopen(profile->path, "re");
    if (before != NULL)
        write_again(profile, before, file);
    else
        write_fresh(profile, file);
    if (before != NULL)
        fclose(before);
    bool is_written = fflush(file) == 0 && fsync(fileno(file)) == 0 && ferror(file) == 0;
    return fclose(file) == 0 && is_written;
}

cpts_status profile_write(const struct profile *profile, struct cpts_error *err)
{
    char fresh[PATH_MAX];
    FILE *file = path_join(profile->path, ".new", fresh) ? fopen(fresh, "we") : NULL;
    if (file != NULL && write_keys(profile, file) && rename(fresh, profile->path) == 0)
        return CPTS_OK;
    return refuse(profile, err, "", "the profile cannot be written: %s", strerror(errno));
}
