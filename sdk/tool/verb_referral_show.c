/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral show: what the node knows; with --open what is sealed, opened
 * with the own key. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "peer_text.h"
#include "referral_view.h"
#include "verb_referral.h"

#define JSON_INDENT_SPACES 2

/* What was opened, on its way to people or to a program. */
struct opening {
    struct referral_run *run;
    json_t *object;
    json_t *notes;
};

static void print_text(const char *title, const struct cpts_bytes *text)
{
    printf("--- %s\n", title);
    peer_text_print(stdout, text->bytes, text->byte_count);
    if (text->byte_count == 0 || text->bytes[text->byte_count - 1] != '\n')
        putchar('\n');
}

/* A text as JSON; what is not UTF-8 in hexadecimal, under another name. */
static void put_text(json_t *object, const char *name, const struct cpts_bytes *text)
{
    if (cpts_text_is_valid(text->bytes, text->byte_count))
        json_object_set_new(object, name,
                            json_stringn((const char *)text->bytes, text->byte_count));
    else
        json_object_set_new(object, name, json_null());
}

static void show_part(const struct opening *opening, const char *name,
                      const struct cpts_bytes *text)
{
    if (opening->object != NULL)
        put_text(opening->object, name, text);
    else
        print_text(name, text);
}

static void show_note(const struct opening *opening, const struct cpts_sealed_note *note,
                      const struct cpts_bytes *text)
{
    char title[200], instant[CPTS_INSTANT_TEXT_BYTES];
    referral_view_instant(note->recorded_at_us, instant);
    if (opening->object == NULL) {
        snprintf(title, sizeof title, "note %s, %s by %s at %s", note->id,
                 cpts_referral_event_name(note->event), note->author_id, instant);
        print_text(title, text);
        return;
    }
    json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "id", note->id, "event",
                            cpts_referral_event_name(note->event), "authorId", note->author_id,
                            "recordedAt", instant);
    put_text(one, "text", text);
    json_array_append_new(opening->notes, one);
}

/* Every note that this key opens. */
static int show_notes(const struct opening *opening)
{
    struct cpts_error err;
    struct referral_run *run = opening->run;
    struct cpts_notes_query query = {
        .size = sizeof query, .actor = &run->actor, .referral_id = run->id};
    struct cpts_sealed_notes *page = NULL, *before = NULL;
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
            if (cpts_note_get(run->session->client, run->store, run->id, &page->notes[i], 0, &text,
                              &err) != CPTS_OK)
                code = failure_print(&err);
            else
                show_note(opening, &page->notes[i], &text->bytes);
            cpts_text_free(text);
        }
    } while (code == EXIT_CODE_OK && query.page_token[0] != '\0');
    cpts_sealed_notes_free(before);
    return code;
}

/* Both parts where the caller may have them, else the offer alone. */
static cpts_status open_letter(struct referral_run *run, struct cpts_letter **ret_letter,
                               struct cpts_error *err)
{
    struct cpts_letter_query query = {.size = sizeof query,
                                      .actor = &run->actor,
                                      .referral_id = run->id,
                                      .parts = CPTS_PART_OFFER | CPTS_PART_CONTENT};
    cpts_status status =
        cpts_letter_get(run->session->client, run->store, &query, 0, ret_letter, err);
    if (status == CPTS_OK || strcmp(err->reason, "CONTENT_NOT_FOR_PARTY") != 0)
        return status;
    query.parts = CPTS_PART_OFFER;
    return cpts_letter_get(run->session->client, run->store, &query, 0, ret_letter, err);
}

static int print_opened(const struct opening *opening, const struct cpts_letter *letter)
{
    const struct session *session = opening->run->session;
    char *referral = NULL;
    if (opening->object == NULL)
        referral_view_print(letter->sealed->referral, stdout);
    else
        referral = cpts_referral_json(letter->sealed->referral, 0);
    if (referral != NULL)
        json_object_set_new(opening->object, "answer", json_loads(referral, 0, NULL));
    cpts_string_free(referral);
    if (letter->opened->has_offer)
        show_part(opening, "offer", &letter->opened->offer);
    if (letter->opened->has_content)
        show_part(opening, "content", &letter->opened->content);
    else if (opening->object == NULL && !session->is_quiet)
        fputs("the content opens once it is accepted\n", stderr);
    return show_notes(opening);
}

static int show_open(struct referral_run *run)
{
    struct cpts_error err;
    struct cpts_letter *letter = NULL;
    struct opening opening = {.run = run};
    int code = referral_run_unlock(run);
    if (code != EXIT_CODE_OK)
        return code;
    if (open_letter(run, &letter, &err) != CPTS_OK)
        return failure_print(&err);
    if (run->session->form == FORM_IS_JSON) {
        opening.object = json_object();
        opening.notes = json_array();
    }
    code = print_opened(&opening, letter);
    if (opening.object != NULL) {
        json_object_set_new(opening.object, "notes", opening.notes);
        if (code == EXIT_CODE_OK)
            json_dumpf(opening.object, stdout, JSON_INDENT(JSON_INDENT_SPACES));
        putchar('\n');
    }
    json_decref(opening.object);
    cpts_letter_free(letter);
    return code;
}

int verb_referral_show(struct session *session, const struct arguments *arguments)
{
    struct referral_run run;
    int code = referral_run_begin(&run, session, arguments);
    if (code == EXIT_CODE_OK && arguments_has(arguments, "open")) {
        code = show_open(&run);
    } else if (code == EXIT_CODE_OK) {
        code = referral_run_see(&run);
        if (code == EXIT_CODE_OK && session->form == FORM_IS_JSON)
            code = print_json(cpts_referral_json(run.seen, JSON_INDENT_SPACES));
        else if (code == EXIT_CODE_OK)
            referral_view_print(run.seen, stdout);
    }
    referral_run_end(&run);
    return code;
}
