/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl funding ceilings, funding grid. */
#include <cpts/funding.h>
#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "grid.h"
#include "input.h"
#include "money.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define SIZE_COUNT 4
#define MARKED_BYTES (FIGURE_BYTES + 4)

/* A bare JSON list, one ceiling a line. */
static int print_ceilings_json(const struct cpts_grids *grids)
{
    putchar('[');
    for (size_t i = 0; i < grids->ceiling_count; i++) {
        char *text = cpts_ceiling_json(&grids->ceilings[i], 0);
        if (text == NULL)
            return EXIT_CODE_ERROR;
        printf("%s\n%s", i == 0 ? "" : ",", text);
        cpts_string_free(text);
    }
    puts("\n]");
    return EXIT_CODE_OK;
}

static int print_ceilings(const struct session *session, const struct cpts_grids *grids)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "grid", .heading = "GRID"},
        {.name = "size", .heading = "SIZE", .is_number = true},
        {.name = "with_snp", .heading = "SNP"},
        {.name = "crisis_year", .heading = "CRISIS"},
        {.name = "amount", .heading = "EUROS", .is_number = true},
        {.name = "confidence", .heading = "CONFIDENCE"},
        {.name = "source", .heading = "SOURCE"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < grids->ceiling_count; i++) {
        const struct cpts_ceiling *one = &grids->ceilings[i];
        char size[FIGURE_BYTES], amount[FIGURE_BYTES];
        snprintf(size, sizeof size, "%d", one->size);
        grid_figure(session, one->amount, amount);
        grid_row(grid, (const char *[]){one->grid, size, one->with_snp ? "true" : "false",
                                        one->crisis_year ? "true" : "false", amount,
                                        one->confidence, one->source});
    }
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

/* One line an amount: for CSV and --plain. */
static void print_amounts(struct grid *grid, const struct session *session,
                          const struct cpts_grid *version, const struct cpts_grid_line *line)
{
    for (size_t i = 0; i < line->amount_count; i++) {
        const struct cpts_grid_amount *one = &line->amounts[i];
        char size[FIGURE_BYTES], amount[FIGURE_BYTES];
        snprintf(size, sizeof size, "%d", one->size);
        money_write(session, one->amount_cents, amount);
        grid_row(grid, (const char *[]){version->grid, line->line, line->part, line->mission,
                                        line->obligation, size, amount, one->confidence,
                                        one->source, line->grid});
    }
}

static int print_grid_lines(const struct session *session, const struct cpts_grids *grids)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "grid"},       {.name = "line"},       {.name = "part"},   {.name = "mission"},
        {.name = "obligation"}, {.name = "size"},       {.name = "amount"}, {.name = "confidence"},
        {.name = "source"},     {.name = "written_in"},
    };
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < grids->grid_count; i++) {
        for (size_t j = 0; j < grids->grids[i].line_count; j++)
            print_amounts(grid, session, &grids->grids[i], &grids->grids[i].lines[j]);
    }
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

/* Cells of the four sizes: the amount and the letter of its confidence. */
static void write_cells(const struct session *session, const struct cpts_grid_line *line,
                        char ret_cells[SIZE_COUNT][MARKED_BYTES])
{
    memset(ret_cells, 0, (size_t)SIZE_COUNT * MARKED_BYTES);
    for (size_t i = 0; i < line->amount_count; i++) {
        const struct cpts_grid_amount *one = &line->amounts[i];
        char amount[FIGURE_BYTES];
        if (one->size < 1 || one->size > SIZE_COUNT)
            continue;
        money_write(session, one->amount_cents, amount);
        const char *mark = money_mark(one->confidence);
        snprintf(ret_cells[one->size - 1], MARKED_BYTES, "%s%s", amount,
                 mark[0] == '\0' ? " " : mark);
    }
}

static bool print_version(const struct session *session, const struct cpts_grid *version)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE"},
        {.name = "part", .heading = "PART"},
        {.name = "size_1", .heading = "SIZE 1 ", .is_number = true},
        {.name = "size_2", .heading = "SIZE 2 ", .is_number = true},
        {.name = "size_3", .heading = "SIZE 3 ", .is_number = true},
        {.name = "size_4", .heading = "SIZE 4 ", .is_number = true}};
    const struct terminal *terminal = &session->terminal;
    printf("%s%s%s\nFrom %s%s%s, advances %d %% of the fixed amounts (%s)\n",
           terminal_style(terminal, STYLE_BOLD), version->label,
           terminal_style(terminal, STYLE_RESET), version->valid_from,
           version->valid_to[0] == '\0' ? "" : " until before ", version->valid_to,
           version->advance_percent, version->confidence);
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < version->line_count; i++) {
        char cells[SIZE_COUNT][MARKED_BYTES];
        write_cells(session, &version->lines[i], cells);
        grid_row(grid, (const char *[]){version->lines[i].line, version->lines[i].part, cells[0],
                                        cells[1], cells[2], cells[3]});
    }
    bool is_fine = grid_end(grid, 2);
    putchar('\n');
    return is_fine;
}

static int print_grids(const struct session *session, const struct cpts_grids *grids)
{
    bool is_fine = true;
    for (size_t i = 0; i < grids->grid_count; i++)
        is_fine = print_version(session, &grids->grids[i]) && is_fine;
    if (grids->grid_count == 0)
        puts("No grid was in force.");
    else if (!session->is_quiet)
        printf("%s\nSources by amount: --csv or --json.\n", money_legend());
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

/* Reads the grids of --as-of, or all. */
static int read_grids(struct session *session, const struct arguments *arguments,
                      struct cpts_grids **ret_grids)
{
    const char *as_of = NULL;
    struct cpts_error err;
    int code = input_date(arguments, "as-of", &as_of);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK &&
        cpts_funding_grids(session->client, as_of, 0, ret_grids, &err) != CPTS_OK)
        code = failure_print(&err);
    return code;
}

int verb_funding_ceilings(struct session *session, const struct arguments *arguments)
{
    struct cpts_grids *grids = NULL;
    int code = read_grids(session, arguments, &grids);
    if (code == EXIT_CODE_OK)
        code = session->form == FORM_IS_JSON ? print_ceilings_json(grids)
                                             : print_ceilings(session, grids);
    cpts_grids_free(grids);
    return code;
}

int verb_funding_grid(struct session *session, const struct arguments *arguments)
{
    struct cpts_grids *grids = NULL;
    int code = read_grids(session, arguments, &grids);
    if (code != EXIT_CODE_OK)
        return code;
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_grids_json(grids, JSON_INDENT));
    else if (session->form == FORM_OWN)
        code = print_grids(session, grids);
    else
        code = print_grid_lines(session, grids);
    cpts_grids_free(grids);
    return code;
}
