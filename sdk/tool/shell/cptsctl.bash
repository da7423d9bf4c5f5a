# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of cptsctl in bash: the words come from the program itself.

_cptsctl() {
    local word line before
    local -a words=() lines=()
    # Bash breaks words at = and at :, cptsctl does not.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && ($word == [=:]* || $before == *[=:]) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        before=$word
    done
    word=${words[-1]}
    COMPREPLY=()
    mapfile -t lines < <("$1" --complete "${words[@]}" 2>/dev/null)
    if [[ ${lines[0]-} == ':file' ]]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "${word##*=}")
        return
    fi
    for line in "${lines[@]}"; do
        line=${line%%$'\t'*}
        if [[ $line == *= ]]; then compopt -o nospace; fi
        line=${line#"${word%"${word##*[=:]}"}"}
        COMPREPLY+=("$line")
    done
}
complete -F _cptsctl cptsctl
