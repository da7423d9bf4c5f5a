/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl lifecycle: what reads. */
#include <cpts/dossier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failure.h"
#include "grid.h"
#include "input.h"
#include "lifecycle_view.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define PAGE_SIZE_MAX 500
#define KINDS_BYTES 300
#define DECIDERS_BYTES 32

int verb_lifecycle_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_lifecycle *lifecycle = NULL;
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
    if (cpts_lifecycle_get(session->client, id, &when, 0, &lifecycle, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_lifecycle_json(lifecycle, JSON_INDENT));
    else
        code = lifecycle_print(session, lifecycle) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_lifecycle_free(lifecycle);
    return code;
}

static int read_query(const struct arguments *arguments, struct cpts_due_query *query)
{
    query->region = arguments_value(arguments, "region");
    query->kind = arguments_value(arguments, "kind");
    query->cpts_id = arguments_value(arguments, "cpts");
    query->page_size = PAGE_SIZE_MAX;
    int code = input_date(arguments, "until", &query->until);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query->as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query->known_at_us);
    return code;
}

/* A listing on its way: pages are printed as they come, JSON one page a line. */
struct pages {
    struct session *session;
    struct cpts_due_query *query;
    struct grid *grid;
    size_t count;
    char *token;
};

static void next_page(struct pages *pages, const char *token)
{
    free(pages->token);
    pages->token = token[0] == '\0' ? NULL : strdup(token);
    pages->query->page_token = pages->token;
}

static void due_rows(struct pages *pages, const struct cpts_due_page *page)
{
    for (size_t i = 0; i < page->clock_count; i++) {
        const struct cpts_due_clock *due = &page->clocks[i];
        grid_row(pages->grid,
                 (const char *[]){due->clock.due_on, due->clock.state, due->clock.kind,
                                  due->clock.mission, due->lead_region, due->name, due->cpts_id,
                                  cpts_stage_name(due->stage), due->clock.started_on,
                                  due->clock.label, due->clock.source, due->clock.confidence,
                                  due->synthetic ? "true" : "false"});
    }
}

static cpts_status due_pages(struct pages *pages, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    do {
        struct cpts_due_page *page = NULL;
        status = cpts_lifecycle_due(pages->session->client, pages->query, 0, &page, err);
        if (status != CPTS_OK)
            break;
        pages->count += page->clock_count;
        if (pages->grid == NULL)
            (void)print_json(cpts_due_page_json(page, 0));
        else
            due_rows(pages, page);
        next_page(pages, page->next_page_token);
        cpts_due_page_free(page);
    } while (pages->token != NULL);
    return status;
}

static void gap_rows(struct pages *pages, const struct cpts_gap_page *page)
{
    char kinds[KINDS_BYTES];
    for (size_t i = 0; i < page->gap_count; i++) {
        const struct cpts_evidence_gap *gap = &page->gaps[i];
        for (size_t j = 0; j < gap->stage_count; j++) {
            lifecycle_kinds_text(&gap->stages[j].missing_kinds, sizeof kinds, kinds);
            grid_row(pages->grid,
                     (const char *[]){gap->lead_region, gap->name,
                                      cpts_stage_name(gap->stages[j].stage),
                                      gap->stages[j].effective_on, kinds, gap->cpts_id});
        }
    }
}

static cpts_status gap_pages(struct pages *pages, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    do {
        struct cpts_gap_page *page = NULL;
        status = cpts_lifecycle_gaps(pages->session->client, pages->query, 0, &page, err);
        if (status != CPTS_OK)
            break;
        pages->count += page->gap_count;
        if (pages->grid == NULL)
            (void)print_json(cpts_gap_page_json(page, 0));
        else
            gap_rows(pages, page);
        next_page(pages, page->next_page_token);
        cpts_gap_page_free(page);
    } while (pages->token != NULL);
    return status;
}

static int list(struct session *session, const struct arguments *arguments,
                const struct grid_column *columns, int column_count,
                cpts_status (*walk)(struct pages *pages, struct cpts_error *err))
{
    struct cpts_due_query query = {.size = sizeof query};
    struct pages pages = {.session = session, .query = &query};
    struct cpts_error err;
    int code = read_query(arguments, &query);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (session->form != FORM_IS_JSON) {
        pages.grid = grid_new(session, columns, column_count, stdout);
        if (pages.grid == NULL)
            return EXIT_CODE_ERROR;
    }
    cpts_status status = walk(&pages, &err);
    bool is_fine = pages.grid == NULL || grid_end(pages.grid, 0);
    if (status == CPTS_OK && session->form == FORM_OWN && !session->is_quiet)
        fprintf(stderr, "%zu found\n", pages.count);
    free(pages.token);
    if (status != CPTS_OK)
        return failure_print(&err);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_lifecycle_due(struct session *session, const struct arguments *arguments)
{
    static const struct grid_column COLUMNS[] = {{.name = "due_on", .heading = "DUE"},
                                                 {.name = "state", .heading = "STATE"},
                                                 {.name = "kind", .heading = "CLOCK"},
                                                 {.name = "mission", .heading = "MISSION"},
                                                 {.name = "lead_region", .heading = "REGION"},
                                                 {.name = "name", .heading = "CPTS"},
                                                 {.name = "cpts_id", .heading = "ID"},
                                                 {.name = "stage"},
                                                 {.name = "started_on"},
                                                 {.name = "label"},
                                                 {.name = "source"},
                                                 {.name = "confidence"},
                                                 {.name = "synthetic"}};
    return list(session, arguments, COLUMNS, COUNT(COLUMNS), due_pages);
}

int verb_lifecycle_gaps(struct session *session, const struct arguments *arguments)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "lead_region", .heading = "REGION"}, {.name = "name", .heading = "CPTS"},
        {.name = "stage", .heading = "STAGE"},        {.name = "stage_on", .heading = "ON"},
        {.name = "missing", .heading = "MISSING"},    {.name = "cpts_id", .heading = "ID"}};
    return list(session, arguments, COLUMNS, COUNT(COLUMNS), gap_pages);
}

static void deciders_text(uint32_t deciders, char ret_text[DECIDERS_BYTES])
{
    snprintf(ret_text, DECIDERS_BYTES, "%s%s%s",
             (deciders & CPTS_DECIDER_PORTEURS) != 0 ? "PORTEURS " : "",
             (deciders & CPTS_DECIDER_ARS) != 0 ? "ARS " : "",
             (deciders & CPTS_DECIDER_CPAM) != 0 ? "CPAM " : "");
    size_t length = strlen(ret_text);
    if (length > 0)
        ret_text[length - 1] = '\0';
}

int verb_lifecycle_rules(struct session *session, const struct arguments *arguments)
{
    static const struct grid_column COLUMNS[] = {{.name = "from", .heading = "FROM"},
                                                 {.name = "to", .heading = "TO"},
                                                 {.name = "deciders", .heading = "DECIDED BY"},
                                                 {.name = "tacit", .heading = "TACIT"},
                                                 {.name = "evidence", .heading = "EVIDENCE"},
                                                 {.name = "starts", .heading = "STARTS"},
                                                 {.name = "stops", .heading = "STOPS"},
                                                 {.name = "source"},
                                                 {.name = "confidence"}};
    struct cpts_transition step;
    (void)arguments;
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    if (grid == NULL)
        return EXIT_CODE_ERROR;
    for (size_t i = 0; cpts_transition_at(i, &step); i++) {
        char deciders[DECIDERS_BYTES];
        char evidence[KINDS_BYTES], starts[KINDS_BYTES], stops[KINDS_BYTES];
        deciders_text(step.deciders, deciders);
        lifecycle_kinds_text(&step.evidence, sizeof evidence, evidence);
        lifecycle_kinds_text(&step.starts, sizeof starts, starts);
        lifecycle_kinds_text(&step.stops, sizeof stops, stops);
        grid_row(grid, (const char *[]){
                           step.from == CPTS_STAGE_UNSPECIFIED ? "-" : cpts_stage_name(step.from),
                           cpts_stage_name(step.to), deciders, step.tacit ? "yes" : "no", evidence,
                           starts, stops, step.source, step.confidence});
    }
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_lifecycle_codes(struct session *session, const struct arguments *arguments)
{
    static const struct grid_column COLUMNS[] = {{.name = "use", .heading = "USE"},
                                                 {.name = "code", .heading = "CODE"},
                                                 {.name = "label", .heading = "LABEL"},
                                                 {.name = "phase", .heading = "PHASE"},
                                                 {.name = "source"},
                                                 {.name = "confidence"}};
    const char *use = arguments_value(arguments, "use");
    struct cpts_dossier_kind kind;
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    if (grid == NULL)
        return EXIT_CODE_ERROR;
    for (size_t i = 0; cpts_dossier_kind_at(i, &kind); i++) {
        if (use == NULL || strcmp(use, kind.use) == 0)
            grid_row(grid, (const char *[]){kind.use, kind.code, kind.label, kind.phase,
                                            kind.source, kind.confidence});
    }
    return grid_end(grid, 0) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}
