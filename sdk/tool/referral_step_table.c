/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of referrals. */
#include "option_rows.h"
#include "referral_options.h"

/* clang-format off */
static const struct option_row PLAIN_OPTIONS[] = {
    ATTEMPT, ACT_WORDS,
};
static const struct option_row REFUSAL_OPTIONS[] = {
    REASON(" (required)"), NOTE_WORDS(""), ATTEMPT, ACT_WORDS,
};
static const struct option_row TEXT_OPTIONS[] = {
    NOTE_WORDS(" (required)"), ATTEMPT, ACT_WORDS,
};
static const struct option_row SCHEDULE_OPTIONS[] = {
    {"at", "TIME", false, "When care is planned, RFC 3339 (required)"},
    NOTE_WORDS(""), ATTEMPT, ACT_WORDS,
};
static const struct option_row REMARK_OPTIONS[] = {
    NOTE_WORDS(""), ATTEMPT, ACT_WORDS,
};
static const struct option_row REPORT_OPTIONS[] = {
    NOTE_WORDS(""), REASON(""), ATTEMPT, ACT_WORDS,
};
static const struct option_row CODED_OPTIONS[] = {
    REASON(""), ATTEMPT, ACT_WORDS,
};
static const struct option_row ABANDON_OPTIONS[] = {
    REASON(" (required)"), ACT_WORDS,
};

static const char STEP_NOTES[] =
    "The referral is read first and the step judged here by the node's own table:\n"
    "what it forbids is refused with what is allowed. A note is sealed for the other\n"
    "side and kept in --keep before it is sent, so that a repetition is the same.";

#define STEP(verb, text, example, options_) \
    {.name = "referral " verb, .operands = "REFERRAL", .operand_count = 1, \
     .summary = text, \
     .examples = "cptsctl referral " verb " " EXAMPLE_ID example, \
     .notes = STEP_NOTES, .options = options_, .option_count = COUNT(options_), \
     .forms = FORM_JSON, .run = verb_referral_act}
#define WITH(words) " \\\n    " words

static const struct command_row ROWS[] = {
    STEP("accept", "Take a referral: custody moves here, the content opens",
         "", PLAIN_OPTIONS),
    STEP("decline", "Do not take it, for a coded reason",
         WITH("--reason CAPACITY"), REFUSAL_OPTIONS),
    STEP("ask", "Ask the origin for more",
         WITH("--note question.txt"), TEXT_OPTIONS),
    STEP("answer", "Answer the destination",
         WITH("--note answer.txt"), TEXT_OPTIONS),
    STEP("schedule", "Set a date, or move it",
         WITH("--at 2027-01-12T09:30:00Z"), SCHEDULE_OPTIONS),
    STEP("no-show", "The patient did not come",
         "", REMARK_OPTIONS),
    STEP("cancel-visit", "The date is called off",
         "", REMARK_OPTIONS),
    STEP("start", "Care begins",
         "", PLAIN_OPTIONS),
    STEP("report", "Report to the origin; without a note a coded reason",
         WITH("--note report.txt --attach ecg.pdf"), REPORT_OPTIONS),
    STEP("acknowledge", "The report was read: the loop closes",
         "", PLAIN_OPTIONS),
    STEP("dispute", "Contest the report, once",
         WITH("--note why.txt"), TEXT_OPTIONS),
    STEP("withdraw", "Take it back before anybody accepted",
         "", CODED_OPTIONS),
    STEP("request-cancel", "Ask to cancel what was accepted",
         "", REPORT_OPTIONS),
    STEP("confirm-cancel", "Agree to cancel",
         "", PLAIN_OPTIONS),
    STEP("refuse-cancel", "Go on",
         WITH("--note why.txt"), REMARK_OPTIONS),
    STEP("recall", "Take it back from a destination that fell silent",
         "", REMARK_OPTIONS),
    STEP("fail", "Tried and impossible, for a coded reason",
         WITH("--reason PATIENT_UNREACHABLE"), REFUSAL_OPTIONS),
    STEP("enter-in-error", "Recorded by mistake: kept, out of the counts",
         "", CODED_OPTIONS),
    STEP("close", "The desk closes a loop that its origin leaves open",
         "", PLAIN_OPTIONS),
    STEP("abandon", "Give it up, for a coded reason",
         WITH("--reason PATIENT_REFUSED"), ABANDON_OPTIONS),
};

const struct command_group REFERRAL_STEP_COMMANDS = {ROWS, COUNT(ROWS)};
/* clang-format on */
