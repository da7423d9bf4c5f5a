/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_subject.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define NUMBER_BYTES 24

cpts_status cpts_watch_subject__head(const struct watch_subject *subject,
                                     const struct transport_reply *message, struct arena *scratch,
                                     struct watch_head *ret_head, struct cpts_error *err)
{
    ProtobufCMessage *unpacked = NULL;
    struct watch_head head = {0};
    arena_reset(scratch);
    cpts_status status = wire_unpack(subject->response, message->bytes, message->byte_count,
                                     scratch, &unpacked, err);
    if (status != CPTS_OK)
        return status;
    if (!subject->head(unpacked, &head))
        return error_set(err, REASON_INTERNAL_ERROR,
                         "the node sent what is neither a change nor a bookmark");
    *ret_head = head;
    return CPTS_OK;
}

/* An interruption has no message: it is made of an empty one. */
static cpts_status take_nothing(const struct answer *answer, struct cpts_error *err)
{
    (void)answer;
    (void)err;
    return CPTS_OK;
}

static void interrupt(const struct watch_subject *subject, const struct watch_entry *entry,
                      void *event)
{
    struct texts {
        char reason[CPTS_REASON_BYTES], sentence[CPTS_MESSAGE_BYTES];
    } *texts = (struct texts *)((char *)event + subject->event_bytes);
    memcpy(texts->reason, entry->failure->reason, sizeof texts->reason);
    memcpy(texts->sentence, entry->failure->message, sizeof texts->sentence);
    subject->interrupt(event, &(struct watch_break){.log_position = entry->log_position,
                                                    .instant_us = entry->instant_us,
                                                    .reason = texts->reason,
                                                    .sentence = texts->sentence});
}

cpts_status cpts_watch_subject__make(const struct watch_subject *subject,
                                     const struct watch_entry *entry, void **ret_event,
                                     struct cpts_error *err)
{
    void *result = NULL;
    bool is_interruption = entry->failure != NULL;
    struct exchange exchange = {
        .operation = subject->operation,
        .response = subject->response,
        .result_bytes =
            subject->event_bytes + (is_interruption ? CPTS_REASON_BYTES + CPTS_MESSAGE_BYTES : 0),
        .take = is_interruption ? take_nothing : subject->take,
    };
    struct transport_reply reply = {.bytes = entry->bytes, .byte_count = entry->byte_count};
    cpts_status status = cpts_exchange__take(&exchange, &reply, &result, err);
    if (status != CPTS_OK)
        return status;
    if (is_interruption)
        interrupt(subject, entry, result);
    *ret_event = result;
    return CPTS_OK;
}

char *cpts_watch_subject__break_json(const struct watch_break *what, int indent_spaces)
{
    char position[NUMBER_BYTES];
    snprintf(position, sizeof position, "%lld", (long long)what->log_position);
    json_t *object = json_pack("{s:{s:s,s:s,s:s}}", "interruption", "logPosition", position,
                               "reason", what->reason, "message", what->sentence);
    size_t indent = indent_spaces > 0 && indent_spaces <= 31 ? (size_t)indent_spaces : 0;
    char *text = object == NULL
                     ? NULL
                     : json_dumps(object, JSON_INDENT(indent) | (indent == 0 ? JSON_COMPACT : 0));
    json_decref(object);
    return text;
}
