/* SPDX-License-Identifier: Apache-2.0 */
/* federation parked and alarms. */
#include <cpts/federation_desk.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "page_join.h"

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define PAGE_SIZE 500
#define JSON_INDENT 2

static const struct grid_column PARKED_COLUMNS[] = {
    {.name = "id", .heading = "ID"},
    {.name = "node", .heading = "NODE"},
    {.name = "reason", .heading = "REASON"},
    {.name = "aggregate_kind", .heading = "KIND"},
    {.name = "aggregate_id", .heading = "AGGREGATE"},
    {.name = "version_told", .heading = "TOLD", .is_number = true},
    {.name = "version_here", .heading = "HERE", .is_number = true},
    {.name = "epoch_told", .heading = NULL, .is_number = true},
    {.name = "epoch_here", .heading = NULL, .is_number = true},
    {.name = "owner_here", .heading = NULL},
    {.name = "lead_region", .heading = NULL},
    {.name = "count", .heading = "TIMES", .is_number = true},
    {.name = "parked_at", .heading = "SINCE"},
    {.name = "state", .heading = "STATE"},
    {.name = "detail", .heading = NULL},
};

static void add_parked(const struct session *session, struct grid *grid,
                       const struct cpts_parked_aggregate *one)
{
    char told[FIGURE_BYTES], here[FIGURE_BYTES], epoch_told[FIGURE_BYTES], epoch_here[FIGURE_BYTES],
        count[FIGURE_BYTES], since[CPTS_INSTANT_TEXT_BYTES];
    const char *state = one->rejected_at_us != 0 ? "REJECTED"
                        : one->retry_wanted      ? "ASKED FOR"
                                                 : "PARKED";
    grid_figure(session, one->version_told, told);
    grid_figure(session, one->version_here, here);
    grid_figure(session, one->epoch_told, epoch_told);
    grid_figure(session, one->epoch_here, epoch_here);
    grid_figure(session, one->count, count);
    cpts_instant_format(one->parked_at_us, since);
    grid_row(grid,
             (const char *[]){one->id, one->node, one->reason, one->aggregate_kind,
                              one->aggregate_id, told, here, epoch_told, epoch_here,
                              one->owner_here, one->lead_region, count, since, state, one->detail});
}

static cpts_status fetch_parked(struct session *session, struct cpts_parked_aggregates_query *query,
                                struct grid *grid, struct page_join *join, struct cpts_error *err)
{
    struct cpts_parked_aggregates *page = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_parked_aggregates *before = page;
        page = NULL;
        status = cpts_parked_aggregate_list(session->client, query, 0, &page, err);
        cpts_parked_aggregates_free(before);
        for (size_t i = 0; status == CPTS_OK && grid != NULL && i < page->aggregate_count; i++)
            add_parked(session, grid, &page->aggregates[i]);
        if (status == CPTS_OK && grid == NULL &&
            !page_join_add(join, cpts_parked_aggregates_json(page, 0)))
            status = failure_no_memory(err, "the aggregates");
        query->page_token = status == CPTS_OK ? page->next_page_token : "";
    } while (status == CPTS_OK && query->page_token[0] != '\0');
    cpts_parked_aggregates_free(page);
    return status;
}

static int list_parked(struct session *session, const struct arguments *arguments)
{
    struct cpts_parked_aggregates_query query = {.size = sizeof query,
                                                 .page_size = PAGE_SIZE,
                                                 .node = arguments_value(arguments, "node"),
                                                 .with_rejected =
                                                     arguments_has(arguments, "rejected")};
    struct page_join join = {.stream = stdout};
    struct cpts_error err;
    struct grid *grid = session->form == FORM_IS_JSON
                            ? NULL
                            : grid_new(session, PARKED_COLUMNS, COUNT_OF(PARKED_COLUMNS), stdout);
    cpts_status status = fetch_parked(session, &query, grid, &join, &err);
    bool is_fine = grid == NULL ? page_join_end(&join) : grid_end(grid, 0);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

static cpts_status resolve(struct session *session, const struct arguments *arguments,
                           struct cpts_parked_answer **ret_answer, struct cpts_error *err)
{
    const char *retried = arguments_value(arguments, "retry");
    bool is_all = retried != NULL && strcmp(retried, "all") == 0;
    const struct cpts_parked_retry retry = {.size = sizeof retry,
                                            .parked_id = is_all ? NULL : retried,
                                            .node =
                                                is_all ? arguments_value(arguments, "node") : NULL};
    const struct cpts_parked_rejection rejection = {.size = sizeof rejection,
                                                    .parked_id =
                                                        arguments_value(arguments, "reject"),
                                                    .reason = arguments_value(arguments, "reason")};
    return retried != NULL
               ? cpts_parked_aggregate_retry(session->client, &retry, 0, ret_answer, err)
               : cpts_parked_aggregate_reject(session->client, &rejection, 0, ret_answer, err);
}

int verb_federation_parked(struct session *session, const struct arguments *arguments)
{
    struct cpts_parked_answer *answer = NULL;
    struct cpts_error err;
    bool retries = arguments_has(arguments, "retry");
    bool rejects = arguments_has(arguments, "reject");
    if (retries && rejects)
        return usage_error(arguments->command, "--retry or --reject, not both");
    if (rejects && !arguments_has(arguments, "reason"))
        return deed_missing(arguments, "reason");
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (!retries && !rejects)
        return list_parked(session, arguments);
    if (resolve(session, arguments, &answer, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        printf("{\"asked\":%d,\"rejected\":%d}\n", answer->aggregate_count, rejects);
    else if (!session->is_quiet && retries)
        printf("%d will be asked for again\n", answer->aggregate_count);
    else if (!session->is_quiet)
        printf("Set aside what %s had sent\n", answer->node);
    cpts_parked_answer_free(answer);
    return EXIT_CODE_OK;
}

static const struct grid_column ALARM_COLUMNS[] = {
    {.name = "id", .heading = "N", .is_number = true},
    {.name = "alarm", .heading = "ALARM"},
    {.name = "node", .heading = "NODE"},
    {.name = "aggregate_id", .heading = "AGGREGATE"},
    {.name = "count", .heading = "TIMES", .is_number = true},
    {.name = "first_at", .heading = NULL},
    {.name = "last_at", .heading = "LAST"},
    {.name = "detail", .heading = "DETAIL"},
    {.name = "cleared_at", .heading = NULL},
    {.name = "cleared_by", .heading = NULL},
};

static void add_alarm(const struct session *session, struct grid *grid,
                      const struct cpts_federation_alarm *one)
{
    char id[FIGURE_BYTES], count[FIGURE_BYTES], first[CPTS_INSTANT_TEXT_BYTES],
        last[CPTS_INSTANT_TEXT_BYTES], cleared[CPTS_INSTANT_TEXT_BYTES] = "";
    grid_figure(session, one->id, id);
    grid_figure(session, one->count, count);
    cpts_instant_format(one->first_at_us, first);
    cpts_instant_format(one->last_at_us, last);
    if (one->cleared_at_us != 0)
        cpts_instant_format(one->cleared_at_us, cleared);
    grid_row(grid, (const char *[]){id, one->alarm, one->node, one->aggregate_id, count, first,
                                    last, one->detail, cleared, one->cleared_by});
}

static cpts_status fetch_alarms(struct session *session, struct cpts_alarms_query *query,
                                struct grid *grid, struct page_join *join, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    do {
        struct cpts_federation_alarms *page = NULL;
        status = cpts_alarm_list(session->client, query, 0, &page, err);
        for (size_t i = 0; status == CPTS_OK && grid != NULL && i < page->alarm_count; i++)
            add_alarm(session, grid, &page->alarms[i]);
        if (status == CPTS_OK && grid == NULL &&
            !page_join_add(join, cpts_federation_alarms_json(page, 0)))
            status = failure_no_memory(err, "the alarms");
        query->before_id = status == CPTS_OK ? page->next_before_id : 0;
        cpts_federation_alarms_free(page);
    } while (status == CPTS_OK && query->before_id != 0);
    return status;
}

static int list_alarms(struct session *session, const struct arguments *arguments)
{
    struct cpts_alarms_query query = {.size = sizeof query,
                                      .page_size = PAGE_SIZE,
                                      .node = arguments_value(arguments, "node"),
                                      .with_cleared = arguments_has(arguments, "cleared")};
    struct page_join join = {.stream = stdout};
    struct cpts_error err;
    struct grid *grid = session->form == FORM_IS_JSON
                            ? NULL
                            : grid_new(session, ALARM_COLUMNS, COUNT_OF(ALARM_COLUMNS), stdout);
    cpts_status status = fetch_alarms(session, &query, grid, &join, &err);
    bool is_fine = grid == NULL ? page_join_end(&join) : grid_end(grid, 0);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_federation_alarms(struct session *session, const struct arguments *arguments)
{
    struct cpts_parked_answer *answer = NULL;
    struct cpts_error err;
    int64_t alarm_id = 0;
    int code = arguments_has(arguments, "clear") ? input_position(arguments, "clear", &alarm_id)
                                                 : EXIT_CODE_OK;
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (!arguments_has(arguments, "clear"))
        return list_alarms(session, arguments);
    if (cpts_alarm_clear(session->client, alarm_id, 0, &answer, &err) != CPTS_OK)
        return failure_print(&err);
    cpts_parked_answer_free(answer);
    if (session->form == FORM_IS_JSON)
        printf("{\"cleared\":%lld}\n", (long long)alarm_id);
    else if (!session->is_quiet)
        printf("Cleared alarm %lld\n", (long long)alarm_id);
    return EXIT_CODE_OK;
}
