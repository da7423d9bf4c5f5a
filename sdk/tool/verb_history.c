/* SPDX-License-Identifier: Apache-2.0 */
/* history beliefs, history show. */
#include <cpts/history.h>
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define PAGE_SIZE 500
#define INDENT 2

static const struct grid_column BELIEF_COLUMNS[] = {
    {.name = "as_of"},
    {.name = "id", .heading = "Id"},
    {.name = "name", .heading = "Name"},
    {.name = "stage_before", .heading = "Believed then"},
    {.name = "stage_on_before"},
    {.name = "region_before"},
    {.name = "population_before", .heading = "Inhabitants", .is_number = true},
    {.name = "stage_after", .heading = "Believed later"},
    {.name = "stage_on_after"},
    {.name = "region_after"},
    {.name = "population_after", .heading = "Inhabitants", .is_number = true},
    {.name = "changed_at", .heading = "Changed at"},
    {.name = "kind"},
    {.name = "actor"},
    {.name = "reason", .heading = "Why"},
    {.name = "synthetic"},
};

/* The texts of one belief; empty when the CPTS was not there. */
struct belief_texts {
    const char *stage;
    const char *stage_on;
    const char *region;
    char population[FIGURE_BYTES];
};

static struct belief_texts write_belief(const struct session *session,
                                        const struct cpts_belief *belief)
{
    struct belief_texts texts = {.stage = "", .stage_on = "", .region = ""};
    if (belief == NULL) {
        if (session->form == FORM_OWN)
            texts.stage = "-";
        return texts;
    }
    texts.stage = cpts_stage_name(belief->stage);
    texts.stage_on = belief->stage_on;
    texts.region = belief->lead_region;
    grid_figure(session, belief->population_count, texts.population);
    return texts;
}

/* One line a CPTS, with its last change. */
static void add_change(struct grid *grid, const struct session *session,
                       const struct cpts_belief_report *report,
                       const struct cpts_belief_change *change)
{
    static const struct cpts_change_note NONE = {.kind = "", .actor = "", .reason = ""};
    const struct cpts_change_note *last = change->change_count > 0 ? &change->changes[0] : &NONE;
    struct belief_texts before = write_belief(session, change->before);
    struct belief_texts after = write_belief(session, change->after);
    char instant[CPTS_INSTANT_TEXT_BYTES] = "";
    const char *why = last->reason;
    if (last->recorded_at_us != 0)
        cpts_instant_format(last->recorded_at_us, instant);
    if (why[0] == '\0' && session->form == FORM_OWN)
        why = last->kind;
    grid_row(grid,
             (const char *[]){report->as_of, change->id, change->name, before.stage,
                              before.stage_on, before.region, before.population, after.stage,
                              after.stage_on, after.region, after.population, instant, last->kind,
                              last->actor, why, change->synthetic ? "true" : "false"});
}

/* What was asked and the totals, for people. */
static bool print_totals(const struct session *session, const struct cpts_belief_report *report)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "stage", .heading = "Stage"},
        {.name = "before", .heading = "Then", .is_number = true},
        {.name = "after", .heading = "Later", .is_number = true},
        {.name = "difference", .heading = "", .is_number = true}};
    char from[CPTS_INSTANT_TEXT_BYTES], to[CPTS_INSTANT_TEXT_BYTES];
    int32_t before = 0, after = 0;
    cpts_instant_format(report->known_from_us, from);
    cpts_instant_format(report->known_to_us, to);
    printf("What changed in what was believed about %s\nthen: %s, later: %s\n", report->as_of, from,
           to);
    if (report->synthetic)
        printf("%sSYNTHETIC DATA: invented CPTS on real communes, not the real register%s\n",
               terminal_style(&session->terminal, STYLE_ALERT),
               terminal_style(&session->terminal, STYLE_RESET));
    putchar('\n');
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i <= report->total_count; i++) {
        char then[FIGURE_BYTES], later[FIGURE_BYTES], difference[FIGURE_BYTES];
        bool is_sum = i == report->total_count;
        int32_t first = is_sum ? before : report->totals[i].count_before;
        int32_t second = is_sum ? after : report->totals[i].count_after;
        before += first;
        after += second;
        snprintf(then, sizeof then, "%d", first);
        snprintf(later, sizeof later, "%d", second);
        snprintf(difference, sizeof difference, "%+d", second - first);
        grid_row(grid,
                 (const char *[]){is_sum ? "Total" : board_stage_label(report->totals[i].stage),
                                  then, later, difference});
    }
    bool is_fine = grid_end(grid, INDENT);
    printf("\n  %d CPTS differ\n\n", report->differing_count);
    return is_fine;
}

/* Every page as lines; the first one is there already. */
static int print_report(struct session *session, struct cpts_belief_query *query,
                        struct cpts_belief_report *report)
{
    struct cpts_error err;
    int code = EXIT_CODE_OK;
    if (session->form == FORM_OWN && !print_totals(session, report))
        code = EXIT_CODE_ERROR;
    struct grid *grid = grid_new(session, BELIEF_COLUMNS, COUNT(BELIEF_COLUMNS), stdout);
    while (grid != NULL && report != NULL) {
        struct cpts_belief_report *next = NULL;
        for (size_t i = 0; i < report->change_count; i++)
            add_change(grid, session, report, &report->changes[i]);
        query->page_token = report->next_page_token;
        if (report->next_page_token[0] != '\0' &&
            cpts_history_beliefs(session->client, query, 0, &next, &err) != CPTS_OK)
            code = failure_print(&err);
        cpts_belief_report_free(report);
        report = next;
    }
    if (!grid_end(grid, INDENT))
        code = EXIT_CODE_ERROR;
    return code;
}

static int read_query(const struct arguments *arguments, struct cpts_belief_query *query)
{
    query->region = arguments_value(arguments, "region");
    int code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-from", &query->known_from_us);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-to", &query->known_to_us);
    if (code == EXIT_CODE_OK && query->as_of == NULL)
        return usage_error(arguments->command, "--as-of is missing: which date is it about?");
    return code;
}

int verb_history_beliefs(struct session *session, const struct arguments *arguments)
{
    struct cpts_belief_query query = {.size = sizeof query, .page_size = PAGE_SIZE};
    struct cpts_belief_report *report = NULL;
    struct cpts_error err;
    int code = read_query(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_history_beliefs(session->client, &query, 0, &report, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form != FORM_IS_JSON)
        return print_report(session, &query, report);
    code = print_json(cpts_belief_report_json(report, JSON_INDENT));
    cpts_belief_report_free(report);
    return code;
}

static const struct grid_column HISTORY_COLUMNS[] = {
    {.name = "recorded_from", .heading = "Believed from"},
    {.name = "recorded_to", .heading = "until"},
    {.name = "subject", .heading = "What"},
    {.name = "valid_from", .heading = "True from"},
    {.name = "valid_to", .heading = "until"},
    {.name = "value", .heading = "Value"},
    {.name = "version", .heading = "Version", .is_number = true},
    {.name = "kind"},
    {.name = "actor", .heading = "By"},
    {.name = "reason", .heading = "Why"},
    {.name = "evidence"},
    {.name = "lead_region"},
};

/* What was believed, in one cell. */
static void write_value(const struct cpts_history_entry *entry, char *ret_text, size_t text_bytes)
{
    if (entry->subject == CPTS_HISTORY_STAGE)
        snprintf(ret_text, text_bytes, "%s%s%s", cpts_stage_name(entry->stage),
                 entry->successor_id[0] == '\0' ? "" : " into ", entry->successor_id);
    else if (entry->subject == CPTS_HISTORY_TERRITORY)
        snprintf(ret_text, text_bytes, "%d units, %d inhabitants", entry->unit_count,
                 entry->population_count);
    else
        snprintf(ret_text, text_bytes, "%s%s%s%s%s", entry->name,
                 entry->finess[0] == '\0' ? "" : ", FINESS ", entry->finess,
                 entry->website[0] == '\0' ? "" : ", ", entry->website);
}

static void add_entry(struct grid *grid, const struct cpts_history_entry *entry)
{
    static const char *const SUBJECTS[] = {"", "stage", "territory", "card"};
    char from[CPTS_INSTANT_TEXT_BYTES], to[CPTS_INSTANT_TEXT_BYTES] = "", value[512],
                                        version[FIGURE_BYTES];
    cpts_instant_format(entry->recorded_from_us, from);
    if (entry->recorded_to_us != 0)
        cpts_instant_format(entry->recorded_to_us, to);
    write_value(entry, value, sizeof value);
    snprintf(version, sizeof version, "%d", entry->change.version);
    grid_row(grid, (const char *[]){
                       from, to,
                       (unsigned)entry->subject < COUNT(SUBJECTS) ? SUBJECTS[entry->subject] : "",
                       entry->valid_from, entry->valid_to, value, version, entry->change.kind,
                       entry->change.actor, entry->change.reason, entry->change.evidence,
                       entry->lead_region});
}

static int print_history(const struct session *session, const struct cpts_history *history)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_history_json(history, JSON_INDENT));
    if (history->is_cut && !session->is_quiet)
        fprintf(stderr, "more than %zu rows: --as-of or --known-at shows the rest\n",
                history->entry_count);
    struct grid *grid = grid_new(session, HISTORY_COLUMNS, COUNT(HISTORY_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < history->entry_count; i++)
        add_entry(grid, &history->entries[i]);
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_history_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_history *history = NULL;
    struct cpts_error err;
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &when.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &when.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_history_get(session->client, id, &when, 0, &history, &err);
    code = status == CPTS_OK ? print_history(session, history) : failure_print(&err);
    cpts_history_free(history);
    return code;
}
