# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The operating-system accounts that servers run as. Sourced after message.sh.

# The account of cptsd when the installer is root.
readonly SERVICE_ACCOUNT=cpts

is_root() {
  [ "$(id -u)" -eq 0 ]
}

account_exists() {
  getent passwd "$1" >/dev/null
}

# database_account: who owns the private PostgreSQL; never root.
database_account() {
  if is_root; then printf 'postgres\n'; else id -un; fi
}

# service_account: who runs cptsd; never root.
service_account() {
  if is_root; then printf '%s\n' "$SERVICE_ACCOUNT"; else id -un; fi
}

# as_account ACCOUNT COMMAND...: runs it as ACCOUNT from /, in a clean
# environment. Only root may name an account that is not its own.
as_account() {
  local account=$1
  shift
  if [ "$account" = "$(id -un)" ]; then
    (cd / && exec env TZ=UTC LC_ALL=C.UTF-8 "$@")
  else
    (cd / && exec setpriv --reuid="$account" --regid="$(id -gn "$account")" --init-groups \
      --reset-env env TZ=UTC LC_ALL=C.UTF-8 "$@")
  fi
}

# require_reachable ACCOUNT DIR: fails unless ACCOUNT can enter DIR.
require_reachable() {
  as_account "$1" test -x "$2" ||
    fail "$2 cannot be entered by the user $1: choose a directory outside a private one"
}
