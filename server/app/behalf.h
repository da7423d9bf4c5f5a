/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_BEHALF_H
#define APP_BEHALF_H

/**
 * @file
 * For whom the node of a region may speak: people and CPTS of that region, in what
 * they may there, and nobody else. Keeps a copy of which CPTS is in which region, so
 * that a call is judged without asking the database.
 *
 * Threads: behalf_refresh() one at a time; the rest from any.
 */

#include <cpts/status.h>

#include "base/principal.h"
#include "rpc/behalf_metadata.h"

struct behalf;
struct identities;
struct lane;

/** @param trust_domain  Borrowed for its life, as the identities. */
struct behalf *behalf_new(const char *trust_domain, struct identities *identities);
/** NULL is fine. */
void behalf_free(struct behalf *behalf);

/** Reads the regions anew. On failure the copy stays as it was. */
CPTS_MUST_CHECK cpts_status behalf_refresh(struct behalf *behalf, struct lane *lane,
                                           struct cpts_error *err);

/**
 * Whether the caller may make this call for somebody, who then is the principal.
 *
 * @param principal  The caller; replaced on CPTS_OK only.
 * @return CPTS_OK · PERMISSION_DENIED / ROLE_NOT_ALLOWED: the caller is not a region's
 *         node, or the roles are none that somebody of a region has; OUT_OF_SCOPE: it is
 *         somebody of elsewhere.
 */
CPTS_MUST_CHECK cpts_status behalf_judge(struct behalf *behalf,
                                         const struct behalf_metadata *metadata,
                                         struct principal *principal, struct cpts_error *err);

#endif
