/* SPDX-License-Identifier: Apache-2.0 */
/* GetComposition. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "cpts/v1/governance.pb-c.h"
#include "domain/suppression.h"
#include "domain/units.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of member_composition.sql, by the shape of the row. */
enum { SHAPE };
enum area_column {
    AREA_OUTCOME = 1,
    AREA_SIGHT,
    AREA_REGION,
    AREA_KNOWN_AT,
    AREA_ADHESION_CPTS,
    AREA_ADHERENTS,
    AREA_PROFESSIONALS,
    AREA_COUNTED_ON,
    AREA_SOURCE,
    AREA_CPTS,
    AREA_SYNTHETIC,
};
enum group_column { GROUP_CODE = 1, GROUP_LABEL, GROUP_PERCENT, GROUP_SOURCE, GROUP_CONFIDENCE };
enum cells_column { CELLS_CODE = 1, CELLS_REGION, CELLS_COUNTS, CELLS_PLACE };
enum structure_column { STRUCTURE_CODE = 1, STRUCTURE_LABEL, STRUCTURE_COUNT };

/* What was asked, for the second half, and what of it the caller may see. */
struct question {
    const char *as_of;
    const char *region;
    bool is_of_cpts;
    /** Every count, small ones too. */
    bool sees_all;
    /** None: a CPTS that is not in the table from which others are shown. */
    bool sees_nothing;
};

/* One line over the whole nation: the nation, its regions, their CPTS. */
struct column {
    struct suppression_cell *cells;
    size_t count;
    /** The cell that was asked for; 0 = the nation's own. */
    size_t asked;
    /** The area asked for has somebody. */
    bool is_found;
};

static cpts_status check_area(const struct call *call,
                              const Cpts__V1__GetCompositionRequest *request,
                              struct cpts_error *err)
{
    if (request->id[0] != '\0' && request->region[0] != '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "region", "a CPTS or a region, not both");
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    return CPTS_OK;
}

cpts_status composition_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCompositionRequest *request = message;
    uint8_t id[16];
    const char *known_at = NULL;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_MEMBER_COMPOSITION);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    *question = (struct question){.is_of_cpts = request->id[0] != '\0'};
    cpts_status status = check_area(call, request, err);
    if (status == CPTS_OK && question->is_of_cpts)
        status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    question->region = arena_printf(call->arena, "%s", request->region);
    call->state = question;
    if (question->is_of_cpts)
        query_uuid(call->query, id);
    else
        query_text(call->query, NULL);
    query_text(call->query, request->region);
    query_text(call->query, question->as_of);
    query_text(call->query, known_at);
    query_int(call->query, call->service->disclosure_threshold_count);
    return question->region == NULL ? request_no_memory(err) : CPTS_OK;
}

static bool has_shape(const struct rows *rows, int row, const char *shape)
{
    return strcmp(rows_text(rows, row, SHAPE), shape) == 0;
}

static int count_shape(const struct rows *rows, const char *shape)
{
    int count = 0;
    for (int row = 0; row < rows_count(rows); row++)
        count += has_shape(rows, row, shape);
    return count;
}

/* Adds a region with its CPTS to a column that has room for them. */
static bool add_region(struct call *call, const struct rows *rows, int row, struct column *column,
                       const struct question *question)
{
    char **counts = NULL;
    int count = rows_array(rows, row, CELLS_COUNTS, call->arena, &counts);
    size_t region = column->count++;
    int64_t place = rows_int(rows, row, CELLS_PLACE);
    if (count < 0)
        return false;
    column->cells[region] = (struct suppression_cell){.parent = 0};
    for (int i = 0; i < count; i++) {
        int64_t members = strtoll(counts[i], NULL, 10);
        column->cells[column->count++] =
            (struct suppression_cell){.parent = (int32_t)region, .count = members};
        column->cells[region].count += members;
    }
    column->cells[0].count += column->cells[region].count;
    if (question->is_of_cpts && place > 0) {
        column->asked = region + (size_t)place;
        column->is_found = true;
    } else if (strcmp(rows_text(rows, row, CELLS_REGION), question->region) == 0) {
        column->asked = region;
        column->is_found = true;
    }
    return true;
}

/* Elements of an array's text, at most. */
static size_t count_elements(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

static bool make_column(struct call *call, const struct rows *rows, const char *code,
                        struct column *column)
{
    const struct question *question = call->state;
    size_t room = 1;
    for (int row = 0; row < rows_count(rows); row++) {
        if (has_shape(rows, row, "CELLS") && strcmp(rows_text(rows, row, CELLS_CODE), code) == 0)
            room += 1 + count_elements(rows_text(rows, row, CELLS_COUNTS));
    }
    *column = (struct column){.cells = arena_alloc(call->arena, room * sizeof *column->cells)};
    if (column->cells == NULL)
        return false;
    column->cells[column->count++] = (struct suppression_cell){.parent = SUPPRESSION_ROOT};
    for (int row = 0; row < rows_count(rows); row++) {
        if (has_shape(rows, row, "CELLS") && strcmp(rows_text(rows, row, CELLS_CODE), code) == 0 &&
            !add_region(call, rows, row, column, question))
            return false;
    }
    if (!question->is_of_cpts && question->region[0] == '\0')
        column->is_found = column->cells[0].count > 0;
    return true;
}

/* The number of a line, or that it is withheld. */
static bool count_line(struct call *call, const struct rows *rows, Cpts__V1__CompositionLine *line)
{
    const struct question *question = call->state;
    bool sees_all = question->sees_all;
    struct column column;
    line->withheld = question->sees_nothing;
    if (line->withheld)
        return true;
    if (!make_column(call, rows, line->code, &column))
        return false;
    if (column.is_found && !sees_all)
        suppression_apply(column.cells, column.count, call->service->disclosure_threshold_count);
    line->withheld = column.is_found && !sees_all && column.cells[column.asked].hidden;
    if (line->withheld)
        return true;
    line->_member_count_case = CPTS__V1__COMPOSITION_LINE___MEMBER_COUNT_MEMBER_COUNT;
    line->member_count = column.is_found ? (int32_t)column.cells[column.asked].count : 0;
    return true;
}

static Cpts__V1__CompositionLine *read_line(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__CompositionLine *line =
        request_message(call, &cpts__v1__composition_line__descriptor);
    if (line == NULL)
        return NULL;
    line->code = (char *)rows_text(rows, row, GROUP_CODE);
    line->label = (char *)rows_text(rows, row, GROUP_LABEL);
    line->published_source = (char *)rows_text(rows, row, GROUP_SOURCE);
    line->published_confidence = (char *)rows_text(rows, row, GROUP_CONFIDENCE);
    if (!rows_is_null(rows, row, GROUP_PERCENT)) {
        line->_published_percent_case =
            CPTS__V1__COMPOSITION_LINE___PUBLISHED_PERCENT_PUBLISHED_PERCENT;
        line->published_percent = rows_double(rows, row, GROUP_PERCENT);
    }
    return count_line(call, rows, line) ? line : NULL;
}

static bool read_lines(struct call *call, const struct rows *rows,
                       Cpts__V1__GetCompositionResponse *response)
{
    size_t room = (size_t)count_shape(rows, "GROUP") + 1;
    bool is_withheld = false;
    response->lines = arena_alloc(call->arena, room * sizeof(void *));
    if (response->lines == NULL)
        return false;
    for (int row = 0; row < rows_count(rows); row++) {
        if (!has_shape(rows, row, "GROUP"))
            continue;
        Cpts__V1__CompositionLine *line = read_line(call, rows, row);
        if (line == NULL)
            return false;
        is_withheld = is_withheld || line->withheld;
        response->member_count += line->withheld ? 0 : line->member_count;
        response->lines[response->n_lines++] = line;
    }
    if (is_withheld)
        response->member_count = 0;
    else
        response->_member_count_case =
            CPTS__V1__GET_COMPOSITION_RESPONSE___MEMBER_COUNT_MEMBER_COUNT;
    return true;
}

static bool read_structures(struct call *call, const struct rows *rows,
                            Cpts__V1__GetCompositionResponse *response)
{
    size_t room = (size_t)count_shape(rows, "STRUCTURE") + 1;
    response->structures = arena_alloc(call->arena, room * sizeof(void *));
    if (response->structures == NULL)
        return false;
    for (int row = 0; row < rows_count(rows); row++) {
        if (!has_shape(rows, row, "STRUCTURE"))
            continue;
        Cpts__V1__StructureCount *count =
            request_message(call, &cpts__v1__structure_count__descriptor);
        if (count == NULL)
            return false;
        count->code = (char *)rows_text(rows, row, STRUCTURE_CODE);
        count->label = (char *)rows_text(rows, row, STRUCTURE_LABEL);
        count->structure_count = (int32_t)rows_int(rows, row, STRUCTURE_COUNT);
        response->structures[response->n_structures++] = count;
    }
    return true;
}

static bool read_adhesion(struct call *call, const struct rows *rows,
                          Cpts__V1__GetCompositionResponse *response)
{
    response->adhesion_cpts_count = (int32_t)rows_int(rows, 0, AREA_ADHESION_CPTS);
    if (response->adhesion_cpts_count == 0)
        return true;
    Cpts__V1__Adhesion *adhesion = request_message(call, &cpts__v1__adhesion__descriptor);
    if (adhesion == NULL)
        return false;
    adhesion->adherent_count = (int32_t)rows_int(rows, 0, AREA_ADHERENTS);
    adhesion->professional_count = (int32_t)rows_int(rows, 0, AREA_PROFESSIONALS);
    adhesion->counted_on = (char *)rows_text(rows, 0, AREA_COUNTED_ON);
    adhesion->source = (char *)rows_text(rows, 0, AREA_SOURCE);
    response->adhesion = adhesion;
    return true;
}

cpts_status composition_get_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    struct question *question = call->state;
    if (rows_count(rows) == 0 || !has_shape(rows, 0, "AREA"))
        return error_set(err, REASON_INTERNAL_ERROR, "a board without an area");
    if (strcmp(rows_text(rows, 0, AREA_OUTCOME), "OK") != 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    Cpts__V1__GetCompositionResponse *response =
        request_message(call, &cpts__v1__get_composition_response__descriptor);
    question->sees_all = strcmp(rows_text(rows, 0, AREA_SIGHT), "EVERYTHING") == 0;
    question->sees_nothing = strcmp(rows_text(rows, 0, AREA_SIGHT), "NOTHING") == 0;
    if (response == NULL || !read_lines(call, rows, response) ||
        !read_structures(call, rows, response) || !read_adhesion(call, rows, response))
        return request_no_memory(err);
    response->cpts_count = (int32_t)rows_int(rows, 0, AREA_CPTS);
    response->synthetic_count = (int32_t)rows_int(rows, 0, AREA_SYNTHETIC);
    response->as_of = (char *)question->as_of;
    response->known_at = request_timestamp(call, rows_int(rows, 0, AREA_KNOWN_AT));
    if (response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
