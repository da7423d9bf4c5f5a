/* SPDX-License-Identifier: Apache-2.0 */
#include "deed.h"

#include <cpts/registry.h>
#include <stdio.h>

#include "failure.h"
#include "input.h"

#define JSON_INDENT 2

int deed_missing(const struct arguments *arguments, const char *option)
{
    return usage_error(arguments->command, "--%s is missing", option);
}

/* Warnings on stderr, the outcome on stdout. */
static int print_outcome(const struct session *session, const struct cpts_outcome *outcome,
                         const char *what, const char *id)
{
    for (size_t i = 0; i < outcome->warning_count && !session->is_quiet; i++)
        fprintf(stderr, "warning: %s: %s%s%s\n", outcome->warnings[i].reason,
                outcome->warnings[i].message, outcome->warnings[i].field[0] == '\0' ? "" : ", at ",
                outcome->warnings[i].field);
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_outcome_json(outcome, JSON_INDENT));
    if (session->is_quiet)
        printf("%s\n", id);
    else
        printf("%s %s: version %d, log position %lld%s\n", what, id, outcome->version,
               (long long)outcome->log_position, outcome->replayed ? " (it was done already)" : "");
    return EXIT_CODE_OK;
}

int deed_finish(const struct session *session, cpts_status status, const struct deed *deed,
                const struct cpts_error *err)
{
    if (status != CPTS_OK)
        return failure_print_command(err, deed->command_id, deed->version);
    int code = print_outcome(session, deed->outcome, deed->what,
                             deed->id == NULL ? deed->outcome->id : deed->id);
    cpts_outcome_free(deed->outcome);
    return code;
}

int deed_version(struct session *session, const struct arguments *arguments, const char *id,
                 int32_t *ret_version)
{
    struct cpts_record *record = NULL;
    struct cpts_error err;
    if (arguments_has(arguments, "version"))
        return input_number(arguments, "version", 1, INT32_MAX, ret_version);
    if (cpts_registry_get(session->client, id, NULL, 0, &record, &err) != CPTS_OK)
        return failure_print(&err);
    *ret_version = record->version;
    cpts_record_free(record);
    return EXIT_CODE_OK;
}

int deed_check_repetition(const struct arguments *arguments)
{
    if (!arguments_has(arguments, "command-id") || arguments_has(arguments, "version"))
        return EXIT_CODE_OK;
    return usage_error(arguments->command,
                       "--command-id needs --version, so that a repetition is the same command");
}
