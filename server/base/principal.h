/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PRINCIPAL_H
#define BASE_PRINCIPAL_H

/**
 * @file
 * Who is calling: one identity (a SPIFFE URI), its roles and its scope today.
 *
 * Threads: immutable values, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

/** Roles, as bits. The names are those of cpts.principal_role.role. */
enum role {
    ROLE_NATIONAL_NODE = 1u << 0,
    ROLE_REGION_NODE = 1u << 1,
    ROLE_DGOS_ANALYST = 1u << 2,
    ROLE_ARS_AGENT = 1u << 3,
    ROLE_CPTS_COORDINATOR = 1u << 4,
    ROLE_OPERATOR = 1u << 5,
    ROLE_PUBLIC = 1u << 6,
    /** Nobody yet: a caller without a certificate, on the enrolment port. It is in no
     * table and is not among ROLE_ANY. */
    ROLE_NEWCOMER = 1u << 7,
};

#define ROLE_ANY                                                                                   \
    (ROLE_NATIONAL_NODE | ROLE_REGION_NODE | ROLE_DGOS_ANALYST | ROLE_ARS_AGENT |                  \
     ROLE_CPTS_COORDINATOR | ROLE_OPERATOR | ROLE_PUBLIC)

#define PRINCIPAL_URI_BYTES 256
#define PRINCIPAL_SCOPE_BYTES 64

/** An identity with its rights on one day. */
struct principal {
    /** spiffe://<trust-domain>/node/national, /node/region/<INSEE>,
     * /cpts/<uuid> or /user/<uuid>; of a newcomer the address it calls from, without
     * its port. */
    char uri[PRINCIPAL_URI_BYTES];
    /** Bits of enum role, at least one. */
    uint32_t roles;
    /** What its commands may touch, as row-level security reads it: `*` (all),
     * `region:<INSEE>`, `cpts:<uuid>`, or `read` (nothing); of a newcomer nothing at all. */
    char scope[PRINCIPAL_SCOPE_BYTES];
    /** A region's node speaks for it: it showed no certificate of its own. */
    bool is_lent;
};

/** Name of a role's bit, NULL when there is no such role. */
const char *role_name(uint32_t role);

/** Bit of a role's name, 0 when there is no such role. */
uint32_t role_find(const char *name);

#endif
