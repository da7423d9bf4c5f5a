# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Is the postmaster of a data directory alive? Sourced after account.sh. A pid
# file alone proves nothing: after a crash its number may belong to anyone.

# postmaster_pid DATA: prints the pid and succeeds only when that process is a
# postgres working in DATA.
postmaster_pid() {
  local pid
  [ -r "$1/postmaster.pid" ] || return 1
  read -r pid <"$1/postmaster.pid" || return 1
  is_postmaster "$pid" "$1" && printf '%s\n' "$pid"
}

# is_postmaster PID DATA: PID runs a postgres program whose directory is DATA.
is_postmaster() {
  local name cwd
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  { read -r name <"/proc/$1/comm"; } 2>/dev/null || return 1
  cwd=$(readlink "/proc/$1/cwd" 2>/dev/null) || return 1
  [ "$name" = postgres ] && [ "$cwd" = "$(realpath "$2")" ]
}

# stale_locks_remove DATA SOCKET_DIR PORT: removes the lock files that a crash
# left: PostgreSQL refuses them when empty, or when their pid is now somebody
# else's. Its shared memory still protects the data from a second server.
stale_locks_remove() {
  local file pid
  for file in "$1/postmaster.pid" "$2/.s.PGSQL.$3.lock"; do
    [ -r "$file" ] || continue
    read -r pid <"$file" || pid=
    if ! is_postmaster "$pid" "$1"; then
      rm -f -- "$file"
    fi
  done
}
