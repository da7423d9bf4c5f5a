/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/suppression.h"

/* The hidden leaves that the sum of some cells tells about: those under hidden
 * totals count, those under shown totals are that total's own affair. */
struct frontier {
    size_t count;
    int64_t sum;      /* of those that are known */
    int64_t held_max; /* of these, the most that one who holds a cell knows */
};

/* Cells, and their counts in each of the layers: one, the cells' own, when
 * `layers` is NULL. */
struct table {
    struct suppression_cell *cells;
    size_t count;
    int64_t threshold;
    const int64_t *layers;
    size_t layer_count;
};

static int64_t count_of(const struct table *table, size_t index, size_t layer)
{
    return table->layers == NULL ? table->cells[index].count
                                 : table->layers[layer * table->count + index];
}

static bool is_part_of(const struct table *table, size_t index, size_t total)
{
    return table->cells[index].parent == (int32_t)total;
}

/* Parts come after their totals: one pass down the table finds every leaf
 * that hangs below @p total by hidden cells alone. */
static struct frontier frontier_of(const struct table *table, size_t total, size_t layer)
{
    struct frontier frontier = {0, 0, 0};
    for (size_t i = total + 1; i < table->count; i++) {
        const struct suppression_cell *cell = &table->cells[i];
        if (!is_part_of(table, i, total) || !cell->hidden)
            continue;
        struct frontier below = {1, count_of(table, i, layer), 0};
        if (cell->is_total)
            below = frontier_of(table, i, layer);
        else if (below.sum == SUPPRESSION_UNKNOWN)
            below.sum = 0;
        if (cell->is_held)
            below.held_max = below.sum;
        frontier.count += below.count;
        frontier.sum += below.sum;
        if (below.held_max > frontier.held_max)
            frontier.held_max = below.held_max;
    }
    return frontier;
}

/* What a cell counts in all layers, as far as they are known. */
static int64_t whole_of(const struct table *table, size_t index)
{
    int64_t whole = 0;
    for (size_t layer = 0; layer < table->layer_count; layer++) {
        int64_t count = count_of(table, index, layer);
        whole += count == SUPPRESSION_UNKNOWN ? 0 : count;
    }
    return whole;
}

/* The smallest part that is still shown; the total itself when there is none. */
static size_t smallest_shown(const struct table *table, size_t total)
{
    size_t best = total;
    for (size_t i = total + 1; i < table->count; i++) {
        if (!is_part_of(table, i, total) || table->cells[i].hidden)
            continue;
        if (best == total || whole_of(table, i) < whole_of(table, best))
            best = i;
    }
    return best;
}

/* Hides the smallest part of @p total, and a part of that part, down to a leaf:
 * a hidden total whose parts are all shown is not hidden.
 * @return false when every part was hidden already, or is to be kept. */
static bool hide_smallest(struct table *table, size_t total)
{
    size_t part = smallest_shown(table, total);
    if (part == total || table->cells[total].keep_parts)
        return false;
    table->cells[part].hidden = true;
    while (frontier_of(table, part, 0).count == 0 && smallest_shown(table, part) != part) {
        part = smallest_shown(table, part);
        table->cells[part].hidden = true;
    }
    return true;
}

static bool is_safe_in(const struct table *table, size_t total, size_t layer)
{
    struct frontier frontier = frontier_of(table, total, layer);
    if (table->cells[total].hidden)
        return frontier.count > 0;
    return frontier.count == 0 ||
           (frontier.count > 1 && (count_of(table, total, layer) == SUPPRESSION_UNKNOWN ||
                                   frontier.sum - frontier.held_max >= table->threshold));
}

static bool is_safe(const struct table *table, size_t total)
{
    for (size_t layer = 0; layer < table->layer_count; layer++) {
        if (!is_safe_in(table, total, layer))
            return false;
    }
    return true;
}

static bool is_small(const struct table *table, size_t index)
{
    for (size_t layer = 0; layer < table->layer_count; layer++) {
        int64_t count = count_of(table, index, layer);
        if (count != SUPPRESSION_UNKNOWN && count < table->threshold)
            return true;
    }
    return false;
}

static void apply(struct table *table)
{
    struct suppression_cell *cells = table->cells;
    for (size_t i = 0; i < table->count; i++) {
        cells[i].is_total = false;
        if (cells[i].parent != SUPPRESSION_ROOT)
            cells[cells[i].parent].is_total = true;
        if (is_small(table, i))
            cells[i].hidden = true;
    }
    /* From the lowest totals up: what is hidden below binds those above. */
    for (size_t i = table->count; i-- > 0;) {
        if (!cells[i].is_total)
            continue;
        while (!is_safe(table, i)) {
            if (!hide_smallest(table, i)) {
                cells[i].hidden = true;
                break;
            }
        }
    }
}

void suppression_apply(struct suppression_cell *cells, size_t cell_count, int64_t threshold)
{
    struct table table = {cells, cell_count, threshold, NULL, 1};
    apply(&table);
}

void suppression_apply_together(struct suppression_cell *cells, size_t cell_count,
                                const int64_t *counts, size_t table_count, int64_t threshold)
{
    struct table table = {cells, cell_count, threshold, counts, table_count};
    apply(&table);
}
