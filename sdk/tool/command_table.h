/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_COMMAND_TABLE_H
#define TOOL_COMMAND_TABLE_H

/**
 * @file
 * The commands and their options as data: parsing and help both read it.
 *
 * Threads: constants.
 */

#include <stdbool.h>
#include <stddef.h>

struct session;
struct arguments;

/** How a program that uses cptsctl learns what happened. */
enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_ERROR = 1,
    EXIT_CODE_USAGE = 2,
    EXIT_CODE_NOT_FOUND = 3,
    EXIT_CODE_DENIED = 4,
    EXIT_CODE_UNAVAILABLE = 5,
    EXIT_CODE_UNKNOWN = 6,
    EXIT_CODE_CONFLICT = 7,
    EXIT_CODE_COUNT
};

/** What each exit code means, in a few words. */
extern const char *const EXIT_MEANINGS[EXIT_CODE_COUNT];

/** Forms of output that a command knows, besides its own. */
enum {
    FORM_JSON = 1,
    FORM_CSV = 2,
    FORM_PLAIN = 4,
};

struct option_row {
    /** Without the dashes. */
    const char *name;
    /** Name of its value in the help; NULL = a switch. */
    const char *value;
    /** May be given more than once. */
    bool repeats;
    const char *help;
};

struct command_row {
    /** "cpts get". */
    const char *name;
    /** Operands as the help shows them. */
    const char *operands;
    const char *summary;
    /** Lines, without indent. */
    const char *examples;
    /** Paragraphs behind the options; NULL = none. */
    const char *notes;
    const struct option_row *options;
    size_t option_count;
    /** Forms of output, FORM_... */
    unsigned forms;
    int operand_count;
    /** @return an enum exit_code. */
    int (*run)(struct session *session, const struct arguments *arguments);
};

/** Commands that stand together in the help. */
struct command_group {
    const struct command_row *rows;
    size_t count;
};

/** Every command, in the order of the help. */
size_t command_count(void);
const struct command_row *command_at(size_t index);

/** The options every command has; some depend on its forms. */
extern const struct option_row COMMON_OPTIONS[];
extern const size_t COMMON_OPTION_COUNT;

/** Whether a command has that common option. */
bool command_has_common(const struct command_row *command, const struct option_row *option);

/** The command of that name, or NULL. */
const struct command_row *command_find(const char *name);

int verb_cpts_list(struct session *session, const struct arguments *arguments);
int verb_cpts_get(struct session *session, const struct arguments *arguments);
int verb_cpts_create(struct session *session, const struct arguments *arguments);
int verb_cpts_update(struct session *session, const struct arguments *arguments);
int verb_cpts_stage(struct session *session, const struct arguments *arguments);
int verb_cpts_territory(struct session *session, const struct arguments *arguments);
int verb_territory_show(struct session *session, const struct arguments *arguments);
int verb_territory_conflicts(struct session *session, const struct arguments *arguments);
int verb_territory_gaps(struct session *session, const struct arguments *arguments);
int verb_territory_neighbours(struct session *session, const struct arguments *arguments);
int verb_territory_merge(struct session *session, const struct arguments *arguments);
int verb_zoning_list(struct session *session, const struct arguments *arguments);
int verb_zoning_import(struct session *session, const struct arguments *arguments);
int verb_coverage(struct session *session, const struct arguments *arguments);
int verb_trajectory(struct session *session, const struct arguments *arguments);
int verb_members_list(struct session *session, const struct arguments *arguments);
int verb_members_add(struct session *session, const struct arguments *arguments);
int verb_members_leave(struct session *session, const struct arguments *arguments);
int verb_members_import(struct session *session, const struct arguments *arguments);
int verb_members_composition(struct session *session, const struct arguments *arguments);
int verb_members_adhesion(struct session *session, const struct arguments *arguments);
int verb_members_categories(struct session *session, const struct arguments *arguments);
int verb_representatives_list(struct session *session, const struct arguments *arguments);
int verb_representatives_record(struct session *session, const struct arguments *arguments);
int verb_history_beliefs(struct session *session, const struct arguments *arguments);
int verb_history_show(struct session *session, const struct arguments *arguments);
int verb_history_correct_stage(struct session *session, const struct arguments *arguments);
int verb_history_retract_stage(struct session *session, const struct arguments *arguments);
int verb_history_correct_territory(struct session *session, const struct arguments *arguments);
int verb_lifecycle_show(struct session *session, const struct arguments *arguments);
int verb_lifecycle_due(struct session *session, const struct arguments *arguments);
int verb_lifecycle_gaps(struct session *session, const struct arguments *arguments);
int verb_lifecycle_identity(struct session *session, const struct arguments *arguments);
int verb_lifecycle_document(struct session *session, const struct arguments *arguments);
int verb_lifecycle_milestone(struct session *session, const struct arguments *arguments);
int verb_lifecycle_file(struct session *session, const struct arguments *arguments);
int verb_lifecycle_decide(struct session *session, const struct arguments *arguments);
int verb_lifecycle_evidence(struct session *session, const struct arguments *arguments);
int verb_lifecycle_merge(struct session *session, const struct arguments *arguments);
int verb_lifecycle_publish(struct session *session, const struct arguments *arguments);
int verb_lifecycle_rules(struct session *session, const struct arguments *arguments);
int verb_lifecycle_codes(struct session *session, const struct arguments *arguments);
int verb_indicator_list(struct session *session, const struct arguments *arguments);
int verb_indicator_target(struct session *session, const struct arguments *arguments);
int verb_indicator_record(struct session *session, const struct arguments *arguments);
int verb_indicator_approve(struct session *session, const struct arguments *arguments);
int verb_indicator_lock(struct session *session, const struct arguments *arguments);
int verb_indicator_show(struct session *session, const struct arguments *arguments);
int verb_indicator_board(struct session *session, const struct arguments *arguments);
int verb_indicator_import(struct session *session, const struct arguments *arguments);
int verb_capacity_record(struct session *session, const struct arguments *arguments);
int verb_capacity_show(struct session *session, const struct arguments *arguments);
int verb_capacity_board(struct session *session, const struct arguments *arguments);
int verb_capacity_import(struct session *session, const struct arguments *arguments);
int verb_key_root(struct session *session, const struct arguments *arguments);
int verb_key_authority(struct session *session, const struct arguments *arguments);
int verb_key_certify(struct session *session, const struct arguments *arguments);
int verb_key_generate(struct session *session, const struct arguments *arguments);
int verb_key_rotate(struct session *session, const struct arguments *arguments);
int verb_key_request(struct session *session, const struct arguments *arguments);
int verb_key_sign(struct session *session, const struct arguments *arguments);
int verb_key_publish(struct session *session, const struct arguments *arguments);
int verb_key_revoke(struct session *session, const struct arguments *arguments);
int verb_key_backup(struct session *session, const struct arguments *arguments);
int verb_key_restore(struct session *session, const struct arguments *arguments);
int verb_audit_list(struct session *session, const struct arguments *arguments);
int verb_audit_verify(struct session *session, const struct arguments *arguments);
int verb_replica_sync(struct session *session, const struct arguments *arguments);
int verb_replica_status(struct session *session, const struct arguments *arguments);
int verb_replica_list(struct session *session, const struct arguments *arguments);
int verb_replica_show(struct session *session, const struct arguments *arguments);
int verb_outbox_list(struct session *session, const struct arguments *arguments);
int verb_outbox_send(struct session *session, const struct arguments *arguments);
int verb_outbox_forget(struct session *session, const struct arguments *arguments);
int verb_outbox_retry(struct session *session, const struct arguments *arguments);
int verb_key_list(struct session *session, const struct arguments *arguments);
int verb_key_show(struct session *session, const struct arguments *arguments);
int verb_key_inspect(struct session *session, const struct arguments *arguments);
int verb_regions(struct session *session, const struct arguments *arguments);
int verb_funding_ceilings(struct session *session, const struct arguments *arguments);
int verb_funding_grid(struct session *session, const struct arguments *arguments);
int verb_funding_show(struct session *session, const struct arguments *arguments);
int verb_funding_board(struct session *session, const struct arguments *arguments);
int verb_mission_list(struct session *session, const struct arguments *arguments);
int verb_mission_set(struct session *session, const struct arguments *arguments);
int verb_mission_plan(struct session *session, const struct arguments *arguments);
int verb_mission_crisis(struct session *session, const struct arguments *arguments);
int verb_import(struct session *session, const struct arguments *arguments);
int verb_export(struct session *session, const struct arguments *arguments);
int verb_watch(struct session *session, const struct arguments *arguments);
int verb_doctor(struct session *session, const struct arguments *arguments);
int verb_enrolment_create(struct session *session, const struct arguments *arguments);
int verb_enrolment_list(struct session *session, const struct arguments *arguments);
int verb_enrolment_revoke(struct session *session, const struct arguments *arguments);
int verb_cpts_move(struct session *session, const struct arguments *arguments);
int verb_node_enroll(struct session *session, const struct arguments *arguments);
int verb_node_join(struct session *session, const struct arguments *arguments);
int verb_node_renew(struct session *session, const struct arguments *arguments);
int verb_node_key(struct session *session, const struct arguments *arguments);
int verb_node_list(struct session *session, const struct arguments *arguments);
int verb_node_suspend(struct session *session, const struct arguments *arguments);
int verb_node_resume(struct session *session, const struct arguments *arguments);
int verb_node_epoch(struct session *session, const struct arguments *arguments);
int verb_federation_status(struct session *session, const struct arguments *arguments);
int verb_federation_verify(struct session *session, const struct arguments *arguments);
int verb_federation_parked(struct session *session, const struct arguments *arguments);
int verb_federation_alarms(struct session *session, const struct arguments *arguments);
int verb_log_verify(struct session *session, const struct arguments *arguments);
int verb_enroll(struct session *session, const struct arguments *arguments);
int verb_health(struct session *session, const struct arguments *arguments);
int verb_completion(struct session *session, const struct arguments *arguments);
int verb_version(struct session *session, const struct arguments *arguments);

#endif
