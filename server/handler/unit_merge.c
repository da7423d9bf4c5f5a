/* SPDX-License-Identifier: Apache-2.0 */
/* MergeUnits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define MERGERS_MAX 2000
#define OLD_CODES_MAX 200
#define PAIRS_MAX 10000
#define TEXT_CHARACTERS_MAX 200
#define VINTAGE_MIN 2000
#define VINTAGE_MAX 2200
#define COMMUNE_CODE_LENGTH 5

/* Columns of unit_merge.sql; the first five are an outcome's. */
enum merge_column {
    OUTCOME,
    REFERENCE_ID,
    REFERENCE_VERSION,
    LOG_POSITION,
    DETAIL,
    APPLIED,
    ALREADY_APPLIED,
    CPTS_ID,
    NAME,
    VERSION,
    OLD_CODES,
    OLD_SHARES,
    CODES,
    SHARES,
    POPULATION_BEFORE,
    POPULATION_AFTER,
    CONTACTS,
    NOT_OWNED,
    SYNTHETIC,
    SHARE_EXCESS,
};

/* Mergers as parallel columns, an element an old code. */
struct pairs {
    size_t count;
    const char **old_codes;
    const char **codes;
    const char **names;
    const char **populations;
};

static cpts_status check_head(const Cpts__V1__MergeUnitsRequest *request, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    cpts_status status = CPTS_OK;
    if (request->preview && !calendar_is_date(request->effective_on))
        status = error_set_field(err, REASON_FIELD_INVALID, "effective_on", "not a date");
    else if (!request->preview)
        status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status == CPTS_OK && (request->vintage < VINTAGE_MIN || request->vintage > VINTAGE_MAX))
        status = error_set_field(err, REASON_FIELD_INVALID, "vintage", "a year, %d to %d",
                                 VINTAGE_MIN, VINTAGE_MAX);
    if (status == CPTS_OK)
        status = cpts_text_check(request->source, TEXT_CHARACTERS_MAX, true, "source", err);
    if (status == CPTS_OK && (request->n_mergers == 0 || request->n_mergers > MERGERS_MAX))
        status = error_set_field(err, REASON_FIELD_INVALID, "mergers", "1 to %d", MERGERS_MAX);
    return status;
}

static bool is_commune_code(const char *code)
{
    bool is_corsican = code[0] == '2' && (code[1] == 'A' || code[1] == 'B');
    return strlen(code) == COMMUNE_CODE_LENGTH &&
           strspn(code + (is_corsican ? 2 : 0), "0123456789") ==
               (size_t)COMMUNE_CODE_LENGTH - (is_corsican ? 2 : 0);
}

static cpts_status check_merger(const Cpts__V1__UnitMerger *merger, size_t index,
                                struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    snprintf(field, sizeof field, "mergers[%zu].code", index);
    if (!is_commune_code(merger->code))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not the code of a commune");
    snprintf(field, sizeof field, "mergers[%zu].old_codes", index);
    if (merger->n_old_codes == 0 || merger->n_old_codes > OLD_CODES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, field, "1 to %d codes", OLD_CODES_MAX);
    for (size_t i = 0; i < merger->n_old_codes; i++) {
        if (!is_commune_code(merger->old_codes[i]))
            return error_set_field(err, REASON_FIELD_INVALID, field,
                                   "'%.20s' is not the code of a commune", merger->old_codes[i]);
    }
    snprintf(field, sizeof field, "mergers[%zu].population_count", index);
    if (merger->population_count < 0)
        return error_set_field(err, REASON_FIELD_INVALID, field, "0 or more");
    snprintf(field, sizeof field, "mergers[%zu].name", index);
    return cpts_text_check(merger->name, TEXT_CHARACTERS_MAX, true, field, err);
}

static bool make_room(struct call *call, const Cpts__V1__MergeUnitsRequest *request,
                      struct pairs *pairs)
{
    size_t count = 1;
    for (size_t i = 0; i < request->n_mergers; i++)
        count += request->mergers[i]->n_old_codes;
    pairs->old_codes = arena_alloc(call->arena, count * sizeof *pairs->old_codes);
    pairs->codes = arena_alloc(call->arena, count * sizeof *pairs->codes);
    pairs->names = arena_alloc(call->arena, count * sizeof *pairs->names);
    pairs->populations = arena_alloc(call->arena, count * sizeof *pairs->populations);
    return pairs->old_codes != NULL && pairs->codes != NULL && pairs->names != NULL &&
           pairs->populations != NULL;
}

static int compare_codes(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

/* Each code once, old or new (that of the new commune may be among its own old ones). */
static cpts_status check_repeats(struct call *call, const Cpts__V1__MergeUnitsRequest *request,
                                 const struct pairs *pairs, struct cpts_error *err)
{
    size_t count = 0;
    const char **codes =
        arena_alloc(call->arena, (pairs->count + request->n_mergers + 1) * sizeof *codes);
    if (codes == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->old_codes[i], pairs->codes[i]) != 0)
            codes[count++] = pairs->old_codes[i];
    }
    for (size_t i = 0; i < request->n_mergers; i++)
        codes[count++] = request->mergers[i]->code;
    qsort(codes, count, sizeof *codes, compare_codes);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(codes[i - 1], codes[i]) == 0)
            return error_set_field(err, REASON_UNIT_REPEATED, "mergers", "%s is there twice",
                                   codes[i]);
    }
    return CPTS_OK;
}

static cpts_status read_pairs(struct call *call, const Cpts__V1__MergeUnitsRequest *request,
                              struct pairs *pairs, struct cpts_error *err)
{
    if (!make_room(call, request, pairs))
        return request_no_memory(err);
    for (size_t i = 0; i < request->n_mergers; i++) {
        const Cpts__V1__UnitMerger *merger = request->mergers[i];
        cpts_status status = check_merger(merger, i, err);
        if (status != CPTS_OK)
            return status;
        const char *population = arena_printf(call->arena, "%d", (int)merger->population_count);
        if (population == NULL)
            return request_no_memory(err);
        for (size_t old = 0; old < merger->n_old_codes; old++, pairs->count++) {
            pairs->old_codes[pairs->count] = merger->old_codes[old];
            pairs->codes[pairs->count] = merger->code;
            pairs->names[pairs->count] = merger->name;
            pairs->populations[pairs->count] = population;
        }
        if (pairs->count > PAIRS_MAX)
            return error_set_field(err, REASON_FIELD_INVALID, "mergers", "at most %d old codes",
                                   PAIRS_MAX);
    }
    return check_repeats(call, request, pairs, err);
}

static Cpts__V1__UnitMergerFact **merger_facts(struct call *call,
                                               const Cpts__V1__MergeUnitsRequest *request)
{
    Cpts__V1__UnitMergerFact **facts =
        arena_alloc(call->arena, (request->n_mergers + 1) * sizeof(Cpts__V1__UnitMergerFact *));
    for (size_t i = 0; facts != NULL && i < request->n_mergers; i++) {
        const Cpts__V1__UnitMerger *merger = request->mergers[i];
        facts[i] = request_message(call, &cpts__v1__unit_merger_fact__descriptor);
        if (facts[i] == NULL)
            return NULL;
        facts[i]->n_old_codes = merger->n_old_codes;
        facts[i]->old_codes = merger->old_codes;
        facts[i]->code = merger->code;
        facts[i]->name = merger->name;
        facts[i]->population_count = merger->population_count;
    }
    return facts;
}

static void bind_pairs(struct call *call, const Cpts__V1__MergeUnitsRequest *request,
                       const struct pairs *pairs)
{
    query_text(call->query, request->effective_on);
    query_int(call->query, request->vintage);
    query_text(call->query, request->source);
    query_text_array(call->query, pairs->old_codes, pairs->count);
    query_text_array(call->query, pairs->codes, pairs->count);
    query_text_array(call->query, pairs->names, pairs->count);
    query_text_array(call->query, pairs->populations, pairs->count);
    query_bool(call->query, request->preview);
}

cpts_status unit_merge_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__MergeUnitsRequest *request = message;
    struct pairs pairs = {0};
    uint8_t id[16];
    cpts_status status = check_head(request, err);
    if (status == CPTS_OK)
        status = read_pairs(call, request, &pairs, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__UnitsMerged merged = CPTS__V1__UNITS_MERGED__INIT;
    merged.effective_on = request->effective_on;
    merged.vintage = request->vintage;
    merged.source = request->source;
    merged.n_mergers = request->n_mergers;
    merged.mergers = merger_facts(call, request);
    if (merged.mergers == NULL)
        return request_no_memory(err);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_UNITS_MERGED;
    change.units_merged = &merged;
    request_aggregate_id("REFERENCE", "", id);
    struct command command = {STATEMENT_UNIT_MERGE, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        bind_pairs(call, request, &pairs);
    return status;
}

/* One array column of a row; false when the arena is full or its length is not
 * the others'. */
static bool read_column(struct call *call, const struct rows *rows, int row, int column,
                        int expected, char ***ret_elements)
{
    return rows_array(rows, row, column, call->arena, ret_elements) == expected;
}

static bool read_claims(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__TerritoryMapping *mapping)
{
    char **old_codes = NULL, **old_shares = NULL, **codes = NULL, **shares = NULL;
    int count = rows_array(rows, row, OLD_CODES, call->arena, &old_codes);
    if (count < 0 || !read_column(call, rows, row, OLD_SHARES, count, &old_shares) ||
        !read_column(call, rows, row, CODES, count, &codes) ||
        !read_column(call, rows, row, SHARES, count, &shares))
        return false;
    mapping->claims = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *mapping->claims);
    for (int i = 0; mapping->claims != NULL && i < count; i++) {
        Cpts__V1__MappedClaim *claim = request_message(call, &cpts__v1__mapped_claim__descriptor);
        if (claim == NULL)
            return false;
        claim->old_code = old_codes[i];
        claim->old_share = strtod(old_shares[i], NULL);
        claim->code = codes[i];
        claim->share = strtod(shares[i], NULL);
        mapping->claims[mapping->n_claims++] = claim;
    }
    return mapping->claims != NULL;
}

static Cpts__V1__TerritoryMapping *read_mapping(struct call *call, const struct rows *rows, int row)
{
    char **contacts = NULL;
    Cpts__V1__TerritoryMapping *mapping =
        request_message(call, &cpts__v1__territory_mapping__descriptor);
    int contact_count = rows_array(rows, row, CONTACTS, call->arena, &contacts);
    if (mapping == NULL || contact_count < 0 || !read_claims(call, rows, row, mapping))
        return NULL;
    mapping->cpts_id = (char *)rows_text(rows, row, CPTS_ID);
    mapping->name = (char *)rows_text(rows, row, NAME);
    mapping->version = (int32_t)rows_int(rows, row, VERSION);
    mapping->population_before = (int32_t)(rows_double(rows, row, POPULATION_BEFORE) + 0.5);
    mapping->population_after = (int32_t)(rows_double(rows, row, POPULATION_AFTER) + 0.5);
    mapping->n_new_contacts = (size_t)contact_count;
    mapping->new_contacts = contacts;
    mapping->not_owned = rows_bool(rows, row, NOT_OWNED);
    mapping->synthetic = rows_bool(rows, row, SYNTHETIC);
    mapping->share_excess = (char *)rows_text(rows, row, SHARE_EXCESS);
    return mapping;
}

static bool read_mappings(struct call *call, const struct rows *rows,
                          Cpts__V1__MergeUnitsResponse *response)
{
    size_t count = (size_t)rows_count(rows) - 1;
    response->mappings = arena_alloc(call->arena, (count + 1) * sizeof *response->mappings);
    if (response->mappings == NULL)
        return false;
    for (int row = 1; row < rows_count(rows); row++) {
        Cpts__V1__TerritoryMapping *mapping = read_mapping(call, rows, row);
        if (mapping == NULL)
            return false;
        response->mappings[response->n_mappings++] = mapping;
    }
    return true;
}

cpts_status unit_merge_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct outcome outcome;
    cpts_status status = outcome_first_read(rows, &outcome, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__MergeUnitsResponse *response =
        request_message(call, &cpts__v1__merge_units_response__descriptor);
    if (response == NULL || !read_mappings(call, rows, response))
        return request_no_memory(err);
    response->reference_version = outcome.version;
    response->log_position = outcome.log_position;
    response->replayed = outcome.replayed;
    response->applied_count = (int32_t)rows_int(rows, 0, APPLIED);
    response->already_applied_count = (int32_t)rows_int(rows, 0, ALREADY_APPLIED);
    call->response = &response->base;
    return CPTS_OK;
}
