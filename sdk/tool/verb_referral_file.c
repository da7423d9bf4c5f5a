/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral attach, fetch: attachments on their way, which go on where they
 * were. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "durable_file.h"
#include "failure.h"
#include "peer_text.h"
#include "referral_attach.h"
#include "verb_referral.h"

#define ID_TAIL_BYTES 8
#define KEPT_BYTES_MAX (CPTS_ATTACHMENT_BYTES_MAX + 2 * CPTS_ATTACHMENT_CHUNK_BYTES)

int verb_referral_attach(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = referral_attach_upload(&run, run.id);
    referral_run_end(&run);
    return code;
}

/* A fetch of all attachments that content and notes mention. */
struct fetching {
    struct referral_run *run;
    const char *folder;
    /** Of the attachment on its way. */
    int part_fd;
    int count;
};

static int say(const char *what)
{
    fprintf(stderr, "cptsctl: %s: %s\n", what, strerror(errno));
    return EXIT_CODE_ERROR;
}

static bool on_step(int32_t chunk_count, int32_t done_count, struct cpts_bytes bytes, void *data)
{
    const struct fetching *fetching = data;
    if (!fetching->run->session->is_quiet)
        fprintf(stderr, "%d of %d chunks\n", (int)done_count, (int)chunk_count);
    return write(fetching->part_fd, bytes.bytes, bytes.byte_count) == (ssize_t)bytes.byte_count &&
           fsync(fetching->part_fd) == 0;
}

/* The whole chunks that a broken fetch has left, but for the last one, which is
 * fetched once more; what is behind them is cut off. */
static int32_t chunks_there(int part_fd)
{
    struct stat facts;
    if (fstat(part_fd, &facts) != 0)
        return 0;
    int32_t count = (int32_t)(facts.st_size / CPTS_ATTACHMENT_CHUNK_BYTES);
    count -= count > 0;
    if (ftruncate(part_fd, (off_t)count * CPTS_ATTACHMENT_CHUNK_BYTES) != 0 ||
        lseek(part_fd, 0, SEEK_END) < 0)
        return 0;
    return count;
}

/* Its own name behind the end of its id, so that it is nobody else's; ids made together begin
 * alike. Nothing of a path that somebody else chose. */
static bool path_of(const struct fetching *fetching, const struct cpts_attachment_mention *mention,
                    char ret_path[PATH_MAX])
{
    char own[PEER_FILE_NAME_BYTES], name[ID_TAIL_BYTES + 1 + PEER_FILE_NAME_BYTES];
    peer_text_file_name(mention->name, own);
    snprintf(name, sizeof name, "%s-%s", mention->id + strlen(mention->id) - ID_TAIL_BYTES, own);
    return durable_file_place(fetching->folder, name, ret_path, PATH_MAX);
}

static bool is_there(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0;
}

static int open_file(struct fetching *fetching, const struct cpts_attachment_mention *mention,
                     const char *part, const char *path)
{
    struct cpts_error err;
    char fresh[PATH_MAX], name[CPTS_UUID_TEXT_BYTES + 8];
    struct cpts_bytes sealed = {0};
    struct cpts_text *file = NULL;
    struct cpts_attachment_place place = {.size = sizeof place,
                                          .referral_id = fetching->run->id,
                                          .attachment_id = mention->id,
                                          .key = mention->key};
    if (!durable_file_read(part, KEPT_BYTES_MAX, &sealed))
        return say(part);
    cpts_status status = cpts_attachment_open(&place, sealed, &file, &err);
    durable_file_wipe(&sealed);
    unlink(part);
    if (status != CPTS_OK)
        return failure_print(&err);
    snprintf(name, sizeof name, "%s.open", mention->id);
    bool is_written = durable_file_place(fetching->folder, name, fresh, sizeof fresh) &&
                      durable_file_create(path, fresh, file->bytes);
    cpts_text_free(file);
    if (!is_written)
        return say(path);
    fetching->count++;
    puts(path);
    return EXIT_CODE_OK;
}

static int fetch_one(struct fetching *fetching, const struct cpts_attachment_mention *mention)
{
    struct cpts_error err;
    char path[PATH_MAX], part[PATH_MAX], name[CPTS_UUID_TEXT_BYTES + 8];
    struct referral_run *run = fetching->run;
    snprintf(name, sizeof name, "%s.part", mention->id);
    if (!path_of(fetching, mention, path) ||
        !durable_file_place(fetching->folder, name, part, sizeof part))
        return say(fetching->folder);
    if (is_there(path)) {
        fetching->count++;
        fprintf(stderr, "cptsctl: %s is there already and stays as it is\n", path);
        return EXIT_CODE_OK;
    }
    fetching->part_fd = open(part, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fetching->part_fd < 0)
        return say(part);
    struct cpts_attachment_transfer transfer = {.size = sizeof transfer,
                                                .actor = &run->actor,
                                                .referral_id = run->id,
                                                .attachment_id = mention->id,
                                                .done_count = chunks_there(fetching->part_fd),
                                                .step = on_step,
                                                .data = fetching};
    cpts_status status = cpts_attachment_download(run->session->client, &transfer, 0, &err);
    close(fetching->part_fd);
    return status == CPTS_OK ? open_file(fetching, mention, part, path) : failure_print(&err);
}

static int fetch_mentioned(struct fetching *fetching, struct cpts_bytes text)
{
    struct cpts_error err;
    struct cpts_attachment_mentions *found = NULL;
    if (cpts_attachment_mentions_read(text, &found, &err) != CPTS_OK)
        return failure_print(&err);
    int code = EXIT_CODE_OK;
    for (size_t i = 0; code == EXIT_CODE_OK && i < found->mention_count; i++)
        code = fetch_one(fetching, &found->mentions[i]);
    cpts_attachment_mentions_free(found);
    return code;
}

static int fetch_of_content(struct fetching *fetching)
{
    struct cpts_error err;
    struct cpts_letter *letter = NULL;
    struct referral_run *run = fetching->run;
    struct cpts_letter_query query = {.size = sizeof query,
                                      .actor = &run->actor,
                                      .referral_id = run->id,
                                      .parts = CPTS_PART_CONTENT};
    if (cpts_letter_get(run->session->client, run->store, &query, 0, &letter, &err) != CPTS_OK)
        return failure_print(&err);
    int code = fetch_mentioned(fetching, letter->opened->content);
    cpts_letter_free(letter);
    return code;
}

static int fetch_of_notes(struct fetching *fetching)
{
    struct cpts_error err;
    struct referral_run *run = fetching->run;
    struct cpts_sealed_notes *page = NULL, *before = NULL;
    struct cpts_notes_query query = {
        .size = sizeof query, .actor = &run->actor, .referral_id = run->id};
    int code = EXIT_CODE_OK;
    do {
        if (cpts_notes_fetch(run->session->client, &query, 0, &page, &err) != CPTS_OK) {
            code = failure_print(&err);
            break;
        }
        cpts_sealed_notes_free(before);
        before = page;
        query.page_token = page->next_page_token;
        for (size_t i = 0; code == EXIT_CODE_OK && i < page->note_count; i++) {
            struct cpts_text *text = NULL;
            code = cpts_note_get(run->session->client, run->store, run->id, &page->notes[i], 0,
                                 &text, &err) == CPTS_OK
                       ? fetch_mentioned(fetching, text->bytes)
                       : failure_print(&err);
            cpts_text_free(text);
        }
    } while (code == EXIT_CODE_OK && query.page_token[0] != '\0');
    cpts_sealed_notes_free(before);
    return code;
}

int verb_referral_fetch(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    const char *folder = arguments_value(arguments, "into");
    struct fetching fetching = {.run = &run, .folder = folder == NULL ? "." : folder};
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = referral_run_unlock(&run);
    if (code == EXIT_CODE_OK)
        code = fetch_of_content(&fetching);
    if (code == EXIT_CODE_OK)
        code = fetch_of_notes(&fetching);
    if (code == EXIT_CODE_OK && fetching.count == 0 && !session->is_quiet)
        fputs("nothing is attached\n", stderr);
    referral_run_end(&run);
    return code;
}
