/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral watch: what happens to one's referrals, line by line. */
#include <cpts/referral_watch.h>
#include <stdio.h>

#include "follow.h"
#include "verb_referral.h"

static const char *what_of(const struct cpts_referral_news *news)
{
    return news->erased ? "ERASED" : cpts_referral_event_name(news->event);
}

static void print_change(const void *own)
{
    const struct cpts_referral_news *news = own;
    follow_print_instant(news->instant_us);
    printf(" %lld %s %s version %d", (long long)news->log_position, what_of(news),
           news->referral_id, (int)news->version);
    if (news->overdue_level > 0)
        printf(" level %d", (int)news->overdue_level);
    if (news->assignment_id[0] != '\0')
        printf(" attempt %s", news->assignment_id);
    putchar('\n');
}

static void print_plain(const struct follow_event *what)
{
    const struct cpts_referral_news *news = what->own;
    printf("%s\t%lld\t", follow_kind_name(news->kind), (long long)news->log_position);
    follow_print_instant(news->instant_us);
    printf("\t%s\t%s\t%d\t%s\n",
           news->kind == CPTS_WATCH_INTERRUPTION ? news->reason : what_of(news), news->referral_id,
           (int)news->version, news->assignment_id);
}

static struct follow_event describe(const void *own)
{
    const struct cpts_referral_news *news = own;
    return (struct follow_event){.own = own,
                                 .kind = news->kind,
                                 .log_position = news->log_position,
                                 .instant_us = news->instant_us,
                                 .reason = news->reason,
                                 .sentence = news->sentence};
}

static int begin(struct session *session, const struct arguments *arguments, void *context)
{
    return referral_run_begin(context, session, arguments);
}

static cpts_status open_watch(cpts_client *client, const struct cpts_watch_options *options,
                              void *context, cpts_watch **ret_watch, struct cpts_error *err)
{
    const struct referral_run *run = context;
    struct cpts_referral_watch_options own = {
        .size = sizeof own, .actor = &run->actor, .pace = options};
    return cpts_referral_watch_open(client, &own, ret_watch, err);
}

static cpts_status next(cpts_watch *watch, int32_t timeout_ms, void **ret_event,
                        struct cpts_error *err)
{
    struct cpts_referral_news *news = NULL;
    cpts_status status = cpts_referral_watch_next(watch, timeout_ms, &news, err);
    if (status == CPTS_OK)
        *ret_event = news;
    return status;
}

static char *json(const void *event, int indent_spaces)
{
    return cpts_referral_news_json(event, indent_spaces);
}

static void free_event(void *event)
{
    cpts_referral_news_free(event);
}

static const struct follow_subject REFERRALS = {
    .begin = begin,
    .open = open_watch,
    .next = next,
    .describe = describe,
    .json = json,
    .print_change = print_change,
    .print_plain = print_plain,
    .free_event = free_event,
};

int verb_referral_watch(struct session *session, const struct arguments *arguments)
{
    struct referral_run run = {0};
    int code = follow_run(session, arguments, &REFERRALS, &run);
    referral_run_end(&run);
    return code;
}
