/* SPDX-License-Identifier: Apache-2.0 */
#include "import_claim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 6
#define LIST_BYTES 400
#define SHARE_TOLERANCE 1e-9

/* One CPTS's share of one unit. An owner is a row, or behind the rows a CPTS of
 * the node. */
struct claim {
    const char *code;
    double share;
    size_t owner;
};

/* What one row shares with each other owner. */
struct pair {
    size_t count;
    size_t listed;
    char list[LIST_BYTES];
};

struct claims {
    struct claim *claims;
    size_t count, capacity;
    bool is_out_of_memory;
};

static void add(struct claims *claims, const struct cpts_territory_unit *units, size_t count,
                size_t owner)
{
    for (size_t i = 0; i < count; i++) {
        if (!import_pool_grow((void **)&claims->claims, &claims->capacity, claims->count,
                              sizeof *claims->claims)) {
            claims->is_out_of_memory = true;
            return;
        }
        claims->claims[claims->count++] =
            (struct claim){.code = units[i].unit_code, .share = units[i].share, .owner = owner};
    }
}

static int compare_claims(const void *one, const void *other)
{
    const struct claim *left = one, *right = other;
    int order = strcmp(left->code, right->code);
    return order != 0 ? order : (left->owner > right->owner) - (left->owner < right->owner);
}

/* Whether a row's territory would be sent. */
static bool is_sent(const struct import_row *row)
{
    return row->state == IMPORT_WAITING && (row->change.version == 0 || row->change.sets_territory);
}

static void collect(struct claims *claims, const struct registry *registry,
                    const struct import *import)
{
    for (size_t i = 0; i < import->row_count; i++) {
        const struct import_row *row = &import->rows[i];
        if (is_sent(row))
            add(claims, row->creation.territory, row->creation.unit_count, i);
    }
    for (size_t i = 0; i < registry->count; i++) {
        const struct known *known = &registry->known[i];
        bool is_replaced = known->row != KNOWN_NO_ROW && is_sent(&import->rows[known->row]);
        if (!is_replaced)
            add(claims, known->units, known->unit_count, import->row_count + i);
    }
    if (claims->count > 0)
        qsort(claims->claims, claims->count, sizeof *claims->claims, compare_claims);
}

static size_t run_of(const struct claims *claims, const char *code, const struct claim **ret_first)
{
    size_t low = 0, high = claims->count, count = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(claims->claims[middle].code, code) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    while (low + count < claims->count && strcmp(claims->claims[low + count].code, code) == 0)
        count++;
    *ret_first = claims->claims + low;
    return count;
}

static void note(struct pair *pair, const struct gazetteer *gazetteer, const char *code)
{
    const struct place *place = gazetteer_code(gazetteer, code);
    size_t length = strlen(pair->list);
    if (pair->count++ >= LISTED_MAX)
        return;
    snprintf(pair->list + length, sizeof pair->list - length, "%s%s (%s)", length == 0 ? "" : "; ",
             place == NULL ? "?" : place->name, code);
}

static void compare_row(const struct claims *claims, const struct gazetteer *gazetteer,
                        const struct import_row *row, size_t index, struct pair *pairs)
{
    for (size_t i = 0; i < row->creation.unit_count; i++) {
        const struct claim *first = NULL;
        size_t count = run_of(claims, row->units[i].unit_code, &first);
        double sum = 0;
        for (size_t j = 0; j < count; j++)
            sum += first[j].share;
        for (size_t j = 0; sum > 1 + SHARE_TOLERANCE && j < count; j++) {
            if (first[j].owner != index)
                note(&pairs[first[j].owner], gazetteer, row->units[i].unit_code);
        }
    }
}

static void report(const struct registry *registry, struct import *import, size_t index,
                   struct pair *pairs)
{
    size_t owner_count = import->row_count + registry->count;
    for (size_t owner = 0; owner < owner_count; owner++) {
        struct pair *pair = &pairs[owner];
        bool is_file = owner < import->row_count;
        if (pair->count == 0)
            continue;
        /* A pair of the file is said once, on its later line. */
        if (!is_file || owner < index) {
            const struct known *known =
                is_file ? NULL : &registry->known[owner - import->row_count];
            findings_add(&import->findings,
                         (struct finding){.kind = FINDING_CONFLICT,
                                          .line = import->rows[index].line,
                                          .row = index,
                                          .field = "territory",
                                          .reason = "TERRITORY_CONFLICT",
                                          .candidates = pair->list},
                         "%zu commune%s also claimed by %.120s (%s%s)", pair->count,
                         pair->count == 1 ? "" : "s",
                         is_file ? import->rows[owner].creation.name : known->name,
                         is_file ? "same file" : "node, ",
                         is_file ? "" : cpts_stage_name(known->stage));
        }
        memset(pair, 0, sizeof *pair);
    }
}

bool import_claims_compare(const struct registry *registry, const struct gazetteer *gazetteer,
                           struct import *import)
{
    struct claims claims = {.count = 0};
    struct pair *pairs = calloc(import->row_count + registry->count + 1, sizeof *pairs);
    collect(&claims, registry, import);
    bool is_fine = pairs != NULL && !claims.is_out_of_memory;
    for (size_t i = 0; is_fine && i < import->row_count; i++) {
        if (!is_sent(&import->rows[i]))
            continue;
        compare_row(&claims, gazetteer, &import->rows[i], i, pairs);
        report(registry, import, i, pairs);
    }
    free(pairs);
    free(claims.claims);
    return is_fine;
}
