/* SPDX-License-Identifier: Apache-2.0 */
/* zoning list, zoning import. */
#include <cpts/zoning.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "page_join.h"
#include "session.h"
#include "sheet.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define PAGE_SIZE_MAX 5000

static const struct grid_column ZONE_COLUMNS[] = {
    {.name = "unit_code", .heading = "UNIT"},
    {.name = "name", .heading = "NAME"},
    {.name = "department", .heading = "DEP"},
    {.name = "region"},
    {.name = "zone", .heading = "ZONE"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "valid_from", .heading = "FROM"},
    {.name = "valid_to", .heading = "TO"},
    {.name = "source", .heading = "SOURCE"},
};

static void zone_rows(const struct session *session, struct grid *grid,
                      const struct cpts_zoning *page)
{
    char population[FIGURE_BYTES];
    for (size_t i = 0; i < page->unit_count; i++) {
        const struct cpts_zoned_unit *unit = &page->units[i];
        grid_figure(session, unit->population_count, population);
        grid_row(grid, (const char *[]){unit->unit_code, unit->name, unit->department, unit->region,
                                        cpts_zone_name(unit->zone), population, unit->valid_from,
                                        unit->valid_to, unit->source});
    }
}

static int read_query(const struct arguments *arguments, struct cpts_zoning_query *query)
{
    query->region = arguments_value(arguments, "region");
    query->department = arguments_value(arguments, "department");
    query->commune = arguments_value(arguments, "commune");
    query->page_size = PAGE_SIZE_MAX;
    int code = input_date(arguments, "as-of", &query->as_of);
    return code == EXIT_CODE_OK ? input_instant(arguments, "known-at", &query->known_at_us) : code;
}

/* Every page, as rows or as one JSON object. */
static cpts_status list_pages(struct session *session, struct cpts_zoning_query *query,
                              struct grid *grid, struct page_join *join, struct cpts_error *err)
{
    char *token = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_zoning *page = NULL;
        query->page_token = token;
        status = cpts_zoning_list(session->client, query, 0, &page, err);
        free(token);
        token = NULL;
        if (status != CPTS_OK)
            return status;
        if (grid != NULL)
            zone_rows(session, grid, page);
        else if (!page_join_add(join, cpts_zoning_json(page, 0)))
            status = failure_no_memory(err, "the zoning");
        if (page->next_page_token[0] != '\0' && status == CPTS_OK)
            token = strdup(page->next_page_token);
        cpts_zoning_free(page);
    } while (token != NULL);
    return status;
}

int verb_zoning_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_zoning_query query = {.size = sizeof query};
    struct grid *grid = NULL;
    struct page_join join = {.stream = stdout};
    struct cpts_error err;
    int code = read_query(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (session->form != FORM_IS_JSON) {
        grid = grid_new(session, ZONE_COLUMNS, COUNT(ZONE_COLUMNS), stdout);
        if (grid == NULL)
            return EXIT_CODE_ERROR;
    }
    cpts_status status = list_pages(session, &query, grid, &join, &err);
    bool is_fine = grid == NULL ? page_join_end(&join) : grid_end(grid, 0);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

/* Headings, folded. */
static const char *const CODE_HEADINGS[] = {"unit code",  "code",         "insee",
                                            "code insee", "code commune", "commune code",
                                            "codgeo",     "depcom",       NULL};
static const char *const ZONE_HEADINGS[] = {"zone", "zonage", "type zone", "zonage medecin", NULL};

static int refuse_file(const char *path, int line, const char *problem)
{
    if (line > 0)
        fprintf(stderr, "cptsctl: %s: line %d: %s\n", path, line, problem);
    else
        fprintf(stderr, "cptsctl: %s: %s\n", path, problem);
    fputs("  next:   nothing was sent; correct the file first\n", stderr);
    return EXIT_CODE_ERROR;
}

/* The sheet's rows as entries; codes are borrowed from it. */
static int read_entries(const struct sheet *sheet, const char *path,
                        struct cpts_zone_entry **ret_entries)
{
    int code_column = sheet_column(sheet, CODE_HEADINGS);
    int zone_column = sheet_column(sheet, ZONE_HEADINGS);
    if (code_column < 0 || zone_column < 0)
        return refuse_file(path, 1, "no column for the code (unit_code) or for the zone (zone)");
    size_t count = sheet_row_count(sheet);
    struct cpts_zone_entry *entries = calloc(count + 1, sizeof *entries);
    if (entries == NULL)
        return refuse_file(path, 0, "no memory for the rows");
    for (size_t i = 0; i < count; i++) {
        entries[i].unit_code = sheet_cell(sheet, i, code_column);
        if (!cpts_zone_parse(sheet_cell(sheet, i, zone_column), &entries[i].zone)) {
            free(entries);
            return refuse_file(path, sheet_line(sheet, i),
                               "the zone is none of ZIP+, ZIP, ZAC, hors zonage");
        }
    }
    *ret_entries = entries;
    return EXIT_CODE_OK;
}

static int missing(const struct arguments *arguments, const char *option)
{
    return usage_error(arguments->command, "--%s is missing", option);
}

static int read_change(const struct arguments *arguments, struct cpts_zoning_change *change,
                       uint8_t *command_id)
{
    change->region = arguments_value(arguments, "region");
    change->source = arguments_value(arguments, "source");
    if (change->region == NULL)
        return missing(arguments, "region");
    if (change->source == NULL)
        return missing(arguments, "source");
    int code = input_date(arguments, "on", &change->effective_on);
    if (code == EXIT_CODE_OK && change->effective_on == NULL)
        code = missing(arguments, "on");
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", command_id);
    if (code == EXIT_CODE_OK && arguments_has(arguments, "command-id") &&
        !arguments_has(arguments, "version"))
        code = usage_error(arguments->command, "--command-id needs --version, so that a "
                                               "repetition is the same command");
    return code;
}

/* --version, or the version the node has now. */
static int read_version(struct session *session, const struct arguments *arguments,
                        struct cpts_zoning_change *change)
{
    struct cpts_zoning_query query = {
        .size = sizeof query, .region = change->region, .page_size = 1};
    struct cpts_zoning *zoning = NULL;
    struct cpts_error err;
    if (arguments_has(arguments, "version"))
        return input_number(arguments, "version", 0, INT32_MAX, &change->expected_version);
    if (cpts_zoning_list(session->client, &query, 0, &zoning, &err) != CPTS_OK)
        return failure_print(&err);
    change->expected_version = zoning->version;
    cpts_zoning_free(zoning);
    return EXIT_CODE_OK;
}

static int print_outcome(const struct session *session, const struct cpts_zoning_change *change,
                         const struct cpts_outcome *outcome)
{
    for (size_t i = 0; i < outcome->warning_count && !session->is_quiet; i++)
        fprintf(stderr, "warning: %s: %s\n", outcome->warnings[i].reason,
                outcome->warnings[i].message);
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_outcome_json(outcome, JSON_INDENT));
    printf("Zoning of region %s from %s: %zu communes, version %d, log position %lld%s\n",
           change->region, change->effective_on, change->entry_count, outcome->version,
           (long long)outcome->log_position, outcome->replayed ? " (it was done already)" : "");
    return EXIT_CODE_OK;
}

static int send_zoning(struct session *session, const struct arguments *arguments,
                       struct cpts_zoning_change *change, uint8_t *command_id)
{
    struct cpts_outcome *outcome = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = read_version(session, arguments, change);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_zoning_set(session->client, change, command_id, 0, &outcome, &err) != CPTS_OK)
        return failure_print_command(&err, command_id, change->expected_version);
    code = print_outcome(session, change, outcome);
    cpts_outcome_free(outcome);
    return code;
}

int verb_zoning_import(struct session *session, const struct arguments *arguments)
{
    struct cpts_zoning_change change = {.size = sizeof change};
    struct cpts_zone_entry *entries = NULL;
    uint8_t command_id[CPTS_UUID_BYTES] = {0};
    char problem[CSV_PROBLEM_BYTES];
    struct sheet sheet;
    const char *path = arguments->operands[0];
    int code = read_change(arguments, &change, command_id);
    if (code != EXIT_CODE_OK)
        return code;
    if (!sheet_read(&sheet, path, problem))
        return refuse_file(path, 0, problem);
    code = read_entries(&sheet, path, &entries);
    if (code == EXIT_CODE_OK) {
        change.entries = entries;
        change.entry_count = sheet_row_count(&sheet);
        if (arguments_has(arguments, "dry-run"))
            printf("%zu communes would be zoned; nothing was sent\n", change.entry_count);
        else
            code = send_zoning(session, arguments, &change, command_id);
    }
    free(entries);
    sheet_done(&sheet);
    return code;
}
