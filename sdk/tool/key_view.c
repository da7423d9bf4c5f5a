/* SPDX-License-Identifier: Apache-2.0 */
#include "key_view.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY_TEXT_BYTES 65
#define DAY_CHARACTERS 10

static const char *const REASONS[] = {"", "COMPROMISED", "LOST", "SUPERSEDED", "ENDED"};
static const char *const KINDS[] = {"",          "certificate", "request",
                                    "statement", "revocation",  "authority revocation"};
#define REASON_COUNT ((int)(sizeof REASONS / sizeof REASONS[0]))

void key_view_day(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES])
{
    ret_text[0] = '\0';
    if (instant_us != 0)
        cpts_instant_format(instant_us, ret_text);
    if (strlen(ret_text) > DAY_CHARACTERS)
        ret_text[DAY_CHARACTERS] = '\0';
}

const char *key_view_kind(enum cpts_key_document_kind kind)
{
    return (int)kind < (int)(sizeof KINDS / sizeof KINDS[0]) ? KINDS[kind] : "";
}

const char *key_view_reason_name(enum cpts_key_revocation_reason reason)
{
    return (int)reason < REASON_COUNT ? REASONS[reason] : "";
}

int key_view_reason(const struct arguments *arguments, enum cpts_key_revocation_reason *ret_reason)
{
    const char *text = arguments_value(arguments, "reason");
    for (int reason = 1; text != NULL && reason < REASON_COUNT; reason++) {
        if (strcasecmp(text, REASONS[reason]) == 0) {
            *ret_reason = (enum cpts_key_revocation_reason)reason;
            return EXIT_CODE_OK;
        }
    }
    return usage_error(arguments->command,
                       "--reason is COMPROMISED, LOST, SUPERSEDED or ENDED (required)");
}

/* A fact that is there. */
static void add(json_t *object, const char *name, const char *text)
{
    if (text[0] != '\0')
        json_object_set_new(object, name, json_string(text));
}

struct fact {
    const char *name;
    const char *heading;
    const char *text;
};

static int print_facts(const struct session *session, const char *what, const struct fact *facts,
                       size_t count, const struct cpts_key_document *document)
{
    if (session->form == FORM_IS_JSON) {
        json_t *object = json_object();
        for (size_t i = 0; object != NULL && i < count; i++)
            add(object, facts[i].name, facts[i].text);
        json_object_set_new(object, "vouched", json_boolean(document->is_vouched));
        char *text = object == NULL ? NULL : json_dumps(object, JSON_INDENT(2));
        json_decref(object);
        return print_json(text);
    }
    printf("%s\n", what);
    for (size_t i = 0; i < count; i++) {
        if (facts[i].text[0] != '\0')
            printf("  %-14s %s\n", facts[i].heading, facts[i].text);
    }
    return EXIT_CODE_OK;
}

static void key_text(const uint8_t key[CPTS_KEY_BYTES], char ret_text[KEY_TEXT_BYTES])
{
    static const uint8_t NONE[CPTS_KEY_BYTES];
    ret_text[0] = '\0';
    if (memcmp(key, NONE, sizeof NONE) != 0)
        cpts_key_text(key, ret_text);
}

int key_view_print(const struct session *session, const char *what,
                   const struct cpts_key_document *facts)
{
    char serial[16] = "", encryption[KEY_TEXT_BYTES], signing[KEY_TEXT_BYTES];
    char from[CPTS_INSTANT_TEXT_BYTES], to[CPTS_INSTANT_TEXT_BYTES];
    char fingerprint[CPTS_KEY_FINGERPRINT_BYTES] = "";
    if (facts->serial > 0)
        snprintf(serial, sizeof serial, "%d", (int)facts->serial);
    key_text(facts->encryption_key, encryption);
    key_text(facts->signing_key, signing);
    key_view_day(facts->valid_from_us, from);
    key_view_day(facts->valid_to_us, to);
    if (signing[0] != '\0')
        cpts_key_fingerprint(facts->encryption_key, facts->signing_key, fingerprint);
    const struct fact rows[] = {
        {"kind", "kind", key_view_kind(facts->kind)},
        {"cptsId", "CPTS", facts->cpts_id},
        {"region", "region", facts->region},
        {"serial", "serial", serial},
        {"encryptionKey", "encryption key", encryption},
        {"signingKey", "signing key", signing},
        {"fingerprint", "fingerprint", fingerprint},
        {facts->kind == CPTS_KEY_DOCUMENT_REVOCATION ? "revokedOn" : "validFrom",
         facts->kind == CPTS_KEY_DOCUMENT_REVOCATION ? "revoked on" : "valid from", from},
        {"validTo", "valid to", to},
        {"reason", "reason", key_view_reason_name(facts->reason)},
    };
    return print_facts(session, what, rows, sizeof rows / sizeof rows[0], facts);
}
