/* SPDX-License-Identifier: Apache-2.0 */
#include "failure.h"

#include <cpts/value.h>
#include <stdio.h>
#include <string.h>

#include "command_table.h"
#include "peer_text.h"

/* clang-format off */
static const struct {
    const char *reason, *advice;
} ADVICE[] = {
    {"CONFIGURATION_INVALID", "Run deploy/quickstart, or name a profile with --profile FILE."},
    {"CONNECTION_FAILED",     "Is the node up, with these certificates? See deploy/quickstart."},
    {"DEADLINE_PASSED",       "Try again, or give it more time with --timeout SECONDS."},
    {"OUTCOME_UNKNOWN",       "Repeat it with the same --command-id: it takes effect once."},
    {"COMMAND_KEPT",          "Do not repeat it: cptsctl outbox send sends it."},
    {"OUTBOX_FULL",           "cptsctl outbox send, or cptsctl outbox forget what was refused."},
    {"COMMAND_NOT_FOUND",     "cptsctl outbox list shows the ids."},
    {"COMMAND_POSSIBLY_ACCEPTED", "cptsctl outbox send tells what became of it."},
    {"LOCAL_FILE_INVALID",    "Check the path in the profile; nothing was changed."},
    {"LOCAL_FILE_BUSY",       "Another process writes to it. Try again in a moment."},
    {"QUEUE_FULL",            "Try again in a moment."},
    {"DATABASE_UNAVAILABLE",  "Nothing was changed. Try again in a moment."},
    {"DATABASE_BUSY",         "Nothing was changed. Try again in a moment."},
    {"SHUTTING_DOWN",         "Try again in a moment."},
    {"STALE_VERSION",         "Read it again with cptsctl cpts get, then decide again."},
    {"COMMAND_ID_REUSED",     "Leave --command-id out for a new command."},
    {"CPTS_NOT_FOUND",        "cptsctl cpts list shows the ids you may read."},
    {"ILLEGAL_STAGE_STEP",    "Live stages follow each other; cptsctl cpts get shows it."},
    {"STAGE_DATE_BEFORE_CURRENT", "Choose a date after the current stage's."},
    {"EVIDENCE_MISSING",      "Record them with cptsctl lifecycle document, then name their ids."},
    {"NOT_THE_DECIDER",       "cptsctl lifecycle rules says who decides; its ARS records it."},
    {"TACIT_NOT_DUE",         "Wait for the date in the detail, or decide on documents."},
    {"FILING_NOT_COMPLETE",   "cptsctl lifecycle file ID PROJET_VALIDE COMPLETE starts the delay."},
    {"UNKNOWN_KIND",          "cptsctl lifecycle codes lists the codes."},
    {"DOCUMENT_NOT_FOUND",    "cptsctl lifecycle show lists the documents and their ids."},
    {"NOTHING_TO_CORRECT",    "cptsctl history show says what is believed."},
    {"MERGE_NOT_CORRECTABLE", "Correct its successor with cptsctl history territory."},
    {"KNOWN_AT_IN_FUTURE",    "Leave --known-at out for what is believed now."},
    {"NOT_OWNER",             "Send it to the owner's node, named in the detail."},
    {"ENROLMENT_TOKEN_INVALID", "Is the whole token there? Else ask for another."},
    {"ENROLMENT_EXPIRED",     "Ask whoever sent the token for another."},
    {"ENROLMENT_REVOKED",     "Ask whoever sent the token for another."},
    {"ENROLMENT_USED",        "If that was not you, tell whoever sent it at once."},
    {"AUTHORITY_UNKNOWN",     "Check --address; then tell whoever sent the token."},
    {"KEY_NOT_VOUCHED",       "Trust none of it: ask the CPTS or its key authority."},
    {"KEY_NOT_PUBLISHED",     "That CPTS has to publish a key first: cptsctl key generate --help."},
    {"KEY_SERIAL_NOT_NEXT",   "cptsctl key list says which serials are published."},
    {"KEY_STORE_INVALID",     "Check the path and the passphrase; nothing was changed."},
    {"NO_IDENTITY",           "Check the certificate in the profile."},
    {"UNKNOWN_IDENTITY",      "This certificate has no role today: ask the node's operator."},
    {"ROLE_NOT_ALLOWED",      "None of this certificate's roles may do that."},
    {"OUT_OF_SCOPE",          "Ask the region that leads this CPTS."},
    {"UNKNOWN_REGION",        "cptsctl regions lists the codes."},
    {"INSTANT_CHANGED",       "Nothing was written. Try again in a moment."},
    {"TERRITORY_SHARE_EXCEEDED", "Agree on shares with the CPTS of the detail; at most 1 in all."},
    {"UNIT_NESTED",           "Name the commune, or its IRIS, not both."},
    {"REFERENCE_CHANGED",     "Nothing was changed. Try again in a moment."},
    {"UNIT_MERGED_IN_PERIOD", "Record up to the merger, and again from its date on."},
    {"UNKNOWN_UNIT",          "An INSEE code has five characters, as in 01004 or 2A004."},
};
/* clang-format on */

cpts_status failure_set(struct cpts_error *err, cpts_status status, const char *reason,
                        const char *message)
{
    memset(err, 0, sizeof *err);
    err->status = status;
    snprintf(err->reason, sizeof err->reason, "%s", reason);
    snprintf(err->message, sizeof err->message, "%s", message);
    return status;
}

cpts_status failure_no_memory(struct cpts_error *err, const char *what)
{
    (void)failure_set(err, CPTS_RESOURCE_EXHAUSTED, "OUT_OF_MEMORY", "");
    snprintf(err->message, sizeof err->message, "no memory for %s", what);
    return err->status;
}

const char *failure_advice(const char *reason)
{
    for (size_t i = 0; i < sizeof ADVICE / sizeof ADVICE[0]; i++) {
        if (strcmp(ADVICE[i].reason, reason) == 0)
            return ADVICE[i].advice;
    }
    return NULL;
}

int failure_exit_code(const struct cpts_error *err)
{
    switch (err->status) {
    case CPTS_OK:
        return EXIT_CODE_OK;
    case CPTS_NOT_FOUND:
        return EXIT_CODE_NOT_FOUND;
    case CPTS_PERMISSION_DENIED:
    case CPTS_UNAUTHENTICATED:
        return EXIT_CODE_DENIED;
    case CPTS_UNAVAILABLE:
    case CPTS_DEADLINE_EXCEEDED:
        return EXIT_CODE_UNAVAILABLE;
    case CPTS_RESOURCE_EXHAUSTED:
        return err->retryable ? EXIT_CODE_UNAVAILABLE : EXIT_CODE_ERROR;
    case CPTS_UNKNOWN:
        return EXIT_CODE_UNKNOWN;
    case CPTS_ABORTED:
    case CPTS_ALREADY_EXISTS:
        return EXIT_CODE_CONFLICT;
    case CPTS_FAILED_PRECONDITION:
        return strcmp(err->reason, "CONFIGURATION_INVALID") == 0 ? EXIT_CODE_ERROR
                                                                 : EXIT_CODE_CONFLICT;
    case CPTS_CANCELLED:
    case CPTS_INVALID_ARGUMENT:
    case CPTS_OUT_OF_RANGE:
    case CPTS_UNIMPLEMENTED:
    case CPTS_INTERNAL:
    case CPTS_DATA_LOSS:
        break;
    }
    return EXIT_CODE_ERROR;
}

static void print_fact(const char *before, const char *text)
{
    fputs(before, stderr);
    peer_text_print_line(stderr, text);
}

static void print_fact_line(const char *before, const char *text)
{
    if (text[0] == '\0')
        return;
    print_fact(before, text);
    fputc('\n', stderr);
}

void failure_facts(const struct cpts_error *err)
{
    print_fact("cptsctl: ", err->reason[0] == '\0' ? cpts_status_name(err->status) : err->reason);
    print_fact(": ", err->message);
    fputc('\n', stderr);
    print_fact_line("  field:  ", err->field);
    print_fact_line("  detail: ", err->detail);
}

static void print_advice(const struct cpts_error *err)
{
    const char *advice = failure_advice(err->reason);
    if (advice != NULL)
        fprintf(stderr, "  next:   %s\n", advice);
}

int failure_print(const struct cpts_error *err)
{
    failure_facts(err);
    print_advice(err);
    return failure_exit_code(err);
}

int failure_print_command(const struct cpts_error *err, const uint8_t *command_id, int32_t version)
{
    char text[CPTS_UUID_TEXT_BYTES];
    failure_facts(err);
    if (err->status == CPTS_UNKNOWN) {
        cpts_uuid_format(command_id, text);
        fprintf(stderr, "  repeat: --command-id %s", text);
        if (version > 0)
            fprintf(stderr, " --version %d", version);
        fputc('\n', stderr);
    }
    print_advice(err);
    return failure_exit_code(err);
}
