# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One database of the private cluster: roles, schema, reference data. Sourced
# by deploy/cluster, which has set PGHOST, PGPORT and PGUSER.
: "${source_dir:?}" "${POSTGRES_BIN:?}"

# database_query DB SQL: unaligned rows.
database_query() {
  "$POSTGRES_BIN/psql" -XAtq -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# database_file DB FILE: runs FILE from its own folder, so that \copy finds its neighbours.
database_file() {
  (cd "$(dirname "$2")" &&
    "$POSTGRES_BIN/psql" -Xq -v ON_ERROR_STOP=1 -d "$1" -f "${2##*/}" >/dev/null)
}

# plan_last: the name of the last change of the plan.
plan_last() {
  awk '!/^[%#@]/ && NF { name = $1 } END { print name }' "$source_dir/sql/sqitch.plan"
}

# sql_digest: of everything that database_prepare applies.
sql_digest() {
  (cd "$source_dir/sql" && find sqitch.plan roles.sql deploy reference -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

# database_is_current NAME: the stamp fits these sources, and the registry says
# that the plan's last change is in the database.
database_is_current() {
  local change
  [ -r "$stamp" ] && [ "$(cat "$stamp")" = "$(sql_digest)" ] || return 1
  change=$(database_query "$1" \
    'select change from sqitch.changes order by committed_at desc limit 1' 2>/dev/null) || return 1
  [ "$change" = "$(plan_last)" ]
}

database_create() {
  local found
  found=$(database_query postgres "select 1 from pg_database where datname = '$1'")
  [ -n "$found" ] || database_query postgres "create database $1"
}

# Sqitch signs what it deploys, and Perl dies without a time zone.
database_deploy() {
  (cd "$source_dir/sql" &&
    env PATH="$POSTGRES_BIN:$PATH" TZ=UTC LC_ALL=C.UTF-8 SQITCH_USER_CONFIG=/dev/null \
      SQITCH_FULLNAME=cpts SQITCH_EMAIL=cpts@localhost \
      sqitch deploy --verify "db:pg:$1" >"$sqitch_log" 2>&1) ||
    { tail -n 15 "$sqitch_log" >&2; fail "the schema was not deployed, see $sqitch_log"; }
}

# database_require_history NAME: fails when a migration was edited after it was
# deployed here; sqitch would keep the old schema without a word.
database_require_history() {
  local hashes
  hashes=$(database_query "$1" "select distinct on (change)
      script_hash || '  ' || change || '.sql' from sqitch.changes
    order by change, committed_at desc" 2>/dev/null) || return 0
  (cd "$source_dir/sql/deploy" && sha1sum --check --quiet --ignore-missing <<<"$hashes" >&2) ||
    fail "sql/deploy changed after it was deployed to $1: add a change instead, or drop $1"
}

# database_prepare DIR NAME: idempotent; nothing but one query when current.
database_prepare() {
  local stamp=$1/$2.stamp sqitch_log=$1/$2.sqitch.log
  [[ $2 =~ ^[a-z][a-z0-9_]{0,62}$ ]] || misuse "a database's name is like cpts or cpts_test"
  if database_is_current "$2"; then
    return
  fi
  rm -f -- "$stamp"
  database_file postgres "$source_dir/sql/roles.sql"
  database_create "$2"
  database_require_history "$2"
  database_deploy "$2"
  database_file "$2" "$source_dir/sql/reference/load.sql"
  database_query "$2" 'vacuum (analyze)'
  sql_digest >"$stamp"
}
