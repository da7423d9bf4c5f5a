/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/referral_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/envelope.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/uuid.h"

/* Longest list of states or clocks, names and blanks. */
#define WORDS_BYTES 256

cpts_status minted_id_read(const char *text, const char *field, uint8_t ret_id[16],
                           struct cpts_error *err)
{
    uint8_t id[16];
    cpts_status status = request_uuid(text, field, id, err);
    if (status != CPTS_OK)
        return status;
    if (id[6] >> 4 != 7 || id[8] >> 6 != 2)
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "not a UUID of version 7, which carries when it was minted");
    memcpy(ret_id, id, sizeof id);
    return CPTS_OK;
}

bool caller_cpts(const struct call *call, uint8_t ret_cpts_id[16])
{
    return strncmp(call->principal.scope, "cpts:", 5) == 0 &&
           uuid_parse(call->principal.scope + 5, ret_cpts_id);
}

const char *enum_code(const ProtobufCEnumDescriptor *type, int number, const char *prefix)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    return number == 0 || value == NULL ? "" : value->name + strlen(prefix);
}

cpts_status referral_command_begin(struct call *call, const struct referral_command *command,
                                   struct cpts_error *err)
{
    command->change->on_behalf = command->actor;
    struct command of_aggregate = {.statement = command->statement,
                                   .command_id = command->command_id,
                                   .content = command->content,
                                   .cpts_id = command->referral_id,
                                   .change = command->change};
    return request_command(call, &of_aggregate, err);
}

/* ---- recipients ---- */

static cpts_status check_repeated(const struct recipient_list *list,
                                  const Cpts__V1__Recipient *recipient, struct cpts_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const Cpts__V1__Recipient *other = list->all[i];
        if (strcasecmp(other->cpts_id, recipient->cpts_id) == 0 ||
            (recipient->assignment_id[0] != '\0' &&
             strcasecmp(other->assignment_id, recipient->assignment_id) == 0))
            return error_set_field(err, REASON_RECIPIENT_REPEATED, "destinations",
                                   "each CPTS and each id is named once: %s", recipient->cpts_id);
    }
    return CPTS_OK;
}

static cpts_status check_recipient(const Cpts__V1__Recipient *recipient, bool is_proposal,
                                   struct cpts_error *err)
{
    uint8_t id[16];
    cpts_status status = request_uuid(recipient->cpts_id, "destinations.cpts_id", id, err);
    if (status != CPTS_OK)
        return status;
    if (is_proposal)
        return recipient->wrap == NULL
                   ? CPTS_OK
                   : error_set_field(err, REASON_WRAP_NOT_YOURS, "destinations.wrap",
                                     "the desk holds no keys: it proposes");
    if (recipient->wrap == NULL || strcasecmp(recipient->wrap->cpts_id, recipient->cpts_id) != 0)
        return error_set_field(err, REASON_NOT_SEALED_FOR_RECIPIENT, "destinations.wrap",
                               "the keys are not wrapped for %s", recipient->cpts_id);
    return minted_id_read(recipient->assignment_id, "destinations.assignment_id", id, err);
}

Cpts__V1__RecipientFact *recipient_fact(struct call *call, const Cpts__V1__Recipient *recipient)
{
    Cpts__V1__RecipientFact *fact = request_message(call, &cpts__v1__recipient_fact__descriptor);
    if (fact == NULL)
        return NULL;
    fact->assignment_id = recipient->assignment_id;
    fact->cpts_id = recipient->cpts_id;
    if (recipient->wrap == NULL)
        return fact;
    size_t byte_count = cpts__v1__key_wrap__get_packed_size(recipient->wrap);
    uint8_t *bytes = arena_alloc(call->arena, byte_count + DIGEST_BYTES);
    if (bytes == NULL)
        return NULL;
    cpts__v1__key_wrap__pack(recipient->wrap, bytes);
    envelope_hash(bytes, byte_count, bytes + byte_count);
    fact->wrap_sha256 = (ProtobufCBinaryData){DIGEST_BYTES, bytes + byte_count};
    return fact;
}

cpts_status recipient_list_add(struct call *call, Cpts__V1__Recipient *const *recipients,
                               size_t count, bool is_proposal, struct recipient_list *list,
                               struct cpts_error *err)
{
    if (count > REFERRAL_RECIPIENTS_MAX - list->count)
        return error_set_field(err, REASON_TOO_MANY_RECIPIENTS, "destinations",
                               "at most %d destinations and candidates", REFERRAL_RECIPIENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        cpts_status status = check_recipient(recipients[i], is_proposal, err);
        if (status == CPTS_OK)
            status = check_repeated(list, recipients[i], err);
        if (status != CPTS_OK)
            return status;
        list->all[list->count] = recipients[i];
        list->facts[list->count] = recipient_fact(call, recipients[i]);
        if (list->facts[list->count] == NULL)
            return request_no_memory(err);
        list->count++;
    }
    return CPTS_OK;
}

/* Text form of a bytea with the packed wrap; NULL when the arena is full. */
static const char *wrap_text(struct call *call, const Cpts__V1__KeyWrap *wrap)
{
    size_t byte_count = cpts__v1__key_wrap__get_packed_size(wrap);
    uint8_t *bytes = arena_alloc(call->arena, byte_count + 1);
    char *text = arena_alloc(call->arena, 2 * byte_count + 3);
    if (bytes == NULL || text == NULL)
        return NULL;
    cpts__v1__key_wrap__pack(wrap, bytes);
    memcpy(text, "\\x", 2);
    hexadecimal_write(bytes, byte_count, text + 2);
    return text;
}

void recipient_list_bind(struct call *call, const struct recipient_list *list)
{
    const char *ids[REFERRAL_RECIPIENTS_MAX], *cpts[REFERRAL_RECIPIENTS_MAX];
    const char *wraps[REFERRAL_RECIPIENTS_MAX];
    size_t wrapped = 0;
    for (size_t i = 0; i < list->count; i++) {
        cpts[i] = list->all[i]->cpts_id;
        if (list->all[i]->wrap == NULL)
            continue;
        ids[wrapped] = list->all[i]->assignment_id;
        wraps[wrapped] = wrap_text(call, list->all[i]->wrap);
        if (wraps[wrapped++] == NULL) {
            call->query->failed = true;
            return;
        }
    }
    query_text_array(call->query, ids, wrapped);
    query_text_array(call->query, cpts, list->count);
    query_text_array(call->query, wraps, wrapped);
}

void bind_packed(struct call *call, const ProtobufCMessage *message)
{
    if (message == NULL) {
        query_text(call->query, NULL);
        return;
    }
    size_t byte_count = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(call->arena, byte_count + 1);
    if (bytes == NULL) {
        call->query->failed = true;
        return;
    }
    protobuf_c_message_pack(message, bytes);
    query_bytes(call->query, bytes, byte_count);
}

/* ---- the table of steps ---- */

/* Appends a word and a blank. */
static void put_word(char words[WORDS_BYTES], const char *word)
{
    size_t length = strlen(words);
    snprintf(words + length, WORDS_BYTES - length, "%s%s ", length == 0 ? " " : "", word);
}

static void put_from(const struct referral_step *step, char words[WORDS_BYTES])
{
    int count = step->of_referral ? REFERRAL_STATUS_COUNT : ASSIGNMENT_STATE_COUNT;
    for (int state = 1; state <= count; state++) {
        if ((step->from & (1u << (unsigned)state)) != 0)
            put_word(words, step->of_referral ? referral_status_code(state)
                                              : assignment_state_code(state));
    }
}

/* Names of the clocks that stop, between single blanks without any around; `*` = all. */
static void put_stops(const struct referral_step *step, char words[WORDS_BYTES])
{
    const unsigned every = (1u << (REFERRAL_CLOCK_COUNT + 1)) - 2;
    if (step->stops == every) {
        snprintf(words, WORDS_BYTES, "*");
        return;
    }
    for (int clock = 1; clock <= REFERRAL_CLOCK_COUNT; clock++) {
        size_t length = strlen(words);
        if ((step->stops & (1u << (unsigned)clock)) != 0)
            snprintf(words + length, WORDS_BYTES - length, "%s%s", length == 0 ? "" : " ",
                     referral_clock_code(clock));
    }
}

static const char *state_entered(const struct referral_step *step)
{
    if (step->to == ASSIGNMENT_PREVIOUS)
        return "PREVIOUS";
    return step->to == ASSIGNMENT_SAME ? "SAME" : assignment_state_code(step->to);
}

/* Columns of a step as the statement has them, an element a party. */
struct step_columns {
    char from[PARTY_COUNT][WORDS_BYTES];
    char stops[PARTY_COUNT][WORDS_BYTES];
    const char *from_states[PARTY_COUNT], *to_states[PARTY_COUNT], *overdue_mins[PARTY_COUNT];
    const char *custodies[PARTY_COUNT], *arms[PARTY_COUNT], *stopped[PARTY_COUNT];
};

static void fill_columns(enum referral_event event, struct step_columns *columns)
{
    static const char *const CUSTODIES[] = {"STAYS", "DESTINATION", "ORIGIN", "NOBODY"};
    static const char *const LEVELS[] = {"0", "1", "2", "3"};
    *columns = (struct step_columns){0};
    for (int i = 0; i < PARTY_COUNT; i++) {
        const struct referral_step *step = referral_step_find(event, (enum party)(i + 1));
        if (step != NULL) {
            put_from(step, columns->from[i]);
            put_stops(step, columns->stops[i]);
        }
        columns->from_states[i] = columns->from[i];
        columns->stopped[i] = columns->stops[i];
        columns->to_states[i] = step == NULL || step->of_referral ? "" : state_entered(step);
        columns->overdue_mins[i] = LEVELS[step == NULL ? 0 : step->overdue_min & 3];
        columns->custodies[i] = CUSTODIES[step == NULL ? 0 : step->custody];
        columns->arms[i] = step == NULL ? "" : referral_clock_code((int)step->arms);
    }
}

void step_bind(struct call *call, enum referral_event event)
{
    struct step_columns columns;
    fill_columns(event, &columns);
    query_text_array(call->query, columns.from_states, PARTY_COUNT);
    query_text_array(call->query, columns.to_states, PARTY_COUNT);
    query_text_array(call->query, columns.overdue_mins, PARTY_COUNT);
    query_text_array(call->query, columns.custodies, PARTY_COUNT);
    query_text_array(call->query, columns.arms, PARTY_COUNT);
    query_text_array(call->query, columns.stopped, PARTY_COUNT);
}

void step_bind_from(struct call *call, enum referral_event event)
{
    struct step_columns columns;
    fill_columns(event, &columns);
    query_text_array(call->query, columns.from_states, PARTY_COUNT);
}

void step_bind_whole(struct call *call, enum referral_event event)
{
    struct step_columns columns;
    fill_columns(event, &columns);
    query_text_array(call->query, columns.from_states, PARTY_COUNT);
    query_text_array(call->query, columns.overdue_mins, PARTY_COUNT);
}

void parking_bind(struct call *call, bool queued, const Cpts__V1__Actor *actor)
{
    if (!queued) {
        query_text(call->query, NULL);
        query_text(call->query, NULL);
        return;
    }
    uint8_t id[16];
    uuid_mint(id);
    query_uuid(call->query, id);
    bind_packed(call, &actor->base);
}
