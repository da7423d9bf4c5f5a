/* SPDX-License-Identifier: Apache-2.0 */
/* What is about the node rather than about a CPTS: health, version, regions. */
#include <cpts/reference.h>
#include <stdio.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2

int verb_version(struct session *session, const struct arguments *arguments)
{
    (void)arguments;
    if (session->form == FORM_IS_JSON)
        printf("{\"version\":\"%s\"}\n", cpts_version());
    else
        printf("cptsctl %s\n", cpts_version());
    return EXIT_CODE_OK;
}

int verb_health(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    bool is_serving = false;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_client_health(session->client, NULL, 0, &is_serving, &err);
    if (status != CPTS_OK)
        return failure_print(&err);
    const char *word = is_serving ? "SERVING" : "NOT_SERVING";
    if (session->form == FORM_IS_JSON)
        printf("{\"status\":\"%s\"}\n", word);
    else if (!session->is_quiet)
        printf("%s at %s\n", word, session->profile.address);
    return is_serving ? EXIT_CODE_OK : EXIT_CODE_UNAVAILABLE;
}

static const struct grid_column COLUMNS[] = {
    {.name = "code", .heading = "CODE"},
    {.name = "name", .heading = "NAME"},
    {.name = "zone", .heading = "ZONE"},
    {.name = "department_count", .heading = "DEPARTMENTS", .is_number = true},
    {.name = "commune_count", .heading = "COMMUNES", .is_number = true},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "owner_node", .heading = "OWNER"},
};

static bool print_regions(const struct session *session, const struct cpts_regions *regions)
{
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < regions->region_count; i++) {
        const struct cpts_region *region = &regions->regions[i];
        char departments[FIGURE_BYTES], communes[FIGURE_BYTES], population[FIGURE_BYTES];
        grid_figure(session, region->department_count, departments);
        grid_figure(session, region->commune_count, communes);
        grid_figure(session, region->population_count, population);
        grid_row(grid, (const char *[]){region->code, region->name, region->zone, departments,
                                        communes, population, region->owner_node});
    }
    return grid_end(grid, 0);
}

int verb_regions(struct session *session, const struct arguments *arguments)
{
    struct cpts_error err;
    struct cpts_regions *regions = NULL;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_reference_regions(session->client, 0, &regions, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_regions_json(regions, JSON_INDENT));
    else
        code = print_regions(session, regions) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_regions_free(regions);
    return code;
}
