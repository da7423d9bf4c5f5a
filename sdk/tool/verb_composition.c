/* SPDX-License-Identifier: Apache-2.0 */
/* members composition. */
#include <cpts/composition.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2
#define BAR_CELLS 24
#define REPRESENTATIVES "REPRESENTANT_USAGERS"

/* What shares are of: the professionals; representatives of users are beside
 * them. CPTS_COUNT_WITHHELD when one line is withheld. */
static int32_t count_professionals(const struct cpts_composition *composition)
{
    int32_t total = 0;
    for (size_t i = 0; i < composition->line_count; i++) {
        const struct cpts_composition_line *line = &composition->lines[i];
        if (strcmp(line->code, REPRESENTATIVES) == 0)
            continue;
        if (line->member_count == CPTS_COUNT_WITHHELD)
            return CPTS_COUNT_WITHHELD;
        total += line->member_count;
    }
    return total;
}

/* The texts of one line. */
struct cells {
    char count[FIGURE_BYTES];
    char share[FIGURE_BYTES];
    char published[FIGURE_BYTES];
    char bar[BAR_TEXT_BYTES];
};

static void write_cells(const struct session *session, const struct cpts_composition_line *line,
                        int32_t total, struct cells *cells)
{
    bool is_share = total > 0 && line->member_count != CPTS_COUNT_WITHHELD &&
                    strcmp(line->code, REPRESENTATIVES) != 0;
    bool is_own = session->form == FORM_OWN;
    *cells = (struct cells){.count = ""};
    if (line->member_count != CPTS_COUNT_WITHHELD)
        grid_figure(session, line->member_count, cells->count);
    else if (is_own)
        snprintf(cells->count, sizeof cells->count, "withheld");
    if (is_share && is_own)
        figure_percent(line->member_count, total, cells->share);
    else if (is_share)
        snprintf(cells->share, sizeof cells->share, "%.2f", 100.0 * line->member_count / total);
    if (line->published_percent != CPTS_PERCENT_NONE)
        snprintf(cells->published, sizeof cells->published, is_own ? "%g %%" : "%g",
                 line->published_percent);
    if (is_share)
        bar_write(figure_fraction(line->member_count, total), BAR_CELLS,
                  session->terminal.has_unicode, cells->bar);
}

static bool print_lines(const struct session *session, const struct cpts_composition *composition)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "code"},
        {.name = "label", .heading = "Profession"},
        {.name = "member_count", .heading = "Members", .is_number = true},
        {.name = "share_percent", .heading = "Share", .is_number = true},
        {.name = "published_percent", .heading = "Published", .is_number = true},
        {.name = "withheld"},
        {.name = "published_source"},
        {.name = "published_confidence"},
        {.name = "as_of"},
        {.name = "bar", .heading = ""}};
    /* The bar is for people. */
    int columns = session->form == FORM_OWN ? COUNT(COLUMNS) : COUNT(COLUMNS) - 1;
    struct grid *grid = grid_new(session, COLUMNS, columns, stdout);
    int32_t total = count_professionals(composition);
    for (size_t i = 0; grid != NULL && i < composition->line_count; i++) {
        const struct cpts_composition_line *line = &composition->lines[i];
        struct cells cells;
        write_cells(session, line, total, &cells);
        grid_row(grid, (const char *[]){
                           line->code, line->label, cells.count, cells.share, cells.published,
                           line->member_count == CPTS_COUNT_WITHHELD ? "true" : "false",
                           line->published_source, line->published_confidence, composition->as_of,
                           cells.bar});
    }
    return grid_end(grid, session->form == FORM_OWN ? INDENT : 0);
}

static void print_title(const struct session *session, const struct cpts_composition *composition,
                        const char *scope)
{
    const struct terminal *terminal = &session->terminal;
    printf("%sMembers of %s on %s%s\n%d CPTS with members", terminal_style(terminal, STYLE_BOLD),
           scope, composition->as_of, terminal_style(terminal, STYLE_RESET),
           composition->cpts_count);
    if (composition->member_count != CPTS_COUNT_WITHHELD)
        printf(", %d memberships", composition->member_count);
    putchar('\n');
    if (composition->synthetic_count > 0)
        printf("%sSYNTHETIC DATA: %d of these CPTS are invented, and their members too%s\n",
               terminal_style(terminal, STYLE_ALERT), composition->synthetic_count,
               terminal_style(terminal, STYLE_RESET));
    putchar('\n');
}

static bool print_structures(const struct session *session,
                             const struct cpts_composition *composition)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "label", .heading = "Structure"},
        {.name = "count", .heading = "Members", .is_number = true}};
    if (composition->structure_count == 0)
        return true;
    putchar('\n');
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < composition->structure_count; i++) {
        char count[FIGURE_BYTES];
        grid_figure(session, composition->structures[i].structure_count, count);
        grid_row(grid, (const char *[]){composition->structures[i].label, count});
    }
    return grid_end(grid, INDENT);
}

static void print_adhesion(const struct cpts_composition *composition)
{
    char adherents[FIGURE_BYTES], professionals[FIGURE_BYTES], percent[FIGURE_BYTES];
    const struct cpts_adhesion *adhesion = composition->adhesion;
    if (adhesion == NULL)
        return;
    figure_count(adhesion->adherent_count, adherents);
    figure_count(adhesion->professional_count, professionals);
    figure_percent(adhesion->adherent_count, adhesion->professional_count, percent);
    printf("\n  Adhesion: %s of %s professionals (%s), counted by %d CPTS", adherents,
           professionals, percent, composition->adhesion_cpts_count);
    if (adhesion->counted_on[0] != '\0')
        printf(" on %s: %s", adhesion->counted_on, adhesion->source);
    putchar('\n');
}

/* The source of what is published, once: its lines share it. */
static void print_footer(const struct session *session, const struct cpts_composition *composition)
{
    char known_at[CPTS_INSTANT_TEXT_BYTES];
    bool is_withheld = false;
    const struct cpts_composition_line *published = NULL;
    for (size_t i = 0; i < composition->line_count; i++) {
        const struct cpts_composition_line *line = &composition->lines[i];
        is_withheld = is_withheld || line->member_count == CPTS_COUNT_WITHHELD;
        if (published == NULL && line->published_percent != CPTS_PERCENT_NONE)
            published = line;
    }
    cpts_instant_format(composition->known_at_us, known_at);
    printf("\n%sA membership counts once a CPTS; shares are of the professionals.\n"
           "Known at %s.\n",
           terminal_style(&session->terminal, STYLE_DIM), known_at);
    if (is_withheld)
        puts("withheld: a small count (1 to 10 unless the node says otherwise), or one that "
             "would\ntell such a count.");
    if (published != NULL)
        printf("Published: %s (%s).\n", published->published_source,
               published->published_confidence);
    fputs(terminal_style(&session->terminal, STYLE_RESET), stdout);
}

static bool print_board(const struct session *session, const struct cpts_composition *composition,
                        const char *scope)
{
    print_title(session, composition, scope);
    bool is_fine = print_lines(session, composition);
    is_fine = print_structures(session, composition) && is_fine;
    print_adhesion(composition);
    print_footer(session, composition);
    return is_fine && ferror(stdout) == 0;
}

static int print(const struct session *session, const struct cpts_composition *composition,
                 const struct cpts_composition_query *query)
{
    char scope[64] = "all CPTS of France";
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_composition_json(composition, INDENT));
    if (query->region != NULL)
        snprintf(scope, sizeof scope, "the CPTS of region %s", query->region);
    if (query->id != NULL)
        snprintf(scope, sizeof scope, "%s", query->id);
    bool is_fine = session->form == FORM_OWN ? print_board(session, composition, scope)
                                             : print_lines(session, composition);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}

int verb_members_composition(struct session *session, const struct arguments *arguments)
{
    struct cpts_composition_query query = {.size = sizeof query,
                                           .id = arguments_value(arguments, "cpts"),
                                           .region = arguments_value(arguments, "region")};
    struct cpts_composition *composition = NULL;
    struct cpts_error err;
    uint8_t id[CPTS_UUID_BYTES];
    if (query.id != NULL && query.region != NULL)
        return usage_error(arguments->command, "a CPTS or a region, not both");
    int code = input_uuid(arguments, "cpts", id);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "as-of", &query.as_of);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_composition_get(session->client, &query, 0, &composition, &err) != CPTS_OK)
        return failure_print(&err);
    code = print(session, composition, &query);
    cpts_composition_free(composition);
    return code;
}
