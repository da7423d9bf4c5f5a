/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FAILPOINT_H
#define WIRE_FAILPOINT_H

/**
 * @file
 * Places where a test kills the process, and defects that a test switches on, by name: in
 * code that must survive the one, and whose tests must see the other. Nothing of it is in
 * what is installed: only programs of tests/federation and tests/fault are compiled with
 * CPTS_FAILPOINTS, and ask libfiu.
 *
 * Threads: any thread.
 */

#ifdef CPTS_FAILPOINTS

#define FIU_ENABLE 1
#include <fiu.h>

/** Dies here (SIGKILL) when a test said so. @p name  A literal, `<module>/<when>`. */
#define FAILPOINT(name) ((void)fiu_fail("kill/" name))
/** Whether a test wants this defect. @p name  A literal, `<module>/<defect>`. */
#define MUTANT(name) (fiu_fail("mutant/" name) != 0)

#else

#define FAILPOINT(name) ((void)0)
#define MUTANT(name) (0)

#endif

#endif
