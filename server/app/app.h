/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_APP_H
#define APP_APP_H

/**
 * @file
 * The daemon: the only place that knows every module. Starts them, keeps the
 * copy of the roles fresh, and drains on SIGTERM or SIGINT.
 */

#include <cpts/status.h>

struct config;

/** Runs until a signal asks to stop; SIGHUP reads the certificates again.
 * Call it from main() before any thread exists: it blocks the signals.
 * @return CPTS_OK after a drain, else why it could not start. */
CPTS_MUST_CHECK cpts_status app_run(const struct config *config, struct cpts_error *err);

#endif
