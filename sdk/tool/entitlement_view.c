/* SPDX-License-Identifier: Apache-2.0 */
#include "entitlement_view.h"

#include <stdio.h>
#include <string.h>

#include "grid.h"
#include "money.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2
#define MARKED_BYTES (FIGURE_BYTES + 4)

/* An amount and the letter of its confidence. */
static void write_marked(const struct session *session, int64_t cents, const char *confidence,
                         char ret_text[MARKED_BYTES])
{
    char amount[FIGURE_BYTES];
    const char *mark = money_mark(confidence);
    money_write(session, cents, amount);
    snprintf(ret_text, MARKED_BYTES, "%s%s", amount, mark[0] == '\0' ? " " : mark);
}

static void print_title(const struct session *session, const struct cpts_entitlement *entitlement)
{
    const struct terminal *terminal = &session->terminal;
    char population[FIGURE_BYTES];
    figure_count(entitlement->population_count, population);
    printf("%s%s: what the ACI pays for %d%s\n", terminal_style(terminal, STYLE_BOLD),
           entitlement->name, entitlement->year, terminal_style(terminal, STYLE_RESET));
    if (entitlement->synthetic)
        printf("%sSYNTHETIC DATA: an invented CPTS%s\n", terminal_style(terminal, STYLE_ALERT),
               terminal_style(terminal, STYLE_RESET));
    printf("As true on %s. ", entitlement->as_of);
    if (entitlement->signed_on[0] == '\0')
        puts("No ACI is signed.");
    else
        printf("ACI signed on %s, contract year %d, %d days of it in %d.\n", entitlement->signed_on,
               entitlement->contract_year, entitlement->contract_days, entitlement->year);
    if (entitlement->grid[0] != '\0')
        printf("Grid %s and size %d (%s inhabitants), as on %s.\n", entitlement->grid,
               entitlement->size, population, entitlement->grid_on);
    putchar('\n');
}

static bool print_gaps(const struct session *session, const struct cpts_entitlement *entitlement)
{
    static const struct grid_column COLUMNS[] = {{.name = "blocks", .heading = ""},
                                                 {.name = "reason", .heading = "MISSING"},
                                                 {.name = "mission", .heading = "MISSION"},
                                                 {.name = "due_on", .heading = "DATE"},
                                                 {.name = "message", .heading = "WHY"}};
    if (entitlement->gap_count == 0)
        return true;
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < entitlement->gap_count; i++) {
        const struct cpts_entitlement_gap *gap = &entitlement->gaps[i];
        grid_row(grid, (const char *[]){gap->blocking ? "!" : "", gap->reason, gap->mission,
                                        gap->due_on, gap->message});
    }
    bool is_fine = grid_end(grid, INDENT);
    if (!entitlement->eligible)
        puts("  ! Nothing but start-up credits is paid while this is missing.");
    putchar('\n');
    return is_fine;
}

static void add_line(struct grid *grid, const struct session *session,
                     const struct cpts_entitlement_line *line)
{
    char days[2 * FIGURE_BYTES], full[MARKED_BYTES], maximum[FIGURE_BYTES], certain[FIGURE_BYTES],
        advance[FIGURE_BYTES], balance[FIGURE_BYTES];
    snprintf(days, sizeof days, "%d/%d", line->days, line->year_days);
    write_marked(session, line->full_cents, line->confidence, full);
    money_write(session, line->maximum_cents, maximum);
    money_write(session, line->certain_cents, certain);
    money_write(session, line->advance_cents, advance);
    money_write(session, line->balance_cents, balance);
    grid_row(grid, (const char *[]){line->line, line->part, days, full, maximum,
                                    line->is_certain ? certain : "?", advance, balance,
                                    line->counted ? "" : "not counted"});
}

static void add_totals(struct grid *grid, const struct session *session, const char *label,
                       const struct cpts_funding_totals *totals)
{
    char maximum[FIGURE_BYTES], certain[FIGURE_BYTES], advance[FIGURE_BYTES], balance[FIGURE_BYTES];
    money_write(session, totals->maximum_cents, maximum);
    money_write(session, totals->certain_cents, certain);
    money_write(session, totals->advance_cents, advance);
    money_write(session, totals->balance_cents, balance);
    grid_row(grid, (const char *[]){label, "", "", "", maximum, certain, advance, balance, ""});
}

static bool print_lines(const struct session *session, const struct cpts_entitlement *entitlement)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "LINE"},
        {.name = "part", .heading = "PART"},
        {.name = "days", .heading = "DAYS", .is_number = true},
        {.name = "full", .heading = "FULL YEAR ", .is_number = true},
        {.name = "maximum", .heading = "AT MOST", .is_number = true},
        {.name = "certain", .heading = "CERTAIN", .is_number = true},
        {.name = "advance", .heading = "ADVANCE", .is_number = true},
        {.name = "balance", .heading = "BALANCE", .is_number = true},
        {.name = "counted", .heading = ""}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < entitlement->line_count; i++)
        add_line(grid, session, &entitlement->lines[i]);
    if (grid != NULL)
        add_totals(grid, session, "Total", &entitlement->totals);
    return grid_end(grid, INDENT);
}

/* The rule of each part, once. */
static void print_rules(const struct cpts_entitlement *entitlement)
{
    for (size_t i = 0; i < entitlement->line_count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first =
                is_first && strcmp(entitlement->lines[j].rule, entitlement->lines[i].rule) != 0;
        if (is_first)
            printf("  %s: %s\n", entitlement->lines[i].part, entitlement->lines[i].rule);
    }
}

static void print_footer(const struct session *session, const struct cpts_entitlement *entitlement)
{
    const struct terminal *terminal = &session->terminal;
    char ceiling[FIGURE_BYTES], cut[FIGURE_BYTES];
    money_write(session, entitlement->ceiling_cents, ceiling);
    money_write(session, entitlement->totals.cut_cents, cut);
    if (entitlement->ceiling_cents >= 0)
        printf("\n  Ceiling of a full year with these missions: %s (%s: %s); it cuts %s.\n",
               ceiling, entitlement->ceiling_confidence, entitlement->ceiling_source, cut);
    if (session->is_quiet)
        return;
    printf("\n%sRules, rounded once a line to the cent:\n", terminal_style(terminal, STYLE_DIM));
    print_rules(entitlement);
    printf("%s\n?: not known before the indicators are. Computed, not decided.\n"
           "Sources by line: --csv or --json.%s\n",
           money_legend(), terminal_style(terminal, STYLE_RESET));
}

/* One line an entitlement's line, for CSV and --plain. */
static bool print_flat(const struct session *session, const struct cpts_entitlement *entitlement)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "cpts_id"},    {.name = "year"},    {.name = "line"},    {.name = "part"},
        {.name = "mission"},    {.name = "full"},    {.name = "days"},    {.name = "year_days"},
        {.name = "maximum"},    {.name = "certain"}, {.name = "advance"}, {.name = "balance"},
        {.name = "confidence"}, {.name = "source"},  {.name = "rule"},    {.name = "counted"},
    };
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < entitlement->line_count; i++) {
        const struct cpts_entitlement_line *line = &entitlement->lines[i];
        char year[FIGURE_BYTES], full[FIGURE_BYTES], days[FIGURE_BYTES], year_days[FIGURE_BYTES],
            maximum[FIGURE_BYTES], certain[FIGURE_BYTES], advance[FIGURE_BYTES],
            balance[FIGURE_BYTES];
        snprintf(year, sizeof year, "%d", entitlement->year);
        snprintf(days, sizeof days, "%d", line->days);
        snprintf(year_days, sizeof year_days, "%d", line->year_days);
        money_write(session, line->full_cents, full);
        money_write(session, line->maximum_cents, maximum);
        money_write(session, line->certain_cents, certain);
        money_write(session, line->advance_cents, advance);
        money_write(session, line->balance_cents, balance);
        grid_row(grid,
                 (const char *[]){entitlement->id, year, line->line, line->part, line->mission,
                                  full, days, year_days, maximum, line->is_certain ? certain : "",
                                  advance, balance, line->confidence, line->source, line->rule,
                                  line->counted ? "true" : "false"});
    }
    return grid_end(grid, 0);
}

bool entitlement_print(const struct session *session, const struct cpts_entitlement *entitlement)
{
    if (session->form != FORM_OWN)
        return print_flat(session, entitlement);
    print_title(session, entitlement);
    bool is_fine = print_gaps(session, entitlement);
    is_fine = print_lines(session, entitlement) && is_fine;
    print_footer(session, entitlement);
    return is_fine;
}
