/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/value.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/transition.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define STAGE_PREFIX "STAGE_"

const char *cpts_stage_name(enum cpts_stage stage)
{
    if (stage == CPTS_STAGE_UNSPECIFIED)
        return "UNSPECIFIED";
    return stage_is_known((int)stage) ? stage_code((int)stage) : "UNRECOGNISED";
}

/* Whether `text` spells `name`, which is in upper case with underscores. */
static bool spells(const char *text, const char *name)
{
    for (; *text != '\0' && *name != '\0'; text++, name++) {
        char letter = *text == '-' || *text == ' ' ? '_' : (char)toupper((unsigned char)*text);
        if (letter != *name)
            return false;
    }
    return *text == '\0' && *name == '\0';
}

bool cpts_stage_parse(const char *text, enum cpts_stage *ret_stage)
{
    if (strncasecmp(text, STAGE_PREFIX, strlen(STAGE_PREFIX)) == 0)
        text += strlen(STAGE_PREFIX);
    for (int i = STAGE_EMERGENCE; i <= STAGE_COUNT; i++) {
        if (spells(text, stage_code(i))) {
            *ret_stage = (enum cpts_stage)i;
            return true;
        }
    }
    return false;
}

bool cpts_stage_is_live(enum cpts_stage stage)
{
    return stage_is_live((int)stage);
}

void cpts_uuid_mint(uint8_t ret_uuid[CPTS_UUID_BYTES])
{
    uuid_mint(ret_uuid);
}

void cpts_uuid_format(const uint8_t uuid[CPTS_UUID_BYTES], char ret_text[CPTS_UUID_TEXT_BYTES])
{
    uuid_format(uuid, ret_text);
}

bool cpts_uuid_parse(const char *text, uint8_t ret_uuid[CPTS_UUID_BYTES])
{
    return uuid_parse(text, ret_uuid);
}

void cpts_uuid_derive(const char *space, const char *name, uint8_t ret_uuid[CPTS_UUID_BYTES])
{
    uuid_derive(space, name, ret_uuid);
}

bool cpts_text_is_valid(const void *text, size_t text_bytes)
{
    return wire_is_utf8(text, text_bytes);
}

void cpts_string_free(char *text)
{
    free(text);
}
