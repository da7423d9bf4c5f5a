/* SPDX-License-Identifier: Apache-2.0 */
/* What a shell needs to complete cptsctl. */
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "shell_text.h"

extern const char tool_text_bash[], tool_text_zsh[], tool_text_fish[];

const struct tool_shell TOOL_SHELLS[] = {
    {"bash", tool_text_bash},
    {"zsh", tool_text_zsh},
    {"fish", tool_text_fish},
};
const size_t TOOL_SHELL_COUNT = sizeof TOOL_SHELLS / sizeof TOOL_SHELLS[0];

int verb_completion(struct session *session, const struct arguments *arguments)
{
    (void)session;
    const char *name = arguments->operands[0];
    for (size_t i = 0; i < TOOL_SHELL_COUNT; i++) {
        if (strcmp(TOOL_SHELLS[i].name, name) == 0) {
            fputs(TOOL_SHELLS[i].script, stdout);
            return EXIT_CODE_OK;
        }
    }
    return usage_error(arguments->command, "no script for \"%s\"; there are bash, zsh and fish",
                       name);
}
