/* SPDX-License-Identifier: Apache-2.0 */
#include "trajectory_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "board.h"
#include "grid.h"
#include "sparkline.h"

#define INDENT 2
#define SERIES_CELLS 48
#define REGION_CELLS 16
#define STAGE_BAR_CELLS 30
/* Points shown of a longer series: the last one of each year. */
#define SHOWN_MAX 24
#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

static void print_title(const struct session *session, const struct cpts_trajectory *trajectory,
                        const char *scope, FILE *stream)
{
    const struct terminal *terminal = &session->terminal;
    fprintf(stream, "%sCPTS trajectory of %s to %s%s\n", terminal_style(terminal, STYLE_BOLD),
            scope, trajectory->as_of, terminal_style(terminal, STYLE_RESET));
    fprintf(stream, "Source: %s\nCounted: %s (",
            trajectory->source == CPTS_TRAJECTORY_PUBLISHED ? "published counts"
                                                            : "this node's registry",
            board_definition_label(trajectory->definition));
    for (size_t i = 0; i < trajectory->stage_set_count; i++)
        fprintf(stream, "%s%s", i == 0 ? "" : ", ", cpts_stage_name(trajectory->stage_set[i]));
    fputs(")\n", stream);
    for (size_t i = 0; i < trajectory->note_count; i++) {
        bool is_alert = strncmp(trajectory->notes[i], "SYNTHETIC", 9) == 0;
        fprintf(stream, "%s%s%s\n", terminal_style(terminal, is_alert ? STYLE_ALERT : STYLE_DIM),
                trajectory->notes[i], terminal_style(terminal, STYLE_RESET));
    }
    fputc('\n', stream);
}

static double time_of(const char *date)
{
    char text[CPTS_INSTANT_TEXT_BYTES];
    int64_t instant_us = 0;
    snprintf(text, sizeof text, "%.10sT00:00:00Z", date);
    return cpts_instant_parse(text, &instant_us) ? (double)instant_us : 0;
}

/* The series of the answer, or with @p counts of one region, as one line. */
static bool write_line(const struct session *session, const struct cpts_trajectory *trajectory,
                       const int32_t *counts, int cells, char *ret_text)
{
    struct sparkline_point *points = calloc(trajectory->point_count + 1, sizeof *points);
    if (points == NULL)
        return false;
    for (size_t i = 0; i < trajectory->point_count; i++) {
        points[i].time = time_of(trajectory->points[i].date);
        points[i].value = counts == NULL ? trajectory->points[i].project_count : counts[i];
    }
    sparkline_write(points, trajectory->point_count, cells, session->terminal.has_unicode,
                    ret_text);
    free(points);
    return true;
}

static bool print_sparkline(const struct session *session, const struct cpts_trajectory *trajectory,
                            FILE *stream)
{
    char line[SPARKLINE_TEXT_BYTES];
    const struct terminal *terminal = &session->terminal;
    if (trajectory->point_count == 0) {
        fputs("  Nothing is counted there.\n\n", stream);
        return true;
    }
    const struct cpts_trajectory_point *first = &trajectory->points[0];
    const struct cpts_trajectory_point *last = &trajectory->points[trajectory->point_count - 1];
    if (!write_line(session, trajectory, NULL, SERIES_CELLS, line))
        return false;
    fprintf(stream, "  %s%s%s\n  %d on %s, %d on %s\n\n", terminal_style(terminal, STYLE_BAR), line,
            terminal_style(terminal, STYLE_RESET), first->project_count, first->date,
            last->project_count, last->date);
    return true;
}

/* Whether a point of a long series is shown: the last one of its year. */
static bool is_shown(const struct cpts_trajectory *trajectory, size_t index)
{
    if (trajectory->point_count <= SHOWN_MAX || index + 1 == trajectory->point_count)
        return true;
    return strncmp(trajectory->points[index].date, trajectory->points[index + 1].date, 4) != 0;
}

static bool print_series(const struct session *session, const struct cpts_trajectory *trajectory,
                         FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "date", .heading = "Date"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "emergence", .heading = "Émerg.", .is_number = true},
        {.name = "lettre_intention", .heading = "Lettre", .is_number = true},
        {.name = "projet_valide", .heading = "Projet", .is_number = true},
        {.name = "aci_signe", .heading = "ACI", .is_number = true},
        {.name = "publisher", .heading = "Publisher"},
        {.name = "confidence", .heading = "Confidence"}};
    bool is_published = trajectory->source == CPTS_TRAJECTORY_PUBLISHED;
    struct grid *grid =
        grid_new(session, COLUMNS, is_published ? COUNT(COLUMNS) : COUNT(COLUMNS) - 2, stream);
    for (size_t i = 0; grid != NULL && i < trajectory->point_count; i++) {
        const struct cpts_trajectory_point *point = &trajectory->points[i];
        char count[FIGURE_BYTES], stages[CPTS_STAGE_ACI_SIGNE][FIGURE_BYTES] = {""};
        if (!is_shown(trajectory, i))
            continue;
        figure_count(point->project_count, count);
        for (size_t at = 0; at < point->stage_count; at++) {
            if (cpts_stage_is_live(point->stages[at].stage))
                figure_count(point->stages[at].count, stages[point->stages[at].stage - 1]);
        }
        grid_row(grid, (const char *[]){point->date, count, stages[0], stages[1], stages[2],
                                        stages[3], point->publisher, point->confidence});
    }
    return grid_end(grid, INDENT);
}

/* The funnel of the last point whose stages are known. */
static bool print_funnel(const struct session *session, const struct cpts_trajectory *trajectory,
                         FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "stage", .heading = "Funnel"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "bar", .heading = ""}};
    size_t index = trajectory->point_count;
    while (index > 0 && trajectory->points[index - 1].stage_count == 0)
        index--;
    if (index == 0)
        return true;
    const struct cpts_trajectory_point *point = &trajectory->points[index - 1];
    int32_t largest = 1;
    for (size_t i = 0; i < point->stage_count; i++)
        largest = point->stages[i].count > largest ? point->stages[i].count : largest;
    fprintf(stream, "\n  On %s:\n", point->date);
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stream);
    for (size_t i = 0; grid != NULL && i < point->stage_count; i++) {
        char count[FIGURE_BYTES], bar[BAR_TEXT_BYTES];
        figure_count(point->stages[i].count, count);
        bar_write(figure_fraction(point->stages[i].count, largest), STAGE_BAR_CELLS,
                  session->terminal.has_unicode, bar);
        grid_row(grid, (const char *[]){board_stage_label(point->stages[i].stage), count, bar});
    }
    return grid_end(grid, INDENT);
}

static void print_target(const struct session *session, const struct cpts_trajectory *trajectory,
                         FILE *stream)
{
    char count[FIGURE_BYTES], wanted[FIGURE_BYTES];
    const struct cpts_target_distance *target = trajectory->target;
    if (target == NULL)
        return;
    figure_count(target->project_count, count);
    figure_count(target->target_count, wanted);
    fprintf(stream, "\n  %s%s of %s%s on %s: ", terminal_style(&session->terminal, STYLE_BOLD),
            count, wanted, terminal_style(&session->terminal, STYLE_RESET), target->counted_on);
    if (target->missing_count <= 0)
        fputs("reached", stream);
    else
        fprintf(stream, "%d missing, %.1f a month to be there on %s", target->missing_count,
                target->needed_per_month, target->target_on);
    if (target->has_recent)
        fprintf(stream, " (lately %.1f a month)", target->recent_per_month);
    fputs("\n", stream);
}

static void write_projected(const struct cpts_projection *projection, char *ret_text)
{
    if (projection->point_total == 0) {
        ret_text[0] = '\0';
        return;
    }
    const struct cpts_projected_point *last = &projection->points[projection->point_total - 1];
    snprintf(ret_text, FIGURE_BYTES, "%.0f (%.0f to %.0f)", last->count, last->low, last->high);
}

static void add_projection(struct grid *grid, const char *name,
                           const struct cpts_projection *projection)
{
    char rmse[FIGURE_BYTES] = "", points[FIGURE_BYTES], end[3 * FIGURE_BYTES];
    snprintf(points, sizeof points, "%d", projection->point_count);
    if (!projection->is_fitted) {
        grid_row(grid, (const char *[]){name, points, "-", projection->message, "-"});
        return;
    }
    snprintf(rmse, sizeof rmse, "%.1f", projection->rmse);
    write_projected(projection, end);
    grid_row(grid, (const char *[]){name, points, rmse, end,
                                    projection->target_reached_on[0] == '\0'
                                        ? "never"
                                        : projection->target_reached_on});
}

static bool print_projections(const struct session *session,
                              const struct cpts_trajectory *trajectory, FILE *stream)
{
    char end[2 * FIGURE_BYTES] = "Projected", reached[2 * FIGURE_BYTES] = "Target";
    const struct cpts_projection *logistic = &trajectory->logistic;
    const struct cpts_projection *any =
        trajectory->linear.point_total > 0 ? &trajectory->linear : logistic;
    if (any->point_total > 0)
        snprintf(end, sizeof end, "On %.10s (95 %%)", any->points[any->point_total - 1].date);
    if (trajectory->target != NULL)
        snprintf(reached, sizeof reached, "Model reaches %d on", trajectory->target->target_count);
    const struct grid_column columns[] = {
        {.name = "model", .heading = "Projection"},
        {.name = "points", .heading = "Points", .is_number = true},
        {.name = "rmse", .heading = "RMSE", .is_number = true},
        {.name = "end", .heading = end},
        {.name = "reached", .heading = reached}};
    fputc('\n', stream);
    struct grid *grid = grid_new(session, columns, COUNT(columns), stream);
    if (grid != NULL) {
        add_projection(grid, "linear", &trajectory->linear);
        add_projection(grid, "logistic", logistic);
    }
    bool is_fine = grid_end(grid, INDENT);
    if (logistic->is_fitted)
        fprintf(stream, "  The logistic curve flattens at %.0f CPTS (%.0f to %.0f).\n",
                logistic->plateau, logistic->plateau_low, logistic->plateau_high);
    if (trajectory->better_fit != CPTS_PROJECTION_NONE)
        fprintf(stream, "  Fits better (AICc): %s.\n",
                trajectory->better_fit == CPTS_PROJECTION_LINEAR ? "linear" : "logistic");
    return is_fine;
}

static bool print_regions(const struct session *session, const struct cpts_trajectory *trajectory,
                          FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "region", .heading = "Region"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "per_million", .heading = "Per million", .is_number = true},
        {.name = "line", .heading = ""}};
    const struct cpts_heterogeneity *found = trajectory->heterogeneity;
    if (trajectory->region_count == 0)
        return true;
    fputc('\n', stream);
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stream);
    bool is_fine = true;
    for (size_t i = 0; grid != NULL && is_fine && i < trajectory->region_count; i++) {
        const struct cpts_region_trajectory *region = &trajectory->regions[i];
        char name[128], count[FIGURE_BYTES], rate[FIGURE_BYTES], line[SPARKLINE_TEXT_BYTES] = "";
        snprintf(name, sizeof name, "%s %s", region->region, region->name);
        figure_count(region->project_counts[trajectory->point_count - 1], count);
        snprintf(rate, sizeof rate, "%.1f", region->per_million);
        is_fine = write_line(session, trajectory, region->project_counts, REGION_CELLS, line);
        grid_row(grid, (const char *[]){name, count, rate, line});
    }
    is_fine = grid_end(grid, INDENT) && is_fine;
    if (found != NULL)
        fprintf(stream,
                "  Per million inhabitants: France %.1f, from %.1f (%s) to %.1f (%s).\n"
                "  Gini between regions %.3f, between inhabitants %.3f (0 = all alike).\n",
                found->per_million, found->lowest_per_million, found->lowest_region,
                found->highest_per_million, found->highest_region, found->gini,
                found->gini_population);
    return is_fine;
}

bool trajectory_view_print(const struct session *session, const struct cpts_trajectory *trajectory,
                           const char *scope, FILE *stream)
{
    print_title(session, trajectory, scope, stream);
    bool is_fine = print_sparkline(session, trajectory, stream);
    is_fine = print_series(session, trajectory, stream) && is_fine;
    is_fine = print_funnel(session, trajectory, stream) && is_fine;
    print_target(session, trajectory, stream);
    is_fine = print_projections(session, trajectory, stream) && is_fine;
    is_fine = print_regions(session, trajectory, stream) && is_fine;
    return is_fine && ferror(stream) == 0;
}
