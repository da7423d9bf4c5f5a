/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_REFERRAL_PARTS_H
#define HANDLER_REFERRAL_PARTS_H

/**
 * @file
 * What the commands of referrals share: ids, recipients, the table of steps for
 * the statement, and the answer.
 *
 * Threads: checks and bindings on the completion-queue thread, answers on the
 * lane's.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

#include "cpts/v1/actor.pb-c.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/referral.pb-c.h"
#include "store/statement.h"
#include "wire/referral_step.h"

struct call;
struct query;
struct rows;

/** Reads an id that its author minted: a UUIDv7.
 * INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID. */
CPTS_MUST_CHECK cpts_status minted_id_read(const char *text, const char *field, uint8_t ret_id[16],
                                           struct cpts_error *err);

/** The CPTS on behalf of which the caller acts. @return false, output untouched,
 * when its scope is not one CPTS: it is a desk, or a node. */
bool caller_cpts(const struct call *call, uint8_t ret_cpts_id[16]);

/** Name of an enum's value as in the database: without the type's prefix; "" for
 * 0 and for a number that has none. @param prefix For example "URGENCY_". */
const char *enum_code(const ProtobufCEnumDescriptor *type, int number, const char *prefix);

/** What every command of a referral begins with. */
struct referral_command {
    enum statement_id statement;
    const char *command_id;
    const ProtobufCMessage *content;
    const uint8_t *referral_id;
    Cpts__V1__Change *change;
    /** Checked; NULL for what a node does. */
    Cpts__V1__Actor *actor;
};

/** As request_command(), with the actor in the change. */
CPTS_MUST_CHECK cpts_status referral_command_begin(struct call *call,
                                                   const struct referral_command *command,
                                                   struct cpts_error *err);

/** Destinations and candidates of one command, in the arena. */
struct recipient_list {
    size_t at_once; /**< the first ones are asked now, the others later */
    size_t count;
    Cpts__V1__Recipient *all[REFERRAL_RECIPIENTS_MAX];
    Cpts__V1__RecipientFact *facts[REFERRAL_RECIPIENTS_MAX];
};

/** Reads destinations and candidates: ids, no CPTS and no id twice, and a wrap for
 * each (or, with @p is_proposal, none).
 * INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID, RECIPIENT_REPEATED,
 * TOO_MANY_RECIPIENTS · FAILED_PRECONDITION / NOT_SEALED_FOR_RECIPIENT. */
CPTS_MUST_CHECK cpts_status recipient_list_add(struct call *call,
                                               Cpts__V1__Recipient *const *recipients, size_t count,
                                               bool is_proposal, struct recipient_list *list,
                                               struct cpts_error *err);

/** What the log says of a recipient; NULL when the arena is full. */
Cpts__V1__RecipientFact *recipient_fact(struct call *call, const Cpts__V1__Recipient *recipient);

/** Binds three parameters: ids of the attempts, CPTS, packed wraps. */
void recipient_list_bind(struct call *call, const struct recipient_list *list);

/** Binds one packed message, NULL for none; the arena keeps it. */
void bind_packed(struct call *call, const ProtobufCMessage *message);

/** Binds the rows of a step for the statement: from, to, overdue, custody, clock
 * armed, clocks stopped, by party. */
void step_bind(struct call *call, enum referral_event event);

/** As step_bind(): from only. */
void step_bind_from(struct call *call, enum referral_event event);

/** As step_bind(), of a step of the referral itself: from and overdue only. */
void step_bind_whole(struct call *call, enum referral_event event);

/** Binds the id an act is parked under when it comes too late, and its actor;
 * NULLs unless it is from an outbox. */
void parking_bind(struct call *call, bool queued, const Cpts__V1__Actor *actor);

/** Answers a command of a referral: as outcome_answer(), and status, state and
 * what the caller may do next. A refusal tells state, version and the acts that
 * are allowed now, and when it was parked, its id. */
CPTS_MUST_CHECK cpts_status referral_answer(struct call *call, const struct rows *rows,
                                            const ProtobufCMessageDescriptor *type,
                                            struct cpts_error *err);

#endif
