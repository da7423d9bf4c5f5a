/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_OPTION_ROWS_H
#define TOOL_OPTION_ROWS_H

/**
 * @file
 * Rows that the tables of commands share, and the tables themselves: one file a
 * noun, `<noun>_table.c`, put together by command_table.c.
 *
 * Threads: constants.
 */

#include "command_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* clang-format off */
#define AS_OF    {"as-of", "DATE", false, "What was true on that date, YYYY-MM-DD (today)"}
#define KNOWN_AT {"known-at", "TIME", false, \
                  "As believed then, 2024-02-01T12:00:00Z (now)"}
#define COMMAND_ID {"command-id", "UUID", false, \
                    "Repeat that command without a second effect"}
#define UNIT     {"unit", "CODE[:SHARE]", true, \
                  "Commune, arrondissement, IRIS; share (1)"}
#define VERSION  {"version", "N", false, "Version you have seen (read first)"}
#define ON       {"on", "DATE", false, "Date, YYYY-MM-DD (required)"}
#define DOCUMENT {"document", "ID", true, "Document of the CPTS"}

#define STAGES_NOTE \
    "Stages: EMERGENCE, LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE; ways out:\n" \
    "ABANDONNE, FUSIONNE, DISSOUS, NON_RENOUVELE. Any case, STAGE_ in front or not."
/* clang-format on */

extern const struct command_group HISTORY_COMMANDS;
extern const struct command_group LIFECYCLE_COMMANDS;
extern const struct command_group TERRITORY_COMMANDS;
extern const struct command_group FUNDING_COMMANDS;
extern const struct command_group FIGURE_COMMANDS;
extern const struct command_group MEMBER_COMMANDS;
extern const struct command_group ENROLMENT_COMMANDS;
extern const struct command_group FEDERATION_COMMANDS;
extern const struct command_group PATHWAY_COMMANDS;
extern const struct command_group REFERRAL_COMMANDS;
extern const struct command_group REFERRAL_STEP_COMMANDS;
extern const struct command_group AUDIT_COMMANDS;
extern const struct command_group KEY_COMMANDS;
extern const struct command_group OUTBOX_COMMANDS;
extern const struct command_group REPLICA_COMMANDS;

#endif
