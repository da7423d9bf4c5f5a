/* SPDX-License-Identifier: Apache-2.0 */
/* outbox list, send, retry and forget. */
#include <cpts/outbox.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "failure.h"
#include "grid.h"
#include "session.h"

#define COLUMN_COUNT ((int)(sizeof COLUMNS / sizeof COLUMNS[0]))
#define JSON_SPACES 2
#define PAGE_ENTRIES 100

static const struct grid_column COLUMNS[] = {
    {.name = "command_id", .heading = "COMMAND"},
    {.name = "method", .heading = "WHAT"},
    {.name = "state", .heading = "STATE"},
    {.name = "kept_at", .heading = "KEPT"},
    {.name = "attempt_count", .heading = "TRIED", .is_number = true},
    {.name = "reason", .heading = "REASON"},
    {.name = "message", .heading = NULL},
    {.name = "attempted_at", .heading = NULL},
    {.name = "settled_at", .heading = NULL},
    {.name = "byte_count", .heading = NULL, .is_number = true},
};

/* Connects to nobody yet, but knows the box. */
static int begin(struct session *session, const struct arguments *arguments)
{
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK || session->outbox != NULL)
        return code;
    fprintf(stderr, "cptsctl: the profile %s names no outbox: add `outbox = FILE`\n",
            session->profile.path);
    return EXIT_CODE_ERROR;
}

static void format_instant(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (instant_us != 0)
        cpts_instant_format(instant_us, ret_text);
}

/* Behind the last slash. */
static const char *method_of(const struct cpts_outbox_entry *entry)
{
    const char *slash = strrchr(entry->method, '/');
    return slash == NULL ? entry->method : slash + 1;
}

static void add_row(struct grid *grid, const struct session *session,
                    const struct cpts_outbox_entry *entry)
{
    char kept[CPTS_INSTANT_TEXT_BYTES], attempted[CPTS_INSTANT_TEXT_BYTES],
        settled[CPTS_INSTANT_TEXT_BYTES], tries[FIGURE_BYTES], bytes[FIGURE_BYTES];
    format_instant(entry->kept_at_us, kept);
    format_instant(entry->attempted_at_us, attempted);
    format_instant(entry->settled_at_us, settled);
    grid_figure(session, entry->attempt_count, tries);
    grid_figure(session, entry->byte_count, bytes);
    grid_row(grid, (const char *[]){entry->command_id, method_of(entry),
                                    cpts_outbox_state_name(entry->state), kept, tries,
                                    entry->error.reason, entry->error.message, attempted, settled,
                                    bytes});
}

static json_t *entry_json(const struct cpts_outbox_entry *entry)
{
    char kept[CPTS_INSTANT_TEXT_BYTES], attempted[CPTS_INSTANT_TEXT_BYTES],
        settled[CPTS_INSTANT_TEXT_BYTES];
    format_instant(entry->kept_at_us, kept);
    format_instant(entry->attempted_at_us, attempted);
    format_instant(entry->settled_at_us, settled);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I, s:s, s:s, s:s, s:s}", "commandId",
                     entry->command_id, "method", entry->method, "state",
                     cpts_outbox_state_name(entry->state), "keptAt", kept, "attemptedAt", attempted,
                     "settledAt", settled, "attemptCount", (int)entry->attempt_count, "byteCount",
                     (json_int_t)entry->byte_count, "reason", entry->error.reason, "message",
                     entry->error.message, "field", entry->error.field, "detail",
                     entry->error.detail);
}

/* Where the entries go: a grid, or a list of JSON. */
struct listing {
    const struct session *session;
    struct grid *grid;
    json_t *list;
};

static cpts_status list_all(const struct listing *listing, enum cpts_outbox_state state,
                            struct cpts_error *err)
{
    struct cpts_outbox_entry *page = calloc(PAGE_ENTRIES, sizeof *page);
    size_t count = 0;
    int64_t after_place = 0;
    if (page == NULL)
        return failure_no_memory(err, "the list of commands");
    cpts_status status = CPTS_OK;
    do {
        status = cpts_outbox_list(listing->session->outbox, state, after_place, PAGE_ENTRIES, page,
                                  &count, err);
        for (size_t i = 0; status == CPTS_OK && i < count; i++) {
            if (listing->grid != NULL)
                add_row(listing->grid, listing->session, &page[i]);
            else
                json_array_append_new(listing->list, entry_json(&page[i]));
            after_place = page[i].place;
        }
    } while (status == CPTS_OK && count == PAGE_ENTRIES);
    free(page);
    return status;
}

static void print_room(const struct session *session)
{
    struct cpts_error ignored;
    struct cpts_outbox_room room = {.size = sizeof room};
    if (session->is_quiet || session->form != FORM_OWN ||
        cpts_outbox_read_room(session->outbox, &room, &ignored) != CPTS_OK)
        return;
    fprintf(stderr, "%d wait, %d were refused; room for %d commands and %lld bytes more\n",
            room.not_sent_count + room.possibly_accepted_count, room.rejected_count,
            room.count_max - room.count, (long long)(room.bytes_max - room.byte_count));
}

/* --state; UNSPECIFIED without it. */
static int read_state(const struct arguments *arguments, enum cpts_outbox_state *ret_state)
{
    const char *word = arguments_value(arguments, "state");
    *ret_state = CPTS_OUTBOX_UNSPECIFIED;
    if (word == NULL)
        return EXIT_CODE_OK;
    for (int state = CPTS_OUTBOX_NOT_SENT; state <= CPTS_OUTBOX_REJECTED; state++) {
        if (strcasecmp(word, cpts_outbox_state_name((enum cpts_outbox_state)state)) == 0)
            *ret_state = (enum cpts_outbox_state)state;
    }
    return *ret_state != CPTS_OUTBOX_UNSPECIFIED
               ? EXIT_CODE_OK
               : usage_error(arguments->command, "--state %s is none", word);
}

int verb_outbox_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    enum cpts_outbox_state state = CPTS_OUTBOX_UNSPECIFIED;
    struct listing listing = {.session = session};
    int code = read_state(arguments, &state);
    if (code == EXIT_CODE_OK)
        code = begin(session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    if (session->form == FORM_IS_JSON)
        listing.list = json_array();
    else
        listing.grid = grid_new(session, COLUMNS, COLUMN_COUNT, stdout);
    cpts_status status = list_all(&listing, state, &err);
    if (listing.grid != NULL && !grid_end(listing.grid, 0))
        code = EXIT_CODE_ERROR;
    if (listing.list != NULL && status == CPTS_OK) {
        json_dumpf(listing.list, stdout, JSON_INDENT(JSON_SPACES));
        putchar('\n');
    }
    json_decref(listing.list);
    if (status != CPTS_OK)
        return failure_print(&err);
    print_room(session);
    return code;
}

static bool print_step(const struct cpts_outbox_entry *entry, void *data)
{
    const struct session *session = data;
    if (!session->is_quiet || entry->state == CPTS_OUTBOX_REJECTED)
        printf("%s %s %s%s%s\n", cpts_outbox_state_name(entry->state), entry->command_id,
               method_of(entry), entry->error.reason[0] == '\0' ? "" : " ", entry->error.reason);
    return true;
}

int verb_outbox_send(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_outbox_report report = {.size = sizeof report};
    int code = begin(session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_outbox_send(session->outbox, session->client, 0, print_step, session, &report, &err);
    if (!session->is_quiet)
        fprintf(stderr, "%d accepted, %d refused, %d left\n", report.accepted_count,
                report.rejected_count, report.left_count);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

int verb_outbox_retry(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    int code = begin(session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    return cpts_outbox_retry(session->outbox, arguments->operands[0], &err) == CPTS_OK
               ? EXIT_CODE_OK
               : failure_print(&err);
}

int verb_outbox_forget(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    int code = begin(session, arguments);
    if (code != EXIT_CODE_OK)
        return code;
    return cpts_outbox_forget(session->outbox, arguments->operands[0], &err) == CPTS_OK
               ? EXIT_CODE_OK
               : failure_print(&err);
}
