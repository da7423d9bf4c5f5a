/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/pin_file.h"

#include <ini.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"
#include "wire/hexadecimal.h"

#define SECTION "upstream"
#define BEGIN_LINE "-----BEGIN CERTIFICATE-----"
#define END_LINE "-----END CERTIFICATE-----"
/* More than any authority that is believed has. */
#define PEM_BYTES_MAX ((size_t)1024 * 1024)
#define EPOCH_MAX 1000000

/* A file being read. */
struct reading {
    struct upstream_pin pin;
    bool has_node, has_epoch, has_key, has_authority, has_own_epoch;
};

static bool read_epoch(const char *value, int32_t *ret_epoch)
{
    char *end = NULL;
    long number = strtol(value, &end, 10);
    if (end == value || *end != '\0' || number < 1 || number > EPOCH_MAX)
        return false;
    *ret_epoch = (int32_t)number;
    return true;
}

/* inih's callback: 0 stops with this line's number. Unknown keys are left to newer
 * versions. */
static int take_key(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    struct upstream_pin *pin = &reading->pin;
    if (strcmp(section, SECTION) != 0)
        return 1;
    if (strcmp(name, "node") == 0) {
        int length = snprintf(pin->node, sizeof pin->node, "%s", value);
        reading->has_node = length > 0 && (size_t)length < sizeof pin->node;
        return reading->has_node;
    }
    if (strcmp(name, "epoch") == 0)
        return reading->has_epoch = read_epoch(value, &pin->epoch);
    if (strcmp(name, "own_epoch") == 0)
        return reading->has_own_epoch = read_epoch(value, &pin->own_epoch);
    if (strcmp(name, "checkpoint_key") == 0)
        return reading->has_key =
                   hexadecimal_read(value, pin->checkpoint_key, sizeof pin->checkpoint_key);
    if (strcmp(name, "authority") == 0)
        return reading->has_authority =
                   hexadecimal_read(value, pin->authority, sizeof pin->authority);
    return 1;
}

cpts_status pin_file_read(const char *path, struct upstream_pin *ret_pin, struct cpts_error *err)
{
    struct reading reading = {.pin = {.has_pin = path[0] != '\0'}};
    int line = reading.pin.has_pin ? ini_parse(path, take_key, &reading) : 0;
    bool is_whole = reading.has_node && reading.has_epoch && reading.has_key &&
                    reading.has_authority && reading.has_own_epoch;
    if (line < 0)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "[federation] upstream_pin %.200s cannot be read", path);
    if (line > 0)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "[federation] upstream_pin %.200s: line %d is not understood", path, line);
    if (reading.pin.has_pin && !is_whole)
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "[federation] upstream_pin %.200s says not all of node, epoch, "
                         "checkpoint_key, authority and own_epoch",
                         path);
    *ret_pin = reading.pin;
    return CPTS_OK;
}

/* The whole of a file, with a NUL; NULL when it cannot be read or is too large. */
static char *read_whole(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = file == NULL ? NULL : malloc(PEM_BYTES_MAX + 1);
    size_t byte_count = text == NULL ? 0 : fread(text, 1, PEM_BYTES_MAX, file);
    if (file != NULL)
        fclose(file);
    if (byte_count == PEM_BYTES_MAX) {
        free(text);
        return NULL;
    }
    if (text != NULL)
        text[byte_count] = '\0';
    return text;
}

/* Whether the base64 of [from, end) is that certificate. @p der has room for it. */
static bool is_print_of(const char *from, const char *end, uint8_t *der,
                        const uint8_t sha256[DIGEST_BYTES])
{
    size_t der_bytes = 0;
    uint8_t print[crypto_hash_sha256_BYTES];
    if (sodium_base642bin(der, PEM_BYTES_MAX, from, (size_t)(end - from), " \t\r\n", &der_bytes,
                          NULL, sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    crypto_hash_sha256(print, der, der_bytes);
    return memcmp(print, sha256, sizeof print) == 0;
}

bool pin_file_holds(const char *path, const uint8_t sha256[DIGEST_BYTES])
{
    char *text = read_whole(path);
    uint8_t *der = malloc(PEM_BYTES_MAX);
    bool is_found = false;
    const char *here = text == NULL || der == NULL ? NULL : strstr(text, BEGIN_LINE);
    while (here != NULL && !is_found) {
        const char *from = here + strlen(BEGIN_LINE);
        const char *end = strstr(from, END_LINE);
        is_found = end != NULL && is_print_of(from, end, der, sha256);
        here = end == NULL ? NULL : strstr(end, BEGIN_LINE);
    }
    free(der);
    free(text);
    return is_found;
}
