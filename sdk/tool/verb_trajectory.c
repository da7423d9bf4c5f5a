/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/trajectory.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"
#include "trajectory_view.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define TARGET_MAX 100000

/* A word of an option and what it stands for. */
struct word {
    const char *text;
    int value;
};

static const struct word SOURCES[] = {{"published", CPTS_TRAJECTORY_PUBLISHED},
                                      {"registry", CPTS_TRAJECTORY_REGISTRY}};
static const struct word STEPS[] = {
    {"month", CPTS_STEP_MONTH}, {"quarter", CPTS_STEP_QUARTER}, {"year", CPTS_STEP_YEAR}};

static int input_word(const struct arguments *arguments, const char *option,
                      const struct word *words, int word_count, int *ret_value)
{
    const char *text = arguments_value(arguments, option);
    if (text == NULL)
        return EXIT_CODE_OK;
    for (int i = 0; i < word_count; i++) {
        if (strcasecmp(text, words[i].text) == 0) {
            *ret_value = words[i].value;
            return EXIT_CODE_OK;
        }
    }
    return usage_error(arguments->command, "--%s %s: %s or %s", option, text, words[0].text,
                       words[word_count - 1].text);
}

/* The last date has two names: --to beside --from, --as-of as everywhere. */
static int read_dates(const struct arguments *arguments, struct cpts_trajectory_query *query)
{
    const char *to = NULL;
    int code = input_date(arguments, "from", &query->from);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "to", &to);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "target-on", &query->target_on);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "until", &query->until);
    if (code != EXIT_CODE_OK || to == NULL)
        return code;
    if (query->as_of != NULL && strcmp(query->as_of, to) != 0)
        return usage_error(arguments->command, "--to and --as-of are one date, not %s and %s", to,
                           query->as_of);
    query->as_of = to;
    return EXIT_CODE_OK;
}

static int read_query(const struct arguments *arguments, struct cpts_trajectory_query *query,
                      enum cpts_stage *stages)
{
    int source = CPTS_TRAJECTORY_PUBLISHED;
    int step = CPTS_STEP_MONTH;
    query->region = arguments_value(arguments, "region");
    int code = input_word(arguments, "source", SOURCES, COUNT(SOURCES), &source);
    if (code == EXIT_CODE_OK)
        code = input_word(arguments, "step", STEPS, COUNT(STEPS), &step);
    if (code == EXIT_CODE_OK)
        code = read_dates(arguments, query);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query->known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "target", 1, TARGET_MAX, &query->target_count);
    if (code == EXIT_CODE_OK)
        code = input_stages(arguments, stages, &query->stage_count);
    if (code == EXIT_CODE_OK && source == CPTS_TRAJECTORY_PUBLISHED && query->known_at_us != 0)
        return usage_error(arguments->command,
                           "--known-at is for --source registry: published counts carry none");
    query->source = (enum cpts_trajectory_source)source;
    query->step = (enum cpts_trajectory_step)step;
    query->stages = stages;
    return code;
}

static const struct grid_column COLUMNS[] = {
    {.name = "series"},        {.name = "scope"},
    {.name = "date"},          {.name = "count"},
    {.name = "low"},           {.name = "high"},
    {.name = "emergence"},     {.name = "lettre_intention"},
    {.name = "projet_valide"}, {.name = "aci_signe"},
    {.name = "is_fitted"},     {.name = "publisher"},
    {.name = "confidence"},    {.name = "source"},
    {.name = "synthetic"},
};

/* A stage that was not counted, or not published, has an empty cell. */
static void add_point(struct grid *grid, const struct cpts_trajectory *trajectory,
                      const char *scope, const struct cpts_trajectory_point *point)
{
    char count[FIGURE_BYTES], stages[CPTS_STAGE_ACI_SIGNE][FIGURE_BYTES] = {""};
    snprintf(count, sizeof count, "%d", point->project_count);
    for (size_t i = 0; i < point->stage_count; i++) {
        if (cpts_stage_is_live(point->stages[i].stage))
            snprintf(stages[point->stages[i].stage - 1], FIGURE_BYTES, "%d",
                     point->stages[i].count);
    }
    grid_row(grid, (const char *[]){
                       trajectory->source == CPTS_TRAJECTORY_PUBLISHED ? "published" : "registry",
                       scope, point->date, count, "", "", stages[0], stages[1], stages[2],
                       stages[3], point->is_fitted ? "true" : "false", point->publisher,
                       point->confidence, point->source, trajectory->synthetic ? "true" : "false"});
}

static void add_region(struct grid *grid, const struct cpts_trajectory *trajectory,
                       const struct cpts_region_trajectory *region)
{
    for (size_t i = 0; i < trajectory->point_count; i++) {
        char count[FIGURE_BYTES];
        snprintf(count, sizeof count, "%d", region->project_counts[i]);
        grid_row(grid, (const char *[]){"registry", region->region, trajectory->points[i].date,
                                        count, "", "", "", "", "", "", "false", "", "", "",
                                        trajectory->synthetic ? "true" : "false"});
    }
}

static void add_projection(struct grid *grid, const struct cpts_trajectory *trajectory,
                           const char *scope, const char *name,
                           const struct cpts_projection *projection)
{
    for (size_t i = 0; i < projection->point_total; i++) {
        const struct cpts_projected_point *point = &projection->points[i];
        char count[FIGURE_BYTES], low[FIGURE_BYTES], high[FIGURE_BYTES];
        snprintf(count, sizeof count, "%.1f", point->count);
        snprintf(low, sizeof low, "%.1f", point->low);
        snprintf(high, sizeof high, "%.1f", point->high);
        grid_row(grid,
                 (const char *[]){name, scope, point->date, count, low, high, "", "", "", "",
                                  "false", "", "", "", trajectory->synthetic ? "true" : "false"});
    }
}

/* The series, each region's, then both projections, as lines. */
static bool print_lines(const struct session *session, const struct cpts_trajectory *trajectory,
                        const char *scope)
{
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    if (grid == NULL)
        return false;
    for (size_t i = 0; i < trajectory->point_count; i++)
        add_point(grid, trajectory, scope, &trajectory->points[i]);
    for (size_t i = 0; i < trajectory->region_count; i++)
        add_region(grid, trajectory, &trajectory->regions[i]);
    add_projection(grid, trajectory, scope, "linear", &trajectory->linear);
    add_projection(grid, trajectory, scope, "logistic", &trajectory->logistic);
    return grid_end(grid, 0);
}

static int print(const struct session *session, const struct cpts_trajectory *trajectory)
{
    char scope[64] = "France";
    bool is_fine;
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_trajectory_json(trajectory, JSON_INDENT));
    if (session->form != FORM_OWN) {
        is_fine = print_lines(session, trajectory,
                              trajectory->region[0] == '\0' ? scope : trajectory->region);
    } else {
        if (trajectory->region[0] != '\0')
            snprintf(scope, sizeof scope, "region %s", trajectory->region);
        is_fine = trajectory_view_print(session, trajectory, scope, stdout);
    }
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_trajectory(struct session *session, const struct arguments *arguments)
{
    enum cpts_stage stages[INPUT_STAGES_MAX];
    struct cpts_trajectory_query query = {.size = sizeof query};
    struct cpts_trajectory *trajectory = NULL;
    struct cpts_error err;
    int code = read_query(arguments, &query, stages);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_trajectory_get(session->client, &query, 0, &trajectory, &err);
    code = status == CPTS_OK ? print(session, trajectory) : failure_print(&err);
    if (status == CPTS_OK && trajectory->point_count > 0 &&
        trajectory->points[trajectory->point_count - 1].project_count == 0)
        session_remark_unknown(session, query.known_at_us);
    cpts_trajectory_free(trajectory);
    return code;
}
