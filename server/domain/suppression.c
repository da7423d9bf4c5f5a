/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/suppression.h"

/* The hidden leaves that the sum of some cells tells about: those under hidden
 * totals count, those under shown totals are that total's own affair. */
struct frontier {
    size_t count;
    int64_t sum;
};

struct table {
    struct suppression_cell *cells;
    size_t count;
    int64_t threshold;
};

static bool is_part_of(const struct table *table, size_t index, size_t total)
{
    return table->cells[index].parent == (int32_t)total;
}

/* Parts come after their totals: one pass down the table finds every leaf
 * that hangs below @p total by hidden cells alone. */
static struct frontier frontier_of(const struct table *table, size_t total)
{
    struct frontier frontier = {0, 0};
    for (size_t i = total + 1; i < table->count; i++) {
        const struct suppression_cell *cell = &table->cells[i];
        if (!is_part_of(table, i, total) || !cell->hidden)
            continue;
        if (!cell->is_total) {
            frontier.count++;
            frontier.sum += cell->count;
            continue;
        }
        struct frontier below = frontier_of(table, i);
        frontier.count += below.count;
        frontier.sum += below.sum;
    }
    return frontier;
}

/* The smallest part that is still shown; the total itself when there is none. */
static size_t smallest_shown(const struct table *table, size_t total)
{
    size_t best = total;
    for (size_t i = total + 1; i < table->count; i++) {
        if (!is_part_of(table, i, total) || table->cells[i].hidden)
            continue;
        if (best == total || table->cells[i].count < table->cells[best].count)
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
    while (frontier_of(table, part).count == 0 && smallest_shown(table, part) != part) {
        part = smallest_shown(table, part);
        table->cells[part].hidden = true;
    }
    return true;
}

static bool is_safe(const struct table *table, size_t total)
{
    struct frontier frontier = frontier_of(table, total);
    if (table->cells[total].hidden)
        return frontier.count > 0;
    return frontier.count == 0 || (frontier.count > 1 && frontier.sum >= table->threshold);
}

void suppression_apply(struct suppression_cell *cells, size_t cell_count, int64_t threshold)
{
    struct table table = {cells, cell_count, threshold};
    for (size_t i = 0; i < cell_count; i++) {
        cells[i].is_total = false;
        if (cells[i].parent != SUPPRESSION_ROOT)
            cells[cells[i].parent].is_total = true;
        if (cells[i].count < threshold)
            cells[i].hidden = true;
    }
    /* From the lowest totals up: what is hidden below binds those above. */
    for (size_t i = cell_count; i-- > 0;) {
        if (!cells[i].is_total)
            continue;
        while (!is_safe(&table, i)) {
            if (!hide_smallest(&table, i)) {
                cells[i].hidden = true;
                break;
            }
        }
    }
}
