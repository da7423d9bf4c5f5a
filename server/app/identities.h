/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_IDENTITIES_H
#define APP_IDENTITIES_H

/**
 * @file
 * Who may call today: a copy of the dated roles of cpts.principal_role and of
 * the revoked certificates, so that a call is judged without asking the
 * database.
 *
 * Threads: identities_refresh() one at a time; the rest from any.
 */

#include <cpts/status.h>
#include <stdbool.h>

struct identities;
struct lane;
struct principal;

struct identities *identities_new(void);
void identities_free(struct identities *identities);

/** Reads the roles in force and the revoked certificates anew. On failure the copy stays as it was.
 */
CPTS_MUST_CHECK cpts_status identities_refresh(struct identities *identities, struct lane *lane,
                                               struct cpts_error *err);

/** The roles of @p uri today. Never waits for the database.
 * PERMISSION_DENIED / UNKNOWN_IDENTITY. */
CPTS_MUST_CHECK cpts_status identities_find(struct identities *identities, const char *uri,
                                            struct principal *ret_principal,
                                            struct cpts_error *err);

/** Whether any certificate is revoked. Never waits. */
bool identities_any_revoked(struct identities *identities);

/** Whether the certificate of that serial number is revoked. */
bool identities_is_revoked(struct identities *identities, const char *serial);

#endif
