/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/registry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "board.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define PAGE_SIZE_MAX 500

static const struct grid_column LIST_COLUMNS[] = {
    {.name = "id", .heading = "ID"},
    {.name = "lead_region", .heading = "REGION"},
    {.name = "population_count", .heading = "INHABITANTS", .is_number = true},
    {.name = "stage", .heading = "STAGE"},
    {.name = "name", .heading = "NAME"},
    {.name = "stage_on"},
    {.name = "version"},
    {.name = "synthetic"},
    {.name = "finess"},
    {.name = "website"},
    {.name = "owner_node"},
};

/* A list on its way to the terminal, page after page. */
struct listing {
    const struct session *session;
    struct grid *grid;
    size_t count;
    size_t limit;
    /** Of the question; 0 = now. */
    int64_t known_at_us;
    bool is_synthetic;
    bool is_fine;
};

static void list_row(struct listing *listing, const struct cpts_record *record)
{
    char population[FIGURE_BYTES], version[FIGURE_BYTES];
    grid_figure(listing->session, record->population_count, population);
    snprintf(version, sizeof version, "%d", record->version);
    grid_row(listing->grid,
             (const char *[]){record->id, record->lead_region, population,
                              cpts_stage_name(record->stage), record->name, record->stage_on,
                              version, record->synthetic ? "true" : "false", record->finess,
                              record->website, record->owner_node});
}

/* One JSON object for the whole list: a record a line. */
static void list_json(struct listing *listing, const struct cpts_record *record)
{
    char *text = cpts_record_json(record, 0);
    if (text == NULL)
        listing->is_fine = false;
    else
        printf("%s\n%s", listing->count == 0 ? "{\"cpts\":[" : ",", text);
    cpts_string_free(text);
}

static void list_page(struct listing *listing, const struct cpts_page *page)
{
    for (size_t i = 0; i < page->record_count && listing->count < listing->limit; i++) {
        const struct cpts_record *record = &page->records[i];
        if (listing->grid == NULL)
            list_json(listing, record);
        else
            list_row(listing, record);
        listing->is_synthetic = listing->is_synthetic || record->synthetic;
        listing->count++;
    }
}

static cpts_status list_pages(struct session *session, struct cpts_list_query *query,
                              struct listing *listing, struct cpts_error *err)
{
    char *token = NULL;
    cpts_status status = CPTS_OK;
    do {
        struct cpts_page *page = NULL;
        size_t left = listing->limit - listing->count;
        query->page_size = left < PAGE_SIZE_MAX ? (int32_t)left : PAGE_SIZE_MAX;
        query->page_token = token;
        status = cpts_registry_list(session->client, query, 0, &page, err);
        free(token);
        token = NULL;
        if (status != CPTS_OK)
            break;
        list_page(listing, page);
        if (page->next_page_token[0] != '\0' && listing->count < listing->limit)
            token = strdup(page->next_page_token);
        cpts_page_free(page);
    } while (token != NULL);
    return status;
}

static void list_remark(const struct listing *listing)
{
    if (listing->session->is_quiet || listing->session->form != FORM_OWN)
        return;
    fprintf(stderr, "%s%zu CPTS%s\n", listing->count == 0 ? "" : "\n", listing->count,
            listing->is_synthetic ? "; SYNTHETIC DATA among them" : "");
    if (listing->count == 0)
        session_remark_unknown(listing->session, listing->known_at_us);
}

static int list_end(struct listing *listing)
{
    if (listing->grid == NULL)
        printf("%s\n],\"nextPageToken\":\"\"}\n", listing->count == 0 ? "{\"cpts\":[" : "");
    else
        listing->is_fine = grid_end(listing->grid, 0) && listing->is_fine;
    list_remark(listing);
    return listing->is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

static int read_list_query(const struct arguments *arguments, struct cpts_list_query *query,
                           enum cpts_stage *stages, int32_t *limit)
{
    query->region = arguments_value(arguments, "region");
    query->department = arguments_value(arguments, "department");
    query->commune = arguments_value(arguments, "commune");
    query->stages = stages;
    int code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query->known_at_us);
    if (code == EXIT_CODE_OK)
        code = input_stages(arguments, stages, &query->stage_count);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "limit", 1, INT32_MAX, limit);
    return code;
}

int verb_cpts_list(struct session *session, const struct arguments *arguments)
{
    enum cpts_stage stages[INPUT_STAGES_MAX];
    struct cpts_list_query query = {.size = sizeof query};
    struct cpts_error err;
    int32_t limit = INT32_MAX;
    int code = read_list_query(arguments, &query, stages, &limit);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    struct listing listing = {.session = session,
                              .limit = (size_t)limit,
                              .known_at_us = query.known_at_us,
                              .is_fine = true};
    if (session->form != FORM_IS_JSON) {
        listing.grid = grid_new(session, LIST_COLUMNS, COUNT(LIST_COLUMNS), stdout);
        if (listing.grid == NULL)
            return EXIT_CODE_ERROR;
    }
    cpts_status status = list_pages(session, &query, &listing, &err);
    if (status == CPTS_OK)
        return list_end(&listing);
    if (listing.grid != NULL)
        (void)grid_end(listing.grid, 0);
    return failure_print(&err);
}

static void print_fact(const struct session *session, const char *name, const char *value)
{
    if (session->form == FORM_IS_PLAIN)
        printf("%s\t%s\n", name, value);
    else if (value[0] != '\0')
        printf("  %-12s %s\n", name, value);
}

static bool print_history(const struct session *session, const struct cpts_record *record)
{
    static const struct grid_column COLUMNS[] = {{.name = "stage", .heading = "STAGE"},
                                                 {.name = "on", .heading = "ON"},
                                                 {.name = "recorded", .heading = "RECORDED"},
                                                 {.name = "successor", .heading = "SUCCESSOR"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < record->stage_count; i++) {
        const struct cpts_stage_entry *entry = &record->stages[i];
        char recorded[CPTS_INSTANT_TEXT_BYTES];
        cpts_instant_format(entry->recorded_at_us, recorded);
        grid_row(grid, (const char *[]){cpts_stage_name(entry->stage), entry->effective_on,
                                        recorded, entry->successor_id});
    }
    return grid_end(grid, 2);
}

static bool print_territory(const struct session *session, const struct cpts_record *record)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "unit", .heading = "UNIT"},
        {.name = "name", .heading = "NAME"},
        {.name = "share", .heading = "SHARE", .is_number = true},
        {.name = "inhabitants", .heading = "INHABITANTS", .is_number = true}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < record->unit_count; i++) {
        const struct cpts_territory_unit *unit = &record->territory[i];
        char share[FIGURE_BYTES], population[FIGURE_BYTES];
        snprintf(share, sizeof share, "%.6g", unit->share);
        grid_figure(session, unit->population_count, population);
        grid_row(grid, (const char *[]){unit->unit_code, unit->name, share, population});
    }
    return grid_end(grid, 2);
}

static bool print_record(const struct session *session, const struct cpts_record *record)
{
    const struct terminal *terminal = &session->terminal;
    char population[FIGURE_BYTES], version[FIGURE_BYTES], stage[128], updated[64];
    grid_figure(session, record->population_count, population);
    snprintf(version, sizeof version, "%d", record->version);
    snprintf(stage, sizeof stage, "%s since %s", cpts_stage_name(record->stage), record->stage_on);
    cpts_instant_format(record->updated_at_us, updated);
    printf("%s%s%s\n", terminal_style(terminal, STYLE_BOLD), record->name,
           terminal_style(terminal, STYLE_RESET));
    if (record->synthetic)
        printf("%sSYNTHETIC DATA: an invented CPTS%s\n", terminal_style(terminal, STYLE_ALERT),
               terminal_style(terminal, STYLE_RESET));
    print_fact(session, "id", record->id);
    print_fact(session, "version", version);
    print_fact(session, "stage", record->stage == CPTS_STAGE_UNSPECIFIED ? "none yet" : stage);
    print_fact(session, "region", record->lead_region);
    print_fact(session, "inhabitants", population);
    print_fact(session, "finess", record->finess);
    print_fact(session, "website", record->website);
    print_fact(session, "owner", record->owner_node);
    print_fact(session, "updated", updated);
    putchar('\n');
    bool is_fine = print_history(session, record);
    putchar('\n');
    return print_territory(session, record) && is_fine;
}

int verb_cpts_get(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_record *record = NULL;
    struct cpts_error err;
    const char *id = NULL;
    int code = input_id(arguments, 0, &id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &when.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &when.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_registry_get(session->client, id, &when, 0, &record, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_record_json(record, JSON_INDENT));
    else
        code = print_record(session, record) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_record_free(record);
    return code;
}
