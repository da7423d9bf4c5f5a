/* SPDX-License-Identifier: Apache-2.0 */
/* GetIndicatorBoard: nation, regions, CPTS of a region; small counts suppressed. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "domain/decimal.h"
#include "domain/period.h"
#include "domain/suppression.h"
#include "domain/units.h"
#include "handler/indicator_message.h"
#include "handler/indicator_year.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of indicator_board.sql after the definition. */
enum board_column {
    REGION = 11,
    REGION_NAME,
    CPTS_ID,
    NAME,
    SYNTHETIC,
    VALUE,
    THRESHOLDS,
    AMOUNTS,
    OTHER_PERIODS,
};

#define STEP_COUNT (INDICATOR_THRESHOLDS_MAX + 1)
#define UNIT_RATE "percent"

/* What was asked, for the second half. */
struct question {
    const char *period;
    const char *region;
};

/* One cell: the nation is the first, then each region followed by its CPTS. */
struct figure {
    int first_row; /* of its rows; names and ids are read there */
    int row_count;
    bool is_region;
    int32_t reporting_count;
    int32_t steps[STEP_COUNT];
};

/* The tree and what stands behind each cell. */
struct board {
    const struct rows *rows;
    Cpts__V1__Indicator *indicator;
    size_t count;
    struct suppression_cell *cells;
    struct figure *figures;
    int64_t *values; /* by row, millionths */
};

cpts_status indicator_board_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetIndicatorBoardRequest *request = message;
    struct period period;
    if (request->indicator[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "indicator",
                               "which indicator? ListIndicators names them");
    if (!period_parse(request->period, &period))
        return error_set_field(err, REASON_FIELD_INVALID, "period",
                               "not a period: 2024, 2024-S1, 2024-T3 or 2024-07");
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_INDICATOR_BOARD);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    question->period = arena_printf(call->arena, "%s", request->period);
    question->region = arena_printf(call->arena, "%s", request->region);
    if (question->period == NULL || question->region == NULL)
        return request_no_memory(err);
    call->state = question;
    query_text(call->query, request->indicator);
    query_text(call->query, request->period);
    query_text(call->query, period.last_on);
    return CPTS_OK;
}

/* --- the tree ---------------------------------------------------------------- */

static size_t add_cell(struct board *board, int32_t parent, int row, bool is_region)
{
    size_t index = board->count++;
    board->cells[index] = (struct suppression_cell){.parent = parent};
    board->figures[index] = (struct figure){.first_row = row, .is_region = is_region};
    return index;
}

/* Adds what one CPTS reported to a cell. */
static void add_value(struct board *board, size_t cell, int64_t value, size_t step)
{
    board->cells[cell].count += indicator_people(value);
    board->figures[cell].reporting_count++;
    board->figures[cell].steps[step]++;
}

/* One CPTS: its cell, and its part in the region's and the nation's. A figure
 * that is not complete is withheld with everything below it: a later, complete
 * one would tell the difference. */
static bool add_row(struct call *call, struct board *board, int row, size_t region)
{
    const struct rows *rows = board->rows;
    size_t cells[] = {0, region, add_cell(board, (int32_t)region, row, false)};
    struct indicator_table table = {.direction =
                                        (enum indicator_direction)board->indicator->direction};
    bool is_reported = !rows_is_null(rows, row, VALUE);
    if (is_reported && (!decimal_parse(rows_text(rows, row, VALUE), &board->values[row]) ||
                        !indicator_table_read(call, rows, row, THRESHOLDS, &table)))
        return false;
    size_t step = indicator_step(table.direction, table.thresholds, table.threshold_count,
                                 board->values[row]);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        board->figures[cells[i]].row_count++;
        if (is_reported)
            add_value(board, cells[i], board->values[row], step);
    }
    return true;
}

static bool build(struct call *call, struct board *board)
{
    const struct rows *rows = board->rows;
    int row_count = rows_is_null(rows, 0, REGION) ? 0 : rows_count(rows);
    size_t most = 2 * (size_t)row_count + 1;
    board->cells = arena_alloc(call->arena, most * sizeof *board->cells);
    board->figures = arena_alloc(call->arena, most * sizeof *board->figures);
    board->values = arena_alloc(call->arena, ((size_t)row_count + 1) * sizeof *board->values);
    if (board->cells == NULL || board->figures == NULL || board->values == NULL)
        return false;
    size_t region = add_cell(board, SUPPRESSION_ROOT, 0, false);
    board->cells[0].keep_parts = true;
    for (int row = 0; row < row_count; row++) {
        if (row == 0 || strcmp(rows_text(rows, row, REGION), rows_text(rows, row - 1, REGION)) != 0)
            region = add_cell(board, 0, row, true);
        if (!add_row(call, board, row, region))
            return false;
    }
    return true;
}

static bool is_complete(const struct figure *figure)
{
    return figure->row_count > 0 && figure->reporting_count == figure->row_count;
}

/* Hides what the periods of the year must not tell together; their boards too. */
static bool suppress_year(struct call *call, const struct board *board, int32_t threshold_count)
{
    int *leaf_rows = arena_alloc(call->arena, board->count * sizeof *leaf_rows);
    bool *are_told = arena_alloc(call->arena, board->count * sizeof *are_told);
    if (leaf_rows == NULL || are_told == NULL)
        return false;
    for (size_t i = 0; i < board->count; i++) {
        bool is_leaf = i > 0 && !board->figures[i].is_region;
        leaf_rows[i] = is_leaf ? board->figures[i].first_row : -1;
        are_told[i] = is_complete(&board->figures[i]);
    }
    const struct indicator_year year = {board->rows, OTHER_PERIODS, board->cells,
                                        leaf_rows,   are_told,      board->count};
    return indicator_year_suppress(&year, call->arena, threshold_count);
}

/* Hides what a count of people must not tell; other figures are all shown. What
 * is withheld in one period says nothing of the others, and comes after them. */
static bool suppress(struct call *call, struct board *board, int32_t threshold_count)
{
    if (!board->indicator->counts_people)
        return true;
    if (!suppress_year(call, board, threshold_count))
        return false;
    for (size_t i = 0; i < board->count; i++) {
        int32_t parent = board->cells[i].parent;
        bool region_waits = parent > 0 && !is_complete(&board->figures[parent]);
        if (region_waits || !is_complete(&board->figures[i]))
            board->cells[i].hidden = true;
    }
    suppression_apply(board->cells, board->count, threshold_count);
    return true;
}

/* --- the answer -------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left;
    int64_t b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* The sum of what a cell's CPTS reported, or for a rate their median. */
static bool summary(struct call *call, const struct board *board, const struct figure *figure,
                    int64_t *ret_value)
{
    int64_t *values = arena_alloc(call->arena, ((size_t)figure->row_count + 1) * sizeof *values);
    int64_t sum = 0;
    size_t count = 0;
    if (values == NULL)
        return false;
    for (int row = figure->first_row; row < figure->first_row + figure->row_count; row++) {
        if (rows_is_null(board->rows, row, VALUE))
            continue;
        values[count++] = board->values[row];
        sum += board->values[row];
    }
    qsort(values, count, sizeof *values, compare);
    int64_t median = (values[count / 2] + values[(count - 1) / 2]) / 2;
    *ret_value = strcmp(board->indicator->unit, UNIT_RATE) == 0 ? median : sum;
    return true;
}

static bool fill(struct call *call, const struct board *board, const struct figure *figure,
                 Cpts__V1__IndicatorCell *cell)
{
    int64_t value = 0;
    if (cell->suppressed || figure->reporting_count == 0)
        return true;
    cell->step_counts = arena_alloc(call->arena, STEP_COUNT * sizeof *cell->step_counts);
    if (cell->step_counts == NULL || !summary(call, board, figure, &value))
        return false;
    memcpy(cell->step_counts, figure->steps, sizeof figure->steps);
    cell->n_step_counts = STEP_COUNT;
    cell->value = indicator_decimal(call, value);
    return cell->value != NULL;
}

static Cpts__V1__IndicatorCell *cell_new(struct call *call, const struct board *board, size_t index)
{
    const struct figure *figure = &board->figures[index];
    Cpts__V1__IndicatorCell *cell = request_message(call, &cpts__v1__indicator_cell__descriptor);
    if (cell == NULL)
        return NULL;
    if (index > 0) {
        cell->key =
            (char *)rows_text(board->rows, figure->first_row, figure->is_region ? REGION : CPTS_ID);
        cell->name = (char *)rows_text(board->rows, figure->first_row,
                                       figure->is_region ? REGION_NAME : NAME);
    }
    cell->suppressed = board->cells[index].hidden;
    cell->reporting_count = figure->reporting_count;
    cell->expected_count = figure->row_count;
    return fill(call, board, figure, cell) ? cell : NULL;
}

/* The nation and the regions, and the CPTS of one region. */
static bool is_asked(const struct board *board, const struct question *question, size_t index)
{
    const struct figure *figure = &board->figures[index];
    return index == 0 || figure->is_region ||
           strcmp(rows_text(board->rows, figure->first_row, REGION), question->region) == 0;
}

static bool add_cells(struct call *call, const struct board *board,
                      Cpts__V1__GetIndicatorBoardResponse *response)
{
    const struct question *question = call->state;
    response->cells = arena_alloc(call->arena, (board->count + 1) * sizeof *response->cells);
    if (response->cells == NULL)
        return false;
    /* Twice over the cells: totals first, then the CPTS. */
    for (size_t i = 0; i < 2 * board->count; i++) {
        bool of_totals = i < board->count;
        size_t index = of_totals ? i : i - board->count;
        bool in_turn = of_totals == (index == 0 || board->figures[index].is_region);
        if (!in_turn || !is_asked(board, question, index))
            continue;
        Cpts__V1__IndicatorCell *cell = cell_new(call, board, index);
        if (cell == NULL)
            return false;
        response->cells[response->n_cells++] = cell;
    }
    return true;
}

cpts_status indicator_board_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    const struct question *question = call->state;
    struct board board = {.rows = rows};
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_UNKNOWN_INDICATOR, "indicator",
                               "no indicator has that code in that period");
    Cpts__V1__GetIndicatorBoardResponse *response =
        request_message(call, &cpts__v1__get_indicator_board_response__descriptor);
    board.indicator = indicator_read(call, rows, 0, 0);
    if (response == NULL || board.indicator == NULL || !build(call, &board) ||
        !suppress(call, &board, call->service->disclosure_threshold_count))
        return request_no_memory(err);
    response->indicator = board.indicator;
    response->period = (char *)question->period;
    response->threshold_count = call->service->disclosure_threshold_count;
    for (int row = 0; row < rows_count(rows); row++)
        response->synthetic = response->synthetic || rows_bool(rows, row, SYNTHETIC);
    if (!add_cells(call, &board, response))
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
