/* SPDX-License-Identifier: Apache-2.0 */
/* federation status and verify. */
#include <cpts/federation_node.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "failure.h"
#include "grid.h"
#include "input.h"

#define COLUMN_COUNT ((int)(sizeof(COLUMNS) / sizeof((COLUMNS)[0])))
#define JSON_INDENT 2
#define US_PER_S 1000000
/* How long verify waits for what it asked for, and how often it looks. */
#define COMPARED_TRIES 240
#define COMPARED_PAUSE_NS 250000000L

static const struct grid_column COLUMNS[] = {
    {.name = "node", .heading = "NODE"},
    {.name = "direction", .heading = "WAY"},
    {.name = "state", .heading = "STATE"},
    {.name = "connected", .heading = "SESSION"},
    {.name = "head_position", .heading = NULL, .is_number = true},
    {.name = "acknowledged_position", .heading = "STORED", .is_number = true},
    {.name = "lag_changes", .heading = "BEHIND", .is_number = true},
    {.name = "lag_bytes", .heading = NULL, .is_number = true},
    {.name = "lag_seconds", .heading = "SECONDS", .is_number = true},
    {.name = "parked", .heading = "PARKED", .is_number = true},
    {.name = "alarms", .heading = "ALARMS", .is_number = true},
    {.name = "mismatches", .heading = "DIFFER", .is_number = true},
    {.name = "certificate_days", .heading = "CERT DAYS", .is_number = true},
    {.name = "sessions", .heading = NULL, .is_number = true},
    {.name = "succeeded_at", .heading = NULL},
    {.name = "failed_reason", .heading = "LAST FAILURE"},
};

static void add_way(const struct session *session, struct grid *grid,
                    const struct cpts_federation_peer *peer, bool is_sent)
{
    const struct cpts_federation_way *way = is_sent ? &peer->sent : &peer->received;
    char figures[10][FIGURE_BYTES], succeeded[CPTS_INSTANT_TEXT_BYTES] = "";
    const int64_t numbers[10] = {
        way->head_position,  way->acknowledged_position,    way->lag_change_count,
        way->lag_byte_count, way->oldest_age_us / US_PER_S, is_sent ? 0 : peer->parked_count,
        peer->alarm_count,   peer->digest_mismatch_count,   peer->certificate_days_left,
        peer->session_count};
    for (int i = 0; i < 10; i++)
        grid_figure(session, numbers[i], figures[i]);
    if (way->succeeded_at_us != 0)
        cpts_instant_format(way->succeeded_at_us, succeeded);
    grid_row(grid, (const char *[]){
                       peer->node, is_sent ? "sent" : "received", cpts_node_state_name(peer->state),
                       peer->is_connected ? "open" : "none", figures[0], figures[1], figures[2],
                       figures[3], figures[4], figures[5], figures[6], figures[7], figures[8],
                       figures[9], succeeded, peer->failed_reason});
}

static int print_report(const struct session *session, const struct cpts_federation_report *report)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_federation_report_json(report, JSON_INDENT));
    if (session->form == FORM_OWN)
        printf("%s, epoch %d, log at %lld, signed up to %lld%s%s\n", report->node, report->epoch,
               (long long)report->log_position, (long long)report->checkpoint_position,
               report->read_only_reason[0] == '\0' ? "" : ", takes no commands: ",
               report->read_only_reason);
    struct grid *grid = grid_new(session, COLUMNS, COLUMN_COUNT, stdout);
    for (size_t i = 0; grid != NULL && i < report->peer_count; i++) {
        add_way(session, grid, &report->peers[i], true);
        add_way(session, grid, &report->peers[i], false);
    }
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_federation_status(struct session *session, const struct arguments *arguments)
{
    struct cpts_federation_report *report = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_federation_status(session->client, arguments_value(arguments, "node"), 0, &report,
                               &err) != CPTS_OK)
        return failure_print(&err);
    code = print_report(session, report);
    cpts_federation_report_free(report);
    return code;
}

/* What comparing came to, of all nodes with a session. */
struct comparison {
    int compared_count;
    int waiting_count;
    int mismatch_count;
};

static cpts_status look(struct session *session, const char *node, int64_t since_us,
                        struct comparison *ret_comparison, struct cpts_error *err)
{
    struct cpts_federation_report *report = NULL;
    cpts_status status = cpts_federation_status(session->client, node, 0, &report, err);
    *ret_comparison = (struct comparison){0};
    for (size_t i = 0; status == CPTS_OK && i < report->peer_count; i++) {
        const struct cpts_federation_peer *peer = &report->peers[i];
        if (peer->digest_compared_at_us >= since_us) {
            ret_comparison->compared_count++;
            ret_comparison->mismatch_count += peer->digest_mismatch_count;
        } else if (peer->is_connected) {
            ret_comparison->waiting_count++;
        }
    }
    cpts_federation_report_free(report);
    return status;
}

/* Asks, then looks until all have answered. @param ret_since_us  The node's clock before. */
static cpts_status compare(struct session *session, const struct arguments *arguments,
                           struct comparison *ret_comparison, struct cpts_error *err)
{
    const struct timespec pause = {.tv_nsec = COMPARED_PAUSE_NS};
    const struct cpts_federation_comparison wanted = {.size = sizeof wanted,
                                                      .node = arguments_value(arguments, "node"),
                                                      .repair = arguments_has(arguments, "repair")};
    struct cpts_federation_report *report = NULL;
    struct cpts_federation_compared *compared = NULL;
    cpts_status status = cpts_federation_status(session->client, wanted.node, 0, &report, err);
    int64_t since_us = status == CPTS_OK ? report->time_us : 0;
    cpts_federation_report_free(report);
    if (status == CPTS_OK)
        status = cpts_federation_verify(session->client, &wanted, 0, &compared, err);
    int node_count = status == CPTS_OK ? compared->node_count : 0;
    cpts_federation_compared_free(compared);
    for (int i = 0; status == CPTS_OK && i < COMPARED_TRIES; i++) {
        status = look(session, wanted.node, since_us, ret_comparison, err);
        if (ret_comparison->compared_count >= node_count || ret_comparison->waiting_count == 0)
            break;
        nanosleep(&pause, NULL);
    }
    return status;
}

int verb_federation_verify(struct session *session, const struct arguments *arguments)
{
    struct comparison comparison = {0};
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (compare(session, arguments, &comparison, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        printf("{\"compared\":%d,\"waiting\":%d,\"mismatches\":%d}\n", comparison.compared_count,
               comparison.waiting_count, comparison.mismatch_count);
    else
        printf("Compared with %d nodes, %d did not answer; %d aggregates differed%s\n",
               comparison.compared_count, comparison.waiting_count, comparison.mismatch_count,
               comparison.mismatch_count > 0 && arguments_has(arguments, "repair")
                   ? " and were fetched again"
                   : "");
    if (comparison.waiting_count > 0)
        return EXIT_CODE_UNAVAILABLE;
    return comparison.mismatch_count == 0 ? EXIT_CODE_OK : EXIT_CODE_CONFLICT;
}
