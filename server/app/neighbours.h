/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_NEIGHBOURS_H
#define APP_NEIGHBOURS_H

/**
 * @file
 * The federation as the configuration says it, and what handlers ask of it.
 *
 * Threads: open from one; the rest any.
 */

#include <cpts/status.h>

#include "handler/service.h"

struct config;
struct federation;

/** Opens it, unless the server has no identities (--insecure): then it is NULL. */
CPTS_MUST_CHECK cpts_status neighbours_open(const struct config *config,
                                            struct federation **ret_federation,
                                            struct cpts_error *err);

/** As service->session and service->verify. */
void neighbours_session(const struct service *service, const char *node,
                        struct session_figures *ret_figures);
int32_t neighbours_verify(const struct service *service, const char *node, bool repair);

#endif
