/* SPDX-License-Identifier: Apache-2.0 */
/* Watching referrals. */
#include <cpts/referral_watch.h>
#include <cpts/v1/registry.pb-c.h>
#include <stdio.h>
#include <stdlib.h>

#include "convert.h"
#include "referral_convert.h"
#include "watch_handle.h"
#include "wire/error.h"

/* Longest texts of an actor that are kept; the node takes less. */
#define NUMBER_BYTES 32
#define CODE_BYTES 64
#define FUNCTION_BYTES 512

/* On whose behalf: what goes into each request. */
struct filter {
    char rpps[NUMBER_BYTES];
    char profession[CODE_BYTES];
    char function[FUNCTION_BYTES];
    Cpts__V1__Purpose purpose;
};

static struct cpts_referral_news empty_news(const void *message)
{
    return (struct cpts_referral_news){
        .referral_id = "", .assignment_id = "", .reason = "", .sentence = "", .message = message};
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    struct cpts_referral_news *news = answer->result;
    const Cpts__V1__WatchReferralsResponse *from =
        (const Cpts__V1__WatchReferralsResponse *)answer->message;
    *news = empty_news(from);
    if (from->message_case != CPTS__V1__WATCH_REFERRALS_RESPONSE__MESSAGE_CHANGE) {
        news->kind = CPTS_WATCH_BOOKMARK;
        news->log_position = from->bookmark->log_position;
        news->instant_us = cpts_convert__instant_us(from->bookmark->observed_at);
        return CPTS_OK;
    }
    const Cpts__V1__ReferralChange *change = from->change;
    news->kind = CPTS_WATCH_CHANGE;
    news->log_position = change->log_position;
    news->instant_us = cpts_convert__instant_us(change->recorded_at);
    news->referral_id = change->referral_id;
    news->version = change->version;
    news->event = (enum cpts_referral_event)change->event;
    news->assignment_id = change->assignment_id;
    news->overdue_level = change->overdue_level;
    news->erased = change->erased;
    return CPTS_OK;
}

static void interrupt(void *event, const struct watch_break *what)
{
    struct cpts_referral_news *news = event;
    *news = empty_news(NULL);
    news->kind = CPTS_WATCH_INTERRUPTION;
    news->log_position = what->log_position;
    news->instant_us = what->instant_us;
    news->reason = what->reason;
    news->sentence = what->sentence;
}

static bool head(const ProtobufCMessage *message, struct watch_head *ret_head)
{
    const Cpts__V1__WatchReferralsResponse *from =
        (const Cpts__V1__WatchReferralsResponse *)message;
    bool is_bookmark = from->message_case == CPTS__V1__WATCH_REFERRALS_RESPONSE__MESSAGE_BOOKMARK;
    if (!is_bookmark && from->message_case != CPTS__V1__WATCH_REFERRALS_RESPONSE__MESSAGE_CHANGE)
        return false;
    ret_head->is_bookmark = is_bookmark;
    ret_head->log_position =
        is_bookmark ? from->bookmark->log_position : from->change->log_position;
    return true;
}

static struct transport_body *pack(const void *filter, int64_t position)
{
    const struct filter *from = filter;
    Cpts__V1__Actor actor = CPTS__V1__ACTOR__INIT;
    actor.rpps = (char *)from->rpps;
    actor.profession = (char *)from->profession;
    actor.function = (char *)from->function;
    actor.purpose = from->purpose;
    Cpts__V1__WatchReferralsRequest request = CPTS__V1__WATCH_REFERRALS_REQUEST__INIT;
    request.actor = &actor;
    if (position == WATCH_FROM_NOW) {
        request.start_case = CPTS__V1__WATCH_REFERRALS_REQUEST__START_FROM_NOW;
        request.from_now = true;
    } else {
        request.start_case = CPTS__V1__WATCH_REFERRALS_REQUEST__START_AFTER_POSITION;
        request.after_position = position;
    }
    return cpts_transport__pack(&request.base);
}

static void call(cpts_watch *watch, exchange_callback *callback, void *event,
                 const struct cpts_error *err, void *data)
{
    ((cpts_referral_watch_callback *)callback)(watch, event, err, data);
}

static const struct watch_subject SUBJECT = {
    .operation = OPERATION_REFERRAL_WATCH,
    .response = &cpts__v1__watch_referrals_response__descriptor,
    .event_bytes = sizeof(struct cpts_referral_news),
    .pack = pack,
    .head = head,
    .take = take,
    .interrupt = interrupt,
    .call = call,
};

static bool keep_text(const char *text, char *ret_text, size_t text_bytes)
{
    int length = snprintf(ret_text, text_bytes, "%s", text);
    return length >= 0 && (size_t)length < text_bytes;
}

/* The actor, kept; from malloc. */
static cpts_status keep_actor(const struct cpts_actor *actor, struct filter **ret_filter,
                              struct cpts_error *err)
{
    Cpts__V1__Actor from;
    cpts_status status = cpts_referral__actor(actor, &from, err);
    if (status != CPTS_OK)
        return status;
    struct filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a watch");
    filter->purpose = from.purpose;
    if (!keep_text(from.rpps, filter->rpps, sizeof filter->rpps) ||
        !keep_text(from.profession, filter->profession, sizeof filter->profession) ||
        !keep_text(from.function, filter->function, sizeof filter->function)) {
        free(filter);
        return error_set_field(err, REASON_ARGUMENT_INVALID, "actor", "a text is too long");
    }
    *ret_filter = filter;
    return CPTS_OK;
}

cpts_status cpts_referral_watch_open(cpts_client *client,
                                     const struct cpts_referral_watch_options *options,
                                     cpts_watch **ret_watch, struct cpts_error *err)
{
    struct cpts_referral_watch_options own;
    struct cpts_watch_options pace;
    struct filter *filter = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&pace, sizeof pace, own.pace, err);
    if (status == CPTS_OK && (pace.callback != NULL || pace.region != NULL))
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "pace",
                                 "a region or callback is not for referrals");
    if (status == CPTS_OK)
        status = keep_actor(own.actor, &filter, err);
    if (status != CPTS_OK)
        return status;
    struct watch_wish wish = {.subject = &SUBJECT,
                              .options = &pace,
                              .callback = (exchange_callback *)own.callback,
                              .filter = filter};
    return cpts_watch__open(client, &wish, ret_watch, err);
}

cpts_status cpts_referral_watch_next(cpts_watch *watch, int32_t timeout_ms,
                                     struct cpts_referral_news **ret_news, struct cpts_error *err)
{
    void *news = NULL;
    cpts_status status = cpts_watch__next(watch, &SUBJECT, timeout_ms, &news, err);
    if (status == CPTS_OK)
        *ret_news = news;
    return status;
}

char *cpts_referral_news_json(const struct cpts_referral_news *news, int indent_spaces)
{
    if (news->message != NULL)
        return cpts_convert__json(news->message, indent_spaces);
    return cpts_watch_subject__break_json(&(struct watch_break){.log_position = news->log_position,
                                                                .reason = news->reason,
                                                                .sentence = news->sentence},
                                          indent_spaces);
}

void cpts_referral_news_free(struct cpts_referral_news *news)
{
    cpts_exchange__release(news);
}
