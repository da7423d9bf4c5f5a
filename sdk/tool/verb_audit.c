/* SPDX-License-Identifier: Apache-2.0 */
/* audit list and audit verify. */
#include <cpts/audit.h>
#include <stdio.h>

#include "failure.h"
#include "grid.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_SPACES 2
#define HASH_BYTES 32
#define INSTANT_BYTES 32
#define PAGE_SIZE 500

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

int verb_audit_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_audit_entries *entries = NULL;
    const struct cpts_audit_query query = {.size = sizeof query,
                                           .referral_id = arguments_value(arguments, "referral"),
                                           .cpts_id = arguments_value(arguments, "cpts"),
                                           .from = arguments_value(arguments, "from"),
                                           .to = arguments_value(arguments, "to"),
                                           .page_size = PAGE_SIZE};
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_audit_list(session->client, &query, 0, &entries, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_audit_entries_json(entries, JSON_SPACES));
    else
        code = print_entries(session, entries) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    if (entries->next_page_token[0] != '\0')
        fprintf(stderr, "cptsctl: the newest %zu entries; narrow the days to see older ones\n",
                entries->entry_count);
    cpts_audit_entries_free(entries);
    return code;
}

/* From the first link to the last. */
static cpts_status verify_chain(const struct session *session, enum cpts_audit_chain chain,
                                struct cpts_audit_proof *ret_proof, struct cpts_error *err)
{
    struct cpts_audit_proof proof = {0};
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

int verb_audit_verify(struct session *session, const struct arguments *arguments)
{
    static const struct {
        enum cpts_audit_chain chain;
        const char *name;
    } BOTH[] = {{CPTS_AUDIT_READS, "reads"}, {CPTS_AUDIT_ACTS, "acts"}};
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    for (int i = 0; code == EXIT_CODE_OK && i < COUNT(BOTH); i++) {
        struct cpts_audit_proof proof;
        char hash[2 * HASH_BYTES + 1];
        if (verify_chain(session, BOTH[i].chain, &proof, &err) != CPTS_OK)
            return failure_print(&err);
        for (int byte = 0; byte < HASH_BYTES; byte++)
            snprintf(hash + (ptrdiff_t)2 * byte, 3, "%02x", proof.hash[byte]);
        if (session->form == FORM_IS_JSON)
            printf("{\"chain\":\"%s\",\"links\":%lld,\"hash\":\"%s\"}\n", BOTH[i].name,
                   (long long)proof.position, hash);
        else
            printf("%s: %lld links hold, the last hash is %s\n", BOTH[i].name,
                   (long long)proof.position, hash);
    }
    return code;
}
