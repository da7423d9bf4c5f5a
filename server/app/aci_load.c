/* SPDX-License-Identifier: Apache-2.0 */
#include "app/aci_load.h"

#include "app/ask.h"
#include "domain/aci_grid.h"
#include "store/rows.h"
#include "wire/error.h"

#define LOAD_TIMEOUT_MS 30000

static cpts_status refuse(struct cpts_error *err, const char *what, const char *name)
{
    return error_set(err, REASON_CONFIGURATION_INVALID,
                     "the grids of the ACI are not usable: %s '%s' (see sql/reference)", what,
                     name);
}

/* Columns of funding_grids.sql. */
static cpts_status read_versions(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct aci_version version = {
            .grid = rows_text(rows, row, 0),
            .label = rows_text(rows, row, 1),
            .valid_from = rows_text(rows, row, 2),
            .valid_to = rows_text(rows, row, 3),
            .base_grid = rows_text(rows, row, 4),
            .advance_percent = (int)rows_int(rows, row, 5),
            .confidence = rows_text(rows, row, 6),
            .source = rows_text(rows, row, 7),
        };
        if (!aci_version_add(context, &version))
            return refuse(err, "version", version.grid);
    }
    return CPTS_OK;
}

/* Columns of funding_lines.sql. */
static cpts_status read_lines(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct aci_line line = {
            .grid = rows_text(rows, row, 0),
            .line = rows_text(rows, row, 1),
            .part = aci_part_find(rows_text(rows, row, 2)),
            .mission = rows_text(rows, row, 3),
            .obligation = rows_text(rows, row, 4),
        };
        struct aci_amount amount = {
            .cents = rows_int(rows, row, 6),
            .confidence = rows_text(rows, row, 7),
            .source = rows_text(rows, row, 8),
        };
        if (!aci_amount_add(context, &line, (int)rows_int(rows, row, 5), &amount))
            return refuse(err, "line", line.line);
    }
    return CPTS_OK;
}

/* Columns of funding_missions.sql. */
static cpts_status read_missions(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct aci_mission mission = {
            .code = rows_text(rows, row, 0),
            .label = rows_text(rows, row, 1),
            .obligation = rows_text(rows, row, 2),
            .valid_from = rows_text(rows, row, 3),
            .start_months = (int)rows_int(rows, row, 4),
            .deploy_months = (int)rows_int(rows, row, 5),
            .confidence = rows_text(rows, row, 6),
            .source = rows_text(rows, row, 7),
        };
        if (!aci_mission_add(context, &mission))
            return refuse(err, "mission", mission.code);
    }
    return CPTS_OK;
}

cpts_status aci_load(struct lane *lane, struct aci_grids **ret_grids, struct cpts_error *err)
{
    struct aci_grids *grids = aci_grids_new();
    if (grids == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the grids of the ACI");
    cpts_status status =
        ask(lane, STATEMENT_FUNDING_GRIDS, LOAD_TIMEOUT_MS, read_versions, grids, err);
    if (status == CPTS_OK)
        status = ask(lane, STATEMENT_FUNDING_LINES, LOAD_TIMEOUT_MS, read_lines, grids, err);
    if (status == CPTS_OK)
        status = ask(lane, STATEMENT_FUNDING_MISSIONS, LOAD_TIMEOUT_MS, read_missions, grids, err);
    if (status != CPTS_OK) {
        aci_grids_free(grids);
        return status;
    }
    *ret_grids = grids;
    return CPTS_OK;
}
