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
    struct cpts_sealed_letter *sealed;
    /** NULL: sealed, until a merge or the loss of a key, for another than this store. */
    struct cpts_letter *letter;
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

/* @param text  NULL: it does not open here. */
static void show_note(const struct opening *opening, const struct cpts_sealed_note *note,
                      const struct cpts_bytes *text)
{
    static const char UNREADABLE[] =
        "(sealed for others than this CPTS: its author can write again)";
    static const struct cpts_bytes SAID = {(const uint8_t *)UNREADABLE, sizeof UNREADABLE - 1};
    char title[200], instant[CPTS_INSTANT_TEXT_BYTES];
    referral_view_instant(note->recorded_at_us, instant);
    if (opening->object == NULL) {
        snprintf(title, sizeof title, "note %s, %s by %s at %s", note->id,
                 cpts_referral_event_name(note->event), note->author_id, instant);
        print_text(title, text == NULL ? &SAID : text);
        return;
    }
    json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "id", note->id, "event",
                            cpts_referral_event_name(note->event), "authorId", note->author_id,
                            "recordedAt", instant);
    if (text == NULL)
        json_object_set_new(one, "unopened", json_true());
    else
        put_text(one, "text", text);
    json_array_append_new(opening->notes, one);
}

static bool is_not_for_us(const struct cpts_error *err)
{
    return strcmp(err->reason, "NOT_SEALED_FOR_RECIPIENT") == 0;
}

static int show_one_note(const struct opening *opening, const struct cpts_sealed_note *note)
{
    struct cpts_error err;
    struct cpts_text *text = NULL;
    struct referral_run *run = opening->run;
    cpts_status status =
        cpts_note_get(run->session->client, run->store, run->id, note, 0, &text, &err);
    if (status != CPTS_OK && !is_not_for_us(&err))
        return failure_print(&err);
    show_note(opening, note, text == NULL ? NULL : &text->bytes);
    cpts_text_free(text);
    return EXIT_CODE_OK;
}

/* Every note, also those that do not open here. */
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
        for (size_t i = 0; code == EXIT_CODE_OK && i < page->note_count; i++)
            code = show_one_note(opening, &page->notes[i]);
    } while (code == EXIT_CODE_OK && query.page_token[0] != '\0');
    cpts_sealed_notes_free(before);
    return code;
}

/* Both parts where the caller may have them, else the offer alone. */
static cpts_status fetch(struct opening *opening, struct cpts_error *err)
{
    struct referral_run *run = opening->run;
    struct cpts_letter_query query = {.size = sizeof query,
                                      .actor = &run->actor,
                                      .referral_id = run->id,
                                      .parts = CPTS_PART_OFFER | CPTS_PART_CONTENT};
    cpts_status status = cpts_letter_fetch(run->session->client, &query, 0, &opening->sealed, err);
    if (status == CPTS_OK || strcmp(err->reason, "CONTENT_NOT_FOR_PARTY") != 0)
        return status;
    query.parts = CPTS_PART_OFFER;
    return cpts_letter_fetch(run->session->client, &query, 0, &opening->sealed, err);
}

/* What is not sealed for this store stays closed; that is no failure. */
static cpts_status open_letter(struct opening *opening, struct cpts_error *err)
{
    struct cpts_keys *keys = NULL;
    struct referral_run *run = opening->run;
    cpts_status status = fetch(opening, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_keys_query query = {.size = sizeof query,
                                    .questions = opening->sealed->questions,
                                    .question_count = opening->sealed->question_count};
    status = cpts_keys_get(run->session->client, &query, 0, &keys, err);
    if (status != CPTS_OK)
        return status;
    status = cpts_letter_open(run->store, opening->sealed, keys->keys, &opening->letter, err);
    cpts_keys_free(keys);
    return status != CPTS_OK && is_not_for_us(err) ? CPTS_OK : status;
}

/* Who can seal it again for this side; NULL: nobody but whoever has the former keys. */
static const char *find_helper(const struct cpts_referral *referral)
{
    const char *origin =
        referral->successor_id[0] == '\0' ? referral->header.origin_id : referral->successor_id;
    if (referral->party != CPTS_PARTY_ORIGIN)
        return referral->to_rewrap ? NULL : origin;
    bool is_taken =
        referral->custodian_id[0] != '\0' && strcmp(referral->custodian_id, origin) != 0;
    return is_taken ? referral->custodian_id : NULL;
}

/* For whom it is sealed instead: an origin has no keys of its own but those it signed with. */
static const char *find_owner(const struct cpts_sealed_letter *sealed)
{
    return sealed->sealed_for[0] == '\0' ? sealed->referral->header.origin_id : sealed->sealed_for;
}

static void tell_unopened(const struct opening *opening)
{
    const struct cpts_referral *referral = opening->sealed->referral;
    const char *owner = find_owner(opening->sealed);
    const char *helper = find_helper(referral);
    bool is_own = strcmp(owner, cpts_keystore_owner(opening->run->store)) == 0;
    if (opening->object != NULL) {
        json_t *unopened = json_pack("{s:s,s:s*}", "sealedFor", owner, "rewrapBy", helper);
        json_object_set_new(opening->object, "unopened", unopened);
        return;
    }
    fprintf(stderr, "offer and content do not open here: they are sealed for %s%s\n", owner,
            is_own ? ", with a key that this store has not"
                   : ", whose place this CPTS took when it merged");
    if (helper != NULL)
        fprintf(stderr, "%s can seal them again: cptsctl referral rewrap %s\n", helper,
                referral->id);
    if (!is_own)
        fprintf(stderr, "or, with the keys of %s: cptsctl referral rewrap %s --former-store FILE\n",
                owner, referral->id);
}

static void show_parts(const struct opening *opening)
{
    const struct cpts_opened *opened = opening->letter->opened;
    if (opened->has_offer)
        show_part(opening, "offer", &opened->offer);
    if (opened->has_content)
        show_part(opening, "content", &opened->content);
    else if (opening->object == NULL && !opening->run->session->is_quiet)
        fputs("the content opens once it is accepted\n", stderr);
}

static int print_opened(const struct opening *opening)
{
    char *referral = NULL;
    if (opening->object == NULL)
        referral_view_print(opening->sealed->referral, stdout);
    else
        referral = cpts_referral_json(opening->sealed->referral, 0);
    if (referral != NULL)
        json_object_set_new(opening->object, "answer", json_loads(referral, 0, NULL));
    cpts_string_free(referral);
    if (opening->letter == NULL)
        tell_unopened(opening);
    else
        show_parts(opening);
    return show_notes(opening);
}

static int show_open(struct referral_run *run)
{
    struct cpts_error err;
    struct opening opening = {.run = run};
    int code = referral_run_unlock(run);
    if (code != EXIT_CODE_OK)
        return code;
    if (open_letter(&opening, &err) != CPTS_OK) {
        cpts_sealed_letter_free(opening.sealed);
        return failure_print(&err);
    }
    if (run->session->form == FORM_IS_JSON) {
        opening.object = json_object();
        opening.notes = json_array();
    }
    code = print_opened(&opening);
    if (opening.object != NULL) {
        json_object_set_new(opening.object, "notes", opening.notes);
        if (code == EXIT_CODE_OK)
            json_dumpf(opening.object, stdout, JSON_INDENT(JSON_INDENT_SPACES));
        putchar('\n');
    }
    json_decref(opening.object);
    if (opening.letter == NULL)
        cpts_sealed_letter_free(opening.sealed);
    cpts_letter_free(opening.letter);
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
