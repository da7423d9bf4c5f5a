/* SPDX-License-Identifier: Apache-2.0 */
#include "deed.h"

#include <stdio.h>

#include "failure.h"
#include "input.h"

#define JSON_INDENT 2

int deed_missing(const struct arguments *arguments, const char *option)
{
    return usage_error(arguments->command, "--%s is missing", option);
}

static void print_closed(const struct session *session, const struct cpts_outcome *outcome)
{
    for (size_t i = 0; i < outcome->closed_count && !session->is_quiet; i++) {
        const struct cpts_closed_item *item = &outcome->closed[i];
        if (item->count > 0)
            fprintf(stderr, "went on: %d %s %s\n", item->count, item->type, item->kind);
        else
            fprintf(stderr, "ended: %s %s%s%s%s%s\n", item->type, item->kind,
                    item->mission[0] == '\0' ? "" : " of ", item->mission,
                    item->due_on[0] == '\0' ? "" : ", due ", item->due_on);
    }
}

/* Warnings on stderr, the outcome on stdout. */
static int print_outcome(const struct session *session, const struct deed *deed, const char *id)
{
    const struct cpts_outcome *outcome = deed->outcome;
    for (size_t i = 0; i < outcome->warning_count && !session->is_quiet; i++)
        fprintf(stderr, "warning: %s: %s%s%s\n", outcome->warnings[i].reason,
                outcome->warnings[i].message, outcome->warnings[i].field[0] == '\0' ? "" : ", at ",
                outcome->warnings[i].field);
    print_closed(session, outcome);
    if (session->form == FORM_IS_JSON)
        return print_json(cpts_outcome_json(outcome, JSON_INDENT));
    if (session->is_quiet)
        printf("%s\n", deed->makes_id ? outcome->id : id);
    else
        printf("%s %s: version %d, log position %lld%s%s%s\n", deed->what, id, outcome->version,
               (long long)outcome->log_position, deed->makes_id ? ", id " : "",
               deed->makes_id ? outcome->id : "",
               outcome->replayed ? " (it was done already)" : "");
    return EXIT_CODE_OK;
}

int deed_finish(const struct session *session, cpts_status status, const struct deed *deed,
                const struct cpts_error *err)
{
    if (status != CPTS_OK)
        return failure_print_command(err, deed->command_id, deed->version);
    int code = print_outcome(session, deed, deed->id == NULL ? deed->outcome->id : deed->id);
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

int deed_check(const struct arguments *arguments)
{
    if (!arguments_has(arguments, "command-id") || arguments_has(arguments, "version"))
        return EXIT_CODE_OK;
    return usage_error(arguments->command,
                       "--command-id needs --version, so that a repetition is the same command");
}

int deed_begin(struct session *session, const struct arguments *arguments, struct deed *deed,
               const char **ret_id, int32_t *ret_version)
{
    int code = input_id(arguments, 0, ret_id);
    if (code == EXIT_CODE_OK)
        code = deed_check(arguments);
    if (code == EXIT_CODE_OK)
        code = input_uuid(arguments, "command-id", deed->command_id);
    if (code == EXIT_CODE_OK)
        code = session_connect(session, arguments, 0);
    if (code == EXIT_CODE_OK)
        code = deed_version(session, arguments, *ret_id, ret_version);
    deed->id = *ret_id;
    deed->version = *ret_version;
    return code;
}

int deed_date(const struct arguments *arguments, const char **ret_date)
{
    int code = input_date(arguments, "on", ret_date);
    if (code == EXIT_CODE_OK && *ret_date == NULL)
        code = deed_missing(arguments, "on");
    return code;
}

int deed_documents(const struct arguments *arguments, const char **ret_ids, size_t *ret_count)
{
    uint8_t uuid[CPTS_UUID_BYTES];
    size_t count = arguments_count(arguments, "document");
    if (count > DEED_DOCUMENTS_MAX)
        return usage_error(arguments->command, "more than %d times --document", DEED_DOCUMENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        ret_ids[i] = arguments_nth(arguments, "document", i);
        if (!cpts_uuid_parse(ret_ids[i], uuid))
            return usage_error(arguments->command,
                               "--document %s is not an id: cptsctl lifecycle show lists them",
                               ret_ids[i]);
    }
    *ret_count = count;
    return EXIT_CODE_OK;
}
