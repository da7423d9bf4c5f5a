/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_ACTOR_H
#define HANDLER_ACTOR_H

/**
 * @file
 * On whose behalf a structure reads or changes a referral.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>

#include "cpts/v1/actor.pb-c.h"

struct call;

/** Characters of a function, of a profession's code. */
#define ACTOR_FUNCTION_LENGTH_MAX 100
#define ACTOR_PROFESSION_LENGTH_MAX 60

/** Checks who acts: a RPPS number with a profession's code, or a function; and why.
 * NULL is refused. @return CPTS_OK · INVALID_ARGUMENT / ACTOR_INVALID with the field. */
CPTS_MUST_CHECK cpts_status actor_check(const Cpts__V1__Actor *actor, struct cpts_error *err);

/** Binds the next four parameters: RPPS, profession, function, purpose. */
void actor_bind(struct call *call, const Cpts__V1__Actor *actor);

/** Name of a purpose, as in the database; "" for another number. */
const char *actor_purpose_code(int purpose);

/** Number of that name, 0 when there is none. */
int actor_purpose_find(const char *code);

#endif
