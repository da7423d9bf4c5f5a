# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the scripts of deploy/ say. Sourced; knows nothing of the project.

# fail MESSAGE...: one line on standard error, then exit 1.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# misuse MESSAGE...: like fail, for a wrong command line; exit 2.
misuse() {
  printf '%s: %s (see --help)\n' "${0##*/}" "$*" >&2
  exit 2
}

# warn MESSAGE...: one line on standard error.
warn() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# show_help FILE: the comment at FILE's top, without the shebang and the licence.
show_help() {
  sed -n -e '1,2d' -e '/^#/!q' -e 's/^# \{0,1\}//' -e 'p' "$1"
}
