/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const STYLES[] = {
    [STYLE_RESET] = "\033[0m",    [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
    [STYLE_ALERT] = "\033[1;33m", [STYLE_BAR] = "\033[36m",
};

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value != NULL && value[0] != '\0';
}

static bool is_dumb(void)
{
    const char *term = getenv("TERM");
    return term == NULL || strcmp(term, "dumb") == 0;
}

/* Names of communes are UTF-8 whatever the user's locale: without it widths
 * would be wrong and letters escaped. Only the drawings follow the locale. */
static bool probe_unicode(void)
{
    setlocale(LC_ALL, "");
    setlocale(LC_NUMERIC, "C");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
        return true;
    setlocale(LC_CTYPE, "C.UTF-8");
    return false;
}

void terminal_probe(struct terminal *ret_terminal, bool no_colour)
{
    struct terminal terminal = {.is_stdout_tty = isatty(STDOUT_FILENO) == 1,
                                .is_stderr_tty = isatty(STDERR_FILENO) == 1};
    terminal.has_unicode = probe_unicode();
    terminal.has_colour = terminal.is_stdout_tty && !no_colour && !is_set("NO_COLOR") && !is_dumb();
    *ret_terminal = terminal;
}

const char *terminal_style(const struct terminal *terminal, enum style style)
{
    return terminal->has_colour ? STYLES[style] : "";
}
