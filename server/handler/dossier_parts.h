/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_DOSSIER_PARTS_H
#define HANDLER_DOSSIER_PARTS_H

/**
 * @file
 * What the commands of the life cycle share: documents named, clocks started,
 * what was closed, and who decides.
 *
 * Threads: checks and bindings on the completion-queue thread, closed items on
 * the lane's.
 */

#include <cpts/status.h>
#include <stdbool.h>

#include "domain/clock_rules.h"
#include "wire/dossier_kind.h"
#include "wire/transition.h"

struct call;
struct query;
struct rows;
struct Cpts__V1__ClockFact;
struct Cpts__V1__ClosedItem;

/** Documents that one command may name. */
#define DOCUMENT_IDS_MAX 20

/** Whether the caller may only what the CPTS itself decides. */
bool is_coordinator_only(const struct call *call);

/** PERMISSION_DENIED / NOT_THE_DECIDER when the step is not the CPTS's own and
 * the caller is only its coordinator. */
CPTS_MUST_CHECK cpts_status decider_check(const struct call *call, bool is_own, const char *field,
                                          struct cpts_error *err);

/** At most DOCUMENT_IDS_MAX UUIDs, each once; field document_ids. */
CPTS_MUST_CHECK cpts_status document_ids_check(char *const *ids, size_t count,
                                               struct cpts_error *err);

/** A known code, or (unless @p is_required) none.
 * INVALID_ARGUMENT / FIELD_REQUIRED, UNKNOWN_KIND. */
CPTS_MUST_CHECK cpts_status dossier_code_check(enum dossier_class class, const char *code,
                                               bool is_required, const char *field,
                                               struct cpts_error *err);

/** The id of what a command makes: derived from its own, so that a repetition
 * names the same one. @p what  "document" or "filing". */
void dossier_id_make(const char *what, const uint8_t command_id[16], uint8_t ret_id[16]);

/** Clocks that one command starts. */
struct clock_set {
    struct clock clocks[CLOCKS_MAX];
    size_t count;
    const char *started_on;
};

/** The clocks of @p kinds (NULL-ended, at most @p kinds_max) that a date starts.
 * @return in the arena; NULL when it is full. */
struct clock_set *clock_set_make(struct call *call, const char *const *kinds, size_t kinds_max,
                                 const char *started_on, const struct clock_seed *seed);

/** Binds four arrays: ids, kinds, missions, due dates. */
void clock_set_bind(struct query *query, const struct clock_set *set);

/** The same for the change; NULL when the arena is full. */
struct Cpts__V1__ClockFact **clock_set_facts(struct call *call, const struct clock_set *set);

/** What a statement says it closed (array of cpts.stage_follow()), as messages in
 * the arena; NULL when it is full. */
struct Cpts__V1__ClosedItem **closed_items(struct call *call, const struct rows *rows, int column,
                                           size_t *ret_count);

#endif
