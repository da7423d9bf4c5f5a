/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reference_copy.h"

#include <stdint.h>
#include <stdlib.h>

#include "app/ask.h"
#include "app/reference_load.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/units.h"
#include "store/rows.h"
#include "wire/error.h"

#define VERSION_TIMEOUT_MS 5000
/** How long a replaced copy is kept: a call looks into it for milliseconds. */
#define RETIRED_KEPT_NS 60000000000LL

struct retired {
    struct units *units;
    int64_t since_ns;
    struct retired *next;
};

struct reference_copy {
    struct units *units;
    struct retired *retired;
};

struct reference_copy *reference_copy_new(void)
{
    return calloc(1, sizeof(struct reference_copy));
}

/* Frees what was retired before @p until_ns. */
static void free_retired(struct reference_copy *copy, int64_t until_ns)
{
    struct retired **link = &copy->retired;
    while (*link != NULL) {
        struct retired *retired = *link;
        if (retired->since_ns > until_ns) {
            link = &retired->next;
            continue;
        }
        *link = retired->next;
        units_free(retired->units);
        free(retired);
    }
}

void reference_copy_free(struct reference_copy *copy)
{
    if (copy == NULL)
        return;
    free_retired(copy, INT64_MAX);
    units_free(copy->units);
    free(copy);
}

static cpts_status read_version(const struct rows *rows, void *context, struct cpts_error *err)
{
    int32_t *version = context;
    if (rows_count(rows) != 1)
        return error_set(err, REASON_INTERNAL_ERROR, "the reference has no version");
    *version = (int32_t)rows_int(rows, 0, 0);
    return CPTS_OK;
}

static cpts_status replace(struct reference_copy *copy, struct lane *lane, struct cpts_error *err)
{
    struct retired *retired = calloc(1, sizeof *retired);
    if (retired == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the reference data");
    struct units *units = NULL;
    cpts_status status = reference_load(lane, &units, err);
    if (status != CPTS_OK) {
        free(retired);
        return status;
    }
    *retired = (struct retired){copy->units, clock_monotonic_ns(), copy->retired};
    copy->retired = retired;
    copy->units = units;
    log_write(LOG_NOTICE, "app", "reference data read again: version %d",
              (int)units_version(units));
    return CPTS_OK;
}

cpts_status reference_copy_refresh(struct reference_copy *copy, struct lane *lane,
                                   struct cpts_error *err)
{
    int32_t version = 0;
    if (copy->units == NULL)
        return reference_load(lane, &copy->units, err);
    free_retired(copy, clock_monotonic_ns() - RETIRED_KEPT_NS);
    cpts_status status =
        ask(lane, STATEMENT_REFERENCE_VERSION, VERSION_TIMEOUT_MS, read_version, &version, err);
    if (status == CPTS_OK && version != units_version(copy->units))
        status = replace(copy, lane, err);
    return status;
}

const struct units *reference_copy_units(const struct reference_copy *copy)
{
    return copy->units;
}
