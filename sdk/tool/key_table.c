/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `key`. */
#include "option_rows.h"

/* clang-format off */
#define STORE      {"store", "FILE", false, "Private keys, mode 0600 ($CPTS_KEY_STORE)"}
#define PASSPHRASE {"passphrase-file", "FILE", false, \
                    "Its first line opens the store (asked for)"}
#define OUT        {"out", "FILE", false, "Write it there (to the output)"}
#define DAYS       {"days", "N", false, "How long it holds"}

static const struct option_row ROOT_OPTIONS[] = {
    STORE, PASSPHRASE,
    {"out",   "FILE", false, "Write the public key there, for nodes and clients"},
    {"again", NULL,   false, "Of the root that is there: only write its public key"},
};
static const struct option_row STORE_OPTIONS[] = {STORE, PASSPHRASE};
static const struct option_row CERTIFY_OPTIONS[] = {
    {"serial", "N", false, "One more than the region's last certificate (1)"},
    {"since",  "DATE", false, "Of a successor: before what it signs again (now)"},
    DAYS, STORE, PASSPHRASE, OUT,
};
static const struct option_row REQUEST_OPTIONS[] = {
    {"region", "CODE", false, "Lead region of the CPTS (INSEE code, required)"},
    {"serial", "N",    false, "Which key of the store (the last one)"},
    {"device", "TEXT", false, "What you call this device, no name of a person"},
    DAYS, STORE, PASSPHRASE, OUT,
};
static const struct option_row SIGN_OPTIONS[] = {
    {"certificate", "FILE", false, "Of this authority, from the root (required)"},
    DAYS, STORE, PASSPHRASE, OUT,
};
static const struct option_row REVOKE_OPTIONS[] = {
    {"serial", "N",    false, "Which key, which certificate (required)"},
    {"reason", "WORD", false, "COMPROMISED, LOST, SUPERSEDED or ENDED (required)"},
    {"certificate", "FILE", false, "Of this authority, for a key of a CPTS"},
    STORE, PASSPHRASE, OUT,
};
static const struct option_row COPY_OPTIONS[] = {
    STORE, PASSPHRASE,
    {"new-passphrase-file", "FILE", false, "Its first line opens the copy (asked for)"},
};
static const struct option_row PUBLISH_OPTIONS[] = {COMMAND_ID};
static const struct option_row SHOW_OPTIONS[] = {
    {"serial", "N", false, "Which key (the one to seal for today)"},
};
static const struct option_row LIST_OPTIONS[] = {
    {"cpts", "ID", false, "Only of that CPTS"},
};
static const struct option_row INSPECT_OPTIONS[] = {
    {"root", "FILE", false, "Check it up to that root ($CPTS_KEY_ROOT)"},
};

#define STORE_NOTES \
    "The store is locked with a passphrase: the first line of --passphrase-file or\n" \
    "$CPTS_KEY_PASSPHRASE_FILE, else asked for. Private keys never leave this\n" \
    "machine but by cptsctl key backup. A lost store or passphrase cannot be made\n" \
    "again: what was sealed for it stays closed."

#define ROOT_NOTES \
    "Once for the whole federation, on a machine without a network. Nodes name its\n" \
    "public key as [keys] root, clients as key_root of the profile or\n" \
    "$CPTS_KEY_ROOT, got from people they know and not from a node."

static const struct command_row ROWS[] = {
    {.name = "key root", .operands = "",
     .summary = "Make the federation root (once, offline)",
     .examples = "cptsctl key root --store root.keys --out root.pub",
     .notes = ROOT_NOTES,
     .options = ROOT_OPTIONS, .option_count = COUNT(ROOT_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_root},
    {.name = "key authority", .operands = "REGION", .operand_count = 1,
     .summary = "Make the key authority of a region",
     .examples = "cptsctl key authority 11 --store authority-11.keys",
     .notes = "Its public key goes to the root, which certifies it (cptsctl key certify).",
     .options = STORE_OPTIONS, .option_count = COUNT(STORE_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_authority},
    {.name = "key certify", .operands = "REGION PUBLIC_KEY", .operand_count = 2,
     .summary = "The root certifies a region's key authority",
     .examples = "cptsctl key certify 11 $PUBLIC_KEY --store root.keys --out authority-11.crt",
     .options = CERTIFY_OPTIONS, .option_count = COUNT(CERTIFY_OPTIONS),
     .run = verb_key_certify},
    {.name = "key generate", .operands = "ID", .operand_count = 1,
     .summary = "Make the first keys of a CPTS",
     .examples = "cptsctl key generate 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --store cpts.keys",
     .notes = STORE_NOTES,
     .options = STORE_OPTIONS, .option_count = COUNT(STORE_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_generate},
    {.name = "key rotate", .operands = "",
     .summary = "Make the next keys of a CPTS; the old ones stay",
     .examples = "cptsctl key rotate --store cpts.keys\n"
                 "cptsctl key request --store cpts.keys --region 11 --out request.txt",
     .notes = "They count once their statement is published. The old ones still open what\n"
              "was sealed for them.",
     .options = STORE_OPTIONS, .option_count = COUNT(STORE_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_rotate},
    {.name = "key request", .operands = "",
     .summary = "Ask the region's key authority to vouch for a key",
     .examples = "cptsctl key request --store cpts.keys --region 11 --out request.txt",
     .options = REQUEST_OPTIONS, .option_count = COUNT(REQUEST_OPTIONS),
     .run = verb_key_request},
    {.name = "key sign", .operands = "DOCUMENT", .operand_count = 1,
     .summary = "The key authority vouches for a key of a CPTS",
     .examples = "cptsctl key sign request.txt --store authority-11.keys \\\n"
                 "    --certificate authority-11.crt --out statement.txt",
     .notes = "Compare the fingerprint with the CPTS, by telephone or in person, before the\n"
              "statement is published. A statement of an authority before this one is\n"
              "signed again as it is.",
     .options = SIGN_OPTIONS, .option_count = COUNT(SIGN_OPTIONS),
     .run = verb_key_sign},
    {.name = "key publish", .operands = "FILE", .operand_count = 1,
     .summary = "Publish a statement, or a revocation",
     .examples = "cptsctl key publish statement.txt",
     .options = PUBLISH_OPTIONS, .option_count = COUNT(PUBLISH_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_publish},
    {.name = "key revoke", .operands = "ID_OR_REGION", .operand_count = 1,
     .summary = "Revoke a key of a CPTS, or the authority of a region",
     .examples = "cptsctl key revoke 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --serial 1 \\\n"
                 "    --reason LOST --store authority-11.keys --certificate authority-11.crt \\\n"
                 "    --out revocation.txt\n"
                 "cptsctl key publish revocation.txt\n"
                 "cptsctl key revoke 11 --serial 1 --reason COMPROMISED --store root.keys \\\n"
                 "    --out revocation.txt",
     .notes = "It counts once it is published. COMPROMISED: nothing that it signed is\n"
              "believed any more; else what it signed before stands. Of a region: the\n"
              "certificate of that serial and those before it. What they signed is not\n"
              "vouched for until a successor (key certify --since) signs the same\n"
              "statements again (key sign statement.txt) and they are published.",
     .options = REVOKE_OPTIONS, .option_count = COUNT(REVOKE_OPTIONS),
     .run = verb_key_revoke},
    {.name = "key backup", .operands = "FILE", .operand_count = 1,
     .summary = "Copy a store under a passphrase of its own",
     .examples = "cptsctl key backup /media/usb/cpts.keys --store cpts.keys",
     .options = COPY_OPTIONS, .option_count = COUNT(COPY_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_backup},
    {.name = "key restore", .operands = "FILE", .operand_count = 1,
     .summary = "Bring a copy back to where the store was",
     .examples = "cptsctl key restore /media/usb/cpts.keys --store cpts.keys",
     .options = COPY_OPTIONS, .option_count = COUNT(COPY_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_restore},
    {.name = "key list", .operands = "",
     .summary = "The directory of keys, its chain checked",
     .examples = "cptsctl key list\ncptsctl key list --cpts 01907d2c-5a7e-7000-8000-2f3b5c1d9e40"
                 " --csv",
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_key_list},
    {.name = "key show", .operands = "ID", .operand_count = 1,
     .summary = "The key of a CPTS, if the federation root vouches for it",
     .examples = "cptsctl key show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = "KEY_NOT_VOUCHED: unsigned, signed by another, expired, revoked, or not what\n"
              "was seen before. What was seen is kept beside the profile (key-memory).",
     .options = SHOW_OPTIONS, .option_count = COUNT(SHOW_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_show},
    {.name = "key inspect", .operands = "FILE", .operand_count = 1,
     .summary = "What a document about keys says",
     .examples = "cptsctl key inspect statement.txt --root root.pub",
     .options = INSPECT_OPTIONS, .option_count = COUNT(INSPECT_OPTIONS),
     .forms = FORM_JSON, .run = verb_key_inspect},
};
/* clang-format on */

const struct command_group KEY_COMMANDS = {ROWS, COUNT(ROWS)};
