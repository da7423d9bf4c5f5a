/* SPDX-License-Identifier: Apache-2.0 */
/* audit list and audit verify. */
#include <cpts/audit.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "durable_file.h"
#include "failure.h"
#include "grid.h"
#include "referral_run.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_SPACES 2
#define HASH_BYTES 32
#define INSTANT_BYTES 32
#define PAGE_SIZE 500
#define HEADS_BYTES_MAX 4096
#define HEADS_MODE 0644
#define CHAIN_COUNT 2

static const char *const CHAINS[] = {"", "READ", "ACT"};
static const char *const PURPOSES[] = {"", "CARE", "COORDINATION", "DESK", "MAINTENANCE"};

static const struct grid_column COLUMNS[] = {
    {.name = "at", .heading = "AT"},
    {.name = "chain", .heading = "KIND"},
    {.name = "what", .heading = "WHAT"},
    {.name = "referral_id", .heading = "REFERRAL"},
    {.name = "principal", .heading = "PRINCIPAL"},
    {.name = "rpps", .heading = "RPPS"},
    {.name = "role", .heading = "PROFESSION OR FUNCTION"},
    {.name = "purpose", .heading = "PURPOSE"},
    {.name = "part_count", .heading = "PARTS", .is_number = true},
    {.name = "item_count", .heading = "ITEMS", .is_number = true},
};

static const char *word(const char *const *words, int count, int number)
{
    return number >= 0 && number < count ? words[number] : "";
}

static bool print_entries(const struct session *session, const struct cpts_audit_entries *entries)
{
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < entries->entry_count; i++) {
        const struct cpts_audit_entry *entry = &entries->entries[i];
        char at[CPTS_INSTANT_TEXT_BYTES], parts[FIGURE_BYTES], items[FIGURE_BYTES];
        cpts_instant_format(entry->at_us, at);
        grid_figure(session, (int64_t)entry->part_count, parts);
        grid_figure(session, entry->item_count, items);
        grid_row(grid,
                 (const char *[]){at, word(CHAINS, COUNT(CHAINS), (int)entry->chain), entry->what,
                                  entry->referral_id, entry->principal, entry->rpps,
                                  entry->rpps[0] == '\0' ? entry->function : entry->profession,
                                  word(PURPOSES, COUNT(PURPOSES), entry->purpose), parts, items});
    }
    return grid_end(grid, 0);
}

static int list_entries(const struct referral_run *run)
{
    struct cpts_error err;
    struct cpts_audit_entries *entries = NULL;
    const struct cpts_audit_query query = {
        .size = sizeof query,
        .referral_id = arguments_value(run->arguments, "referral"),
        .cpts_id = arguments_value(run->arguments, "cpts"),
        .from = arguments_value(run->arguments, "from"),
        .to = arguments_value(run->arguments, "to"),
        .page_size = PAGE_SIZE,
        .actor = &run->actor,
    };
    int code = EXIT_CODE_OK;
    if (cpts_audit_list(run->session->client, &query, 0, &entries, &err) != CPTS_OK)
        return failure_print(&err);
    if (run->session->form == FORM_IS_JSON)
        code = print_json(cpts_audit_entries_json(entries, JSON_SPACES));
    else
        code = print_entries(run->session, entries) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    if (entries->next_page_token[0] != '\0')
        fprintf(stderr, "cptsctl: the newest %zu entries; narrow the days to see older ones\n",
                entries->entry_count);
    cpts_audit_entries_free(entries);
    return code;
}

int verb_audit_list(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK)
        code = list_entries(&run);
    referral_run_end(&run);
    return code;
}

static const struct {
    enum cpts_audit_chain chain;
    const char *name;
} BOTH[CHAIN_COUNT] = {{CPTS_AUDIT_READS, "reads"}, {CPTS_AUDIT_ACTS, "acts"}};

/* --- heads in a file ------------------------------------------------------------ */

static void print_hash(const uint8_t hash[HASH_BYTES], char ret_text[2 * HASH_BYTES + 1])
{
    for (int byte = 0; byte < HASH_BYTES; byte++)
        snprintf(ret_text + (ptrdiff_t)2 * byte, 3, "%02x", hash[byte]);
}

static bool read_hash(const char *text, uint8_t ret_hash[HASH_BYTES])
{
    if (strspn(text, "0123456789abcdef") != 2 * HASH_BYTES || text[2 * HASH_BYTES] != '\0')
        return false;
    for (int byte = 0; byte < HASH_BYTES; byte++) {
        const char digits[] = {text[2 * byte], text[2 * byte + 1], '\0'};
        ret_hash[byte] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

/* A line of a file of heads: `reads 123 HASH`. */
static bool read_head(char *line, struct cpts_audit_proof proofs[CHAIN_COUNT],
                      bool found[CHAIN_COUNT])
{
    char *rest = NULL;
    const char *name = strtok_r(line, " ", &rest);
    const char *position = strtok_r(NULL, " ", &rest);
    const char *hash = strtok_r(NULL, " \r", &rest);
    for (int i = 0; hash != NULL && i < CHAIN_COUNT; i++) {
        char *end = NULL;
        if (strcmp(name, BOTH[i].name) != 0)
            continue;
        errno = 0;
        proofs[i].position = strtoll(position, &end, 10);
        found[i] = errno == 0 && *end == '\0' && proofs[i].position >= 0 &&
                   read_hash(hash, proofs[i].hash);
        return found[i];
    }
    return false;
}

static int read_heads(const struct arguments *arguments, const char *path,
                      struct cpts_audit_proof proofs[CHAIN_COUNT])
{
    struct cpts_bytes bytes = {0};
    bool found[CHAIN_COUNT] = {false};
    if (!durable_file_read(path, HEADS_BYTES_MAX, &bytes)) {
        fprintf(stderr, "cptsctl: %s: %s\n", path, strerror(errno));
        return EXIT_CODE_ERROR;
    }
    char *rest = NULL;
    bool is_fine = true;
    for (char *line = strtok_r((char *)bytes.bytes, "\n", &rest); line != NULL && is_fine;
         line = strtok_r(NULL, "\n", &rest))
        is_fine = read_head(line, proofs, found);
    durable_file_wipe(&bytes);
    if (is_fine && found[0] && found[1])
        return EXIT_CODE_OK;
    return usage_error(arguments->command, "%s has no heads, as audit verify --save writes them",
                       path);
}

static int save_heads(const char *path, const struct cpts_audit_proof proofs[CHAIN_COUNT])
{
    char text[CHAIN_COUNT * 128] = "", hash[2 * HASH_BYTES + 1];
    size_t length = 0;
    for (int i = 0; i < CHAIN_COUNT; i++) {
        print_hash(proofs[i].hash, hash);
        length += (size_t)snprintf(text + length, sizeof text - length, "%s %lld %s\n",
                                   BOTH[i].name, (long long)proofs[i].position, hash);
    }
    if (durable_file_write(path, (struct cpts_bytes){(uint8_t *)text, length}, HEADS_MODE))
        return EXIT_CODE_OK;
    fprintf(stderr, "cptsctl: %s: %s\n", path, strerror(errno));
    return EXIT_CODE_ERROR;
}

/* --- chains ----------------------------------------------------------------------- */

/* From the link after @p after to the last. */
static cpts_status verify_chain(const struct session *session, enum cpts_audit_chain chain,
                                const struct cpts_audit_proof *after,
                                struct cpts_audit_proof *ret_proof, struct cpts_error *err)
{
    struct cpts_audit_proof proof = *after;
    bool is_over = false;
    while (!is_over) {
        struct cpts_audit_progress *progress = NULL;
        cpts_status status = cpts_audit_verify(session->client, chain, &proof, 0, &progress, err);
        if (status != CPTS_OK)
            return status;
        proof = progress->proof;
        is_over = progress->link_count == 0;
        cpts_audit_progress_free(progress);
    }
    *ret_proof = proof;
    return CPTS_OK;
}

/* The chain of now goes on from an earlier head: it was neither shortened nor written anew. */
static int check_earlier(const struct session *session, int index,
                         const struct cpts_audit_proof *earlier, const struct cpts_audit_proof *now)
{
    struct cpts_error err;
    struct cpts_audit_proof later;
    bool holds =
        now->position > earlier->position ||
        (now->position == earlier->position && memcmp(now->hash, earlier->hash, HASH_BYTES) == 0);
    if (!holds) {
        fprintf(stderr,
                "cptsctl: %s: the chain does not go on from the earlier head at %lld "
                "(AUDIT_CHAIN_BROKEN)\n",
                BOTH[index].name, (long long)earlier->position);
        return EXIT_CODE_ERROR;
    }
    if (verify_chain(session, BOTH[index].chain, earlier, &later, &err) != CPTS_OK)
        return failure_print(&err);
    return EXIT_CODE_OK;
}

static void print_chain(const struct session *session, int index,
                        const struct cpts_audit_proof *proof, int64_t pending_count)
{
    char hash[2 * HASH_BYTES + 1];
    print_hash(proof->hash, hash);
    bool is_reads = BOTH[index].chain == CPTS_AUDIT_READS;
    if (session->form == FORM_IS_JSON) {
        printf("{\"chain\":\"%s\",\"links\":%lld,\"hash\":\"%s\"", BOTH[index].name,
               (long long)proof->position, hash);
        if (is_reads)
            printf(",\"pending\":%lld", (long long)pending_count);
        puts("}");
        return;
    }
    printf("%s: %lld links hold, the last hash is %s\n", BOTH[index].name,
           (long long)proof->position, hash);
    if (is_reads)
        printf("reads not chained yet: %lld\n", (long long)pending_count);
}

/* Both chains, each from its first link, and from the earlier heads where there are any. */
static int verify_both(const struct session *session, const struct cpts_audit_proof *earlier,
                       struct cpts_audit_proof ret_proofs[CHAIN_COUNT])
{
    static const struct cpts_audit_proof NOTHING;
    struct cpts_error err;
    struct cpts_audit_heads *heads = NULL;
    if (cpts_audit_heads_get(session->client, 0, &heads, &err) != CPTS_OK)
        return failure_print(&err);
    int code = EXIT_CODE_OK;
    for (int i = 0; code == EXIT_CODE_OK && i < CHAIN_COUNT; i++) {
        if (verify_chain(session, BOTH[i].chain, &NOTHING, &ret_proofs[i], &err) != CPTS_OK)
            code = failure_print(&err);
        else if (earlier != NULL)
            code = check_earlier(session, i, &earlier[i], &ret_proofs[i]);
        if (code == EXIT_CODE_OK)
            print_chain(session, i, &ret_proofs[i], heads->pending_count);
    }
    cpts_audit_heads_free(heads);
    return code;
}

int verb_audit_verify(struct session *session, const struct arguments *arguments)
{
    const char *against = arguments_value(arguments, "against");
    const char *save = arguments_value(arguments, "save");
    struct cpts_audit_proof earlier[CHAIN_COUNT] = {0}, proofs[CHAIN_COUNT] = {0};
    int code = against == NULL ? EXIT_CODE_OK : read_heads(arguments, against, earlier);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = verify_both(session, against == NULL ? NULL : earlier, proofs);
    if (code == EXIT_CODE_OK && save != NULL)
        code = save_heads(save, proofs);
    if (code == EXIT_CODE_OK && against != NULL && session->form != FORM_IS_JSON)
        printf("both chains go on from the heads of %s\n", against);
    return code;
}
