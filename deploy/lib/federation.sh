# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2030,SC2031,SC2034  # federation_at means its own variables, for itself
# Two regional nodes beside the national one, on this machine: each with a database, a
# folder STATE/region-<INSEE>, a key and a certificate of its own. Sourced after scene.sh.
: "${source_dir:?}" "${state:?}" "${TRUST_DOMAIN:?}" "${OPERATOR_URI:?}" "${server_port_file:?}"

readonly FEDERATION_REGIONS='11 52'
readonly FEDERATION_HANDED_S=240
federation_lines=$state/demo.federation
federation_key=$state/etc/checkpoint.key

# federation_key_ensure: what the national node signs its log with; before it starts.
federation_key_ensure() {
  install -d -m 0755 "$state/etc"
  "$source_dir/build/bin/cptsctl" node key "$federation_key" >/dev/null 9>&-
  chown "$(service_account)" "$federation_key"
}

# federation_at REGION COMMAND...: with the variables of server.sh meaning that node.
federation_at() (
  region=$1 folder=$state/region-$1
  server_config=$folder/cptsd.conf
  server_log=$state/log/cptsd-$region.log
  server_port_file=$state/run/cptsd-$region.port
  server_pid_file=$state/run/cptsd-$region.pid
  server_digest_file=$folder/cptsd.digest
  shift
  "$@"
)

# federation_psql REGION FILE NAME=VALUE...: in its database, by its owner; without a
# region in that of the national node.
federation_psql() {
  local database=cpts${1:+_$1} file=$2 setting
  local -a settings=()
  shift 2
  for setting; do settings+=(-v "$setting"); done
  /usr/lib/postgresql/15/bin/psql -Xq "${settings[@]}" -h "$CPTS_PG_SOCKET" -p "$CPTS_PG_PORT" \
    -U postgres -d "$database" -f "$source_dir/sql/admin/$file"
}

# federation_port REGION: where it answers; free when it was first asked for.
federation_port() {
  port_keep "$state/region-$1/port"
}

# federation_databases: the second one is a copy of the first, while that is new.
federation_databases() {
  local region
  for region in $FEDERATION_REGIONS; do
    install -d -m 0755 "$state/region-$region"
    "$source_dir/deploy/cluster" database "$state/postgres" "cpts_$region"
  done
}

# federation_join REGION: its key and its certificate, for a token of the national node.
federation_join() {
  local folder=$state/region-$1 token
  [ ! -e "$folder/node.ini" ] || return 0
  token=$("$source_dir/build/bin/cptsctl" node enroll "region/$1" --replaces \
    --address "127.0.0.1:$(federation_port "$1")" --quiet 9>&-)
  "$source_dir/build/bin/cptsctl" node join --token - --profile "$folder/node.ini" --quiet \
    --address "127.0.0.1:$(cat "$state/run/enrolment.port")" <<<"$token" 9>&-
}

# federation_operate REGION: who may operate it; the one thing that no enrolment says.
federation_operate() {
  federation_psql "$1" principal_role_grant.sql "uri=$OPERATOR_URI" role=OPERATOR scope='*'
}

# federation_configure REGION
federation_configure() {
  local folder=$state/region-$1
  chown "$(service_account)" "$folder/node.key" "$folder/node-checkpoint.key"
  chmod 0644 "$folder/node.pem" "$folder/node-ca.pem"
  cat >"$folder/cptsd.conf" <<CONFIG
; Written by deploy/quickstart at each run.
[node]
name = region/$1
trust_domain = $TRUST_DOMAIN

[listen]
address = 127.0.0.1:$(federation_port "$1")
port_file = $state/run/cptsd-$1.port

[tls]
ca = $folder/node-ca.pem
certificate = $folder/node.pem
key = $folder/node.key

[federation]
upstream = 127.0.0.1:$(cat "$server_port_file")
checkpoint_key = $folder/node-checkpoint.key
upstream_pin = $folder/node-upstream.ini
redial_max_ms = 1000

[keys]
root = $state/etc/root.pub

[database]
conninfo = host='$CPTS_PG_SOCKET' port=$CPTS_PG_PORT dbname=cpts_$1 user=cpts_app

[log]
level = info
CONFIG
  (umask 077 && cat >"$folder/operator.ini") <<PROFILE
; Written by deploy/quickstart at each run. The operator, at the node of that region.
[profile]
address = 127.0.0.1:$(federation_port "$1")
ca = $state/pki/ca.pem
certificate = $state/pki/operator.pem
key = $state/pki/operator.key
key_root = $state/etc/root.pub
PROFILE
}

# federation_digest: of what a running regional server has read at its start.
federation_digest() {
  cat "$source_dir/build/bin/cptsd" "$server_config" "$folder/node.pem" | sha256sum |
    cut -d ' ' -f 1
}

# federation_start: inside federation_at.
federation_start() {
  local digest limit=$((SECONDS + SERVER_START_S))
  digest=$(federation_digest)
  if ! server_pid >/dev/null || [ "$digest" != "$(cat "$server_digest_file" 2>/dev/null)" ]; then
    server_stop
    server_launch
  fi
  until timeout "$SERVER_PROBE_S" "$source_dir/build/bin/cptsctl" health \
    --profile "$folder/operator.ini" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$limit" ] || {
      tail -n 15 "$server_log" >&2
      fail "the node of region $region is not healthy, see $server_log"
    }
    sleep 0.1
  done
  printf '%s\n' "$digest" >"$server_digest_file"
}

# federation_ensure: both regional nodes run, enrolled.
federation_ensure() {
  local region
  # shellcheck source=/dev/null
  . "$state/postgres/cluster.env"
  federation_databases
  for region in $FEDERATION_REGIONS; do
    federation_join "$region"
    federation_operate "$region"
    federation_configure "$region"
    federation_at "$region" federation_start
  done
}

# federation_stop: before the national node.
federation_stop() {
  local region
  for region in $FEDERATION_REGIONS; do federation_at "$region" server_stop; done
}

# federation_owns REGION: its records are handed over, and it has confirmed them.
federation_owns() {
  "$source_dir/build/bin/cptsctl" node list --csv 9>&- |
    awk -F , -v node="region/$1" '$1 == node && $2 == "OWNER" && $8 == 0 { found = 1 }
      END { exit !found }'
}

# federation_hand_over: until both own the records of their region.
federation_hand_over() {
  local region limit=$((SECONDS + FEDERATION_HANDED_S))
  for region in $FEDERATION_REGIONS; do
    until federation_owns "$region"; do
      [ "$SECONDS" -lt "$limit" ] ||
        fail "region $region was not handed over, see $state/log/cptsd-$region.log"
      sleep 0.5
    done
  done
}

# federation_desk_ensure NAME ID REGION: a coordinator at the node of its region.
federation_desk_ensure() {
  federation_psql "$3" principal_role_grant.sql "uri=spiffe://$TRUST_DOMAIN/cpts/$2" \
    role=CPTS_COORDINATOR "scope=cpts:$2"
  scene_authority_ensure "$3"
  scene_desk_ensure "$1" "$2" "$3"
  scene_desk_publish "$1"
  sed -i "s/^address = .*/address = 127.0.0.1:$(federation_port "$3")/" \
    "$state/desk/$1/profile.ini"
}

# federation_play: once; a scene that broke off is played again.
federation_play() {
  local cast line
  local -a player
  # shellcheck source=/dev/null
  . "$state/postgres/cluster.env"
  federation_hand_over
  [ ! -e "$federation_lines" ] || return 0
  federation_tool cast "$state/log/import.csv" >"$state/desk/federation.new"
  mv -- "$state/desk/federation.new" "$state/desk/federation"
  mapfile -t cast <"$state/desk/federation"
  for line in "${cast[@]}"; do
    read -r -a player <<<"$line"
    federation_desk_ensure "${player[@]}"
  done
  kill -HUP "$(server_pid)"
  federation_tool seen "$state/region-11/operator.ini" "${cast[0]#* }" >"$federation_lines.new"
  server_stop
  federation_tool alone "$state/region-11/operator.ini" "${cast[0]#* }" >>"$federation_lines.new"
  server_ensure
  federation_tool back "$state/region-11/operator.ini" "${cast[0]#* }" >>"$federation_lines.new"
  federation_tool refer "$state/desk/idf/profile.ini" "$state/desk/pdl/profile.ini" \
    "${cast[0]#* }" "${cast[1]#* }" >>"$federation_lines.new"
  mv -- "$federation_lines.new" "$federation_lines"
}

# federation_tool PART ARGUMENT...: a part of the scene.
federation_tool() {
  local part=$1
  shift
  /usr/bin/python3 -B "$source_dir/deploy/demo/federation.py" "$part" \
    "$source_dir/build/bin/cptsctl" "$@" 9>&-
}

# federation_show: what was played, and how the federation fares.
federation_show() {
  printf '\nThree nodes on this machine: national, Île-de-France (11), Pays de la Loire (52)\n'
  sed 's/^/  /' "$federation_lines"
  printf '\n'
  "$source_dir/build/bin/cptsctl" node list 9>&-
}
