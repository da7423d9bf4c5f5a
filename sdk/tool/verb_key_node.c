/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl key publish, list, show: what a node is asked. */
#include <cpts/key.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "key_input.h"
#include "key_view.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define PAGE_SIZE 500

int verb_key_publish(struct session *session, const struct arguments *arguments)
{
    char *document = NULL;
    struct cpts_error err;
    struct cpts_key_document facts = {.size = sizeof facts};
    struct deed deed = {.what = "Published a key of"};
    int code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = key_document_load(arguments->operands[0], &document);
    if (code == EXIT_CODE_OK && cpts_key_document_read(document, NULL, &facts, &err) != CPTS_OK)
        code = failure_print(&err);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK) {
        struct cpts_key_publication publication = {.size = sizeof publication,
                                                   .document = document};
        bool is_authority = facts.kind == CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION;
        bool is_revocation = facts.kind == CPTS_KEY_DOCUMENT_REVOCATION;
        deed.id = is_authority ? facts.region : facts.cpts_id;
        if (is_authority)
            deed.what = "Revoked the key authority of";
        else if (is_revocation)
            deed.what = "Revoked a key of";
        cpts_status status = (is_authority    ? cpts_key_authority_revoke
                              : is_revocation ? cpts_key_revoke
                                              : cpts_key_publish)(
            session->client, &publication, deed.command_id, 0, &deed.outcome, &err);
        code = deed_finish(session, status, &deed, &err);
    }
    free(document);
    return code;
}

int verb_key_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_key_question question = {0};
    struct cpts_keys_query query = {
        .size = sizeof query, .questions = &question, .question_count = 1};
    struct cpts_keys *keys = NULL;
    struct cpts_error err;
    int code = input_id(arguments, 0, &question.cpts_id);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "serial", 1, INT32_MAX, &question.serial);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_keys_get(session->client, &query, 0, &keys, &err) != CPTS_OK)
        return failure_print(&err);
    struct cpts_key_document facts = {.size = sizeof facts,
                                      .serial = keys->keys[0].serial,
                                      .valid_from_us = keys->keys[0].valid_from_us,
                                      .valid_to_us = keys->keys[0].valid_to_us,
                                      .is_vouched = true};
    snprintf(facts.cpts_id, sizeof facts.cpts_id, "%s", keys->keys[0].cpts_id);
    snprintf(facts.region, sizeof facts.region, "%s", keys->keys[0].region);
    memcpy(facts.encryption_key, keys->keys[0].encryption_key, CPTS_KEY_BYTES);
    memcpy(facts.signing_key, keys->keys[0].signing_key, CPTS_KEY_BYTES);
    code = key_view_print(session, "Key, vouched for by the federation root", &facts);
    cpts_keys_free(keys);
    return code;
}

static const struct grid_column COLUMNS[] = {
    {.name = "position", .heading = "POSITION", .is_number = true},
    {.name = "recorded_on", .heading = "ON"},
    {.name = "kind", .heading = "KIND"},
    {.name = "cpts_id", .heading = "CPTS"},
    {.name = "region", .heading = "REGION"},
    {.name = "serial", .heading = "SERIAL", .is_number = true},
    {.name = "valid_from", .heading = "FROM"},
    {.name = "valid_to", .heading = "TO"},
    {.name = "reason", .heading = "REASON"},
    {.name = "fingerprint", .heading = "FINGERPRINT"},
    {.name = "vouched", .heading = "VOUCHED"},
};

/* One entry of the directory, as texts. */
struct entry_texts {
    char position[24], serial[16], fingerprint[CPTS_KEY_FINGERPRINT_BYTES];
    char on[CPTS_INSTANT_TEXT_BYTES], from[CPTS_INSTANT_TEXT_BYTES], to[CPTS_INSTANT_TEXT_BYTES];
    const char *cells[COUNT(COLUMNS)];
};

static void fill_texts(const struct cpts_key_change *change, struct entry_texts *texts)
{
    const struct cpts_key_document *document = &change->document;
    snprintf(texts->position, sizeof texts->position, "%lld", (long long)change->position);
    snprintf(texts->serial, sizeof texts->serial, "%d", (int)document->serial);
    key_view_day(change->recorded_at_us, texts->on);
    key_view_day(document->valid_from_us, texts->from);
    key_view_day(document->valid_to_us, texts->to);
    texts->fingerprint[0] = '\0';
    if (document->kind == CPTS_KEY_DOCUMENT_STATEMENT)
        cpts_key_fingerprint(document->encryption_key, document->signing_key, texts->fingerprint);
    const char *const cells[] = {texts->position,
                                 texts->on,
                                 key_view_kind(document->kind),
                                 document->cpts_id,
                                 document->region,
                                 texts->serial,
                                 texts->from,
                                 texts->to,
                                 key_view_reason_name(document->reason),
                                 texts->fingerprint,
                                 document->is_vouched ? "yes" : "no"};
    memcpy(texts->cells, cells, sizeof cells);
}

static void add_entry(const struct cpts_key_change *change, struct grid *grid, json_t *list)
{
    struct entry_texts texts;
    fill_texts(change, &texts);
    if (grid != NULL) {
        grid_row(grid, texts.cells);
        return;
    }
    json_t *object = json_object();
    for (int i = 0; i < COUNT(COLUMNS); i++)
        json_object_set_new(object, COLUMNS[i].name, json_string(texts.cells[i]));
    json_array_append_new(list, object);
}

/* Every entry, page by page; what a --cpts leaves out is left out. */
static cpts_status list_all(const struct session *session, const char *only, struct grid *grid,
                            json_t *list, struct cpts_error *err)
{
    struct cpts_key_changes_query query = {.size = sizeof query, .page_size = PAGE_SIZE};
    size_t count = PAGE_SIZE;
    while (count == PAGE_SIZE) {
        struct cpts_key_changes *changes = NULL;
        cpts_status status = cpts_key_changes(session->client, &query, 0, &changes, err);
        if (status != CPTS_OK)
            return status;
        count = changes->change_count;
        for (size_t i = 0; i < count; i++) {
            query.after_position = changes->changes[i].position;
            if (only == NULL || strcmp(changes->changes[i].document.cpts_id, only) == 0)
                add_entry(&changes->changes[i], grid, list);
        }
        cpts_key_changes_free(changes);
    }
    return CPTS_OK;
}

int verb_key_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct grid *grid = NULL;
    json_t *list = json_array();
    int code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK && session->form != FORM_IS_JSON)
        grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    if (code == EXIT_CODE_OK &&
        list_all(session, arguments_value(arguments, "cpts"), grid, list, &err) != CPTS_OK)
        code = failure_print(&err);
    if (grid != NULL && !grid_end(grid, 0))
        code = EXIT_CODE_ERROR;
    if (code == EXIT_CODE_OK && session->form == FORM_IS_JSON)
        code = print_json(json_dumps(list, JSON_INDENT(2)));
    json_decref(list);
    return code;
}
