/* SPDX-License-Identifier: Apache-2.0 */
/* indicator list, show, board: what is read. */
#include <cpts/indicator_board.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "money_text.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2
#define STEPS_BYTES 64
#define TABLE_BYTES 160

static void print_synthetic(const struct session *session)
{
    printf("%sSYNTHETIC DATA: invented CPTS are among these figures%s\n",
           terminal_style(&session->terminal, STYLE_ALERT),
           terminal_style(&session->terminal, STYLE_RESET));
}

/* --- list --------------------------------------------------------------------- */

static bool print_definitions(const struct session *session,
                              const struct cpts_indicators *indicators)
{
    static const struct grid_column COLUMNS[] = {{.name = "code", .heading = "CODE"},
                                                 {.name = "mission", .heading = "MISSION"},
                                                 {.name = "label", .heading = "INDICATEUR"},
                                                 {.name = "kind", .heading = "KIND"},
                                                 {.name = "direction", .heading = "BETTER"},
                                                 {.name = "unit", .heading = "UNIT"},
                                                 {.name = "counts_people"},
                                                 {.name = "provider", .heading = "PROVIDER"},
                                                 {.name = "confidence", .heading = "SOURCE"},
                                                 {.name = "example"},
                                                 {.name = "source"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < indicators->indicator_count; i++) {
        const struct cpts_indicator *one = &indicators->indicators[i];
        grid_row(grid, (const char *[]){one->code, one->mission, one->label, one->kind,
                                        cpts_indicator_direction_name(one->direction), one->unit,
                                        one->counts_people ? "true" : "false", one->provider,
                                        one->confidence, one->example, one->source});
    }
    return grid_end(grid, 0);
}

int verb_indicator_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_indicators *indicators = NULL;
    struct cpts_error err;
    const char *as_of = NULL;
    int code = input_date(arguments, "as-of", &as_of);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_indicators_list(session->client, arguments_value(arguments, "mission"), as_of, 0,
                             &indicators, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_indicators_json(indicators, INDENT));
    else
        code = print_definitions(session, indicators) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_indicators_free(indicators);
    return code;
}

/* --- show --------------------------------------------------------------------- */

/* "66.26 -> 69.7 (1,000 €), 72.4 (2,500 €)". */
static void write_table(const struct session *session, const struct cpts_own_indicator *own,
                        char text[TABLE_BYTES])
{
    size_t length = (size_t)snprintf(text, TABLE_BYTES, "%s%s", own->baseline,
                                     own->baseline[0] == '\0' ? "" : " -> ");
    for (size_t i = 0; i < own->threshold_count && length < TABLE_BYTES; i++) {
        char amount[MONEY_BYTES];
        money_text(session, own->thresholds[i].amount_cents, amount);
        length += (size_t)snprintf(text + length, TABLE_BYTES - length, "%s%s (%s)",
                                   i == 0 ? "" : ", ", own->thresholds[i].value, amount);
    }
}

static void add_result(const struct session *session, struct grid *grid,
                       const struct cpts_own_indicator *own,
                       const struct cpts_indicator_result *result)
{
    char table[TABLE_BYTES], step[FIGURE_BYTES] = "", amount[MONEY_BYTES] = "";
    char recorded[CPTS_INSTANT_TEXT_BYTES] = "";
    const char *state = "", *period = "", *value = "";
    write_table(session, own, table);
    if (result != NULL) {
        period = result->value.period;
        value = result->value.value;
        state = cpts_indicator_state_name(result->value.state);
        cpts_instant_format(result->value.recorded_at_us, recorded);
    }
    if (result != NULL && own->threshold_count > 0) {
        snprintf(step, sizeof step, "%d", result->step);
        money_text(session, result->amount_cents, amount);
    }
    grid_row(grid, (const char *[]){own->indicator.code, own->indicator.label, period, value, state,
                                    step, amount, table, own->published ? "true" : "false",
                                    own->indicator.unit, recorded});
}

static bool print_own(const struct session *session, const struct cpts_own_indicators *indicators)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "indicator", .heading = "CODE"},
        {.name = "label"},
        {.name = "period", .heading = "PERIOD"},
        {.name = "value", .heading = "VALUE", .is_number = true},
        {.name = "state", .heading = "STATE"},
        {.name = "step", .heading = "STEP", .is_number = true},
        {.name = "amount_euros", .heading = "AMOUNT", .is_number = true},
        {.name = "step_table", .heading = "STEP TABLE"},
        {.name = "published", .heading = "PUBLISHED"},
        {.name = "unit"},
        {.name = "recorded_at"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < indicators->indicator_count; i++) {
        const struct cpts_own_indicator *own = &indicators->indicators[i];
        if (own->result_count == 0)
            add_result(session, grid, own, NULL);
        for (size_t n = 0; n < own->result_count; n++)
            add_result(session, grid, own, &own->results[n]);
    }
    bool is_fine = grid_end(grid, 0);
    if (session->form == FORM_OWN && indicators->synthetic)
        print_synthetic(session);
    return is_fine;
}

int verb_indicator_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_indicator_query query = {.size = sizeof query,
                                         .year = arguments_value(arguments, "year")};
    struct cpts_own_indicators *indicators = NULL;
    struct cpts_error err;
    int code = input_id(arguments, 0, &query.id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_own_indicators_get(session->client, &query, 0, &indicators, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_own_indicators_json(indicators, INDENT));
    else
        code = print_own(session, indicators) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_own_indicators_free(indicators);
    return code;
}

/* --- board -------------------------------------------------------------------- */

static void write_steps(const struct cpts_indicator_cell *cell, char text[STEPS_BYTES])
{
    text[0] = '\0';
    if (cell->has_steps)
        snprintf(text, STEPS_BYTES, "%d/%d/%d/%d", cell->step_counts[0], cell->step_counts[1],
                 cell->step_counts[2], cell->step_counts[3]);
}

static void add_cell(const struct session *session, struct grid *grid,
                     const struct cpts_indicator_board *board,
                     const struct cpts_indicator_cell *cell)
{
    char reporting[FIGURE_BYTES], expected[FIGURE_BYTES], steps[STEPS_BYTES];
    const char *value = cell->value;
    if (cell->suppressed && session->form == FORM_OWN)
        value = "withheld";
    grid_figure(session, cell->reporting_count, reporting);
    grid_figure(session, cell->expected_count, expected);
    write_steps(cell, steps);
    grid_row(grid, (const char *[]){cell->key, cell->key[0] == '\0' ? "France" : cell->name, value,
                                    board->indicator.unit, reporting, expected, steps,
                                    cell->suppressed ? "true" : "false", board->indicator.code,
                                    board->period, board->synthetic ? "true" : "false"});
}

static bool print_cells(const struct session *session, const struct cpts_indicator_board *board)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "key"},
        {.name = "name", .heading = "TERRITORY"},
        {.name = "value", .heading = "VALUE", .is_number = true},
        {.name = "unit", .heading = "UNIT"},
        {.name = "reporting_count", .heading = "REPORTING", .is_number = true},
        {.name = "expected_count", .heading = "OF", .is_number = true},
        {.name = "step_counts", .heading = "STEP 0/1/2/3"},
        {.name = "suppressed"},
        {.name = "indicator"},
        {.name = "period"},
        {.name = "synthetic"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < board->cell_count; i++)
        add_cell(session, grid, board, &board->cells[i]);
    return grid_end(grid, session->form == FORM_OWN ? INDENT : 0);
}

static bool has_withheld(const struct cpts_indicator_board *board)
{
    for (size_t i = 0; i < board->cell_count; i++) {
        if (board->cells[i].suppressed)
            return true;
    }
    return false;
}

static bool print_board(const struct session *session, const struct cpts_indicator_board *board)
{
    const struct cpts_indicator *indicator = &board->indicator;
    printf("%s%s, %s%s (%s)\n", terminal_style(&session->terminal, STYLE_BOLD), indicator->label,
           board->period, terminal_style(&session->terminal, STYLE_RESET), indicator->code);
    if (board->synthetic)
        print_synthetic(session);
    putchar('\n');
    bool is_fine = print_cells(session, board);
    printf("\n%sLocked values of CPTS that publish this indicator; %s.\n",
           terminal_style(&session->terminal, STYLE_DIM),
           strcmp(indicator->unit, "percent") == 0 ? "the median of their rates" : "their sum");
    if (has_withheld(board))
        printf("withheld: fewer than %d people, a count that would give such a one away, or one\n"
               "that waits until every CPTS has its value.\n",
               board->threshold_count);
    printf("Definition: %s (%s).%s\n", indicator->source, indicator->confidence,
           terminal_style(&session->terminal, STYLE_RESET));
    return is_fine && ferror(stdout) == 0;
}

int verb_indicator_board(struct session *session, const struct arguments *arguments)
{
    const struct cpts_indicator_board_query query = {.size = sizeof query,
                                                     .indicator = arguments->operands[0],
                                                     .period = arguments->operands[1],
                                                     .region =
                                                         arguments_value(arguments, "region")};
    struct cpts_indicator_board *board = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_indicator_board_get(session->client, &query, 0, &board, &err) != CPTS_OK)
        return failure_print(&err);
    bool is_fine = true;
    if (session->form == FORM_IS_JSON)
        is_fine = print_json(cpts_indicator_board_json(board, INDENT)) == EXIT_CODE_OK;
    else
        is_fine =
            session->form == FORM_OWN ? print_board(session, board) : print_cells(session, board);
    cpts_indicator_board_free(board);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}
