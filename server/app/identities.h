/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_IDENTITIES_H
#define APP_IDENTITIES_H

/**
 * @file
 * Who may call today: a copy of the dated roles of cpts.principal_role, so
 * that a call is judged without asking the database.
 *
 * Threads: identities_find() from any; identities_refresh() one at a time.
 */

#include <cpts/status.h>

struct identities;
struct lane;
struct principal;

struct identities *identities_new(void);
void identities_free(struct identities *identities);

/** Reads the roles in force anew. On failure the copy stays as it was. */
CPTS_MUST_CHECK cpts_status identities_refresh(struct identities *identities, struct lane *lane,
                                               struct cpts_error *err);

/** The roles of @p uri today. Never waits for the database.
 * PERMISSION_DENIED / UNKNOWN_IDENTITY. */
CPTS_MUST_CHECK cpts_status identities_find(struct identities *identities, const char *uri,
                                            struct principal *ret_principal,
                                            struct cpts_error *err);

#endif
