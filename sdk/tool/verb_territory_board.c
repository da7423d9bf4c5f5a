/* SPDX-License-Identifier: Apache-2.0 */
/* territory conflicts, territory gaps. */
#include <cpts/territory.h>
#include <cpts/zoning.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "page_join.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define CONFLICT_PAGE_MAX 500
#define GAP_PAGE_MAX 1000
#define LIMIT_DEFAULT 50

/* A board on its way to the terminal, page after page. */
struct board_run {
    struct session *session;
    struct grid *grid;
    struct page_join join;
    int32_t limit;
    int32_t count;
    bool is_fine;
};

static int32_t page_size(const struct board_run *run, int32_t page_max)
{
    int32_t left = run->limit - run->count;
    return left < page_max ? left : page_max;
}

static int end_run(struct board_run *run, cpts_status status, const struct cpts_error *err)
{
    if (run->grid != NULL)
        run->is_fine = grid_end(run->grid, 0) && run->is_fine;
    else
        run->is_fine = page_join_end(&run->join) && run->is_fine;
    if (status != CPTS_OK)
        return failure_print(err);
    return run->is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

static int begin_run(struct board_run *run, const struct grid_column *columns, int column_count)
{
    run->is_fine = true;
    run->join = (struct page_join){.stream = stdout};
    if (run->session->form == FORM_IS_JSON)
        return EXIT_CODE_OK;
    run->grid = grid_new(run->session, columns, column_count, stdout);
    return run->grid == NULL ? EXIT_CODE_ERROR : EXIT_CODE_OK;
}

static const struct grid_column CONFLICT_COLUMNS[] = {
    {.name = "unit_code", .heading = "UNIT"},
    {.name = "name", .heading = "NAME"},
    {.name = "department", .heading = "DEP"},
    {.name = "region"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "excess_count", .heading = "TWICE", .is_number = true},
    {.name = "share_sum", .heading = "SUM", .is_number = true},
    {.name = "cpts_id"},
    {.name = "cpts_name", .heading = "CPTS"},
    {.name = "stage", .heading = "STAGE"},
    {.name = "share", .heading = "SHARE", .is_number = true},
};

/* One line a claimant; people read the unit once. */
static void conflict_rows(const struct board_run *run, const struct cpts_conflict *conflict)
{
    char population[FIGURE_BYTES], excess[FIGURE_BYTES], sum[FIGURE_BYTES], share[FIGURE_BYTES];
    grid_figure(run->session, conflict->population_count, population);
    grid_figure(run->session, conflict->excess_count, excess);
    snprintf(sum, sizeof sum, "%.6g", conflict->share_sum);
    for (size_t i = 0; i < conflict->claimant_count; i++) {
        const struct cpts_claimant *claimant = &conflict->claimants[i];
        bool is_told = i == 0 || run->session->form != FORM_OWN;
        snprintf(share, sizeof share, "%.6g", claimant->share);
        grid_row(run->grid,
                 (const char *[]){is_told ? conflict->unit_code : "", is_told ? conflict->name : "",
                                  is_told ? conflict->department : "", conflict->region,
                                  is_told ? population : "", is_told ? excess : "",
                                  is_told ? sum : "", claimant->cpts_id, claimant->name,
                                  cpts_stage_name(claimant->stage), share});
    }
}

static void conflict_page(struct board_run *run, const struct cpts_conflicts *page)
{
    if (run->grid == NULL)
        run->is_fine = page_join_add(&run->join, cpts_conflicts_json(page, 0)) && run->is_fine;
    for (size_t i = 0; run->grid != NULL && i < page->conflict_count; i++)
        conflict_rows(run, &page->conflicts[i]);
}

static void conflict_remark(const struct board_run *run, const struct cpts_conflicts *page)
{
    char count[FIGURE_BYTES];
    if (run->session->is_quiet || run->session->form != FORM_OWN)
        return;
    figure_count(page->excess_count, count);
    fprintf(stderr, "%d unit%s in all, %s inhabitants claimed more than once, on %s%s\n",
            page->unit_count, page->unit_count == 1 ? "" : "s", count, page->as_of,
            page->synthetic ? "; SYNTHETIC DATA among them" : "");
}

static cpts_status conflict_pages(struct board_run *run, struct cpts_conflicts_query *query,
                                  struct cpts_error *err)
{
    char *token = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_conflicts *page = NULL;
        query->page_size = page_size(run, CONFLICT_PAGE_MAX);
        query->page_token = token;
        status = cpts_territory_conflicts(run->session->client, query, 0, &page, err);
        free(token);
        token = NULL;
        if (status != CPTS_OK)
            break;
        conflict_page(run, page);
        run->count += (int32_t)page->conflict_count;
        if (page->next_page_token[0] != '\0' && run->count < run->limit)
            token = strdup(page->next_page_token);
        else
            conflict_remark(run, page);
        cpts_conflicts_free(page);
    } while (token != NULL);
    return status;
}

static int input_area(const struct arguments *arguments, const char **region,
                      const char **department, const char **as_of, int64_t *known_at_us)
{
    *region = arguments_value(arguments, "region");
    *department = arguments_value(arguments, "department");
    int code = input_date(arguments, "as-of", as_of);
    return code == EXIT_CODE_OK ? input_instant(arguments, "known-at", known_at_us) : code;
}

int verb_territory_conflicts(struct session *session, const struct arguments *arguments)
{
    struct cpts_conflicts_query query = {.size = sizeof query};
    struct board_run run = {.session = session, .limit = LIMIT_DEFAULT};
    struct cpts_error err;
    query.include_shared = arguments_has(arguments, "shared");
    int code =
        input_area(arguments, &query.region, &query.department, &query.as_of, &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "limit", 1, INT32_MAX, &run.limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = begin_run(&run, CONFLICT_COLUMNS, COUNT(CONFLICT_COLUMNS));
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = conflict_pages(&run, &query, &err);
    return end_run(&run, status, &err);
}

static const struct grid_column GAP_COLUMNS[] = {
    {.name = "code", .heading = "CODE"},
    {.name = "name", .heading = "NAME"},
    {.name = "department", .heading = "DEP"},
    {.name = "region", .heading = "REGION"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "uncovered_count", .heading = "NOT COVERED", .is_number = true},
    {.name = "uncovered_share", .heading = "SHARE", .is_number = true},
    {.name = "gap_unit_count", .heading = "COMMUNES", .is_number = true},
    {.name = "unit_count", .is_number = true},
    {.name = "zone", .heading = "ZONE"},
    {.name = "epci"},
};

static void gap_row(const struct board_run *run, const struct cpts_gap *gap)
{
    char population[FIGURE_BYTES], uncovered[FIGURE_BYTES], share[FIGURE_BYTES];
    char gap_units[FIGURE_BYTES], units[FIGURE_BYTES];
    grid_figure(run->session, gap->population_count, population);
    grid_figure(run->session, gap->uncovered_count, uncovered);
    snprintf(share, sizeof share, run->session->form == FORM_OWN ? "%.0f %%" : "%.6g",
             run->session->form == FORM_OWN ? 100 * gap->uncovered_share : gap->uncovered_share);
    grid_figure(run->session, gap->gap_unit_count, gap_units);
    grid_figure(run->session, gap->unit_count, units);
    grid_row(run->grid, (const char *[]){gap->code, gap->name, gap->department, gap->region,
                                         population, uncovered, share, gap_units, units,
                                         cpts_zone_name(gap->zone), gap->epci});
}

static void gap_page(struct board_run *run, const struct cpts_gaps *page)
{
    if (run->grid == NULL)
        run->is_fine = page_join_add(&run->join, cpts_gaps_json(page, 0)) && run->is_fine;
    for (size_t i = 0; run->grid != NULL && i < page->gap_count; i++)
        gap_row(run, &page->gaps[i]);
}

static void gap_remark(const struct board_run *run, const struct cpts_gaps *page)
{
    char count[FIGURE_BYTES];
    if (run->session->is_quiet || run->session->form != FORM_OWN)
        return;
    figure_count(page->uncovered_count, count);
    fprintf(stderr, "%d row%s in all, %s inhabitants not covered on %s\n", page->row_count,
            page->row_count == 1 ? "" : "s", count, page->as_of);
}

static cpts_status gap_pages(struct board_run *run, struct cpts_gaps_query *query,
                             struct cpts_error *err)
{
    char *token = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_gaps *page = NULL;
        query->page_size = page_size(run, GAP_PAGE_MAX);
        query->page_token = token;
        status = cpts_territory_gaps(run->session->client, query, 0, &page, err);
        free(token);
        token = NULL;
        if (status != CPTS_OK)
            break;
        gap_page(run, page);
        run->count += (int32_t)page->gap_count;
        if (page->next_page_token[0] != '\0' && run->count < run->limit)
            token = strdup(page->next_page_token);
        else
            gap_remark(run, page);
        cpts_gaps_free(page);
    } while (token != NULL);
    return status;
}

static int input_level(const struct arguments *arguments, enum cpts_gap_level *ret_level)
{
    static const char *const NAMES[] = {NULL, "commune", "epci", "department", "region"};
    const char *text = arguments_value(arguments, "by");
    *ret_level = CPTS_GAP_COMMUNE;
    if (text == NULL)
        return EXIT_CODE_OK;
    for (int i = CPTS_GAP_COMMUNE; i < COUNT(NAMES); i++) {
        if (strcasecmp(text, NAMES[i]) == 0) {
            *ret_level = (enum cpts_gap_level)i;
            return EXIT_CODE_OK;
        }
    }
    return usage_error(arguments->command, "--by %s: commune, epci, department or region", text);
}

int verb_territory_gaps(struct session *session, const struct arguments *arguments)
{
    enum cpts_stage stages[INPUT_STAGES_MAX];
    struct cpts_gaps_query query = {.size = sizeof query, .stages = stages};
    struct board_run run = {.session = session, .limit = LIMIT_DEFAULT};
    struct cpts_error err;
    int code =
        input_area(arguments, &query.region, &query.department, &query.as_of, &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_level(arguments, &query.level);
    if (code == EXIT_CODE_OK)
        code = input_stages(arguments, stages, &query.stage_count);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "limit", 1, INT32_MAX, &run.limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = begin_run(&run, GAP_COLUMNS, COUNT(GAP_COLUMNS));
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = gap_pages(&run, &query, &err);
    return end_run(&run, status, &err);
}
