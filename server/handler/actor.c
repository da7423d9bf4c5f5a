/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/actor.h"

#include <stdbool.h>
#include <string.h>

#include "base/call.h"
#include "domain/member.h"
#include "store/query.h"
#include "wire/error.h"

/* Numbers of cpts.v1.Purpose. */
static const char *const PURPOSES[] = {"", "CARE", "COORDINATION", "DESK", "MAINTENANCE"};

#define PURPOSE_COUNT ((int)(sizeof PURPOSES / sizeof PURPOSES[0]))

const char *actor_purpose_code(int purpose)
{
    return purpose > 0 && purpose < PURPOSE_COUNT ? PURPOSES[purpose] : "";
}

int actor_purpose_find(const char *code)
{
    for (int purpose = 1; purpose < PURPOSE_COUNT; purpose++) {
        if (strcmp(PURPOSES[purpose], code) == 0)
            return purpose;
    }
    return 0;
}

/* Characters of UTF-8, or more than @p length_max when one of them is a control. */
static size_t count_characters(const char *text, size_t length_max)
{
    size_t count = 0;
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte < ' ' || byte == 0x7f)
            return length_max + 1;
        count += (byte & 0xc0) != 0x80;
    }
    return count;
}

static bool is_code(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= ACTOR_PROFESSION_LENGTH_MAX &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

static cpts_status check_professional(const Cpts__V1__Actor *actor, struct cpts_error *err)
{
    char identifier[MEMBER_IDENTIFIER_BYTES];
    const struct member_numbers numbers = {.rpps = actor->rpps, .finess = "", .siret = ""};
    if (member_identify(&numbers, "actor.", identifier, NULL) != CPTS_OK)
        return error_set_field(err, REASON_ACTOR_INVALID, "actor.rpps",
                               "not a RPPS number of 11 digits with its key");
    if (!is_code(actor->profession))
        return error_set_field(err, REASON_ACTOR_INVALID, "actor.profession",
                               "with a RPPS number, the code of the profession");
    if (actor->function[0] != '\0')
        return error_set_field(err, REASON_ACTOR_INVALID, "actor.function",
                               "a RPPS number or a function, not both");
    return CPTS_OK;
}

static cpts_status check_function(const Cpts__V1__Actor *actor, struct cpts_error *err)
{
    size_t length = count_characters(actor->function, ACTOR_FUNCTION_LENGTH_MAX);
    if (length == 0 || length > ACTOR_FUNCTION_LENGTH_MAX)
        return error_set_field(err, REASON_ACTOR_INVALID, "actor.function",
                               "without a RPPS number, a function of 1 to %d characters",
                               ACTOR_FUNCTION_LENGTH_MAX);
    if (actor->profession[0] != '\0')
        return error_set_field(err, REASON_ACTOR_INVALID, "actor.profession",
                               "a profession comes with a RPPS number");
    return CPTS_OK;
}

cpts_status actor_check(const Cpts__V1__Actor *actor, struct cpts_error *err)
{
    if (actor == NULL)
        return error_set_field(err, REASON_ACTOR_INVALID, "actor", "say on whose behalf you call");
    if (actor->base.n_unknown_fields != 0)
        return error_set_field(err, REASON_ACTOR_INVALID, "actor",
                               "it has fields that nobody here knows");
    cpts_status status =
        actor->rpps[0] != '\0' ? check_professional(actor, err) : check_function(actor, err);
    if (status == CPTS_OK && actor_purpose_code((int)actor->purpose)[0] == '\0')
        status = error_set_field(err, REASON_ACTOR_INVALID, "actor.purpose", "say why");
    return status;
}

void actor_bind(struct call *call, const Cpts__V1__Actor *actor)
{
    query_text(call->query, actor->rpps);
    query_text(call->query, actor->profession);
    query_text(call->query, actor->function);
    query_text(call->query, actor_purpose_code((int)actor->purpose));
}
