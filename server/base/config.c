/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config.h"

#include <errno.h>
#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

/* One row a key that holds text. */
static const struct {
    const char *section;
    const char *name;
    size_t offset;
    bool required;
} TEXTS[] = {
    {"node", "name", offsetof(struct config, node), true},
    {"node", "trust_domain", offsetof(struct config, trust_domain), true},
    {"listen", "address", offsetof(struct config, address), true},
    {"listen", "port_file", offsetof(struct config, port_file), false},
    {"tls", "ca", offsetof(struct config, ca), true},
    {"tls", "certificate", offsetof(struct config, certificate), true},
    {"tls", "key", offsetof(struct config, key), true},
    {"database", "conninfo", offsetof(struct config, conninfo), true},
    {"enrolment", "address", offsetof(struct config, enrolment_address), false},
    {"enrolment", "port_file", offsetof(struct config, enrolment_port_file), false},
    {"enrolment", "issuer_certificate", offsetof(struct config, issuer_certificate), false},
    {"enrolment", "issuer_key", offsetof(struct config, issuer_key), false},
    {"enrolment", "authorities", offsetof(struct config, authorities), false},
    {"keys", "root", offsetof(struct config, key_root), false},
    {"federation", "upstream", offsetof(struct config, federation.upstream), false},
    {"federation", "upstream_name", offsetof(struct config, federation.upstream_name), false},
    {"federation", "checkpoint_key", offsetof(struct config, federation.checkpoint_key), false},
    {"federation", "upstream_pin", offsetof(struct config, federation.upstream_pin), false},
};

#define NUMBER_AT(member) offsetof(struct config, member)

/* One row a key that holds a number. */
static const struct {
    const char *section;
    const char *name;
    size_t offset;
    int32_t usual;
    int32_t most;
} NUMBERS[] = {
    {"limits", "message_bytes", NUMBER_AT(limits.message_bytes), 1 << 20, 16 << 20},
    {"limits", "streams_per_connection", NUMBER_AT(limits.streams_per_connection), 256, 65536},
    {"limits", "queue_calls", NUMBER_AT(limits.queue_calls), 4096, 1 << 20},
    {"limits", "slow_connections", NUMBER_AT(limits.slow_connections), 2, 64},
    {"limits", "drain_ms", NUMBER_AT(limits.drain_ms), 10000, 600000},
    {"disclosure", "threshold_count", NUMBER_AT(disclosure_threshold_count), 11, 1000},
    {"retention", "referral_years", NUMBER_AT(retention_years), 5, 30},
    {"retention", "upload_days", NUMBER_AT(retention_upload_days), 7, 7},
    {"enrolment", "lifetime_days", NUMBER_AT(lifetime_days), 90, 90},
    {"federation", "sessions", NUMBER_AT(federation.sessions), 64, 1024},
    {"federation", "batch_changes", NUMBER_AT(federation.batch_changes), 4096, 65536},
    {"federation", "bookmark_ms", NUMBER_AT(federation.bookmark_ms), 5000, 60000},
    {"federation", "redial_max_ms", NUMBER_AT(federation.redial_max_ms), 30000, 600000},
    {"federation", "silence_max_ms", NUMBER_AT(federation.silence_max_ms), 30000, 600000},
    {"federation", "digest_every_s", NUMBER_AT(federation.digest_every_s), 86400, 604800},
};

static const struct {
    const char *name;
    enum log_level level;
} LEVELS[] = {
    {"error", LOG_ERROR}, {"warning", LOG_WARNING}, {"notice", LOG_NOTICE},
    {"info", LOG_INFO},   {"debug", LOG_DEBUG},
};

#define NATIONAL "national"
#define REGION_PREFIX "region/"
#define REGION_CODE_MIN 2
#define REGION_CODE_MAX 3

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A file being read. */
struct reading {
    struct config config;
    const char *role; /* what was said of it, or NULL */
    struct cpts_error *err;
    bool refused;
};

static int refuse(struct reading *reading, const char *section, const char *name, const char *why)
{
    reading->refused = true;
    (void)error_set(reading->err, REASON_CONFIGURATION_INVALID, "[%s] %s: %s", section, name, why);
    return 0;
}

static int32_t *number_at(struct config *config, size_t row)
{
    return (int32_t *)(void *)((char *)config + NUMBERS[row].offset);
}

static char *text_at(struct config *config, size_t row)
{
    return (char *)config + TEXTS[row].offset;
}

static int read_number(struct reading *reading, size_t row, const char *value)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < 1 || number > NUMBERS[row].most)
        return refuse(reading, NUMBERS[row].section, NUMBERS[row].name,
                      "a whole number within its range is needed");
    *number_at(&reading->config, row) = (int32_t)number;
    return 1;
}

static int read_level(struct reading *reading, const char *name, const char *value)
{
    for (size_t row = 0; strcmp(name, "level") == 0 && row < COUNT(LEVELS); row++) {
        if (strcmp(LEVELS[row].name, value) == 0) {
            reading->config.log_level = LEVELS[row].level;
            return 1;
        }
    }
    return refuse(reading, "log", name, "level is error, warning, notice, info or debug");
}

static int read_role(struct reading *reading, const char *value)
{
    static const char *const ROLES[] = {[NODE_NATIONAL] = "national", [NODE_REGIONAL] = "regional"};
    for (size_t role = 0; role < COUNT(ROLES); role++) {
        if (strcmp(ROLES[role], value) == 0) {
            reading->role = ROLES[role];
            reading->config.role = (enum node_role)role;
            return 1;
        }
    }
    return refuse(reading, "node", "role", "role is national or regional");
}

static int read_key(void *context, const char *section, const char *name, const char *value)
{
    struct reading *reading = context;
    if (reading->refused)
        return 0;
    if (strcmp(section, "log") == 0)
        return read_level(reading, name, value);
    if (strcmp(section, "node") == 0 && strcmp(name, "role") == 0)
        return read_role(reading, value);
    for (size_t row = 0; row < COUNT(NUMBERS); row++) {
        if (strcmp(NUMBERS[row].section, section) == 0 && strcmp(NUMBERS[row].name, name) == 0)
            return read_number(reading, row, value);
    }
    for (size_t row = 0; row < COUNT(TEXTS); row++) {
        if (strcmp(TEXTS[row].section, section) != 0 || strcmp(TEXTS[row].name, name) != 0)
            continue;
        if (strlen(value) >= CONFIG_TEXT_BYTES)
            return refuse(reading, section, name, "too long");
        strcpy(text_at(&reading->config, row), value);
        return 1;
    }
    return refuse(reading, section, name, "no such key");
}

static cpts_status check_required(struct reading *reading)
{
    for (size_t row = 0; row < COUNT(TEXTS); row++) {
        if (TEXTS[row].required && text_at(&reading->config, row)[0] == '\0')
            return error_set(reading->err, REASON_CONFIGURATION_INVALID, "[%s] %s is missing",
                             TEXTS[row].section, TEXTS[row].name);
    }
    if ((reading->config.issuer_certificate[0] == '\0') != (reading->config.issuer_key[0] == '\0'))
        return error_set(reading->err, REASON_CONFIGURATION_INVALID,
                         "[enrolment] issuer_certificate and issuer_key belong together");
    return CPTS_OK;
}

const char *config_region(const struct config *config)
{
    size_t prefix = strlen(REGION_PREFIX);
    return strncmp(config->node, REGION_PREFIX, prefix) == 0 ? config->node + prefix : "";
}

static bool is_region_code(const char *code)
{
    size_t length = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return code[length] == '\0' && length >= REGION_CODE_MIN && length <= REGION_CODE_MAX;
}

/* The name says the role; saying it twice is allowed when it is the same. */
static cpts_status check_role(struct reading *reading)
{
    struct config *config = &reading->config;
    bool is_national = strcmp(config->node, NATIONAL) == 0;
    enum node_role role = is_national ? NODE_NATIONAL : NODE_REGIONAL;
    if (!is_national && !is_region_code(config_region(config)))
        return error_set(reading->err, REASON_CONFIGURATION_INVALID,
                         "[node] name: national, or region/ and an INSEE code");
    if (reading->role != NULL && config->role != role)
        return error_set(reading->err, REASON_CONFIGURATION_INVALID,
                         "[node] role: %s is not the role of %s", reading->role, config->node);
    config->role = role;
    if (is_national && config->federation.upstream[0] != '\0')
        return error_set(reading->err, REASON_CONFIGURATION_INVALID,
                         "[federation] upstream: nothing is above the national node");
    if (!is_national && config->federation.upstream[0] == '\0')
        return error_set(reading->err, REASON_CONFIGURATION_INVALID,
                         "[federation] upstream is missing: a regional node needs it");
    return CPTS_OK;
}

/* What the command line says goes before the file. */
static bool take_arguments(struct reading *reading, const struct config_arguments *arguments)
{
    if (arguments != NULL && arguments->role != NULL && read_role(reading, arguments->role) == 0)
        return false;
    return arguments == NULL || arguments->upstream == NULL ||
           read_key(reading, "federation", "upstream", arguments->upstream) != 0;
}

cpts_status config_read(const char *path, const struct config_arguments *arguments,
                        struct config *ret_config, struct cpts_error *err)
{
    struct reading reading = {.config = {.log_level = LOG_INFO}, .err = err};
    for (size_t row = 0; row < COUNT(NUMBERS); row++)
        *number_at(&reading.config, row) = NUMBERS[row].usual;
    int line = ini_parse(path, read_key, &reading);
    if (reading.refused)
        return CPTS_FAILED_PRECONDITION;
    if (line < 0)
        return error_set(err, REASON_CONFIGURATION_INVALID, "%.200s cannot be read", path);
    if (line > 0)
        return error_set(err, REASON_CONFIGURATION_INVALID, "%.200s: line %d is not understood",
                         path, line);
    if (!take_arguments(&reading, arguments))
        return CPTS_FAILED_PRECONDITION;
    cpts_status status = check_required(&reading);
    if (status == CPTS_OK)
        status = check_role(&reading);
    if (reading.config.authorities[0] == '\0')
        strcpy(reading.config.authorities, reading.config.ca);
    if (status == CPTS_OK)
        *ret_config = reading.config;
    return status;
}
