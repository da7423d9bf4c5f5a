/* SPDX-License-Identifier: Apache-2.0 */
/* territory show, territory neighbours. */
#include <cpts/neighbour.h>
#include <cpts/zoning.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"
#include "unit_text.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define LIMIT_MAX 200

static const char *quality_name(enum cpts_position_quality quality)
{
    static const char *const NAMES[] = {"", "exact", "approximate", "none"};
    return (unsigned)quality < COUNT(NAMES) ? NAMES[quality] : "";
}

static int input_when(const struct arguments *arguments, const char **as_of, int64_t *known_at_us)
{
    int code = input_date(arguments, "as-of", as_of);
    return code == EXIT_CODE_OK ? input_instant(arguments, "known-at", known_at_us) : code;
}

static const struct grid_column UNIT_COLUMNS[] = {
    {.name = "unit_code", .heading = "UNIT"},
    {.name = "name", .heading = "NAME"},
    {.name = "region", .heading = "REGION"},
    {.name = "department", .heading = "DEP"},
    {.name = "share", .heading = "SHARE", .is_number = true},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "zone", .heading = "ZONE"},
};

static bool print_units(const struct session *session, const struct cpts_territory *territory)
{
    struct grid *grid = grid_new(session, UNIT_COLUMNS, COUNT(UNIT_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < territory->unit_count; i++) {
        const struct cpts_claimed_unit *unit = &territory->units[i];
        char share[FIGURE_BYTES], population[FIGURE_BYTES];
        snprintf(share, sizeof share, "%.6g", unit->share);
        grid_figure(session, unit->population_count, population);
        grid_row(grid, (const char *[]){unit->unit_code, unit->name, unit->region, unit->department,
                                        share, population, cpts_zone_name(unit->zone)});
    }
    return grid_end(grid, session->form == FORM_OWN ? 2 : 0);
}

static void print_centre(const struct cpts_territory *territory)
{
    if (territory->centre.quality == CPTS_POSITION_NONE)
        printf("  %-12s no unit has a position\n", "centre");
    else
        printf("  %-12s %.5f, %.5f (%s: %.0f %% of the inhabitants by own positions)\n", "centre",
               territory->centre.latitude, territory->centre.longitude,
               quality_name(territory->centre.quality), 100 * territory->exact_position_share);
}

/* What people read before the units. */
static void print_head(const struct session *session, const struct cpts_territory *territory)
{
    char population[FIGURE_BYTES];
    grid_figure(session, territory->population_count, population);
    printf("%s%s%s, %s\n", terminal_style(&session->terminal, STYLE_BOLD), territory->name,
           terminal_style(&session->terminal, STYLE_RESET), territory->as_of);
    if (territory->synthetic)
        printf("%sSYNTHETIC DATA: an invented CPTS%s\n",
               terminal_style(&session->terminal, STYLE_ALERT),
               terminal_style(&session->terminal, STYLE_RESET));
    printf("  %-12s %s (communes of %d)\n", "inhabitants", population,
           territory->population_vintage);
    if (territory->size_class[0] != '\0')
        printf("  %-12s %s\n", "size class", territory->size_label);
    for (size_t i = 0; i < territory->region_count; i++) {
        const struct cpts_area_population *region = &territory->regions[i];
        grid_figure(session, region->population_count, population);
        printf("  %-12s %s %s: %s inhabitants%s\n", i == 0 ? "regions" : "", region->code,
               region->name, population,
               strcmp(region->code, territory->lead_region) == 0 ? ", lead region" : "");
    }
    print_centre(territory);
    putchar('\n');
}

static int print_territory(const struct session *session, const struct cpts_territory *territory)
{
    for (size_t i = 0; i < territory->warning_count && !session->is_quiet; i++)
        fprintf(stderr, "warning: %s: %s\n", territory->warnings[i].reason,
                territory->warnings[i].message);
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_territory_json(territory, JSON_INDENT));
    if (session->form == FORM_OWN)
        print_head(session, territory);
    return print_units(session, territory) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_territory_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_territory *territory = NULL;
    struct cpts_error err;
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    if (code == EXIT_CODE_OK)
        code = input_when(arguments, &when.as_of, &when.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_territory_get(session->client, id, &when, 0, &territory, &err) != CPTS_OK)
        return failure_print(&err);
    code = print_territory(session, territory);
    cpts_territory_free(territory);
    return code;
}

static const struct grid_column NEIGHBOUR_COLUMNS[] = {
    {.name = "distance_km", .heading = "KM", .is_number = true},
    {.name = "id", .heading = "ID"},
    {.name = "name", .heading = "NAME"},
    {.name = "stage", .heading = "STAGE"},
    {.name = "lead_region", .heading = "REGION"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "position", .heading = "POSITION"},
    {.name = "synthetic"},
};

static bool print_neighbours(const struct session *session, const struct cpts_neighbours *found)
{
    struct grid *grid = grid_new(session, NEIGHBOUR_COLUMNS, COUNT(NEIGHBOUR_COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < found->neighbour_count; i++) {
        const struct cpts_neighbour *one = &found->neighbours[i];
        char distance[FIGURE_BYTES], population[FIGURE_BYTES];
        snprintf(distance, sizeof distance, "%.1f", one->distance_km);
        grid_figure(session, one->population_count, population);
        grid_row(grid,
                 (const char *[]){distance, one->cpts_id, one->name, cpts_stage_name(one->stage),
                                  one->lead_region, population, quality_name(one->centre.quality),
                                  one->synthetic ? "true" : "false"});
    }
    return grid_end(grid, 0);
}

/* The operand is a CPTS or a commune: told by its shape. */
static int read_origin(const struct arguments *arguments, struct cpts_neighbours_query *query)
{
    uint8_t uuid[CPTS_UUID_BYTES];
    char code[UNIT_CODE_BYTES];
    double share = 1;
    const char *text = arguments->operands[0];
    if (cpts_uuid_parse(text, uuid))
        query->id = text;
    else if (unit_text_read(text, strlen(text), code, &share) == UNIT_FINE &&
             strchr(text, ':') == NULL)
        query->commune = text;
    else
        return usage_error(arguments->command, "%s is neither a CPTS's id nor a commune's code",
                           text);
    return EXIT_CODE_OK;
}

int verb_territory_neighbours(struct session *session, const struct arguments *arguments)
{
    struct cpts_neighbours_query query = {.size = sizeof query};
    struct cpts_neighbours *found = NULL;
    struct cpts_error err;
    int code = read_origin(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = input_when(arguments, &query.as_of, &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "limit", 1, LIMIT_MAX, &query.limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_neighbours_list(session->client, &query, 0, &found, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_neighbours_json(found, JSON_INDENT));
    else
        code = print_neighbours(session, found) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    if (found->origin.quality == CPTS_POSITION_NONE && !session->is_quiet)
        fputs("no position is known there: nothing was measured\n", stderr);
    cpts_neighbours_free(found);
    return code;
}
