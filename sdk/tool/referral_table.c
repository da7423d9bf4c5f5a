/* SPDX-License-Identifier: Apache-2.0 */
/* Referrals, but for their steps: referral_step_table.c. */
#include "option_rows.h"
#include "referral_options.h"

/* clang-format off */
static const struct option_row FIND_OPTIONS[] = {
    USE_CASE_WORD(" (snp)"),
    {"profession", "CODE", false, "Profession wanted"},
    {"usual",      "ID",   false, "CPTS of the usual professional, asked first"},
    {"origin",     "ID",   false, "CPTS that asks, left out"},
    {"limit",      "N",    false, "At most that many, 1 to 20 (10)"},
};
static const struct option_row SUBMIT_OPTIONS[] = {
    USE_CASE_WORD(" (required)"),
    {"urgency",    "NAME", false, "within-24h, priority, routine (required)"},
    {"unit",       "CODE", false, "Commune of the need, INSEE code (required)"},
    {"to",         "ID",   true,  "CPTS asked at once; none = unroutable"},
    {"then",       "ID",   true,  "CPTS asked later, in that order"},
    {"offer",      "FILE", false, "What they need to decide, names nobody; - = stdin"},
    {"content",    "FILE", false, "Identity and clinical content; - = stdin"},
    ATTACH,
    {"legal-basis", "NAME", false, "echange or partage (required)"},
    CONSENT_WORDS,
    {"profession", "CODE", false, "Profession wanted"},
    {"speciality", "CODE", false, "Speciality wanted"},
    {"finess",     "NUMBER", false, "Establishment that asks"},
    {"pathway",    "ID",   false, "Pathway it belongs to"},
    {"step",       "CODE", false, "Step of that pathway"},
    AGAIN, KEEP, KEY_WORDS, ACTOR_WORDS,
};
static const struct option_row LIST_OPTIONS[] = {
    USE_CASE_WORD(" (all)"),
    {"limit",      "N",    false, "At most that many (all)"},
    ACTOR_WORDS,
};
static const struct option_row SHOW_OPTIONS[] = {
    {"open",       NULL,   false, "Open what is sealed with the own key"},
    KEY_WORDS, ACTOR_WORDS,
};
static const struct option_row REDIRECT_OPTIONS[] = {
    {"to",         "ID",   true,  "CPTS it goes to (required)"},
    REASON(""), NOTE_WORDS(""), AGAIN, ATTEMPT, ACT_WORDS,
};
static const struct option_row REASSIGN_OPTIONS[] = {
    {"to",         "ID",   true,  "CPTS asked now (required)"},
    {"then",       "ID",   true,  "CPTS asked later, in that order"},
    AGAIN, KEEP, KEY_WORDS, ACT_WORDS,
};
static const struct option_row REWRAP_OPTIONS[] = {
    {"former-store", "FILE", false, "Keys of the CPTS that merged here: for oneself"},
    {"former-passphrase-file", "FILE", false, "What unlocks them, first line"},
    AGAIN, KEEP, KEY_WORDS, ATTEMPT, VERSION, COMMAND_ID, ACTOR_WORDS,
};
static const struct option_row WIDEN_OPTIONS[] = {ACT_WORDS};
static const struct option_row CONSENT_OPTIONS[] = {
    CONSENT_WORDS,
    {"withdraw",   NULL,   false, "It was withdrawn: content is opened no more"},
    VERSION, COMMAND_ID, ACTOR_WORDS,
};
static const struct option_row ERASE_OPTIONS[] = {
    {"why",        "NAME", false, "patient-request or sent-by-mistake (required)"},
    VERSION, COMMAND_ID, ACTOR_WORDS,
};
static const struct option_row OPT_IN_OPTIONS[] = {
    {"out",        NULL,   false, "No longer"},
    VERSION, COMMAND_ID,
};
static const struct option_row PARKED_OPTIONS[] = {
    {"all",        NULL,   false, "Those that were resolved, too"},
    {"discard",    "ID",   false, "Give one up: the state found is right"},
    {"redone",     "ID",   false, "One was decided again, by another command"},
    COMMAND_ID, ACTOR_WORDS,
};
static const struct option_row REASONS_OPTIONS[] = {
    {"of",         "STEP", false, "Of one step, DECLINE (all)"},
};
static const struct option_row STATISTICS_OPTIONS[] = {
    {"by",         "NAME", false, "total, region, origin, destination, use-case, day"},
    {"cpts",       "ID",   false, "Of one CPTS"},
    {"region",     "CODE", false, "Of the CPTS that a region leads (INSEE code)"},
    {"period",     "TEXT", false, "2026-T3 or 2026 (of others, the newest quarter)"},
    {"from",       "DATE", false, "One's own: first day of submission (365 days before)"},
    {"to",         "DATE", false, "One's own: last day (today)"},
    USE_CASE_WORD(", one's own (all)"),
};
static const struct option_row UNMET_OPTIONS[] = {
    {"region",     "CODE", false, "Communes of one region (INSEE code)"},
    {"department", "CODE", false, "Communes of one département"},
    {"period",     "YEAR", false, "The newest that was released"},
};
static const struct option_row WATCH_OPTIONS[] = {
    {"after",    "POSITION", false, "Begin after that place in the log (0)"},
    {"from-now", NULL,   false, "Only what happens from now on"},
    {"position-file", "FILE", false, "Begin where it says, and keep the place in it"},
    {"count",    "N",    false, "End after so many changes"},
    {"until-bookmark", NULL, false, "End once everything recorded was shown"},
    ACTOR_WORDS,
};
static const struct option_row ATTACH_OPTIONS[] = {KEEP, ACTOR_WORDS};
static const struct option_row FETCH_OPTIONS[] = {
    {"into",       "DIR",  false, "Where to (here)"},
    KEY_WORDS, ACTOR_WORDS,
};

#define ACTOR_NOTE \
    "Every read and act is recorded with the person stated: --rpps with --as, or\n" \
    "--function; rpps, profession, function, purpose in the profile."

static const char SUBMIT_NOTES[] =
    "The origin is the CPTS of the own keys. What is vital is refused: 15 or 112.\n"
    "Both parts come from files, never from the command line, are sealed here for all\n"
    "recipients, and kept in --keep before the first byte leaves. After a lost answer\n"
    "--again sends the same bytes: it takes effect once. Attachments follow; a broken\n"
    "one goes on with cptsctl referral attach.\n"
    "\n" ACTOR_NOTE;

static const char LIST_NOTES[] =
    "inbox: active attempts with one's CPTS; outbox: its referrals that are not over;\n"
    "to-reassign: the last attempt ended without success; overdue: a clock ran over;\n"
    "desk: for the ARS, at level 3. REWRAP: for which side it has to be sealed again,\n"
    "after a merge (referral rewrap).\n"
    "\n" ACTOR_NOTE;

static const char SHOW_NOTES[] =
    "--open checks signatures and keys up to the federation root, then prints offer,\n"
    "content (once it is accepted here) and notes. Nothing of it is stored.\n"
    "\n" ACTOR_NOTE;

#define KEPT_NOTE \
    "What is sealed is kept in --keep before the first byte leaves. After a lost answer\n" \
    "--again, or the same --command-id with --version, sends the same bytes: it takes\n" \
    "effect once."

static const char REDIRECT_NOTES[] =
    "A destination that accepted seals for the next one. Before that, and from the\n"
    "desk, it is a proposal for which the origin has to seal (referral reassign).\n"
    KEPT_NOTE;

static const char REWRAP_NOTES[] =
    "After a merge the successor has the place, and the keys are sealed for the CPTS\n"
    "that was there before: rewrap in the lists, TO_REWRAP in referral show. The origin\n"
    "seals again for a destination, who accepted for an origin; also for a side that\n"
    "lost its keys. A successor that has the former keys does it for itself with\n"
    "--former-store. Notes are for whom they were sealed: their author writes again.\n"
    KEPT_NOTE;

static const char FETCH_NOTES[] =
    "Those that content and notes mention, opened; their paths are printed. A broken\n"
    "fetch goes on where it was. A file is named after the end of the id and its own\n"
    "name; one that is there already is never written over.";

static const char FIGURES_NOTES[] =
    "Nothing about a patient. A CPTS reads its own figures in full (--cpts), an ARS\n"
    "those of what its region's CPTS sent (--region). Everybody else reads what was\n"
    "released: each quarter once, 30 days after its end (unmet needs: each year),\n"
    "never changed. Counts that are small, or tell small ones, are held back (<).\n"
    "A year is its quarters added up, where none of them is held back.";

#define WORKLIST(verb, text) \
    {.name = "referral " verb, .operands = "", \
     .summary = text, \
     .examples = "cptsctl referral " verb "\n" \
                 "cptsctl referral " verb " --use-case snp --csv", \
     .notes = LIST_NOTES, \
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS), \
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_list}

static const struct command_row ROWS[] = {
    {.name = "referral find", .operands = "CODE", .operand_count = 1,
     .summary = "Which CPTS may receive a need of that commune, and why",
     .examples = "cptsctl referral find 92046\n"
                 "cptsctl referral find 92046 --use-case medecin-traitant --json",
     .options = FIND_OPTIONS, .option_count = COUNT(FIND_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_find},
    {.name = "referral submit", .operands = "",
     .summary = "Seal a referral and send it",
     .examples = "cptsctl referral submit --use-case snp --urgency within-24h --unit 92046 \\\n"
                 "    --to 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --legal-basis echange \\\n"
                 "    --offer offer.txt --content content.json\n"
                 "cptsctl referral submit --again " EXAMPLE_ID ".submit",
     .notes = SUBMIT_NOTES,
     .options = SUBMIT_OPTIONS, .option_count = COUNT(SUBMIT_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_submit},
    WORKLIST("inbox", "What was referred to one's CPTS and is not over"),
    WORKLIST("outbox", "What one's CPTS referred and is not over"),
    WORKLIST("to-reassign", "Referrals for which another CPTS has to be chosen"),
    WORKLIST("overdue", "Where a clock has run over"),
    WORKLIST("desk", "What only the ARS can set going again"),
    {.name = "referral show", .operands = "REFERRAL", .operand_count = 1,
     .summary = "One referral: where it stands, what it says, what next",
     .examples = "cptsctl referral show " EXAMPLE_ID "\n"
                 "cptsctl referral show " EXAMPLE_ID " --open",
     .notes = SHOW_NOTES,
     .options = SHOW_OPTIONS, .option_count = COUNT(SHOW_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_show},
    {.name = "referral redirect", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Send an attempt on to another CPTS, or propose one",
     .examples = "cptsctl referral redirect " EXAMPLE_ID " \\\n"
                 "    --to 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = REDIRECT_NOTES,
     .options = REDIRECT_OPTIONS, .option_count = COUNT(REDIRECT_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_turn},
    {.name = "referral reassign", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Choose again after the last attempt has failed",
     .examples = "cptsctl referral reassign " EXAMPLE_ID " \\\n"
                 "    --to 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = KEPT_NOTE,
     .options = REASSIGN_OPTIONS, .option_count = COUNT(REASSIGN_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_turn},
    {.name = "referral rewrap", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Seal the keys again for a side that cannot open them",
     .examples = "cptsctl referral rewrap " EXAMPLE_ID "\n"
                 "cptsctl referral rewrap " EXAMPLE_ID " \\\n"
                 "    --former-store former.keys",
     .notes = REWRAP_NOTES,
     .options = REWRAP_OPTIONS, .option_count = COUNT(REWRAP_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_rewrap},
    {.name = "referral widen", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Ask the next candidate as well, now",
     .examples = "cptsctl referral widen " EXAMPLE_ID,
     .options = WIDEN_OPTIONS, .option_count = COUNT(WIDEN_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_turn},
    {.name = "referral consent", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Record a consent, or that it was withdrawn",
     .examples = "cptsctl referral consent " EXAMPLE_ID " \\\n"
                 "    --consent-by PATIENT --consent-on 2026-11-20 \\\n"
                 "    --consent-form ORAL --consent-scope 'suivi'\n"
                 "cptsctl referral consent " EXAMPLE_ID " --withdraw",
     .options = CONSENT_OPTIONS, .option_count = COUNT(CONSENT_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_consent},
    {.name = "referral parked", .operands = "",
     .summary = "Acts that waited offline and came too late",
     .examples = "cptsctl referral parked\n"
                 "cptsctl referral parked --discard " EXAMPLE_ID,
     .options = PARKED_OPTIONS, .option_count = COUNT(PARKED_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_parked},
    {.name = "referral reasons", .operands = "",
     .summary = "The coded reasons of each step",
     .examples = "cptsctl referral reasons --of decline",
     .options = REASONS_OPTIONS, .option_count = COUNT(REASONS_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_reasons},
    {.name = "referral statistics", .operands = "",
     .summary = "Volumes, acceptance, delays, loops left open",
     .examples = "cptsctl referral statistics --by region --period 2026-T3\n"
                 "cptsctl referral statistics --cpts ID --by day --from 2026-11-01 --csv",
     .notes = FIGURES_NOTES,
     .options = STATISTICS_OPTIONS, .option_count = COUNT(STATISTICS_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_statistics},
    {.name = "referral unmet", .operands = "",
     .summary = "Communes whose needs found nobody",
     .examples = "cptsctl referral unmet --region 11\n"
                 "cptsctl referral unmet --period 2025 --csv",
     .notes = FIGURES_NOTES,
     .options = UNMET_OPTIONS, .option_count = COUNT(UNMET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_referral_unmet},
    {.name = "referral watch", .operands = "",
     .summary = "What happens to one's referrals, as it happens",
     .examples = "cptsctl referral watch --from-now\n"
                 "cptsctl referral watch --position-file inbox.position --json",
     .notes = "As cptsctl watch: nothing is lost, every step comes once.\n\n" ACTOR_NOTE,
     .options = WATCH_OPTIONS, .option_count = COUNT(WATCH_OPTIONS),
     .forms = FORM_JSON | FORM_PLAIN, .run = verb_referral_watch},
    {.name = "referral attach", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Send what is missing of the attachments sealed for it",
     .examples = "cptsctl referral attach " EXAMPLE_ID,
     .options = ATTACH_OPTIONS, .option_count = COUNT(ATTACH_OPTIONS),
     .run = verb_referral_attach},
    {.name = "referral fetch", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Fetch and open its attachments",
     .examples = "cptsctl referral fetch " EXAMPLE_ID " --into /tmp",
     .notes = FETCH_NOTES,
     .options = FETCH_OPTIONS, .option_count = COUNT(FETCH_OPTIONS),
     .run = verb_referral_fetch},
    {.name = "referral erase", .operands = "REFERRAL", .operand_count = 1,
     .summary = "Destroy what is sealed of a referral that is over",
     .examples = "cptsctl referral erase " EXAMPLE_ID " \\\n"
                 "    --why patient-request",
     .options = ERASE_OPTIONS, .option_count = COUNT(ERASE_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_erase},
    {.name = "referral opt-in", .operands = "CPTS USE-CASE", .operand_count = 2,
     .summary = "Receive referrals before the contract is signed",
     .examples = "cptsctl referral opt-in 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 snp",
     .options = OPT_IN_OPTIONS, .option_count = COUNT(OPT_IN_OPTIONS),
     .forms = FORM_JSON, .run = verb_referral_opt_in},
};

const struct command_group REFERRAL_COMMANDS = {ROWS, COUNT(ROWS)};
/* clang-format on */
