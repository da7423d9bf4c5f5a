/* SPDX-License-Identifier: Apache-2.0 */
/* ListNeighbours. */
#include "base/call.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/maturity.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define LIMIT_DEFAULT 10
#define LIMIT_MAX 200

/* Columns of neighbour_list.sql. */
enum neighbour_column {
    FOUND,
    LATITUDE,
    LONGITUDE,
    QUALITY,
    KNOWN_AT,
    ID,
    NAME,
    STAGE,
    LEAD_REGION,
    POPULATION,
    DISTANCE,
    OWN_QUALITY,
    OWN_LATITUDE,
    OWN_LONGITUDE,
    SYNTHETIC,
};

/* A CPTS or a commune, not both. */
static cpts_status read_origin(struct call *call, const Cpts__V1__ListNeighboursRequest *request,
                               uint8_t ret_id[16], const char **ret_commune, struct cpts_error *err)
{
    *ret_commune = "";
    if (request->commune[0] == '\0')
        return request_uuid(request->id, "id", ret_id, err);
    if (request->id[0] != '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "commune",
                               "a CPTS or a commune, not both");
    return filter_unit_read(call, request->commune, ret_commune, err);
}

cpts_status neighbour_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListNeighboursRequest *request = message;
    uint8_t id[16];
    const char *commune = NULL;
    const char *as_of = NULL;
    const char *known_at = NULL;
    cpts_status status = read_origin(call, request, id, &commune, err);
    if (status == CPTS_OK && (request->limit < 0 || request->limit > LIMIT_MAX))
        status = error_set_field(err, REASON_FIELD_INVALID, "limit", "0 to %d", LIMIT_MAX);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_NEIGHBOUR_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = (char *)as_of;
    if (commune[0] == '\0')
        query_uuid(call->query, id);
    else
        query_text(call->query, NULL);
    query_text(call->query, commune);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    query_int(call->query, request->limit == 0 ? LIMIT_DEFAULT : request->limit);
    return CPTS_OK;
}

static Cpts__V1__Position *read_position(struct call *call, const struct rows *rows, int row,
                                         int latitude, int quality)
{
    Cpts__V1__Position *position = request_message(call, &cpts__v1__position__descriptor);
    if (position == NULL)
        return NULL;
    position->latitude = rows_double(rows, row, latitude);
    position->longitude = rows_double(rows, row, latitude + 1);
    position->quality = filter_position_quality(rows_text(rows, row, quality));
    return position;
}

static Cpts__V1__Neighbour *read_neighbour(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Neighbour *neighbour = request_message(call, &cpts__v1__neighbour__descriptor);
    if (neighbour == NULL)
        return NULL;
    neighbour->cpts_id = (char *)rows_text(rows, row, ID);
    neighbour->name = (char *)rows_text(rows, row, NAME);
    neighbour->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, STAGE));
    neighbour->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    neighbour->population_count = (int32_t)(rows_double(rows, row, POPULATION) + 0.5);
    neighbour->distance_km = rows_double(rows, row, DISTANCE);
    neighbour->synthetic = rows_bool(rows, row, SYNTHETIC);
    neighbour->centre = read_position(call, rows, row, OWN_LATITUDE, OWN_QUALITY);
    return neighbour->centre == NULL ? NULL : neighbour;
}

static bool read_neighbours(struct call *call, const struct rows *rows,
                            Cpts__V1__ListNeighboursResponse *response)
{
    response->neighbours =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->neighbours);
    if (response->neighbours == NULL)
        return false;
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, ID); row++) {
        Cpts__V1__Neighbour *neighbour = read_neighbour(call, rows, row);
        if (neighbour == NULL)
            return false;
        response->neighbours[response->n_neighbours++] = neighbour;
    }
    return true;
}

cpts_status neighbour_list_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    if (rows_count(rows) == 0 || !rows_bool(rows, 0, FOUND))
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    Cpts__V1__ListNeighboursResponse *response =
        request_message(call, &cpts__v1__list_neighbours_response__descriptor);
    if (response == NULL || !read_neighbours(call, rows, response))
        return request_no_memory(err);
    response->origin = read_position(call, rows, 0, LATITUDE, QUALITY);
    response->as_of = call->state;
    response->known_at = request_timestamp(call, rows_time_us(rows, 0, KNOWN_AT));
    if (response->origin == NULL || response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
