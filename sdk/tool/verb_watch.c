/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl watch: the changes of the registry, line by line, as they happen. */
#include <cpts/watch.h>
#include <stdio.h>

#include "follow.h"
#include "session.h"

static void print_what(const struct cpts_watch_event *event)
{
    if (event->name != NULL)
        printf(" name \"%s\"", event->name);
    if (event->finess != NULL && event->finess[0] != '\0')
        printf(" finess %s", event->finess);
    if (event->website != NULL && event->website[0] != '\0')
        printf(" website %s", event->website);
    for (size_t i = 0; i < event->stage_count; i++)
        printf(" %s %s", cpts_stage_name(event->stages[i].stage), event->stages[i].effective_on);
    if (event->effective_on[0] != '\0')
        printf(" from %s", event->effective_on);
    if (event->unit_count > 0)
        printf(" %zu units", event->unit_count);
    if (event->synthetic)
        fputs(" (synthetic)", stdout);
}

static void print_change(const void *own)
{
    const struct cpts_watch_event *event = own;
    follow_print_instant(event->instant_us);
    printf(" %lld %s %s version %d region %s", (long long)event->log_position, event->change,
           event->id, event->version, event->lead_region);
    print_what(event);
    putchar('\n');
}

static void print_plain(const struct follow_event *what)
{
    const struct cpts_watch_event *event = what->own;
    printf("%s\t%lld\t", follow_kind_name(event->kind), (long long)event->log_position);
    follow_print_instant(event->instant_us);
    printf("\t%s\t%s\t%d\t%s\n",
           event->kind == CPTS_WATCH_INTERRUPTION ? event->reason : event->change, event->id,
           event->version, event->lead_region);
}

static struct follow_event describe(const void *own)
{
    const struct cpts_watch_event *event = own;
    return (struct follow_event){.own = own,
                                 .kind = event->kind,
                                 .log_position = event->log_position,
                                 .instant_us = event->instant_us,
                                 .reason = event->reason,
                                 .sentence = event->sentence};
}

/* The context is where the region's code goes. */
static int begin(struct session *session, const struct arguments *arguments, void *context)
{
    *(const char **)context = arguments_value(arguments, "region");
    return session_connect(session, arguments, 0);
}

static cpts_status open_watch(cpts_client *client, const struct cpts_watch_options *options,
                              void *context, cpts_watch **ret_watch, struct cpts_error *err)
{
    struct cpts_watch_options own = *options;
    own.region = *(const char **)context;
    return cpts_watch_open(client, &own, ret_watch, err);
}

static cpts_status next(cpts_watch *watch, int32_t timeout_ms, void **ret_event,
                        struct cpts_error *err)
{
    struct cpts_watch_event *event = NULL;
    cpts_status status = cpts_watch_next(watch, timeout_ms, &event, err);
    if (status == CPTS_OK)
        *ret_event = event;
    return status;
}

static char *json(const void *event, int indent_spaces)
{
    return cpts_watch_event_json(event, indent_spaces);
}

static void free_event(void *event)
{
    cpts_watch_event_free(event);
}

static const struct follow_subject REGISTRY = {
    .begin = begin,
    .open = open_watch,
    .next = next,
    .describe = describe,
    .json = json,
    .print_change = print_change,
    .print_plain = print_plain,
    .free_event = free_event,
};

int verb_watch(struct session *session, const struct arguments *arguments)
{
    const char *region = NULL;
    return follow_run(session, arguments, &REGISTRY, (void *)&region);
}
