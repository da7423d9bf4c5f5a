/* SPDX-License-Identifier: Apache-2.0 */
/* Letters and notes with the keys it takes: several calls, one after the other. */
#include <cpts/letter.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

static cpts_status find_key(cpts_client *client, const struct cpts_key_question *question,
                            int32_t timeout_ms, struct cpts_keys **ret_keys, struct cpts_error *err)
{
    struct cpts_keys_query query = {
        .size = sizeof query, .questions = question, .question_count = 1};
    return cpts_keys_get(client, &query, timeout_ms, ret_keys, err);
}

/* What it takes to open, with the keys in their places. */
static struct cpts_opening with_keys(const struct cpts_sealed_letter *sealed,
                                     const struct cpts_key *keys)
{
    struct cpts_opening opening = sealed->opening;
    opening.origin_key = &keys[0];
    opening.wrapper_key = sealed->question_count > 1 ? &keys[1] : NULL;
    return opening;
}

cpts_status cpts_letter_open(const cpts_keystore *store, struct cpts_sealed_letter *sealed,
                             const struct cpts_key *keys, struct cpts_letter **ret_letter,
                             struct cpts_error *err)
{
    error_clear(err);
    if (sealed == NULL || keys == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no letter, or there are no keys");
    struct cpts_letter *own = calloc(1, sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the letter");
    struct cpts_opening opening = with_keys(sealed, keys);
    cpts_status status = cpts_referral_open(store, &opening, &own->opened, err);
    if (status != CPTS_OK) {
        free(own);
        return status;
    }
    own->sealed = sealed;
    *ret_letter = own;
    return CPTS_OK;
}

/* A letter and the keys to check it with. */
static cpts_status fetch(cpts_client *client, const struct cpts_letter_query *query,
                         int32_t timeout_ms, struct cpts_sealed_letter **ret_sealed,
                         struct cpts_keys **ret_keys, struct cpts_error *err)
{
    struct cpts_sealed_letter *sealed = NULL;
    cpts_status status = cpts_letter_fetch(client, query, timeout_ms, &sealed, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_keys_query wanted = {.size = sizeof wanted,
                                     .questions = sealed->questions,
                                     .question_count = sealed->question_count};
    status = cpts_keys_get(client, &wanted, timeout_ms, ret_keys, err);
    if (status == CPTS_OK)
        *ret_sealed = sealed;
    else
        cpts_sealed_letter_free(sealed);
    return status;
}

cpts_status cpts_letter_get(cpts_client *client, const cpts_keystore *store,
                            const struct cpts_letter_query *query, int32_t timeout_ms,
                            struct cpts_letter **ret_letter, struct cpts_error *err)
{
    struct cpts_sealed_letter *sealed = NULL;
    struct cpts_keys *keys = NULL;
    cpts_status status = fetch(client, query, timeout_ms, &sealed, &keys, err);
    if (status != CPTS_OK)
        return status;
    status = cpts_letter_open(store, sealed, keys->keys, ret_letter, err);
    if (status != CPTS_OK)
        cpts_sealed_letter_free(sealed);
    cpts_keys_free(keys);
    return status;
}

cpts_status cpts_letter_wrap(cpts_client *client, const cpts_keystore *store,
                             const struct cpts_letter_query *query,
                             const struct cpts_sealed_recipient *recipient,
                             struct cpts_packed **ret_wrap, struct cpts_error *err)
{
    struct cpts_sealed_letter *sealed = NULL;
    struct cpts_keys *keys = NULL, *next = NULL;
    struct cpts_key_question question = {.cpts_id = recipient->cpts_id};
    cpts_status status = fetch(client, query, 0, &sealed, &keys, err);
    if (status != CPTS_OK)
        return status;
    status = find_key(client, &question, 0, &next, err);
    if (status == CPTS_OK) {
        struct cpts_seal_recipient to = {.assignment_id = recipient->assignment_id,
                                         .key = next->keys};
        struct cpts_opening opening = with_keys(sealed, keys->keys);
        status = cpts_referral_wrap(store, &opening, &to, ret_wrap, err);
    }
    cpts_keys_free(next);
    cpts_keys_free(keys);
    cpts_sealed_letter_free(sealed);
    return status;
}

cpts_status cpts_note_get(cpts_client *client, const cpts_keystore *store, const char *referral_id,
                          const struct cpts_sealed_note *note, int32_t timeout_ms,
                          struct cpts_text **ret_text, struct cpts_error *err)
{
    struct cpts_keys *keys = NULL;
    struct cpts_key_question question = {
        .cpts_id = note->author_id, .serial = note->key_serial, .at_us = note->recorded_at_us};
    struct cpts_note_opening opening = {
        .size = sizeof opening,
        .referral_id = referral_id,
        .assignment_id = note->assignment_id[0] == '\0' ? NULL : note->assignment_id,
        .note = note->note};
    cpts_status status = find_key(client, &question, timeout_ms, &keys, err);
    if (status != CPTS_OK)
        return status;
    opening.author_key = keys->keys;
    status = cpts_note_open(store, &opening, ret_text, err);
    cpts_keys_free(keys);
    return status;
}

cpts_status cpts_note_write(cpts_client *client, const cpts_keystore *store,
                            const struct cpts_referral *seen, const char *assignment_id,
                            struct cpts_bytes text, struct cpts_packed **ret_note,
                            struct cpts_error *err)
{
    struct cpts_keys *keys = NULL;
    const struct cpts_assignment *attempt = cpts_referral_assignment(seen, assignment_id);
    error_clear(err);
    if (attempt == NULL)
        return error_set(err, REASON_REFERRAL_NOT_FOUND, "the referral has no such attempt");
    bool is_origin = strcmp(cpts_keystore_owner(store), seen->header.origin_id) == 0;
    struct cpts_key_question question = {.cpts_id = is_origin ? attempt->destination_id
                                                              : seen->header.origin_id};
    cpts_status status = find_key(client, &question, 0, &keys, err);
    if (status != CPTS_OK)
        return status;
    const struct cpts_key *reader = keys->keys;
    struct cpts_note_sealing sealing = {.size = sizeof sealing,
                                        .referral_id = seen->id,
                                        .assignment_id = attempt->id,
                                        .text = text,
                                        .readers = &reader,
                                        .reader_count = 1};
    status = cpts_note_seal(store, &sealing, ret_note, err);
    cpts_keys_free(keys);
    return status;
}

void cpts_letter_free(struct cpts_letter *letter)
{
    if (letter == NULL)
        return;
    cpts_opened_free(letter->opened);
    cpts_sealed_letter_free((struct cpts_sealed_letter *)letter->sealed);
    free(letter);
}
