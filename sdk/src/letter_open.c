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

struct cpts_wraps {
    size_t count;
    struct {
        struct cpts_packed *wrap;
        char assignment_id[CPTS_UUID_TEXT_BYTES];
    } of[CPTS_RECIPIENTS_MAX];
};

/* Keys of all recipients. */
static cpts_status find_all(cpts_client *client, const struct cpts_sealed_recipient *recipients,
                            size_t count, struct cpts_keys **ret_keys, struct cpts_error *err)
{
    struct cpts_key_question questions[CPTS_RECIPIENTS_MAX];
    struct cpts_keys_query query = {
        .size = sizeof query, .questions = questions, .question_count = count};
    if (count == 0 || count > CPTS_RECIPIENTS_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "recipients", "there are not 1..%d",
                               CPTS_RECIPIENTS_MAX);
    for (size_t i = 0; i < count; i++)
        questions[i] = (struct cpts_key_question){.cpts_id = recipients[i].cpts_id};
    return cpts_keys_get(client, &query, 0, ret_keys, err);
}

static cpts_status wrap_one(const cpts_keystore *store, const struct cpts_opening *opening,
                            const char *assignment_id, const struct cpts_key *key,
                            struct cpts_wraps *wraps, struct cpts_error *err)
{
    uint8_t id[CPTS_UUID_BYTES];
    char *text = wraps->of[wraps->count].assignment_id;
    if (assignment_id == NULL) {
        cpts_uuid_mint(id);
        cpts_uuid_format(id, text);
    } else {
        strncpy(text, assignment_id, CPTS_UUID_TEXT_BYTES - 1);
    }
    struct cpts_seal_recipient to = {.assignment_id = text, .key = key};
    cpts_status status =
        cpts_referral_wrap(store, opening, &to, &wraps->of[wraps->count].wrap, err);
    wraps->count += status == CPTS_OK;
    return status;
}

static cpts_status wrap_all(const cpts_keystore *store, const struct cpts_opening *opening,
                            const struct cpts_sealed_recipient *recipients,
                            const struct cpts_keys *keys, struct cpts_wraps **ret_wraps,
                            struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    struct cpts_wraps *wraps = calloc(1, sizeof *wraps);
    if (wraps == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the keys");
    for (size_t i = 0; status == CPTS_OK && i < keys->key_count; i++)
        status = wrap_one(store, opening, recipients[i].assignment_id, &keys->keys[i], wraps, err);
    if (status == CPTS_OK)
        *ret_wraps = wraps;
    else
        cpts_wraps_free(wraps);
    return status;
}

cpts_status cpts_letter_wrap(cpts_client *client, const cpts_keystore *store,
                             const struct cpts_sealed_letter *sealed,
                             struct cpts_sealed_recipient *recipients, size_t recipient_count,
                             struct cpts_wraps **ret_wraps, struct cpts_error *err)
{
    struct cpts_keys *authors = NULL, *keys = NULL;
    struct cpts_wraps *wraps = NULL;
    struct cpts_keys_query query = {.size = sizeof query,
                                    .questions = sealed->questions,
                                    .question_count = sealed->question_count};
    cpts_status status = cpts_keys_get(client, &query, 0, &authors, err);
    if (status == CPTS_OK)
        status = find_all(client, recipients, recipient_count, &keys, err);
    if (status == CPTS_OK) {
        struct cpts_opening opening = with_keys(sealed, authors->keys);
        status = wrap_all(store, &opening, recipients, keys, &wraps, err);
    }
    for (size_t i = 0; status == CPTS_OK && i < wraps->count && i < recipient_count; i++) {
        recipients[i].assignment_id = wraps->of[i].assignment_id;
        recipients[i].wrap = wraps->of[i].wrap->bytes;
    }
    if (status == CPTS_OK)
        *ret_wraps = wraps;
    cpts_keys_free(authors);
    cpts_keys_free(keys);
    return status;
}

void cpts_wraps_free(struct cpts_wraps *wraps)
{
    for (size_t i = 0; wraps != NULL && i < wraps->count; i++)
        cpts_packed_free(wraps->of[i].wrap);
    free(wraps);
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

/* Who reads what the destination writes: after a merge, whoever the origin became. */
static const char *origin_now(const struct cpts_referral *seen)
{
    bool is_other = seen->successor_id != NULL && seen->successor_id[0] != '\0';
    return is_other ? seen->successor_id : seen->header.origin_id;
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
    const char *origin = origin_now(seen);
    bool is_origin = strcmp(cpts_keystore_owner(store), origin) == 0;
    struct cpts_key_question question = {.cpts_id = is_origin ? attempt->destination_id : origin};
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
