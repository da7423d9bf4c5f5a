/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reference_copy.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/aci_load.h"
#include "app/ask.h"
#include "app/reference_load.h"
#include "base/clock.h"
#include "domain/aci_grid.h"
#include "domain/clock_rules.h"
#include "domain/units.h"
#include "store/rows.h"
#include "wire/error.h"

#define STAMP_TIMEOUT_MS 5000
#define STAMP_BYTES 64
/** How long a replaced copy is kept: a call looks into it for milliseconds. */
#define RETIRED_KEPT_NS 60000000000LL

/* What is read together, and never changed. */
struct edition {
    struct units *units;
    struct aci_grids *grids;
    struct clock_rules *clock_rules;
    /* Of a replaced one. */
    int64_t retired_ns;
    struct edition *older;
};

struct reference_copy {
    /* Today's; the replaced ones behind it. */
    struct edition *edition;
    /* What was last read, or was not usable: it is read again when this changes. */
    char stamp[STAMP_BYTES];
};

struct reference_copy *reference_copy_new(void)
{
    return calloc(1, sizeof(struct reference_copy));
}

static void free_edition(struct edition *edition)
{
    if (edition == NULL)
        return;
    units_free(edition->units);
    aci_grids_free(edition->grids);
    clock_rules_free(edition->clock_rules);
    free(edition);
}

/* Frees what was retired before @p until_ns. */
static void free_retired(struct edition *edition, int64_t until_ns)
{
    struct edition **link = &edition->older;
    while (*link != NULL) {
        struct edition *older = *link;
        if (older->retired_ns > until_ns) {
            link = &older->older;
            continue;
        }
        *link = older->older;
        free_edition(older);
    }
}

void reference_copy_free(struct reference_copy *copy)
{
    if (copy != NULL && copy->edition != NULL)
        free_retired(copy->edition, INT64_MAX);
    if (copy != NULL)
        free_edition(copy->edition);
    free(copy);
}

static cpts_status read_stamp(const struct rows *rows, void *context, struct cpts_error *err)
{
    char *stamp = context;
    if (rows_count(rows) != 1)
        return error_set(err, REASON_INTERNAL_ERROR, "the reference has no version");
    snprintf(stamp, STAMP_BYTES, "%d %s", (int)rows_int(rows, 0, 0), rows_text(rows, 0, 1));
    return CPTS_OK;
}

static cpts_status load_edition(struct lane *lane, struct edition **ret_edition,
                                struct cpts_error *err)
{
    struct edition *edition = calloc(1, sizeof *edition);
    if (edition == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the reference data");
    cpts_status status = reference_load(lane, &edition->units, err);
    if (status == CPTS_OK)
        status = aci_load(lane, &edition->grids, err);
    if (status == CPTS_OK)
        status = reference_load_clocks(lane, &edition->clock_rules, err);
    if (status == CPTS_OK)
        *ret_edition = edition;
    else
        free_edition(edition);
    return status;
}

static void put(struct reference_copy *copy, struct edition *edition)
{
    edition->older = copy->edition;
    if (edition->older != NULL)
        edition->older->retired_ns = clock_monotonic_ns();
    copy->edition = edition;
}

cpts_status reference_copy_refresh(struct reference_copy *copy, struct lane *lane,
                                   struct cpts_error *err)
{
    char stamp[STAMP_BYTES] = "";
    struct edition *edition = NULL;
    if (copy->edition != NULL)
        free_retired(copy->edition, clock_monotonic_ns() - RETIRED_KEPT_NS);
    cpts_status status =
        ask(lane, STATEMENT_REFERENCE_VERSION, STAMP_TIMEOUT_MS, read_stamp, stamp, err);
    if (status != CPTS_OK || (copy->edition != NULL && strcmp(stamp, copy->stamp) == 0))
        return status;
    status = load_edition(lane, &edition, err);
    if (status == CPTS_OK)
        put(copy, edition);
    /* What no retry can mend is not read every two seconds. */
    if (status == CPTS_OK || (err != NULL && !err->retryable))
        snprintf(copy->stamp, sizeof copy->stamp, "%s", stamp);
    return status;
}

const struct units *reference_copy_units(const struct reference_copy *copy)
{
    return copy->edition == NULL ? NULL : copy->edition->units;
}

const struct aci_grids *reference_copy_grids(const struct reference_copy *copy)
{
    return copy->edition == NULL ? NULL : copy->edition->grids;
}

const struct clock_rules *reference_copy_clock_rules(const struct reference_copy *copy)
{
    return copy->edition == NULL ? NULL : copy->edition->clock_rules;
}
