# SPDX-License-Identifier: Apache-2.0
# Completion of cptsctl in fish: the words come from the program itself.

function __cptsctl_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l lines (command $words[1] --complete $words[2..] "$word" 2>/dev/null)
    if test "$lines[1]" = :file
        __fish_complete_path $word
    else if set -q lines[1]
        printf '%s\n' $lines
    end
end
complete --command cptsctl --no-files --arguments '(__cptsctl_complete)'
