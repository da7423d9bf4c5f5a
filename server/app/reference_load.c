/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reference_load.h"

#include <stdio.h>
#include <string.h>

#include "app/ask.h"
#include "domain/clock_rules.h"
#include "domain/units.h"
#include "store/rows.h"
#include "wire/error.h"

#define LOAD_TIMEOUT_MS 30000

static cpts_status refuse(struct cpts_error *err, const char *what, const char *code)
{
    return error_set(err, REASON_CONFIGURATION_INVALID,
                     "the reference data is not usable: %s '%s' (see sql/reference)", what, code);
}

static void read_unit(const struct rows *rows, int row, struct unit *ret_unit)
{
    *ret_unit = (struct unit){
        .population_count = (int32_t)rows_int(rows, row, 3),
        .is_leaf = rows_bool(rows, row, 4),
        .is_part = strcmp(rows_text(rows, row, 6), "IRIS") == 0,
    };
    snprintf(ret_unit->code, sizeof ret_unit->code, "%s", rows_text(rows, row, 0));
    snprintf(ret_unit->region, sizeof ret_unit->region, "%s", rows_text(rows, row, 1));
    snprintf(ret_unit->department, sizeof ret_unit->department, "%s", rows_text(rows, row, 2));
    snprintf(ret_unit->parent_code, sizeof ret_unit->parent_code, "%s", rows_text(rows, row, 5));
}

static cpts_status read_units(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct unit unit;
        read_unit(rows, row, &unit);
        snprintf(unit.valid_from, sizeof unit.valid_from, "%s", rows_text(rows, row, 8));
        if (!units_add(context, &unit))
            return refuse(err, "unit", unit.code);
        units_version_set(context, (int32_t)rows_int(rows, row, 7));
    }
    return CPTS_OK;
}

static cpts_status read_past_units(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct unit_past past = {.weight = rows_double(rows, row, 10)};
        read_unit(rows, row, &past.unit);
        snprintf(past.unit.valid_from, sizeof past.unit.valid_from, "%s", rows_text(rows, row, 7));
        snprintf(past.valid_to, sizeof past.valid_to, "%s", rows_text(rows, row, 8));
        snprintf(past.successor_code, sizeof past.successor_code, "%s", rows_text(rows, row, 9));
        if (!units_past_add(context, &past))
            return refuse(err, "past unit", past.unit.code);
    }
    return CPTS_OK;
}

static cpts_status read_old_codes(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        if (!units_old_code_add(context, rows_text(rows, row, 0), rows_text(rows, row, 1)))
            return refuse(err, "former code", rows_text(rows, row, 0));
    }
    return CPTS_OK;
}

static cpts_status read_departments(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        if (!units_department_add(context, rows_text(rows, row, 0), rows_text(rows, row, 1),
                                  rows_bool(rows, row, 2)))
            return refuse(err, "département", rows_text(rows, row, 0));
    }
    return CPTS_OK;
}

cpts_status reference_load(struct lane *lane, struct units **ret_units, struct cpts_error *err)
{
    struct units *units = units_new();
    if (units == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the reference data");
    cpts_status status =
        ask(lane, STATEMENT_REFERENCE_UNITS, LOAD_TIMEOUT_MS, read_units, units, err);
    if (status == CPTS_OK)
        status =
            ask(lane, STATEMENT_REFERENCE_PAST_UNITS, LOAD_TIMEOUT_MS, read_past_units, units, err);
    if (status == CPTS_OK)
        status =
            ask(lane, STATEMENT_REFERENCE_OLD_CODES, LOAD_TIMEOUT_MS, read_old_codes, units, err);
    if (status == CPTS_OK)
        status = ask(lane, STATEMENT_REFERENCE_DEPARTMENTS, LOAD_TIMEOUT_MS, read_departments,
                     units, err);
    if (status == CPTS_OK && units_count(units) == 0)
        status = refuse(err, "there is no unit", "");
    if (status != CPTS_OK) {
        units_free(units);
        return status;
    }
    *ret_units = units;
    return CPTS_OK;
}

static cpts_status read_clock_rules(const struct rows *rows, void *context, struct cpts_error *err)
{
    for (int row = 0; row < rows_count(rows); row++) {
        struct clock_rule rule = {.months = (int)rows_int(rows, row, 4)};
        snprintf(rule.kind, sizeof rule.kind, "%s", rows_text(rows, row, 0));
        snprintf(rule.mission, sizeof rule.mission, "%s", rows_text(rows, row, 1));
        snprintf(rule.valid_from, sizeof rule.valid_from, "%s", rows_text(rows, row, 2));
        snprintf(rule.valid_to, sizeof rule.valid_to, "%s", rows_text(rows, row, 3));
        if (!clock_rules_add(context, &rule))
            return refuse(err, "clock", rule.kind);
    }
    return CPTS_OK;
}

cpts_status reference_load_clocks(struct lane *lane, struct clock_rules **ret_rules,
                                  struct cpts_error *err)
{
    struct clock_rules *rules = clock_rules_new();
    if (rules == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the clocks' rules");
    cpts_status status =
        ask(lane, STATEMENT_REFERENCE_CLOCK_RULES, LOAD_TIMEOUT_MS, read_clock_rules, rules, err);
    if (status == CPTS_OK && clock_rules_count(rules) == 0)
        status = refuse(err, "there is no legal clock", "");
    if (status != CPTS_OK) {
        clock_rules_free(rules);
        return status;
    }
    *ret_rules = rules;
    return CPTS_OK;
}
