/* SPDX-License-Identifier: Apache-2.0 */
/* How attachments are mentioned in what is sealed. */
#include <cpts/attachment.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sealing.h"
#include "wire/arena.h"
#include "wire/error.h"

#define MENTIONS_MAX 5
#define NAME_BYTES_MAX 800
#define KEY_TEXT_BYTES (2 * 32 + 1)
#define SLACK_BYTES 4096

static const char LIST[] = "attachments";

static void wipe_string(char *text)
{
    if (text != NULL)
        sodium_memzero(text, strlen(text));
    free(text);
}

/* The text as a JSON object; a new one around a text that is none. */
static json_t *object_of(const struct cpts_bytes *text)
{
    json_t *object = json_loadb((const char *)text->bytes, text->byte_count, 0, NULL);
    if (json_is_object(object))
        return object;
    json_decref(object);
    return json_pack("{s:s%}", "text", (const char *)text->bytes, text->byte_count);
}

static json_t *list_of(const struct cpts_attachment_mention *mentions, size_t count)
{
    char key[KEY_TEXT_BYTES];
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < count; i++) {
        sodium_bin2hex(key, sizeof key, mentions[i].key, sizeof mentions[i].key);
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "id", mentions[i].id, "name",
                                              mentions[i].name, "key", key));
    }
    sodium_memzero(key, sizeof key);
    return list;
}

static cpts_status check(const struct cpts_bytes *text,
                         const struct cpts_attachment_mention *mentions, size_t count,
                         struct cpts_error *err)
{
    if (count > MENTIONS_MAX)
        return cpts_sealing__refuse("mentions", "more than five attachments", err);
    if (count > 0 && !cpts_text_is_valid(text->bytes, text->byte_count))
        return cpts_sealing__refuse("text", "it is not UTF-8", err);
    for (size_t i = 0; i < count; i++) {
        if (mentions[i].name == NULL || mentions[i].name[0] == '\0' ||
            strlen(mentions[i].name) > NAME_BYTES_MAX ||
            !cpts_text_is_valid(mentions[i].name, strlen(mentions[i].name)))
            return cpts_sealing__refuse("mentions", "an attachment has no name, or a bad one", err);
    }
    return CPTS_OK;
}

static cpts_status hand_over(const void *bytes, size_t byte_count, struct cpts_text **ret_text,
                             struct cpts_error *err)
{
    struct arena *arena = NULL;
    struct cpts_text *own = cpts_sealing__result(sizeof *own, byte_count + SLACK_BYTES, &arena);
    char *copy = own == NULL ? NULL : arena_copy(arena, byte_count == 0 ? "" : bytes, byte_count);
    if (copy == NULL) {
        cpts_sealing__free(own);
        return cpts_sealing__no_memory(err);
    }
    own->bytes = (struct cpts_bytes){(const uint8_t *)copy, byte_count};
    *ret_text = own;
    return CPTS_OK;
}

cpts_status cpts_attachment_mention_all(struct cpts_bytes text,
                                        const struct cpts_attachment_mention *mentions,
                                        size_t mention_count, struct cpts_text **ret_text,
                                        struct cpts_error *err)
{
    error_clear(err);
    cpts_status status = check(&text, mentions, mention_count, err);
    if (status != CPTS_OK)
        return status;
    if (mention_count == 0)
        return hand_over(text.bytes, text.byte_count, ret_text, err);
    json_t *object = object_of(&text);
    if (json_object_get(object, LIST) != NULL) {
        json_decref(object);
        return cpts_sealing__refuse("text", "it has attachments of its own", err);
    }
    char *dumped = NULL;
    if (json_object_set_new(object, LIST, list_of(mentions, mention_count)) == 0)
        dumped = json_dumps(object, JSON_COMPACT);
    status = dumped == NULL ? cpts_sealing__no_memory(err)
                            : hand_over(dumped, strlen(dumped), ret_text, err);
    wipe_string(dumped);
    json_decref(object);
    return status;
}

static bool read_mention(const json_t *from, struct arena *arena,
                         struct cpts_attachment_mention *mention)
{
    const char *id = json_string_value(json_object_get(from, "id"));
    const char *name = json_string_value(json_object_get(from, "name"));
    const char *key = json_string_value(json_object_get(from, "key"));
    uint8_t uuid[CPTS_UUID_BYTES];
    size_t key_bytes = 0;
    if (id == NULL || name == NULL || key == NULL || !cpts_uuid_parse(id, uuid) ||
        sodium_hex2bin(mention->key, sizeof mention->key, key, strlen(key), NULL, &key_bytes,
                       NULL) != 0 ||
        key_bytes != sizeof mention->key)
        return false;
    cpts_uuid_format(uuid, mention->id);
    mention->name = arena_copy(arena, name, strlen(name));
    return mention->name != NULL;
}

/* What was written beside the mentions: the text alone, or the other members. */
static bool read_text(json_t *object, struct arena *arena, struct cpts_bytes *ret_text)
{
    json_object_del(object, LIST);
    const json_t *text = json_object_get(object, "text");
    bool is_alone = json_is_string(text) && json_object_size(object) == 1;
    char *dumped = is_alone ? strdup(json_string_value(text)) : json_dumps(object, JSON_COMPACT);
    char *copy = dumped == NULL ? NULL : arena_copy(arena, dumped, strlen(dumped));
    ret_text->bytes = (const uint8_t *)copy;
    ret_text->byte_count = dumped == NULL ? 0 : strlen(dumped);
    wipe_string(dumped);
    return copy != NULL;
}

/* Fills @p own from an object with mentions; those that are none are left out. */
static bool read_mentions(json_t *object, struct arena *arena, struct cpts_attachment_mentions *own)
{
    const json_t *list = json_object_get(object, LIST);
    size_t count = json_array_size(list);
    if (count > MENTIONS_MAX)
        count = MENTIONS_MAX;
    struct cpts_attachment_mention *mentions = arena_alloc(arena, (count + 1) * sizeof *mentions);
    for (size_t i = 0; mentions != NULL && i < count; i++)
        own->mention_count +=
            read_mention(json_array_get(list, i), arena, &mentions[own->mention_count]);
    own->mentions = mentions;
    return mentions != NULL && read_text(object, arena, &own->text);
}

cpts_status cpts_attachment_mentions_read(struct cpts_bytes text,
                                          struct cpts_attachment_mentions **ret_mentions,
                                          struct cpts_error *err)
{
    struct arena *arena = NULL;
    error_clear(err);
    struct cpts_attachment_mentions *own =
        cpts_sealing__result(sizeof *own, 2 * text.byte_count + SLACK_BYTES, &arena);
    if (own == NULL)
        return cpts_sealing__no_memory(err);
    json_t *object = text.byte_count == 0
                         ? NULL
                         : json_loadb((const char *)text.bytes, text.byte_count, 0, NULL);
    bool is_fine = true;
    if (json_is_array(json_object_get(object, LIST))) {
        is_fine = read_mentions(object, arena, own);
    } else {
        char *copy = arena_copy(arena, text.byte_count == 0 ? (const void *)"" : text.bytes,
                                text.byte_count);
        own->text = (struct cpts_bytes){(const uint8_t *)copy, text.byte_count};
        is_fine = copy != NULL;
    }
    json_decref(object);
    if (!is_fine) {
        cpts_sealing__free(own);
        return cpts_sealing__no_memory(err);
    }
    *ret_mentions = own;
    return CPTS_OK;
}

void cpts_attachment_mentions_free(struct cpts_attachment_mentions *mentions)
{
    cpts_sealing__free(mentions);
}
