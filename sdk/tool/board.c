/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <string.h>

#include "bar.h"
#include "grid.h"

#define STAGE_BAR_CELLS 30
#define TARGET_BAR_CELLS 40
#define REGION_BAR_CELLS 14
#define INDENT 2
#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

const char *board_stage_label(enum cpts_stage stage)
{
    switch (stage) {
    case CPTS_STAGE_EMERGENCE:
        return "Émergence";
    case CPTS_STAGE_LETTRE_INTENTION:
        return "Lettre d'intention";
    case CPTS_STAGE_PROJET_VALIDE:
        return "Projet de santé validé";
    case CPTS_STAGE_ACI_SIGNE:
        return "ACI signé";
    case CPTS_STAGE_ABANDONNE:
        return "Abandonné";
    case CPTS_STAGE_FUSIONNE:
        return "Fusionné";
    case CPTS_STAGE_DISSOUS:
        return "Dissous";
    case CPTS_STAGE_NON_RENOUVELE:
        return "ACI non renouvelé";
    case CPTS_STAGE_UNSPECIFIED:
        break;
    }
    return cpts_stage_name(stage);
}

const char *board_definition_label(enum cpts_coverage_definition definition)
{
    switch (definition) {
    case CPTS_COVERAGE_ALL_LIVE:
        return "All live stages";
    case CPTS_COVERAGE_ACI_SIGNED:
        return "ACI signé only";
    case CPTS_COVERAGE_CUSTOM:
    case CPTS_COVERAGE_UNSPECIFIED:
        break;
    }
    return "Chosen stages";
}

static void print_title(const struct session *session, const struct cpts_coverage *coverage,
                        const char *scope, FILE *stream)
{
    const struct terminal *terminal = &session->terminal;
    const char *reset = terminal_style(terminal, STYLE_RESET);
    fprintf(stream, "%sCPTS coverage of %s on %s%s\n", terminal_style(terminal, STYLE_BOLD), scope,
            coverage->as_of, reset);
    fprintf(stream, "Counted: %s (", board_definition_label(coverage->definition));
    for (size_t i = 0; i < coverage->stage_set_count; i++)
        fprintf(stream, "%s%s", i == 0 ? "" : ", ", cpts_stage_name(coverage->stage_set[i]));
    fputs(")\n", stream);
    if (coverage->synthetic)
        fprintf(stream,
                "%sSYNTHETIC DATA: invented CPTS on real communes, not the real register%s\n",
                terminal_style(terminal, STYLE_ALERT), reset);
    fputc('\n', stream);
}

static bool print_stages(const struct session *session, const struct cpts_coverage *coverage,
                         FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "stage", .heading = "Stage"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "bar", .heading = ""}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stream);
    int32_t largest = 1;
    for (size_t i = 0; i < coverage->stage_count; i++)
        largest = coverage->stages[i].count > largest ? coverage->stages[i].count : largest;
    for (size_t i = 0; grid != NULL && i < coverage->stage_count; i++) {
        char count[FIGURE_BYTES], bar[BAR_TEXT_BYTES];
        figure_count(coverage->stages[i].count, count);
        bar_write(figure_fraction(coverage->stages[i].count, largest), STAGE_BAR_CELLS,
                  session->terminal.has_unicode, bar);
        grid_row(grid, (const char *[]){board_stage_label(coverage->stages[i].stage), count, bar});
    }
    return grid_end(grid, INDENT);
}

static void print_target(const struct session *session, const struct cpts_coverage *coverage,
                         FILE *stream)
{
    char count[FIGURE_BYTES], target[FIGURE_BYTES], percent[FIGURE_BYTES], bar[BAR_TEXT_BYTES];
    const struct terminal *terminal = &session->terminal;
    figure_count(coverage->project_count, count);
    if (coverage->target_count <= 0) {
        fprintf(stream, "\n  %s CPTS; no target is published for this scope\n\n", count);
        return;
    }
    figure_count(coverage->target_count, target);
    figure_percent(coverage->project_count, coverage->target_count, percent);
    bar_write(figure_fraction(coverage->project_count, coverage->target_count), TARGET_BAR_CELLS,
              terminal->has_unicode, bar);
    fprintf(stream, "\n  %s%s of %s%s  %s%s%s  %s\n\n", terminal_style(terminal, STYLE_BOLD), count,
            target, terminal_style(terminal, STYLE_RESET), terminal_style(terminal, STYLE_BAR), bar,
            terminal_style(terminal, STYLE_RESET), percent);
}

static bool print_definitions(const struct session *session, const struct cpts_coverage *coverage,
                              FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "definition", .heading = "Definition"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "covered", .heading = "Inhabitants covered", .is_number = true},
        {.name = "percent", .heading = "", .is_number = true}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stream);
    for (size_t i = 0; grid != NULL && i < coverage->definition_count; i++) {
        const struct cpts_definition_total *one = &coverage->definitions[i];
        char count[FIGURE_BYTES], covered[FIGURE_BYTES], percent[FIGURE_BYTES];
        figure_count(one->project_count, count);
        figure_count(one->population_covered, covered);
        figure_percent(one->population_covered, coverage->population_total, percent);
        grid_row(grid, (const char *[]){board_definition_label(one->definition), count, covered,
                                        percent});
    }
    return grid_end(grid, INDENT);
}

static void add_region(struct grid *grid, const struct session *session,
                       const struct cpts_region_coverage *region)
{
    char name[128], count[FIGURE_BYTES], covered[FIGURE_BYTES], percent[FIGURE_BYTES],
        bar[BAR_TEXT_BYTES];
    snprintf(name, sizeof name, "%s %s", region->region, region->name);
    figure_count(region->project_count, count);
    figure_count(region->population_covered, covered);
    figure_percent(region->population_covered, region->population_total, percent);
    bar_write(figure_fraction(region->population_covered, region->population_total),
              REGION_BAR_CELLS, session->terminal.has_unicode, bar);
    grid_row(grid, (const char *[]){name, count, covered, percent, bar});
}

static bool print_regions(const struct session *session, const struct cpts_coverage *coverage,
                          FILE *stream)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "region", .heading = "Region"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "covered", .heading = "Covered", .is_number = true},
        {.name = "percent", .heading = "", .is_number = true},
        {.name = "bar", .heading = ""}};
    if (coverage->region_count == 0)
        return true;
    fputc('\n', stream);
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stream);
    for (size_t i = 0; grid != NULL && i < coverage->region_count; i++)
        add_region(grid, session, &coverage->regions[i]);
    return grid_end(grid, INDENT);
}

static void print_footer(const struct session *session, const struct cpts_coverage *coverage,
                         FILE *stream)
{
    char total[FIGURE_BYTES], known_at[CPTS_INSTANT_TEXT_BYTES];
    figure_count(coverage->population_total, total);
    cpts_instant_format(coverage->known_at_us, known_at);
    fprintf(stream,
            "\n%sOf %s inhabitants (communes of %d), each counted once. Known at\n"
            "%s, last stage counted entered on %s.\n"
            "Sources: communes and populations, Etalab, Licence Ouverte 2.0; positions,\n"
            "GeoNames, CC BY 4.0.%s\n",
            terminal_style(&session->terminal, STYLE_DIM), total, coverage->population_vintage,
            known_at[0] == '\0' ? "an unknown instant" : known_at,
            coverage->last_stage_on[0] == '\0' ? "no date" : coverage->last_stage_on,
            terminal_style(&session->terminal, STYLE_RESET));
}

bool board_print(const struct session *session, const struct cpts_coverage *coverage,
                 const char *scope, FILE *stream)
{
    print_title(session, coverage, scope, stream);
    bool is_fine = print_stages(session, coverage, stream);
    print_target(session, coverage, stream);
    is_fine = print_definitions(session, coverage, stream) && is_fine;
    is_fine = print_regions(session, coverage, stream) && is_fine;
    print_footer(session, coverage, stream);
    return is_fine && ferror(stream) == 0;
}
