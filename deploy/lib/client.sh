# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The operator's profile, the identities' roles and the demo data. Sourced after
# server.sh.
: "${source_dir:?}" "${state:?}" "${server_port_file:?}" "${TRUST_DOMAIN:?}" "${OPERATOR_URI:?}"

# profile_write: where cptsctl finds the server, and as whom it comes.
profile_write() {
  local port
  port=$(cat "$server_port_file")
  (umask 077 && cat >"$state/profile.ini.new") <<PROFILE
; Written by deploy/quickstart at each run.
[profile]
address = 127.0.0.1:$port
ca = $state/pki/ca.pem
certificate = $state/pki/operator.pem
key = $state/pki/operator.key
key_root = $state/etc/root.pub
PROFILE
  mv -- "$state/profile.ini.new" "$state/profile.ini"
}

# role_grant URI ROLE SCOPE: in the database, by its owner.
role_grant() {
  /usr/lib/postgresql/15/bin/psql -Xq -v ON_ERROR_STOP=1 -v uri="$1" -v role="$2" -v scope="$3" \
    -h "$CPTS_PG_SOCKET" -p "$CPTS_PG_PORT" -U postgres -d cpts \
    -f "$source_dir/sql/admin/principal_role_grant.sql"
}

identities_enrol() {
  # shellcheck source=/dev/null
  . "$state/postgres/cluster.env"
  role_grant "spiffe://$TRUST_DOMAIN/node/national" NATIONAL_NODE '*'
  role_grant "$OPERATOR_URI" OPERATOR '*'
}

# demo_import: once, with members, missions and results of three of the CPTS.
demo_import() {
  local stamp=$state/demo.contracts
  demo_import_cpts
  [ ! -e "$stamp" ] || return 0
  /usr/bin/python3 -B "$source_dir/deploy/demo/contracts.py" "$source_dir/build/bin/cptsctl" \
    "$state/log/import.csv"
  : >"$stamp"
}

# demo_import_cpts: rows that changed under the same keys would be refused.
demo_import_cpts() {
  local file=$source_dir/deploy/demo/cpts.csv stamp=$state/demo.sha256 digest
  digest=$(sha256sum <"$file")
  if [ "$digest" = "$(cat "$stamp" 2>/dev/null)" ]; then
    return
  fi
  [ ! -e "$stamp" ] ||
    fail "deploy/demo/cpts.csv changed since it was loaded here: start anew with --reset"
  "$source_dir/build/bin/cptsctl" import "$file" --report "$state/log/import.csv"
  printf '%s\n' "$digest" >"$stamp"
}
