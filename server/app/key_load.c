/* SPDX-License-Identifier: Apache-2.0 */
#include "app/key_load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "base/log.h"
#include "handler/key_directory.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"

#define LOAD_TIMEOUT_MS 5000
/* Entries of one reading, the limit of key_directory_load.sql. */
#define ENTRIES_A_TIME 500
#define ROOT_FILE_BYTES 4096

enum load_column { POSITION, ENTRY };

static cpts_status read_root(const char *path, uint8_t ret_root[KEY_BYTES], struct cpts_error *err)
{
    char text[ROOT_FILE_BYTES + 1];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, REASON_CONFIGURATION_INVALID, "[keys] root: %s", strerror(errno));
    size_t byte_count = fread(text, 1, ROOT_FILE_BYTES, file);
    fclose(file);
    text[byte_count] = '\0';
    if (!key_root_parse(text, ret_root))
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "[keys] root: not a root's public key (64 hexadecimal digits)");
    return CPTS_OK;
}

cpts_status key_copy_open(const char *root_path, struct key_copy *copy, struct cpts_error *err)
{
    uint8_t root[KEY_BYTES];
    bool has_root = root_path[0] != '\0';
    if (has_root) {
        cpts_status status = read_root(root_path, root, err);
        if (status != CPTS_OK)
            return status;
    }
    copy->directory = key_directory_new(has_root ? root : NULL);
    copy->position = 0;
    if (copy->directory == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the directory of keys");
    return CPTS_OK;
}

/* What the root does not vouch for is no key, whoever put it into the table. */
static cpts_status take(struct key_copy *copy, int64_t position, const char *text,
                        struct cpts_error *err)
{
    size_t byte_count = strlen(text) / 2;
    struct cpts_error why = {0};
    uint8_t *bytes = malloc(byte_count + 1);
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the directory of keys");
    cpts_status status = CPTS_INTERNAL;
    if (hexadecimal_read(text, bytes, byte_count))
        status = key_directory_add(copy->directory, bytes, byte_count, &why);
    free(bytes);
    if (status == CPTS_RESOURCE_EXHAUSTED) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (status != CPTS_OK)
        log_write(LOG_ERROR, "app", "entry %lld of the directory of keys counts for nothing: %s",
                  (long long)position, why.message);
    return CPTS_OK;
}

struct reading {
    struct key_copy *copy;
    int64_t position; /* read so far */
    int row_count;
};

static cpts_status read_entries(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct reading *reading = context;
    reading->row_count = rows_count(rows);
    for (int row = 0; row < reading->row_count; row++) {
        int64_t position = rows_int(rows, row, POSITION);
        cpts_status status = take(reading->copy, position, rows_text(rows, row, ENTRY), err);
        if (status != CPTS_OK)
            return status;
        reading->position = position;
        if (position == reading->copy->position + 1)
            reading->copy->position = position;
    }
    return CPTS_OK;
}

cpts_status key_copy_refresh(struct key_copy *copy, struct lane *lane, struct cpts_error *err)
{
    struct reading reading = {.copy = copy, .position = copy->position};
    cpts_status status = CPTS_OK;
    if (key_directory_root(copy->directory) == NULL)
        return CPTS_OK;
    do {
        status = ask_behind(lane, STATEMENT_KEY_DIRECTORY_LOAD, reading.position, LOAD_TIMEOUT_MS,
                            read_entries, &reading, err);
    } while (status == CPTS_OK && reading.row_count == ENTRIES_A_TIME);
    return status;
}

void key_copy_close(struct key_copy *copy)
{
    key_directory_free(copy->directory);
    copy->directory = NULL;
}
