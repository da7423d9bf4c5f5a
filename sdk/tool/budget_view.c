/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "entitlement_view.h"
#include "grid.h"
#include "money.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2
#define BAR_CELLS 14
#define CENTS_PER_EURO 100

/* The texts of sums, whole euros in a table. */
struct sum_texts {
    char maximum[FIGURE_BYTES];
    char certain[FIGURE_BYTES];
    char advance[FIGURE_BYTES];
    char balance[FIGURE_BYTES];
};

static void write_sum(const struct session *session, int64_t cents, char ret_text[FIGURE_BYTES])
{
    if (session->form == FORM_OWN)
        figure_count((cents + CENTS_PER_EURO / 2) / CENTS_PER_EURO, ret_text);
    else
        money_write(session, cents, ret_text);
}

static void write_totals(const struct session *session, const struct cpts_funding_totals *totals,
                         struct sum_texts *ret_texts)
{
    write_sum(session, totals->maximum_cents, ret_texts->maximum);
    write_sum(session, totals->certain_cents, ret_texts->certain);
    write_sum(session, totals->advance_cents, ret_texts->advance);
    write_sum(session, totals->balance_cents, ret_texts->balance);
}

static void print_title(const struct session *session, const struct cpts_budget *budget,
                        const char *scope)
{
    const struct terminal *terminal = &session->terminal;
    struct sum_texts sums;
    char contracts[FIGURE_BYTES], eligible[FIGURE_BYTES], start_up[FIGURE_BYTES];
    figure_count(budget->contract_count, contracts);
    figure_count(budget->eligible_count, eligible);
    figure_count(budget->start_up_count, start_up);
    write_totals(session, &budget->totals, &sums);
    printf("%sACI budget of %s for %d%s\nAs true on %s; euros\n",
           terminal_style(terminal, STYLE_BOLD), scope == NULL ? "France" : scope, budget->year,
           terminal_style(terminal, STYLE_RESET), budget->as_of);
    if (budget->synthetic)
        printf("%sSYNTHETIC DATA: invented CPTS on real communes, not the real register%s\n",
               terminal_style(terminal, STYLE_ALERT), terminal_style(terminal, STYLE_RESET));
    printf("\n  %s%s%s at most, %s of it certain (%s)\n  %s advanced, %s balance\n",
           terminal_style(terminal, STYLE_BOLD), sums.maximum,
           terminal_style(terminal, STYLE_RESET), sums.certain,
           budget->confidence[0] == '\0' ? "nothing counted" : budget->confidence, sums.advance,
           sums.balance);
    printf("  %s CPTS under contract, %s eligible; %s with start-up credits\n\n", contracts,
           eligible, start_up);
}

static const struct grid_column SHARE_COLUMNS[] = {
    {.name = "scope", .heading = ""},
    {.name = "contract_count", .heading = "Contracts", .is_number = true},
    {.name = "eligible_count", .heading = "Eligible", .is_number = true},
    {.name = "maximum", .heading = "At most", .is_number = true},
    {.name = "certain", .heading = "Certain", .is_number = true},
    {.name = "advance", .heading = "Advances", .is_number = true},
    {.name = "bar", .heading = ""},
};

static void add_share(struct grid *grid, const struct session *session,
                      const struct cpts_budget_share *share, const char *label, int64_t largest)
{
    struct sum_texts sums;
    char contracts[FIGURE_BYTES], eligible[FIGURE_BYTES], bar[BAR_TEXT_BYTES];
    grid_figure(session, share->contract_count, contracts);
    grid_figure(session, share->eligible_count, eligible);
    write_totals(session, &share->totals, &sums);
    bar_write(figure_fraction(share->totals.maximum_cents, largest), BAR_CELLS,
              session->terminal.has_unicode, bar);
    grid_row(grid, (const char *[]){label, contracts, eligible, sums.maximum, sums.certain,
                                    sums.advance, bar});
}

static int64_t largest_of(const struct cpts_budget_share *shares, size_t count)
{
    int64_t largest = 1;
    for (size_t i = 0; i < count; i++) {
        if (shares[i].totals.maximum_cents > largest)
            largest = shares[i].totals.maximum_cents;
    }
    return largest;
}

static bool print_regions(const struct session *session, const struct cpts_budget *budget)
{
    int64_t largest = largest_of(budget->regions, budget->region_count);
    struct grid *grid = grid_new(session, SHARE_COLUMNS, COUNT(SHARE_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < budget->region_count; i++) {
        char label[128];
        snprintf(label, sizeof label, "%s %s", budget->regions[i].code, budget->regions[i].name);
        add_share(grid, session, &budget->regions[i], label, largest);
    }
    bool is_fine = grid_end(grid, INDENT);
    putchar('\n');
    return is_fine;
}

static bool print_sizes(const struct session *session, const struct cpts_budget *budget)
{
    int64_t largest = largest_of(budget->sizes, budget->size_count);
    struct grid *grid = grid_new(session, SHARE_COLUMNS, COUNT(SHARE_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < budget->size_count; i++) {
        char label[32];
        snprintf(label, sizeof label, "Size %s",
                 budget->sizes[i].code[0] == '\0' ? "unknown" : budget->sizes[i].code);
        add_share(grid, session, &budget->sizes[i], label, largest);
    }
    bool is_fine = grid_end(grid, INDENT);
    putchar('\n');
    return is_fine;
}

static bool print_sums(const struct session *session, const struct cpts_budget *budget)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "line", .heading = "Line"},
        {.name = "part", .heading = "Part"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "maximum", .heading = "At most", .is_number = true},
        {.name = "confidence", .heading = "Confidence"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < budget->line_count; i++) {
        const struct cpts_budget_line *line = &budget->lines[i];
        struct sum_texts sums;
        char count[FIGURE_BYTES];
        grid_figure(session, line->cpts_count, count);
        write_totals(session, &line->totals, &sums);
        grid_row(grid,
                 (const char *[]){line->line, line->part, count, sums.maximum, line->confidence});
    }
    bool is_fine = grid_end(grid, INDENT);
    putchar('\n');
    return is_fine;
}

static bool print_gaps(const struct session *session, const struct cpts_budget *budget)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "reason", .heading = "Missing"},
        {.name = "count", .heading = "CPTS", .is_number = true},
        {.name = "blocks", .heading = ""}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < budget->gap_count; i++) {
        char count[FIGURE_BYTES];
        grid_figure(session, budget->gaps[i].cpts_count, count);
        grid_row(grid, (const char *[]){budget->gaps[i].reason, count,
                                        budget->gaps[i].blocking ? "nothing is paid" : ""});
    }
    return grid_end(grid, INDENT);
}

/* The scope, then each region, as lines. */
static bool print_flat(const struct session *session, const struct cpts_budget *budget,
                       const char *scope)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "year"},    {.name = "as_of"},          {.name = "scope"},
        {.name = "name"},    {.name = "contract_count"}, {.name = "eligible_count"},
        {.name = "maximum"}, {.name = "certain"},        {.name = "advance"},
        {.name = "balance"}, {.name = "confidence"},     {.name = "synthetic"},
    };
    struct cpts_budget_share all = {.code = scope == NULL ? "FR" : scope,
                                    .name = scope == NULL ? "France" : scope,
                                    .contract_count = budget->contract_count,
                                    .eligible_count = budget->eligible_count,
                                    .totals = budget->totals};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i <= budget->region_count; i++) {
        const struct cpts_budget_share *share = i == 0 ? &all : &budget->regions[i - 1];
        struct sum_texts sums;
        char year[FIGURE_BYTES], contracts[FIGURE_BYTES], eligible[FIGURE_BYTES];
        snprintf(year, sizeof year, "%d", budget->year);
        grid_figure(session, share->contract_count, contracts);
        grid_figure(session, share->eligible_count, eligible);
        write_totals(session, &share->totals, &sums);
        grid_row(grid,
                 (const char *[]){year, budget->as_of, share->code, share->name, contracts,
                                  eligible, sums.maximum, sums.certain, sums.advance, sums.balance,
                                  budget->confidence, budget->synthetic ? "true" : "false"});
    }
    return grid_end(grid, 0);
}

bool budget_print(const struct session *session, const struct cpts_budget *budget,
                  const char *scope)
{
    char known_at[CPTS_INSTANT_TEXT_BYTES];
    if (session->form != FORM_OWN)
        return print_flat(session, budget, scope);
    print_title(session, budget, scope);
    bool is_fine = print_regions(session, budget);
    is_fine = print_sizes(session, budget) && is_fine;
    is_fine = print_sums(session, budget) && is_fine;
    is_fine = print_gaps(session, budget) && is_fine;
    cpts_instant_format(budget->known_at_us, known_at);
    printf("\n%sThe sum of every entitlement (cptsctl funding show).\n"
           "Known at %s.\n"
           "At most: with every indicator reached. Certain: fixed parts, and indicators known.\n"
           "Computed from the registry and the grids of the ACI, not decided.%s\n",
           terminal_style(&session->terminal, STYLE_DIM),
           known_at[0] == '\0' ? "an unknown instant" : known_at,
           terminal_style(&session->terminal, STYLE_RESET));
    return is_fine;
}
