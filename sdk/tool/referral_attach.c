/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_attach.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cursor_file.h"
#include "durable_file.h"
#include "failure.h"

#define FILES_MAX 5
#define HASH_BYTES 32
/* `<referral>.<attachment>.sealed` */
#define NAME_BYTES (2 * CPTS_UUID_TEXT_BYTES + 16)
/* A sealed file is a little longer than the file. */
#define KEPT_BYTES_MAX (CPTS_ATTACHMENT_BYTES_MAX + 2 * CPTS_ATTACHMENT_CHUNK_BYTES)

static int say(const char *what)
{
    fprintf(stderr, "cptsctl: %s: %s\n", what, strerror(errno));
    return EXIT_CODE_ERROR;
}

static bool place_of(const struct referral_run *run, const char *referral_id,
                     const char *attachment_id, char ret_path[PATH_MAX])
{
    char folder[PATH_MAX], name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.%s.sealed", referral_id, attachment_id);
    return referral_run_folder(run, folder) && durable_file_place(folder, name, ret_path, PATH_MAX);
}

/* The hash, then the ciphertext. */
static int keep(const struct referral_run *run, const char *referral_id, const char *attachment_id,
                const struct cpts_sealed_attachment *sealed)
{
    char path[PATH_MAX];
    size_t byte_count = HASH_BYTES + sealed->ciphertext.byte_count;
    uint8_t *bytes = malloc(byte_count);
    if (bytes == NULL)
        return say("attachment");
    memcpy(bytes, sealed->sha256, HASH_BYTES);
    memcpy(bytes + HASH_BYTES, sealed->ciphertext.bytes, sealed->ciphertext.byte_count);
    bool is_kept = place_of(run, referral_id, attachment_id, path) &&
                   durable_file_write(path, (struct cpts_bytes){bytes, byte_count}, 0600);
    free(bytes);
    return is_kept ? EXIT_CODE_OK : say("the sealed attachment cannot be kept");
}

static int seal_file(const struct referral_run *run, const char *referral_id, const char *path,
                     struct cpts_attachment_mention *mention)
{
    struct cpts_error err;
    uint8_t id[CPTS_UUID_BYTES];
    struct cpts_bytes file = {0};
    struct cpts_sealed_attachment *sealed = NULL;
    if (!durable_file_read(path, CPTS_ATTACHMENT_BYTES_MAX, &file)) {
        if (errno != EFBIG)
            return say(path);
        fprintf(stderr, "cptsctl: CONTENT_TOO_LARGE: %s has more than 10 MB\n", path);
        return EXIT_CODE_ERROR;
    }
    cpts_uuid_mint(id);
    cpts_uuid_format(id, mention->id);
    struct cpts_attachment_place place = {
        .size = sizeof place, .referral_id = referral_id, .attachment_id = mention->id};
    cpts_status status = cpts_attachment_seal(&place, file, &sealed, &err);
    durable_file_wipe(&file);
    if (status != CPTS_OK)
        return failure_print(&err);
    memcpy(mention->key, sealed->key, sizeof mention->key);
    int code = keep(run, referral_id, mention->id, sealed);
    cpts_sealed_attachment_free(sealed);
    return code;
}

int referral_attach_mention(struct referral_run *run, const char *referral_id,
                            struct cpts_bytes text, struct cpts_text **ret_whole)
{
    struct cpts_error err;
    char names[FILES_MAX][PATH_MAX];
    struct cpts_attachment_mention mentions[FILES_MAX];
    size_t count = arguments_count(run->arguments, "attach");
    if (count > FILES_MAX)
        return usage_error(run->arguments->command, "more than %d times --attach", FILES_MAX);
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < count; i++) {
        const char *path = arguments_nth(run->arguments, "attach", i);
        code = seal_file(run, referral_id, path, &mentions[i]);
        snprintf(names[i], sizeof names[i], "%s", path);
        mentions[i].name = basename(names[i]);
    }
    if (code == EXIT_CODE_OK &&
        cpts_attachment_mention_all(text, mentions, count, ret_whole, &err) != CPTS_OK)
        code = failure_print(&err);
    explicit_bzero(mentions, sizeof mentions);
    return code;
}

/* A transfer, and where it is kept how far it has come. */
struct sending {
    const struct referral_run *run;
    const char *attachment_id;
    char cursor[PATH_MAX + 8];
};

static bool on_step(int32_t chunk_count, int32_t done_count, struct cpts_bytes bytes, void *data)
{
    (void)bytes;
    const struct sending *sending = data;
    (void)cursor_file_write(sending->cursor, done_count);
    if (!sending->run->session->is_quiet)
        fprintf(stderr, "attachment %s: %d of %d chunks\n", sending->attachment_id, (int)done_count,
                (int)chunk_count);
    return true;
}

static int send_kept(struct referral_run *run, const char *referral_id, const char *attachment_id,
                     const char *path)
{
    struct cpts_error err;
    struct cpts_bytes kept = {0};
    int64_t done_count = 0;
    struct sending sending = {.run = run, .attachment_id = attachment_id};
    snprintf(sending.cursor, sizeof sending.cursor, "%s.done", path);
    if (!durable_file_read(path, KEPT_BYTES_MAX, &kept) || kept.byte_count <= HASH_BYTES)
        return say(path);
    (void)cursor_file_read(sending.cursor, &done_count);
    struct cpts_sealed_attachment sealed = {
        .ciphertext = {kept.bytes + HASH_BYTES, kept.byte_count - HASH_BYTES}};
    memcpy(sealed.sha256, kept.bytes, HASH_BYTES);
    sealed.chunk_count =
        (int32_t)((sealed.ciphertext.byte_count + CPTS_ATTACHMENT_CHUNK_BYTES - 1) /
                  CPTS_ATTACHMENT_CHUNK_BYTES);
    struct cpts_attachment_transfer transfer = {
        .size = sizeof transfer,
        .actor = &run->actor,
        .referral_id = referral_id,
        .attachment_id = attachment_id,
        .sealed = &sealed,
        .done_count = done_count > sealed.chunk_count ? 0 : (int32_t)done_count,
        .step = on_step,
        .data = &sending};
    cpts_status status = cpts_attachment_upload(run->session->client, &transfer, 0, &err);
    durable_file_wipe(&kept);
    if (status != CPTS_OK)
        return failure_print(&err);
    unlink(path);
    unlink(sending.cursor);
    return EXIT_CODE_OK;
}

/* Whether a file of the folder is a sealed attachment of that referral. */
static bool is_of(const char *name, const char *referral_id, char ret_id[CPTS_UUID_TEXT_BYTES])
{
    size_t begin = strlen(referral_id) + 1;
    size_t length = strlen(name);
    uint8_t ignored[CPTS_UUID_BYTES];
    if (length != begin + CPTS_UUID_TEXT_BYTES - 1 + strlen(".sealed") ||
        strncmp(name, referral_id, begin - 1) != 0 ||
        strcmp(name + length - strlen(".sealed"), ".sealed") != 0)
        return false;
    snprintf(ret_id, CPTS_UUID_TEXT_BYTES, "%.36s", name + begin);
    return cpts_uuid_parse(ret_id, ignored);
}

int referral_attach_upload(struct referral_run *run, const char *referral_id)
{
    char folder[PATH_MAX], path[PATH_MAX], id[CPTS_UUID_TEXT_BYTES];
    if (!referral_run_folder(run, folder))
        return EXIT_CODE_ERROR;
    DIR *listing = opendir(folder);
    if (listing == NULL)
        return errno == ENOENT ? EXIT_CODE_OK : say(folder);
    int code = EXIT_CODE_OK;
    const struct dirent *entry;
    while (code == EXIT_CODE_OK && (entry = readdir(listing)) != NULL) {
        if (is_of(entry->d_name, referral_id, id) && place_of(run, referral_id, id, path))
            code = send_kept(run, referral_id, id, path);
    }
    closedir(listing);
    return code;
}
