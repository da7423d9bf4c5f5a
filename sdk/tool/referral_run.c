/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_run.h"

#include <stdio.h>
#include <string.h>

#include "failure.h"
#include "input.h"
#include "key_input.h"

#define JSON_INDENT 2

static const char *settle(const struct referral_run *run, const char *option,
                          const char *of_profile)
{
    const char *value = arguments_value(run->arguments, option);
    if (value != NULL)
        return value;
    return of_profile[0] == '\0' ? NULL : of_profile;
}

/* On whose behalf; a part that the words give stands for all of it. */
static int read_actor(struct referral_run *run)
{
    static const struct profile NOTHING;
    const struct arguments *words = run->arguments;
    bool is_given = arguments_value(words, "rpps") != NULL || arguments_value(words, "function");
    const struct profile *profile = is_given ? &NOTHING : &run->session->profile;
    const char *purpose = arguments_value(words, "purpose");
    if (purpose == NULL)
        purpose = run->session->profile.purpose[0] == '\0' ? "CARE" : run->session->profile.purpose;
    run->actor = (struct cpts_actor){.size = sizeof run->actor,
                                     .rpps = settle(run, "rpps", profile->rpps),
                                     .profession = settle(run, "as", profile->profession),
                                     .function = settle(run, "function", profile->function)};
    if (!cpts_purpose_parse(purpose, &run->actor.purpose))
        return usage_error(words->command,
                           "--purpose %s is none of care, coordination, desk, maintenance",
                           purpose);
    if (run->actor.rpps == NULL && run->actor.function == NULL)
        return usage_error(words->command,
                           "on whose behalf? --rpps with --as, or --function, or the profile");
    return EXIT_CODE_OK;
}

static int read_words(struct referral_run *run)
{
    const struct arguments *words = run->arguments;
    bool is_one = strncmp(words->command->operands, "REFERRAL", strlen("REFERRAL")) == 0;
    int code = is_one ? input_id(words, 0, &run->id) : EXIT_CODE_OK;
    if (code == EXIT_CODE_OK)
        code = input_uuid(words, "command-id", run->command_id);
    if (code == EXIT_CODE_OK && arguments_has(words, "version"))
        code = input_number(words, "version", 1, INT32_MAX, &run->version);
    if (code == EXIT_CODE_OK && arguments_has(words, "command-id") && run->version == 0 && is_one)
        code = usage_error(words->command, "--command-id needs --version, so that a repetition is "
                                           "the same command");
    run->assignment_id = arguments_value(words, "assignment");
    run->reason = arguments_value(words, "reason");
    return code;
}

int referral_run_begin(struct referral_run *run, struct session *session,
                       const struct arguments *arguments)
{
    *run = (struct referral_run){.session = session, .arguments = arguments};
    int code = read_words(run);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    return code == EXIT_CODE_OK ? read_actor(run) : code;
}

int referral_run_see(struct referral_run *run)
{
    struct cpts_error err;
    cpts_status status =
        cpts_referral_get(run->session->client, run->id, &run->actor, 0, &run->seen, &err);
    return status == CPTS_OK ? EXIT_CODE_OK : failure_print(&err);
}

int referral_run_unlock(struct referral_run *run)
{
    if (run->store != NULL)
        return EXIT_CODE_OK;
    return key_store_open(run->session, run->arguments, CPTS_KEYSTORE_CPTS, &run->store);
}

static void print_next(const struct cpts_referral_outcome *outcome)
{
    for (size_t i = 0; i < outcome->allowed_count; i++)
        printf("%s%s", i == 0 ? "; next: " : ", ", cpts_referral_event_name(outcome->allowed[i]));
}

/* A step changes what a reader finds: the state, else the status. */
static void print_outcome(const struct cpts_referral_outcome *outcome, const char *what)
{
    const char *state = outcome->state == CPTS_ASSIGNMENT_UNSPECIFIED
                            ? cpts_referral_status_name(outcome->status)
                            : cpts_assignment_state_name(outcome->state);
    printf("%s %s: %s, version %d, log position %lld%s", what, outcome->id, state,
           (int)outcome->version, (long long)outcome->log_position,
           outcome->replayed ? " (it was done already)" : "");
    print_next(outcome);
    putchar('\n');
}

int referral_run_finish(const struct referral_run *run, cpts_status status, const char *what,
                        struct cpts_referral_outcome *outcome, const struct cpts_error *err)
{
    if (status != CPTS_OK)
        return failure_print_command(err, run->command_id, run->version);
    int code = EXIT_CODE_OK;
    if (run->session->form == FORM_IS_JSON)
        code = print_json(cpts_referral_outcome_json(outcome, JSON_INDENT));
    else if (run->session->is_quiet)
        puts(outcome->id);
    else
        print_outcome(outcome, what);
    cpts_referral_outcome_free(outcome);
    return code;
}

bool referral_run_folder(const struct referral_run *run, char ret_folder[PATH_MAX])
{
    const char *given = arguments_value(run->arguments, "keep");
    const char *path = run->session->profile.path;
    const char *slash = strrchr(path, '/');
    int folder_bytes = slash == NULL ? 0 : (int)(slash - path) + 1;
    int length = given != NULL ? snprintf(ret_folder, PATH_MAX, "%s", given)
                               : snprintf(ret_folder, PATH_MAX, "%.*ssent", folder_bytes, path);
    return length > 0 && length < PATH_MAX;
}

void referral_run_end(struct referral_run *run)
{
    cpts_keystore_close(run->store);
    cpts_referral_free(run->seen);
}
