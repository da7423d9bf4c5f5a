/* SPDX-License-Identifier: Apache-2.0 */
/* representatives list and record. */
#include <cpts/governance.h>
#include <stdio.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "member_input.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define INDENT 2

static const struct grid_column COLUMNS[] = {
    {.name = "representative_id", .heading = "SEAT"},
    {.name = "association", .heading = "ASSOCIATION"},
    {.name = "approval_reference", .heading = "APPROVAL"},
    {.name = "designated_on", .heading = "DESIGNATED"},
    {.name = "designation_reference", .heading = "DECISION"},
    {.name = "trained_on", .heading = "TRAINED"},
    {.name = "voice", .heading = "VOICE"},
    {.name = "seated_on", .heading = "FROM"},
    {.name = "left_on", .heading = "UNTIL"},
};

/* The training is compulsory: a seat without it is said to be so. */
static bool print_seats(const struct session *session, const struct cpts_representatives *all)
{
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    size_t untrained = 0;
    for (size_t i = 0; grid != NULL && i < all->seat_count; i++) {
        const struct cpts_representative *seat = &all->seats[i];
        bool is_trained = seat->trained_on[0] != '\0';
        untrained += !is_trained;
        grid_row(grid, (const char *[]){
                           seat->representative_id, seat->association, seat->approval_reference,
                           seat->designated_on, seat->designation_reference,
                           is_trained || session->form != FORM_OWN ? seat->trained_on : "not yet",
                           cpts_voice_name(seat->voice), seat->seated_on, seat->left_on});
    }
    bool is_fine = grid_end(grid, 0);
    if (session->form == FORM_OWN && !session->is_quiet)
        fprintf(stderr, "\n%zu seats, %zu without the compulsory training\n", all->seat_count,
                untrained);
    return is_fine;
}

int verb_representatives_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_representatives *seats = NULL;
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
    if (cpts_representatives_list(session->client, id, &when, 0, &seats, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_representatives_json(seats, INDENT));
    else
        code = print_seats(session, seats) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_representatives_free(seats);
    return code;
}

static int read_texts(const struct arguments *arguments, struct cpts_representative *seat)
{
    const struct {
        const char *option;
        const char **field;
    } TEXTS[] = {{"association", &seat->association},
                 {"approval", &seat->approval_reference},
                 {"decision", &seat->designation_reference}};
    for (int i = 0; i < COUNT(TEXTS); i++) {
        *TEXTS[i].field = arguments_value(arguments, TEXTS[i].option);
        if (*TEXTS[i].field == NULL)
            return deed_missing(arguments, TEXTS[i].option);
    }
    return EXIT_CODE_OK;
}

static int read_seat(const struct arguments *arguments, struct cpts_representative *seat)
{
    uint8_t seat_id[CPTS_UUID_BYTES];
    seat->voice = CPTS_VOICE_DELIBERATIVE;
    seat->representative_id = arguments_value(arguments, "seat");
    int code = input_uuid(arguments, "seat", seat_id);
    if (code == EXIT_CODE_OK)
        code = read_texts(arguments, seat);
    if (code == EXIT_CODE_OK)
        code = member_input_date(arguments, "designated", &seat->designated_on);
    if (code == EXIT_CODE_OK)
        code = member_input_date(arguments, "on", &seat->seated_on);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "trained", &seat->trained_on);
    if (code == EXIT_CODE_OK)
        code = input_date(arguments, "until", &seat->left_on);
    return code == EXIT_CODE_OK ? member_input_voice(arguments, &seat->voice) : code;
}

int verb_representatives_record(struct session *session, const struct arguments *arguments)
{
    struct cpts_representative_change change = {.size = sizeof change};
    struct deed deed = {.what = "Recorded the seat"};
    struct cpts_error err;
    int code = input_id(arguments, 0, &change.id);
    if (code == EXIT_CODE_OK)
        code = read_seat(arguments, &change.seat);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed.command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    deed.version = change.expected_version;
    cpts_status status = cpts_representative_record(session->client, &change, deed.command_id, 0,
                                                    &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}
