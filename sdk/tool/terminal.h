/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_TERMINAL_H
#define TOOL_TERMINAL_H

/**
 * @file
 * What the terminal can show, and the texts that depend on it.
 *
 * Threads: constant after terminal_probe().
 */

#include <stdbool.h>
#include <stddef.h>

struct terminal {
    bool is_stdout_tty;
    bool is_stderr_tty;
    /** Colour on stdout. */
    bool has_colour;
    /** Block characters; ASCII otherwise. */
    bool has_unicode;
};

enum style { STYLE_RESET, STYLE_BOLD, STYLE_DIM, STYLE_ALERT, STYLE_BAR };

/** Sets the locale and looks at the environment (NO_COLOR, TERM).
 * @param no_colour  The user said --no-color. */
void terminal_probe(struct terminal *ret_terminal, bool no_colour);

/** The escape sequence of a style, or an empty text without colour. */
const char *terminal_style(const struct terminal *terminal, enum style style);

#endif
