/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl referral statistics, unmet. */
#include <cpts/referral_board.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "grid.h"
#include "input.h"
#include "verb_referral.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define NUMBER_BYTES 32
#define SECONDS_PER_HOUR 3600.0
#define PAGE_SIZE_MAX 500

static const char WITHHELD[] = "<";

static const struct {
    const char *name;
    enum cpts_referral_grouping grouping;
} GROUPINGS[] = {
    {"total", CPTS_REFERRAL_BY_TOTAL},       {"region", CPTS_REFERRAL_BY_REGION},
    {"origin", CPTS_REFERRAL_BY_ORIGIN},     {"destination", CPTS_REFERRAL_BY_DESTINATION},
    {"use-case", CPTS_REFERRAL_BY_USE_CASE}, {"day", CPTS_REFERRAL_BY_DAY},
};

static const struct grid_column BOARD_COLUMNS[] = {
    {.name = "key", .heading = "KEY"},
    {.name = "name", .heading = "NAME"},
    {.name = "submitted_count", .heading = "SUBMITTED", .is_number = true},
    {.name = "open_count", .heading = "OPEN", .is_number = true},
    {.name = "fulfilled_count", .heading = "FULFILLED", .is_number = true},
    {.name = "unroutable_count", .heading = "UNROUTABLE", .is_number = true},
    {.name = "acceptance_share", .heading = "ACCEPTED", .is_number = true},
    {.name = "accept_p50_hours", .heading = "P50 H", .is_number = true},
    {.name = "accept_p90_hours", .heading = "P90 H", .is_number = true},
    {.name = "overdue_count", .heading = "OVERDUE", .is_number = true},
    {.name = "debt_days", .heading = "DEBT DAYS", .is_number = true},
    {.name = "to_reassign_count"},
    {.name = "abandoned_count"},
    {.name = "declined_count"},
    {.name = "report_p90_hours"},
    {.name = "suppressed"},
    {.name = "accepted_count"},
    {.name = "declined_capacity_count"},
    {.name = "given_back_count"},
};

static const char *count_text(bool is_withheld, int32_t count, char text[NUMBER_BYTES])
{
    snprintf(text, NUMBER_BYTES, "%d", (int)count);
    return is_withheld ? WITHHELD : text;
}

/* Nothing for a delay of nobody. */
static const char *hours(bool is_withheld, const struct cpts_referral_delay *delay, int64_t seconds,
                         char text[NUMBER_BYTES])
{
    text[0] = '\0';
    if (delay->count > 0)
        snprintf(text, NUMBER_BYTES, "%.1f", (double)seconds / SECONDS_PER_HOUR);
    return is_withheld ? WITHHELD : text;
}

static const char *decimal(bool is_withheld, double number, char text[NUMBER_BYTES])
{
    snprintf(text, NUMBER_BYTES, "%.2f", number);
    return is_withheld ? WITHHELD : text;
}

static void board_row(struct grid *grid, const struct cpts_referral_figures *row)
{
    char text[16][NUMBER_BYTES];
    uint32_t held = row->held_back;
    const struct cpts_referral_delay *accept = &row->accept_delay, *report = &row->report_delay;
    grid_row(grid,
             (const char *[]){
                 row->key, row->name,
                 count_text(held & CPTS_FIGURE_SUBMITTED, row->submitted_count, text[0]),
                 count_text(held & CPTS_FIGURE_OPEN, row->open_count, text[1]),
                 count_text(held & CPTS_FIGURE_FULFILLED, row->fulfilled_count, text[2]),
                 count_text(held & CPTS_FIGURE_UNROUTABLE, row->unroutable_count, text[3]),
                 decimal(held & CPTS_FIGURE_ACCEPTANCE_SHARE, row->acceptance_share, text[4]),
                 hours(held & CPTS_FIGURE_ACCEPT_DELAY, accept, accept->p50_seconds, text[5]),
                 hours(held & CPTS_FIGURE_ACCEPT_DELAY, accept, accept->p90_seconds, text[6]),
                 count_text(held & CPTS_FIGURE_OVERDUE, row->overdue_count, text[7]),
                 decimal(held & CPTS_FIGURE_DEBT_DAYS, row->debt_days, text[8]),
                 count_text(held & CPTS_FIGURE_TO_REASSIGN, row->to_reassign_count, text[9]),
                 count_text(held & CPTS_FIGURE_ABANDONED, row->abandoned_count, text[10]),
                 count_text(held & CPTS_FIGURE_DECLINED, row->declined_count, text[11]),
                 hours(held & CPTS_FIGURE_REPORT_DELAY, report, report->p90_seconds, text[12]),
                 row->suppressed ? "true" : "false",
                 count_text(held & CPTS_FIGURE_ACCEPTED, row->accepted_count, text[13]),
                 count_text(held & CPTS_FIGURE_DECLINED_CAPACITY, row->declined_capacity_count,
                            text[14]),
                 count_text(held & CPTS_FIGURE_GIVEN_BACK, row->given_back_count, text[15])});
}

/* What a reader of the board has to know. */
static void remark(const struct session *session, int32_t threshold_count, bool is_synthetic)
{
    if (session->is_quiet)
        return;
    if (threshold_count > 0)
        fprintf(stderr, "%s is held back: below %d, or what tells such a count\n", WITHHELD,
                (int)threshold_count);
    if (is_synthetic)
        fputs("SYNTHETIC: demonstration data among them\n", stderr);
}

/* The days of one's own figures, or which release it is. */
static void print_period(const struct cpts_referral_board *board)
{
    if (board->threshold_count > 0 && board->period[0] == '\0')
        fputs("nothing was released yet: a quarter is, 30 days after its end\n", stderr);
    else
        fprintf(stderr, "%s%ssubmitted from %s to %s\n", board->period,
                board->period[0] == '\0' ? "" : ": ", board->from, board->to);
}

static int print_board(const struct session *session, const struct cpts_referral_board *board)
{
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_referral_board_json(board, JSON_INDENT));
    struct grid *grid = grid_new(session, BOARD_COLUMNS, COUNT(BOARD_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < board->row_count; i++)
        board_row(grid, &board->rows[i]);
    if (grid == NULL || !grid_end(grid, 0))
        return EXIT_CODE_ERROR;
    if (!session->is_quiet)
        print_period(board);
    remark(session, board->threshold_count, board->synthetic);
    return EXIT_CODE_OK;
}

static int read_use_case(const struct arguments *arguments, enum cpts_use_case *ret_use_case)
{
    const char *text = arguments_value(arguments, "use-case");
    if (text == NULL || cpts_use_case_parse(text, ret_use_case))
        return EXIT_CODE_OK;
    return usage_error(arguments->command,
                       "--use-case %s is none of snp, medecin-traitant, parcours", text);
}

static int read_grouping(const struct arguments *arguments,
                         enum cpts_referral_grouping *ret_grouping)
{
    const char *text = arguments_value(arguments, "by");
    for (int i = 0; text != NULL && i < COUNT(GROUPINGS); i++) {
        if (strcmp(GROUPINGS[i].name, text) == 0) {
            *ret_grouping = GROUPINGS[i].grouping;
            return EXIT_CODE_OK;
        }
    }
    if (text == NULL)
        return EXIT_CODE_OK;
    return usage_error(arguments->command,
                       "--by %s is none of total, region, origin, destination, use-case, day",
                       text);
}

int verb_referral_statistics(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_referral_board *board = NULL;
    struct cpts_referral_figures_query query = {.size = sizeof query,
                                                .cpts_id = arguments_value(arguments, "cpts"),
                                                .region = arguments_value(arguments, "region"),
                                                .period = arguments_value(arguments, "period")};
    int code = input_date(arguments, "from", &query.from);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "to", &query.to);
    if (code == EXIT_CODE_OK)
        code = read_use_case(arguments, &query.use_case);
    if (code == EXIT_CODE_OK)
        code = read_grouping(arguments, &query.group_by);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_referral_board_get(session->client, &query, 0, &board, &err) != CPTS_OK)
        return failure_print(&err);
    code = print_board(session, board);
    cpts_referral_board_free(board);
    return code;
}

static const struct grid_column UNMET_COLUMNS[] = {
    {.name = "unit_code", .heading = "COMMUNE"},
    {.name = "name", .heading = "NAME"},
    {.name = "department", .heading = "DEPARTMENT"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "unmet_count", .heading = "UNMET", .is_number = true},
    {.name = "region"},
    {.name = "suppressed"},
};

static void unmet_row(const struct session *session, struct grid *grid,
                      const struct cpts_unmet *row)
{
    char text[NUMBER_BYTES], population[FIGURE_BYTES];
    grid_figure(session, row->population_count, population);
    grid_row(grid, (const char *[]){row->unit_code, row->name, row->department, population,
                                    count_text(row->suppressed, row->unmet_count, text),
                                    row->region, row->suppressed ? "true" : "false"});
}

/* Which year, and what all of it adds up to. */
static void print_year(const struct cpts_unmet_page *page)
{
    char text[NUMBER_BYTES];
    if (page->period[0] == '\0')
        fputs("nothing was released yet: a year is, 30 days after its end\n", stderr);
    else
        fprintf(stderr, "%s: %s in %d communes\n", page->period,
                count_text(page->suppressed, page->unmet_count, text), (int)page->unit_count);
}

/* Every page; with --json one page a line. */
static int list_unmet(struct session *session, struct cpts_unmet_query *query, struct grid *grid)
{
    struct cpts_error err;
    struct cpts_unmet_page *page = NULL, *before = NULL;
    int code = EXIT_CODE_OK;
    do {
        if (cpts_unmet_list(session->client, query, 0, &page, &err) != CPTS_OK) {
            code = failure_print(&err);
            break;
        }
        cpts_unmet_free(before);
        before = page;
        query->page_token = page->next_page_token;
        for (size_t i = 0; grid != NULL && i < page->row_count; i++)
            unmet_row(session, grid, &page->rows[i]);
        if (grid == NULL)
            code = print_json(cpts_unmet_json(page, 0));
    } while (code == EXIT_CODE_OK && query->page_token[0] != '\0');
    if (code == EXIT_CODE_OK && before != NULL && !session->is_quiet)
        print_year(before);
    if (code == EXIT_CODE_OK && before != NULL)
        remark(session, before->threshold_count, before->synthetic);
    cpts_unmet_free(before);
    return code;
}

int verb_referral_unmet(struct session *session, const struct arguments *arguments)
{
    struct cpts_unmet_query query = {.size = sizeof query,
                                     .region = arguments_value(arguments, "region"),
                                     .department = arguments_value(arguments, "department"),
                                     .period = arguments_value(arguments, "period"),
                                     .page_size = PAGE_SIZE_MAX};
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    struct grid *grid = session->form == FORM_IS_JSON
                            ? NULL
                            : grid_new(session, UNMET_COLUMNS, COUNT(UNMET_COLUMNS), stdout);
    code = list_unmet(session, &query, grid);
    if (grid != NULL && !grid_end(grid, 0) && code == EXIT_CODE_OK)
        code = EXIT_CODE_ERROR;
    return code;
}
