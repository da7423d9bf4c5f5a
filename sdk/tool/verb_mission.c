/* SPDX-License-Identifier: Apache-2.0 */
/* cptsctl mission list, set, plan, crisis. */
#include <cpts/mission.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "grid.h"
#include "input.h"
#include "session.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))
#define JSON_INDENT 2
#define TEXTS_MAX 30
#define WORD_BYTES 32
#define KIND_MAX 4

/* The number whose name an operand is, in any case; 0 after saying that it is
 * none. */
static int read_word(const struct arguments *arguments, int operand, const char *what,
                     const char *(*name)(int number))
{
    char word[WORD_BYTES] = "";
    for (size_t i = 0; i < WORD_BYTES - 1 && arguments->operands[operand][i] != '\0'; i++) {
        int letter = toupper((unsigned char)arguments->operands[operand][i]);
        word[i] = (char)(letter == '-' ? '_' : letter);
    }
    for (int number = 1; number <= KIND_MAX; number++) {
        if (word[0] != '\0' && strcmp(name(number), word) == 0)
            return number;
    }
    usage_error(arguments->command, "%s is no %s: %s, %s, %s ...", arguments->operands[operand],
                what, name(1), name(2), name(3));
    return 0;
}

static const char *status_name(int number)
{
    return cpts_mission_status_name((enum cpts_mission_status)number);
}

static const char *crisis_name(int number)
{
    return cpts_crisis_kind_name((enum cpts_crisis_kind)number);
}

int verb_mission_set(struct session *session, const struct arguments *arguments)
{
    struct cpts_mission_change change = {.size = sizeof change,
                                         .mission = arguments->operands[1],
                                         .correction = arguments_has(arguments, "correct")};
    struct deed deed = {.what = "Recorded a mission of"};
    struct cpts_error err;
    int status = read_word(arguments, 2, "status", status_name);
    if (status == 0)
        return EXIT_CODE_USAGE;
    change.status = (enum cpts_mission_status)status;
    int code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status done =
        cpts_mission_record(session->client, &change, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, done, &deed, &err);
}

/* Every value of an option that repeats. */
static int read_texts(const struct arguments *arguments, const char *option, const char **ret_texts,
                      size_t *ret_count)
{
    *ret_count = arguments_count(arguments, option);
    if (*ret_count > TEXTS_MAX)
        return usage_error(arguments->command, "more than %d times --%s", TEXTS_MAX, option);
    for (size_t i = 0; i < *ret_count; i++)
        ret_texts[i] = arguments_nth(arguments, option, i);
    return EXIT_CODE_OK;
}

int verb_mission_plan(struct session *session, const struct arguments *arguments)
{
    const char *objectives[TEXTS_MAX], *actions[TEXTS_MAX];
    bool is_adopted = arguments_has(arguments, "adopted");
    struct cpts_plan_change change = {.size = sizeof change,
                                      .mission = arguments->operands[1],
                                      .state = is_adopted ? CPTS_PLAN_ADOPTED : CPTS_PLAN_PROPOSED,
                                      .objectives = objectives,
                                      .actions = actions};
    struct deed deed = {.what = is_adopted ? "Adopted a plan of" : "Proposed a plan of"};
    struct cpts_error err;
    int code = read_texts(arguments, "objective", objectives, &change.objective_count);
    if (code == EXIT_CODE_OK)
        code = read_texts(arguments, "action", actions, &change.action_count);
    if (code == EXIT_CODE_OK && change.objective_count + change.action_count == 0)
        code = deed_missing(arguments, "objective");
    if (code == EXIT_CODE_OK)
        code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status done =
        cpts_mission_set_plan(session->client, &change, deed.command_id, 0, &deed.outcome, &err);
    return deed_finish(session, done, &deed, &err);
}

int verb_mission_crisis(struct session *session, const struct arguments *arguments)
{
    struct cpts_crisis_change change = {.size = sizeof change,
                                        .withdrawn = arguments_has(arguments, "withdraw")};
    struct deed deed = {.what = "Recorded the crisis mission of"};
    struct cpts_error err;
    int kind = read_word(arguments, 1, "kind", crisis_name);
    if (kind == 0)
        return EXIT_CODE_USAGE;
    change.kind = (enum cpts_crisis_kind)kind;
    int code = deed_date(arguments, &change.effective_on);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &change.id, &change.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status done = cpts_mission_record_crisis(session->client, &change, deed.command_id, 0,
                                                  &deed.outcome, &err);
    return deed_finish(session, done, &deed, &err);
}

static bool print_table(const struct session *session, const struct cpts_missions *missions)
{
    static const struct grid_column COLUMNS[] = {{.name = "mission", .heading = "MISSION"},
                                                 {.name = "obligation", .heading = "OBLIGATION"},
                                                 {.name = "status", .heading = "STATUS"},
                                                 {.name = "status_on", .heading = "SINCE"},
                                                 {.name = "start_due_on", .heading = "START BY"},
                                                 {.name = "deploy_due_on", .heading = "DEPLOY BY"},
                                                 {.name = "label", .heading = "NAME"}};
    struct grid *grid = grid_new(session, COLUMNS, COUNT(COLUMNS), stdout);
    for (size_t i = 0; grid != NULL && i < missions->mission_count; i++) {
        const struct cpts_mission *one = &missions->missions[i];
        grid_row(grid, (const char *[]){one->mission, one->obligation,
                                        cpts_mission_status_name(one->status), one->status_on,
                                        one->start_due_on, one->deploy_due_on, one->label});
    }
    return grid_end(grid, 0);
}

static void print_plan(const struct cpts_mission *mission, const struct cpts_mission_plan *plan)
{
    if (plan == NULL)
        return;
    printf("\n%s, %s from %s\n", mission->mission, cpts_plan_state_name(plan->state),
           plan->effective_on);
    for (size_t i = 0; i < plan->objective_count; i++)
        printf("  objective: %s\n", plan->objectives[i]);
    for (size_t i = 0; i < plan->action_count; i++)
        printf("  action: %s\n", plan->actions[i]);
}

static bool print_missions(const struct session *session, const struct cpts_missions *missions)
{
    bool is_fine = print_table(session, missions);
    if (session->form != FORM_OWN)
        return is_fine;
    for (size_t i = 0; i < missions->mission_count; i++) {
        const struct cpts_mission *one = &missions->missions[i];
        print_plan(one, one->adopted);
        print_plan(one, one->proposed);
        for (size_t j = 0; j < one->crisis_count; j++)
            printf("%s  %s on %s\n", j == 0 ? "\n" : "", cpts_crisis_kind_name(one->crises[j].kind),
                   one->crises[j].effective_on);
    }
    if (missions->synthetic && !session->is_quiet)
        puts("\nSYNTHETIC DATA: an invented CPTS");
    return is_fine;
}

int verb_mission_list(struct session *session, const struct arguments *arguments)
{
    struct cpts_when when = {.size = sizeof when};
    struct cpts_missions *missions = NULL;
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
    if (cpts_mission_list(session->client, id, &when, 0, &missions, &err) != CPTS_OK)
        return failure_print(&err);
    if (session->form == FORM_IS_JSON)
        code = print_json(cpts_missions_json(missions, JSON_INDENT));
    else
        code = print_missions(session, missions) ? EXIT_CODE_OK : EXIT_CODE_ERROR;
    cpts_missions_free(missions);
    return code;
}
