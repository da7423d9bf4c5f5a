/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FAILPOINT_H
#define WIRE_FAILPOINT_H

/**
 * @file
 * Places at which a test may kill the process (libfiu, SIGKILL). Nothing at all in
 * a build without CPTS_FAILPOINTS; in one with it, `fiu-run -x -c 'enable
 * name=outbox/kept' PROGRAM` dies there.
 *
 * Threads: any thread.
 */

#ifdef CPTS_FAILPOINTS
#include <fiu.h>
#include <signal.h>
#define FAILPOINT(name)                                                                            \
    do {                                                                                           \
        if (fiu_fail(name))                                                                        \
            raise(SIGKILL);                                                                        \
    } while (0)
#else
#define FAILPOINT(name) ((void)0)
#endif

#endif
