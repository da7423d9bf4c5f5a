/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_SHELL_TEXT_H
#define TOOL_SHELL_TEXT_H

/**
 * @file
 * Files that cptsctl carries inside: the scripts of shell/, and the regions and
 * départements of sql/reference, for completion without a node.
 *
 * Threads: constants.
 */

#include <stddef.h>

/** A shell that can complete cptsctl, and the script that makes it. */
struct tool_shell {
    const char *name;
    const char *script;
};

extern const struct tool_shell TOOL_SHELLS[];
extern const size_t TOOL_SHELL_COUNT;

/** CSV with a header: code, name, …, zone. */
extern const char tool_text_regions[];
extern const char tool_text_departments[];

#endif
