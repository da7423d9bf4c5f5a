/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_HISTORY_MESSAGE_H
#define HANDLER_HISTORY_MESSAGE_H

/**
 * @file
 * Whole stage histories between messages, the rules of domain/maturity.h, the
 * change log and a statement's parameters. CreateCpts and CorrectStages share it.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>
#include <stddef.h>

#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/maturity.h"

struct call;

/** Checks the history of a request as a whole. @param ret_entries In the arena.
 * @return as stage_history_check(). */
CPTS_MUST_CHECK cpts_status stage_entries_read(struct call *call,
                                               Cpts__V1__StageEntry *const *stages,
                                               size_t stage_count, struct stage_entry **ret_entries,
                                               struct cpts_error *err);

/** The history as facts of the change log; NULL when the arena is full. */
Cpts__V1__StageFact **stage_entry_facts(struct call *call, const struct stage_entry *entries,
                                        size_t count);

/** Binds the next three parameters: codes (text[]), dates (date[]), successors
 * (text[], '' = none). @param count  At most STAGE_COUNT. */
void stage_entries_bind(struct call *call, const struct stage_entry *entries, size_t count);

#endif
