/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_BEHALF_METADATA_H
#define RPC_BEHALF_METADATA_H

/**
 * @file
 * What the metadata of a call say of on whose behalf it is made (cpts/forward.h).
 *
 * Threads: any thread.
 */

#include <stdint.h>

#include "base/principal.h"

#define BEHALF_ROLES_BYTES 256

/** As the caller says it; nothing of it is checked but its length. */
struct behalf_metadata {
    char identity[PRINCIPAL_URI_BYTES];
    /** Names with commas between. */
    char roles[BEHALF_ROLES_BYTES];
    char scope[PRINCIPAL_SCOPE_BYTES];
};

#endif
