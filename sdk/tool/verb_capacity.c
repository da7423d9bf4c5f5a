/* SPDX-License-Identifier: Apache-2.0 */
/* capacity record, show, board. */
#include <cpts/capacity.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2
#define SEEKERS_MAX 500
#define AREA_BYTES 8
#define SLOTS_MAX 1000000
#define PEOPLE_MAX 10000000

/* Nothing where it is not known. */
static void write_figure(const struct session *session, int64_t figure, char text[FIGURE_BYTES])
{
    text[0] = '\0';
    if (figure != CPTS_FIGURE_UNKNOWN)
        grid_figure(session, figure, text);
}

static void write_share(const struct session *session, int64_t part, int64_t whole,
                        char text[FIGURE_BYTES])
{
    text[0] = '\0';
    if (part == CPTS_FIGURE_UNKNOWN || whole <= 0)
        return;
    if (session->form == FORM_OWN)
        figure_percent(part, whole, text);
    else
        snprintf(text, FIGURE_BYTES, "%.2f", 100 * figure_fraction(part, whole));
}

static void print_objective(const struct cpts_capacity_objective *objective)
{
    if (objective != NULL)
        printf("Objective: %g %% of doctors' slots for SNP: %s (%s).\n", objective->snp_percent,
               objective->source, objective->confidence);
}

static void print_synthetic(const struct session *session, bool is_synthetic)
{
    if (is_synthetic)
        printf("%sSYNTHETIC DATA: invented CPTS are among these figures%s\n",
               terminal_style(&session->terminal, STYLE_ALERT),
               terminal_style(&session->terminal, STYLE_RESET));
}

/* --- record -------------------------------------------------------------------- */

/* Every --seekers AREA=N; room for SEEKERS_MAX. */
static int read_seekers(const struct arguments *arguments, struct cpts_capacity_week *week,
                        struct cpts_seekers *seekers, char areas[][AREA_BYTES])
{
    week->seekers = seekers;
    week->seeker_count = arguments_count(arguments, "seekers");
    if (week->seeker_count > SEEKERS_MAX)
        return usage_error(arguments->command, "more than %d times --seekers", SEEKERS_MAX);
    for (size_t i = 0; i < week->seeker_count; i++) {
        const char *text = arguments_nth(arguments, "seekers", i);
        const char *equals = strchr(text, '=');
        char *end = NULL;
        long count = equals == NULL ? -1 : strtol(equals + 1, &end, 10);
        if (equals == NULL || equals - text >= AREA_BYTES || end == equals + 1 || *end != '\0' ||
            count < 0 || count > PEOPLE_MAX)
            return usage_error(arguments->command, "--seekers %s is not CODE=N, like 78646=120",
                               text);
        snprintf(areas[i], AREA_BYTES, "%.*s", (int)(equals - text), text);
        seekers[i] = (struct cpts_seekers){.area = areas[i], .patient_count = (int32_t)count};
    }
    return EXIT_CODE_OK;
}

static int read_week(const struct arguments *arguments, struct cpts_capacity_week *week,
                     struct cpts_seekers *seekers, char areas[][AREA_BYTES])
{
    week->snp_slot_count = week->doctor_slot_count = week->place_count = CPTS_FIGURE_UNKNOWN;
    int code = input_number(arguments, "snp", 0, SLOTS_MAX, &week->snp_slot_count);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "slots", 0, SLOTS_MAX, &week->doctor_slot_count);
    if (code == EXIT_CODE_OK)
        code = input_number(arguments, "places", 0, SLOTS_MAX, &week->place_count);
    if (code == EXIT_CODE_OK)
        code = read_seekers(arguments, week, seekers, areas);
    if (code == EXIT_CODE_OK && week->snp_slot_count == CPTS_FIGURE_UNKNOWN &&
        week->doctor_slot_count == CPTS_FIGURE_UNKNOWN &&
        week->place_count == CPTS_FIGURE_UNKNOWN && week->seeker_count == 0)
        return usage_error(arguments->command,
                           "nothing to record: --snp, --slots, --places or --seekers");
    return code;
}

int verb_capacity_record(struct session *session, const struct arguments *arguments)
{
    struct cpts_seekers seekers[SEEKERS_MAX];
    char areas[SEEKERS_MAX][AREA_BYTES];
    struct cpts_capacity_week week = {.week = arguments->operands[1]};
    struct cpts_capacity_change change = {.size = sizeof change, .weeks = &week, .week_count = 1};
    struct deed deed = {.what = "Recorded the capacity of"};
    struct cpts_error err;
    int code = read_week(arguments, &week, seekers, areas);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status =
        cpts_capacity_record(session->client, &change, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

/* --- show ---------------------------------------------------------------------- */

static int64_t count_seekers(const struct cpts_capacity_week *week)
{
    int64_t total = 0;
    for (size_t i = 0; i < week->seeker_count; i++)
        total += week->seekers[i].patient_count;
    return week->seeker_count == 0 ? CPTS_FIGURE_UNKNOWN : total;
}

static void add_week(const struct session *session, struct grid *grid,
                     const struct cpts_capacity_week *week)
{
    char snp[FIGURE_BYTES], slots[FIGURE_BYTES], share[FIGURE_BYTES], places[FIGURE_BYTES];
    char seekers[FIGURE_BYTES], recorded[CPTS_INSTANT_TEXT_BYTES];
    write_figure(session, week->snp_slot_count, snp);
    write_figure(session, week->doctor_slot_count, slots);
    write_share(session, week->snp_slot_count, week->doctor_slot_count, share);
    write_figure(session, week->place_count, places);
    write_figure(session, count_seekers(week), seekers);
    cpts_instant_format(week->recorded_at_us, recorded);
    grid_row(grid, (const char *[]){week->week, snp, slots, share, places, seekers, recorded});
}

static bool print_weeks(const struct session *session, const struct cpts_capacity *capacity)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "week", .heading = "WEEK"},
        {.name = "snp_slot_count", .heading = "SNP SLOTS", .is_number = true},
        {.name = "doctor_slot_count", .heading = "ALL SLOTS", .is_number = true},
        {.name = "snp_percent", .heading = "SHARE", .is_number = true},
        {.name = "place_count", .heading = "PLACES", .is_number = true},
        {.name = "seeker_count", .heading = "SEEKERS", .is_number = true},
        {.name = "recorded_at"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < capacity->week_count; i++)
        add_week(session, grid, &capacity->weeks[i]);
    bool is_fine = grid_end(grid, 0);
    if (session->form != FORM_OWN)
        return is_fine;
    if (capacity->latest_week[0] == '\0')
        puts("\nNo slots or places are known.");
    else
        printf("\nLatest: %s, ended %d days ago.\n", capacity->latest_week,
               capacity->latest_age_days);
    if (capacity->seekers_withheld)
        puts("People who seek a médecin traitant: told to the CPTS, its ARS and the nodes.");
    print_objective(capacity->objective);
    print_synthetic(session, capacity->synthetic);
    return is_fine && ferror(stdout) == 0;
}

int verb_capacity_show(struct session *session, const struct arguments *arguments)
{
    struct cpts_capacity_query query = {.size = sizeof query,
                                        .from_week = arguments_value(arguments, "from"),
                                        .to_week = arguments_value(arguments, "to")};
    struct cpts_capacity *capacity = NULL;
    struct cpts_error err;
    int code = input_id(arguments, 0, &query.id);
    if (code == EXIT_CODE_OK)
        code = input_instant(arguments, "known-at", &query.known_at_us);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_capacity_get(session->client, &query, 0, &capacity, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_capacity_json(capacity, INDENT));
    else
        code = print_weeks(session, capacity) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_capacity_free(capacity);
    return code;
}

/* --- board --------------------------------------------------------------------- */

static void add_cell(const struct session *session, struct grid *grid,
                     const struct cpts_capacity_board *board, const struct cpts_capacity_cell *cell)
{
    char live[FIGURE_BYTES], reporting[FIGURE_BYTES], snp[FIGURE_BYTES], share[FIGURE_BYTES];
    char places[FIGURE_BYTES], counting[FIGURE_BYTES], people[FIGURE_BYTES];
    grid_figure(session, cell->cpts_count, live);
    grid_figure(session, cell->reporting_count, reporting);
    grid_figure(session, cell->snp_slot_count, snp);
    write_share(session, cell->share_snp_slot_count, cell->share_doctor_slot_count, share);
    grid_figure(session, cell->place_count, places);
    grid_figure(session, cell->seeker_cpts_count, counting);
    write_figure(session, cell->seeker_count, people);
    if (cell->seekers_suppressed && session->form == FORM_OWN)
        snprintf(people, sizeof people, "withheld");
    grid_row(grid, (const char *[]){cell->key, cell->key[0] == '\0' ? "France" : cell->name,
                                    reporting, live, snp, share, places, counting, people,
                                    cell->seekers_suppressed ? "true" : "false", board->week,
                                    board->synthetic ? "true" : "false"});
}

static bool print_cells(const struct session *session, const struct cpts_capacity_board *board)
{
    static const struct grid_column COLUMNS[] = {
        {.name = "key"},
        {.name = "name", .heading = "TERRITORY"},
        {.name = "reporting_count", .heading = "REPORTING", .is_number = true},
        {.name = "cpts_count", .heading = "OF", .is_number = true},
        {.name = "snp_slot_count", .heading = "SNP SLOTS", .is_number = true},
        {.name = "snp_percent", .heading = "SHARE", .is_number = true},
        {.name = "place_count", .heading = "PLACES", .is_number = true},
        {.name = "seeker_cpts_count", .heading = "COUNTING", .is_number = true},
        {.name = "seeker_count", .heading = "SEEKERS", .is_number = true},
        {.name = "seekers_suppressed"},
        {.name = "week"},
        {.name = "synthetic"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < board->cell_count; i++)
        add_cell(session, grid, board, &board->cells[i]);
    return grid_end(grid, session->form == FORM_OWN ? INDENT : 0);
}

static bool has_withheld(const struct cpts_capacity_board *board)
{
    for (size_t i = 0; i < board->cell_count; i++) {
        if (board->cells[i].seekers_suppressed)
            return true;
    }
    return false;
}

static bool print_board(const struct session *session, const struct cpts_capacity_board *board)
{
    printf("%sCapacity of the CPTS, week %s%s\n", terminal_style(&session->terminal, STYLE_BOLD),
           board->week, terminal_style(&session->terminal, STYLE_RESET));
    print_synthetic(session, board->synthetic);
    putchar('\n');
    bool is_fine = print_cells(session, board);
    printf("\n%sSHARE: SNP slots among all slots, of the CPTS that tell both.\n",
           terminal_style(&session->terminal, STYLE_DIM));
    print_objective(board->objective);
    printf("SEEKERS: people who seek a médecin traitant, counted once, on %s%s.\n",
           board->seekers_on, board->seekers_closed ? "" : ": not yet");
    if (has_withheld(board))
        printf("withheld: fewer than %d people, or a count that would give such a one away.\n",
               board->threshold_count);
    fputs(terminal_style(&session->terminal, STYLE_RESET), stdout);
    return is_fine && ferror(stdout) == 0;
}

int verb_capacity_board(struct session *session, const struct arguments *arguments)
{
    struct cpts_capacity_board *board = NULL;
    struct cpts_error err;
    int code = session_connect(session, arguments, 0);
    if (code != EXIT_CODE_OK)
        return code;
    if (cpts_capacity_board_get(session->client, arguments_value(arguments, "week"), 0, &board,
                                &err) != CPTS_OK)
        return failure_print(&err);
    bool is_fine = true;
    if (session->form == FORM_IS_JSON)
        is_fine = print_json(cpts_capacity_board_json(board, INDENT)) == EXIT_CODE_OK;
    else
        is_fine =
            session->form == FORM_OWN ? print_board(session, board) : print_cells(session, board);
    cpts_capacity_board_free(board);
    return is_fine ? EXIT_CODE_OK : EXIT_CODE_ERROR;
}
