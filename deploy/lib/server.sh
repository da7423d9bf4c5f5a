# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The national cptsd in the background. Sourced after account.sh; knows STATE's
# layout: bin/ etc/ log/ pki/ run/. A pid is believed only when the process is
# this cptsd, under the service account.
: "${source_dir:?}" "${state:?}" "${TRUST_DOMAIN:?}"

readonly SERVER_START_S=60
readonly SERVER_STOP_S=15
readonly SERVER_PROBE_S=5

server_binary=$state/bin/cptsd
server_config=$state/etc/cptsd.conf
server_log=$state/log/cptsd.log
server_port_file=$state/run/cptsd.port
server_pid_file=$state/run/cptsd.pid
server_digest_file=$state/etc/cptsd.digest

# server_pid: prints it and succeeds only when our server runs.
server_pid() {
  local pid
  [ -r "$server_pid_file" ] && read -r pid <"$server_pid_file" || return 1
  case $pid in '' | *[!0-9]*) return 1 ;; esac
  [ "$(stat -c %U "/proc/$pid" 2>/dev/null)" = "$(service_account)" ] || return 1
  { tr '\0' '\n' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qxF -- "$server_config" || return 1
  printf '%s\n' "$pid"
}

# service_directory DIR: the service account's own.
service_directory() {
  install -d -m 0750 -o "$(service_account)" -g "$(id -gn "$(service_account)")" "$1"
}

# port_keep FILE: a port that was free when it was first asked for, always the same one.
port_keep() {
  [ -s "$1" ] || /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])' >"$1"
  cat "$1"
}

server_configure() {
  # shellcheck source=/dev/null
  . "$state/postgres/cluster.env"
  cat >"$server_config" <<CONFIG
; Written by deploy/quickstart at each run.
[node]
name = national
trust_domain = $TRUST_DOMAIN

[listen]
address = 127.0.0.1:$(port_keep "$state/etc/port")
port_file = $server_port_file

[tls]
ca = $state/pki/ca.pem
certificate = $state/pki/national.pem
key = $state/pki/national.key

[enrolment]
address = 127.0.0.1:0
port_file = $state/run/enrolment.port
issuer_certificate = $state/pki/ca.pem
issuer_key = $state/etc/issuer.key

[keys]
root = $state/etc/root.pub

[federation]
checkpoint_key = $state/etc/checkpoint.key

[database]
conninfo = host='$CPTS_PG_SOCKET' port=$CPTS_PG_PORT dbname=cpts user=cpts_app

[log]
level = info
CONFIG
}

# server_digest: of what a running server has read at its start.
server_digest() {
  cat "$source_dir/build/bin/cptsd" "$server_config" "$state/pki/ca.pem" "$state/pki/national.pem" \
    "$state/etc/root.pub" "$state/etc/checkpoint.key" |
    sha256sum | cut -d ' ' -f 1
}

# server_stop: asks, then insists; returns when it is gone.
server_stop() {
  local pid tenth
  pid=$(server_pid) || return 0
  kill -TERM "$pid"
  for ((tenth = 0; tenth < SERVER_STOP_S * 10; tenth++)); do
    server_pid >/dev/null || return 0
    sleep 0.1
  done
  warn "cptsd did not stop in $SERVER_STOP_S s and is killed"
  kill -KILL "$pid" 2>/dev/null || true
}

# server_launch: the copy of the program in STATE, so that neither a rebuild nor
# a private home folder touches the running server.
server_launch() {
  install -d -m 0755 "$state/bin" "$state/log"
  service_directory "$state/run"
  install -m 0755 "$source_dir/build/bin/cptsd" "$server_binary"
  rm -f -- "$server_port_file" "$server_pid_file"
  touch "$server_log"
  # shellcheck disable=SC2016  # the inner shell expands
  as_account "$(service_account)" setsid --fork \
    sh -c 'echo "$$" >"$1" && exec "$2" --config "$3"' sh \
    "$server_pid_file" "$server_binary" "$server_config" \
    </dev/null >>"$server_log" 2>&1 9>&-
}

# server_wait: until it answers health checks, or SERVER_START_S.
server_wait() {
  local limit=$((SECONDS + SERVER_START_S))
  while [ "$SECONDS" -lt "$limit" ]; do
    if [ -s "$server_port_file" ]; then
      profile_write
      if timeout "$SERVER_PROBE_S" "$source_dir/build/bin/cptsctl" health >/dev/null 2>&1; then
        return
      fi
    fi
    if [ -s "$server_pid_file" ] && ! server_pid >/dev/null; then
      break
    fi
    sleep 0.1
  done
  tail -n 15 "$server_log" >&2
  fail "cptsd is not healthy, see $server_log"
}

# server_ensure: the wanted server runs, with the wanted program and settings.
server_ensure() {
  local digest
  require_reachable "$(service_account)" "$state"
  install -d -m 0755 "$state/etc"
  server_configure
  # A demonstration: the private authority itself signs for newcomers.
  install -m 0600 -o "$(service_account)" "$state/pki/ca.key" "$state/etc/issuer.key"
  digest=$(server_digest)
  if ! server_pid >/dev/null || [ "$digest" != "$(cat "$server_digest_file" 2>/dev/null)" ]; then
    server_stop
    server_launch
  fi
  server_wait
  printf '%s\n' "$digest" >"$server_digest_file"
}
