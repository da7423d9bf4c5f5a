/* SPDX-License-Identifier: Apache-2.0 */
/* indicator import: what its lines mean. */
#include <cpts/indicator.h>
#include <stdio.h>
#include <string.h>

#include "fact_import.h"
#include "figure_wording.h"
#include "name_fold.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define CODE_BYTES 48

enum { INDICATOR = TARGET_FIELD_COUNT, PERIOD, VALUE, FIELDS };

/* A value of a period. */
struct value_fact {
    char indicator[CODE_BYTES];
    char period[FIGURE_PERIOD_BYTES];
    char value[FIGURE_DECIMAL_BYTES];
};

static const char *const NAMES[FIELDS] = {
    [TARGET_CPTS] = "cpts",
    [TARGET_CPTS_FINESS] = "cpts_finess",
    [TARGET_CPTS_NAME] = "cpts_name",
    [TARGET_REGION] = "region",
    [INDICATOR] = "indicator",
    [PERIOD] = "period",
    [VALUE] = "value",
};

/* Headings, folded (name_fold_words). */
static const struct import_heading HEADINGS[] = {
    IMPORT_TARGET_HEADINGS,
    {"finess", TARGET_CPTS_FINESS, VAGUE},
    {"indicator", INDICATOR, SURE},
    {"indicateur", INDICATOR, SURE},
    {"code indicateur", INDICATOR, SURE},
    {"libelle indicateur", INDICATOR, LIKELY},
    {"period", PERIOD, SURE},
    {"periode", PERIOD, SURE},
    {"annee", PERIOD, LIKELY},
    {"semestre", PERIOD, VAGUE},
    {"trimestre", PERIOD, VAGUE},
    {"mois", PERIOD, VAGUE},
    {"value", VALUE, SURE},
    {"valeur", VALUE, SURE},
    {"resultat", VALUE, LIKELY},
    {"valeur atteinte", VALUE, SURE},
};

static const char *find_missing(const int *column)
{
    if (column[INDICATOR] < 0)
        return "no column is the indicator: say which, --map indicator=COLUMN";
    if (column[PERIOD] < 0)
        return "no column is the period: say which, --map period=COLUMN";
    if (column[VALUE] < 0)
        return "no column is the value: say which, --map value=COLUMN";
    return NULL;
}

static const struct import_field_set FIELD_SET = {
    .names = NAMES,
    .count = FIELDS,
    .headings = HEADINGS,
    .heading_count = COUNT(HEADINGS),
    .find_missing = find_missing,
};

static cpts_status prepare(struct fact_import *import, cpts_client *client, struct cpts_error *err)
{
    struct cpts_indicators *indicators = NULL;
    cpts_status status = cpts_indicators_list(client, NULL, NULL, 0, &indicators, err);
    import->reference = indicators;
    return status;
}

static void release(struct fact_import *import)
{
    cpts_indicators_free(import->reference);
}

/* By code or by label. */
static const struct cpts_indicator *find_indicator(const struct cpts_indicators *indicators,
                                                   const char *text)
{
    char wanted[FOLD_BYTES], folded[FOLD_BYTES];
    name_fold_words(text, wanted);
    for (size_t i = 0; i < indicators->indicator_count; i++) {
        const struct cpts_indicator *one = &indicators->indicators[i];
        name_fold_words(one->code, folded);
        if (strcmp(folded, wanted) == 0)
            return one;
        name_fold_words(one->label, folded);
        if (strcmp(folded, wanted) == 0)
            return one;
    }
    return NULL;
}

static void read_indicator(const struct fact_reading *reading, struct value_fact *fact)
{
    const char *cell = fact_cell(reading, INDICATOR);
    if (cell[0] == '\0') {
        fact_refuse(reading, INDICATOR, "INDICATOR_MISSING", NULL, "which indicator?");
        return;
    }
    const struct cpts_indicator *found = find_indicator(reading->import->reference, cell);
    if (found == NULL)
        fact_refuse(reading, INDICATOR, "UNKNOWN_INDICATOR", NULL, "\"%.60s\" is no indicator",
                    cell);
    else
        snprintf(fact->indicator, sizeof fact->indicator, "%s", found->code);
}

static void read_fact(const struct fact_reading *reading, void *data)
{
    struct value_fact *fact = data;
    const char *period = fact_cell(reading, PERIOD);
    const char *value = fact_cell(reading, VALUE);
    read_indicator(reading, fact);
    if (!figure_period(period, fact->period))
        fact_refuse(reading, PERIOD, "PERIOD_INVALID", NULL, "\"%.40s\" is no period", period);
    if (!figure_decimal(value, fact->value))
        fact_refuse(reading, VALUE, "VALUE_INVALID", NULL, "\"%.40s\" is no number", value);
}

static int compare(const void *one, const void *other)
{
    const struct value_fact *left = one, *right = other;
    int order = strcmp(left->indicator, right->indicator);
    return order != 0 ? order : strcmp(left->period, right->period);
}

static enum fact_relation relate(const void *one, void *other)
{
    const struct value_fact *before = one, *fact = other;
    if (compare(before, fact) != 0)
        return FACT_IS_APART;
    return strcmp(before->value, fact->value) == 0 ? FACT_IS_AGAIN : FACT_IS_CONTRARY;
}

static void describe(const void *data, char ret_text[FACT_TEXT_BYTES])
{
    const struct value_fact *fact = data;
    snprintf(ret_text, FACT_TEXT_BYTES, "%s %s %s", fact->indicator, fact->period, fact->value);
}

static cpts_status fetch(cpts_client *client, const char *cpts_id, void **ret_own,
                         struct cpts_error *err)
{
    const struct cpts_indicator_query query = {.size = sizeof query, .id = cpts_id};
    struct cpts_own_indicators *own = NULL;
    cpts_status status = cpts_own_indicators_get(client, &query, 0, &own, err);
    if (status == CPTS_OK)
        *ret_own = own;
    return status;
}

static void drop(void *own)
{
    cpts_own_indicators_free(own);
}

static const struct cpts_indicator_value *find_value(const struct cpts_own_indicators *own,
                                                     const struct value_fact *fact)
{
    for (size_t i = 0; i < own->indicator_count; i++) {
        const struct cpts_own_indicator *one = &own->indicators[i];
        if (strcmp(one->indicator.code, fact->indicator) != 0)
            continue;
        for (size_t n = 0; n < one->result_count; n++) {
            if (strcmp(one->results[n].value.period, fact->period) == 0)
                return &one->results[n].value;
        }
    }
    return NULL;
}

static enum fact_match match(const struct fact_import *import, const void *own, const void *data,
                             char ret_text[FACT_TEXT_BYTES])
{
    const struct value_fact *fact = data;
    const struct cpts_indicator_value *value = find_value(own, fact);
    if (value == NULL)
        return FACT_IS_NEW;
    if (strcmp(value->value, fact->value) == 0)
        return FACT_IS_SAME;
    bool is_barred = value->state == CPTS_INDICATOR_LOCKED && import->reason == NULL;
    snprintf(ret_text, FACT_TEXT_BYTES, is_barred ? "locked with %s" : "%s (%s)", value->value,
             cpts_indicator_state_name(value->state));
    return is_barred ? FACT_IS_BARRED : FACT_IS_CHANGE;
}

static cpts_status send_values(const struct fact_import *import, cpts_client *client,
                               struct fact_batch *batch, struct fact_outcome *ret_outcome,
                               struct cpts_error *err)
{
    struct cpts_outcome *outcome = NULL;
    struct cpts_indicator_value values[FACT_BATCH_MAX];
    for (size_t i = 0; i < batch->count; i++) {
        const struct value_fact *fact = batch->facts[i];
        values[i] = (struct cpts_indicator_value){
            .indicator = fact->indicator, .period = fact->period, .value = fact->value};
    }
    const struct cpts_indicator_values command = {.size = sizeof command,
                                                  .id = batch->cpts_id,
                                                  .expected_version = batch->version,
                                                  .values = values,
                                                  .value_count = batch->count,
                                                  .correction_reason = import->reason};
    cpts_status status =
        cpts_indicator_values_record(client, &command, batch->command_id, 0, &outcome, err);
    return fact_outcome_take(status, outcome, ret_outcome);
}

static const struct fact_kind VALUES = {
    .fields = &FIELD_SET,
    .command_space = "cpts indicator import",
    .noun = "values",
    .fact_bytes = sizeof(struct value_fact),
    .batch_max = CPTS_INDICATOR_VALUES_MAX,
    .list = "values",
    .is_compared = true,
    .prepare = prepare,
    .release = release,
    .read = read_fact,
    .compare = compare,
    .relate = relate,
    .contrary_reason = "LINES_DIFFER",
    .describe = describe,
    .fetch = fetch,
    .drop = drop,
    .match = match,
    .change_reason = "VALUE_DIFFERS",
    .barred_reason = "INDICATOR_LOCKED",
    .send = send_values,
};

int verb_indicator_import(struct session *session, const struct arguments *arguments)
{
    return fact_import_run(session, arguments, &VALUES);
}
