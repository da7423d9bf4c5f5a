/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/coverage.h>
#include <stdio.h>

#include "bar.h"
#include "board.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2

static int read_query(const struct arguments *arguments, struct cpts_coverage_query *query,
                      enum cpts_stage *stages)
{
    query->region = arguments_value(arguments, "region");
    query->department = arguments_value(arguments, "department");
    if (query->region != NULL && query->department != NULL)
        return usage_error(arguments->command, "a region or a département, not both");
    int code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query->known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_stages(arguments, stages, &query->stage_count);
    query->stages = stages;
    return code;
}

static const struct grid_column REGION_COLUMNS[] = {
    {.name = "as_of"},
    {.name = "scope"},
    {.name = "name"},
    {.name = "project_count"},
    {.name = "emergence"},
    {.name = "lettre_intention"},
    {.name = "projet_valide"},
    {.name = "aci_signe"},
    {.name = "population_covered"},
    {.name = "population_total"},
    {.name = "synthetic"},
};

/* The texts of one line of figures. */
struct line {
    char project_count[FIGURE_BYTES];
    char stages[CPTS_STAGE_ACI_SIGNE][FIGURE_BYTES];
    char covered[FIGURE_BYTES];
    char total[FIGURE_BYTES];
};

/* A stage outside the set asked for has an empty cell: it was not counted. */
static void write_line(struct line *line, int32_t project_count,
                       const struct cpts_stage_total *stages, size_t stage_count)
{
    snprintf(line->project_count, FIGURE_BYTES, "%d", project_count);
    for (int i = 0; i < CPTS_STAGE_ACI_SIGNE; i++)
        line->stages[i][0] = '\0';
    for (size_t i = 0; i < stage_count; i++) {
        if (cpts_stage_is_live(stages[i].stage))
            snprintf(line->stages[stages[i].stage - 1], FIGURE_BYTES, "%d", stages[i].count);
    }
}

static void add_line(struct grid *grid, const struct cpts_coverage *coverage, const char *scope,
                     const char *name, const struct line *line)
{
    grid_row(grid,
             (const char *[]){coverage->as_of, scope, name, line->project_count, line->stages[0],
                              line->stages[1], line->stages[2], line->stages[3], line->covered,
                              line->total, coverage->synthetic ? "true" : "false"});
}

/* The scope asked for, then each region, as lines. */
static bool print_lines(const struct session *session, const struct cpts_coverage *coverage,
                        const char *scope)
{
    struct grid *grid = grid_new(session, REGION_COLUMNS, COUNT(REGION_COLUMNS), stdout);
    struct line line;
    if (grid == NULL)
        return false;
    write_line(&line, coverage->project_count, coverage->stages, coverage->stage_count);
    snprintf(line.covered, FIGURE_BYTES, "%d", coverage->population_covered);
    snprintf(line.total, FIGURE_BYTES, "%d", coverage->population_total);
    add_line(grid, coverage, scope, scope, &line);
    for (size_t i = 0; i < coverage->region_count; i++) {
        const struct cpts_region_coverage *region = &coverage->regions[i];
        write_line(&line, region->project_count, region->stages, region->stage_count);
        snprintf(line.covered, FIGURE_BYTES, "%d", region->population_covered);
        snprintf(line.total, FIGURE_BYTES, "%d", region->population_total);
        add_line(grid, coverage, region->region, region->name, &line);
    }
    return grid_end(grid, 0);
}

static int print(const struct session *session, const struct cpts_coverage *coverage,
                 const struct cpts_coverage_query *query)
{
    char scope[64] = "France";
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_coverage_json(coverage, JSON_INDENT));
    if (query->region != NULL)
        snprintf(scope, sizeof scope, "region %s", query->region);
    if (query->department != NULL)
        snprintf(scope, sizeof scope, "département %s", query->department);
    bool is_fine = session->form == FORM_OWN ? board_print(session, coverage, scope, stdout)
                                             : print_lines(session, coverage, scope);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_coverage(struct session *session, const struct arguments *arguments)
{
    enum cpts_stage stages[INPUT_STAGES_MAX];
    struct cpts_coverage_query query = {.size = sizeof query};
    struct cpts_coverage *coverage = NULL;
    struct cpts_error err;
    int code = read_query(arguments, &query, stages);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_coverage_get(session->client, &query, 0, &coverage, &err);
    code = status == CPTS_OK ? print(session, coverage, &query) : failure_print(&err);
    if (status == CPTS_OK && coverage->project_count == 0)
        session_remark_unknown(session, query.known_at_us);
    cpts_coverage_free(coverage);
    return code;
}
